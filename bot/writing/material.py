"""What a prompt shows of an assignment: the walk as marked blocks, and how long the reply may be.

The names in these values are what templates may use; `docs/models.md` lists them for operators who write their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.core.arguments import ArgumentMap, RelationKind
from bot.core.assignments import Assignment
from bot.core.digest import Told
from bot.core.walks import Role, Step, Walk
from bot.writing.drafting import Fault

LEAF_WORDS: Final = 60
"""For a view on which the map has nothing but the view: three sentences."""
_MARGIN: Final = 0.9
"""Models overshoot, and what is over the limit is cut off: they are asked for this share of it."""
_WORDS_A_SENTENCE: Final = 26
"""Of models' prose with citations left out; a count of sentences that is too high makes them overshoot."""


@dataclass(frozen=True, slots=True)
class Length:
    """How long a reply may be."""

    words: int
    sentences: int
    leaf: bool
    """Nothing bears on the view: three sentences, and no padding."""


def length_of(walk: Walk, most: int) -> Length:
    """How long to ask a model to write, where `most` words is the limit of a walk of this size."""
    arguing = [step for step in walk.steps if step.role is not Role.CONTEXT]
    if len(arguing) <= 1:
        return Length(min(LEAF_WORDS, most), 3, leaf=True)
    words = int(most * _MARGIN)
    return Length(words, max(3, round(words / _WORDS_A_SENTENCE)), leaf=False)


def topic_values(argument_map: ArgumentMap) -> dict[str, str]:
    return {
        "title": argument_map.title,
        "question": argument_map.question,
        "thesis": argument_map.thesis.claim,
        "contrary": argument_map.thesis.contrary,
    }


def values_of(assignment: Assignment, max_words: int) -> dict[str, object]:
    """All that the templates of a task may use."""
    walk, argument_map = assignment.walk, assignment.map
    return {
        "topic": topic_values(argument_map),
        "view": {
            "argued": argument_map.words_of(walk.view),
            "against": argument_map.words_of(walk.view.opposite),
        },
        "steps": [_step_values(step, walk) for step in walk.steps],
        "asked": assignment.asked,
        "seen": assignment.seen,
        "length": length_of(walk, min(assignment.words, max_words)),
    }


def fault_values(faults: Sequence[Fault]) -> list[dict[str, str]]:
    return [{"sentence": fault.sentence, "reason": fault.reason} for fault in faults]


def _step_values(step: Step, walk: Walk) -> dict[str, object]:
    return {
        "id": step.argument.id,
        "part": part_of(step, walk),
        "claim": step.argument.claim,
        "text": step.argument.text,
        "text_speaks_against": not step.affirmed,
        "certainty": step.argument.certainty.value,
    }


def part_of(step: Step, walk: Walk) -> str:
    """What a step does in the case, in words that name the other steps by id."""
    match step.role:
        case Role.VIEW if step.affirmed:
            return "this is the view to argue; cite it where the view itself is stated"
        case Role.VIEW if _unmet(walk):
            return (
                "this is the claim that the case is against, and nothing below meets it head on: open by reporting it "
                "as its holders put it, and do not say that it is refuted"
            )
        case Role.VIEW if ends := _granting(walk):
            return (
                "this is the claim that the case is against; the reasons below grant it and deny that it decides "
                f"anything about {' and '.join(ends)}: so open with that, and do not deny the claim itself"
            )
        case Role.VIEW:
            return (
                "this is the claim that the case is against; cite it where its denial is stated, "
                "or where the claim is reported as its holders put it"
            )
        case Role.REASON:
            return f"reason: {_bearing(step)}"
        case Role.OBJECTION:
            answered = bool(walk.of_role(Role.ANSWER, about=step.argument.id))
            end = "it is answered below" if answered else "nothing here answers it, so concede it"
            return f"objection by the other side: {_bearing(step)}; {end}"
        case Role.ANSWER:
            return f"answer to the objection {step.about}: {_bearing(step)}"
        case Role.CONTEXT:
            return f"context: {_hanging(step, walk)}; cite it only to say that this is what hangs on the view"


def narration_values(told: Told, most: int) -> dict[str, object]:
    """What the template of a digest's first paragraph is filled with."""
    return {
        "title": told.title,
        "words": min(told.words, most),
        "sections": [
            {"name": section.part.value, "lines": [without_p(line.text) for line in section.lines]}
            for section in told.sections
        ],
    }


_PERCENTS: Final = re.compile(r"\s*\(\d+% to \d+%\)")
_P_VALUE: Final = re.compile(r",? ?\bp [=<≤] \d?\.\d+")


def without_p(line: str) -> str:
    """A line of figures without percentages and p-values, which a paragraph over them is not to repeat."""
    return _P_VALUE.sub("", _PERCENTS.sub("", line))


def _unmet(walk: Walk) -> bool:
    """Whether the reasons only bear on the question of a denied claim, and none meets the claim."""
    reasons = walk.of_role(Role.REASON)
    return bool(reasons) and all(reason.relation is RelationKind.BEARS_ON for reason in reasons)


def _granting(walk: Walk) -> tuple[str, ...]:
    """What a denied claim is said not to decide, where every reason grants the claim; empty where one denies it."""
    direct = [reason for reason in walk.of_role(Role.REASON) if reason.about == walk.view.claim_id]
    if not all(reason.relation is RelationKind.UNDERCUTS for reason in direct):
        return ()
    return tuple(dict.fromkeys(reason.of for reason in direct if reason.of))


def _hanging(step: Step, walk: Walk) -> str:
    if step.relation is RelationKind.BEARS_ON:
        return f"{step.about} bears on it"
    helps = (step.relation is RelationKind.SUPPORTS) is walk.view.affirmed
    return f"the view to argue speaks {'for' if helps else 'against'} it"


def _bearing(step: Step) -> str:
    if step.relation is RelationKind.BEARS_ON:
        return f"bears on the same question as {step.about} and does not refute it; say what it says and no more"
    if step.relation is RelationKind.UNDERCUTS:
        return f"grants {step.about}, and denies that {step.about} decides anything about {step.of}"
    return f"{_verb(step.relation)} {step.about}"


def _verb(relation: RelationKind | None) -> str:
    match relation:
        case RelationKind.SUPPORTS:
            return "supports"
        case RelationKind.REBUTS:
            return "speaks against"
        case RelationKind.UNDERCUTS:
            return "weakens a step towards"
        case _:
            return "bears on"
