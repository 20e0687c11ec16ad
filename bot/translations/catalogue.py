"""A language from its catalogue, with the dates, numbers and lists of Unicode's CLDR, which Babel brings."""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path

from babel.dates import format_date, get_day_names, get_month_names
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal


class Translated:
    """A `bot.core.language.Language`.

    Raises:
        FileNotFoundError: there is no catalogue for that code.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        with Path(__file__).with_name(f"{code}.po").open("rb") as file:
            catalogue = read_po(file, locale=code)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        self._words = gettext.GNUTranslations(compiled)

    def text(self, english: str, context: str | None = None) -> str:
        return self._words.gettext(english) if context is None else self._words.pgettext(context, english)

    def plural(self, one: str, many: str, number: int) -> str:
        return self._words.ngettext(one, many, number)

    def day(self, at: date) -> str:
        return format_date(at, "long", locale=self.code)

    def weekday(self, number: int) -> str:
        return str(get_day_names("wide", "format", self.code)[number])

    def month(self, number: int) -> str:
        return str(get_month_names("wide", "format", self.code)[number])

    def listed(self, items: Sequence[str]) -> str:
        return format_list(items, locale=self.code)

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self.code)
