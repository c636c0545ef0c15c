"""Whether a column's numbers changed their unit: cents for euros, hours for minutes."""

UNITS = (10, 24, 60, 100, 1000, 3600, 1e6, 1e9)
MEAN_NEAR, SD_NEAR = 1.15, 1.5  # factors within which a ratio is that of two units; few rows leave the sd uncertain
NEAR_ZERO = 0.2  # standard deviations: such a mean says nothing of the unit


def unit_factor(effect: dict) -> float | None:
    """Return by which factor of units the numbers changed (100, or 0.01), or None; `effect` is the one of a score."""
    (was, now), (sd_was, sd_now) = (effect.get(key) or (None, None) for key in ("mean", "sd"))
    if not sd_was or not sd_now or was is None or now is None:
        return None
    near_zero = abs(was) < NEAR_ZERO * sd_was
    for factor in (*UNITS, *(1 / unit for unit in UNITS)):
        mean_fits = near_zero or (was * now > 0 and _near(now / was, factor, MEAN_NEAR))
        if mean_fits and _near(sd_now / sd_was, factor, MEAN_NEAR if near_zero else SD_NEAR):
            return factor
    return None


def _near(ratio: float, factor: float, within: float) -> bool:
    return factor / within <= ratio <= factor * within
