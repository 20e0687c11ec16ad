"""Time zones as people type them."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from bot.core.language import say, spoken
from bot.errors import BadInput

_MEANT: Final = {
    "Europe/Berlin": "cet cest met mest mez mesz",
    "Europe/Athens": "eet eest",
    "Europe/Lisbon": "wet west",
    "Europe/London": "bst gmt",
    "Europe/Moscow": "msk",
    "America/New_York": "est edt et est5edt",
    "America/Chicago": "cst cdt ct cst6cdt",
    "America/Denver": "mst mdt mt mst7mdt",
    "America/Los_Angeles": "pst pdt pt pst8pdt",
    "America/Anchorage": "akst akdt",
    "America/Halifax": "ast adt",
    "America/Sao_Paulo": "brt",
    "Pacific/Honolulu": "hst hdt",
    "Pacific/Auckland": "nzst nzdt",
    "Australia/Sydney": "aest aedt",
    "Australia/Adelaide": "acst acdt",
    "Australia/Perth": "awst",
    "Asia/Kolkata": "ist",
    "Asia/Tokyo": "jst",
    "Asia/Seoul": "kst",
    "Asia/Singapore": "sgt",
    "Africa/Johannesburg": "sast",
    "Africa/Lagos": "wat",
    "Africa/Maputo": "cat",
    "Africa/Nairobi": "eat",
}
"""Abbreviations, by a place that people who type them may mean. Some are IANA names too, kept for old programs."""
_PLACES: Final = {abbreviation: place for place, each in _MEANT.items() for abbreviation in each.split()}

_NOT_PLACES: Final = frozenset({"Factory", "localtime", "posixrules"})


def read_zone(text: str) -> str:
    """The IANA time zone that a text names, in any case, with spaces for underscores.

    Raises:
        BadInput: there is none, which offers the nearest; or it is an abbreviation or an offset.
    """
    typed = "_".join(text.split()).casefold()[:100]
    if typed in _PLACES:
        raise BadInput(
            say(
                "An abbreviation such as {abbreviation} doesn't say where, and so not when the clocks change; name a "
                "place, as in {zone}.",
                abbreviation=typed.upper(),
                zone=_PLACES[typed],
            )
        )
    zones = _zones()
    if typed in zones:
        return zones[typed]
    if typed.startswith(("utc", "gmt", "+", "-")):
        raise BadInput(say("An offset doesn't say when the clocks change; name a place, as in Europe/Berlin, or UTC."))
    near = _nearest(typed)
    raise BadInput(
        say("There is no such time zone; did you mean {zones}?", zones=spoken().either(near))
        if near
        else say("There is no such time zone; name the nearest large city with its continent, as in Europe/Berlin.")
    )


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in sorted(available_timezones() - _NOT_PLACES)}


def _nearest(typed: str) -> list[str]:
    """Up to two zones, by their whole name or their city's."""
    zones = _zones()
    cities: dict[str, str] = {}
    for key, name in zones.items():
        # Of one city's several names, as America/Indianapolis and America/Indiana/Indianapolis, the first will do.
        cities.setdefault(key.rpartition("/")[2], name)
    city = typed.rpartition("/")[2]
    found = [cities[each] for each in get_close_matches(city, cities, n=2, cutoff=0.75)]
    found += [zones[each] for each in get_close_matches(typed, zones, n=2, cutoff=0.7)]
    exact = [cities[city]] if city in cities else []
    return list(dict.fromkeys(exact or found))[:2]
