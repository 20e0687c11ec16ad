"""What members hold, and what changed it. A history only grows; the newest position on a claim is the current one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.core.language import mark, say
from bot.errors import UnknownStance


class Stance(StrEnum):
    """Four sides of a claim, and `unsure`, which is no side and is kept apart."""

    STRONGLY_DISAGREE = "strongly disagree"
    DISAGREE = "disagree"
    AGREE = "agree"
    STRONGLY_AGREE = "strongly agree"
    UNSURE = "unsure"

    @property
    def words(self) -> str:
        """As it is said in the language that is spoken; commands take its English value."""
        return say(_WORDS[self])

    @classmethod
    def parse(cls, text: str) -> Stance:
        """The stance that a word or two stand for, as people type them.

        Raises:
            UnknownStance: none of them.
        """
        words = " ".join(text.lower().replace("_", " ").replace("-", " ").split())
        try:
            return _ALIASES[words]
        except KeyError:
            raise UnknownStance(
                say("A stance is one of: `strongly agree`, `agree`, `disagree`, `strongly disagree`, `unsure`.")
            ) from None


_WORDS: Final = {
    Stance.STRONGLY_DISAGREE: mark("strongly disagree"),
    Stance.DISAGREE: mark("disagree"),
    Stance.AGREE: mark("agree"),
    Stance.STRONGLY_AGREE: mark("strongly agree"),
    Stance.UNSURE: mark("unsure"),
}

_ALIASES: dict[str, Stance] = {
    **{stance.value: stance for stance in Stance},
    "sd": Stance.STRONGLY_DISAGREE,
    "d": Stance.DISAGREE,
    "a": Stance.AGREE,
    "sa": Stance.STRONGLY_AGREE,
    "u": Stance.UNSURE,
    "yes": Stance.AGREE,
    "no": Stance.DISAGREE,
    "not sure": Stance.UNSURE,
    "?": Stance.UNSURE,
}


@dataclass(frozen=True, slots=True)
class Position:
    """A member's stance on one version of a claim at a time; a stance of None withdraws what they held before."""

    workspace: str
    topic: str
    claim_id: str
    claim_version: int
    member: str
    stance: Stance | None
    at: datetime
    reason: str | None = None
    crux: bool = False
    public: bool = False

    @property
    def withdrawn(self) -> bool:
        return self.stance is None


@dataclass(frozen=True, slots=True)
class Change:
    """Two successive positions of one member on one claim, of different stances; `before` is None for the first."""

    before: Position | None
    after: Position

    @property
    def of_mind(self) -> bool:
        """Whether one stance took the place of another on the same words of the claim.

        Neither a first position is one, nor a withdrawal or a return, nor an answer to the claim's new words.
        """
        if self.before is None or self.before.claim_version != self.after.claim_version:
            return False
        return self.before.stance is not None and self.after.stance is not None


def changes(history: Iterable[Position]) -> tuple[Change, ...]:
    """The changes in a member's history, oldest first, of whichever claims it is about.

    A position that repeats the stance before it, say to add a reason or a mark, is no change; nor is a withdrawal of
    nothing.
    """
    newest: dict[tuple[str, str], Position] = {}
    found = []
    for position in history:
        key = (position.topic, position.claim_id)
        before = newest.get(key)
        newest[key] = position
        if (before.stance if before is not None else None) is not position.stance:
            found.append(Change(before, position))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Credit:
    """A member says which argument changed their mind on a claim, and why; `undone_at` is when they took it back."""

    workspace: str
    topic: str
    claim_id: str
    member: str
    argument_id: str
    reason: str
    at: datetime
    undone_at: datetime | None = None

    @property
    def standing(self) -> bool:
        return self.undone_at is None


def creditable(
    history: Iterable[Position], credits_given: Iterable[Credit], topic: str, claim_id: str
) -> Change | None:
    """The newest change of mind on a claim that a member may still credit an argument with.

    None when they never changed their mind on it, or credited something with that change and didn't take it back.
    `history` and `credits_given` are the member's own, on any claims.
    """
    of_claim = (p for p in history if (p.topic, p.claim_id) == (topic, claim_id))
    of_mind = [change for change in changes(of_claim) if change.of_mind]
    if not of_mind:
        return None
    newest = of_mind[-1]
    credited = any(
        given.standing and (given.topic, given.claim_id) == (topic, claim_id) and given.at >= newest.after.at
        for given in credits_given
    )
    return None if credited else newest
