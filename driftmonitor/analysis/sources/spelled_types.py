"""What text can mean however it is spelled: true or false, times of day, durations, percents, nested values.

`FORMS` are the ways to spell a value. Where two sides spell the same meaning in other ways, what it means is compared.
"""

from driftmonitor.analysis.sources.column_types import ColumnType
from driftmonitor.analysis.sources.rows import one_of, text
from driftmonitor.facts.reading import ReadAs

PAIRS = (("true", "false"), ("yes", "no"), ("t", "f"), ("y", "n"))
NUMBER_PAIRS = (("1", "0"), ("1.0", "0.0"))
CASED = [tuple(map(case, pair)) for pair in PAIRS for case in (str.lower, str.capitalize, str.upper)]
SPELLED_PAIRS = dict.fromkeys([*CASED, *NUMBER_PAIRS])
YES, NO = ([pair[i] for pair in (*PAIRS, *NUMBER_PAIRS)] for i in (0, 1))
SHORT_WORDS = [word for pair in PAIRS[1:] for word in pair]
TRUE_FALSE = ReadAs(type="true/false")


def _flags(yes: str, no: str, other: str) -> str:
    is_yes, is_no = (one_of(words, "lower({v})") for words in (YES, NO))
    return f"CASE WHEN {is_yes} THEN {yes} WHEN {is_no} THEN {no} ELSE {other} END"


BOOLEAN = ColumnType("true or false", "TRY_CAST({v} AS BOOLEAN)", TRUE_FALSE)
BOOLEAN_WORD = ColumnType(
    "text", "CASE lower({v}) WHEN 'true' THEN 'True' WHEN 'false' THEN 'False' ELSE {v} END"
)  # as a column of true and false alone is named
FLAG = ColumnType("true or false", _flags("true", "false", "NULL"), TRUE_FALSE)
FLAG_WORD = ColumnType("text", _flags("'True'", "'False'", "{v}"))  # True as true/false of the other side is written

HALVES = "TRY_STRPTIME({v}, ['%I:%M %p', '%I:%M:%S %p', '%I:%M%p', '%I:%M:%S%p'])"
IS_HALF = "regexp_full_match({v}, '[0-9]{1,2}:[0-9:]+ ?[AaPp][Mm]')"
IS_DAY_TIME = "regexp_full_match({v}, '[0-9]{1,2}:[0-9:.]+')"  # DuckDB would take the time of a date for one, too
IS_CLOCK = f"({IS_DAY_TIME} OR {IS_HALF})"
AS_CLOCK = f"CASE WHEN {IS_HALF} THEN CAST({HALVES} AS TIME) ELSE TRY_CAST({{v}} AS TIME) END"
CLOCK = ColumnType("a time of day", f"CAST({AS_CLOCK} AS VARCHAR)", ReadAs(type="time of day"))
CLOCK_WORD = ColumnType("text", f"CASE WHEN {IS_CLOCK} THEN coalesce({CLOCK.sql}, {{v}}) ELSE {{v}} END")

PERCENT_SHAPE = r"[-+]?([0-9]+[.,]?[0-9]*|[.,][0-9]+)[ \x{a0}\x{202f}]?%"
PERCENT_NUMBER = "TRY_CAST(replace(regexp_extract({v}, '^[-+0-9.,]+'), ',', '.') AS DOUBLE)"
PERCENT = ColumnType(
    "a percentage", f"CASE WHEN ends_with({{v}}, '%') THEN round({PERCENT_NUMBER} / 100, 12) END",
    ReadAs(type="number", written="percent"),
)  # fmt: skip
DAYS_SHAPE = r"-?[0-9]+ days?(,? [-+]?[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?"  # as pandas and Python write them
ISO_SHAPE = r"-?P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9.]+S)?)?"
IS_SPAN = r"regexp_full_match({v}, '-?[0-9]+:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?')"


def _iso_part(unit: str, before: str, seconds: int) -> str:
    return f"coalesce(TRY_CAST(regexp_extract({{v}}, {text(before)} || '([0-9.]+){unit}', 1) AS DOUBLE), 0) * {seconds}"


ISO_PARTS = (("D", "P", 86400), ("H", "T", 3600), ("M", "T(?:[0-9]+H)?", 60), ("S", "T.*?", 1))
ISO_SECONDS = " + ".join(_iso_part(*part) for part in ISO_PARTS)
DAYS_SECONDS = "epoch(TRY_CAST(replace(regexp_replace({v}, 'days?,?', 'days'), '+', '') AS INTERVAL))"
IN_SECONDS = ReadAs(type="number", written="durations in seconds")
DURATION = ColumnType(
    "a duration",
    f"CASE WHEN regexp_full_match({{v}}, {text(ISO_SHAPE)}) THEN if({{v}}[1] = '-', -1, 1) * ({ISO_SECONDS}) "
    f"WHEN regexp_full_match({{v}}, {text(DAYS_SHAPE)}) OR {IS_SPAN} THEN {DAYS_SECONDS} END",
    IN_SECONDS,
)  # fmt: skip
# A list or an object as JSON writes it; Python writes quotes of another kind.
AS_JSON = "CAST(json({v}) AS VARCHAR)"
NESTED = ColumnType(
    "a list or an object",
    f"CASE WHEN json_valid({{v}}) THEN {AS_JSON} WHEN json_valid({(quoted := 'replace({v}, chr(39), chr(34))')}) "
    f"THEN {AS_JSON.replace('{v}', quoted)} ELSE {{v}} END",
    ReadAs(type="text"),
)  # fmt: skip
NUMBER_WORD = ColumnType(
    "text", "CASE WHEN regexp_full_match({v}, '-?[0-9]+[.]0+') THEN split_part({v}, '.', 1) ELSE {v} END"
)
