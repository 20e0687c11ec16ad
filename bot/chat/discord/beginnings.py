"""What a process that died has left of an answer in its channel, which another one sends in the end.

That is a message in which the answer was growing, or one that says that the bot is thinking. The first becomes the
answer; the second goes once the answer is there, since nothing promises that it could be changed any longer.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import discord

from bot.chat.discord.failures import FAILURES, as_error, message_gone
from bot.chat.discord.marks import marks_of, working_mark
from bot.chat.discord.names import interaction_event
from bot.chat.discord.places import Places
from bot.chat.discord.views import Sendable
from bot.core.inbox import answer_id
from bot.core.outbox import Post
from bot.core.requests import Request
from bot.errors import OutcomeUnknown, Refused

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Left:
    """Both, where there are any."""

    growing: discord.Message | None = None
    thinking: discord.Message | None = None


async def left_of(places: Places, target: discord.abc.Messageable, post: Post) -> Left:
    """What is left of an answer in a channel.

    Where Discord doesn't say, the answer matters more than what may be left standing of its beginning.

    Raises:
        MessengerError: nothing can be looked for or posted now.
    """
    wanted = working_mark(post.nonce)
    growing = thinking = None
    try:
        async for message in places.history(target, post.created_at):
            if wanted in marks_of(message):
                growing = message
            elif message.flags.loading and _answers(message, post):
                thinking = message
    except (Refused, OutcomeUnknown) as error:
        log.info("an answer's beginning could not be looked for: %s", error.message)
    return Left(growing, thinking)


def _answers(message: discord.Message, post: Post) -> bool:
    """Whether a message is the response to the interaction that a post answers."""
    if message.interaction_metadata is None:
        return False
    event = interaction_event(message.interaction_metadata.id)
    asked = Request(post.workspace, post.channel, "", "", event, post.created_at)
    return answer_id(asked) == post.id


async def complete(growing: discord.Message, part: Sendable) -> bool:
    """Make what was growing the answer; False where somebody has deleted it.

    Raises:
        MessengerError: what became of that.
    """
    try:
        await growing.edit(view=part.view, attachments=part.files)
    except FAILURES as error:
        if message_gone(error):
            return False
        raise as_error(error) from error
    return True


async def take_away(thinking: discord.Message) -> None:
    """Delete what promised an answer; if that can't be done, Discord itself says after a while that nothing came."""
    try:
        await thinking.delete()
    except FAILURES as error:
        log.info("a promise of an answer could not be taken away: %s", as_error(error).message)
