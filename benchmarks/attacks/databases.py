"""PostgreSQL that is stopped, locked, read-only, slow or damaged; when all is well again, nothing is missing."""

import datetime as dt
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg

from benchmarks.attacks.tally import Tally
from benchmarks.attacks.world import NEIGHBOURS, World
from tests.postgres import PASSWORD, Server
from tests.samples import day


def attack(folder: Path, tries: int, tally: Tally, server: Server) -> None:
    """Let the server misbehave while a day is recorded and sent."""
    for number in range(tries):
        name = f"siege_{number}"
        administer(server, f'CREATE DATABASE "{name}"')
        with World(folder / f"{number}", f"{server.url.rsplit('/', 1)[0]}/{name}") as world:
            world.secrets["password of the database"] = PASSWORD
            once(world, server, list(MISHAPS)[number % len(MISHAPS)], tally)
        administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def once(world: World, server: Server, mishap: str, tally: Tally) -> None:
    """Record one day well, one day during a mishap, and go on after it."""
    for name, status in NEIGHBOURS.items():
        world.report(name, 0, status)
    problems = [each for stage in ("record", "alert") for each in world.console_problems(world.run(stage, 0))]
    for name in NEIGHBOURS:
        world.report(name, 1, "drift")
    with ExitStack() as stack:
        stack.enter_context(MISHAPS[mishap](world, server))
        for stage in random.sample(("record", "alert", "publish", "status"), 3):
            problems += world.console_problems(world.run(stage, 1))
    for days in (0, 1):
        for stage in ("record", "alert", "publish"):
            ended = world.run(stage, 1, ahead=dt.timedelta(days=days))
            problems += world.console_problems(ended)
            if ended.code:
                problems.append(f"{stage} failed after the mishap: {ended.text[-200:]}")
    due = [f"moved:{day(0)}:drift_started", f"calm:{day(1)}:drift_started"]
    missing = [f"{event} came {world.times(event)} times" for event in due if world.times(event) != 1]
    pages = {name: world.site / name / f"{day(1)}" / "index.html" for name in NEIGHBOURS}
    missing += [f"{name} has no page" for name, page in pages.items() if not page.is_file()]
    tally.note(1, [f"{mishap}: {each}" for each in problems + missing], lost=len(missing), leaks=world.leaks())


def administer(server: Server, statement: str, database: str = "") -> None:
    """Run one statement as the server's owner."""
    url = database or server.url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def stopped(world: World, server: Server) -> Iterator[None]:
    """The server is down."""
    server.stop()
    yield
    server.start()


@contextmanager
def repeating(act: Callable[[], None], pause: Callable[[], float]) -> Iterator[None]:
    """Do something again and again while the block runs, each time after `pause()` seconds."""
    done = threading.Event()

    def repeat() -> None:
        while not done.wait(pause()):
            act()

    thread = threading.Thread(target=repeat)
    thread.start()
    yield
    done.set()
    thread.join()


def restarting(world: World, server: Server) -> AbstractContextManager[None]:
    """The server goes down and comes back while it is used."""

    def restart() -> None:
        server.stop()
        server.start()

    return repeating(restart, lambda: 0.4 + random.random())


def cutting(world: World, server: Server) -> AbstractContextManager[None]:
    """All connections are cut again and again."""
    name = world.database.rsplit("/", 1)[1]

    def cut() -> None:
        with suppress(psycopg.Error):
            administer(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    return repeating(cut, lambda: 0.05)


@contextmanager
def locked(world: World, server: Server) -> Iterator[None]:
    """Another program holds a lock on all tables, for longer than anyone waits."""
    with psycopg.connect(world.database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        connection.execute(f"LOCK TABLE {', '.join(name for (name,) in tables)} IN ACCESS EXCLUSIVE MODE")
        done = threading.Timer(20, connection.rollback)
        done.start()
        yield
        done.cancel()
        connection.rollback()


def setting(statement: str, undo: str) -> Callable[[World, Server], object]:
    """Return a mishap that one statement makes and another ends; {name} is the database."""

    @contextmanager
    def set_up(world: World, server: Server) -> Iterator[None]:
        name = world.database.rsplit("/", 1)[1]
        for each in statement.format(name=name).split("; "):
            administer(server, each, world.database if "TABLE" in each else "")
        yield
        for each in undo.format(name=name).split("; "):
            administer(server, each, world.database if "TABLE" in each else "")

    return set_up


@contextmanager
def wrong_password(world: World, server: Server) -> Iterator[None]:
    """The password was changed."""
    world.database, right = world.database.replace("p%40ss", "wr%40ng"), world.database
    world.secrets["wrong password"] = "wr@ng/w:rd#1"
    yield
    world.database = right


@contextmanager
def full(world: World, server: Server) -> Iterator[None]:
    """No connection is left for others."""
    with ExitStack() as stack:
        with suppress(psycopg.OperationalError):
            for _ in range(120):
                stack.enter_context(psycopg.connect(world.database))
        yield
        time.sleep(0.1)


DATABASE, RUNS = 'ALTER DATABASE "{name}" ', "ALTER TABLE runs "
MISHAPS = {
    "stopped": stopped,
    "restarted again and again": restarting,
    "connections cut": cutting,
    "tables locked": locked,
    "no connection left": full,
    "read-only": setting(
        DATABASE + "SET default_transaction_read_only = on", DATABASE + "RESET default_transaction_read_only"
    ),
    "statements limited to 1 ms": setting(DATABASE + "SET statement_timeout = 1", DATABASE + "RESET statement_timeout"),
    "renamed": setting(DATABASE + 'RENAME TO "{name}_x"', 'ALTER DATABASE "{name}_x" RENAME TO "{name}"'),
    "a table renamed": setting(RUNS + "RENAME TO runs_x", "ALTER TABLE runs_x RENAME TO runs"),
    "a column renamed": setting(RUNS + "RENAME COLUMN status TO status_x", RUNS + "RENAME COLUMN status_x TO status"),
    "wrong password": wrong_password,
}
