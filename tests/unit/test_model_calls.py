"""What surrounds a call to the model: budgets, waiting, what a server takes, what its verdicts and failures say."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.assignments import Task, Usage
from bot.errors import (
    BudgetSpent,
    ConfigurationError,
    WriterError,
    WriterMisconfigured,
    WriterOverloaded,
    WriterUnavailable,
)
from bot.settings import Settings, StructuredOutput
from bot.testing import ManualClock, MemoryStore
from bot.writing.budget import Budget, estimate_tokens
from bot.writing.dialect import Dialect
from bot.writing.endpoint import Endpoint
from bot.writing.failures import explain, repeatable
from bot.writing.judging import SCHEMA, read_verdicts
from bot.writing.material import length_of
from bot.writing.resilience import LONGEST_DELAY, LONGEST_HOLD, CircuitBreaker, backoff, retry_after
from tests.ferry import FERRY, assignment

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)

# -- budgets ----------------------------------------------------------------------------------------------------------


def budget(store: MemoryStore, clock: ManualClock, member: int = 1000, workspace: int = 3000) -> Budget:
    return Budget(store, clock, member, workspace)


async def spend(found: Budget, member: str, tokens: int) -> None:
    async with found.reserve("harbour", member, tokens):
        await found.record("harbour", member, "m", Usage(tokens, 0, 1))


async def test_a_member_stops_at_their_limit_and_starts_again_at_midnight_utc() -> None:
    clock, store = ManualClock(datetime(2026, 1, 5, 23, 59, tzinfo=UTC)), MemoryStore()
    found = budget(store, clock)
    await spend(found, "ann", 900)
    with pytest.raises(BudgetSpent):
        await spend(found, "ann", 101)
    await spend(found, "ann", 100)
    await spend(found, "bob", 1000)
    clock.advance(61)
    await spend(found, "ann", 1000)


async def test_days_are_utc_days_whatever_zone_the_clock_is_in() -> None:
    clock, store = ManualClock(datetime(2026, 1, 5, 23, 30, tzinfo=UTC)), MemoryStore()
    await spend(budget(store, clock), "ann", 1000)
    ahead = ManualClock(
        clock.now().astimezone(timezone(timedelta(hours=2)))
    )  # there it is the sixth already, but the UTC day goes on
    with pytest.raises(BudgetSpent):
        await spend(budget(store, ahead), "ann", 1)


@pytest.mark.parametrize(("operators", "own", "most"), [(3000, "500", 500), (300, "500", 300), (0, "500", 500)])
async def test_the_lower_of_the_operators_and_the_workspaces_own_limit_holds(
    caplog: pytest.LogCaptureFixture, operators: int, own: str, most: int
) -> None:
    store = MemoryStore()
    await store.set_setting("harbour", None, "budget", own)
    await store.set_setting("other", None, "budget", "1")
    found = budget(store, ManualClock(), workspace=operators)
    await spend(found, "ann", most)
    with pytest.raises(BudgetSpent):
        await spend(found, "bob", 1)
    assert ("own limit are used up" in caplog.text) is (most == 500)
    await store.set_setting("harbour", None, "budget", None)
    if operators != most:
        await spend(found, "bob", 1)


async def test_the_workspace_limit_holds_for_all_members_together(caplog: pytest.LogCaptureFixture) -> None:
    found = budget(MemoryStore(), ManualClock())
    for member in ("ann", "bob", "cem"):
        await spend(found, member, 1000)
    with pytest.raises(BudgetSpent):
        await spend(found, "dee", 1)
    assert "of the workspace are used up; raise CRUX_WORKSPACE_TOKENS_PER_DAY" in caplog.text


async def test_calls_under_way_count_against_the_rest() -> None:
    found = budget(MemoryStore(), ManualClock())
    passed = 0

    async def call() -> None:
        nonlocal passed
        async with found.reserve("harbour", "ann", 400):
            passed += 1
            await asyncio.sleep(0.01)

    results = await asyncio.gather(*(call() for _ in range(5)), return_exceptions=True)
    assert passed == 2
    assert sum(isinstance(result, BudgetSpent) for result in results) == 3
    await spend(found, "ann", 1000)  # all of it is free again


async def test_zero_means_no_limit() -> None:
    await spend(budget(MemoryStore(), ManualClock(), 0, 0), "ann", 10**9)


def test_estimates_are_near_for_english_and_not_low_for_other_scripts() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("The ferry is tied up above wind force eight.") == 11
    assert estimate_tokens("渡船在八级风以上停航") >= 7


# -- waiting ----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 60), st.integers())
def test_backoff_grows_within_bounds(attempt: int, seed: int) -> None:
    full = min(LONGEST_DELAY, 0.5 * 2 ** (attempt - 1))
    assert full / 2 <= backoff(attempt, random.Random(seed)) <= full


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=30), usegmt=True)}, 30.0),
        ({"retry-after": format_datetime(NOW - timedelta(seconds=30), usegmt=True)}, 0.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_breaker_opens_after_failures_in_a_row_and_lets_one_call_try() -> None:
    time = Time()
    breaker = CircuitBreaker(3, 60.0, time)
    for _ in range(2):
        breaker.enter()
        assert not breaker.failed()
    breaker.enter()
    breaker.succeeded()
    for number in range(3):
        assert breaker.wait() == 0
        breaker.enter()
        assert breaker.failed() is (number == 2)
    assert breaker.wait() == 60
    time.now += 59
    assert breaker.wait() == pytest.approx(1)
    time.now += 1
    assert breaker.wait() == 0
    breaker.enter()
    assert breaker.wait() > 0  # the trial is under way
    breaker.failed()
    assert breaker.wait() == 60
    time.now += 60
    breaker.enter()
    breaker.abandoned()
    assert breaker.wait() == 0  # a trial that nobody waited for leaves the way free for the next
    breaker.enter()
    breaker.succeeded()
    assert breaker.wait() == 0


@given(st.floats(0.1, 1e6))
def test_the_breaker_keeps_away_as_long_as_the_server_asks_up_to_a_limit(hold: float) -> None:
    breaker = CircuitBreaker(5, 60.0, Time())
    breaker.enter()
    assert breaker.failed(hold)
    assert breaker.wait() == pytest.approx(min(hold, LONGEST_HOLD))


# -- what a server takes ----------------------------------------------------------------------------------------------

LOCAL = Endpoint("m", url="http://127.0.0.1:1/v1")


def test_where_servers_differ_the_first_try_suits_them() -> None:
    openai_first = Dialect.of(Endpoint("m", key="k")).parameters(500, None, SCHEMA)
    assert openai_first["max_completion_tokens"] == 500
    assert openai_first["reasoning_effort"] == "low"
    assert openai_first["response_format"]["type"] == "json_schema"
    assert "temperature" not in openai_first
    local_first = Dialect.of(LOCAL).parameters(500, 0.0, None)
    assert local_first == {"max_tokens": 500, "temperature": 0.0, "stream_options": {"include_usage": True}}


@pytest.mark.parametrize(
    ("complaint", "name"),
    [
        ("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.", "max_tokens"),
        ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"),
        ('"qwen" does not support thinking', "reasoning_effort"),
        ("[{'loc': ['body', 'stream_options'], 'msg': 'Extra inputs are not permitted'}]", "stream_options"),
        ("response_format json_schema is not available", "json_schema"),
    ],
)
def test_a_refusal_takes_away_the_parameter_that_it_names(complaint: str, name: str) -> None:
    dialect = Dialect.of(Endpoint("m", url="http://127.0.0.1:1/v1", reasoning_effort="low"))
    sent = dialect.parameters(500, 0.0, SCHEMA)
    assert dialect.give_up(complaint, sent) == name
    after = dialect.parameters(500, 0.0, SCHEMA)
    assert after != sent
    assert dialect.refused == [name]


def test_a_refusal_of_nothing_that_was_sent_changes_nothing() -> None:
    dialect = Dialect.of(LOCAL)
    sent = dialect.parameters(500, None, None)
    assert dialect.give_up("temperature and response_format are bad", sent) is None
    assert dialect.parameters(500, None, None) == sent


@given(
    st.lists(
        st.sampled_from(["max_tokens max_completion_tokens", "temperature", "json_schema json_object"]), max_size=9
    )
)
def test_ladders_end(complaints: list[str]) -> None:
    dialect = Dialect.of(LOCAL)
    steps = sum(dialect.give_up(c, dialect.parameters(9, 0.0, SCHEMA)) is not None for c in complaints)
    assert steps <= 5


def test_the_operators_choice_of_format_is_kept() -> None:
    dialect = Dialect.of(Endpoint("m", structured_output=StructuredOutput.JSON_OBJECT))
    sent = dialect.parameters(9, None, SCHEMA)
    assert sent["response_format"] == {"type": "json_object"}
    assert dialect.give_up("json_object is unknown", sent) is None


# -- verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "verdicts"),
    [
        ('{"verdicts": [{"pair": 1, "supported": true}, {"pair": 2, "supported": false}]}', [True, False]),
        ('Sure!\n```json\n{"verdicts": [{"pair": 2, "supported": true}]}\n```', [False, True]),
        ('{"note": 1} then [{"pair": 1, "supported": true}]', [True, False]),
        ("[true, false]", [True, False]),
        ("1: yes\n2. no", [True, False]),
        ("Pair 1: true\n- pair 2 - false", [True, False]),
        ('{"verdicts": [{"pair": 1, "supported": true}, {"pair": 1, "supported": false}]}', [False, False]),
        ('{"verdicts": [{"pair": 1, "supported": "true"}, {"pair": 9, "supported": true}]}', [False, False]),
        ("I can't judge that.", [False, False]),
        ("{" * 500, [False, False]),
        ("", [False, False]),
    ],
)
def test_verdicts_are_read_and_silence_is_no(answer: str, verdicts: list[bool]) -> None:
    assert read_verdicts(answer, 2) == verdicts


@given(st.text(), st.integers(0, 20))
def test_any_answer_gives_a_verdict_for_each_pair(answer: str, pairs: int) -> None:
    assert len(read_verdicts(answer, pairs)) == pairs


# -- failures ---------------------------------------------------------------------------------------------------------


def status_error(status: int, body: object, headers: dict[str, str] | None = None) -> openai.APIStatusError:
    response = httpx2.Response(status, headers=headers, request=httpx2.Request("POST", "http://127.0.0.1/v1"))
    data = body.get("error", body) if isinstance(body, dict) else body
    return openai.APIStatusError(f"Error code: {status}", response=response, body=data)


@pytest.mark.parametrize(
    ("status", "body", "branch", "retry", "remedy"),
    [
        (401, {"error": {"code": "invalid_api_key"}}, WriterMisconfigured, False, "CRUX_MODEL_KEY"),
        (402, {}, WriterMisconfigured, False, "credit"),
        (403, {}, WriterMisconfigured, False, "CRUX_MODEL_KEY"),
        (404, {"error": {"code": "model_not_found"}}, WriterMisconfigured, False, "CRUX_MODEL,"),
        (400, {"error": {"code": "context_length_exceeded"}}, WriterMisconfigured, False, "8,000 tokens"),
        (400, {"error": {"type": "exceed_context_size_error"}}, WriterMisconfigured, False, "8,000 tokens"),
        (422, {"detail": "nope"}, WriterMisconfigured, False, "doesn't take the request"),
        (429, {}, WriterOverloaded, True, "limits how often"),
        (429, {"error": {"code": "insufficient_quota"}}, WriterMisconfigured, False, "credit"),
        (529, {}, WriterOverloaded, True, "limits how often"),
        (500, "<html>", WriterUnavailable, True, "server's"),
        (408, {}, WriterUnavailable, True, "server's"),
    ],
)
def test_each_status_has_its_branch(
    status: int, body: object, branch: type[WriterError], retry: bool, remedy: str
) -> None:
    failure = explain(status_error(status, body), [], None, NOW)
    assert type(failure.error) is branch
    assert failure.retry is retry
    assert remedy in failure.remedy
    assert f"HTTP {status}" in failure.why


def test_an_overloaded_server_is_asked_again_when_it_says() -> None:
    failure = explain(status_error(503, {}, {"retry-after": "12"}), [], None, NOW)
    assert isinstance(failure.error, WriterOverloaded)
    assert failure.error.retry_after == failure.wait == 12


@pytest.mark.parametrize(
    "message",
    [
        "Flagged input: the ferry has to go now",
        "Incorrect API key provided: sk-abcd********wxyz.",
        "bad token abcd",
        "Your key ends in wxyz",
    ],
)
def test_the_log_repeats_neither_prompt_nor_key(message: str) -> None:
    sent = ["# The material\nThe ferry  has to go\nnow"]
    assert repeatable(message, sent, "sk-abcdefwxyz") == ""
    failure = explain(status_error(400, {"error": {"message": message}}), sent, "sk-abcdefwxyz", NOW)
    assert message[-8:] not in failure.why


def test_harmless_words_of_the_server_reach_the_log() -> None:
    failure = explain(
        status_error(404, {"error": {"message": "model 'x' not found,\ntry pulling it"}}), [], "k" * 9, NOW
    )
    assert "\"model 'x' not found, try pulling it\"" in failure.why
    assert len(repeatable("long " * 100, [], None)) == 200


# -- lengths and settings ---------------------------------------------------------------------------------------------


def test_length_follows_the_walk() -> None:
    lengths = [length_of(given.walk, given.words) for given in (assignment(claim_id=a.id) for a in FERRY)]
    assert [length.leaf for length in lengths] == [False, False, False, True, True, True]
    assert lengths[0].words > lengths[2].words > lengths[3].words
    for most in (30, 60, 100, 400):
        assert length_of(assignment(Task.COUNTER).walk, most).words < most
        assert length_of(assignment(claim_id="FE-05").walk, most).words <= most


def test_endpoints_come_from_settings_and_hide_the_key() -> None:
    found = Endpoint.of(
        Settings.model_validate({"CRUX_MODEL_KEY": "sk-hidden", "model_url": "http://u:pw@box:8080/v1?x=1"})
    )
    assert found.key == "sk-hidden"
    assert "sk-hidden" not in repr(found)
    assert found.host == "box:8080"
    assert not found.is_openai
    assert Endpoint("m").host == "api.openai.com"


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8080/v1", "ftp://box/v1", "http:///v1", "http://[x/v1", "http://box:99999/v1"]
)
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ConfigurationError, match="CRUX_MODEL_URL is no address: write it as"):
        Endpoint.of(Settings.model_validate({"model_url": url}))
