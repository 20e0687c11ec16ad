"""A language model that says what a test told it to say."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from bot.core.assignments import Assignment, Task, Usage
from bot.errors import CruxError, WriterError
from bot.writing.drafting import Fault, SpentUsage

Script = Sequence[str | CruxError]
"""Deltas in their order; an error is raised in its place."""


@dataclass
class ScriptedDrafter:
    """Plays `drafting` for the draft and `repairing` for its repair, and judges as `judging` says, pair by pair."""

    drafting: Script = ()
    repairing: Script = ()
    judging: Sequence[bool] | WriterError = ()
    model: str = "scripted"
    faults: list[Fault] = field(default_factory=list)
    """What the repair was asked to mend."""
    judged: list[tuple[str, str]] = field(default_factory=list)
    open: int = 0
    """Streams that were begun and are not closed."""

    def prompt_version(self, task: Task) -> str:
        return f"version of {task}"

    async def draft(self, assignment: Assignment, spent: SpentUsage) -> AsyncGenerator[str]:
        async for delta in self._play(self.drafting, spent):
            yield delta

    async def repair(
        self, assignment: Assignment, text: str, faults: Sequence[Fault], spent: SpentUsage
    ) -> AsyncGenerator[str]:
        self.faults += faults
        async for delta in self._play(self.repairing, spent):
            yield delta

    async def judge(
        self, pairs: Sequence[tuple[str, str]], assignment: Assignment, spent: SpentUsage
    ) -> Sequence[bool]:
        self.judged += pairs
        spent.add(Usage(10, 1, 1))
        if isinstance(self.judging, WriterError):
            raise self.judging
        return [self.judging[number] if number < len(self.judging) else False for number in range(len(pairs))]

    async def _play(self, script: Script, spent: SpentUsage) -> AsyncGenerator[str]:
        self.open += 1
        spent.add(Usage(100, 0, 1))
        try:
            for delta in script:
                if isinstance(delta, CruxError):
                    raise delta
                spent.add(Usage(0, 1, 0))
                yield delta
        finally:
            self.open -= 1
