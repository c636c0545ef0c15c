"""Services that misbehave: one channel's service is hostile or broken, and the other channels' messages must come."""

import datetime as dt
import gzip
import random
from pathlib import Path

from benchmarks.attacks.tally import Tally
from benchmarks.attacks.world import World
from tests.samples import day
from tests.servers import Answer, Garbage, Hang, HangUp, Recorder, Request

EVENT = f"moved:{day(0)}:drift_started"
PATHS = {"ALERT_WEBHOOK": "/hook/", "DISCORD_WEBHOOK": "/api/webhooks/", "HEARTBEAT_URL": "/"}
GOOD = Answer(200, {"id": "7"})
BOMB = gzip.compress(bytes(50_000_000))


def misbehaviours(elsewhere: str) -> list[object]:
    """Return what a service may do instead of its work; `elsewhere` is an address that nothing may be sent to."""
    redirects = [
        Answer(status, b"", {"Location": f"{elsewhere}/{way}"})
        for status in (300, 301, 302, 303, 305, 307, 308)
        for way in ("there", "?x=1", "%0d%0aHost:x")
    ]
    refusals = [Answer(status, b"no") for status in (400, 401, 403, 404, 405, 410, 413, 418, 422, 451)]
    troubles = [Answer(status, b"later") for status in (408, 425, 429, 500, 502, 503, 504, 520, 599)]
    waits = [
        Answer(429, b"", {"Retry-After": text}) for text in ("1e9", "-1", "nan", "99999999999999", "never", "", "0")
    ]
    lies = [
        Answer(200, b"x" * 3_000_000), Answer(200, {"id": "7"}, cut=True), Answer(200, b"x" * 500, pause_seconds=0.05),
        Answer(200, b"", {f"X-{n}": "x" * 900 for n in range(90)}), Answer(200, b"[" * 100_000),
        Answer(500, b"\xff\xfe" * 500), Answer(500, b"##[add-mask]true\n::warning::x"),
        Answer(200, BOMB, {"Content-Encoding": "gzip"}), Answer(200, b"not json", {"Content-Type": "application/json"}),
        Answer(500, slow_headers=True, pause_seconds=0.05), Answer(401, b"", {"WWW-Authenticate": 'Basic realm="x"'}),
        Answer(407), Answer(204), Answer(101), Answer(999), Answer(200, b"", {"Set-Cookie": "a=b"}),
        Answer(200, b"", {"Refresh": f"0; url={elsewhere}/refreshed"}),
    ]  # fmt: skip
    noise = [
        Garbage(),
        Garbage(b""),
        Garbage(b"HTTP/1.1 100 Continue\r\n\r\n" * 5_000),
        Garbage(b"HTTP/9.9 200 OK\r\n\r\n"),
        Garbage(b"\n" * 10_000),
    ]
    return [*redirects, *refusals, *troubles, *waits, *lies, *noise, Hang(), HangUp()]


def attack(folder: Path, tries: int, tally: Tally) -> None:
    """Let one service of an installation misbehave in each try, then let it work again."""
    with Recorder() as elsewhere:
        steps = misbehaviours(elsewhere.url)
        for number in range(tries):
            step = steps[number % len(steps)] if number < len(steps) else random.choice(steps)
            with World(folder / f"{number}") as world:
                once(world, random.choice(list(PATHS)), step, tally)
            if elsewhere.requests:
                tally.leaked += 1
                tally.failures.append(f"a request went on to another address: {step}")
                elsewhere.requests.clear()


def once(world: World, setting: str, step: object, tally: Tally) -> None:
    """Send one alert while the service of `setting` misbehaves, and again once it works."""
    bad = [True]

    def answer(request: Request) -> object:
        meant = next(name for name, path in PATHS.items() if request.path.startswith(path))
        return step if bad[0] and meant == setting else GOOD

    world.answer = answer
    world.report("moved", 0, "drift")
    world.report("calm", 0, "healthy")
    problems = world.console_problems(world.run("record"))
    problems += world.console_problems(world.run("alert"))
    problems += world.console_problems(world.run("heartbeat"))
    if setting != "ALERT_WEBHOOK" and world.times(EVENT) != 1:
        problems.append(f"the other channel's message came {world.times(EVENT)} times beside {step}")
    bad[0] = False
    for days in (1, 2):  # later than any wait
        problems += world.console_problems(world.run("alert", ahead=dt.timedelta(days=days)))
    problems += world.console_problems(world.run("publish"))
    for name in ("moved", "calm"):
        if not (world.site / name / f"{day(0)}" / "index.html").is_file():
            problems.append(f"{name} has no page")
    final = (
        isinstance(step, Answer) and step.status < 500 and step.status not in (408, 425, 429)
    )  # no second try is due
    lost = setting == "ALERT_WEBHOOK" and not world.times(EVENT) and not final
    doubled = world.times(EVENT) > 1
    if lost or doubled:
        tally.failures.append(f"{setting} {step!r:.80}: the message came {world.times(EVENT)} times")
    tally.doubled += doubled
    tally.note(1, [f"{setting} {step!r:.80}: {each}" for each in problems], lost=int(lost), leaks=world.leaks())
