"""The languages of the bot's own words besides English: a catalogue each, as gettext has them (`*.po`)."""

from __future__ import annotations

from functools import lru_cache

from bot.core.language import English, Language


@lru_cache
def translations(code: str) -> Language:
    """The language of a code in `bot.core.houserules.LANGUAGES`."""
    if code == English.code:
        return English()
    from bot.translations.catalogue import Translated  # noqa: PLC0415 - English needs nothing of it

    return Translated(code)
