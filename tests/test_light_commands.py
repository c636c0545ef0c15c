"""The commands that only say something import little."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAVY = ("pydantic", "yaml", "sqlalchemy", "numpy", "pandas", "papermill", "jinja2", "requests")


def test_the_help_imports_no_library_but_that_of_the_command_line():
    code = f"import runner, sys; print(*[name for name in {HEAVY} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
