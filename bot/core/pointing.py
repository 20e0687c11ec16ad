"""Words that point back to what was said before: "counter it", "why?", "and the other side?", "stand agree".

They are few, and each is a whole message: a sentence that has more in it says something of its own and is read as what
it says. What they point to is looked up elsewhere (`bot.core.recalling`); here nothing but words is looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from bot.core.arguments import View
from bot.core.assignments import Task
from bot.core.commands import (
    Argue,
    ArgueView,
    Close,
    Command,
    Credit,
    Enqueue,
    Map,
    PassOver,
    Post,
    ProposeArgument,
    Stand,
    Standing,
    Withdraw,
)
from bot.core.messages import About
from bot.core.parsing import parse
from bot.core.positions import Stance
from bot.errors import BadInput, UnknownStance

IT: Final = ("it", "that", "this")
"""What stands for a claim in a command, in the place of its id."""


class Asked(StrEnum):
    """What is asked of the last turn as a whole."""

    WHY = "why"
    """The case for what it argued."""
    OTHER_SIDE = "other side"
    """The case against that."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case for or against what "it" means, or against its denial."""

    task: Task
    denied: bool = False
    private: bool = False


OnClaim: TypeAlias = Stand | Withdraw | Standing | Map | Credit | ProposeArgument | Post | Close | Enqueue | PassOver
"""Commands in which "it" may stand for a claim. To change the map, its id must be named."""

Pointed: TypeAlias = Asked | Case | OnClaim

_WHY: Final = ("why", "but why", "why so", "why is that", "why is it so", "how so", "how come")
_OTHER_SIDE: Final = (
    *("the other side", "other side", "argue the other side"),
    *("what about the other side", "how about the other side", "what does the other side say"),
    *("what would the other side say", "show me the other side", "give me the other side"),
)
_FOR: Final = ("what speaks for {}", "what is there for {}", "what is the case for {}", "what's the case for {}")
_AGAINST: Final = (
    *("what speaks against {}", "what is there against {}", "what is the case against {}"),
    *("what's the case against {}", "argue against {}"),
)
_MINE: Final = ("where do i stand", "where do i stand on {}", "what did i say on {}", "what do i hold on {}")
_OURS: Final = ("where do we stand on {}", "where does the group stand on {}")
_MEANT: Final = (*IT, "this one", "that one", "this claim", "that claim")


def _phrases() -> dict[str, Pointed]:
    found: dict[str, Pointed] = dict.fromkeys(_WHY, Asked.WHY)
    found |= dict.fromkeys(_OTHER_SIDE, Asked.OTHER_SIDE)
    for it in _MEANT:
        found |= dict.fromkeys((each.format(it) for each in _FOR), Case(Task.STEELMAN))
        found |= dict.fromkeys((each.format(it) for each in _AGAINST), Case(Task.COUNTER))
        found |= dict.fromkeys((each.format(it) for each in _MINE), Stand("it"))
        found |= dict.fromkeys((each.format(it) for each in _OURS), Standing("it"))
        for task in Task:
            found |= {f"{task} {it}": Case(task), f"{task} not {it}": Case(task, denied=True)}
    return found


_PHRASES: Final = _phrases()
"""All that is said without a slash, but for stances."""

_DENIED: Final = re.compile(r"(?:not|against|denying) (.+)")
_COURTESY: Final = re.compile(r"^(?:and|so|ok|okay|now|please)[ ,]+|[ ,]+please$")
_STANCES: Final = frozenset(Stance)
_STAND: Final = re.compile(r"/?stand\s+(?:(?:it|that|this)\s+)?(.+)", re.IGNORECASE)


def pointed(text: str) -> Pointed | None:
    """What a message asks for that points back; None for one that doesn't. `text` is clean (`bot.core.parsing`)."""
    said = _bare(text)
    found = _PHRASES.get(said) or _PHRASES.get(_COURTESY.sub("", said))
    if found is not None:
        return found
    stand = _STAND.fullmatch(text)
    if stand is not None and (found := _stand(stand[1])) is not None:
        return found
    if not text.startswith("/") or text.startswith("/press"):
        return None
    try:
        command = parse(text)
    except BadInput:
        return None
    if isinstance(command, Argue):
        return _case(command)
    if isinstance(command, OnClaim) and (command.claim or "").lower() in IT:
        return command
    return None


def _bare(text: str) -> str:
    """A text without what makes no difference: capitals, marks at its end, kinds of apostrophes."""
    return text.replace("’", "'").casefold().rstrip(" .!?…")


def _case(command: Argue) -> Case | None:
    said = _bare(command.text)
    denied = _DENIED.fullmatch(said)
    if (denied[1] if denied else said) not in _MEANT:
        return None
    return Case(command.task, denied is not None, command.private)


def _stand(rest: str) -> Stand | Withdraw | None:
    """A stance without a claim, spelled out: "a" and "no" begin sentences."""
    words = rest.replace(",", " ").split()
    if [word.lower() for word in words] == ["withdraw"]:
        return Withdraw("it")
    if not any(" ".join(words[:length]).lower().replace("-", " ") in _STANCES for length in (1, 2)):
        return None
    try:
        command = parse(f"/stand it {rest}")
    except UnknownStance:
        return None
    return command if isinstance(command, Stand) else None


def meaning(what: Pointed, about: About) -> Command:
    """The command that words ask for which point back to something; `about` names a claim."""
    claim_id = about.claim_id or ""
    view = View(claim_id, about.affirmed)
    match what:
        case Asked():
            against = about.countered == (what is Asked.WHY)
            return ArgueView(Task.COUNTER if against else Task.STEELMAN, about.topic, view)
        case Case(task, denied, private):
            return ArgueView(task, about.topic, view.opposite if denied else view, private)
        case Stand():
            return replace(what, claim=claim_id, topic=about.topic)
        case _:
            return replace(what, claim=claim_id)
