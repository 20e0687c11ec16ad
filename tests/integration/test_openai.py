"""The model's client against servers that fail in all the ways servers fail.

Each case asserts three things: which WriterError comes out, that it comes out in time, and that the operator's log
tells why. llmock plays what it can, a scripted server the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from bot.core.assignments import Usage
from bot.errors import WriterError, WriterMisconfigured, WriterOverloaded, WriterUnavailable
from bot.settings import StructuredOutput
from bot.writing.dialect import ChatMessage
from bot.writing.drafting import SpentUsage
from bot.writing.endpoint import Endpoint
from bot.writing.judging import SCHEMA
from bot.writing.openai import ModelClient
from tests.integration.scripted_server import (
    DONE,
    USAGE,
    ByBody,
    Script,
    answer,
    delta,
    events,
    refusing,
    scripted,
    whole,
)

KEY = "sk-test-0123456789abcdef"
ASKED = "the ferry has to go before the winter storms"
MESSAGES: list[ChatMessage] = [
    {"role": "system", "content": "Write about ferries."},
    {"role": "user", "content": ASKED},
]


def endpoint(url: str, **changes: Any) -> Endpoint:
    quick = Endpoint(
        "m", KEY, url, first_token_seconds=5.0, idle_seconds=4.0, total_seconds=9.0, retries=1, breaker_failures=99
    )
    return replace(quick, **changes)


@contextlib.asynccontextmanager
async def client(url: str, **changes: Any) -> AsyncIterator[ModelClient]:
    found = ModelClient(endpoint(url, **changes), random.Random(1))
    try:
        yield found
    finally:
        await found.aclose()


class Outcome:
    """What a call gave: the text so far, the error, the seconds, the tokens, and the operator's log."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog
        self.text = ""
        self.error: WriterError | None = None
        self.seconds = 0.0
        self.usage = Usage()

    @property
    def log(self) -> str:
        """The lines that an operator sees at the default level; never with a key or a member's words."""
        lines = [r.getMessage() for r in self._caplog.records if r.levelno >= logging.WARNING]
        assert not any(KEY in line or "ferry" in line for line in lines)
        return "\n".join(lines)


async def call(found: ModelClient, caplog: pytest.LogCaptureFixture, **more: Any) -> Outcome:
    outcome, spent = Outcome(caplog), SpentUsage()
    caplog.clear()
    start = time.monotonic()
    try:
        async for text in found.stream(MESSAGES, spent, **more):
            outcome.text += text
    except WriterError as error:
        outcome.error = error
    outcome.seconds = time.monotonic() - start
    outcome.usage = spent.usage
    return outcome


# -- what works -------------------------------------------------------------------------------------------------------


async def test_an_answer_streams_and_its_tokens_are_counted(llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    llmock.reply("A bridge is open at every hour [FE-00].")
    async with client(llmock.base_url()) as found:
        outcome = await call(found, caplog)
    assert outcome.text == "A bridge is open at every hour [FE-00]."
    assert outcome.error is None
    assert outcome.usage.calls == 1
    assert outcome.usage.tokens_in > 0
    assert outcome.usage.tokens_out > 0
    assert outcome.log == ""
    sent = llmock.last_request.body
    assert sent["stream_options"] == {"include_usage": True}
    assert sent["max_tokens"] == 2000
    assert "temperature" not in sent


async def test_tokens_are_estimated_where_the_server_does_not_count(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        scripted(events(delta("Twelve chars"), delta(ending="stop"), DONE)) as server,
        client(server.url) as found,
    ):
        outcome = await call(found, caplog)
    assert outcome.usage == Usage(16, 3, 1)


async def test_thinking_keeps_a_stream_alive_and_is_not_text(caplog: pytest.LogCaptureFixture) -> None:
    thoughts = [part for _ in range(4) for part in (delta(reasoning_content="hm"), 0.4)]
    script = events(delta(role="assistant"), *thoughts, delta("Yes."), delta(ending="stop"), DONE)
    async with scripted(script) as server, client(server.url, first_token_seconds=1.2) as found:
        outcome = await call(found, caplog)
    assert outcome.text == "Yes."
    assert outcome.error is None


async def test_a_server_that_never_ends_its_stream_costs_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    async with scripted(events(delta("Yes."), delta(ending="stop"), 30)) as server, client(server.url) as found:
        outcome = await call(found, caplog)
    assert outcome.text == "Yes."
    assert outcome.error is None
    assert outcome.seconds < 4


# -- what the operator must mend --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "remedy"),
    [
        (401, "invalid_api_key", "check CRUX_MODEL_KEY"),
        (403, None, "check CRUX_MODEL_KEY"),
        (404, "model_not_found", "check CRUX_MODEL, and that CRUX_MODEL_URL ends in /v1"),
        (400, "context_length_exceeded", "doesn't fit the model's context"),
        (429, "insufficient_quota", "no credit left"),
    ],
)
async def test_misconfiguration_is_not_retried(
    llmock: Any, caplog: pytest.LogCaptureFixture, status: int, code: str | None, remedy: str
) -> None:
    llmock.fail(status, times=None, code=code, message="No.")
    async with client(llmock.base_url()) as found:
        outcome = await call(found, caplog)
    assert isinstance(outcome.error, WriterMisconfigured)
    assert len(llmock.requests) == 1
    assert outcome.seconds < 4
    assert outcome.usage == Usage(calls=1)
    assert f"HTTP {status}" in outcome.log
    assert remedy in outcome.log
    assert caplog.records[-1].levelno == logging.ERROR


