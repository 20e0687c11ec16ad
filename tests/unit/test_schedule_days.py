"""Quiet days and single days in plain words, read and said."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.schedules import QuietDays
from bot.errors import BadInput
from bot.scheduling.days import read_day, read_quiet_days
from bot.scheduling.wording import quiet_in_words
from tests.unit.schedules import at

BERLIN = "Europe/Berlin"
NOW = at(BERLIN, 2026, 12, 9, 23, 30)
"""A Wednesday."""


def quiet(*days: int | date) -> QuietDays:
    weekdays = frozenset(day for day in days if isinstance(day, int))
    return QuietDays(weekdays, frozenset(day for day in days if isinstance(day, date)))


def dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        ("sat", quiet(5), "Saturday"),
        ("sat, sun", quiet(5, 6), "Saturday and Sunday"),
        ("Weekends.", quiet(5, 6), "Saturday and Sunday"),
        ("fri-sun", quiet(4, 5, 6), "Friday, Saturday and Sunday"),
        ("mondays and 25 december", quiet(0, date(2026, 12, 25)), "Monday and 25 December 2026"),
        ("on the 25th of December", quiet(date(2026, 12, 25)), "25 December 2026"),
        ("dec 25, dec. 26 & 2027-01-01", quiet(*dates(date(2026, 12, 25), date(2026, 12, 26)), date(2027, 1, 1)), None),
        ("9 dec", quiet(date(2026, 12, 9)), "9 December 2026"),
        ("8 dec", quiet(date(2027, 12, 8)), "8 December 2027"),
        ("29 february", quiet(date(2028, 2, 29)), "29 February 2028"),
        (
            "24 dec to 2 jan",
            quiet(*dates(date(2026, 12, 24), date(2027, 1, 2))),
            "24 December 2026 to 2 January 2027",
        ),
        ("2026-12-24 - 2026-12-26", quiet(*dates(date(2026, 12, 24), date(2026, 12, 26))), None),
        ("1 december 2026 to 10 december 2026", quiet(date(2026, 12, 9), date(2026, 12, 10)), None),
        ("may 1 2027 sat", quiet(5, date(2027, 5, 1)), "Saturday and 1 May 2027"),
        ("none", quiet(), "none"),
    ],
)
def test_quiet_days_are_read_as_people_type_them(text: str, expected: QuietDays, words: str | None) -> None:
    assert read_quiet_days(text, BERLIN, NOW) == expected
    assert words is None or quiet_in_words(expected) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "can't read these days"),
        ("when we feel like it", "like `sat, sun, 25 december`"),
        ("saturdays in may", "can't read these days"),
        ("25", "can't read these days"),
        ("25.12.2026", "can't read these days"),
        ("31 february", "no such day"),
        ("2026-13-01", "no such day"),
        ("0 may", "no such day"),
        ("25 december 2025", "25 December 2025 is over"),
        ("2026-12-26 to 2026-12-24", "24 December 2026 comes before 26 December 2026"),
        ("1 jan 2027 to 1 feb 2028", "up to 366 quiet dates"),
        ("1 jan 2999", "too far ahead"),
        ("mon-sun", "no day of the week"),
        ("x" * 3000, "can't read these days"),
    ],
)
def test_what_is_no_quiet_day_is_refused_in_one_sentence(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_quiet_days(text, BERLIN, NOW)


@given(
    st.frozensets(st.integers(0, 6), max_size=6),
    st.frozensets(st.dates(date(2026, 12, 9), date(2028, 3, 1)), max_size=30),
)
def test_what_is_said_is_read(weekdays: frozenset[int], days: frozenset[date]) -> None:
    said = QuietDays(weekdays, days)
    assert read_quiet_days(quiet_in_words(said), BERLIN, NOW) == said


PARTS = ("sat", "-", "to", "24", "dec", "2026-12-24", "none")


@given(st.text(max_size=60) | st.lists(st.sampled_from(PARTS)).map(" ".join))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    for read in (read_quiet_days, read_day):
        said = "read"
        try:
            read(text, BERLIN, NOW)
        except BadInput as error:
            said = error.message
        assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow", date(2026, 12, 10)),
        ("thursday", date(2026, 12, 10)),
        ("Wed", date(2026, 12, 16)),
        ("next tue", date(2026, 12, 15)),
        ("1 September", date(2027, 9, 1)),
        ("9 december", date(2027, 12, 9)),
        ("10 december 2026", date(2026, 12, 10)),
        ("2027-03-05", date(2027, 3, 5)),
        ("2027-3-5", date(2027, 3, 5)),
    ],
)
def test_days_to_come_are_read(text: str, expected: date) -> None:
    assert read_day(text, BERLIN, NOW) == expected


def test_today_is_the_zone_s() -> None:
    assert read_day("tomorrow", "Asia/Tokyo", NOW) == date(2026, 12, 11)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "like `1 september`"),
        ("soon", "can't read that day"),
        ("9 december 2026", "9 December 2026 is not to come"),
        ("1 may 2026", "1 May 2026 is not to come"),
        ("1 may and 2 may", "can't read that day"),
        ("30 february", "no such day"),
        ("1 may 2999", "too far ahead"),
    ],
)
def test_what_is_no_day_to_come_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_day(text, BERLIN, NOW)
