"""ipykernel without its debugger, which no run uses and whose import takes a tenth of what a kernel imports."""

from driftmonitor.lazy_packages import hiding

with hiding("debugpy"):
    from ipykernel import debugger, kernelapp

__all__ = ["debugger", "kernelapp"]
