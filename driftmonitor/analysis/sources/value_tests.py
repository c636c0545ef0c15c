"""The tests that say what a text can be read as, in SQL.

{v} is the text, {x} the text as a number, and {m} the text of a number with a decimal point.
"""

from driftmonitor.analysis.sources import date_types as dates
from driftmonitor.analysis.sources import spelled_types as spelled
from driftmonitor.analysis.sources.column_types import LOOKALIKES, Marks
from driftmonitor.analysis.sources.rows import MISSING_WORDS, one_of, text

# What a value is at first sight: the first test that holds. Each costs time, and is asked only of what is left.
FRACTION = "{x} <> trunc({x}) OR isinf({x}) OR (abs({x}) > 9e15 AND regexp_matches({m}, '[.eE]'))"
HAS_E = "(contains({v}, 'E') OR contains({v}, 'e'))"
SIGHT = {
    "thirds": "{x} IS NOT NULL AND strpos({v}, '.') > 0 AND strpos({v}, '.') = strlen({v}) - 3",  # 12.345
    "points": f"{{x}} IS NOT NULL AND ({FRACTION})",
    "long": "{x} IS NOT NULL AND length({v}) > 18 AND abs({x}) > 9e15",  # perhaps more digits than a BIGINT has
    "zeros": "{x} IS NOT NULL AND {v} >= '00' AND {v} < '0:'",  # a zero and another digit
    "pluses": "{x} IS NOT NULL AND {v} >= '+' AND {v} < ',' AND strlen({v}) > 8",  # +4915112345678
    "powers": f"{{x}} IS NOT NULL AND {HAS_E} AND NOT contains({{v}}, '.') AND NOT contains({{v}}, '+')",  # 1E2
    "plain": "{x} IS NOT NULL",
    "booleans": one_of(("true", "false", "True", "False", "TRUE", "FALSE")),
    "digits": "{v} >= '+' AND {v} < ':'",  # a digit or a sign comes first, and yet it is no number
    "flag_words": f"strlen({{v}}) <= 3 AND {one_of(spelled.SHORT_WORDS, 'lower({v})')}",
    "lists": "starts_with({v}, '[') OR starts_with({v}, '{')",
    "months": f"right({{v}}, 1) BETWEEN '0' AND '9' AND {one_of(dates.MONTHS, 'lower(left({v}, 3))')}",
    "blanks": one_of(MISSING_WORDS),  # where they are no missing values, as in JSON
    "words": "{v} IS NOT NULL",
}
NUMBERS = ("thirds", "points", "long", "zeros", "pluses", "powers", "plain")

SIGNS = {
    "comma_groups": Marks(".", ","), "comma_decimals": Marks(",", "."), "apostrophes": Marks(".", "'"),
    "apostrophe_decimals": Marks(",", "'"), "spaces": Marks(".", " "), "space_decimals": Marks(",", " "),
}  # fmt: skip


def _written(marks: Marks) -> str:
    """Return SQL for whether a text is a number that is written with these signs, if it needs any."""
    sign = f"[{marks.thousands}{LOOKALIKES.get(marks.thousands, '')}]"
    more = f"({sign}[0-9]{{2,3}})*" if marks.thousands == "," else f"({sign}[0-9]{{3}})*"  # 1,00,000 too
    number = f"[-+]?([0-9]+|[0-9]{{1,3}}{more}{sign}[0-9]{{3}})([{marks.decimal}][0-9]+)?"
    return f"regexp_full_match({{v}}, {text(number)})"


def is_formatted(date_format: str) -> str:
    """Return SQL for whether a text is a date in this format."""
    return f"({dates.formatted(date_format).sql}) IS NOT NULL"


# What is counted in the second pass, by what is open.
QUESTIONS = {
    "digits": {
        "bigint": "TRY_CAST({m} AS BIGINT) IS NOT NULL",
        "ubigint": "TRY_CAST({m} AS UBIGINT) IS NOT NULL",
    },
    "signs": {
        "commas": "contains({v}, ',')",
        **{sort: _written(marks) for sort, marks in SIGNS.items()},
        "point_groups": r"regexp_full_match({v}, '[-+]?[1-9][0-9]{0,2}(\.[0-9]{3})*|0')",
        "spaced_codes": f"regexp_full_match({{v}}, '[0-9]{{3}}([ {LOOKALIKES[' ']}][0-9]{{3}})+')",
        "percents": f"regexp_full_match({{v}}, {text(spelled.PERCENT_SHAPE)})",
    },
    "dates": {
        "dates": "{v} LIKE '____-__-__' AND TRY_CAST({v} AS DATE) IS NOT NULL",
        "times": "{v} LIKE '____-__-__%:%' AND TRY_CAST({v} AS TIMESTAMPTZ) IS NOT NULL",
        "zoned": "{v} LIKE '____-__-__%:%' AND regexp_matches(substr({v}, 12), '[-+A-Za-z]')",  # also EST
        **{written: f"({kind.sql}) IS NOT NULL" for written, kind in dates.DATES.items()},
        "worded": f"({dates.WORDED.sql}) IS NOT NULL",
        "compact": f"({dates.COMPACT.sql}) IS NOT NULL",
    },
    "lists": {
        "spaced_lists": "contains({v}, ', ') OR contains({v}, ': ')",
        "quoted_lists": "contains({v}, chr(39))",
    },
    "words": {
        "flags": one_of((*spelled.YES, *spelled.NO), "lower({v})"),
        **{f"{yes}/{no}": one_of((yes, no)) for yes, no in spelled.SPELLED_PAIRS},
    },
    "clocks": {
        "clocks": f"{spelled.IS_CLOCK} AND ({spelled.AS_CLOCK}) IS NOT NULL",
        "half_clocks": spelled.IS_HALF,
        "long_clocks": f"{spelled.IS_DAY_TIME} AND length({{v}}) - length(replace({{v}}, ':', '')) > 1",
        "short_clocks": f"{spelled.IS_DAY_TIME} AND {{v}} LIKE '_:%'",
        "durations": f"({spelled.DURATION.sql}) IS NOT NULL AND NOT {spelled.IS_SPAN}",
        "spans": f"({spelled.DURATION.sql}) IS NOT NULL",
    },
}
