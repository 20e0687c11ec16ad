"""The seam inside the writing package: what grounding needs from a language model.

A drafter turns an assignment into raw text and knows nothing of sentences, citations or support; grounding decides what
of that text may be shown. Everything a drafter spends is added to the `SpentUsage` that its caller passes in, as it is
spent, so that tokens of failed and abandoned calls are counted too.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bot.core.assignments import Assignment, Task, Usage


@dataclass(slots=True)
class SpentUsage:
    """Tokens and time spent so far on one reply: use one for its draft, its repair and its judgements.

    Mutable, since a stream that is cut or abandoned has no end at which to return a total.
    """

    usage: Usage = field(default_factory=Usage)
    started: float = field(default_factory=time.monotonic)
    """Seconds of the monotonic clock; the limit on a reply's whole time counts from here."""

    def add(self, usage: Usage) -> None:
        self.usage += usage


class CallWatch(Protocol):
    """Counts calls to the model. Quick, and it raises nothing."""

    def called(self, task: str, seconds: float, usage: Usage, *, failed: bool) -> None:
        """A call for a task (a template's name) ended, well or not; `usage` is its own."""
        ...


class FaultKind(StrEnum):
    """What sort of thing is wrong, for the log: it counts faults without quoting anybody."""

    UNCITED = "uncited"
    STRANGER = "cites outside the walk"
    AMOUNT = "amount"
    NAME = "name"
    CERTAINTY = "certainty"
    UNSUPPORTED = "unsupported"
    OPPOSITE = "opposite"
    REPEATED = "repeated"
    MARKUP = "markup"
    EMPTY = "empty"
    DECLINED = "declined"
    CUT = "cut off"
    RUNS_ON = "runs on"
    NO_REASON = "no reason given"
    OTHER_SIDE = "other side"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Fault:
    """What grounding found wrong with a draft: the sentence (empty when it is the whole draft) and the reason."""

    sentence: str
    reason: str
    """One plain clause that a model can act on, as "cites MI-09, which is not among the arguments given"."""
    kind: FaultKind = field(default=FaultKind.OTHER, compare=False)


class Drafter(Protocol):
    """A language model as grounding sees it. Every method may raise WriterError.

    Deltas are text as it arrives, cut anywhere. A stream that breaks off yields what it had and then raises
    WriterUnavailable; closing the iterator early closes the connection.
    """

    @property
    def model(self) -> str:
        """The model's name, for the stored reply."""
        ...

    def prompt_version(self, task: Task) -> str:
        """Content hash of the task's template, for the stored reply."""
        ...

    def draft(self, assignment: Assignment, spent: SpentUsage) -> AsyncIterator[str]:
        """Write the assignment."""
        ...

    def repair(
        self, assignment: Assignment, text: str, faults: Sequence[Fault], spent: SpentUsage
    ) -> AsyncIterator[str]:
        """Write the assignment again, given a draft and what is wrong with it."""
        ...

    async def judge(
        self, pairs: Sequence[tuple[str, str]], assignment: Assignment, spent: SpentUsage
    ) -> Sequence[bool]:
        """For each (sentence, cited text), whether the text supports the sentence; False where the model didn't say."""
        ...
