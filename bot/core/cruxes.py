"""Which claims a group's split may hang on: candidate cruxes, and pairs of members who could settle it between them.

A crux is a claim that, if one saw it otherwise, would change one's mind on the question. Nobody can read that off
votes, so two things are asked: does the claim split the group, and do members say that it is a crux for them? What
meets both is a *candidate*. Whether sides on it go with sides on the thesis is a test apart, and is said only where it
holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import comb
from typing import Final

from bot.core.language import plural, say, spoken
from bot.core.positions import Position, Stance
from bot.core.shifts import LEVEL, p_in_words
from bot.core.standing import FLOOR, TOO_FEW, Tally, divisiveness, side
from bot.core.standing import in_words as tally_in_words

SPLIT: Final = 0.5
"""The divisiveness from which a claim splits the group; 5 to 1 (.56) does, 6 to 1 (.49) does not."""

MARKS: Final = 2
"""Members who must have marked a claim before it is a candidate: one member's crux is not yet the group's."""


# -- the 2 x 2 table and its test -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Table:
    """Members who took a side on both a claim and the thesis, by their sides. Never shown: a cell of one is a person.

    Raises:
        ValueError: a count is negative.
    """

    both: int = 0
    """Agree with the claim and with the thesis."""
    claim_only: int = 0
    thesis_only: int = 0
    neither: int = 0
    """Disagree with the claim and with the thesis."""

    def __post_init__(self) -> None:
        if min(self.both, self.claim_only, self.thesis_only, self.neither) < 0:
            raise ValueError("a count is negative")

    @classmethod
    def of(cls, on_claim: Mapping[str, Stance], on_thesis: Mapping[str, Stance]) -> Table:
        """The table from each member's stance on either; who is unsure of one, or absent from one, is not in it."""
        cells = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
        for member, stance in on_claim.items():
            claim_side, thesis_side = side(stance), side(on_thesis.get(member))
            if claim_side is not None and thesis_side is not None:
                cells[claim_side, thesis_side] += 1
        return cls(*cells.values())

    @property
    def members(self) -> int:
        return self.both + self.claim_only + self.thesis_only + self.neither

    @property
    def testable(self) -> bool:
        """Whether both claim and thesis have members on each side, three or more in all; otherwise p can only be 1."""
        agree_claim, agree_thesis = self.both + self.claim_only, self.both + self.thesis_only
        return self.members >= FLOOR and 0 < agree_claim < self.members and 0 < agree_thesis < self.members

    @property
    def along(self) -> bool:
        """Whether who agrees with the claim leans to the thesis, rather than away from it or neither way."""
        return self.both * self.neither > self.claim_only * self.thesis_only


def fisher_test(table: Table) -> float:
    """The exact two-sided p-value of a 2 x 2 table, if sides on the claim had nothing to do with sides on the thesis.

    Given how many took each side of either, the number on the agreeing side of both is hypergeometric; p adds up the
    probabilities of all tables with those margins that are no likelier than this one (Fisher, *Statistical Methods for
    Research Workers*, from the fifth edition, 1934; two-sided by the usual sum of small probabilities). Computed in
    whole numbers, so ties are exact. Four and four who split alike on both are p = .029; below seven members no table
    reaches .05.

    Not a measure of how strong the association is, and nothing about which causes which: people may hold the claim
    because of the thesis. It takes members as independent of each other, and those who talk are not.
    """
    agree_claim, agree_thesis = table.both + table.claim_only, table.both + table.thesis_only
    rest = table.members - agree_claim
    least, most = max(0, agree_thesis - rest), min(agree_claim, agree_thesis)
    weights = [comb(agree_claim, least) * comb(rest, agree_thesis - least)]  # of both = least, least + 1, ..., most
    for both in range(least, most):
        grown = weights[-1] * (agree_claim - both) * (agree_thesis - both)
        weights.append(grown // ((both + 1) * (rest - agree_thesis + both + 1)))
    observed = weights[table.both - least]
    return sum(weight for weight in weights if weight <= observed) / comb(table.members, agree_thesis)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P-values corrected for all tests of a family, in the order given: at most as many false alarms as one test has.

    With m tests and p(1) <= ... <= p(m), the i-th becomes the largest of min(1, (m - j + 1) p(j)) over j <= i. The
    chance of any false alarm among those <= .05 is then at most .05, however the tests depend on each other (Holm, A
    simple sequentially rejective multiple test procedure, *Scandinavian Journal of Statistics* 6, 1979).

    A corrected value is not the chance that its own claim is a false alarm.
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for done, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - done) * p_values[index]))
        corrected[index] = largest
    return tuple(corrected)


