"""What may be shown of what members hold, to whom: the one check under every output that carries a figure or a name.

Shared figures come from published snapshots, and a snapshot moves on only when three members or more have changed. Live
figures are for a member who holds a position on that very claim, in private. Below three voters nothing is shown.

The words of replies take figures as `Shared`, `Live` and `Moved` alone, which nothing but this module can make.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

import numpy as np

from bot.core import cruxes, shifts, standing
from bot.core.camps import MIN_VOTERS, CampTest, find_camps
from bot.core.cruxes import DoubleCrux
from bot.core.kept import PublishedClaim
from bot.core.language import plural, say
from bot.core.positions import Position, Stance
from bot.core.prompts import Vote
from bot.core.shifts import Shift
from bot.core.standing import FLOOR, Tally

TOO_FEW: Final = standing.TOO_FEW


# -- when a snapshot moves on -----------------------------------------------------------------------------------------


def may_move(published: Mapping[str, Stance], current: Mapping[str, Stance], departed: int = 0) -> bool:
    """Whether a claim's published snapshot may move on to the current positions.

    Both map a member to a stance; who holds none is absent. It may if at least three members differ between the two:
    who joined, left or changed, and `departed`, the members who were in the snapshot and have been forgotten since, so
    that nothing but their number is left. The first snapshot moves on from nothing, so that it takes three voters.

    With fewer, whoever saw both snapshots could tell what one or two members did.

    Raises:
        ValueError: `departed` is negative.
    """
    if departed < 0:
        raise ValueError("a number of members can't be negative")
    members = published.keys() | current.keys()
    return departed + sum(published.get(member) is not current.get(member) for member in members) >= FLOOR


# -- figures that passed ----------------------------------------------------------------------------------------------

MOST_IN_CAMPS: Final = 100
"""Members among whom camps are looked for: the test is for small groups, and its cost grows with their square."""

_PLACE: Final[Mapping[Stance | None, float]] = {
    Stance.STRONGLY_DISAGREE: -2.0,
    Stance.DISAGREE: -1.0,
    Stance.AGREE: 1.0,
    Stance.STRONGLY_AGREE: 2.0,
}
_PASSED: Final = object()


class Disclosed:
    """The figures of one claim that may be shown. Made by this module alone, and only above the floor.

    Raises:
        TypeError: something else tries to make one.
    """

    __slots__ = ("_tally",)

    def __init__(self, passed: object, tally: Tally) -> None:
        if passed is not _PASSED or not tally.shown:
            raise TypeError("figures are shown by way of bot.core.disclosure")
        self._tally = tally

    @property
    def claim_id(self) -> str:
        return self._tally.claim_id

    @property
    def words(self) -> str:
        """As "5 of 9 voted: 4 agree, 1 unsure", and from 8 voters what the others could make of it; without a stop."""
        return standing.in_words(self._tally)

    @property
    def short(self) -> str:
        """The counts alone, for a line among others."""
        return standing.counts_in_words(self._tally)

    @property
    def voters(self) -> int:
        return self._tally.voters

    @property
    def members(self) -> int:
        return self._tally.members


class Live(Disclosed):
    """What a claim's positions add up to now: for a private reply to a member who holds one of them."""

    __slots__ = ()


