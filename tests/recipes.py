"""The recipes in CONTRIBUTING.md: their code, and a fixture that follows one."""

import re
import sys
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES: dict[str, str] = dict(re.findall(r"```python\n# (\S+\.py)\n(.*?)```", TEXT, re.DOTALL))


@pytest.fixture
def follow(tmp_path, monkeypatch):
    """Put a recipe's file into its package for one test, without writing to the clone: follow(package, name)."""
    added = []

    def put(package, name):
        (tmp_path / f"{name}.py").write_text(RECIPES[f"{package.__name__.replace('.', '/')}/{name}.py"])
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        added.append((package, name))

    yield put
    for package, name in added:
        sys.modules.pop(f"{package.__name__}.{name}", None)
        vars(package).pop(name, None)
