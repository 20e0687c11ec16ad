"""What Slack's answers mean for a post."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.core.language import mark, say
from bot.errors import Departed, MessengerError, OutcomeUnknown, RateLimited, Refused, Unreachable

INVITE: Final = mark("I'm not in that channel; invite me there with `/invite`.")

_REFUSED: Final = {
    "not_in_channel": INVITE,
    "channel_not_found": mark("I can't see that channel: it is gone, or I was never invited; `/invite` brings me in."),
    "is_archived": mark("That channel is archived; unarchive it, or drop this."),
    "user_not_in_channel": mark("That member is not in the channel."),
    "restricted_action": mark("Slack's settings don't let me post there; ask an admin of the workspace."),
    "restricted_action_read_only_channel": mark("That channel is read-only for me; ask an admin of the workspace."),
    "restricted_action_thread_only_channel": mark("That channel takes replies in threads only."),
    "thread_not_found": mark("The thread is gone."),
    "message_not_found": mark("The message is gone."),
    "message_limit_exceeded": mark("The workspace has reached Slack's limit of messages for its plan."),
    "missing_scope": mark("The app lacks a permission; install it anew with the manifest of `crux slack manifest`."),
    "not_authed": mark("Slack's token is missing; set CRUX_SLACK_BOT_TOKEN."),
    "invalid_auth": mark("Slack's token is not valid; set CRUX_SLACK_BOT_TOKEN to the one of the app's installation."),
    "token_revoked": mark("Slack's token was revoked; install the app anew."),
    "token_expired": mark("Slack's token has expired; install the app anew."),
    "account_inactive": mark("The app was removed from that workspace; install it anew."),
    "team_access_not_granted": mark("The app may not be used in that workspace; ask an admin of the organisation."),
}
"""Errors after which nothing was posted, and trying again changes nothing, each with what to do."""
_OTHERWISE: Final = mark("Slack refuses it ({name}).")

_DEPARTED: Final = {
    "user_disabled": mark("That member's account is deactivated."),
    "user_not_found": mark("That member is not in the workspace any longer."),
}
"""Errors of what is for one member, after which nobody is left to read it."""

_TRANSIENT: Final = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")
"""Errors after which it may have been posted all the same."""


FAILURES: Final = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
"""What a call to Slack may raise: its refusal, or that it was not to be had."""


def reason_of(failure: BaseException) -> str:
    """A call's failure in a word, for the log."""
    return error_of(failure) if isinstance(failure, SlackApiError) else type(failure).__name__


def error_of(failure: SlackApiError) -> str:
    """The name of the error in Slack's answer."""
    try:
        return str(failure.response.get("error") or failure.response.status_code)
    except AttributeError:
        return "unknown"


@contextmanager
def translated() -> Iterator[None]:
    """Raise what a call's failure means for what it should have posted.

    Raises:
        RateLimited, Refused, Unreachable: it was certainly not posted.
        OutcomeUnknown: it may have been.
    """
    try:
        yield
    except SlackApiError as failure:
        raise _meaning(failure) from failure
    except aiohttp.ClientConnectorError as failure:
        raise Unreachable(say("Slack can't be reached.")) from failure
    except FAILURES as failure:
        raise OutcomeUnknown(say("Slack did not answer.")) from failure


def _meaning(failure: SlackApiError) -> MessengerError:
    name = error_of(failure)
    status = getattr(failure.response, "status_code", 200)
    if status == 429 or name in ("ratelimited", "rate_limited"):
        headers = getattr(failure.response, "headers", {}) or {}
        return RateLimited(_seconds(headers))
    if status >= 500 or name in _TRANSIENT:
        return OutcomeUnknown(say("Slack failed while it had the message."))
    if name in _DEPARTED:
        return Departed(say(_DEPARTED[name]))
    return Refused(say(_REFUSED.get(name, _OTHERWISE), name=name))


def _seconds(headers: dict[str, str]) -> float:
    said = next((value for key, value in headers.items() if key.lower() == "retry-after"), "1")
    try:
        return max(0.0, float(said))
    except ValueError:
        return 1.0
