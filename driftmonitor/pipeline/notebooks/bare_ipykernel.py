"""ipykernel without its debugger and the clients of other kernels, which no run uses: a fifth of its import."""

from driftmonitor.lazy_packages import hiding, importing_by_name

with hiding("debugpy"), importing_by_name("jupyter_client"):
    from ipykernel import debugger, kernelapp

__all__ = ["debugger", "kernelapp"]
