"""A table of eleven columns, and causes that change one of them, `amount`, on a day."""

from collections.abc import Callable

import numpy as np
import pandas as pd

PLANS, COUNTRIES = ("free", "pro", "team"), ("DE", "FR", "IT", "ES", "PL", "NL", "AT", "BE", "PT", "DK")
OF_PLANS, OF_COUNTRIES = (0.6, 0.3, 0.1), 1 / np.arange(1, 11) / (1 / np.arange(1, 11)).sum()
OF_AMOUNT = {"free": 0.0, "pro": 0.8, "team": 1.6}  # SD by plan
ONE_WAY = [("country", name) for name in COUNTRIES[:4]] + [("plan", "pro"), ("source", "s2"), ("hour", "night")]
TWO_WAY = [(("country", "DE"), ("plan", "pro")), (("country", "FR"), ("device", "phone")),
           (("source", "s1"), ("device", "web")), (("hour", "noon"), ("source", "s4"))]  # fmt: skip


def draw(rows: int, dice: np.random.Generator, plans: tuple[float, ...] = OF_PLANS) -> pd.DataFrame:
    """Return rows without a planted cause; `plans` are the shares of the plans."""
    plan, age = dice.choice(PLANS, rows, p=plans), dice.normal(40, 12, rows)
    frame = pd.DataFrame({
        "plan": plan, "country": dice.choice(COUNTRIES, rows, p=OF_COUNTRIES),
        "device": dice.choice(["phone", "web", "tablet"], rows, p=(0.5, 0.4, 0.1)),
        "source": dice.choice([f"s{i}" for i in range(6)], rows),
        "hour": dice.choice(["night", "morning", "noon", "evening"], rows, p=(0.1, 0.3, 0.3, 0.3)),
        "age": age, "income": 900 * np.exp(age / 60 + dice.normal(0, 0.4, rows)),
        "visits": dice.poisson(3, rows).astype(float), "rating": dice.random(rows),
    })  # fmt: skip
    logs = np.array([OF_AMOUNT[name] for name in plan]) + 0.3 * (age - 40) / 12 + dice.normal(0, 1, rows)
    return frame.assign(amount=np.exp(3 + logs), points=logs + dice.normal(0, 0.7, rows))


def raise_amount(frame: pd.DataFrame, where: np.ndarray, size: float) -> pd.DataFrame:
    """Return the rows with the logarithms of some amounts raised by `size` of their standard deviation, 1.2."""
    return frame.assign(amount=np.where(where, frame["amount"] * np.exp(1.2 * size), frame["amount"]))


Planted = tuple[pd.DataFrame, object]  # the day, and what should be named


def no_change(rows: int, dice: np.random.Generator) -> Planted:
    """Nothing is planted."""
    return draw(rows, dice), None


def everywhere(rows: int, dice: np.random.Generator) -> Planted:
    """All amounts rise by 0.4 SD."""
    frame = draw(rows, dice)
    return raise_amount(frame, np.ones(rows, bool), 0.4), "everywhere"


def far(rows: int, dice: np.random.Generator) -> Planted:
    """All amounts rise by 2 SD, and so beyond most of the reference."""
    return raise_amount(draw(rows, dice), np.ones(rows, bool), 2.0), "everywhere"


def wider(rows: int, dice: np.random.Generator) -> Planted:
    """All amounts lie 1.5 times as far from their mean."""
    frame = draw(rows, dice)
    logs = np.log(frame["amount"])
    return frame.assign(amount=np.exp(logs.mean() + 1.5 * (logs - logs.mean()))), "everywhere"


def one_slice(rows: int, dice: np.random.Generator) -> Planted:
    """The amounts of one value, 5 to 34% of rows, rise by 1 SD."""
    frame, (name, value) = draw(rows, dice), ONE_WAY[dice.integers(len(ONE_WAY))]
    return raise_amount(frame, (frame[name] == value).to_numpy(), 1.0), {(name, value)}


