"""The heartbeat: an outside service is told that the run took place, so that it can raise the alarm when none does."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from driftmonitor.pipeline.channels import Refused, Unavailable, http
from driftmonitor.pipeline.channels.address import read_address

SETTING = "HEARTBEAT_URL"
ATTEMPTS = 2


def ping(environ: Mapping[str, str], failed: bool, outcome: str = "") -> str | None:
    """Tell HEARTBEAT_URL that the run is over, last of all; return a line for the console if that didn't work.

    A failed run (a monitor failed, an alert was refused; drift is no failure) goes to the address with /fail behind it,
    as healthchecks.io and Better Stack read it. `outcome` is the body: a line of plain words. Never raises.
    """
    if not environ.get(SETTING):
        return None
    problem = ""
    for _ in range(ATTEMPTS):
        try:
            http.deliver("The heartbeat", "POST", _address(environ, failed), data=outcome[:5000].encode())
        except Unavailable as error:
            problem = str(error)
        except Refused as error:
            return str(error)
        else:
            return None
    return problem


def _address(environ: Mapping[str, str], failed: bool) -> str:
    url = read_address(environ, SETTING)
    parts = urlsplit(url)
    return parts._replace(path=parts.path.rstrip("/") + "/fail").geturl() if failed else url
