"""What the false-alarm budget says of a day, in plain words."""

from driftmonitor.facts.judgement import Judgement
from driftmonitor.formats import number

COLUMNS_NAMED = 3


def say_judgement(judgement: Judgement) -> str:
    """Return the verdict of the false-alarm budget in one sentence, ending with a full stop."""
    head = f"{'Drift' if judgement.alarm else 'Healthy'}: {say_rank(judgement)} ({_say_budget(judgement)})"
    named = "; ".join(cause.words for cause in judgement.causes[:COLUMNS_NAMED])
    more = f"; and {len(judgement.causes) - COLUMNS_NAMED} more" if len(judgement.causes) > COLUMNS_NAMED else ""
    return head + (f": {named}{more}." if judgement.causes else ".")


def say_deciding(judgement: Judgement) -> str:
    """Return whether the budget decides the run's status, in one sentence."""
    return "This decides the verdict." if judgement.decides else "This only informs: the share decides it."


def _say_budget(judgement: Judgement) -> str:
    times = number(judgement.false_alarms_per_year)
    allowed = f"{times} false alarm{'' if times == '1' else 's'} a year {'is' if times == '1' else 'are'} allowed"
    if judgement.mode == "pool":
        return allowed
    return f"{say_pool(judgement)}; {allowed}"


def say_pool(judgement: Judgement) -> str:
    """Return on how many comparable days a judgement rests, or that they are too few yet."""
    if judgement.mode == "pool":
        return f"held against {judgement.pool_days} comparable days"
    known = f"{judgement.pool_days} of {judgement.pool_needed} comparable days are known"
    return f"{known}, until then only a clear change alarms"


def say_rank(judgement: Judgement) -> str:
    """Return how strange a day was: `stranger than every one of the last 182 comparable days`."""
    if judgement.mode != "pool":
        chance = min(1.0, (judgement.p if judgement.p is not None else 1.0) * max(judgement.signals, 1))
        often = f"1 day in {1 / chance:,.0f}" if chance > 1e-6 else "1 day in a million"
        if judgement.alarm:
            than = f"than all but {often} would be by chance"
            return (
                f"stranger than every comparable day so far, and {than}" if judgement.pool_days else f"stranger {than}"
            )
        return "no stranger than ordinary days" if chance > 0.5 else f"as strange as {often} is by chance"
    if judgement.alarm:
        return f"stranger than every one of the last {judgement.pool_days} comparable days"
    some = f"{judgement.rank} of the last {judgement.pool_days} comparable days"
    return f"{some} {'was' if judgement.rank == 1 else 'were'} as strange or stranger"


def say_expected(false_alarms_per_year: float, judged: Judgement | None) -> str:
    """Return what rule budget will do, and how many of the days that it needs the last run knew."""
    times = number(false_alarms_per_year)
    will = f"Rule budget: about {times} false alarm{'' if times == '1' else 's'} a year where nothing changes"
    if judged is None or judged.mode == "pool":
        return f"{will}."
    until = f"Until {judged.pool_needed} comparable days are known, {judged.pool_days} so far"
    return f"{will}. {until}, only a clear change alarms."
