"""The application commands as a table: what each is called and takes, and the text that it stands for.

The core reads that text, as it reads what is typed anywhere else; so a command means the same on every platform.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from bot.chat.discord.forms import claim_word
from bot.core.help import HELP
from bot.core.houserules import Setting
from bot.core.schedules import ScheduleKind

Values: TypeAlias = Mapping[str, str]


class Offer(StrEnum):
    """What is offered while an option is being typed."""

    NOTHING = "nothing"
    CLAIM = "claim"
    VIEW = "view"
    TOPIC = "topic"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Field:
    """One option of a command. A number is typed as one; choices are the only values that there are."""

    name: str
    says: str
    required: bool = False
    offer: Offer = Offer.NOTHING
    number: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A subcommand of `/crux`, in a group or not."""

    path: tuple[str, ...]
    says: str
    fields: tuple[Field, ...] = ()
    make: Callable[[Values], str] | None = None
    """The text after `/crux`; by default the path and the values, in order."""

    def text(self, given: Values) -> str:
        """The command as text; options that are left out are left out there."""
        values = {
            field.name: claim_word(given[field.name])
            if field.offer is Offer.CLAIM
            else " ".join(given[field.name].split())
            for field in self.fields
            if given.get(field.name, "").strip()
        }
        said = self.make(values) if self.make is not None else " ".join([*self.path, *values.values()])
        return f"/crux {said}"


def _claim(says: str = "Its id, or words of it", *, required: bool = True, name: str = "claim") -> Field:
    return Field(name, says, required, Offer.CLAIM)


def _credit(values: Values) -> str:
    about = f" for {values['claim']}" if "claim" in values else ""
    return f"credit {values.get('argument', '')}{about} because {values.get('reason', '')}"


def _because(name: str, what: str) -> Callable[[Values], str]:
    return lambda values: f"{name} {values.get(what, '')} because {values.get('reason', '')}"


def _set(kind: ScheduleKind) -> Callable[[Values], str]:
    return lambda values: f"schedule {kind} {values.get('when', '')}"


_KINDS: Final = tuple(kind.value for kind in ScheduleKind)
_REASON: Final = Field("reason", "Why", required=True)
_NUMBER: Final = Field("number", "The proposal's number", required=True, number=True)
_WHICH: Final = Field("which", "Prompts or digest", required=True, choices=_KINDS)
_WHEN: Final = Field("when", "As in “weekdays 9:00 in Europe/Berlin quiet 25 december”", required=True)

