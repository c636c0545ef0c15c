"""Templates are compiled once, and again when they, Jinja or the settings of their environment change."""

import sys

import jinja2
import pytest

from driftmonitor.pipeline.pages.templates import kept_templates


@pytest.fixture
def environment(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_templates, "FOLDER", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    def make(template="Hello {{ name }}", settings="as ever", compiles=True):
        made = jinja2.Environment(loader=jinja2.DictLoader({"page": template}), autoescape=True)
        kept_templates.keep_compiled(made, settings)
        if not compiles:
            made.compile = None
        return made.get_template("page").render(name="<b>")

    return make


def test_a_template_is_compiled_once(environment):
    assert environment() == "Hello &lt;b&gt;"
    assert environment(compiles=False) == "Hello &lt;b&gt;"


@pytest.mark.parametrize("change", [{"template": "Good day {{ name }}"}, {"settings": "new"}])
def test_a_changed_template_or_setting_is_compiled_again(environment, change):
    environment()

    with pytest.raises(TypeError):
        environment(**change, compiles=False)


def test_a_damaged_file_is_compiled_again(environment, tmp_path):
    environment()
    [kept] = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-9])

    assert environment() == "Hello &lt;b&gt;"


def test_without_the_folder_nothing_is_kept(environment, tmp_path, monkeypatch):
    monkeypatch.setattr(kept_templates, "FOLDER", tmp_path / "missing")

    assert environment() == "Hello &lt;b&gt;"
    assert list(tmp_path.iterdir()) == []
