"""The names of SciPy that drift-monitor, its notebook and Evidently's tests use, for `quick_scipy.py`."""

from scipy.optimize import isotonic_regression
from scipy.spatial import distance
from scipy.stats import (
    _stats_py,
    anderson_ksamp,
    chi2_contingency,
    chisquare,
    distributions,
    energy_distance,
    epps_singleton_2samp,
    fisher_exact,
    iqr,
    ks_2samp,
    mannwhitneyu,
    norm,
    power_divergence,
    rankdata,
    ttest_ind,
    wasserstein_distance,
)

__all__ = [
    "_stats_py",
    "anderson_ksamp",
    "chi2_contingency",
    "chisquare",
    "distance",
    "distributions",
    "energy_distance",
    "epps_singleton_2samp",
    "fisher_exact",
    "iqr",
    "isotonic_regression",
    "ks_2samp",
    "mannwhitneyu",
    "norm",
    "power_divergence",
    "rankdata",
    "ttest_ind",
    "wasserstein_distance",
]
