"""What members propose for the map, and what becomes of it.

A proposal that is near an argument of the map waits as a draft until its author has seen that argument. Open ones are
for organisers to approve, as they are or edited, or to decline with a reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from bot.core.amendments import NewArgument, NewTopic, Words
from bot.core.arguments import Certainty
from bot.core.language import mark, plural, say
from bot.errors import BadInput, EmptyText, TextTooLong

SHORTEST_CLAIM: Final = 10
LONGEST_CLAIM: Final = 140
"""Characters, as in a map file; a claim must fit buttons and titles."""
LONGEST_TEXT: Final = 700
LONGEST_TITLE: Final = 60
MOST_OPEN: Final = 20
"""Proposals of one member that may wait at a time."""


class ProposalState(StrEnum):
    DRAFT = "draft"
    """Its author has been shown an argument that is near, and has not said yet that it is another."""
    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


UNDECIDED: Final = (ProposalState.DRAFT, ProposalState.OPEN)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A topic or argument that a member wants in the workspace's maps. `number` counts a workspace's from 1.

    `topic` is the map that an argument is for; for a new topic, the id that it is to have. `event` names the request
    that proposed it and `decided_by` the one that decided, so that a second try of either finds what it did. `made` is
    the claim id that it became.
    """

    workspace: str
    number: int
    member: str
    topic: str
    edit: NewTopic | NewArgument
    state: ProposalState
    at: datetime
    event: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    made: str | None = None

    @property
    def undecided(self) -> bool:
        return self.state in UNDECIDED

    def decided(
        self, state: ProposalState, at: datetime, by: str, *, reason: str | None = None, made: str | None = None
    ) -> Proposal:
        """The proposal as it is once decided on by the request that `by` names."""
        return replace(self, state=state, decided_at=at, decided_by=by, reason=reason, made=made)


# -- reading what a member wrote --------------------------------------------------------------------------------------

_LABEL: Final = re.compile(
    r"(?:^|(?<=\s))(Thesis|Contrary|Title|THESIS|CONTRARY|TITLE)\s?:\s*"
    r"|(?:^|(?<=[.!?…;]\s))(thesis|contrary|title)\s?:\s*"
)
"""With a small letter only where a sentence begins: "on the contrary: …" is no label."""
_FIRST_END: Final = re.compile(r"(?<=[.!?…])([\"”')]?)\s+(?=[^\sa-z])")
_CERTAINTY: Final = re.compile(
    r"(?:\s*\((tentative|speculative)\)|(?:\s*[,;]|(?<=[.!?…]))\s+(tentative|speculative))\.?$", re.IGNORECASE
)
"""Set apart by a mark: a sentence may end in these words too."""
_STOPS: Final = " .!…;,"


def read_argument(text: str) -> tuple[Words, Certainty]:
    """An argument from a member's words: its claim is the first sentence, its text all that follows.

    "Contrary: …" says what those hold who deny the claim; a last word "tentative" or "speculative" says how firm it is.

    Raises:
        BadInput: it is empty, too short or too long, or claim and contrary say the same.
    """
    certainty = Certainty.ASSERTED
    parts = _labelled(text)
    for name, part in parts.items():
        if found := _CERTAINTY.search(part):
            certainty, parts[name] = Certainty((found[1] or found[2]).lower()), part[: found.start()]
    unknown = parts.keys() - {"", "contrary"}
    if unknown:
        raise BadInput(
            say(
                "“{label}:” belongs to a new topic; an argument may have “{contrary}: …”.",
                label=unknown.pop().capitalize(),
                contrary="Contrary",
            )
        )
    return _words(parts.get("", ""), parts.get("contrary")), certainty


def read_topic(text: str) -> tuple[str, str, Words]:
    """Title, question and thesis of a new topic: "QUESTION? Thesis: … Contrary: …", and "Title: …" where that is said.

    Raises:
        BadInput: something is missing, too short or too long.
    """
    parts = _labelled(text)
    question = parts.get("", "").strip()
    if not question or not parts.get("thesis"):
        raise EmptyText(
            say(
                "Write a question, a thesis and its contrary, as in `/crux topic new Should we drop stand-ups? "
                "Thesis: Daily stand-ups cost us more than they give. Contrary: Daily stand-ups are worth their "
                "time.`"
            )
        )
    if not question.endswith("?"):
        question = question.rstrip(_STOPS) + "?"
    _plain(question)
    if len(question) > LONGEST_CLAIM:
        raise TextTooLong(
            plural(
                "The question has {number} character; ask it in up to {most}.",
                "The question has {number} characters; ask it in up to {most}.",
                len(question),
                most=LONGEST_CLAIM,
            )
        )
    title = parts.get("title", "").strip(_STOPS) or _title_of(question)
    _plain(title)
    if len(title) > LONGEST_TITLE:
        raise TextTooLong(
            plural(
                "The title has {number} character; use up to {most}.",
                "The title has {number} characters; use up to {most}.",
                len(title),
                most=LONGEST_TITLE,
            )
        )
    return title, question, _words(parts["thesis"], parts.get("contrary"))


