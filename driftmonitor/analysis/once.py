"""Remember what was computed from something that does not change."""

from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


class Once:
    """Something that does not change. What `once` computes from it is computed the first time only.

    Unlike functools.cached_property before Python 3.12, this holds no lock that threads would wait for.
    """

    def once(self, compute: Callable[..., T], *given: Hashable) -> T:
        """Return compute(self, *given), computed once for each function and what it is given."""
        known = vars(self).setdefault("_known", {})
        key = (compute, *given)
        if key not in known:
            known[key] = compute(self, *given)
        found: T = known[key]
        return found