async def test_llmocks_own_context_window_is_recognised(llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    llmock.limits(context_window=1)
    async with client(llmock.base_url()) as found:
        outcome = await call(found, caplog)
    assert isinstance(outcome.error, WriterMisconfigured)
    assert "doesn't fit the model's context" in outcome.log


@pytest.mark.parametrize("url", ["http://a..b/v1", f"http://{'a' * 70}.test/v1", "http://127.0.0.1:1/v1"])
async def test_an_address_where_nobody_lives(url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with client(url, retries=0) as found:
        outcome = await call(found, caplog)
    assert isinstance(outcome.error, WriterMisconfigured | WriterUnavailable)
    assert outcome.seconds < 4
    assert "failed: " in outcome.log


async def test_the_servers_words_are_left_out_where_they_quote_the_member(caplog: pytest.LogCaptureFixture) -> None:
    refusal = answer(400, {"error": {"message": f"flagged: {ASKED}, key {KEY}", "code": "flagged"}})
    async with scripted(refusal) as server, client(server.url) as found:
        outcome = await call(found, caplog)
    assert isinstance(outcome.error, WriterMisconfigured)
    assert "HTTP 400, code flagged;" in outcome.log
    assert outcome.error.__cause__ is None
    assert outcome.error.__suppress_context__


# -- what may pass ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_server_error_is_tried_again_then_given_up(
    llmock: Any, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    llmock.fail(status, times=None)
    async with client(llmock.base_url()) as found:
        outcome = await call(found, caplog)
    assert type(outcome.error) in (WriterUnavailable, WriterOverloaded)
    assert outcome.seconds < 4
    assert f"HTTP {status}" in outcome.log


async def test_a_second_try_that_works_is_an_answer(llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    llmock.fail(500).reply("Yes.")
    async with client(llmock.base_url()) as found:
        outcome = await call(found, caplog)
    assert outcome.text == "Yes."
    assert outcome.usage.calls == 2
    assert outcome.log == ""
    llmock.assert_resilient(strict=True)


async def test_a_short_retry_after_is_waited_for(llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    llmock.rate_limit(retry_after=1).reply("Yes.")
    async with client(llmock.base_url()) as found:
        outcome = await call(found, caplog)
    assert outcome.text == "Yes."
    assert 1.0 <= outcome.seconds < 4
    llmock.assert_resilient(strict=True)


async def test_a_long_retry_after_is_not_waited_for_and_not_ignored(
    llmock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    llmock.rate_limit(times=None, retry_after=40)
    async with client(llmock.base_url()) as found:
        outcome = await call(found, caplog)
        again = await call(found, caplog)
    assert isinstance(outcome.error, WriterOverloaded)
    assert outcome.error.retry_after == 40
    assert outcome.seconds < 4
    assert isinstance(again.error, WriterUnavailable)
    assert len(llmock.requests) == 1


async def test_the_log_says_how_long_an_overloaded_model_is_left_alone(
    llmock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    llmock.rate_limit(times=None, retry_after=40)
    async with client(llmock.base_url()) as found:
        outcome = await call(found, caplog)
    assert "HTTP 429" in outcome.log
    assert "left alone for 40 s" in outcome.log


async def test_retry_after_as_a_date(caplog: pytest.LogCaptureFixture) -> None:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    async with scripted(answer(429, {}, retry_after=when)) as server, client(server.url) as found:
        outcome = await call(found, caplog)
    assert isinstance(outcome.error, WriterOverloaded)
    assert outcome.error.retry_after is not None
    assert 80 < outcome.error.retry_after <= 90
    assert len(server.bodies) == 1


async def test_a_refused_connection(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with client(f"http://127.0.0.1:{port}/v1") as found:
        outcome = await call(found, caplog)
    assert isinstance(outcome.error, WriterUnavailable)
    assert outcome.seconds < 4
    assert outcome.usage.tokens_in == 0
    assert f"127.0.0.1:{port} failed: the connection failed (ConnectError)" in outcome.log
    assert "check that the server runs" in outcome.log


async def test_a_stall_before_the_headers(llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    llmock.delay(4.0)
    async with client(llmock.base_url(), first_token_seconds=0.6) as found:
        outcome = await call(found, caplog)
    assert isinstance(outcome.error, WriterUnavailable)
    assert 0.5 < outcome.seconds < 3
    assert outcome.usage == Usage(16, 0, 1)
    assert "no token within 0.6 s; raise CRUX_MODEL_FIRST_TOKEN_SECONDS" in outcome.log


async def test_a_stall_before_the_first_token(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        scripted(events(delta(role="assistant"), 9)) as server,
        client(server.url, first_token_seconds=0.6) as found,
    ):
        outcome = await call(found, caplog)
    assert isinstance(outcome.error, WriterUnavailable)
    assert 0.5 < outcome.seconds < 3
    assert "no token within 0.6 s" in outcome.log


async def test_a_stall_in_mid_stream_keeps_what_came(llmock: Any, caplog: pytest.LogCaptureFixture) -> None:
    llmock.reply("One two three four five.").stall(after_chunks=3, seconds=4)
    async with client(llmock.base_url(), idle_seconds=0.3) as found:
        outcome = await call(found, caplog)
    assert outcome.text == "One two "
    assert isinstance(outcome.error, WriterUnavailable)
    assert outcome.seconds < 4
    assert "the stream paused for more than 0.3 s" in outcome.log
    assert len(llmock.requests) == 1  # text was shown: no second try


async def test_a_stream_without_end_meets_the_limit_of_the_reply(caplog: pytest.LogCaptureFixture) -> None:
    drip = [part for _ in range(60) for part in (delta("so "), 0.1)]
    async with scripted(events(*drip)) as server, client(server.url, total_seconds=0.8) as found:
        outcome = await call(found, caplog)
    assert outcome.text.startswith("so so ")
    assert isinstance(outcome.error, WriterUnavailable)
    assert outcome.seconds < 4
    assert "the reply took more than 0.8 s" in outcome.log


async def test_time_used_by_earlier_calls_for_the_reply_counts(caplog: pytest.LogCaptureFixture) -> None:
    async with scripted(whole("Yes.")) as server, client(server.url) as found:
        spent = SpentUsage(started=time.monotonic() - 10)
        with pytest.raises(WriterUnavailable):
            await found.ask(MESSAGES, spent)
    assert server.bodies == []


@pytest.mark.parametrize("fault", ["disconnect", "truncate", "corrupt"])
async def test_a_cut_stream_keeps_what_came(llmock: Any, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    llmock.reply("One two three four five.")
    getattr(llmock, fault)(after_chunks=3)
    async with client(llmock.base_url()) as found:
        outcome = await call(found, caplog)
    assert outcome.text.startswith("One two ")
    assert isinstance(outcome.error, WriterUnavailable)
    assert outcome.usage.tokens_out > 0
    reason = {
        "disconnect": "the connection failed",
        "truncate": "the stream ended before the answer did",
        "corrupt": "the answer isn't what it should be (JSONDecodeError)",
    }
    assert reason[fault] in outcome.log
    assert len(llmock.requests) == 1  # text was shown: no second try


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (answer(200, "<html>Welcome</html>", "text/html"), "answered with text/html in place of an event stream"),
        (answer(200, {"choices": []}), "answered with application/json in place of"),
        (events("data: {not json\n\n"), "isn't what it should be (JSONDecodeError)"),
        (events(b"data: \xff\n\n"), "isn't what it should be"),
        (events({"choices": []}, DONE), "the stream ended without an answer"),
        (events("data: 5\n\n", DONE), "the stream ended without an answer"),
        (
            events([1], "data: null\n\n", "data: 7\n\n", {"choices": "x"}, {"choices": [None]}, DONE),
            "without an answer",
        ),
        (events({"choices": [{"delta": {"content": ["a"]}}]}, DONE), "the stream ended without an answer"),
        (events(DONE), "the stream ended without an answer"),
        (events(), "the stream ended without an answer"),
        (
            events({"error": {"message": "boom", "code": "server_error"}}),
            'an error in the stream, code server_error, "boom"',
        ),
        (
            events(delta("Half"), delta(ending="length"), DONE),
            "reached the limit of tokens; raise CRUX_MAX_OUTPUT_TOKENS",
        ),
        (events(delta("Half"), delta(ending="content_filter"), DONE), "declined to answer"),
        (events(delta(refusal="I can't"), delta(ending="stop"), DONE), "declined to answer"),
        (events(delta("Half"), delta(ending="error"), DONE), "the server broke the answer off"),
    ],
)
async def test_garbage_is_no_answer(script: Script, why: str, caplog: pytest.LogCaptureFixture) -> None:
    async with scripted(script) as server, client(server.url, retries=0) as found:
        outcome = await call(found, caplog)
    assert isinstance(outcome.error, WriterUnavailable)
    assert outcome.seconds < 4
    assert why in outcome.log


async def test_an_overload_inside_a_stream(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        scripted(events({"error": {"code": 429}}), whole("Yes.")) as server,
        client(server.url) as found,
    ):
        outcome = await call(found, caplog)
    assert outcome.text == "Yes."
    assert len(server.bodies) == 2


# -- what servers refuse ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("temperature", "Unsupported value: 'temperature' does not support 0 with this model."),
        ("max_tokens", "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
        ("stream_options", "stream_options: Extra inputs are not permitted"),
        ("reasoning_effort", "'m' does not support thinking"),
    ],
)
async def test_a_refused_parameter_is_left_out_and_remembered(
    name: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = answer(400, {"error": {"message": message, "param": name, "type": "invalid_request_error"}})
    script = refusing(refusal, name, then=whole("Yes."))
    async with scripted(script) as server, client(server.url, reasoning_effort="low", retries=0) as found:
        first = await call(found, caplog, temperature=0.0)
        second = await call(found, caplog, temperature=0.0)
    assert [first.text, second.text] == ["Yes.", "Yes."]
    assert first.usage == Usage(70, 7, 2)
    assert second.usage == Usage(70, 7, 1)
    assert [name in body for body in server.bodies] == [True, False, False]
    assert ("max_completion_tokens" in server.bodies[-1]) is (name == "max_tokens")


async def test_a_server_that_knows_neither_limit_gets_none(caplog: pytest.LogCaptureFixture) -> None:
    refusal = answer(422, {"detail": [{"loc": ["body", "max_tokens"]}, {"loc": ["body", "max_completion_tokens"]}]})
    script = refusing(refusal, "max_tokens", "max_completion_tokens", then=whole("Yes."))
    async with scripted(script) as server, client(server.url) as found:
        outcome = await call(found, caplog)
    assert outcome.text == "Yes."
    assert len(server.bodies) == 3


async def test_structured_output_falls_back_to_json_then_to_text_and_stays_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refusal = answer(400, {"error": {"message": "response_format.type must be text", "param": "response_format"}})
    script = refusing(refusal, "response_format", then=whole('{"verdicts": []}'))
    async with scripted(script) as server, client(server.url) as found:
        for _ in range(2):
            outcome = await call(found, caplog, schema=SCHEMA)
            assert outcome.text == '{"verdicts": []}'
    forms = [body.get("response_format", {}).get("type") for body in server.bodies]
    assert forms == ["json_schema", "json_object", None, None]


@pytest.mark.parametrize("status", [400, 500])
async def test_a_model_without_a_system_role_gets_the_instructions_first(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    refusal = answer(status, {"error": {"message": "System role not supported"}})
    no_system = ByBody(lambda body: refusal if body["messages"][0]["role"] == "system" else whole("Yes."))
    async with scripted(no_system) as server, client(server.url) as found:
        for _ in range(2):
            assert (await call(found, caplog)).text == "Yes."
    assert len(server.bodies) == 3
    assert server.bodies[-1]["messages"] == [{"role": "user", "content": f"Write about ferries.\n\n{ASKED}"}]


async def test_a_chosen_form_is_not_left(caplog: pytest.LogCaptureFixture) -> None:
    refusal = answer(400, {"error": {"message": "json_schema is not supported"}})
    async with scripted(refusal) as server, client(server.url, structured_output=StructuredOutput.JSON_SCHEMA) as found:
        outcome = await call(found, caplog, schema=SCHEMA)
    assert isinstance(outcome.error, WriterMisconfigured)
    assert "json_schema is not supported" in outcome.log


async def test_a_server_that_refuses_whatever_is_sent_is_left_after_a_few_tries(
    caplog: pytest.LogCaptureFixture,
) -> None:
    words = "bad: temperature max_tokens max_completion_tokens stream_options response_format json_schema"
    async with scripted(answer(400, {"error": {"message": words}})) as server, client(server.url) as found:
        outcome = await call(found, caplog, temperature=0.5, schema=SCHEMA)
    assert isinstance(outcome.error, WriterMisconfigured)
    assert len(server.bodies) <= 8


# -- many calls -------------------------------------------------------------------------------------------------------


async def test_the_breaker_spares_a_dead_server_and_finds_it_alive_again(
    llmock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    llmock.fail(500, times=2)
    async with client(llmock.base_url(), retries=0, breaker_failures=2, breaker_seconds=0.8) as found:
        first, second = await call(found, caplog), await call(found, caplog)
        assert "left alone for" in second.log
        third = await call(found, caplog)
        assert isinstance(third.error, WriterUnavailable)
        assert third.seconds < 0.5
        assert third.log == ""  # said once, when it opened
        assert len(llmock.requests) == 2
        await asyncio.sleep(0.85)
        llmock.reply("Yes.")
        assert (await call(found, caplog)).text == "Yes."
        assert (await call(found, caplog)).error is None
    assert isinstance(first.error, WriterUnavailable)


async def test_no_more_calls_at_once_than_allowed(caplog: pytest.LogCaptureFixture) -> None:
    most = 0

    async def slow(writer: asyncio.StreamWriter) -> None:
        nonlocal most
        most = max(most, server.open_connections)
        await events(0.1, delta("Yes."), delta(ending="stop"), USAGE, DONE)(writer)

    async with scripted(slow) as server, client(server.url, concurrency=2) as found:
        answers = await asyncio.gather(*(found.ask(MESSAGES, SpentUsage()) for _ in range(6)))
    assert answers == ["Yes."] * 6
    assert most == 2


async def test_a_call_that_finds_no_free_slot_in_time_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        scripted(events(delta("a"), 9)) as server,
        client(server.url, concurrency=1, first_token_seconds=0.5) as found,
    ):
        busy = asyncio.create_task(found.ask(MESSAGES, SpentUsage()))
        await asyncio.sleep(0.1)
        outcome = await call(found, caplog)
        busy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy
    assert isinstance(outcome.error, WriterUnavailable)
    assert "all 1 calls that may run at once were taken; raise CRUX_MODEL_CONCURRENCY" in outcome.log


async def test_a_reader_who_leaves_closes_the_connection_and_pays_for_what_came() -> None:
    async with (
        scripted(events(delta("One "), delta("two "), 20)) as server,
        client(server.url, concurrency=1, idle_seconds=0.5) as found,
    ):
        spent = SpentUsage()
        async with contextlib.aclosing(found.stream(MESSAGES, spent)) as deltas:
            async for _ in deltas:
                break
        assert spent.usage == Usage(16, 1, 1)
        # The slot is free again, and the breaker closed.
        again = SpentUsage()
        with pytest.raises(WriterUnavailable):
            await found.ask(MESSAGES, again)
        assert again.usage.calls == 1
