"""The clock: the only module that reads the time of day. Others are given a `Clock`, or a time read from one."""

import datetime as dt
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

LATEST = dt.datetime.max.replace(tzinfo=dt.UTC)  # no clock is ahead of it


def utc_now() -> dt.datetime:
    """Return the time of day, UTC."""
    return dt.datetime.now(dt.UTC)


def latest_day(now: dt.datetime) -> dt.date:
    """Return the latest date that it is anywhere on earth; a later one was written by a clock that was ahead."""
    return (now.astimezone(dt.UTC) + dt.timedelta(hours=14)).date()


@dataclass(frozen=True)
class Clock:
    """Time as the runner sees it, passed in so that a test can set it: `sleep` takes seconds, `jitter` gives 0 to 1."""

    now: Callable[[], dt.datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
