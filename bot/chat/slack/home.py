"""The Home tab, and the suggestions of a direct message."""

from __future__ import annotations

import logging
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack import views
from bot.chat.slack.failures import FAILURES, reason_of
from bot.core.debate import Debate
from bot.core.kept import Reply
from bot.core.language import say
from bot.core.messages import Button, Message, Paragraph
from bot.core.ports import Clock
from bot.core.requests import Request

log = logging.getLogger(__name__)

PARTS: Final = (
    ("Your positions", "/crux me"),
    ("Topics here", "/crux topic"),
    ("What is posted when", "/crux schedule"),
    ("What is asked next", "/crux queue"),
)
"""The headings of the tab, each with the command whose answer stands below it."""
SUGGESTED: Final = (
    ("Best case for the thesis", "/steelman thesis"),
    ("Best case against it", "/counter thesis"),
    ("Where do we stand?", "/crux standing"),
    ("What can I say?", "/crux help"),
)


@dataclass(frozen=True)
class Home:
    """Shows a member what commands would tell them. Nothing of it is kept, and nothing goes to a channel."""

    debate: Debate
    clock: Clock

    async def publish(self, client: AsyncWebClient, request: Request) -> None:
        """Show the tab to a member."""
        parts = [(heading, await self._answer(replace(request, text=text))) for heading, text in PARTS]
        try:
            await client.views_publish(user_id=request.member, view=views.home([*parts, (say("Your data"), YOURS)]))
        except FAILURES as failure:
            log.warning("the Home tab could not be shown (%s)", reason_of(failure))

    async def suggest(self, client: AsyncWebClient, channel: str) -> None:
        """Offer what may be asked in a direct message."""
        prompts = [{"title": title, "message": text} for title, text in SUGGESTED]
        try:
            await client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts)
        except FAILURES as failure:
            log.info("nothing could be suggested (%s)", reason_of(failure))

    async def _answer(self, request: Request) -> Message:
        async with aclosing(self.debate.answer(request)) as events:
            async for event in events:
                if isinstance(event, Reply):
                    return event.message
        return Message()


YOURS: Final = Message(
    (
        Paragraph("`/crux settings` in a channel shows its settings; organisers change them there."),
        Paragraph(
            "What is kept about you comes as a file by direct message; forgetting deletes it, after one more question."
        ),
    ),
    buttons=(Button("Export my data", "/crux export-me"), Button("Forget me", "/crux forget-me")),
)
