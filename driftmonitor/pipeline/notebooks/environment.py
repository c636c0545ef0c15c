"""The environment that a notebook gets: no secret but those its monitor names."""

import os
import re
from collections.abc import Mapping

# What a kernel needs of its surroundings. Everything else, secrets above all, stays outside.
KEPT_ENVIRONMENT = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|VIRTUAL_ENV|CONDA_PREFIX|LD_LIBRARY_PATH"
    r"|PYTHON(PATH|HOME|UTF8|HASHSEED|WARNINGS|NOUSERSITE)|XDG_\w+|JUPYTER_\w*(DIR|PATH)|MPLCONFIGDIR"
    r"|(OMP|OPENBLAS|MKL|NUMEXPR|ARROW)_\w+|SSL_CERT_\w+"
    r"|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|PROGRAMDATA|USERPROFILE|NUMBER_OF_PROCESSORS"
)


def clean_environment(pass_env: tuple[str, ...] = (), environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment a kernel gets: what any program needs, and what the monitor names in `pass_env`.

    OMP_NUM_THREADS is 1 unless it is set: notebooks run side by side, and the order of sums depends on no machine.
    PYTHONHASHSEED is 0 unless it is set: Evidently adds up the levels of a category in the order of a set.
    """
    kept = {name: value for name, value in environ.items() if KEPT_ENVIRONMENT.fullmatch(name.upper())}
    named = {name: environ[name] for name in pass_env if name in environ}
    usual = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    return {**usual, **kept, **named, "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}
