"""Import SciPy's tests without the optimisers, integrators and so on that only its other functions use.

With all of them, and with what SciPy imports of NumPy only to list it, `scipy.stats` takes a quarter of a comparison's
imports. Whoever imports more of SciPy later gets all of it.
"""

from driftmonitor.analysis.quick_imports import unhindered
from driftmonitor.lazy_packages import import_by_name, importing_when_used

with unhindered(), importing_when_used("numpy.f2py", "numpy.testing"):
    import_by_name(
        "driftmonitor.analysis.scipy_names",
        "scipy.stats",
        "scipy.optimize",
        "scipy.ndimage",
        "scipy.interpolate",
        "scipy.integrate",
        "scipy.spatial",
        "scipy.sparse",
        "scipy.sparse.linalg",
        "scipy.fft",
    )
