"""The drafter that asks a language model: prompt, budget, call."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from bot.core.assignments import Assignment, Task, Usage
from bot.core.digest import Told
from bot.writing.budget import Budget, estimate_tokens
from bot.writing.dialect import ChatMessage
from bot.writing.drafting import CallWatch, Fault, SpentUsage
from bot.writing.endpoint import Endpoint
from bot.writing.judging import SCHEMA, read_verdicts
from bot.writing.material import fault_values, narration_values, values_of
from bot.writing.prompts import Prompt, Prompts
from bot.writing.quoting import quoted

if TYPE_CHECKING:
    from bot.writing.openai import ModelClient

_TOKENS_A_WORD: Final = 1.6
"""Of an answer in English with citations; what is set aside before the call."""
_PAIRS_A_CALL: Final = 12


class _Work(Protocol):
    """What is to be written, as far as its cost is concerned: an assignment, or a digest's first paragraph."""

    @property
    def workspace(self) -> str: ...

    @property
    def member(self) -> str: ...

    @property
    def words(self) -> int: ...


class ModelWriter:
    """Writes and judges with one language model; a `drafting.Drafter`.

    Args:
        endpoint: the model.
        prompts: the templates.
        budget: daily limits; None for none, as in an evaluation that the operator runs.
        client: calls the model; made at the first call unless given, since that loads the SDK.
        watch: counts the calls.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        prompts: Prompts,
        budget: Budget | None = None,
        client: ModelClient | None = None,
        watch: CallWatch | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._prompts = prompts
        self._budget = budget
        self._client = client
        self._watch = watch
        self._connecting = asyncio.Lock()

    @property
    def model(self) -> str:
        return self._endpoint.model

    def prompt_version(self, task: Task) -> str:
        return self._prompts[task.value].version

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def draft(self, assignment: Assignment, spent: SpentUsage) -> AsyncIterator[str]:
        """Write the assignment; see `Drafter.draft`."""
        prompt = self._prompts[assignment.task.value]
        async with contextlib.aclosing(self._stream(assignment, prompt, self._opening(assignment), spent)) as deltas:
            async for delta in deltas:
                yield delta

    async def repair(
        self, assignment: Assignment, text: str, faults: Sequence[Fault], spent: SpentUsage
    ) -> AsyncIterator[str]:
        """Write the assignment again; see `Drafter.repair`.

        The conversation goes on from the one of the draft, so a provider finds all but its end in its cache.
        """
        prompt = self._prompts["repair"]
        values = values_of(assignment, self._prompts[assignment.task.value].settings.max_words)
        request = prompt.render({**values, "faults": fault_values(faults)}).material
        draft = "\n\n".join(quoted(paragraph) for paragraph in text.split("\n\n")) or "(nothing)"
        messages = [
            *self._opening(assignment),
            _message("assistant", draft),
            _message("user", request),
        ]
        async with contextlib.aclosing(self._stream(assignment, prompt, messages, spent)) as deltas:
            async for delta in deltas:
                yield delta

    async def judge(
        self, pairs: Sequence[tuple[str, str]], assignment: Assignment, spent: SpentUsage
    ) -> Sequence[bool]:
        """Judge support, a dozen pairs a call; see `Drafter.judge`."""
        prompt = self._prompts["judge"]
        verdicts: list[bool] = []
        for start in range(0, len(pairs), _PAIRS_A_CALL):
            some = pairs[start : start + _PAIRS_A_CALL]
            rendered = prompt.render({"pairs": [{"sentence": sentence, "text": text} for sentence, text in some]})
            messages = [_message("system", rendered.instructions), _message("user", rendered.material)]
            answer = "".join([delta async for delta in self._stream(assignment, prompt, messages, spent, SCHEMA)])
            verdicts += read_verdicts(answer, len(some))
        return verdicts

    @property
    def narration_version(self) -> str:
        return self._prompts["digest"].version

    async def narrate(self, told: Told, spent: SpentUsage) -> AsyncIterator[str]:
        """Write the first paragraph of a digest from what was told of it; see `narrator.CheckedNarrator`."""
        prompt = self._prompts["digest"]
        rendered = prompt.render(narration_values(told, prompt.settings.max_words))
        messages = [_message("system", rendered.instructions), _message("user", rendered.material)]
        async with contextlib.aclosing(self._stream(told, prompt, messages, spent)) as deltas:
            async for delta in deltas:
                yield delta

    async def probe(self) -> Usage:
        """One tiny call, to see whether the model answers at all.

        Raises:
            WriterError: it doesn't; the log says why.
        """
        spent = SpentUsage()
        client = await self._connected()
        async with contextlib.aclosing(client.stream([_message("user", "Reply with: ok")], spent)) as deltas:
            async for _ in deltas:
                pass
        return spent.usage

    def _opening(self, assignment: Assignment) -> list[ChatMessage]:
        prompt = self._prompts[assignment.task.value]
        rendered = prompt.render(values_of(assignment, prompt.settings.max_words))
        return [_message("system", rendered.instructions), _message("user", rendered.material)]

    async def _stream(
        self,
        work: _Work,
        prompt: Prompt,
        messages: list[ChatMessage],
        spent: SpentUsage,
        schema: dict[str, Any] | None = None,
    ) -> AsyncGenerator[str, None]:
        """One call within the budget, its cost recorded however it ends."""
        own = prompt.settings.temperature
        temperature = own if own is not None else self._endpoint.temperature
        call = SpentUsage(started=spent.started)  # its own, since calls for one reply may overlap
        expected = sum(estimate_tokens(message["content"]) for message in messages)
        expected += round(_TOKENS_A_WORD * min(work.words, prompt.settings.max_words))
        async with self._reserved(work, expected):
            began, whole = time.monotonic(), False
            try:
                client = await self._connected()
                deltas = client.stream(messages, call, temperature=temperature, schema=schema)
                async with contextlib.aclosing(without_thoughts(deltas)) as text:
                    async for delta in text:
                        yield delta
                whole = True
            finally:
                spent.add(call.usage)
                if self._watch is not None:
                    self._watch.called(prompt.name, time.monotonic() - began, call.usage, failed=not whole)
                if self._budget is not None:
                    await self._budget.record(work.workspace, work.member, self.model, call.usage)

    @contextlib.asynccontextmanager
    async def _reserved(self, work: _Work, tokens: int) -> AsyncIterator[None]:
        if self._budget is None:
            yield
            return
        async with self._budget.reserve(work.workspace, work.member, tokens):
            yield

    async def _connected(self) -> ModelClient:
        async with self._connecting:
            if self._client is None:
                # In a thread: loading the SDK takes half a second, during which nothing else would be answered.
                module = await asyncio.to_thread(importlib.import_module, "bot.writing.openai")
                self._client = module.ModelClient(self._endpoint)
            return self._client


def _message(role: Any, content: str) -> ChatMessage:
    return {"role": role, "content": content}


_THOUGHTS: Final = (("<think>", "</think>"), ("<thinking>", "</thinking>"))


async def without_thoughts(deltas: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """The text without a leading `<think>…</think>`, which some local servers send as part of the answer."""
    async with contextlib.aclosing(deltas):
        held: str | None = ""
        closing = ""
        async for delta in deltas:
            if held is None:
                yield delta
                continue
            held += delta
            if not closing:
                start = held.lstrip()
                closing = next((end for opening, end in _THOUGHTS if start.startswith(opening)), "")
                if not closing and any(opening.startswith(start) for opening, _ in _THOUGHTS):
                    continue  # may still become the opening mark
            if not closing:
                yield held
                held = None
            elif closing in held:
                rest = held.partition(closing)[2].lstrip()
                held = None
                if rest:
                    yield rest
        if held and not closing:
            yield held
