"""A limit that a number must keep, as people write it: `> 0.9`, `== 0`, `>= 0.2 and < 0.4`."""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

LONGEST = 100  # characters
NUMBER = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
BOUND = re.compile(rf"\s*(>=|<=|==|!=|>|<)\s*({NUMBER})(%?)\s*")
EQUAL = 1e-9  # relative: 0.1 + 0.2 is 0.3
COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
WITH_EQUAL = (">=", "<=", "==")


@dataclass(frozen=True)
class Bound:
    """One comparison with a number."""

    sign: str
    number: float

    def holds(self, value: float) -> bool:
        """Return whether a number is as it must be; numbers that differ by rounding errors are equal."""
        if math.isfinite(value) and math.isclose(value, self.number, rel_tol=EQUAL, abs_tol=0.0):
            return self.sign in WITH_EQUAL
        return COMPARE[self.sign](value, self.number)


@dataclass(frozen=True)
class Limit:
    """All comparisons that must hold."""

    bounds: tuple[Bound, ...]

    def holds(self, value: float) -> bool:
        """Return whether a number, which is not NaN, is as it must be."""
        return all(bound.holds(value) for bound in self.bounds)

    def tried(self, least: float = -math.inf, most: float = math.inf) -> list[bool]:
        """Return whether it holds for numbers from `least` to `most`: at its bounds, between and beyond them."""
        ends = sorted({bound.number for bound in self.bounds})
        between = [low + (high - low) / 2 for low, high in pairwise(ends)]
        beyond = [ends[0] - abs(ends[0]) - 1, ends[-1] + abs(ends[-1]) + 1]
        known = [number for number in (*ends, *between, *beyond) if least <= number <= most]
        return [self.holds(number) for number in (*known, *(end for end in (least, most) if math.isfinite(end)))]


def parse_limit(text: object) -> Limit:
    """Return the limit that a text is; ValueError, which says what is wrong and what to write, if it is none."""
    parts = re.split(r"\band\b", text) if isinstance(text, str) and len(text) <= LONGEST else []
    found = [BOUND.fullmatch(part) for part in parts]
    if not found or None in found:
        raise ValueError('not a limit; write one such as "> 0.9", "== 0" or ">= 0.2 and < 0.4"')
    bounds = [Bound(match[1], float(match[2].replace("_", "")) / (100 if match[3] else 1)) for match in found if match]
    if not all(math.isfinite(bound.number) for bound in bounds):
        raise ValueError('not a limit, since its number is too large; write one such as "> 0.9"')
    return Limit(tuple(bounds))


def read_limit(text: object, least: float = -math.inf, most: float = math.inf) -> Limit:
    """Return a limit that someone gives; ValueError also if no number keeps it, such as `> 500 and < 100`.

    The numbers are from `least` to `most`.
    """
    limit = parse_limit(text)
    if not any(limit.tried()):
        raise ValueError("a limit that no number keeps; change one of its bounds")
    if not any(limit.tried(least, most)):
        numbers = f"from {least:g} to {most:g}" if math.isfinite(most) else f"{least:g} or more"
        raise ValueError(f"a limit that no number keeps, because the number is {numbers}; change its bound")
    return limit
