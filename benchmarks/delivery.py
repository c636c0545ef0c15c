"""Count the alerts that are delivered, lost or duplicated when services misbehave and processes are killed.

Usage: .venv/bin/python benchmarks/delivery.py [--kills 1000] [--quick]

Real HTTP servers on loopback replace a webhook, Discord and Slack. The history is in SQLite or in a PostgreSQL server
that the benchmark starts. It kills `runner.py record` and `runner.py alert`. They are forked from a process that has
imported what they need, so that a thousand starts take minutes; one in fifty is started from the shell. Waits are
skipped by moving the clock of the waiting process, and the longest wait for an answer is 0.3 s instead of 15 s.

A duplicate is in the crash window if the process that sent the message first was killed right after the service took
it, before it marked the message as sent.
"""

import argparse
import datetime as dt
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from driftmonitor.pipeline.clock import Clock, utc_now  # noqa: E402
from tests.postgres import Server, find_binaries  # noqa: E402
from tests.samples import day, make_record  # noqa: E402
from tests.servers import Answer, Hang, HangUp, Recorder, Request  # noqa: E402

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["benchmarks.attacks.warm"])
SETTINGS = {
    "ALERT_WEBHOOK": "/{child}",
    "DISCORD_WEBHOOK": "/api/webhooks/{child}/token",
    "SLACK_WEBHOOK": "/services/{child}",
}
BAD = {
    "says nothing": Hang(),
    "hangs up": HangUp(),
    "200, but hangs up in the body": Answer(200, {"id": "7"}, cut=True),
    "200, but the body trickles": Answer(200, b"x" * 1000, pause_seconds=0.05),
    "429, Retry-After: 7": Answer(429, b"", {"Retry-After": "7"}),
    "429, Retry-After: 0.65": Answer(429, b"", {"Retry-After": "0.65"}),
    "429, Retry-After: a date": Answer(
        429, b"", {"Retry-After": "Tue, 24 Nov 2026 09:00:20 GMT", "Date": "Tue, 24 Nov 2026 09:00:00 GMT"}
    ),
    "429 without Retry-After": Answer(429),
    "500": Answer(500),
    "its headers trickle": Answer(500, b"", pause_seconds=0.05, slow_headers=True),
}
GOOD = Answer(200, {"id": "7"})
PHRASES = {
    "drift started": "drift_started",
    "drift ended": "drift_ended",
    "failed: ": "run_failed",
    "succeeded; runs had failed": "run_recovered",
}


class Service(Recorder):
    """A server that notes each message, the process that sent it, and whether the server took it."""

    def __init__(self, setting: str, bad: dict[str, object]) -> None:
        super().__init__(self.choose)
        self.setting, self.bad = setting, list(bad.values())
        self.heard: list[tuple[int, str, bool]] = []  # process, message, taken

    def choose(self, request: Request) -> object:
        step = random.choice(self.bad) if self.bad and random.random() < 0.3 else GOOD
        taken = isinstance(step, Answer) and step.status == 200
        self.heard.append((int(re.search(r"/(\d+)", request.path)[1]), name_of(request), taken))
        return step


def name_of(request: Request) -> str:
    """Return the event that a request reports, as monitor:date:kind."""
    if "webhook-id" in request.headers:
        return request.headers["webhook-id"]
    told = request.json()
    sentence = told.get("content") or told["text"]
    kind = next((kind for phrase, kind in PHRASES.items() if phrase in sentence), sentence)
    date = dt.datetime.strptime(re.search(r" (?:on|for) (\d+ \w+ \d+)", sentence)[1], "%d %b %Y").date()  # noqa: DTZ007
    return f"{sentence.partition(':')[0]}:{date}:{kind}"