class Shared(Disclosed):
    """What a claim's positions added up to when its snapshot was taken: for anybody in the workspace.

    `marks` counts the voters who marked it as a crux for them; `version` is the claim's that they voted on.
    """

    __slots__ = ("at", "marks", "version")

    def __init__(self, passed: object, tally: Tally, marks: int, at: datetime, version: int) -> None:
        super().__init__(passed, tally)
        self.marks = marks
        self.at = at
        self.version = version

    def as_of(self, at: datetime) -> Shared:
        """The same figures, which still were the published ones at a later time."""
        return Shared(_PASSED, self._tally, self.marks, at, self.version)

    @property
    def counts(self) -> Mapping[Stance, int]:
        """How many of the voters hold each stance, in the order of `Stance`; a stance that nobody holds is 0.

        For a picture, which shows the two strengths of a side apart. Words show them as one count.
        """
        return self._tally.counts

    @property
    def agree(self) -> int:
        """Agree and strongly agree."""
        return self._tally.agree

    @property
    def disagree(self) -> int:
        """Disagree and strongly disagree."""
        return self._tally.disagree

    @property
    def unsure(self) -> int:
        return self._tally.unsure

    @property
    def divisiveness(self) -> float:
        return standing.divisiveness(self._tally) or 0.0

    @property
    def unsettled(self) -> float:
        """The share of members that the claim is open for, in [0, 1]: see `bot.core.agenda`."""
        divided = self.divisiveness * self._tally.voters  # 4p(1-p) of each who took a side
        return (self._tally.missing + self._tally.unsure + divided) / self._tally.members

    @property
    def crux_share(self) -> float:
        """The share of the voters who marked the claim as a crux, in [0, 1]; 0 below the marks that are shown."""
        return self.marks / self._tally.voters if self.marks >= cruxes.MARKS else 0.0

    def common_ground(self, *, affirmed: bool = True) -> float:
        return standing.common_ground([self._tally], affirmed=affirmed) or 0.0


def live(positions: Iterable[Position], asker: str, members: int) -> Live | None:
    """The live figures of one claim for a member; None unless they hold a position on it, or for fewer than three.

    `positions` are the current ones on that claim. `members` is the size of the group without the voters who have not
    been seen for long; at least the voters are members.

    Raises:
        ValueError: the positions are of several claims.
    """
    held = [position for position in positions if position.stance is not None]
    if len({(position.workspace, position.topic, position.claim_id) for position in held}) > 1:
        raise ValueError("a live view is of one claim")
    if asker not in {position.member for position in held}:
        return None
    stances = [position.stance for position in held if position.stance is not None]
    tally = Tally.of(held[0].claim_id, stances, max(members, len(stances)))
    return Live(_PASSED, tally) if tally.shown else None


def shared(published: Iterable[PublishedClaim]) -> Mapping[str, Shared]:
    """The figures of a topic's snapshots that may be shown, by claim id; those below three voters are left out."""
    return {
        found.claim_id: Shared(_PASSED, found.tally, found.marks, found.at, found.version)
        for found in published
        if found.tally.shown
    }


# -- a vote before, a vote after --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Between:
    """What may be told of a claim between two snapshots of it.

    `before` and `moves` are there together: where either snapshot has fewer than three voters, or fewer than three
    members differ between the two, the first is not shown beside the second, since the difference would tell what one
    or two did. Nothing tells "nobody changed" from "one did".
    """

    after: str | None = None
    """As `Disclosed.short`; None below three voters."""
    before: str | None = None
    moves: str | None = None
    """As `Lean.words`."""


def between(claim_id: str, before: Vote | None, after: Vote | None) -> Between:
    """What may be told of a claim whose snapshot was one thing and is another; None is no snapshot that is shown."""
    now = None if after is None else _passed(claim_id, after)
    if now is None or after is None:
        return Between()
    then = None if before is None else _passed(claim_id, before)
    if then is None or before is None:
        return Between(after=now.short)
    shift = Shift.between(claim_id, before.stances, after.stances)
    if not shift.shown:
        return Between(after=now.short)
    return Between(after=now.short, before=then.short, moves=lean_of(shift).words)


def _passed(claim_id: str, vote: Vote) -> Disclosed | None:
    tally = Tally.of(claim_id, vote.stances.values(), max(vote.members, len(vote.stances)))
    return Disclosed(_PASSED, tally) if tally.shown else None


