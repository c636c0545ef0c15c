"""Draw many alarms of each kind of change, and compare every sentence with the rows that it was drawn from.

Usage: python -m benchmarks.true_words [--alarms 1000] [--kinds KIND...] [--baseline DAYS...] [--seed N] [--show]

Prints a table, as in docs/false_alarms.md. A direction is wrong if the rows, or the distributions that they came from,
moved the other way. A size is wrong if the same figure, computed from the rows, is another one when rounded. A thousand
alarms of one kind take two minutes of CPU.
"""

import argparse
import re
from collections.abc import Iterable
from itertools import product

from benchmarks.true_words.alarms import draw_alarms
from benchmarks.true_words.checks import Finding, check
from benchmarks.true_words.worlds import CHANGES, DAYS

HEAD = "| kind of change | earlier days | alarms | sentences | directed | sized | wrong directions | wrong sizes |"


def find(kind: str, alarms: int, seed: int, days: int = DAYS) -> list[Finding]:
    """Return what is wrong with each sentence of so many alarms of a kind."""
    drawn = draw_alarms(kind, alarms, seed, days)
    return [check(alarm, cause) for alarm in drawn for cause in alarm.judgement.causes]


def say_row(kind: str, days: int, alarms: int, findings: Iterable[Finding]) -> str:
    """Return a row of the table."""
    found = list(findings)
    counts = [
        days, alarms, len(found), sum(each.directed for each in found), sum(each.sized for each in found),
        sum(bool(each.wrong_direction) for each in found), sum(bool(each.wrong_size) for each in found),
    ]  # fmt: skip
    return f"| {kind} | {' | '.join(f'{count:,}' for count in counts)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--alarms", type=int, default=1000)
    parser.add_argument("--kinds", nargs="+", choices=CHANGES, default=list(CHANGES), metavar="KIND")
    parser.add_argument("--baseline", nargs="+", type=int, default=[DAYS], metavar="DAYS", help="earlier days")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print the sentences that are wrong, and some that are not")
    options = parser.parse_args()
    print(f"{HEAD}\n|---|{'---:|' * 7}", flush=True)
    for kind, days in product(options.kinds, options.baseline):
        found = find(kind, options.alarms, options.seed, days)
        print(say_row(kind, days, options.alarms, found), flush=True)
        if options.show:
            show(found)


def show(findings: list[Finding]) -> None:
    """Print the sentences that are wrong, and the first of each other form."""
    for each in findings:
        if each.wrong_direction or each.wrong_size:
            print("WRONG", each)
    forms = {re.sub(r"[\d.,%]+", "#", each.words.partition(": ")[2] or each.words): each.words for each in findings}
    for words in forms.values():
        print("     ", words)


if __name__ == "__main__":
    main()
