"""What changed on a claim between two snapshots, member by member, and whether chance alone would do as much.

A difference of two tallies can hide that half of the group moved one way and half the other; so moves are counted a
member at a time. How many moved is a fact about the group; the sign test asks only whether the moves lean one way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.core.positions import Stance
from bot.core.standing import FLOOR

LEVEL: Final = 0.05
"""The largest p-value that is called distinguishable from chance."""

_ORDER: Final = {
    Stance.STRONGLY_DISAGREE: 0,
    Stance.DISAGREE: 1,
    Stance.AGREE: 2,
    Stance.STRONGLY_AGREE: 3,
}


class Move(StrEnum):
    """What became of one member's stance on one claim."""

    TOWARDS_AGREEMENT = "towards agreement"
    TOWARDS_DISAGREEMENT = "towards disagreement"
    UNCHANGED = "unchanged"
    TO_UNSURE = "to unsure"
    FROM_UNSURE = "from unsure"
    JOINED = "joined"
    """Held no position before."""
    LEFT = "left"
    """Holds no position now: withdrawn, or no longer a member."""


def move(before: Stance | None, after: Stance | None) -> Move | None:
    """How a member moved from one stance to another; None if they hold a position in neither snapshot.

    From agree to strongly agree is a move towards agreement, as is from strongly disagree to disagree: the side need
    not change. Unsure has no place in the order, so a move to it or from it leans neither way.
    """
    if before is None and after is None:
        return None
    if before is None:
        return Move.JOINED
    if after is None:
        return Move.LEFT
    if before is after:
        return Move.UNCHANGED
    if after is Stance.UNSURE:
        return Move.TO_UNSURE
    if before is Stance.UNSURE:
        return Move.FROM_UNSURE
    return Move.TOWARDS_AGREEMENT if _ORDER[after] > _ORDER[before] else Move.TOWARDS_DISAGREEMENT


@dataclass(frozen=True, slots=True)
class Shift:
    """How many members made each move on one claim. The counts are exact and not for show: a count of
    one is one person, and `core.disclosure.Lean` has what may be told.

    Raises:
        ValueError: a count is negative.
    """

    claim_id: str
    counts: Mapping[Move, int] = field(hash=False)

    def __post_init__(self) -> None:
        counts = {kind: self.counts.get(kind, 0) for kind in Move}
        object.__setattr__(self, "counts", MappingProxyType(counts))
        if min(counts.values()) < 0:
            raise ValueError(f"{self.claim_id}: a count is negative")

    @classmethod
    def between(cls, claim_id: str, before: Mapping[str, Stance | None], after: Mapping[str, Stance | None]) -> Shift:
        """The moves from one snapshot to another; each maps a member to a stance, or to None if they hold none."""
        moves = (move(before.get(member), after.get(member)) for member in before.keys() | after.keys())
        return cls(claim_id, Counter(kind for kind in moves if kind is not None))

    @property
    def towards_agreement(self) -> int:
        return self.counts[Move.TOWARDS_AGREEMENT]

    @property
    def towards_disagreement(self) -> int:
        return self.counts[Move.TOWARDS_DISAGREEMENT]

    @property
    def voted_before(self) -> int:
        """Who held a position in the first snapshot."""
        return sum(self.counts.values()) - self.counts[Move.JOINED]

    @property
    def voted_after(self) -> int:
        """Who holds a position in the second snapshot."""
        return sum(self.counts.values()) - self.counts[Move.LEFT]

    @property
    def changed(self) -> int:
        """Whose stance is another than before, those who joined or left among them."""
        return sum(self.counts.values()) - self.counts[Move.UNCHANGED]

    @property
    def shown(self) -> bool:
        """Whether anything of this shift may be shown: three voters or more in both snapshots, three or more changed.

        One change among many voters is one member's, and whoever sees both snapshots would know what it was.
        """
        return min(self.voted_before, self.voted_after, self.changed) >= FLOOR

    @property
    def p(self) -> float:
        """The sign test's p-value for the moves towards agreement against those towards disagreement."""
        return sign_test(self.towards_agreement, self.towards_disagreement)

    @property
    def distinguishable(self) -> bool:
        """Whether the moves lean one way by more than chance would: p <= .05. Never for fewer than six moves."""
        return self.p <= LEVEL


def sign_test(ups: int, downs: int) -> float:
    """The exact two-sided p-value of `ups` moves one way and `downs` the other, if each way were as likely.

    p = min(1, 2 P(X <= min(ups, downs))) with X ~ Binomial(ups + downs, 1/2); those who did not move are dropped (Dixon
    and Mood, The statistical sign test, *Journal of the American Statistical Association* 41, 1946). Computed in whole
    numbers. 6 to 0 is p = .03125, 5 to 0 is .0625, and no moves at all are 1.

    A small p is not the chance that the group did not move, and says nothing of why it moved or how far: a step from
    agree to strongly agree counts like one across all four stances. The test takes members to move one by one; a group
    that talks moves together, so p is too small where some followed others. Where it is run on many claims, one in
    twenty may come out below .05 for nothing.

    Raises:
        ValueError: a number is negative.
    """
    if min(ups, downs) < 0:
        raise ValueError("moves can't be negative")
    moves = ups + downs
    term = tail = 1  # the binomial coefficients of moves over 0, 1, ..., and their sum
    for successes in range(min(ups, downs)):
        term = term * (moves - successes) // (successes + 1)
        tail += term
    return min(1.0, 2 * tail / (1 << moves))


def most_against(moves: int) -> int | None:
    """How many of so many moves may go the other way for the sign test to still call the rest distinguishable.

    That many or fewer give p <= .05; None where even none does, for fewer than six moves.

    Raises:
        ValueError: the number is negative.
    """
    against = [downs for downs in range(moves // 2 + 1) if sign_test(moves - downs, downs) <= LEVEL]
    return max(against, default=None)


def p_in_words(p: float, *, at_most: bool = False) -> str:
    """A p-value to three places: "p = .031", "p = .063" (half up), "p < .001"; just above .05 it reads .051.

    What is known to be at most so large is "p ≤ .031".
    """
    if p < 0.001:
        return "p < .001"
    places = Decimal("0.001")
    rounded = Decimal(p).quantize(places, ROUND_HALF_UP)
    if p > LEVEL:  # never print as .050 what is called not distinguishable
        rounded = max(rounded, Decimal(str(LEVEL)) + places)
    return f"p {'≤' if at_most else '='} {str(rounded).removeprefix('0')}"
