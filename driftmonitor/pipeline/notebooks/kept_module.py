"""Run a module as a kernel runs: it reads and signals no other process, and ends with the runner. Linux only.

Usage: python -m driftmonitor.pipeline.notebooks.kept_module RUNNER MODULE, RUNNER being the process id of the runner.
"""

import os
import runpy
import sys

from driftmonitor.pipeline.notebooks.keeper import keep_kernel


def run(module: str) -> None:
    """Run a module as a program, and end this process with it."""
    code = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    keep_kernel(int(sys.argv[1]), lambda: run(sys.argv[2]))
