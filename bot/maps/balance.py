"""Whether a map leans: a map that argues one side better than the other would make the bot a partisan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.core.arguments import Argument, ArgumentMap, RelationKind, Side

EVEN: Final = 0.1
"""How far the thesis's strength may be from one half before the map is said to lean."""
_ATTACKS: Final = (RelationKind.REBUTS, RelationKind.UNDERCUTS)


@dataclass(frozen=True, slots=True)
class Balance:
    """What speaks for which side of a map.

    `depth` is the most steps from an argument to the thesis; an argument is unanswered when nothing attacks it or any
    step from it; strengths are means over a side's arguments; the thesis's own says which way the whole comes out.
    """

    depth: int
    unanswered_pro: int
    unanswered_con: int
    pro_strength: float
    con_strength: float
    thesis_strength: float

    @property
    def lean(self) -> str:
        """The thesis's strength in words."""
        distance = self.thesis_strength - 0.5
        if abs(distance) <= EVEN:
            return "the map is even"
        return f"the map leans {'pro' if distance > 0 else 'con'} by {abs(distance):.2f}"


def balance(argument_map: ArgumentMap) -> Balance:
    """Weigh the sides of a map; the thesis itself counts on neither."""
    pro = [argument for argument in argument_map.arguments if argument.side is Side.PRO]
    con = [argument for argument in argument_map.arguments if argument.side is Side.CON]
    return Balance(
        depth=_depth(argument_map),
        unanswered_pro=sum(not argument_map.relations_to(argument.id, *_ATTACKS) for argument in pro),
        unanswered_con=sum(not argument_map.relations_to(argument.id, *_ATTACKS) for argument in con),
        pro_strength=_mean(argument_map, pro),
        con_strength=_mean(argument_map, con),
        thesis_strength=argument_map.strengths[argument_map.thesis.id],
    )


def _mean(argument_map: ArgumentMap, arguments: list[Argument]) -> float:
    return sum(argument_map.strengths[argument.id] for argument in arguments) / max(1, len(arguments))


def _depth(argument_map: ArgumentMap) -> int:
    """The longest of the shortest ways to the thesis."""
    level, depth, reached = {argument_map.thesis.id}, 0, {argument_map.thesis.id}
    while True:
        level = {r.source for target in level for r in argument_map.relations_to(target)} - reached
        if not level:
            return depth
        reached |= level
        depth += 1
