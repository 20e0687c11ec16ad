"""What each of Slack's failures means for a post: surely not there, or perhaps."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackClientNotConnectedError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.chat.slack.failures import translated
from bot.errors import MessengerError, OutcomeUnknown, RateLimited, Refused, Unreachable


def refusal(error: str, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="x",
        req_args={},
        data={"ok": False, "error": error},
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("failed", response)  # type: ignore[no-untyped-call]


def meaning(failure: BaseException) -> MessengerError:
    with pytest.raises(MessengerError) as caught, translated():
        raise failure
    return caught.value


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("not_in_channel", "/invite"),
        ("channel_not_found", "/invite"),
        ("is_archived", "archived"),
        ("missing_scope", "crux slack manifest"),
        ("invalid_auth", "CRUX_SLACK_BOT_TOKEN"),
        ("user_disabled", "deactivated"),
        ("something_new", "something_new"),
    ],
)
def test_a_refusal_says_what_to_do(error: str, words: str) -> None:
    found = meaning(refusal(error))
    assert isinstance(found, Refused)
    assert words in found.message


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (refusal("ratelimited", 429, {"Retry-After": "7"}), RateLimited),
        (refusal("internal_error"), OutcomeUnknown),
        (refusal("anything", 503), OutcomeUnknown),
        (aiohttp.ServerDisconnectedError(), OutcomeUnknown),
        (aiohttp.ClientPayloadError(), OutcomeUnknown),
        (TimeoutError(), OutcomeUnknown),
        (ConnectionResetError(), OutcomeUnknown),
        (SlackClientNotConnectedError("x"), OutcomeUnknown),
    ],
)
def test_whether_it_may_be_there(failure: Exception, kind: type[MessengerError]) -> None:
    assert type(meaning(failure)) is kind


def test_a_connection_that_was_never_made_posted_nothing() -> None:
    key: Any = type("Key", (), {"ssl": True, "host": "h", "port": 1, "is_ssl": False})()
    assert isinstance(meaning(aiohttp.ClientConnectorError(key, OSError("refused"))), Unreachable)


@pytest.mark.parametrize(("said", "seconds"), [("7", 7.0), ("-1", 0.0), ("soon", 1.0), (None, 1.0)])
def test_the_pause_that_slack_asks_for(said: str | None, seconds: float) -> None:
    found = meaning(refusal("ratelimited", 429, {} if said is None else {"retry-after": said}))
    assert isinstance(found, RateLimited)
    assert found.retry_after == seconds