class Campaign:
    """A state folder with some monitors, a database, three services, and the processes that use them."""

    def __init__(self, folder: Path, monitors: int, url: str = "", bad: dict[str, object] = BAD) -> None:
        self.folder, self.url, self.bad = folder, url, bad
        self.monitors = [f"m{number}" for number in range(monitors)]
        self.statuses: dict[str, list[str]] = {name: [] for name in self.monitors}
        self.children = self.kills = 0
        self.killed: set[int] = set()
        self.took = {"record": 0.3, "alert": 0.5}
        (folder / "params").mkdir(parents=True)
        for name in self.monitors:
            text = "rows: 10\nmonitor: {alert: {remind_after_days: 0}}\n"
            (folder / "params" / f"{name}.yaml").write_text(text)

    @contextmanager
    def serving(self) -> Iterator["Campaign"]:
        with ExitStack() as stack:
            self.services = [stack.enter_context(Service(setting, self.bad)) for setting in SETTINGS]
            yield self

    def add_day(self) -> int:
        """Write every monitor's report of the next day; return the day's number."""
        number = len(self.statuses[self.monitors[0]])
        for name in self.monitors:
            status = random.choice(["healthy", "drift", "failed"])
            self.statuses[name].append(status)
            report = self.folder / "state" / "reports" / name / f"{day(number)}"
            report.mkdir(parents=True)
            (report / "record.json").write_text(make_record(number, status, monitor=name).to_json())
        return number

    def start(self, command: str, number: int, *more: str, fork: bool = True, turn: bool = True):
        """Start the runner's command for a day and return the process. Its number is in its channels' addresses."""
        self.children += 1
        places = {"--params": "params", "--state": "state", "--site": "site"}
        folders = [part for option, name in places.items() for part in (option, str(self.folder / name))]
        arguments = [command, *folders, "--date", f"{day(number)}", *more]
        environ = {s.setting: s.url + SETTINGS[s.setting].format(child=self.children) for s in self.services}
        environ |= {"DRIFT_DATABASE_URL": self.url} if self.url else {}
        log = str(self.folder / "errors")
        if not fork:
            with Path(log).open("ab") as errors:
                whole = [sys.executable, "runner.py", *arguments]
                return subprocess.Popen(whole, cwd=ROOT, env=os.environ | environ, stdout=errors, stderr=errors)
        minutes = 2 * self.children if turn else None
        process = CONTEXT.Process(target=run_runner, args=(arguments, environ, log, minutes))
        process.start()
        return process

    def finish(self, command: str, number: int) -> None:
        """Run a command to its end, and measure how long it takes."""
        started = time.perf_counter()
        self.start(command, number).join()
        self.took[command] = 0.8 * self.took[command] + 0.2 * (time.perf_counter() - started)

    def kill(self, command: str, number: int, fork: bool = True) -> None:
        """Start a command, and kill it (-9) at a random moment."""
        process = self.start(command, number, fork=fork)
        time.sleep(random.random() * (1.1 * self.took[command] if fork else 4.0))
        process.kill()
        process.join() if fork else process.wait()
        if (process.exitcode if fork else process.returncode) == -signal.SIGKILL:
            self.kills += 1
            self.killed.add(self.children)

    def heal(self, number: int) -> None:
        """Let the services work normally and the runner finish the rest."""
        for service in self.services:
            service.bad = []
        self.finish("record", number)
        self.finish("alert", number)

    def count(self) -> dict[str, int]:
        """Return how many of the due messages were delivered, lost or duplicated."""
        due = {f"{name}:{day(number)}:{kind}" for name in self.monitors
               for number, kind in expect(self.statuses[name])}  # fmt: skip
        found = defaultdict(int, due=len(due) * len(self.services), kills=self.kills)
        for service in self.services:
            taken = defaultdict(list)
            last = {child: place for place, (child, _, _) in enumerate(service.heard)}
            for place, (child, event, was_taken) in enumerate(service.heard):
                if was_taken:
                    taken[event].append(child in self.killed and last[child] == place)
            found["delivered"] += len(due & set(taken))
            found["lost"] += len(due - set(taken))
            found["not due"] += len(set(taken) - due)
            duplicated = [moments for moments in taken.values() if len(moments) > 1]
            found["duplicated"] += len(duplicated)
            found["in the crash window"] += sum(all(moments[:-1]) for moments in duplicated)
        found["tracebacks"] = (self.folder / "errors").read_text(errors="replace").count("Traceback")
        return found


