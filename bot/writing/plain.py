"""Plain text out of what a model sends: no Markdown, no markup, no mention, no link, no hidden character.

What can be taken away without changing what is said is taken away; what can't makes the sentence unusable.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final, NamedTuple

from bot.core.messages import CITATION, cited_ids

_HEADING: Final = re.compile(r"#{1,6}\s|[=\-*_~]{3,}$|\|.*\|$|```|~~~")
_LIST_MARK: Final = re.compile(r"(?:>\s*|[-*+•–]\s+|\(?\d{1,2}[.)]\s+)+")
_LINKED: Final = re.compile(r"!?\[([^\]\[]*)\]\([^)]*\)")
_EMPHASIS: Final = re.compile(r"\*+|`+|~~|(?<!\w)_+|_+(?!\w)")
_MARKUP: Final = re.compile(r"</?[A-Za-z!][^<>]*>|&(?:[a-z]{2,8}|#x?[0-9a-f]{1,6});|<[@#:!&]", re.IGNORECASE)
_ADDRESS: Final = re.compile(
    r"\b(?:https?|ftp|mailto|data|javascript|slack|discord):\S|\bwww\.\S|\bdiscord\.gg\b", re.IGNORECASE
)
_MENTION: Final = re.compile(r"(?:^|[^\w.])@\w|<[@#!]")
_MARKS: Final = re.compile(r"⟦|⟧|<\||\|>|\[/?INST\]")
_REFUSAL: Final = re.compile(
    r"^\W*(?:(?:i['’]?m|i am) (?:really |very |so )?sorry|sorry|apologies|unfortunately)?[,.\s]*(?:but\s+)?"
    r"(?:i (?:can['’]?t|cannot|can not|won['’]?t|will not|am not able to|am unable to|must decline|have to decline"
    r"|don['’]t feel comfortable)|i['’]?m (?:not able|unable|not comfortable|going to have to decline)"
    r"|as an? (?:ai|language model|assistant))\b",
    re.IGNORECASE,
)
_PREAMBLE: Final = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely|okay|ok)\b[^:.!?\[]{0,20}[!.,:]\s*)?"
    r"(?:(?:here(?:['’]s| is| are)|below is)\b[^:.!?\[]{0,120}:)?",
    re.IGNORECASE,
)
_AFTER_STOP: Final = re.compile(
    rf"(?P<body>.*?)(?P<stop>[.!?…。！？]+[\"'”’»)]*)(?P<after>(?:\s*{CITATION.pattern}[.!?。]*)+)", re.DOTALL
)
_AT_END: Final = re.compile(rf"\s*{CITATION.pattern}$")
_TAIL: Final = "\"'”’»)]」』）"
_STOPS: Final = ".!?…。！？"


class Cleaned(NamedTuple):
    """A sentence as plain text, or the reason why it can't be made so."""

    text: str
    fault: str = ""


def clean(sentence: str, ids: Collection[str]) -> Cleaned:
    """Make a sentence plain; empty text when it is only a heading, a rule or a list mark.

    Citations are brought into the one form, `[MI-04, MI-07]`, where they are recognisable by the `ids` that exist.
    """
    text = without_hidden(sentence).strip()
    if _HEADING.match(text):
        return Cleaned("")
    text = _LIST_MARK.sub("", text, count=1) if _LIST_MARK.match(text) else text
    if _MARKS.search(text):
        return Cleaned(text, "contains marks of the prompt")
    if _LINKED.search(text) or _ADDRESS.search(text):
        return Cleaned(text, "contains a link")
    if _MENTION.search(text):
        return Cleaned(text, "contains a mention")
    if _MARKUP.search(text):
        return Cleaned(text, "contains markup")
    text = _within_stop(_with_citations(_EMPHASIS.sub("", text), ids))
    return Cleaned(" ".join(text.split()))


def without_hidden(text: str) -> str:
    """The text without control, format (bidi, zero-width, tags), private and surrogate characters; spaces stay."""
    return "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in {"Cc", "Cf", "Co", "Cs"}
    )


def _with_citations(text: str, ids: Collection[str]) -> str:
    if not ids:
        return text
    prefix = re.escape(next(iter(ids)).partition("-")[0])
    one = rf"{prefix}\s?[-‐‑–]\s?\d{{2,4}}"
    group = re.compile(rf"[\[(【]+\s*({one}(?:\s*(?:[,;&]|and)\s*{one})*)\s*[\])】]+", re.IGNORECASE)

    def joined(match: re.Match[str]) -> str:
        found = re.findall(rf"{prefix}|\d{{2,4}}", match[1], re.IGNORECASE)
        pairs = zip(found[::2], found[1::2], strict=False)
        return "[" + ", ".join(f"{name.upper()}-{number}" for name, number in pairs) + "]"

    return group.sub(joined, text)


def _within_stop(text: str) -> str:
    """Citations that follow the stop go before it, as one: `Foo. [MI-04] [MI-05]` becomes `Foo [MI-04, MI-05].`"""
    match = _AFTER_STOP.fullmatch(text)
    if match is None:
        return text
    body, after = match["body"], match["after"]
    while own := _AT_END.search(body):
        body, after = body[: own.start()], own.group() + after
    return f"{body.rstrip()} [{', '.join(cited_ids(after))}]{match['stop']}" if body.strip() else text


def is_refusal(text: str) -> bool:
    """Whether a text declines the task instead of doing it."""
    return bool(_REFUSAL.match(text.strip()[:300]))


def is_preamble(text: str) -> bool:
    """Whether a text only hands over what follows, as "Sure! Here is the steelman:" does."""
    return bool(_PREAMBLE.fullmatch(text.strip()))


def finished(sentence: str) -> bool:
    """Whether a sentence has its stop, before or after its citations and closing marks."""
    return CITATION.sub("", sentence).rstrip().rstrip(_TAIL).endswith(tuple(_STOPS))
