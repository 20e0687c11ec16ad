"""The language of the bot's own words: what it says around arguments, not the arguments themselves.

The code has its sentences in English, each whole, inside a call of `say`, `say_as` or `plural`; translations are looked
up by them, as gettext does it (`languages/*.po`). What the maps, members and language models say stays as it is.

A channel chooses its language, and one that chose none has the operator's. `Debate.answer` speaks it from its start,
in the task that calls it, also for what that task words later; other tasks are not touched. What else words something
for a channel says so: `await languages.speak_in(…)` for the rest of a task, `with speaking(await languages.of(…))`
around a few lines of one that goes on for others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol, TypeAlias

from bot.core.houserules import Rulebook, rules_of
from bot.errors import StorageError

TELL_SECONDS: Final = 0.5

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Language(Protocol):
    """Knows the words of one language for the code's English ones, and how it writes dates, numbers and lists.

    A sentence that it has no words for stays English.
    """

    @property
    def code(self) -> str:
        """As in `LANGUAGES`."""
        ...

    def text(self, english: str, context: str | None = None) -> str:
        """A sentence, its {fields} still open; `context` tells apart what is the same in English alone."""
        ...

    def plural(self, one: str, many: str, number: int) -> str:
        """The one of a sentence's forms that a number takes."""
        ...

    def day(self, at: date) -> str:
        """As "7 January 2026"."""
        ...

    def short_day(self, at: date) -> str:
        """As "7 Jan"."""
        ...

    def weekday(self, number: int) -> str:
        """The name of a day of the week, 0 for Monday."""
        ...

    def month(self, number: int) -> str:
        """The name of a month, 1 for January, as it stands beside a day's number."""
        ...

    def listed(self, items: Sequence[str]) -> str:
        """As "a, b and c"; nothing of none."""
        ...

    def either(self, items: Sequence[str]) -> str:
        """As "a, b or c"; nothing of none."""
        ...

    def number(self, value: int) -> str:
        """With its thousands set apart."""
        ...


class English:
    """The language that the code is written in."""

    code = "en"

    def text(self, english: str, context: str | None = None) -> str:
        return english

    def plural(self, one: str, many: str, number: int) -> str:
        return one if number == 1 else many

    def day(self, at: date) -> str:
        return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"

    def short_day(self, at: date) -> str:
        return f"{at.day} {_MONTHS[at.month - 1][:3]}"

    def weekday(self, number: int) -> str:
        return _WEEKDAYS[number]

    def month(self, number: int) -> str:
        return _MONTHS[number - 1]

    def listed(self, items: Sequence[str]) -> str:
        *most, last = items or ("",)
        return f"{', '.join(most)} and {last}" if most else last

    def either(self, items: Sequence[str]) -> str:
        *most, last = items or ("",)
        return f"{', '.join(most)} or {last}" if most else last

    def number(self, value: int) -> str:
        return f"{value:,}"


_spoken: ContextVar[Language] = ContextVar("language", default=English())  # noqa: B039 - it has no state


# -- saying something -------------------------------------------------------------------------------------------------


def say(english: str, /, **fields: object) -> str:
    """A sentence in the language that is spoken, with its {fields} filled in.

    It must be a literal, by which it is found for translation, or have been through `mark`. What is filled in is not
    read for fields again.
    """
    return _spoken.get().text(english).format(**fields)


def say_as(context: str, english: str, /, **fields: object) -> str:
    """As `say`, where a translation depends on more than the words: an "open" prompt is not an "open" question."""
    return _spoken.get().text(english, context).format(**fields)


def plural(one: str, many: str, number: int, /, **fields: object) -> str:
    """As `say`, for a sentence that depends on a number, which fills its field {number}: "1 member", "3 members"."""
    language = _spoken.get()
    return language.plural(one, many, number).format(number=language.number(number), **fields)


def mark(english: str, /) -> str:
    """Have a constant translated that `say` will get where it is used."""
    return english


def capital(text: str) -> str:
    """Words that begin a sentence, or a button."""
    return text[:1].upper() + text[1:]


def spoken() -> Language:
    """The language that is spoken, for its dates, numbers and lists."""
    return _spoken.get()


# -- choosing the language --------------------------------------------------------------------------------------------


def speak(language: Language) -> None:
    """Speak a language from now on, in the task that calls."""
    _spoken.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak a language for a while. Not around a `yield` of an asynchronous generator, which may end elsewhere."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


Translations: TypeAlias = Callable[[str], Language]
"""Has the language of a code in `LANGUAGES`."""


def english_only(code: str) -> Language:
    """Where no translations are at hand."""
    return English()


@dataclass(frozen=True)
class Languages:
    """Which language is spoken where.

    Args:
        rulebook: what channels have chosen.
        find: has the languages.
        default: the code of the language where a channel has chosen none.
    """

    rulebook: Rulebook
    find: Translations = english_only
    default: str = "en"

    async def of(self, workspace: str, channel: str) -> Language:
        """A channel's language. It may raise StorageError."""
        return self.chosen(rules_of(await self.rulebook.settings(workspace, channel)).language)

    async def speak_in(self, workspace: str, channel: str) -> None:
        """Speak a channel's language from now on, in the task that calls. It may raise StorageError."""
        speak(await self.of(workspace, channel))

    async def speak_if_told(self, workspace: str, channel: str) -> None:
        """As `speak_in`; the default where the database fails, or doesn't tell in time. For what can't wait."""
        try:
            async with asyncio.timeout(TELL_SECONDS):
                language = await self.of(workspace, channel)
        except (StorageError, TimeoutError):
            language = self.chosen(None)
        speak(language)

    def chosen(self, code: str | None) -> Language:
        """The language of a code, or the default for none."""
        return self.find(code or self.default)
