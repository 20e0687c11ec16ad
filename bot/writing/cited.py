"""What the arguments that a sentence cites say: the texts that it is compared with.

Only what a reader is shown counts: claim, contrary and text. A map's wordings and denials help to find an argument, and
carry anecdotes and figures that nobody vouches for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.core.arguments import Argument, ArgumentMap
from bot.writing import wording
from bot.writing.sentences import split


class Cited(NamedTuple):
    """An argument that a sentence cites; denied where the case argues its contrary."""

    argument: Argument
    affirmed: bool = True


def scope(cited: Sequence[Cited], argument_map: ArgumentMap) -> str:
    """All that a sentence may take numbers and names from."""
    topic = (argument_map.title, argument_map.thesis.claim, argument_map.thesis.contrary)
    claims = (part for argument, _ in cited for part in (argument.claim, argument.contrary))
    return f"{argument_map.question} {'. '.join((*topic, *claims))}. {' '.join(c.argument.text for c in cited)}"


def own_words(cited: Sequence[Cited]) -> str:
    return " ".join(f"{c.argument.claim if c.affirmed else c.argument.contrary} {c.argument.text}" for c in cited)


def speaking_for(cited: Cited) -> Iterable[str]:
    argument = cited.argument
    if not cited.affirmed:
        return (argument.contrary,)
    return (argument.claim, *sentences_of(argument.text))


def speaking_against(cited: Cited) -> Iterable[str]:
    return (cited.argument.contrary,) if cited.affirmed else (cited.argument.claim,)


@lru_cache(maxsize=4096)
def sentences_of(text: str) -> tuple[str, ...]:
    return tuple(sentence.text for sentence in split(text))


def with_clauses(pieces: Iterable[str]) -> list[str]:
    found = list(pieces)
    return list(dict.fromkeys([*found, *(clause for piece in found for clause in wording.clauses(piece))]))


def standing(argument_map: ArgumentMap) -> list[str]:
    return [piece for a in argument_map for piece in (a.claim, a.contrary, *sentences_of(a.text))]


def familiar(cited: Sequence[Cited], argument_map: ArgumentMap) -> frozenset[str]:
    topic = f"{argument_map.title} {argument_map.question} {argument_map.thesis.claim}"
    parts = [f"{c.argument.claim} {c.argument.text} {' '.join(speaking_for(c))}" for c in cited]
    return wording.content(" ".join((topic, *parts)))


def cited_text(cited: Sequence[Cited]) -> str:
    """The union of what is cited, as a judge reads it."""
    return " ".join(
        f"{c.argument.claim}. {c.argument.text}" if c.affirmed else f"{c.argument.contrary}." for c in cited
    )
