"""What the README shows of `init` is what `init` prints."""

import re
import shlex

from tests.jobs import ROOT, main

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_what_init_prints(tmp_path, capsys):
    command, shown = re.search(r"\$ python runner.py (init .+)\n((?:.*\n)+?)```", README).groups()

    code, out, err = main(capsys, *shlex.split(command), "--params", str(tmp_path))

    printed = out.replace(f" --params {tmp_path}", "").replace(f"{tmp_path}", "params")
    parts = shown.split("...\n")
    places = [printed.find(part) for part in parts]
    assert (code, err) == (0, "")
    assert all(part in printed for part in parts), printed
    assert places == sorted(places)
    assert printed.startswith(parts[0])
    assert printed.endswith(parts[-1])
