"""The stylesheet's colours: contrast (WCAG 2.2), and states that colour-blind readers can distinguish."""

import re
from itertools import combinations, pairwise

import pytest

from driftmonitor.pipeline.pages.templates import FOLDER

STATES = ("healthy", "drift", "failed", "unsure")
LEVELS = ("drift-1", "drift-2", "drift-3", "drift-4")
CALM = ("differs-1", "differs-2", "differs-3", "differs-4")  # levels that are no warning
# What a linear RGB becomes for eyes without one kind of cone: Machado, Oliveira and Fernandes (2009), severity 1.
SEEN = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def palettes():
    light, rest = (
        (FOLDER / "style.css").read_text(encoding="utf-8").split("@media screen and (prefers-color-scheme: dark)")
    )
    first, second = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", part.split("\n}\n")[0])) for part in (light, rest))
    return {"light": first, "dark": first | second}


PALETTES = palettes()


def linear(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one, other):
    dark, light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(colour, seen):
    r, g, b = (min(1, max(0, sum(k * part for k, part in zip(row, linear(colour), strict=True)))) for row in SEEN[seen])
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.0888,
    )
    x, y, z = (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def difference(one, other, seen):
    return sum((a - b) ** 2 for a, b in zip(lab(one, seen), lab(other, seen), strict=True)) ** 0.5


@pytest.mark.parametrize("scheme", PALETTES)
def test_texts_keep_4_5_to_1_and_what_pictures_need_3_to_1(scheme):
    palette = PALETTES[scheme]
    texts = {(text, ground) for text in (*STATES, "none", "soft", "accent", "ink") for ground in ("panel", "ground")}
    texts |= {(state, f"{state}-tint") for state in STATES}
    fills = {(fill, "panel") for fill in (*(f"{state}-fill" for state in STATES), "none-fill", *LEVELS, *CALM)}

    assert [pair for pair in texts if contrast(palette[pair[0]], palette[pair[1]]) < 4.5] == []
    assert [pair for pair in fills if contrast(palette[pair[0]], palette[pair[1]]) < 3] == []


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("scheme", PALETTES)
def test_states_and_levels_differ_for_every_eye(scheme, seen):
    palette = PALETTES[scheme]

    for one, other in combinations([f"{state}-fill" for state in STATES], 2):
        assert difference(palette[one], palette[other], seen) > 10, (one, other)
    for weaker, stronger in (*pairwise(LEVELS), *pairwise(CALM)):
        assert contrast(palette[weaker], palette[stronger]) > 1.2, (weaker, stronger)
    assert [level for level in CALM if difference(palette[level], palette["drift-fill"], seen) < 20] == []
