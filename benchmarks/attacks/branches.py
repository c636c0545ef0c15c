"""State branches that somebody else wrote: each is refused in one line, or costs its own monitor, and leads nowhere."""

import os
import subprocess
from pathlib import Path

from benchmarks.attacks.records import WAYS, lacks
from benchmarks.attacks.tally import Tally
from benchmarks.attacks.world import CONTEXT, NEIGHBOURS, SECONDS, Ended, World, choose
from tests.samples import day

REPORT = f"reports/hostile/{day(0)}"
FILES = ("record.json", "notebook.ipynb", "evidently.html")


def attack(folder: Path, tries: int, tally: Tally) -> None:
    """Make a good state branch, change it, and load, record, publish and save it."""
    for number in range(tries):
        with World(folder / f"{number}") as world:
            once(world, number, tally)


def once(world: World, number: int, tally: Tally) -> None:
    """Try one hostile branch."""
    for name, status in {**NEIGHBOURS, "hostile": "healthy"}.items():
        world.report(name, 0, status)
    world.run("record")
    clone, remote = make_remote(world)
    saved = run_state(world, "save", clone)
    change = choose(CHANGES, number)
    rewrite_branch(world, remote, change)
    world.state.rename(world.folder / "before")
    loaded = run_state(world, "load", clone)
    problems = world.console_problems(saved) + world.console_problems(loaded)
    lost: list[str] = []
    if saved.code != 0:
        problems.append("a good state was not saved")
    if loaded.code == 0:
        for name, status in NEIGHBOURS.items():
            world.report(name, 1, status)
        for command in ("record", "publish", "alert"):
            problems += world.console_problems(world.run(command, 1))
        problems += world.console_problems(run_state(world, "save", clone))
        lost = lacks(world, NEIGHBOURS)
    if (world.folder / "escaped").exists() or (clone / ".git/hooks/post-checkout").exists():
        problems.append("a file was written outside the state folder")
    leaks = world.leaks(roots=[all_objects(remote)])
    named = [f"{change}: {each}" for each in problems + lost]
    tally.note(1, named, lost=len(lost), leaks=[f"{change}: {each}" for each in leaks])


def all_objects(remote: Path) -> Path:
    """Write everything that the remote has, uncompressed, into a folder; return that."""
    everything = ["git", "-C", remote, "cat-file", "--batch-all-objects", "--batch", "--buffer"]
    folder = remote.with_name("objects")
    folder.mkdir()
    (folder / "all").write_bytes(subprocess.run(everything, capture_output=True, check=True).stdout)
    return folder