def _title_of(question: str) -> str:
    if len(question) <= LONGEST_TITLE:
        return question
    return question[: LONGEST_TITLE - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def reworded(before: Words, text: str) -> Words:
    """A claim's new words. Contrary and text stay unless there are new ones; where they were made from the claim, they
    follow it.

    Raises:
        BadInput: the words can't be read, or say what the contrary says.
    """
    new, _ = read_argument(text)
    contrary, said = new.contrary, new.text
    if contrary == _denial(new.claim) and before.contrary != _denial(before.claim):
        contrary = before.contrary
    if said == _statement(new.claim) and before.text != _statement(before.claim):
        said = before.text
    _differ(new.claim, contrary)
    return Words(new.claim, contrary, said)


def slug(title: str) -> str:
    """A topic's id from its title: "Should we drop stand-ups?" is "should-we-drop-stand-ups"."""
    words = re.findall(r"[^\W_]+", title.lower())
    found = "-".join(words)[:LONGEST_TITLE].strip("-") or "topic"
    return "new-topic" if found == "new" else found  # `/crux topic new` proposes one


def initials(title: str) -> str:
    """Two to four capitals that may begin a topic's claim ids."""
    words = [word for word in re.findall(r"[A-Za-z]+", title) if len(word) > 2]
    return "".join(word[0] for word in words[:4]).upper() if len(words) > 1 else "TQ"


def _labelled(text: str) -> dict[str, str]:
    """What follows each label, and under "" what comes before the first."""
    labels = list(_LABEL.finditer(text))
    ends = [*(label.start() for label in labels), len(text)]
    found = {"": text[: ends[0]].strip()}
    for label, end in zip(labels, ends[1:], strict=True):
        name = (label[1] or label[2]).lower()
        if name in found:
            raise BadInput(say("“{label}:” is there twice; say it once.", label=name.capitalize()))
        found[name] = text[label.end() : end].strip()
    return found


def _words(text: str, contrary: str | None) -> Words:
    claim, rest = _split_first(text)
    claim = _sentence("claim", claim)
    if len(rest) > LONGEST_TEXT:
        raise TextTooLong(
            plural(
                "After the claim comes {number} character; make the argument in up to {most}, or in two.",
                "After the claim come {number} characters; make the argument in up to {most}, or in two.",
                len(rest),
                most=LONGEST_TEXT,
            )
        )
    _plain(rest)
    said = _sentence("contrary", contrary) if contrary else _denial(claim)
    _differ(claim, said)
    return Words(claim, said, rest or _statement(claim))


def _denial(claim: str) -> str:
    """The contrary of a claim whose author gave none, in the language that the maps are written in."""
    return f"It is false that “{claim}”"


def _statement(claim: str) -> str:
    """The text of a claim whose author gave none."""
    return claim if claim.endswith("?") else f"{claim}."


def _differ(claim: str, contrary: str) -> None:
    if contrary.casefold() == claim.casefold():
        raise BadInput(say("Claim and contrary say the same; the contrary is what those hold who deny the claim."))


def _split_first(text: str) -> tuple[str, str]:
    """A text's first sentence, and what follows it."""
    end = _FIRST_END.search(text)
    return (text[: end.end(1)], text[end.end() :]) if end else (text, "")


def _sentence(what: Literal["claim", "contrary"], text: str) -> str:
    """One sentence without its final stop.

    Raises:
        BadInput: it is too short or too long, or has marks that chats interpret.
    """
    text = " ".join(text.split()).strip(_STOPS)
    _plain(text)
    if not text:
        raise EmptyText(say(_EMPTY[what]))
    if len(text) < SHORTEST_CLAIM:
        raise BadInput(say(_SHORT[what], text=text))
    if len(text) > LONGEST_CLAIM:
        raise TextTooLong(_too_long(what, len(text)))
    return text


_EMPTY: Final = {
    "claim": mark("The claim is empty; say it in one sentence."),
    "contrary": mark("The contrary is empty; say it in one sentence."),
}
_SHORT: Final = {
    "claim": mark("“{text}” is too short for a claim; say in one whole sentence what is so."),
    "contrary": mark("“{text}” is too short for a contrary; say in one whole sentence what is so."),
}


def _too_long(what: Literal["claim", "contrary"], length: int) -> str:
    if what == "claim":
        return plural(
            "The claim has {number} character; put it in one sentence of up to {most}, and its reasons in the "
            "sentences after it.",
            "The claim has {number} characters; put it in one sentence of up to {most}, and its reasons in the "
            "sentences after it.",
            length,
            most=LONGEST_CLAIM,
        )
    return plural(
        "The contrary has {number} character; put it in one sentence of up to {most}, and its reasons in the "
        "sentences after it.",
        "The contrary has {number} characters; put it in one sentence of up to {most}, and its reasons in the "
        "sentences after it.",
        length,
        most=LONGEST_CLAIM,
    )


def _plain(text: str) -> None:
    if found := next((each for each in "[]<>*`|" if each in text), None):
        raise BadInput(
            say("Leave out “{mark}”: what is argued here is plain text, without markup or links.", mark=found)
        )
