"""What a writer is asked for, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.arguments import ArgumentMap, View
from bot.core.walks import Walk


class Task(StrEnum):
    STEELMAN = "steelman"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a writer is to write.

    For both tasks `walk` is the case to be made: for a counterargument, the case for the opposite of `target`. `asked`
    is the member's own wording: data, never an instruction. `words` is the upper limit. `seen` counts
    earlier replies to the same task and view in the channel, so that a writer can vary. `by_model` is false where the
    channel wants no language model.
    """

    task: Task
    map: ArgumentMap
    target: View
    walk: Walk
    asked: str
    words: int
    workspace: str
    member: str
    seen: int = 0
    by_model: bool = True


@dataclass(frozen=True, slots=True)
class Released:
    """A whole sentence or more that may be shown; text to append."""

    text: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was released is withdrawn; the text takes its place."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of all calls made for one reply, failed ones included."""

    tokens_in: int = 0
    tokens_out: int = 0
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, self.calls + other.calls)


@dataclass(frozen=True, slots=True)
class Written:
    """The end of a writer's work: the whole text, and who wrote it.

    `writer` is "outline" or "model"; `model` and `prompt_version` are set when a model was asked, whether or not its
    text was used; `why_outline` says why the outline writer took over, if it did: English, marked for translation.
    """

    text: str
    writer: str
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage = field(default_factory=Usage)
    why_outline: str | None = None


WriterEvent = Released | Withdrawn | Written