# -- candidate cruxes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is counted of one claim: its tally, how many of its voters marked it, and its table with the thesis.

    Raises:
        ValueError: there are more marks than voters, or more members in the table than took a side.
    """

    tally: Tally
    marks: int
    table: Table

    def __post_init__(self) -> None:
        if not 0 <= self.marks <= self.tally.voters:
            raise ValueError(f"{self.tally.claim_id}: {self.marks} marks of {self.tally.voters} voters")
        if self.table.members > self.tally.sided:
            raise ValueError(f"{self.tally.claim_id}: more members in the table than took a side")

    @property
    def splits(self) -> bool:
        """Whether the claim splits the group: three voters or more, and a divisiveness of .5 or more."""
        found = divisiveness(self.tally)
        return found is not None and found >= SPLIT


@dataclass(frozen=True, slots=True)
class Crux:
    """A candidate crux. `p` is corrected for `tested` claims; None where the table could not be tested."""

    evidence: Evidence
    p: float | None
    tested: int

    @property
    def claim_id(self) -> str:
        return self.evidence.tally.claim_id

    @property
    def goes_with_thesis(self) -> bool:
        """Whether sides on the claim go with sides on the thesis, either way round: the corrected p <= .05."""
        return self.p is not None and self.p <= LEVEL


def gather(positions: Iterable[Position], thesis_id: str, members: int | Mapping[str, int]) -> tuple[Evidence, ...]:
    """The evidence on each claim of a topic but the thesis, by claim id.

    `positions` are at most one a member and claim; `members` is the size of the group, by claim id where the snapshots
    are of different times.

    Raises:
        ValueError: a member has two positions on a claim, or there are more voters than members.
    """
    by_claim = _by_claim(positions)
    stances = {
        claim_id: {member: position.stance for member, position in held.items() if position.stance is not None}
        for claim_id, held in by_claim.items()
    }
    on_thesis = stances.get(thesis_id, {})
    return tuple(
        Evidence(
            Tally.of(claim_id, stances[claim_id].values(), members if isinstance(members, int) else members[claim_id]),
            sum(position.crux for position in by_claim[claim_id].values()),
            Table.of(stances[claim_id], on_thesis),
        )
        for claim_id in sorted(by_claim)
        if claim_id != thesis_id
    )


def candidate_cruxes(evidence: Iterable[Evidence]) -> tuple[Crux, ...]:
    """The claims that split the group (divisiveness >= .5, three voters) and that two members or more marked as a crux.

    Tested for going with the thesis are all claims that split the group and whose table is testable, marked or not, and
    Holm's correction is over all of them. Neither condition looks at how the sides on claim and thesis fall together,
    so choosing by them spoils no p-value; choosing by marks could, since who sees the two together may mark the claim.

    First come those that go with the thesis, then the most marked, the most divisive, and by claim id.

    A candidate is not a crux: it is where to ask. That it goes with the thesis does not say that settling it would
    settle the thesis. That it does not is no finding: most groups are too small for any table to reach .05.
    """
    splitting = sorted((found for found in evidence if found.splits), key=lambda found: found.tally.claim_id)
    family = [found for found in splitting if found.table.testable]
    corrected = holm([fisher_test(found.table) for found in family])
    p_of = {found.tally.claim_id: p for found, p in zip(family, corrected, strict=True)}
    cruxes = [Crux(found, p_of.get(found.tally.claim_id), len(family)) for found in splitting if found.marks >= MARKS]
    return tuple(sorted(cruxes, key=_rank))


def _rank(crux: Crux) -> tuple[bool, int, float, str]:
    split = divisiveness(crux.evidence.tally) or 0.0
    return not crux.goes_with_thesis, -crux.evidence.marks, -split, crux.claim_id


def in_words(crux: Crux) -> str:
    """A candidate as it may be shown, without a stop.

    "candidate crux, marked by 3; 8 of 8 voted: 4 agree, 4 disagree; goes with the thesis (p = .029, 1 claim tested)",
    or "goes against the thesis" where who agrees with the claim tends to disagree with the thesis. Nothing of the table
    is shown but that: with public positions on the thesis, its cells would tell hidden ones on the claim.
    """
    if not crux.evidence.tally.shown:
        return say(TOO_FEW)
    parts = [say("marked by {marks}", marks=spoken().number(crux.evidence.marks)), tally_in_words(crux.evidence.tally)]
    if crux.p is not None and crux.goes_with_thesis:
        parts.append(
            plural(
                "goes with the thesis ({p}, {number} claim tested)",
                "goes with the thesis ({p}, {number} claims tested)",
                crux.tested,
                p=p_in_words(crux.p),
            )
            if crux.evidence.table.along
            else plural(
                "goes against the thesis ({p}, {number} claim tested)",
                "goes against the thesis ({p}, {number} claims tested)",
                crux.tested,
                p=p_in_words(crux.p),
            )
        )
    return "; ".join(parts)


# -- double cruxes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DoubleCrux:
    """Pairs of members who differ in side on a claim and both marked it as a crux.

    `agreeing` and `disagreeing` are the members of such pairs who chose to be public, sorted, and only where the other
    side has a public one too; `pairs` counts all pairs, named or not.
    """

    claim_id: str
    pairs: int
    agreeing: tuple[str, ...] = ()
    disagreeing: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """The pairs of whom both are public: who agrees, then who disagrees."""
        return tuple(product(self.agreeing, self.disagreeing))

    @property
    def unnamed(self) -> int:
        """How many pairs have a member whose name is hidden."""
        return self.pairs - len(self.agreeing) * len(self.disagreeing)


def double_cruxes(positions: Iterable[Position]) -> tuple[DoubleCrux, ...]:
    """Where two members differ in side on a claim and both marked it as a crux, by claim id.

    The *double crux* is a technique of conversation, from the Center for Applied Rationality: two who disagree look for
    a claim on which both would change their mind. The thesis is a claim like any other here. `positions` are the
    current ones, at most one a member and claim. A pair is named only if both positions are public; otherwise it is
    counted. Claims with fewer than three voters are left out, named pairs too.

    Not a finding about the group: two people may talk to a purpose here. The number of pairs grows with the product of
    the two sides, so it is no measure of how many members are concerned.

    Raises:
        ValueError: a member has two positions on a claim.
    """
    found = (_double_crux(claim_id, held.values()) for claim_id, held in sorted(_by_claim(positions).items()))
    return tuple(double for double in found if double is not None)


def _double_crux(claim_id: str, held: Iterable[Position]) -> DoubleCrux | None:
    positions = tuple(held)
    if len(positions) < FLOOR:
        return None
    marked = [position for position in positions if position.crux]
    agreeing = [position for position in marked if side(position.stance) is True]
    disagreeing = [position for position in marked if side(position.stance) is False]
    pairs = len(agreeing) * len(disagreeing)
    if not pairs:
        return None
    names = [tuple(sorted(p.member for p in group if p.public)) for group in (agreeing, disagreeing)]
    return DoubleCrux(claim_id, pairs, *names) if all(names) else DoubleCrux(claim_id, pairs)


def _by_claim(positions: Iterable[Position]) -> dict[str, dict[str, Position]]:
    by_claim: defaultdict[str, dict[str, Position]] = defaultdict(dict)
    for position in positions:
        if position.withdrawn:
            continue
        held = by_claim[position.claim_id]
        if position.member in held:
            raise ValueError(f"{position.claim_id}: two positions of one member; pass the current one")
        held[position.member] = position
    return dict(by_claim)
