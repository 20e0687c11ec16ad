"""A small map in real sentences: should the town library open on Sundays?"""

from __future__ import annotations

from bot.core.arguments import Argument, ArgumentMap, Certainty, Relation, RelationKind, Side, View
from bot.core.assignments import Assignment, Task
from bot.core.walks import case_for

THESIS = Argument(
    "LB-00",
    "The town library should open on Sundays",
    "The town library should stay closed on Sundays",
    "A library belongs to the whole town, and much of the town is busy on weekdays.",
    Side.PRO,
)
FAMILIES = Argument(
    "LB-01",
    "Families have time for the library on Sundays",
    "Families are too busy on Sundays to visit a library",
    "Parents who work from Monday to Friday can bring their children on a free day. "
    "A survey of 240 households in Ashford found that Sunday was the day most often asked for.",
    Side.PRO,
)
QUIET = Argument(
    "LB-02",
    "Students need a quiet place to read before the school week",
    "Students read well enough at home before the school week",
    "Small flats leave little room for a desk, and a reading room is probably the nearest quiet place.",
    Side.PRO,
    Certainty.TENTATIVE,
)
WAGES = Argument(
    "LB-03",
    "Sunday wages make each open hour more expensive",
    "Sunday hours cost about the same as weekday hours",
    "Staff who work on a Sunday are paid time and a half, and heating a large hall for few visitors wastes fuel.",
    Side.CON,
)
VOLUNTEERS = Argument(
    "LB-04",
    "Volunteers can run the lending desk on Sundays",
    "Volunteers are too few and too untrained for the lending desk",
    "Neighbouring towns let trained volunteers lend books while one librarian stays on call.",
    Side.PRO,
)
REST = Argument(
    "LB-05",
    "Librarians deserve a common day of rest",
    "Librarians can rest on another day of the week",
    "A shared free day lets colleagues see their families and each other.",
    Side.CON,
)
MAP = ArgumentMap(
    "library",
    "Sunday opening of the library",
    "Should the town library open on Sundays?",
    THESIS,
    (FAMILIES, QUIET, WAGES, VOLUNTEERS, REST),
    (
        Relation(RelationKind.SUPPORTS, "LB-01", "LB-00"),
        Relation(RelationKind.SUPPORTS, "LB-02", "LB-00"),
        Relation(RelationKind.REBUTS, "LB-03", "LB-00"),
        Relation(RelationKind.REBUTS, "LB-04", "LB-03"),
        Relation(RelationKind.REBUTS, "LB-05", "LB-00"),
    ),
)


def steelman(words: int = 120, claim: str = "LB-00") -> Assignment:
    view = View(claim)
    return Assignment(Task.STEELMAN, MAP, view, case_for(MAP, view), "", words, "workspace", "member")


def counter(words: int = 120, claim: str = "LB-00") -> Assignment:
    view = View(claim)
    return Assignment(Task.COUNTER, MAP, view, case_for(MAP, view.opposite), "", words, "workspace", "member")
