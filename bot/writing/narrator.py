"""The paragraph at the top of a digest, by a language model, each sentence checked against the figures.

A sentence is shown only if it says nothing that the figures don't: no number, claim, name or count in words that they
lack, and no percentage. What it makes of them otherwise, as which way a number points, is the model's; the figures
stand right below.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, Protocol

from bot.core.digest import Line, Part, Summary, Told
from bot.core.language import spoken
from bot.errors import PromptError, WriterError
from bot.writing import plain, sentences, wording
from bot.writing.drafting import SpentUsage
from bot.writing.material import without_p

log = logging.getLogger(__name__)

MOST: Final = 4
"""Sentences that are kept."""

_WITHOUT_CLAIM: Final = (Part.THESIS, Part.SHIFT, Part.CAMPS, Part.PARTICIPATION)
"""Sections that a sentence which names no claim may be about."""

_QUOTE: Final = re.compile(r"“[^”]*”")
_PERCENT: Final = re.compile(r"%|\bper\s?cent(?:age|ages)?\b", re.IGNORECASE)
_KEY: Final = re.compile(r"\b\d{4}-W\d{2}(?:-\d+)?\b")
_COUNTING: Final = re.compile(
    r"\b(?:one|single|sole|lone|someone|somebody|anyone|anybody|nobody|no one|none|everyone|everybody|unanimous(?:ly)?"
    r"|majority|minority|most|all|both|couple|pair|pairs|trio|twice|thrice|double|doubled|triple|tripled|dozen|dozens"
    r"|half|halved|few|fewer|several|many|only|other|another)\b",
    re.IGNORECASE,
)
"""Words that count without being numbers; those that the figures have are theirs."""


class Drafts(Protocol):
    """The part of `writer.ModelWriter` that a narrator needs."""

    @property
    def model(self) -> str: ...

    @property
    def narration_version(self) -> str: ...

    def narrate(self, told: Told, spent: SpentUsage) -> AsyncIterator[str]: ...


@dataclass(frozen=True)
class CheckedNarrator:
    """A `core.ports.Narrator` over a language model."""

    drafts: Drafts

    async def narrate(self, told: Told) -> Summary | None:
        if spoken().code != "en":
            return None  # the words that count are known in English alone, so no other text can be checked
        try:
            text = "".join([delta async for delta in self.drafts.narrate(told, SpentUsage())])
        except (WriterError, PromptError) as error:
            log.warning("a digest's first paragraph comes from the template: %s", error.message)
            return None
        kept = checked(text, told)
        if not kept:
            log.warning("no sentence of the model's on the digest could be used; the template takes over")
            return None
        return Summary(" ".join(kept), self.drafts.model, self.drafts.narration_version)


def checked(text: str, told: Told) -> list[str]:
    """The sentences of a text that say nothing but what was told, as plain text, four at most."""
    lines = [line for section in told.sections for line in section.lines]
    everything = "\n".join([told.title, *(line.text for line in lines)])
    known = frozenset(wording.ID.findall(everything))
    kept: list[str] = []
    for sentence in sentences.split(text):
        cleaned = plain.clean(sentence.text, known)
        said = re.sub(r"\s*\[([^\]]*)\]", r" (\1)", cleaned.text).strip()
        if not said or cleaned.fault or not plain.finished(said) or plain.is_refusal(said) or plain.is_preamble(said):
            continue
        if _supported(said, told, lines, everything, known):
            kept.append(said)
    return kept[:MOST]


def _supported(said: str, told: Told, lines: Sequence[Line], everything: str, known: frozenset[str]) -> bool:
    ids = frozenset(wording.ID.findall(said))
    if not ids <= known or _PERCENT.search(said) or not _keys(said) <= _keys(everything):
        return False
    about = [line.text for line in lines if line.claim_id in ids or ids & frozenset(wording.ID.findall(line.text))]
    if not ids:
        about = [line.text for section in told.sections if section.part in _WITHOUT_CLAIM for line in section.lines]
    figures = [_figures(text) for text in about]
    own = _beyond(said, told.title, everything)
    amounts: set[Fraction] = set().union(*(wording.numbers(text) for text in figures)) if figures else set()
    counting = {word.lower() for text in figures for word in _COUNTING.findall(text)}
    return (
        wording.numbers(own) <= amounts
        and {word.lower() for word in _COUNTING.findall(own)} <= counting
        and wording.names(wording.plain(said)) <= wording.names(everything) | {"crux"}
    )


def _figures(line: str) -> str:
    """What of a line is figures: without claims' words, ids, keys of digests, percentages and p-values."""
    line = without_p(line)
    for matter in (_QUOTE, _KEY, wording.ID):
        line = matter.sub(" ", line)
    return line


def _beyond(said: str, title: str, everything: str) -> str:
    """What of a sentence is not the words of a claim or the topic: two words in a row from there are theirs."""
    theirs: set[tuple[str, str]] = set()
    for quote in (title, *_QUOTE.findall(everything)):
        found = re.findall(r"\w+", quote.lower())
        theirs |= set(pairwise(found))
    tokens = re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?|[^\W\d]+|\d+", _KEY.sub(" ", wording.ID.sub(" ", said)))
    low = [token.lower() for token in tokens]
    own = [
        token
        for at, token in enumerate(tokens)
        if (low[at], low[at + 1] if at + 1 < len(low) else "") not in theirs
        and (low[at - 1] if at else "", low[at]) not in theirs
    ]
    return " ".join(own)


def _keys(text: str) -> frozenset[str]:
    return frozenset(_KEY.findall(text))
