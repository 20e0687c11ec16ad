"""What a group holds on a claim, in figures that a group of three to fifty can carry.

The members are all there are: a census, not a sample. So there are no sampling intervals, only counts, and what those
who have not answered could still make of them. Every figure is computed from counts, so that a database can do the
counting. A figure that fewer than `FLOOR` voters would carry is None, and its words are `TOO_FEW`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from bot.core.language import mark, plural, say, spoken
from bot.core.positions import Stance

FLOOR: Final = 3
"""Voters below which nothing of an aggregate is shown."""

PERCENT_FROM: Final = 8
"""Voters from which percentages and bounds are shown: of fewer, one is a seventh or more."""

TOO_FEW: Final = mark("too few to show")

_SIDES: Final = {
    Stance.STRONGLY_DISAGREE: False,
    Stance.DISAGREE: False,
    Stance.AGREE: True,
    Stance.STRONGLY_AGREE: True,
}


def side(stance: Stance | None) -> bool | None:
    """True for both kinds of agreement, False for both kinds of disagreement; None for unsure and for no position."""
    return None if stance is None else _SIDES.get(stance)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many members hold each stance on one claim. All numbers are members.

    `members` (M) is the size of the group that the voters belong to: who joined or answered lately. Every voter counts
    as a member, so a position is counted only while its holder is one.

    The counts are exact and not for show: `in_words` and the figures below apply the floor.

    Raises:
        ValueError: a count is negative, or there are more voters than members.
    """

    claim_id: str
    counts: Mapping[Stance, int] = field(hash=False)
    members: int

    def __post_init__(self) -> None:
        counts = {stance: self.counts.get(stance, 0) for stance in Stance}
        object.__setattr__(self, "counts", MappingProxyType(counts))
        if min(counts.values()) < 0:
            raise ValueError(f"{self.claim_id}: a count is negative")
        if self.voters > self.members:
            raise ValueError(f"{self.claim_id}: {self.voters} voters, but {self.members} members")

    @classmethod
    def of(cls, claim_id: str, stances: Iterable[Stance], members: int) -> Tally:
        """The tally of stances, one for each member who holds one."""
        return cls(claim_id, Counter(stances), members)

    @property
    def voters(self) -> int:
        """V: who holds any stance, unsure among them."""
        return sum(self.counts.values())

    @property
    def agree(self) -> int:
        """A: agree and strongly agree."""
        return self.counts[Stance.AGREE] + self.counts[Stance.STRONGLY_AGREE]

    @property
    def disagree(self) -> int:
        """D: disagree and strongly disagree."""
        return self.counts[Stance.DISAGREE] + self.counts[Stance.STRONGLY_DISAGREE]

    @property
    def unsure(self) -> int:
        return self.counts[Stance.UNSURE]

    @property
    def sided(self) -> int:
        """A + D: who took a side."""
        return self.agree + self.disagree

    @property
    def missing(self) -> int:
        """M - V: who could still answer."""
        return self.members - self.voters

    @property
    def shown(self) -> bool:
        """Whether anything of this tally may be shown: V >= 3."""
        return self.voters >= FLOOR

    @property
    def agreement_bounds(self) -> tuple[float, float]:
        """The shares of all members that agreement could have once everyone has answered: [A / M, (A + M - V) / M].

        The lower bound is met if none of those missing agrees, the upper if all do (worst-case bounds for missing
        answers: Manski, *Partial Identification of Probability Distributions*, 2003). [0, 1] for a group of nobody.

        Not a confidence interval, and no forecast: values within it are not equally likely. It holds for as long as
        those who answered, the unsure included, keep to their answer. To be shown from 8 voters only; see `in_words`.
        """
        if self.members == 0:
            return 0.0, 1.0
        return self.agree / self.members, (self.agree + self.missing) / self.members

    @property
    def majority_locked(self) -> bool:
        """Whether more than half of all members agree, so that no missing answer can undo it: A > M / 2.

        Not a decision, and not final: a member may still change their mind.
        """
        return 2 * self.agree > self.members

    @property
    def opposition_locked(self) -> bool:
        """The same for disagreement: D > M / 2."""
        return 2 * self.disagree > self.members


