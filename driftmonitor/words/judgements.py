"""The sentences about the budget rule: how unusual a day was, and what the rule will do."""

from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import counted, number
from driftmonitor.words.lasting import say_lasting

NAMED = 3  # columns or causes that a sentence names; it counts the others
COMMONPLACE = 0.5  # a day that chance alone makes so likely needs no figure
FEWEST_RANKED = 5  # baseline days: among fewer, a day's rank says little
EXCUSED = "It raises no alert because a day with such a change was dismissed."
SPECIAL_DAYS = {"holiday": "a public holiday", "first": "the first day of a month", "last": "the last day of a month"}
RAREST = 1e-6  # below it a probability is not worth a number


def say_judgement(judgement: Judgement) -> str:
    """Return the verdict of the budget rule: how unusual the day was, its causes, and the warm-up if it lasts."""
    budget = _say_false_alarms(judgement.false_alarms_per_year)
    rank = f"{say_unusual(judgement)} (budget: {budget})."
    if judgement.changed:
        verdict = f"Changed: {say_lasting(judgement.changed)}. {rank[:1].upper()}{rank[1:]}"
    else:
        verdict = f"{'Drift' if judgement.alarm else 'Healthy'}: {rank}"
    causes = f" {_say_causes(judgement)}." if judgement.causes else ""
    special = f" {say_special(judgement)}" if judgement.special else ""
    warm_up = "" if judgement.mode == "pool" else f" {_say_warm_up(judgement)}"
    raised = f" {_say_raised(judgement)}" if judgement.raised else ""
    excused = f" {EXCUSED}" if judgement.excused else ""
    return verdict + causes + excused + special + warm_up + raised


def say_listed(judgement: Judgement) -> str:
    """Return what a list of days says of one: its causes, or else how unusual it was, without a full stop."""
    if judgement.causes:
        return _say_causes(judgement)
    if judgement.changed:
        return say_lasting(judgement.changed)
    return say_unusual(judgement) + ("; a day with such a change was dismissed" if judgement.excused else "")


def _say_causes(judgement: Judgement) -> str:
    named = "; ".join(cause.words for cause in judgement.causes[:NAMED])
    return f"{named}; and {len(judgement.causes) - NAMED} more" if len(judgement.causes) > NAMED else named


def say_special(judgement: Judgement) -> str:
    """Return which earlier days a special day is compared with besides its baseline days, in one sentence; or ""."""
    if judgement.special is None:
        return ""
    known = judgement.special_days
    compared = f"it is also compared with {counted(known, 'earlier one')}" if known else "it has no earlier one yet"
    return f"As {SPECIAL_DAYS[judgement.special]}, {compared}."


def say_deciding(judgement: Judgement) -> str:
    """Return whether the budget rule decides the run's status, in one sentence."""
    if judgement.decides:
        return "This decides the monitor's verdict."
    return "For information only: the share rule decides this monitor's verdict."


def say_unheard(record: RunRecord) -> str:
    """Return why the budget rule would alert where the share rule finds no drift, without a full stop; or ""."""
    judgement = record.judgement
    if judgement is None or judgement.decides or not judgement.alarm or record.status != "healthy":
        return ""
    causes = "; ".join(cause.words for cause in judgement.causes[:NAMED])
    return f"the budget rule would alert: {causes or say_rank(judgement)}"


def _say_false_alarms(per_year: float) -> str:
    times = number(per_year)
    return f"{times} false alarm{'' if times == '1' else 's'} a year"


def _say_raised(judgement: Judgement) -> str:
    more = f"{counted(judgement.raised or 0, 'incident')} more than the budget allows"
    if judgement.mode != "pool":
        return f"After {more}, only larger ones do. Confirm those that were real, and that ends."
    return f"The threshold is raised: {more}. Confirm those that were real, and it falls."


def _say_warm_up(judgement: Judgement) -> str:
    collected = f"{judgement.pool_days} of {judgement.pool_needed} baseline days collected"
    return f"Warm-up: {collected}; until then only large changes raise an alert."


def say_rank(judgement: Judgement) -> str:
    """Return how unusual a day was: `more unusual than 160 of its 182 baseline days`, or than any of them."""
    early, days = judgement.mode != "pool", f"its {judgement.pool_days} baseline days"
    if early and (judgement.alarm or judgement.rank is None or judgement.pool_days < FEWEST_RANKED):
        return _say_chance(judgement)
    days = f"{days} so far" if early else days
    if judgement.alarm:
        return f"more unusual than any of {days}"
    if judgement.rank == 0:
        return f"more unusual than any of {days}, but {'not clearly' if early else 'under the threshold'}"
    if not count_below(judgement):
        return f"no more unusual than any of {days}"
    return f"more unusual than {count_below(judgement)} of {days}"


def say_unusual(judgement: Judgement) -> str:
    """Return how unusual a day was where the budget rule decides, and on an ordinary day when it would alert."""
    above = "; an alert needs all of them" if _is_under_some(judgement) else ""
    return f"{say_rank(judgement)}{above}"


def count_below(judgement: Judgement) -> int:
    """Return how many baseline days were less unusual."""
    return max(0, judgement.pool_days - (judgement.rank or 0))


def _is_under_some(judgement: Judgement) -> bool:
    """Return whether some baseline days, but not all, were less unusual than this day."""
    return judgement.mode == "pool" and not judgement.alarm and 0 < count_below(judgement) < judgement.pool_days


def _say_chance(judgement: Judgement) -> str:
    """Return how unusual a day of the warm-up was, by the smallest probability of its signals (Bonferroni 1936)."""
    smallest = 1.0 if judgement.p is None else judgement.p
    chance = min(1.0, smallest * max(judgement.signals, 1))
    if chance > COMMONPLACE and not judgement.alarm:
        return "as usual"
    days = f"about 1 day in {float(f'{1 / chance:.2g}'):,.0f}" if chance > RAREST else "less than 1 day in a million"
    by_chance = f"by chance alone, {days} differs as much"
    if not judgement.alarm:
        return f"not clearly unusual: {by_chance}"
    return f"more unusual than any baseline day so far; {by_chance}" if judgement.pool_days else f"unusual: {by_chance}"


def say_expected(false_alarms_per_year: float, last: Judgement | None) -> str:
    """Return what the budget rule will do, and how far the warm-up was at the last run."""
    expected = f"Budget rule: about {_say_false_alarms(false_alarms_per_year)} if nothing changes."
    return expected if last is None or last.mode == "pool" else f"{expected} {_say_warm_up(last)}"