# -- what moved between two snapshots ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lean:
    """What may be told of the moves of members between two snapshots that both pass the floor.

    - `moves`: how many took another of the four stances, having held one then and now; None below three, so that none,
      one and two look the same. Who joined, left or was unsure is in the two tallies and is not told apart: with the
      tallies beside it, "4 joined" would tell that one left.
    - `towards`: which way they lean, True for agreement, only where the sign test calls that distinguishable from
      chance. How many went the other way is never told, nor the p-value, which would tell it, but its `bound`: the p of
      as many against as that many moves can have (`shifts.most_against`). So of seven moves one against looks like two
      and like three; of nine, none like one. What is told is never true of one against alone, or of one and two.

    That none went against does show where even one would have been too many, from six to eight moves: as in a tally of
    one mind, what all did tells what each did.
    """

    moves: int | None
    towards: bool | None
    bound: float | None

    @property
    def words(self) -> str:
        """As "7 members took another stance, and more of them towards agreement than by chance (sign test, p ≤ .016)".

        Without a stop.
        """
        if self.moves is None:
            return say("fewer than three members took another stance")
        if self.towards is None or self.bound is None:
            return plural(
                "{number} member took another stance; which way they lean is not distinguishable from chance "
                "(sign test)",
                "{number} members took another stance; which way they lean is not distinguishable from chance "
                "(sign test)",
                self.moves,
            )
        bound = shifts.p_in_words(self.bound, at_most=True)
        if self.towards:
            return plural(
                "{number} member took another stance, towards agreement more than by chance (sign test, {bound})",
                "{number} members took another stance, more of them towards agreement than by chance "
                "(sign test, {bound})",
                self.moves,
                bound=bound,
            )
        return plural(
            "{number} member took another stance, towards disagreement more than by chance (sign test, {bound})",
            "{number} members took another stance, more of them towards disagreement than by chance "
            "(sign test, {bound})",
            self.moves,
            bound=bound,
        )


def lean_of(shift: Shift) -> Lean:
    """What of a shift may be told."""
    ups, downs = shift.towards_agreement, shift.towards_disagreement
    moves = ups + downs
    against = shifts.most_against(moves)
    if against is None or min(ups, downs) > against:
        return Lean(moves if moves >= FLOOR else None, None, None)
    return Lean(moves if moves >= FLOOR else None, ups > downs, shifts.sign_test(moves - against, against))


class Moved:
    """What may be told of a claim between two of its snapshots. Made by this module alone.

    Both pass the floor, are of the same words, and differ by three members or more; `before` and `after` are what was
    published then and now. Of the members' moves nothing is told but their `Lean`.

    Raises:
        TypeError: something else tries to make one, or the snapshots are too near for one.
    """

    __slots__ = ("after", "before", "lean")

    def __init__(self, passed: object, before: Shared, after: Shared, shift: Shift) -> None:
        if passed is not _PASSED or not shift.shown:
            raise TypeError("figures are shown by way of bot.core.disclosure")
        self.before = before
        self.after = after
        self.lean = lean_of(shift)

    @property
    def claim_id(self) -> str:
        return self.after.claim_id

    @property
    def words(self) -> str:
        """As "9 of 9 voted: 2 agree, 7 disagree; before, 9 of 9 voted: 8 agree, 1 disagree", without a stop."""
        return say("{now}; before, {before}", now=self.after.short, before=self.before.short)


def moved(
    before: Iterable[PublishedClaim],
    held_before: Iterable[Position],
    after: Iterable[PublishedClaim],
    held_after: Iterable[Position],
) -> Mapping[str, Moved]:
    """What moved between two snapshots of a topic, by claim id; each with the positions that it was made of.

    Left out are claims of other words, those that are in one snapshot alone, those on which fewer than three members
    differ, and those whose positions were read a moment apart from their counts.
    """
    earlier, now = shared(before), shared(after)
    then, since = _stances(held_before), _stances(held_after)
    found = {}
    for claim_id in sorted(earlier.keys() & now.keys()):
        old, new = earlier[claim_id], now[claim_id]
        was, holds = then.get(claim_id, {}), since.get(claim_id, {})
        whole = (len(was), len(holds)) == (old.voters, new.voters)
        if whole and old.version == new.version and may_move(was, holds):
            found[claim_id] = Moved(_PASSED, old, new, Shift.between(claim_id, was, holds))
    return found


def took_part(positions: Iterable[Position], since: datetime | None) -> int | None:
    """How many members took one of the positions that snapshots are made of after a time; None below three.

    Counted in snapshots and not as it happens, so that the number stands still with them. Without a time, all of them.
    """
    members = {position.member for position in positions if since is None or position.at > since}
    return len(members) if len(members) >= FLOOR else None