SUBCOMMANDS: Final[tuple[Entry, ...]] = (
    Entry(
        ("help",),
        "All commands, or one of them",
        (Field("command", "The command to explain", choices=tuple(HELP)),),
    ),
    Entry(("standing",), "Where the group stands, on the topic or on one claim", (_claim(required=False),)),
    Entry(("map",), "The claims of the topic as a tree, or one claim with what bears on it", (_claim(required=False),)),
    Entry(
        ("topic",),
        "List the topics, choose one for this channel, or propose one",
        (Field("topic", "A topic, or “new QUESTION? Thesis: … Contrary: …”", offer=Offer.TOPIC),),
    ),
    Entry(
        ("digest",),
        "What moved since the last digest; organisers post a new one",
        (Field("which", "preview, list, or a week like 2026-W47", offer=Offer.DIGEST),),
    ),
    Entry(
        ("credit",),
        "Say which argument changed your mind",
        (
            _claim("The argument that did it", name="argument"),
            _REASON,
            _claim("The claim that you changed your mind on", required=False),
        ),
        _credit,
    ),
    Entry(("uncredit",), "Take back the credit that you gave last", (), lambda _: "credit undo"),
    Entry(("me",), "Your positions and changes, for you alone"),
    Entry(("export-me",), "All that is kept about you, as a file for you alone"),
    Entry(("forget-me",), "Delete all that is kept about you; asks first"),
    Entry(
        ("argue",),
        "Propose an argument for or against a claim",
        (
            _claim(),
            Field(
                "side", "For it, against it, or against the step from it", True, choices=("for", "against", "undercut")
            ),
            Field("argument", "Its first sentence is the claim, the rest makes the case", required=True),
        ),
    ),
    Entry(
        ("proposals",),
        "What waits for the organisers, and what became of yours",
        (Field("number", "One proposal, whole", number=True),),
    ),
    Entry(
        ("approve",),
        "Organisers: put a proposal into the map",
        (_NUMBER, Field("words", "Other words for it, if you give any")),
    ),
    Entry(
        ("decline",), "Organisers: decline a proposal, with a reason", (_NUMBER, _REASON), _because("decline", "number")
    ),
    Entry(("withdraw",), "Take a proposal of yours back", (_NUMBER,)),
    Entry(
        ("reword",),
        "Organisers: give a claim new words, which no vote moves to",
        (_claim(), Field("words", "The new words", required=True)),
    ),
    Entry(("retire",), "Organisers: take an argument out of use", (_claim(), _REASON), _because("retire", "claim")),
    Entry(("restore",), "Organisers: put a retired argument back", (Field("claim", "Its id", required=True),)),
    Entry(("schedule", "list"), "What is posted when"),
    Entry(
        ("schedule", "prompts"), "Organisers: when claims are put to this channel", (_WHEN,), _set(ScheduleKind.PROMPTS)
    ),
    Entry(("schedule", "digest"), "Organisers: when this channel gets its digest", (_WHEN,), _set(ScheduleKind.DIGEST)),
    Entry(
        ("schedule", "pause"),
        "Organisers: post nothing until a day",
        (_WHICH, Field("until", "As in “1 september”", required=True)),
    ),
    Entry(("schedule", "resume"), "Organisers: end a pause", (_WHICH,)),
    Entry(
        ("schedule", "quiet"),
        "Organisers: days without a post",
        (_WHICH, Field("days", "As in “sat, sun, 25 december”, or “none”", required=True)),
    ),
    Entry(("schedule", "run"), "Organisers: post one now", (_WHICH,)),
    Entry(("schedule", "remove"), "Organisers: post it no longer", (_WHICH,)),
    Entry(
        ("settings",),
        "What this channel and the server have set; organisers change it",
        (
            Field("name", "What to change; without it all are shown", choices=tuple(each.value for each in Setting)),
            Field(
                "value",
                "everyone, organisers, on, off, en, de, fr, tokens a day, a role, here, a channel, none, default",
            ),
        ),
    ),
    Entry(
        ("prompt", "ask"),
        "Organisers: put a claim to the group",
        (_claim("The claim; the one that comes next where you name none", required=False),),
        lambda values: f"prompt {values.get('claim', '')}",
    ),
    Entry(("prompt", "close"), "Organisers: end what is being asked", (_claim(required=False),)),
    Entry(("queue", "show"), "What is asked next, and why", (), lambda _: "queue"),
    Entry(("queue", "add"), "Have a claim asked soon", (_claim(),)),
    Entry(("queue", "first"), "Organisers: ask a claim before all others", (_claim(),)),
    Entry(("queue", "skip"), "Organisers: pass a claim over", (_claim(),)),
)
GROUPS: Final[Mapping[str, str]] = {
    "schedule": "When prompts and digests are posted",
    "prompt": "Claims that are put to the group",
    "queue": "What is asked next",
}
DIGESTS: Final = (("preview", "see it first, for organisers"), ("list", "those that were posted"))

CRUX: Final = "The standing, the map, topics, your own record, help"
STEELMAN: Final = "The best case for a view, as those who hold it would put it"
COUNTER: Final = "The best case against a view, granting what stands"
STAND: Final = "Record where you stand on a claim, or see where you stood"
VIEW: Final = "A view in your own words, or a claim’s id"
PRIVATE: Final = "Show the answer to me alone"
STAND_FIELDS: Final[Mapping[str, str]] = {
    "claim": "Its id, or words of it; a form asks for it where you name none",
    "stance": "What you hold; leave it out to see where you stand",
    "reason": "Why, if you want to say",
    "crux": "Your view of the thesis hangs on it",
    "public": "Show my name with it; it stays hidden otherwise",
}
MENUS: Final = ("Steelman this", "Counter this", "Where do I stand?")
