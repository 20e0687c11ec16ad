"""What members see in the small Slack, put as questions that tests ask."""

from __future__ import annotations

from bot.core.messages import Message as CoreMessage
from bot.core.messages import Paragraph
from tests.acceptance.slack_bot import Bot
from tests.slack import Channel, Member, Message, SlackServer


def whole(bot: Bot, channel: Channel, words: str) -> list[Message]:
    """Posts of the bot in a channel that have some words and are no longer being written."""
    return [m for m in public(bot, channel) if words in m.seen.text and m.stream != "streaming" and done(m)]


def public(bot: Bot | SlackServer, channel: Channel) -> list[Message]:
    """What the bot posted to a channel for all to see, and still stands."""
    slack = bot if isinstance(bot, SlackServer) else bot.slack
    return [message for message in slack.posts(channel) if message.ephemeral_to is None]


def saw_more(member: Member, channel: Channel, count: int, thread: str | None = None) -> bool:
    return len(member.sees(channel, thread)) > count


def answered_in(slack: SlackServer, channel: Channel, thread: str) -> bool:
    return any(message.thread_ts == thread and done(message) for message in public(slack, channel))


def done(message: Message) -> bool:
    return (message.metadata or {}).get("event_type") != "crux_working"


def message_of(text: str) -> CoreMessage:
    return CoreMessage((Paragraph(text),))