def make_remote(world: World) -> tuple[Path, Path]:
    """Make a bare remote with a main branch, and a clone of it."""
    remote, clone = world.folder / "remote.git", world.folder / "clone"
    git("init", "-q", "--bare", "-b", "main", remote)
    git("clone", "-q", remote, clone)
    git("-C", clone, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty", "-m", "x")
    git("-C", clone, "push", "-q", "origin", "HEAD:main")
    return clone, remote


def git(*arguments: object, sent: bytes | None = None, environ: dict[str, str] | None = None) -> str:
    """Run git and return its output; the benchmark's own, so that nothing of the product is trusted."""
    done = subprocess.run(
        ["git", *map(str, arguments)], input=sent, capture_output=True, env=os.environ | (environ or {}), check=True
    )
    return done.stdout.decode("utf-8", "replace").strip()


def run_state(world: World, action: str, clone: Path) -> Ended:
    """Load or save the world's state from the clone's remote, in a process of its own."""
    before = world.log.stat().st_size
    process = CONTEXT.Process(target=act, args=(action, str(clone), str(world.state), str(world.log), world.environ()))
    process.start()
    process.join(SECONDS)
    code = None if process.is_alive() else process.exitcode
    process.kill()
    process.join()
    return Ended(code, world.printed(before))


def act(action: str, clone: str, state: str, log: str, environ: dict[str, str]) -> None:
    """Do what `runner.py state load` or `state save` does, on another clone than this repository."""
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(environ)
    import runner
    from driftmonitor.pipeline.github import state as states

    states.ROOT = Path(clone)
    runner.main(["state", action, "--state", state])


def rewrite_branch(world: World, remote: Path, change: str) -> None:
    """Replace the remote's state branch by one that is changed."""
    work = world.folder / "work"
    git("clone", "-q", "-b", "drift-state", remote, work)
    entries = git("-C", work, "ls-tree", "-r", "-z", "HEAD").split("\0")
    tree = {name: tuple(what.split()[::2]) for what, _, name in (entry.partition("\t") for entry in entries if entry)}
    CHANGES[change](work, tree, world)
    index = {"GIT_INDEX_FILE": str(world.folder / "index")}
    lines = "".join(f"{mode} {blob}\t{name}\0" for name, (mode, blob) in tree.items())
    root = git("-C", work, "rev-parse", "HEAD^{tree}")
    try:
        sent = lines.encode("utf-8", "surrogateescape")
        git("-C", work, "update-index", "--add", "-z", "--index-info", sent=sent, environ=index)
        root = git("-C", work, "write-tree", environ=index)
    except subprocess.CalledProcessError:  # git itself refuses such names in an index: write the tree by hand
        (blob,) = {blob for name, (_, blob) in tree.items() if ".." in name.split("/") or ".git" in name.split("/")}
        part = b"100644 " + (b".git" if change.endswith(".git") else b"..") + b"\0" + bytes.fromhex(blob)
        root = git("-C", work, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", sent=part)
    who = ("-c", "user.name=T", "-c", "user.email=t@example.com")
    commit = git("-C", work, *who, "commit-tree", root, "-m", "State: changed\n::warning::x\n##[add-mask]true")
    git("-C", work, "push", "-q", "--force", "origin", f"{commit}:refs/heads/drift-state")


def _blob(work: Path, content: bytes) -> str:
    return git("-C", work, "hash-object", "-w", "--stdin", sent=content)


def _put(name: str, mode: str, content: bytes | None = None):
    def changed(work: Path, tree: dict, world: World) -> None:
        tree[name] = (mode, _blob(work, str(world.secret_file).encode() if content is None else content))

    return changed


def _submodule(work: Path, tree: dict, world: World) -> None:
    tree["reports/module"] = ("160000", git("-C", work, "rev-parse", "HEAD"))


def _linked_folder(work: Path, tree: dict, world: World) -> None:
    for name in [name for name in tree if name.startswith(REPORT)]:
        del tree[name]
    tree[REPORT] = ("120000", _blob(work, str(world.secret_file.parent).encode()))


def _damaged(file: str, way: str):
    def changed(work: Path, tree: dict, world: World) -> None:
        path = work / file
        WAYS[way](path, world)
        if path.is_file() and not path.is_symlink():
            path.chmod(0o644)
            tree[file] = ("100644", _blob(work, path.read_bytes()))

    return changed


def _without(file: str):
    return lambda work, tree, world: tree.pop(file)


TEXTS = (
    "empty",
    "cut",
    "with other bytes",
    "with an odd value",
    "not UTF-8",
    "of brackets",
    "with a long number",
    "with a NUL",
)
CHANGES = {
    "unchanged": lambda work, tree, world: None,
    **{f"a link as {name}": _put(f"{REPORT}/{name}", "120000") for name in (*FILES, "plot.png")},
    "a link to the environment": _put(f"{REPORT}/evidently.html", "120000", b"/proc/self/environ"),
    "a link as history": _put("history.db", "120000"),
    "a link as state.json": _put("state.json", "120000"),
    "a link as asset": _put("reports/assets/evidently-0123456789abcdef.js", "120000"),
    "a linked folder": _linked_folder,
    "a submodule": _submodule,
    "a program": _put(f"{REPORT}/evidently.html", "100755", b"<html></html>"),
    "a file in .git": _put("reports/hostile/.git", "100644", b"gitdir: /nowhere"),
    "a file in ..": _put("../escaped", "100644", b"x"),
    "attributes": _put(".gitattributes", "100644", b"* filter=own eol=crlf\n"),
    "modules": _put(".gitmodules", "100644", b'[submodule "x"]\n\tpath = x\n\turl = file:///nowhere\n'),
    "a strange name": _put("reports/hostile/a\n::warning::b", "100644", b"x"),
    "a name of no UTF-8": _put("reports/hostile/\udcff\udcfe", "100644", b"x"),
    "an endless name": _put("reports/" + "x" * 200 + "/2026-03-01/record.json", "100644", b"{}"),
    "a strange monitor": _put("reports/..x/2026-03-01/record.json", "100644", b"{}"),
    "a record from 9999": _put("reports/hostile/9999-12-31/record.json", "100644", b"{}"),
    "no state.json": _without("state.json"),
    "no history": _without("history.db"),
    **{f"{file.rpartition('/')[2]} {way}": _damaged(file, way) for way in TEXTS
       for file in ("state.json", "history.db", *(f"{REPORT}/{name}" for name in FILES))},
}  # fmt: skip