def _stances(positions: Iterable[Position]) -> Mapping[str, Mapping[str, Stance]]:
    """Each claim's stances by member."""
    found: dict[str, dict[str, Stance]] = {}
    for position in positions:
        if position.stance is not None:
            found.setdefault(position.claim_id, {})[position.member] = position.stance
    return found


# -- cruxes and names -------------------------------------------------------------------------------------------------


def candidate_cruxes(
    published: Sequence[PublishedClaim], positions: Iterable[Position], thesis_id: str
) -> Mapping[str, str]:
    """The candidate cruxes of a topic in words, best first, by claim id.

    `positions` are what the snapshots are made of. A claim on which the two differ, since one was read a moment after
    the other, is left out.
    """
    by_claim: dict[str, list[Position]] = {}
    for position in positions:
        by_claim.setdefault(position.claim_id, []).append(position)
    same = [found for found in published if found.tally.voters == len(by_claim.get(found.claim_id, ()))]
    evidence = cruxes.gather(
        [position for found in same for position in by_claim.get(found.claim_id, ())],
        thesis_id,
        {found.claim_id: found.tally.members for found in same},
    )
    return {crux.claim_id: cruxes.in_words(crux) for crux in cruxes.candidate_cruxes(evidence)}


def double_cruxes(positions: Sequence[Position]) -> tuple[DoubleCrux, ...]:
    """Double cruxes as they may be shown: named only where no hidden position can be worked out from the names.

    A claim's tally less its public positions is the tally of the hidden ones. So names are shown where nobody on the
    claim is hidden, or at least three are.
    """
    hidden: dict[str, int] = {}
    for position in positions:
        hidden[position.claim_id] = hidden.get(position.claim_id, 0) + (not position.public)
    return tuple(
        double if hidden[double.claim_id] == 0 or hidden[double.claim_id] >= FLOOR else _unnamed(double)
        for double in cruxes.double_cruxes(positions)
    )


def _unnamed(double: DoubleCrux) -> DoubleCrux:
    return DoubleCrux(double.claim_id, double.pairs)


@dataclass(frozen=True, slots=True)
class Camps:
    """What may be said of camps: that there are two, how large, and what both lean to; or that none are stable.

    `sizes` is None where the test found none. `ground` is the common ground of the two camps by claim id, for agreement
    and for disagreement; claims on which a camp has fewer than three voters are not in it. Who is in which camp is not
    told.
    """

    p: float
    sizes: tuple[int, int] | None
    ground: Mapping[str, tuple[float, float]]


def camps(positions: Iterable[Position]) -> Camps | None:
    """Test for two camps among the members of a topic's snapshots; None where there are too few answers, or too many.

    Takes up to a second or so of computing; the same positions are tested once.
    """
    by_claim = _stances(positions)
    members = sorted({member for held in by_claim.values() for member in held})
    if not MIN_VOTERS <= len(members) <= MOST_IN_CAMPS:
        return None
    claims = sorted(by_claim)
    found = _camp_test(tuple(tuple(_PLACE.get(by_claim[claim].get(member)) for claim in claims) for member in members))
    if found.p is None:
        return None
    ground = {}
    if found.sizes is not None:
        camp_of = dict(zip(members, found.camps, strict=True))
        for claim_id, held in by_claim.items():
            tallies = standing.tallies_by_camp(claim_id, held, camp_of)
            sides = [standing.common_ground(tallies, affirmed=affirmed) for affirmed in (True, False)]
            if sides[0] is not None and sides[1] is not None:
                ground[claim_id] = (sides[0], sides[1])
    return Camps(found.p, found.sizes, ground)


@lru_cache(maxsize=64)
def _camp_test(rows: tuple[tuple[float | None, ...], ...]) -> CampTest:
    """The test of a table of members x claims; None stands for unanswered, since NaN is not equal to itself."""
    return find_camps(np.array(rows, dtype=np.float64))


def credited(members: Mapping[str, int]) -> Mapping[str, int]:
    """How many members at least credit each argument with a change of mind: in steps of three, so that one never shows.

    Those below three are left out. Most first, then by argument id.
    """
    steps = {argument_id: count // FLOOR * FLOOR for argument_id, count in members.items() if count >= FLOOR}
    return dict(sorted(steps.items(), key=lambda item: (-item[1], item[0])))
