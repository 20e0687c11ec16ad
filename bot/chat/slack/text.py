"""Text on its way to Slack and from it: what Slack would take for markup, mentions or links stays text."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_JOINER: Final = "\u2060"
"""A word joiner: takes no room, and keeps a character from opening markup."""
_MARKS: Final = re.compile(r"([*_~`])")
_AT: Final = re.compile(r"@(?=\w)")
_LINE_START: Final = re.compile(r"(?m)^(\s*)(&gt;|>|[-+•]\s|#{1,6}\s|\d{1,3}\.\s)")
_LINK: Final = re.compile(r"\]\(")
_EMOJI: Final = re.compile(r":(?=[\w+-]+:)")


_IS_CHANNEL: Final = re.compile(r"[CG][A-Z0-9]+")
_COMMAND: Final = re.compile(r"`(/[^`\n]{1,200})`")
"""A command that the bot's own words name."""


def escaped(text: str) -> str:
    """A text for `mrkdwn` and for the plain `text` of a message: shown as it is, mentioning nobody.

    `& < >` are escaped, as Slack asks. Marks of bold, italics, strike and code, emoji codes and quotes at a line's
    beginning get a joiner beside them, since mrkdwn knows no backslash. Commands in backticks are shown as code.
    """
    parts = _COMMAND.split(text)
    for n, part in enumerate(parts):
        parts[n] = f"`{_AT.sub(f'@{_JOINER}', _entities(part))}`" if n % 2 else _inert(part)
    return "".join(parts)


def _entities(text: str) -> str:
    return "".join(_ENTITIES.get(character, character) for character in text)


def _inert(text: str) -> str:
    text = _entities(text)
    text = _MARKS.sub(rf"{_JOINER}\1{_JOINER}", text)
    text = _EMOJI.sub(f":{_JOINER}", text)
    text = _LINE_START.sub(rf"\1{_JOINER}\2", text)
    return _AT.sub(f"@{_JOINER}", text)


def with_channels(shown: str, channels: Collection[str]) -> str:
    """An escaped text in which the ids of some channels are links. Slack shows their names to whoever may see them."""
    for channel in channels:
        if _IS_CHANNEL.fullmatch(channel):
            shown = re.sub(rf"\b{channel}\b", f"<#{channel}>", shown)
    return shown


def markdown_escaped(text: str) -> str:
    """A text for `markdown` blocks and streams: the same, and links in brackets stay as they are written."""
    return _LINK.sub(f"]{_JOINER}(", escaped(text))


_MENTION: Final = re.compile(r"<@([A-Z0-9]+)(?:\|([^>]*))?>")
_SPECIAL: Final = re.compile(r"<!(?:subteam\^)?([^>|]+)(?:\|([^>]*))?>")
_CHANNEL: Final = re.compile(r"<#([A-Z0-9]+)(?:\|([^>]*))?>")
_ADDRESS: Final = re.compile(r"<((?:https?|mailto):[^>|]+)(?:\|([^>]*))?>")


def typed(text: str, bot: str | None = None) -> str:
    """What a member typed, out of what Slack made of it: without the mention of the bot, entities undone.

    Other members' mentions become their names where Slack tells them, and are dropped else: who they are is not ours.
    """
    text = _MENTION.sub(lambda m: "" if m[1] == bot else (f"@{m[2]}" if m[2] else ""), text)
    text = _SPECIAL.sub(lambda m: m[2] or m[1], text)
    text = _CHANNEL.sub(lambda m: f"#{m[2]}" if m[2] else "", text)
    text = _ADDRESS.sub(lambda m: m[2] or m[1], text)
    for mark, entity in (("<", "&lt;"), (">", "&gt;"), ("&", "&amp;")):
        text = text.replace(entity, mark)
    return " ".join(text.split())


def mentions(text: str, member: str) -> bool:
    """Whether a message as Slack delivers it mentions a member by id."""
    return any(found[1] == member for found in _MENTION.finditer(text))


_CITED: Final = 120
"""Characters of the longest citation that is kept whole."""
_SENTENCE: Final = re.compile(r"(?<=[.!?…])[\])”\"']*\s+")


def pieces(text: str, most: int) -> list[str]:
    """A text in pieces of at most so many characters, cut between sentences, else words; never inside a citation."""
    found: list[str] = []
    rest = text.strip()
    while len(rest) > most:
        cut = max((m.end() for m in _SENTENCE.finditer(rest, 0, most + 1) if m.end() <= most), default=0)
        if cut == 0:
            cut = max(rest.rfind(" ", 0, most + 1), 0) or most
        opened = rest.rfind("[", 0, cut)
        if opened > 0 and rest.find("]", opened, cut) < 0 and rest.find("]", cut, opened + _CITED) >= 0:
            cut = opened
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest else found