def one_range(rows: int, dice: np.random.Generator) -> Planted:
    """Those of the largest numbers of one column, 15 to 20% of rows, do."""
    frame, name = draw(rows, dice), ("age", "visits", "rating")[dice.integers(3)]
    edge = {"age": 52.4, "visits": 4.0, "rating": 0.8}[name]
    return raise_amount(frame, (frame[name] > edge).to_numpy(), 1.0), (name, edge)


def two_columns(rows: int, dice: np.random.Generator) -> Planted:
    """Those of two values together, 5 to 17% of rows, rise by 1.5 SD."""
    frame, pair = draw(rows, dice), TWO_WAY[dice.integers(len(TWO_WAY))]
    where = np.logical_and(*((frame[name] == value).to_numpy() for name, value in pair))
    return raise_amount(frame, where, 1.5), set(pair)


def mix_only(rows: int, dice: np.random.Generator) -> Planted:
    """The shares of the plans change."""
    return draw(rows, dice, (0.35, 0.4, 0.25)), "plan"


def unit_of_one_source(rows: int, dice: np.random.Generator) -> Planted:
    """One of six sources has another unit."""
    frame, value = draw(rows, dice), f"s{dice.integers(6)}"
    wrong = (frame["source"] == value).to_numpy()
    return frame.assign(amount=np.where(wrong, 100 * frame["amount"], frame["amount"])), {("source", value)}


def missing_in_one_source(rows: int, dice: np.random.Generator) -> Planted:
    """Half of the amounts of one source are missing."""
    frame, value = draw(rows, dice), f"s{dice.integers(6)}"
    lost = (frame["source"] == value).to_numpy() & (dice.random(rows) < 0.5)
    return frame.assign(amount=frame["amount"].mask(lost)), {("source", value)}


def new_country(rows: int, dice: np.random.Generator) -> Planted:
    """12% of rows have a country that is new, and larger amounts."""
    frame = draw(rows, dice)
    new = dice.random(rows) < 0.12
    return raise_amount(frame.assign(country=np.where(new, "XX", frame["country"])), new, 1.0), "country"


def join_fault(rows: int, dice: np.random.Generator) -> Planted:
    """One of six sources was joined by a wrong key: its amounts are those of other rows, all of the largest plan.

    Of the others it then differs most where amounts were low, so that may be named with the source.
    """
    frame, value = draw(rows, dice), f"s{dice.integers(6)}"
    wrong, others = (frame["source"] == value).to_numpy(), draw(rows, dice, (0.0, 0.0, 1.0))
    return frame.assign(amount=np.where(wrong, others["amount"], frame["amount"])), [("source", value)]


def dependent_column(rows: int, dice: np.random.Generator) -> Planted:
    """The amounts of one value rise by 1 SD, and so does a column that depends on them, as a tax does."""
    frame, planted = one_slice(rows, dice)
    return frame.assign(points=np.log(frame["amount"]) - 3 + dice.normal(0, 0.7, rows)), planted


def other_names(rows: int, dice: np.random.Generator) -> Planted:
    """All amounts rise by 0.4 SD, and all countries are written in another way: no change of their shares."""
    frame, planted = everywhere(rows, dice)
    return frame.assign(country=frame["country"].str.lower()), planted


def duplicates(rows: int, dice: np.random.Generator) -> Planted:
    """The rows of one plan were loaded three times."""
    frame = draw(rows, dice)
    team = frame[frame["plan"] == "team"]
    return pd.concat([frame, team, team], ignore_index=True), "plan"


CAUSES: dict[str, Callable[[int, np.random.Generator], Planted]] = {
    "one slice": one_slice, "one range": one_range, "two columns": two_columns, "mix": mix_only,
    "unit in one source": unit_of_one_source, "missing in one source": missing_in_one_source,
    "new country": new_country, "join fault": join_fault, "duplicates": duplicates,
    "dependent column": dependent_column, "other names": other_names,
    "everywhere": everywhere, "far": far, "wider": wider,
    "nothing": no_change,
}  # fmt: skip
