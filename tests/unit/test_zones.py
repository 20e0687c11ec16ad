from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.scheduling.zones import read_zone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" AMERICA/new york ", "America/New_York"),
        ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
        ("utc", "UTC"),
    ],
)
def test_names_are_read_in_any_case(text: str, expected: str) -> None:
    assert read_zone(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CET", "abbreviation such as CET .* as in Europe/Berlin"),
        ("est", "abbreviation such as EST .* as in America/New_York"),
        ("GMT", "Europe/London"),
        ("UTC+2", "offset"),
        ("+02:00", "offset"),
        ("berlin", r"did you mean Europe/Berlin\?"),
        ("New York", r"did you mean America/New_York\?"),
        ("Europe/Berln", "did you mean Europe/Berlin"),
        ("Europe/Kolkata", r"did you mean Asia/Kolkata\?"),
        ("xyzzy", "nearest large city"),
        ("", "nearest large city"),
        ("../../etc/passwd", "no such time zone"),
        ("localtime", "no such time zone"),
    ],
)
def test_what_is_no_place_is_refused_with_one(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_zone(text)


@given(st.sampled_from(sorted(name for name in available_timezones() if "/" in name)))
def test_every_place_is_known_in_lower_case(name: str) -> None:
    assert ZoneInfo(read_zone(name.lower())).key == name


@given(st.text(max_size=40))
def test_any_text_is_a_zone_or_refused(text: str) -> None:
    try:
        found = read_zone(text)
    except BadInput:
        return
    assert found in available_timezones()
