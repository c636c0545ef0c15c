"""Labels that come later than the rows: joined to them by a key, and what is wrong with their keys."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from driftmonitor.analysis.values import aligned_words
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line


@dataclass(frozen=True, eq=False)
class LateLabels:
    """The labels that are known by now, by the text of their key.

    `places`: the place of each key's label in `values`. `findings`: what is wrong with the keys, in counts. `absent`:
    why there are none.
    """

    places: pd.Series
    values: pd.Series
    findings: tuple[Finding, ...] = ()
    absent: str = ""
    _joined: list[tuple[pd.Series, pd.Series]] = field(default_factory=list, repr=False)

    def of(self, keys: pd.Series) -> pd.Series:
        """Return the label of each row, None where it is not known or the row has no key; for the same keys once."""
        found = next((labels for known, labels in self._joined if known.equals(keys)), None)
        if found is None:
            found = self._join(keys)
            self._joined[:] = [*self._joined, (keys.copy(), found)][-2:]  # those of both sides
        return found

    def _join(self, keys: pd.Series) -> pd.Series:
        places = self.places.reindex(pd.Index(aligned_words(keys), dtype=object)).to_numpy(dtype=float)
        found = np.full(len(keys), None, dtype=object)
        known = np.isfinite(places)
        found[known] = self.values.to_numpy(dtype=object)[places[known].astype(int)]
        return pd.Series(found)


def take_labels(frame: pd.DataFrame, key: str, label: str) -> LateLabels:
    """Return labels by key, from a frame of both.

    A row without a label is none yet. Of several rows with one key the last one counts if all agree. If they
    contradict each other, none does. A key that is missing is left out.
    """
    keys, words = aligned_words(frame[key]), aligned_words(frame[label])
    has_key, has_label = keys != None, words != None  # noqa: E711  row by row
    rows = np.flatnonzero(has_key & has_label)
    table = pd.DataFrame({"key": keys[rows], "word": words[rows], "place": rows})
    different = table.drop_duplicates(["key", "word"])["key"].value_counts()
    contradicting = different.index[different.to_numpy() > 1]
    kept = table[~table["key"].isin(contradicting)].drop_duplicates("key", keep="last")
    places = pd.Series(kept["place"].to_numpy(), index=pd.Index(kept["key"], dtype=object), dtype=float)
    without, neither = int((~has_key & has_label).sum()), int((~has_key & ~has_label).sum())
    problems = {
        f"{counted(len(contradicting), 'key')} with contradicting labels, left out": len(contradicting),
        f"{counted(without, 'label')} without a key, left out": without,
        f"{counted(neither, 'row')} without a key and a label, left out; check the column names of each file": neither,
    }
    return LateLabels(places, frame[label], say_problems("labels", label, problems))


def say_problems(where: str, column: str, problems: dict[str, int]) -> tuple[Finding, ...]:
    """Return a finding for each problem that occurs."""
    return tuple(
        Finding(kind="labels", column=column, message=f"{one_line(where)}: {said}.")
        for said, count in problems.items()
        if count
    )
