"""Whatever the model does, the member gets an answer, once, and the operator's log says why."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.app import running
from bot.core.messages import Added, Finished, Replaced, ReplyEvent, cited_ids
from bot.core.requests import Request
from bot.settings import Settings
from bot.testing import FixedCatalogue, MemoryStore
from tests.ferry import FERRY
from tests.integration.scripted_server import Script, answer, delta, events, refusing, scripted

KEY = "sk-test-0123456789abcdef"
ASKED = "/steelman FE-00"

GOOD = "The ferry strands the east bank whenever a storm comes [FE-01]."


def settings(url: str, **changes: object) -> Settings:
    quick: dict[str, object] = {
        "CRUX_MODEL_KEY": KEY,
        "model": "m",
        "model_url": url,
        "encoder": "none",
        "model_first_token_seconds": 5.0,
        "model_idle_seconds": 4.0,
        "model_total_seconds": 8.0,
        "model_retries": 1,
    }
    return Settings.model_validate({**quick, **changes})


def request(number: int = 1) -> Request:
    return Request("harbour", "quay", "ann", ASKED, f"e{number}", datetime.now(UTC))


async def asked(found: Settings, store: MemoryStore, number: int = 1) -> list[ReplyEvent]:
    """All that a member is shown for one command, through the whole of Crux."""
    async with running(found, store=store, catalogue=FixedCatalogue((FERRY,))) as crux:
        assert await crux.inbox.receive(request(number))
        shown = [event async for event in crux.inbox.respond(request(number))]
        # The platform redelivers: nothing more comes of it.
        assert not await crux.inbox.receive(request(number))
        assert [event async for event in crux.inbox.respond(request(number))] == []
    return shown


def check_answered(shown: list[ReplyEvent], seconds: float) -> None:
    """One whole answer by the outline writer, in time; what was streamed adds up to it."""
    finished = [event for event in shown if isinstance(event, Finished)]
    assert shown[-1:] == finished
    message = finished[0].message
    assert not finished[0].failed
    assert "FE-00" in cited_ids(message.text)
    assert any("outline" in note.lower() or "language model" in note.lower() for note in message.notes)
    assert KEY not in message.text + "".join(message.notes)
    text = ""
    for event in shown:
        match event:
            case Added(more):
                text += more
            case Replaced(instead):
                text = instead
    assert text.split() == message.text.split()
    assert seconds < 9


def check_log(caplog: pytest.LogCaptureFixture, why: str) -> None:
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert any(why in line for line in lines), lines
    assert not any(KEY in line or ASKED in line for line in lines)


LLMOCK: dict[str, tuple[Callable[[Any], object], str]] = {
    "401": (lambda mock: mock.fail(401, times=None), "check CRUX_MODEL_KEY"),
    "404 model": (lambda mock: mock.fail(404, times=None, code="model_not_found"), "check CRUX_MODEL"),
    "429 with Retry-After": (lambda mock: mock.rate_limit(times=None, retry_after=30), "left alone for 30 s"),
    "500": (lambda mock: mock.fail(500, times=None), "HTTP 500"),
    "cut stream": (
        lambda mock: mock.reply(GOOD, times=None).disconnect(after_chunks=4, times=None),
        "the connection failed",
    ),
    "stream without an end": (
        lambda mock: mock.reply(GOOD, times=None).truncate(after_chunks=4, times=None),
        "the stream ended before the answer did",
    ),
    "broken chunk": (lambda mock: mock.reply(GOOD, times=None).corrupt(after_chunks=4, times=None), "JSONDecodeError"),
    "context overflow": (lambda mock: mock.context_overflow(times=None), "doesn't fit the model's context"),
}


@pytest.mark.parametrize("case", LLMOCK)
async def test_the_member_gets_an_answer_once(case: str, llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    script, why = LLMOCK[case]
    script(llmock)
    start = time.monotonic()
    store = MemoryStore()
    shown = await asked(settings(llmock.base_url()), store)
    check_answered(shown, time.monotonic() - start)
    check_log(caplog, why)
    reply = await store.reply_to("harbour", "e1")
    assert reply is not None
    assert reply.writer == "outline"
    assert reply.model == "m"
    assert reply.prompt_version is not None
    assert reply.usage.calls >= 1


SCRIPTED: dict[str, tuple[Script, str]] = {
    "HTML": (answer(200, "<html></html>", "text/html"), "text/html in place of an event stream"),
    "not JSON": (events("data: {\n\n"), "JSONDecodeError"),
    "empty choices": (events({"choices": []}, "data: [DONE]\n\n"), "ended without an answer"),
    "refused response": (answer(400, {"error": {"message": "no"}}), "doesn't take the request"),
    "length limit": (events(delta(GOOD[:30]), delta(ending="length")), "reached the limit of tokens"),
}


@pytest.mark.parametrize("case", SCRIPTED)
async def test_garbage_is_answered_by_the_outline(case: str, caplog: pytest.LogCaptureFixture) -> None:
    script, why = SCRIPTED[case]
    async with scripted(script) as server:
        start = time.monotonic()
        shown = await asked(settings(server.url), MemoryStore())
    check_answered(shown, time.monotonic() - start)
    check_log(caplog, why)


async def test_a_stall_is_not_waited_for(llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    llmock.slow_first_token(9, times=None)
    start = time.monotonic()
    shown = await asked(settings(llmock.base_url(), model_first_token_seconds=0.5), MemoryStore())
    check_answered(shown, time.monotonic() - start)
    check_log(caplog, "no token within 0.5 s")


async def test_a_stall_in_mid_stream_is_not_waited_for(llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    llmock.reply(GOOD, times=None).stall(after_chunks=4, seconds=9, times=None)
    start = time.monotonic()
    shown = await asked(settings(llmock.base_url(), model_idle_seconds=0.3), MemoryStore())
    check_answered(shown, time.monotonic() - start)
    check_log(caplog, "paused for more than 0.3 s")


@pytest.mark.parametrize(("text", "why"), [("", "empty"), ("Bridges are nice. Boats are not.", "without a citation")])
async def test_a_useless_answer_is_repaired_once_then_replaced(
    text: str, why: str, llmock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    llmock.reply(text, times=None)
    caplog.set_level(logging.INFO, "bot.writing")
    start = time.monotonic()
    shown = await asked(settings(llmock.base_url()), MemoryStore())
    check_answered(shown, time.monotonic() - start)
    assert len(llmock.requests) == 2
    assert why in caplog.text


async def test_a_refused_connection_is_answered_by_the_outline(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    start = time.monotonic()
    shown = await asked(settings(f"http://127.0.0.1:{port}/v1"), MemoryStore())
    check_answered(shown, time.monotonic() - start)
    check_log(caplog, "check that the server runs")


async def test_a_spent_budget_is_answered_by_the_outline(llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    start = time.monotonic()
    shown = await asked(settings(llmock.base_url(), member_tokens_per_day=10), MemoryStore())
    check_answered(shown, time.monotonic() - start)
    check_log(caplog, "raise CRUX_MEMBER_TOKENS_PER_DAY")
    assert llmock.requests == []


async def test_a_refused_schema_costs_a_judgement_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    """With the model as judge on a server that knows no structured output, nobody waits for nothing."""
    refusal = answer(400, {"error": {"message": "response_format is not supported"}})
    texts = events(delta(f"{GOOD} The crossing matters to the town [FE-00]."), delta(ending="stop"), "data: [DONE]\n\n")
    async with scripted(refusing(refusal, "response_format", then=texts)) as server:
        start = time.monotonic()
        shown = await asked(settings(server.url, judge=True), MemoryStore())
    finished = [event for event in shown if isinstance(event, Finished)]
    assert len(finished) == 1
    assert not finished[0].failed
    assert cited_ids(finished[0].message.text)
    assert time.monotonic() - start < 9


async def test_many_members_at_a_dead_model_all_get_their_answer(llmock: Any) -> None:
    llmock.fail(500, times=None)
    store = MemoryStore()
    async with running(
        settings(llmock.base_url(), breaker_failures=3), store=store, catalogue=FixedCatalogue((FERRY,))
    ) as crux:

        async def one(number: int) -> Finished:
            await crux.inbox.receive(request(number))
            *_, last = [event async for event in crux.inbox.respond(request(number))]
            assert isinstance(last, Finished)
            return last

        start = time.monotonic()
        finished = await asyncio.gather(*(one(number) for number in range(20)))
        assert time.monotonic() - start < 9
    assert all(not event.failed and event.message.text for event in finished)
    assert len(llmock.requests) < 40  # the breaker opened before everyone had tried twice
