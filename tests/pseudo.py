"""A language for tests, in which what was translated can be told from what was not: its words have no Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bot.core.arguments import ArgumentMap
from bot.core.houserules import LANGUAGES
from bot.core.language import English
from bot.core.messages import Listing, Message

_KEPT = re.compile(r"(`[^`]*`|\{[^{}]*\})")
_CODE = re.compile(r"`[^`]*`")
_QUOTED = re.compile(r"“[^”]*”")
_NAMED = re.compile(r"\b[A-Z]{1,4}-\d+\b|\b\d{4}-W\d\d(?:-\d+)?\b|\bUTC\b|\bRRULE:\S+|\bp [<=] |\b[A-Z]\w+/\w+")
_WORD = re.compile(r"[A-Za-z]{2,}")


class Pseudo(English):
    """Its sentences are the English ones with each letter an ξ; fields and `code` stay as they are."""

    code = "xx"

    def text(self, english: str, context: str | None = None) -> str:
        del context
        return "".join(
            part if part.startswith(("`", "{")) else re.sub(r"[A-Za-z]", "ξ", part) for part in _KEPT.split(english)
        )

    def plural(self, one: str, many: str, number: int) -> str:
        return self.text(one if number == 1 else many)

    def day(self, at: date) -> str:
        return f"{at.day}.{at.month}.{at.year}"

    def short_day(self, at: date) -> str:
        return f"{at.day}.{at.month}."

    def weekday(self, number: int) -> str:
        return f"ξ{number}"

    def month(self, number: int) -> str:
        return f"ξ{number}"

    def listed(self, items: Sequence[str]) -> str:
        return " ξ ".join(items)

    def either(self, items: Sequence[str]) -> str:
        return " ξ ".join(items)


def untranslated(message: Message, maps: Iterable[ArgumentMap] = (), others: Iterable[str] = ()) -> list[str]:
    """What a message says in English of its own: not in code, not quoted, not the maps' words nor `others`."""
    theirs = sorted({*_of_maps(maps)}, key=len, reverse=True)
    known = sorted({*others, *LANGUAGES.values()}, key=len, reverse=True)
    return [text for text in _texts(message) if _WORD.search(_bare(text, theirs, known))]


def _bare(text: str, theirs: Sequence[str], known: Sequence[str]) -> str:
    for words in theirs:
        text = text.replace(words, "")
    text = _NAMED.sub("", _QUOTED.sub("", _CODE.sub("", text)))
    for words in known:
        text = text.replace(words, "")
    return text


def _texts(message: Message) -> Iterator[str]:
    if message.title:
        yield message.title
    for block in message.blocks if message.reply_id is None else ():  # what is argued is the map's and its writer's
        yield from block.items if isinstance(block, Listing) else (block.text,)
    yield from (source.origin for source in message.sources)
    yield from message.notes
    yield from (button.label for button in message.buttons)


def _of_maps(maps: Iterable[ArgumentMap]) -> Iterator[str]:
    for found in maps:
        yield from (found.id, found.title, found.question)
        for argument in (found.thesis, *found.arguments):
            yield from (argument.claim, argument.contrary, argument.text)
            yield from re.findall(r"[^.!?]+[.!?]", argument.text)
            for source in argument.sources:
                yield from (part for part in (source.title, source.where) if part)