def expect(statuses: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the events that these daily statuses must cause, by rules written without the product's."""
    drifting = failing = False
    for number, status in enumerate(statuses):
        if status == "failed":
            if not failing:
                yield number, "run_failed"
            failing = True
            continue
        if failing:
            yield number, "run_recovered"
        if (status == "drift") != drifting:
            yield number, "drift_ended" if drifting else "drift_started"
        failing, drifting = False, status == "drift"


def run_runner(arguments: list[str], environ: dict[str, str], log: str, minutes: int | None) -> None:
    """Run the runner with a clock that is `minutes` ahead and that sleeping moves (None: the real clock)."""
    import runner
    from driftmonitor.pipeline.channels import time_limits

    errors = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(errors, 1)
    os.dup2(errors, 2)
    os.environ.update(environ)
    time_limits.LIMITS = time_limits.Limits(1, 0.3, 1, 1.5)
    runner.main(arguments, None if minutes is None else turned_clock(minutes))


def turned_clock(minutes: int) -> Clock:
    """Return a clock that is `minutes` ahead, and that sleeping moves."""
    later = [dt.timedelta(minutes=minutes)]

    def sleep(seconds: float) -> None:
        later[0] += dt.timedelta(seconds=seconds)

    return Clock(now=lambda: utc_now() + later[0], sleep=sleep)


def kill_again_and_again(folder: Path, kills: int, url: str = "", restart: Callable[[], None] | None = None) -> dict:
    """Record and alert day after day, killing most processes, until this many have died."""
    with Campaign(folder, 3, url).serving() as campaign:
        number = 0
        while campaign.kills < kills:
            number = campaign.add_day()
            for command in ("record", "alert"):
                for _ in range(random.randint(2, 5)):
                    campaign.kill(command, number, fork=random.random() > 0.02)
                if restart and number % 10 == 5:
                    process = campaign.start(command, number)
                    time.sleep(random.random() * campaign.took[command])
                    restart()
                    process.join()
                elif random.random() < 0.6:
                    campaign.finish(command, number)
        campaign.heal(number)
        return campaign.count() | {"days": number + 1}


def work_at_once(folder: Path, days: int, url: str = "") -> dict:
    """Let four processes record one monitor each, day after day, while four others deliver."""
    bad = {name: step for name, step in BAD.items() if "429, Retry-After: 0" in name or name == "500"}
    with Campaign(folder, 4, url, bad).serving() as campaign:
        for number in [campaign.add_day() for _ in range(days)]:
            running = [campaign.start("record", number, "--monitor", name, turn=False) for name in campaign.monitors]
            running += [campaign.start("alert", number, turn=False) for _ in range(4)]
            for process in running:
                process.join()
        campaign.heal(days - 1)
        return campaign.count() | {"days": days}


def misbehave(folder: Path) -> None:
    """Print, for each kind of bad service, how often one message was sent and whether it arrived."""
    print(f"{'the service':36}{'sent':>6}{'taken':>7}{'elsewhere':>11}{'exit':>6}")
    with Recorder() as elsewhere:
        moved = Answer(301, b"", {"Location": f"{elsewhere.url}/99"})
        gone = {"301 elsewhere": moved, **{f"{status}": Answer(status) for status in (401, 403, 404, 410)}}
        cases = {name: [step, GOOD] for name, step in BAD.items()} | {"500 five times": [Answer(500)] * 5 + [GOOD]}
        for place, (name, steps) in enumerate((cases | {name: [step] for name, step in gone.items()}).items()):
            campaign = Campaign(folder / f"{place}", 1, bad={})
            campaign.statuses["m0"] = ["drift"]
            report = campaign.folder / "state/reports/m0" / f"{day(0)}"
            report.mkdir(parents=True)
            (report / "record.json").write_text(make_record(0, "drift", monitor="m0").to_json())
            with Recorder(*steps) as server:
                campaign.services = []
                campaign.finish("record", 0)
                server.setting = "ALERT_WEBHOOK"
                campaign.services = [server]
                process = campaign.start("alert", 0)
                process.join()
                campaign.finish("alert", 0)  # a second run changes nothing
                sent = len(server.requests)
            taken = sum(isinstance(step, Answer) and step.status == 200 for step in steps[:sent])
            print(f"{name:36}{sent:6}{taken:7}{len(elsewhere.requests):11}{process.exitcode:6}", flush=True)


def show(name: str, counted: dict) -> None:
    names = ("days", "kills", "due", "delivered", "lost", "duplicated", "in the crash window", "not due", "tracebacks")
    print(f"{name:36}" + ", ".join(f"{key} {counted.get(key, 0)}" for key in names), flush=True)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000, help="processes to kill, half of them with each database")
    parser.add_argument("--quick", action="store_true", help="a few dozen kills, to check that it works")
    given = parser.parse_args()
    kills, days = (15, 3) if given.quick else (given.kills // 2, 20)
    binaries = find_binaries()
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folder = Path(scratch)
        misbehave(folder / "services")
        show("SQLite, killed", kill_again_and_again(folder / "one", kills))
        show("SQLite, 8 processes at once", work_at_once(folder / "two", days))
        if binaries is None:
            print("PostgreSQL: skipped; this machine has no server binaries")
            return
        server = Server(binaries)
        stack.callback(server.remove)

        def restart() -> None:
            server.stop()
            server.start()

        show("PostgreSQL, killed and restarted", kill_again_and_again(folder / "three", kills, server.url, restart))
        server.remove()
        other = Server(binaries)
        stack.callback(other.remove)
        show("PostgreSQL, 8 processes at once", work_at_once(folder / "four", days, other.url))


if __name__ == "__main__":
    main()