def in_words(tally: Tally) -> str:
    """A tally as it may be shown: "5 of 9 voted: 4 agree, 1 unsure", without a stop.

    Below 3 voters "too few to show" and nothing else, not even how many voted. From 8 voters also what the others could
    still make of it, in members and in percent of all members; percentages are rounded outwards, so that the truth lies
    within them. The two strengths of a side are one count: a smaller cell says more about its holders.

    Not to be read as the opinion of anyone outside the group. Three voters of one mind do show what each of them holds;
    the floor keeps one and two from being read, not more.
    """
    if not tally.shown:
        return say(TOO_FEW)
    parts = [counts_in_words(tally)]
    if tally.voters >= PERCENT_FROM and tally.missing:
        low, high = tally.agree, tally.agree + tally.missing
        parts.append(
            say(
                "once all have voted, {low} to {high} of {members} agree ({lowest}% to {highest}%)",
                low=spoken().number(low),
                high=spoken().number(high),
                members=spoken().number(tally.members),
                lowest=100 * low // tally.members,
                highest=-(-100 * high // tally.members),
            )
        )
    if tally.voters >= PERCENT_FROM and tally.majority_locked:
        parts.append(say("majority locked"))
    if tally.voters >= PERCENT_FROM and tally.opposition_locked:
        parts.append(say("majority against locked"))
    return "; ".join(parts)


def counts_in_words(tally: Tally) -> str:
    """The counts of a tally as they may be shown, without what follows from them: see `in_words`."""
    if not tally.shown:
        return say(TOO_FEW)
    counts = ", ".join(sides_in_words(tally.agree, tally.disagree, tally.unsure))
    return say(
        "{voters} of {members} voted: {counts}",
        voters=spoken().number(tally.voters),
        members=spoken().number(tally.members),
        counts=counts,
    )


def sides_in_words(agree: int, disagree: int, unsure: int) -> list[str]:
    """As "4 agree", "1 unsure"; nothing of none."""
    return [
        words
        for count, words in (
            (agree, plural("{number} agree", "{number} agree", agree)),
            (disagree, plural("{number} disagree", "{number} disagree", disagree)),
            (unsure, plural("{number} unsure", "{number} unsure", unsure)),
        )
        if count
    ]


def divisiveness(tally: Tally) -> float | None:
    """How evenly a claim splits those who answered, in [0, 1]: 4 p (1 - p) x (share of the voters who took a side).

    With p = A / (A + D), 4 p (1 - p) is the variance of a side taken as -1 or 1: 1 for halves, 0 for one mind. The
    share is (A + D) / V, so the unsure lower the figure and count for neither side. 0 where nobody took a side, None
    below 3 voters. (A Bernoulli variance, scaled to a maximum of 1; weighting it by the share is this project's own.)

    Not polarisation, and no sign of camps: two claims may each split the group in halves along different lines. Strong
    and mild stances count alike. In a group of five one member moves it by a third: it ranks claims, and is not for
    comparing groups.
    """
    if not tally.shown:
        return None
    if tally.sided == 0:
        return 0.0
    return 4 * tally.agree * tally.disagree / (tally.sided * tally.voters)


def common_ground(tallies: Sequence[Tally], *, affirmed: bool = True) -> float | None:
    """How far every camp is on one side of a claim, in (-1, 1): min over camps of (A - D) / (S + 2).

    `tallies` has one tally of the same claim a camp, or the whole group's alone where there are no camps. S counts all
    who answered, the unsure included: somebody who saw the claim and took no side is not common ground. With `affirmed`
    false it is common ground against the claim, (D - A) / (S + 2). None where a camp has fewer than 3 voters on the
    claim: agreement of the other camp alone is not common ground, and a small camp is not to be read.

    (A + 1) / (S + 2) is the Laplace-smoothed probability that a camp's member agrees, as in Polis' group-aware
    consensus, which takes its product over groups (compdemocracy/polis, math/src/polismath/math/conversation.clj; Small
    et al., Polis: Scaling deliberation by mapping high dimensional opinion spaces, *Recerca* 26, 2021). Here it is less
    the same for disagreement, and the minimum over camps: a product shrinks with the number of camps.

    Not a probability nor a share of members: unanimity of three is .6, of eighteen .9. Above zero says that in each
    camp more agree than disagree, no more; members in no camp are not in it.

    Raises:
        ValueError: the tallies are of different claims.
    """
    if len({tally.claim_id for tally in tallies}) > 1:
        raise ValueError("common ground is of one claim at a time")
    if not tallies or not all(tally.shown for tally in tallies):
        return None
    sign = 1 if affirmed else -1
    return min(sign * (tally.agree - tally.disagree) / (tally.voters + 2) for tally in tallies)


def tallies_by_camp(
    claim_id: str, stances: Mapping[str, Stance | None], camps: Mapping[str, int | None]
) -> tuple[Tally, ...]:
    """One tally a camp, in the order of the camps' labels; a camp's members are its M.

    `stances` has each member's stance on the claim, None or absent for who holds none; `camps` each member's camp, None
    or absent for who is in none, whose stance is then not counted.
    """
    members: Counter[int] = Counter()
    held: defaultdict[int, list[Stance]] = defaultdict(list)
    for member, camp in camps.items():
        if camp is None:
            continue
        members[camp] += 1
        stance = stances.get(member)
        if stance is not None:
            held[camp].append(stance)
    return tuple(Tally.of(claim_id, held[camp], members[camp]) for camp in sorted(members))
