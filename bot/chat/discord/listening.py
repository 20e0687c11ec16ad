"""Which messages are meant for the bot, and what they say to it. Pure functions of the message.

Without the message-content intent Discord delivers the words of direct messages, of messages that mention the bot and
of replies that ping it; everything else arrives empty, and is not meant for it either.
"""

from __future__ import annotations

import re

import discord


def addressed(message: discord.Message, me: int, *, hears_all: bool) -> bool:
    """Whether a member speaks to the bot: directly, by a mention or a pinging reply, or in a thread that it opened.

    `me` is the bot's id. `hears_all` says whether the operator switched the message-content intent on.
    """
    if message.author.bot or message.webhook_id is not None or message.is_system():
        return False
    if message.guild is None:
        return isinstance(message.channel, discord.DMChannel)
    if any(user.id == me for user in message.mentions):
        return True
    own = isinstance(message.channel, discord.Thread) and message.channel.owner_id == me
    return own and hears_all and bool(message.content.strip()) and not message.mentions and _answers_nobody(message)


def said(message: discord.Message, me: int) -> str:
    """The words of a message without the mention of the bot."""
    return " ".join(re.sub(rf"<@!?{me}>", " ", message.content).split())


def _answers_nobody(message: discord.Message) -> bool:
    """Whether a message in a thread is for all: a reply to another member is for that member."""
    return message.reference is None
