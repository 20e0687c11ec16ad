"""A small map in real sentences, and assignments on it: for tests of prompts and writers."""

from __future__ import annotations

from bot.core.arguments import Argument, ArgumentMap, Certainty, Relation, RelationKind, Side, View
from bot.core.assignments import Assignment, Task
from bot.core.debate import words_for
from bot.core.walks import case_for


def _argument(
    number: int, side: Side, claim: str, contrary: str, text: str, certainty: Certainty = Certainty.ASSERTED
) -> Argument:
    return Argument(f"FE-{number:02}", claim, contrary, text, side, certainty)


FERRY = ArgumentMap(
    id="ferry",
    title="A bridge in place of the ferry",
    question="Should the town replace the harbour ferry with a bridge?",
    thesis=_argument(
        0,
        Side.PRO,
        "The town should replace the ferry with a bridge",
        "The town should keep the ferry and do without a bridge",
        "A bridge is open at every hour. The ferry stops in storms and after eleven at night.",
    ),
    arguments=(
        _argument(
            1,
            Side.PRO,
            "The ferry strands the east bank whenever a storm comes",
            "The east bank gets by in storms",
            "The ferry is tied up above wind force eight. Ambulances then take the inland road, which adds 40 minutes.",
        ),
        _argument(
            2,
            Side.CON,
            "A bridge costs more than the town can borrow",
            "The town can afford a bridge",
            "The lowest estimate is 90 million. The town's credit line ends at 60 million.",
            Certainty.TENTATIVE,
        ),
        _argument(
            3,
            Side.PRO,
            "A toll would carry the part of the cost that the town can't borrow",
            "A toll would leave the gap in the budget open",
            "Commuters pay for the ferry today. A toll at the price of the fare might bring in 2 million a year.",
            Certainty.SPECULATIVE,
        ),
        _argument(
            4,
            Side.CON,
            "Storms are too rare to build for",
            "Storms come often enough to build for",
            "The ferry was tied up on nine days last year. Most of those days were Sundays.",
        ),
        _argument(
            5,
            Side.PRO,
            "A rescue boat crossed in only three of the nine storms",
            "The rescue boat crossed in nearly all storms",
            "The rescue boat needs a crew of four. The crew lives on the west bank.",
        ),
    ),
    relations=(
        Relation(RelationKind.SUPPORTS, "FE-01", "FE-00"),
        Relation(RelationKind.REBUTS, "FE-02", "FE-00"),
        Relation(RelationKind.REBUTS, "FE-03", "FE-02"),
        Relation(RelationKind.UNDERCUTS, "FE-04", "FE-01", "FE-00"),
        Relation(RelationKind.SUPPORTS, "FE-05", "FE-01"),
    ),
)


def assignment(
    task: Task = Task.STEELMAN,
    claim_id: str = "FE-00",
    *,
    affirmed: bool = True,
    asked: str = "the ferry has to go",
    seen: int = 0,
    argument_map: ArgumentMap = FERRY,
) -> Assignment:
    """An assignment about a claim: its steelman, or the counterargument to it."""
    target = View(claim_id, affirmed)
    view = target if task is Task.STEELMAN else target.opposite
    walk = case_for(argument_map, view)
    words = words_for(len(walk.steps), 220)
    return Assignment(task, argument_map, target, walk, asked, words, "harbour", "ann", seen)
