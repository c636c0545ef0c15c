"""SciPy is imported in part: whoever asks for more of it gets all of it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
IN_PART = """
import sys
from driftmonitor.analysis import quick_scipy
from driftmonitor.analysis.drift import compare

assert not {"scipy.stats._qmc", "scipy.stats._kde", "scipy.integrate._bvp", "numpy.f2py.rules"} & set(sys.modules)
"""
LOOK_AT_ALL_MODULES = """
assert all(module.__spec__ or True for module in list(sys.modules.values()) if getattr(module, "__file__", ""))
assert not "numpy.f2py.rules" in sys.modules
"""
ALL = """
import numpy, scipy.stats, scipy.optimize
assert "gaussian_kde" in dir(scipy.stats)
assert scipy.stats.gaussian_kde([1.0, 2.0, 4.0]).n == 3
assert scipy.optimize.brentq(lambda x: x - 2, 0, 3) == 2
assert scipy.stats.norm is scipy.stats.distributions.norm
numpy.testing.assert_equal(numpy.f2py.__name__, "numpy.f2py")
print(round(scipy.stats.ks_2samp([1, 2, 3, 4], [3, 4, 5, 6]).pvalue, 4))
"""


def test_more_of_scipy_is_there_when_it_is_used():
    command = [sys.executable, "-c", IN_PART + LOOK_AT_ALL_MODULES + ALL]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "0.7714\n"


WITH_SHORT_DOCSTRINGS = """
from driftmonitor.lazy_packages import short_docstrings
from driftmonitor.analysis import quick_scipy
import matplotlib.patches, pyarrow.compute, scipy.stats

shortened = short_docstrings.AsWritten
assert shortened is scipy._lib._docscrape.FunctionDoc is pyarrow.vendored.docscrape.NumpyDocString
assert "Notes" in scipy.stats.ks_2samp.__doc__ and "Dask" not in scipy.stats.ks_2samp.__doc__
assert matplotlib.patches.Rectangle((0, 0), 1, 2).set(alpha=0.5) == [None]
assert "Set multiple properties at once" in matplotlib.patches.Rectangle.set.__doc__
print(round(scipy.stats.ks_2samp([1, 2, 3, 4], [3, 4, 5, 6]).pvalue, 4), pyarrow.compute.sum([1, 2]))
"""


def test_a_run_imports_scipy_and_matplotlib_without_the_tables_of_their_docstrings():
    command = [sys.executable, "-c", WITH_SHORT_DOCSTRINGS]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "0.7714 3\n"
