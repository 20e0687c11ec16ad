"""Which claim to put to the group next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Final

from bot.core.arguments import ArgumentMap
from bot.core.disclosure import Shared

HALF_WAIT: Final = timedelta(days=28)
"""After how long without being asked a claim has half the weight of one that never was."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A claim that may be asked next, with the factors of its score, each in [0, 1]; see `agenda`."""

    claim_id: str
    unsettled: float
    hangs: float
    waited: float
    asked_at: datetime | None = None
    """When it was last put to the group; None for never."""
    open: bool = False
    """Whether it has no figures yet."""

    @property
    def score(self) -> float:
        """In [0, 1], to twelve places, so that two ways of adding up the same give the same order."""
        return round(self.unsettled * sqrt(self.hangs) * self.waited, 12)


def agenda(
    argument_map: ArgumentMap,
    figures: Mapping[str, Shared],
    asked: Mapping[str, datetime],
    now: datetime,
    again_after: timedelta,
    *,
    leave_out: Collection[str] = (),
) -> tuple[Weighed, ...]:
    """The claims of a topic that may be put to the group, the best one first.

        score = unsettled x hangs^1/2 x waited

    - *unsettled*: the share of the group's M members that the claim is open for, ((M - V) + U + 4p(1 - p)(A + D)) / M,
      where V voted, A agree, D disagree, U are unsure and p = A / (A + D). Who has not answered counts as open, and so
      do the unsure; those who took a side count by how evenly they are divided (`bot.core.standing.divisiveness`). All
      of one mind are 0, halves 1, and a claim without figures is 1. What all agree on is no question.
    - *hangs*: how much of the thesis hangs on the claim, 1 - (1 - i)(1 - k). i is `ArgumentMap.influences`, how far the
      thesis's DF-QuAD strength moves when the claim's goes from 0 to 1; k the share of the voters who marked it as a
      crux for them, 0 where fewer than two did. The map's authors may have missed what members see, so either is
      enough. It is weighed by half (the root): influences shrink with every step from the thesis, and would otherwise
      drown the other two.
    - *waited*: d / (d + 28) for d days since the claim was asked, 1 if it never was: half after four weeks, and then
      slower, so that no claim comes just because it is old.

    The product lets any one of them say "not this one". The formula and its weights are this project's own. Equal
    scores go by what hangs on the claim, then by id. A claim asked less than `again_after` ago is not in the result,
    nor is one in `leave_out`; `asked` is of the present version of each claim, so that new words were never asked.

    What the order tells: it is made of published figures (`bot.core.disclosure`), of the map, and of when prompts were
    posted, all of which members can see. Of a claim without figures it does not tell whether two, one or none answered,
    and it moves on only with a snapshot, when three members or more have changed. Who sees the whole order can work out
    figures from it that `/crux standing` prints; that is all.
    """
    found = []
    for argument in argument_map:
        asked_at = asked.get(argument.id)
        if argument.id in leave_out or (asked_at is not None and now - asked_at < again_after):
            continue
        shown = figures.get(argument.id)
        marked = shown.crux_share if shown is not None else 0.0
        found.append(
            Weighed(
                claim_id=argument.id,
                unsettled=shown.unsettled if shown is not None else 1.0,
                hangs=1.0 - (1.0 - argument_map.influences[argument.id]) * (1.0 - marked),
                waited=_waited(asked_at, now),
                asked_at=asked_at,
                open=shown is None,
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.score, -round(each.hangs, 12), each.claim_id)))


def _waited(asked_at: datetime | None, now: datetime) -> float:
    if asked_at is None:
        return 1.0
    waited = now - asked_at
    return waited / (waited + HALF_WAIT)
