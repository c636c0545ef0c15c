"""What Linux does for a process only if it is asked: hide it, isolate it, let it adopt orphans. Called through libc.

Each call does nothing where the system cannot: on macOS, on Windows, and on a Linux without the feature.
"""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

POSSIBLE = sys.platform == "linux"
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 36, 38
# Each lets root read any process, or the whole machine: sys_module, sys_rawio, sys_ptrace, sys_admin, perfmon, bpf,
# checkpoint_restore.
RIGHTS_TO_READ = (16, 17, 19, 21, 38, 39, 40)
CAPABILITIES_3 = 0x20080522  # the version of the structures of capget and capset
# Landlock's calls have the same numbers on every processor.
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
ACCESS_FS_REFER, SCOPE_SIGNAL, RULE_PATH_BENEATH = 1 << 13, 1 << 1, 1
SINCE_REFER, SINCE_SCOPES = 2, 6  # versions of Landlock: Linux 5.19 and 6.12
KILL_FIRST = "500"  # of 1000: how much sooner than others the process is killed when memory runs out


def hide_from_others() -> None:
    """Keep other processes of the same user from reading this one's memory and environment."""
    _prctl(PR_SET_DUMPABLE, 0)


def adopt_orphans(adopt: bool = True) -> bool:
    """Become the parent of descendants whose own parent has ended, or no longer; return whether the system can."""
    return _prctl(PR_SET_CHILD_SUBREAPER, int(adopt))


def die_with(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    """Send this process a signal when its parent ends; end it at once if that has happened."""
    _prctl(PR_SET_PDEATHSIG, int(by))
    if os.getppid() != parent:
        os._exit(1)


def offer_to_be_killed() -> None:
    """When memory runs out, let the system end this process and its children sooner than others."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(KILL_FIRST, encoding="ascii")


def isolate() -> bool:
    """Keep this process and its children from reading, tracing and signalling processes other than themselves.

    Landlock holds for root too, once root has given up its rights to read any process. Without Landlock, that alone
    and `hide_from_others` keep the runner unread. Return whether signals are blocked as well.
    """
    _prctl(PR_SET_NO_NEW_PRIVS, 1)  # Landlock requires it, and it keeps a later sudo from undoing this
    _drop_rights_to_read()
    version = _syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)
    if version < SINCE_REFER:  # the first version would also forbid to move files between folders
        return False
    scoped = version >= SINCE_SCOPES
    rules = (ctypes.c_uint64 * 3)(0, 0, SCOPE_SIGNAL) if scoped else (ctypes.c_uint64 * 1)(ACCESS_FS_REFER)
    ruleset = _syscall(LANDLOCK_CREATE_RULESET, rules, ctypes.sizeof(rules), 0)
    if ruleset < 0:
        return False
    if not scoped:
        _allow_moves(ruleset)
    isolated = _syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return scoped and isolated


def _allow_moves(ruleset: int) -> None:
    """Allow under / the one right that the ruleset restricts, because a ruleset cannot be empty."""
    root = os.open("/", os.O_PATH | os.O_CLOEXEC)
    rule = ctypes.create_string_buffer(ACCESS_FS_REFER.to_bytes(8, sys.byteorder) + root.to_bytes(4, sys.byteorder), 12)
    _syscall(LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, rule, 0)
    os.close(root)


def _drop_rights_to_read() -> None:
    """Give up root's rights to read any process, for this process and those that it starts."""
    libc = _libc()
    header, sets = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()
    if libc and libc.capget(header, sets) == 0:
        for right in RIGHTS_TO_READ:
            _prctl(PR_CAPBSET_DROP, right)
            for kind in range(3):  # effective, permitted and inheritable, first the lower half of each
                sets[right // 32 * 3 + kind] &= ~(1 << right % 32)
        libc.capset(header, sets)


def _prctl(option: int, value: int) -> bool:
    libc = _libc()
    return libc is not None and libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) == 0


def _syscall(number: int, *arguments: object) -> int:
    libc = _libc()
    return -1 if libc is None else int(libc.syscall(number, *arguments))


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if POSSIBLE else None
