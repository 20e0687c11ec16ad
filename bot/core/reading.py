"""How a text is read against a map: what it is about, which way it leans, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Leaning(StrEnum):
    """Which way a text leans on a claim."""

    AFFIRMS = "affirms"
    DENIES = "denies"
    UNCLEAR = "unclear"


class Verdict(StrEnum):
    """How sure the retriever is that the map has something on a text."""

    SURE = "sure"
    UNSURE = "unsure"
    """Between sure and nothing: ask "did you mean ...?"."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One argument that a text may be about; `score` orders candidates."""

    argument_id: str
    score: float
    leaning: Leaning
    margin: float
    """How far the text is nearer to the claim (positive) than to its contrary (negative)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text is about: candidates best first, and how sure that is.

    `by_words` is true where no encoder was at hand, so that words alone were compared and less is found.
    """

    text: str
    verdict: Verdict
    candidates: tuple[Candidate, ...]
    by_words: bool = False

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None
