"""What a draft consists of, and what its report says of what was left out or changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.arguments import Certainty, Relation, Side
from bot.drafts.quotes import Place


@dataclass(frozen=True, slots=True)
class Topic:
    """What is under debate; every field fits the map format."""

    id: str
    prefix: str
    title: str
    question: str
    claim: str
    contrary: str
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The words of the document that an argument comes from, and where they stand."""

    quote: str
    place: Place


@dataclass(frozen=True, slots=True)
class Drafted:
    """An argument whose fields fit the map format and whose quotes are in the document; at least one origin."""

    claim: str
    contrary: str
    text: str
    side: Side
    certainty: Certainty
    origins: tuple[Origin, ...]


class Left(StrEnum):
    """Why something was left out of a draft."""

    QUOTE = "its quote is not in the document"
    SHORT = "its quote is too short to tell where it comes from"
    FORMAT = "it doesn't fit the format, asked for once more"
    MERGED = "it says what another argument says"
    OVER = "a draft has no room for more arguments"
    PASSAGE = "the passage's answer could not be had or read"
    UNKNOWN = "the relation names an argument that isn't there"
    SIDES = "the relation goes against the arguments' sides"
    STEP = "the relation undercuts a step that isn't there"
    CIRCLE = "the relation runs in a circle"
    KIND = "the relation is of no kind that there is"
    RELATIONS = "the model gave no relations that could be read"


class Changed(StrEnum):
    """What a person should look at in what was kept."""

    ATTACHED = "had no way to the thesis and was attached by its side"
    COPIED = "copies more than twelve words in a row from the document"
    TITLE = "the title was shortened"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing of the report; `about` is a claim, an id or a passage in a few words."""

    why: Left | Changed
    about: str
    more: str = ""


@dataclass(slots=True)
class Report:
    """What was left out and what was changed, in the order in which it was found."""

    left: list[Note] = field(default_factory=list)
    changed: list[Note] = field(default_factory=list)

    def leave(self, why: Left, about: str, more: str = "") -> None:
        self.left.append(Note(why, about, more))

    def change(self, why: Changed, about: str, more: str = "") -> None:
        self.changed.append(Note(why, about, more))

    def attached(self) -> frozenset[str]:
        """Ids of the arguments that the model gave no way to the thesis."""
        return frozenset(note.about for note in self.changed if note.why is Changed.ATTACHED)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sound map in the making.

    `arguments` in the document's order; their ids are `topic.prefix` with numbers from 01, and `relations` use them.
    """

    topic: Topic
    arguments: tuple[Drafted, ...]
    relations: tuple[Relation, ...]
    copied: dict[str, int]
    """Words in a row that an argument's claim or text shares with the document, by id, where they are too many."""

    @property
    def thesis_id(self) -> str:
        return argument_id(self.topic.prefix, 0)

    def ids(self) -> list[str]:
        return [argument_id(self.topic.prefix, number) for number in range(1, len(self.arguments) + 1)]


def argument_id(prefix: str, number: int) -> str:
    """The id of an argument by its number; 0 is the thesis."""
    return f"{prefix}-{number:02}"


def counted(notes: Iterable[Note]) -> list[tuple[Left | Changed, int]]:
    """How often each thing happened, the most frequent first."""
    return Counter(note.why for note in notes).most_common()
