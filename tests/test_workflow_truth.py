"""The workflows' runner is as strict as GitHub: what is refused, dropped or hidden there is so here."""

import pytest
from workflow_refusals import BAD_IN_PATHS, Refused, pass_on, refuse_large_files, show_summary, upload

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline.github.git import Clone
from tests.workflow_fixtures import Fork
from tests.workflow_repository import commit

TRUTH = """
on: workflow_dispatch
defaults:
  run: {shell: bash}
jobs:
  first:
    name: leaves files, two outputs and a long summary
    runs-on: ubuntu-latest
    permissions: {}
    outputs:
      kept: ${{ steps.leave.outputs.kept }}
      lost: ${{ steps.leave.outputs.lost }}
    steps:
      - name: Leave
        id: leave
        run: |
          echo kept=shown >> "$GITHUB_OUTPUT"
          echo lost=a-discord-token-b >> "$GITHUB_OUTPUT"
          mkdir -p left/deep left/empty
          cd left
          touch deep/file .hidden
          chmod +x deep/file
          ln -s deep/file link
      - name: Summarise
        run: head -c 1048577 /dev/zero | tr "\\0" x > "$GITHUB_STEP_SUMMARY"
      - name: Hand over
        if: github.run_attempt == 1
        uses: actions/upload-artifact@v7
        with: {name: left, path: left, if-no-files-found: ignore, retention-days: 1}
  second:
    name: finds some of them
    needs: first
    runs-on: ubuntu-latest
    permissions: {}
    steps:
      - name: Fetch
        uses: actions/download-artifact@v8
        with: {pattern: "*", path: found}
      - name: Find
        env:
          OUTPUTS: ${{ needs.first.outputs.kept }}/${{ needs.first.outputs.lost }}
        run: |
          echo "[$OUTPUTS]"
          cd found
          find . | sort
          test ! -x deep/file
      - name: End
        if: always()
        run: |
          echo it ended
          echo done > "$GITHUB_STEP_SUMMARY"
"""


@pytest.fixture
def truth(tmp_path):
    """Give a repository whose one workflow hands files and outputs from one job to the next."""
    source = tmp_path / "source"
    (source / ".github/workflows").mkdir(parents=True)
    (source / ".github/workflows/truth.yml").write_text(TRUTH)
    commit(source, "Begin", init=True)
    fork = Fork(tmp_path, source)
    fork.created_at = "2026-11-24T09:07:00Z"
    fork.secrets["TOKEN"] = "one line\ndiscord-token"
    yield fork
    fork.api.close()


def test_files_outputs_and_summaries_pass_from_job_to_job_as_on_github(truth):
    run = truth.run("truth")

    assert run.conclusion == "success", run.log
    assert "[shown/]\n.\n./deep\n./deep/file\n" in run.log  # no empty folder, no link, no hidden file, no mode
    assert "Skip output 'lost' since it may contain secret." in run.log
    assert "supports content up to a size of 1024k, got 1024k." in run.log
    assert run.summary == "done\n"

    failed = truth.rerun_all(run)
    assert failed.result("second") == "failure"  # the artifact of the first attempt is not seen
    truth.time_out_at = ("second", "Find")
    late = truth.rerun_failed(run)
    assert late.conclusion == "success"  # nothing ran again
    timed_out = truth.rerun_failed(failed)
    assert (timed_out.result("second"), timed_out.cancelled) == ("cancelled", False)
    assert "it ended" in timed_out.log

    truth.time_out_at, truth.quota_is_used_up = None, True
    refused = truth.run("truth")
    assert (refused.result("first"), refused.result("second")) == ("failure", "skipped")
    assert "Artifact storage quota has been hit" in refused.log
    truth.cancel_while_queued = True
    queued = truth.run("truth")
    assert (queued.conclusion, queued.log) == ("cancelled", "\n")


@pytest.mark.parametrize("character", ['"', ":", "<", ">", "|", "*", "?", "\r", "\n"])
def test_one_file_name_that_windows_refuses_refuses_the_whole_artifact(tmp_path, character):
    (tmp_path / "left").mkdir()
    (tmp_path / "left/a").touch()
    (tmp_path / f"left/b{character}").touch()

    with pytest.raises(Refused, match="not valid"):
        upload(tmp_path / "left", tmp_path / "stored", "stored")
    assert not (tmp_path / "stored").exists()
    assert BAD_IN_PATHS.search(character)


def test_a_secret_of_several_lines_is_masked_line_by_line():
    outputs, said = pass_on({"a": "x-two-y", "b": "three"}, ["one\ntwo\n\n"])

    assert (outputs, said) == ({"b": "three"}, "##[warning]Skip output 'a' since it may contain secret.\n")


def test_a_summary_of_one_mebibyte_is_shown(tmp_path):
    (tmp_path / "summary").write_text("x" * 1024 * 1024)

    assert show_summary(tmp_path / "summary") == ("x" * 1024 * 1024, "")


def test_a_file_that_is_too_large_for_the_remote_is_named_in_its_own_words(truth):
    refuse_large_files(truth.origin, 100)
    clone = Clone(truth.source, {}, str(truth.origin))
    tip = clone.tips()["main"]
    large = clone.commit(clone.change_tree(tip, [("history.db", b"x" * 101)]), "Save", tip)
    small = clone.commit(clone.change_tree(tip, [("history.db", b"x" * 100)]), "Save", tip)

    assert clone.push(small, "state", None)
    with pytest.raises(DriftMonitorError) as refused:
        clone.push(large, "state", small)
    assert "File history.db is 120.00 MB; this exceeds GitHub's file size limit of 100.00 MB" in str(refused.value)
    assert "make that file smaller" in str(refused.value)
