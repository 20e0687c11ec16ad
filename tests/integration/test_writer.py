"""The drafter over a real endpoint: what it sends, what it keeps to, what it counts."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.assignments import Task, Usage
from bot.errors import BudgetSpent, WriterMisconfigured, WriterUnavailable
from bot.testing import ManualClock, MemoryStore
from bot.writing.budget import Budget
from bot.writing.drafting import Drafter, Fault, SpentUsage
from bot.writing.endpoint import Endpoint
from bot.writing.prompts import Prompts
from bot.writing.writer import ModelWriter, without_thoughts
from tests.ferry import assignment
from tests.integration.scripted_server import DONE, USAGE, Scripted, answer, delta, events, scripted, whole

PROMPTS = Prompts()


@contextlib.asynccontextmanager
async def writer(url: str, budget: Budget | None = None, **changes: Any) -> AsyncIterator[ModelWriter]:
    endpoint = Endpoint("m", "sk-test-0123456789", url, first_token_seconds=9.0, idle_seconds=4.0, retries=0)
    found = ModelWriter(replace(endpoint, **changes), PROMPTS, budget)
    checked: Drafter = found  # mypy holds it to the protocol
    assert checked.model == "m"
    try:
        yield found
    finally:
        await found.aclose()


async def text_of(deltas: AsyncIterator[str]) -> str:
    return "".join([delta async for delta in deltas])


def roles(server: Scripted, call: int = -1) -> list[str]:
    return [message["role"] for message in server.bodies[call]["messages"]]


async def test_a_draft_sends_the_task_and_the_walk() -> None:
    async with scripted(whole("It floats [FE-00].")) as server, writer(server.url) as found:
        spent = SpentUsage()
        assert await text_of(found.draft(assignment(), spent)) == "It floats [FE-00]."
        assert spent.usage == Usage(70, 7, 1)
    system, user = (message["content"] for message in server.bodies[0]["messages"])
    assert roles(server) == ["system", "user"]
    assert "# Your task: a steelman" in system
    assert "⟦argument FE-03⟧" in user
    assert "the ferry has to go" in user
    assert server.headers[0]["authorization"] == "Bearer sk-test-0123456789"


async def test_a_repair_goes_on_from_the_same_conversation() -> None:
    """Equal starts are what providers cache."""
    faults = [Fault("It sinks.", "cites nothing")]
    async with scripted(whole("It floats [FE-00].")) as server, writer(server.url) as found:
        given = assignment(Task.COUNTER)
        await text_of(found.draft(given, SpentUsage()))
        await text_of(found.repair(given, "It ⟦end⟧ sinks.\n\nSo.", faults, SpentUsage()))
    draft, repair = (body["messages"] for body in server.bodies)
    assert repair[:2] == draft
    assert [message["role"] for message in repair[2:]] == ["assistant", "user"]
    assert repair[2]["content"] == "It [end] sinks.\n\nSo."
    assert "sentence: It sinks.\nwrong: cites nothing" in repair[3]["content"]


async def test_an_empty_draft_can_be_repaired() -> None:
    async with scripted(whole("It floats [FE-00].")) as server, writer(server.url) as found:
        assert await text_of(found.repair(assignment(), "", [Fault("", "the draft is empty")], SpentUsage()))
    assert server.bodies[0]["messages"][2]["content"] == "(nothing)"


async def test_judging_asks_by_schema_a_dozen_a_call() -> None:
    verdicts = '{"verdicts": [' + ", ".join(f'{{"pair": {n}, "supported": true}}' for n in range(1, 13)) + "]}"
    async with scripted(whole(verdicts), whole("1: no\n2: yes")) as server, writer(server.url) as found:
        spent = SpentUsage()
        result = await found.judge([(f"Sentence {n}", "Text") for n in range(14)], assignment(), spent)
        assert list(result) == [True] * 12 + [False, True]
        assert spent.usage.calls == 2
    assert server.bodies[0]["response_format"]["type"] == "json_schema"
    assert server.bodies[0]["temperature"] == 0


async def test_judging_over_llmocks_structured_output(llmock: Any) -> None:
    """llmock fills a schema with values of its own: what matters is that they are read, one verdict a pair."""
    async with writer(llmock.base_url()) as found:
        result = await found.judge([("A", "a"), ("B", "b")], assignment(), SpentUsage())
    assert len(result) == 2


async def test_what_a_template_says_of_temperature_goes_before_the_setting() -> None:
    async with scripted(whole("Yes [FE-00].")) as server, writer(server.url, temperature=0.9) as found:
        await text_of(found.draft(assignment(), SpentUsage()))
        await found.judge([("A", "a")], assignment(), SpentUsage())
    assert [body["temperature"] for body in server.bodies] == [0.9, 0]


async def test_versions_are_those_of_the_templates() -> None:
    async with writer("http://127.0.0.1:1/v1") as found:
        assert found.prompt_version(Task.STEELMAN) == PROMPTS["steelman"].version
        assert found.prompt_version(Task.COUNTER) == PROMPTS["counter"].version


async def test_a_probe_is_one_tiny_call() -> None:
    async with scripted(whole("ok"), answer(401, {})) as server, writer(server.url) as found:
        assert await found.probe() == Usage(70, 7, 1)
        with pytest.raises(WriterMisconfigured):
            await found.probe()


# -- budgets ----------------------------------------------------------------------------------------------------------


def budget(store: MemoryStore, limit: int = 100_000) -> Budget:
    return Budget(store, ManualClock(), limit, 0)


async def recorded(store: MemoryStore) -> int:
    return await store.tokens_spent("harbour", ManualClock().now().replace(hour=0), "ann")


async def test_tokens_are_recorded_for_the_member() -> None:
    store = MemoryStore()
    async with scripted(whole("Yes [FE-00].")) as server, writer(server.url, budget(store)) as found:
        await text_of(found.draft(assignment(), SpentUsage()))
        assert await recorded(store) == 77


async def test_a_call_that_would_go_over_the_limit_is_not_made() -> None:
    async with scripted(whole("Yes.")) as server, writer(server.url, budget(MemoryStore(), 1500)) as found:
        with pytest.raises(BudgetSpent):
            await text_of(found.draft(assignment(), SpentUsage()))
    assert server.bodies == []


async def test_a_cut_stream_is_recorded_too() -> None:
    store = MemoryStore()
    async with scripted(events(delta("Half a sentence"))) as server, writer(server.url, budget(store)) as found:
        with pytest.raises(WriterUnavailable):
            await text_of(found.draft(assignment(), SpentUsage()))
        assert await recorded(store) > 1000  # the prompt, estimated


async def test_a_reader_who_leaves_is_charged_for_what_came_and_leaves_no_reservation() -> None:
    store = MemoryStore()
    limited = budget(store, 7000)  # room for two drafts, not for three
    script = events(delta("One "), 20)
    async with scripted(script, whole("Yes.")) as server, writer(server.url, limited, idle_seconds=9.0) as found:
        drafting = asyncio.create_task(text_of(found.draft(assignment(), SpentUsage())))
        async with asyncio.timeout(5):
            await server.asked.wait()
        drafting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await drafting
        charged = await recorded(store)
        assert 1000 < charged < 4000
        assert await text_of(found.draft(assignment(), SpentUsage())) == "Yes."
        assert await recorded(store) == charged + 77


async def test_calls_for_one_reply_that_overlap_are_counted_once() -> None:
    store = MemoryStore()
    slow = events(delta("Yes."), 0.1, delta(ending="stop"), USAGE, DONE)
    async with scripted(slow) as server, writer(server.url, budget(store)) as found:
        spent = SpentUsage()
        await asyncio.gather(text_of(found.draft(assignment(), spent)), found.judge([("A", "a")], assignment(), spent))
        assert spent.usage == Usage(140, 14, 2)
        assert await recorded(store) == 154


# -- thoughts ---------------------------------------------------------------------------------------------------------


@given(st.data(), st.sampled_from(["", "\n", "<think>a [FE-01]\nb</think>\n\n", "<thinking></thinking>"]))
def test_leading_thoughts_are_dropped_however_the_stream_is_cut(data: st.DataObject, start: str) -> None:
    body = "A <think> here</think> stays. <b"
    whole_text = start + body
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole_text)), max_size=8)))
    pieces = [whole_text[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole_text)], strict=True)]

    async def stream() -> AsyncGenerator[str, None]:
        for piece in pieces:
            yield piece

    shown = asyncio.run(text_of(without_thoughts(stream())))
    assert shown.lstrip() == body


@pytest.mark.parametrize(("sent", "shown"), [("<think>never ends", ""), ("<thin", "<thin"), ("", "")])
async def test_thoughts_without_an_end_are_no_answer(sent: str, shown: str) -> None:
    async def stream() -> AsyncGenerator[str, None]:
        yield sent

    assert await text_of(without_thoughts(stream())) == shown


# -- weight -----------------------------------------------------------------------------------------------------------


def test_the_writing_package_loads_the_sdk_only_to_call_a_model() -> None:
    program = (
        "import sys\n"
        "from bot.writing import budget, drafting, endpoint, evaluation, material, prompts, writer\n"
        "found = writer.ModelWriter(endpoint.Endpoint('m', url='http://127.0.0.1:1/v1'), prompts.Prompts())\n"
        "assert 'openai' not in sys.modules and 'httpx2' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
