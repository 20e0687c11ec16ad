"""Plain text as Discord's Markdown that shows just that text: nothing is marked up by it, nobody is pinged by it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

APART: Final = "\u2060"
"""A word joiner: it has no width, and what it stands in is no mention any longer."""

_ADDRESS: Final = re.compile(r"https?://[^\s<>\[\]()*`|~\\@\"“”']*[^\s<>\[\]()*`|~\\@\"“”'.,:;!?]")
_COMMAND: Final = re.compile(r"`(/[^`\n]{1,200})`")
_MARKS: Final = re.compile(r"[\\*_~|`>#<]|(?<=\])\(")
"""Brackets mark nothing up, unless they are followed by parentheses."""
_ID: Final = re.compile(r"[0-9]{15,20}")
_AT_START: Final = re.compile(r"^(\s*)([-+]|\d{1,9}(?=[.)]))", re.MULTILINE)
_DECEIVING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def escaped(text: str) -> str:
    """The text as Markdown. Addresses stay as they are, to be followed; commands in backticks are code."""
    text = cleaned(text)
    shown: list[str] = []
    at = 0
    for found in re.finditer(f"{_ADDRESS.pattern}|{_COMMAND.pattern}", text):
        shown.append(_plain(text[at : found.start()]))
        inside = found[0]
        shown.append(f"`{apart(inside[1:-1])}`" if inside.startswith("`") else inside)
        at = found.end()
    shown.append(_plain(text[at:]))
    return _AT_START.sub(_escape_start, "".join(shown))


def with_channels(shown: str, channels: Collection[str]) -> str:
    """An escaped text in which the ids of some channels are links, which Discord shows by name."""
    for channel in channels:
        if _ID.fullmatch(channel):
            shown = re.sub(rf"\b{channel}\b", f"<#{channel}>", shown)
    return shown


def cleaned(text: str) -> str:
    """Without control characters and what turns the direction of the text around; at most one empty line in a row."""
    text = text.replace("\r\n", "\n").replace("\t", " ")
    kept = text
    if not text.replace("\n", "").isprintable():
        kept = "".join(ch for ch in text if ch == "\n" or not _hidden(ch))
    return re.sub(r"\n{3,}", "\n\n", kept)


def apart(text: str) -> str:
    """No mention of anybody, nor anything else that Discord reads in angle brackets."""
    return text.replace("@", f"@{APART}").replace("<", f"<{APART}")


def one_line(text: str) -> str:
    """For labels and titles of threads, where no Markdown is read."""
    return " ".join(apart(cleaned(text)).split())


def units(text: str) -> int:
    """How long Discord finds a text: at least as long as any way of counting does."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def shortened(text: str, most: int) -> str:
    """At most so many characters, with an ellipsis where there were more."""
    if units(text) <= most:
        return text
    kept = text[: most - 1]
    while units(kept) > most - 1:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _plain(text: str) -> str:
    return apart(_MARKS.sub(r"\\\g<0>", text))


def _escape_start(found: re.Match[str]) -> str:
    mark = found[2]
    return f"{found[1]}\\{mark}" if mark in "-+" else f"{found[1]}{mark}{APART}"


def _hidden(character: str) -> bool:
    if character in _DECEIVING:
        return True
    return unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") or character in "\u2028\u2029"
