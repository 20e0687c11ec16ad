"""What Discord's refusals, pauses and silences mean for a post: whether it is there, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import aiohttp
import discord

from bot.core.language import mark, say
from bot.errors import MessengerError, OutcomeUnknown, RateLimited, Refused, Unreachable

GONE: Final = mark("Discord has no such channel any longer; choose another one for this.")
_REASONS: Final[dict[int, str]] = {
    10003: GONE,
    10004: mark("Crux is no longer in that server; invite it again with the link of `crux discord invite`."),
    10008: mark("The message is gone."),
    10013: mark("Discord has no such member."),
    40060: mark("Another process has answered this already."),
    40067: mark("The forum wants a tag that Crux may set; add one that is not for moderators only."),
    50001: mark("Crux can't see that channel; give it View Channel there."),
    50007: mark("The member takes no direct messages from Crux; they can allow them in the server's privacy settings."),
    50008: mark("Nothing can be written in a channel of that kind; choose a text channel."),
    50013: mark(
        "Crux lacks a permission there: it needs View Channel, Send Messages and, in threads, Send Messages in "
        "Threads; `crux doctor` says which one."
    ),
    50083: mark("The thread is archived; reopen it."),
    50278: mark("The member shares no server with Crux, so Discord takes no direct message to them."),
    160005: mark("The thread is locked; unlock it, or give Crux Manage Threads."),
}
_TOKEN_GONE: Final = frozenset({10015, 10062, 50027})
"""An interaction that is unknown by now, or whose token has run out."""
FAILURES: Final = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""What a call of Discord's library may raise."""
_NOT_MADE: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


def token_gone(error: BaseException) -> bool:
    """Whether an interaction can no longer be answered by its token."""
    return isinstance(error, discord.HTTPException) and error.code in _TOKEN_GONE


def message_gone(error: BaseException) -> bool:
    """Whether somebody deleted the message."""
    return isinstance(error, discord.HTTPException) and error.code == 10008


def as_error(error: BaseException) -> MessengerError:
    """What an exception of discord.py says of the post that was being sent."""
    match error:
        case MessengerError():
            return error
        case discord.RateLimited():
            return RateLimited(error.retry_after)
        case discord.HTTPException():
            return _of_status(error)
        case _ if isinstance(error, _NOT_MADE):
            return Unreachable(say("Discord can't be reached."))
        case aiohttp.ClientError() | OSError() | TimeoutError():
            return OutcomeUnknown(say("Discord did not answer, so the post may have arrived."))
        case _:
            return OutcomeUnknown(say("The post ended in {name}, and may have arrived.", name=type(error).__name__))


def _of_status(error: discord.HTTPException) -> MessengerError:
    if error.status == 429:
        return RateLimited(_pause(error))
    if error.status >= 500:
        return OutcomeUnknown(say("Discord had an error of its own, so the post may have arrived."))
    if error.status == 401:
        return Refused(say("Discord refuses the bot's token; set CRUX_DISCORD_TOKEN to the one that it has now."))
    told = _REASONS.get(error.code)
    if told is not None:
        return Refused(say(told))
    reason = error.text[:200] or say("without a reason")
    return Refused(say("Discord refuses it ({code}: {reason}).", code=error.code, reason=reason))


def _pause(error: discord.HTTPException) -> float:
    try:
        return max(1.0, float(error.response.headers.get("Retry-After", "")))
    except ValueError:
        return 60.0


@contextmanager
def told() -> Iterator[None]:
    """Whatever Discord's library raises inside, as a MessengerError.

    Raises:
        MessengerError: what it was.
    """
    try:
        yield
    except FAILURES as error:
        raise as_error(error) from error
