"""Tell an outside service that a run took place, so that it can alert when a run is missing."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from driftmonitor.pipeline.channels import Refused, Unavailable, http
from driftmonitor.pipeline.channels.address import read_address

SETTING = "HEARTBEAT_URL"
ATTEMPTS = 2


def ping(environ: Mapping[str, str], failed: bool, outcome: str = "") -> str | None:
    """Tell HEARTBEAT_URL that the run is over; return the error for the console, or None. Never raises.

    A run failed if a monitor failed or an alert was refused; drift is no failure. It goes to the address followed by
    /fail, as healthchecks.io and Better Stack expect. `outcome`, a line of plain words, is the body.
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
