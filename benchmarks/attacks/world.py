"""A small installation under attack: monitors that must not suffer, planted secrets, services that count messages."""

import atexit
import datetime as dt
import json
import multiprocessing
import os
import random
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

from driftmonitor.pipeline.clock import Clock, utc_now
from tests.samples import day, make_record
from tests.servers import Answer, Recorder, Request

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["benchmarks.attacks.warm"])
COMMAND = re.compile(r"^\s*::|##\[")  # what GitHub's runner takes for a command in a printed line
SECONDS = 180  # no command may take longer, on a busy machine either
# Each holds a secret of its own; the addresses are of the world's own services.
PLANTED = (
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "RETRAIN_GITHUB_TOKEN", "RETRAIN_WEBHOOK_SECRET",
    "SMTP_PASSWORD", "MY_OWN_PASSWORD",
)  # fmt: skip
NEIGHBOURS = {"calm": "healthy", "moved": "drift"}
SHARES = {"healthy": 0.0, "drift": 0.5, "failed": -1.0}
CELLS = (
    'run_date: str = ""\nmonitor_name: str = ""\noutput_dir: str = ""\nshare: float = 0.0',
    """
from driftmonitor.facts.record import RunRecord, Rows, emit
if share < 0:
    raise RuntimeError("the neighbour fails today")
emit(RunRecord(monitor=monitor_name, run_date=run_date, status="drift" if share > 0.1 else "healthy",
               drift_share=share, threshold=0.1, drifted=share > 0.1,
               rows=Rows(reference=10, current=10, reference_total=10, current_total=10)))
""",
)


def in_batches(folder: Path, tries: int, at_once: int) -> Iterator[tuple["World", range]]:
    """Yield a new world for each few tries, and the numbers of these tries."""
    for start in range(0, tries, at_once):
        with World(folder / f"{start}") as world:
            yield world, range(start, min(start + at_once, tries))


