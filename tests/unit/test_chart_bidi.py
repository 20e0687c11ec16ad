"""The order of text of both directions. Capitals stand for Hebrew letters; what is expected reads from the left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.bidi import is_rtl, levels, visual

HEBREW = {chr(ord("A") + at): chr(0x05D0 + at) for at in range(26)}
MIRRORED = str.maketrans("()[]", ")(][")


def shown(text: str, *, rtl: bool) -> str:
    """A text as it is shown, brackets of right-to-left runs mirrored as a font would."""
    found = levels("".join(HEBREW.get(ch, ch) for ch in text), rtl=rtl)
    return "".join(
        visual([(level, ch.translate(MIRRORED) if level % 2 else ch) for ch, level in zip(text, found, strict=True)])
    )


@pytest.mark.parametrize(
    ("text", "rtl", "expected"),
    [
        ("abc def", False, "abc def"),
        ("ABC DEF", True, "FED CBA"),
        ("abc ABC DEF def", False, "abc FED CBA def"),
        ("ABC abc def DEF", True, "FED abc def CBA"),
        ("ABC 12 DEF", True, "FED 12 CBA"),
        ("ABC 12", False, "12 CBA"),
        ("ABC.", True, ".CBA"),
        ("ABC.", False, "CBA."),
        ("ABC (abc) DEF", True, "FED (abc) CBA"),
        ("(abc) def", True, "def (abc)"),
        ("abc (ABC) 12", False, "abc (CBA) 12"),
        ("ABC 12,5 DEF", True, "FED 12,5 CBA"),
        ("ABC 10-12!", True, "!10-12 CBA"),
        ("ABC 50% DEF", True, "FED 50% CBA"),
        ("ABC [(a) B]", True, "[B (a)] CBA"),
        ("", True, ""),
    ],
)
def test_order(text: str, rtl: bool, expected: str) -> None:
    assert shown(text, rtl=rtl) == expected


@pytest.mark.parametrize(("text", "rtl"), [("1. abc ב", False), ("1. ב abc", True), ("…", False), ("🎉 ب", True)])
def test_the_first_letter_tells_the_direction(text: str, rtl: bool) -> None:
    assert is_rtl(text) is rtl


@given(st.text(), st.booleans())
def test_no_character_is_lost(text: str, rtl: bool) -> None:
    found = levels(text, rtl=rtl)
    assert len(found) == len(text)
    assert all(0 <= level <= 2 for level in found)
    assert sorted(visual(list(zip(found, text, strict=True)))) == sorted(text)
