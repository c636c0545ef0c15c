"""Make the environment of a notebook: without secrets, except those that its monitor names."""

import os
import re
from collections.abc import Mapping

# The variables that a kernel needs. All others, secrets above all, are left out.
KEPT_ENVIRONMENT = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|VIRTUAL_ENV|CONDA_PREFIX|LD_LIBRARY_PATH"
    r"|PYTHON(PATH|HOME|UTF8|HASHSEED|WARNINGS|NOUSERSITE)|XDG_\w+|JUPYTER_\w*(DIR|PATH)|MPLCONFIGDIR"
    r"|(OMP|OPENBLAS|MKL|NUMEXPR|ARROW)_\w+|SSL_CERT_\w+"
    r"|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|PROGRAMDATA|USERPROFILE|NUMBER_OF_PROCESSORS"
)


def clean_environment(pass_env: tuple[str, ...] = (), environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a kernel: what any program needs, and what the monitor names in `pass_env`.

    OMP_NUM_THREADS is 1 by default: notebooks run in parallel, and sums are in the same order on every machine.
    PYTHONHASHSEED is 0 by default, because Evidently adds up the levels of a category in the order of a set.
    """
    kept = {name: value for name, value in environ.items() if KEPT_ENVIRONMENT.fullmatch(name.upper())}
    named = {name: environ[name] for name in pass_env if name in environ}
    defaults = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    return {**defaults, **kept, **named, "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}