def choose(names: Iterable[str], number: int) -> str:
    """Return the name of a try: each one once, in order, and then any."""
    known = list(names)
    return known[number] if number < len(known) else random.choice(known)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (None if it was still running at the limit) and what it printed."""

    code: int | None
    text: str


class World:
    """Folders of params, state and site, the services of the channels, and commands on them."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.folder, self.database = folder, database
        self.params, self.state, self.site, self.data = (folder / n for n in ("params", "state", "site", "data"))
        for each in (self.params, self.data):
            each.mkdir(parents=True)
        self.log = folder / "log.txt"
        self.log.touch()
        self.service = Recorder(self._answer)
        self.answer: Callable[[Request], object] = lambda request: Answer(200, {"id": "7"})
        self.heard: list[tuple[int, str, bool]] = []  # the process that sent, the event, and whether it was taken
        self.children = 0
        self.killed: set[int] = set()
        self.secrets = {name: f"{name.lower()}-{secrets.token_hex(12)}" for name in PLANTED}
        self.secrets |= {"path of " + name: secrets.token_hex(12) for name in ("DISCORD_WEBHOOK", "HEARTBEAT_URL")}
        self.secrets["secret file"] = f"file-{secrets.token_hex(12)}"
        self.secret_file = folder / "secret" / "key.txt"
        self.secret_file.parent.mkdir()
        self.secret_file.write_text(self.secrets["secret file"])
        self.notebook = self.own_notebook("neighbour", *CELLS)

    def __enter__(self) -> "World":
        self.service.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.service.__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answer(self, request: Request) -> object:
        step = self.answer(request)
        if child := re.match(r"/hook/(\d+)", request.path):
            taken = isinstance(step, Answer) and 200 <= step.status < 300
            self.heard.append((int(child[1]), request.headers.get("webhook-id", ""), taken))
        return step

    def own_notebook(self, name: str, *cells: str) -> Path:
        """Write a notebook whose first cell is that of the parameters; return its path."""
        made = [nbformat.v4.new_code_cell(cell) for cell in cells]
        made[0].metadata["tags"] = ["parameters"]
        notebook = nbformat.v4.new_notebook(cells=made)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = self.folder / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    def monitor(self, name: str, text: str, notebook: Path | None = None, seconds: int = 40) -> None:
        """Write a monitor's params file."""
        own = f", notebook: '{notebook}'" if notebook else ""
        (self.params / f"{name}.yaml").write_text(f"{text}\nmonitor: {{timeout_seconds: {seconds}{own}}}\n")

    def add_neighbours(self, statuses: dict[str, str] = NEIGHBOURS) -> None:
        """Write the params files of the monitors that must not suffer."""
        for name, status in statuses.items():
            self.monitor(name, f"share: {SHARES[status]}", self.notebook)

    def report(self, name: str, number: int, status: str) -> Path:
        """Leave the report of a day as `execute` would; return its folder."""
        if not (self.params / f"{name}.yaml").exists():
            self.monitor(name, "share: 0.0", self.notebook)
        folder = self.state / "reports" / name / f"{day(number)}"
        folder.mkdir(parents=True)
        record = make_record(number, status, monitor=name)
        (folder / "record.json").write_text(record.to_json())
        (folder / "evidently.html").write_text("<html><body>evidently</body></html>")
        shutil.copy(self.notebook, folder / "notebook.ipynb")
        return folder

    def environ(self) -> dict[str, str]:
        """Return the variables of the next command: all secrets, and the channels' addresses."""
        url = self.service.url
        hidden = {name: self.secrets[name] for name in PLANTED}
        addresses = {
            "ALERT_WEBHOOK": f"{url}/hook/{self.children}",
            "DISCORD_WEBHOOK": f"{url}/api/webhooks/7/{self.secrets['path of DISCORD_WEBHOOK']}",
            "HEARTBEAT_URL": f"{url}/{self.secrets['path of HEARTBEAT_URL']}",
        }
        database = {"DRIFT_DATABASE_URL": self.database} if self.database else {}
        return hidden | addresses | database | {"GITHUB_ACTIONS": "true"}

    def arguments(self, command: str, number: int, *more: str) -> list[str]:
        """Return the command line of a command for a day; the command "" is the whole run."""
        places = [part for name in ("params", "state", "site") for part in (f"--{name}", str(self.folder / name))]
        return [*([command] if command else []), *places, "--date", f"{day(number)}", "--keep-going", *more]

    def start(
        self, command: str, number: int, *more: str, ahead: dt.timedelta | None = None, file_bytes: int | None = None
    ):
        """Start a command in a process forked from one that has imported what it needs; return the process."""
        self.children += 1
        work = (self.arguments(command, number, *more), self.environ(), str(self.log), ahead, file_bytes)
        process = CONTEXT.Process(target=run_runner, args=work)
        process.start()
        return process

    def run(self, command: str, number: int = 0, *more: str, **how: object) -> Ended:
        """Run a command to its end."""
        before = self.log.stat().st_size
        process = self.start(command, number, *more, **how)
        process.join(SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
            return Ended(None, self.printed(before))
        return Ended(process.exitcode, self.printed(before))

    def run_from_shell(self, command: str, number: int = 0, *more: str) -> Ended:
        """Run a command as a user does, in a new interpreter that has the secrets from its start."""
        self.children += 1
        before = self.log.stat().st_size
        whole = [sys.executable, "runner.py", *self.arguments(command, number, *more)]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                whole, cwd=ROOT, env=os.environ | self.environ(), stdout=log, stderr=log, start_new_session=True
            )
            try:
                code = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                code = None
        return Ended(code, self.printed(before))

    def printed(self, since: int = 0) -> str:
        """Return what the commands printed, from this byte on."""
        return self.log.read_bytes()[since:].decode("utf-8", "replace")

    def complaints(self, ended: Ended, neighbours: dict[str, str] = NEIGHBOURS, number: int = 0) -> list[str]:
        """Return what is wrong after a whole run: how it ended, what it printed, and what the neighbours lack."""
        problems = self.console_problems(ended)
        for name, status in neighbours.items():
            page = self.site / name / f"{day(number)}"
            if not (page / "index.html").is_file():
                problems.append(f"{name} has no page of its day")
            elif (found := json.loads((page / "record.json").read_text())["status"]) != status:
                problems.append(f"{name} is {found}, should be {status}")
            if status == "drift" and self.times(f"{name}:{day(number)}:drift_started") != 1:
                problems.append(f"{name}'s alert came {self.times(f'{name}:{day(number)}:drift_started')} times")
        return problems

    def console_problems(self, ended: Ended) -> list[str]:
        """Return what is wrong with how a command ended: late, with a traceback, or with a command for the runner."""
        problems = [f"still running after {SECONDS} s"] if ended.code is None else []
        if "Traceback" in ended.text:
            problems.append("traceback: " + ended.text.strip().splitlines()[-1][:200])
        problems += [f"printed a command: {line[:100]}" for line in ended.text.splitlines() if COMMAND.search(line)]
        return problems

    def times(self, event: str) -> int:
        """Return how often the webhook took the message of an event."""
        return sum(taken for _, name, taken in self.heard if name == event)

    def doubled(self) -> tuple[int, int]:
        """Return how many messages arrived more than once, and how many of these for a kill in the crash window."""
        last = {child: place for place, (child, _, _) in enumerate(self.heard)}
        moments = defaultdict(list)
        for place, (child, event, taken) in enumerate(self.heard):
            if taken:
                moments[event].append(child in self.killed and last[child] == place)
        twice = [each for each in moments.values() if len(each) > 1]
        return len(twice), sum(all(each[:-1]) for each in twice)

    def leaks(self, also: dict[str, str] | None = None, roots: Sequence[Path] = ()) -> list[str]:
        """Return where a secret, or a text of `also`, is found: in the log, the site, the state, a message, `roots`."""
        wanted = {name: text.encode() for name, text in (self.secrets | (also or {})).items()}
        paths = [self.log, *(path for root in (self.site, self.state, *roots) for path in files_below(root))]
        contents = ((path.relative_to(self.folder), path.read_bytes()) for path in paths)
        found = [f"{path} has the {name}" for path, content in contents
                 for name, text in wanted.items() if text in content]  # fmt: skip
        bodies = b"\n".join(request.body for request in self.service.requests)
        return found + [f"a message has the {name}" for name, text in wanted.items() if text in bodies]


def files_below(folder: Path) -> list[Path]:
    """Return the regular files below a folder, without following links."""
    return [Path(home, name) for home, _, names in os.walk(folder) for name in names if is_plain(Path(home, name))]


def is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def run_runner(
    arguments: list[str], environ: dict[str, str], log: str, ahead: dt.timedelta | None, file_bytes: int | None
) -> None:
    """Run the command line in this process, with its output in `log`."""
    import resource

    import runner
    from driftmonitor.pipeline.channels import time_limits
    from driftmonitor.pipeline.github.log import protect_output

    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.update(environ)
    if file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    time_limits.LIMITS = time_limits.Limits(1, 0.3, 1, 1.5)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    protect_output(os.environ)
    try:
        runner.main(arguments, None if ahead is None else turned_clock(ahead))
    finally:
        atexit._run_exitfuncs()  # which multiprocessing leaves out: the filter of the output ends with them


def turned_clock(ahead: dt.timedelta) -> Clock:
    """Return a clock that is `ahead` of the real one, and that sleeping moves."""
    later = [ahead]

    def sleep(seconds: float) -> None:
        later[0] += dt.timedelta(seconds=seconds)

    return Clock(now=lambda: utc_now() + later[0], sleep=sleep)
