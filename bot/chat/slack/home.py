"""The Home tab, and the suggestions of a direct message."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack import views
from bot.chat.slack.failures import FAILURES, reason_of
from bot.chat.slack.notices import TRY_AGAIN
from bot.chat.slack.views import Part
from bot.core.debate import Debate
from bot.core.kept import Reply
from bot.core.language import mark, plural, say, spoken
from bot.core.messages import Button, Message, Paragraph
from bot.core.ports import Clock
from bot.core.requests import Request
from bot.core.schedules import Schedule, ScheduleKind
from bot.errors import StorageError

log = logging.getLogger(__name__)

ANSWERS: Final = (
    (mark("Your positions"), "/crux me"),
    (mark("Topics here"), "/crux topic"),
    (mark("What is posted when"), "/crux schedule"),
    (mark("What is asked next"), "/crux queue"),
)
"""Headings of the tab, each with the command whose answer stands below it."""
MOST_CHANNELS: Final = 5
"""Channels whose settings the tab shows; the others' are shown by `/crux settings` there."""
SUGGESTED: Final = (
    (mark("Best case for the thesis"), "/steelman thesis"),
    (mark("Best case against it"), "/counter thesis"),
    (mark("Where do we stand?"), "/crux standing"),
    (mark("What can I say?"), "/crux help"),
)


@dataclass(frozen=True)
class Home:
    """Shows a member what commands would tell them in their direct message with the bot. Nothing of it is kept."""

    debate: Debate
    clock: Clock

    async def publish(self, client: AsyncWebClient, request: Request) -> None:
        """Show the tab to a member; what is pressed in it belongs to their direct message, or to a channel it names."""
        request = replace(request, channel=await _direct(client, request.member), direct=True)
        await self.debate.languages.speak_if_told(request.workspace, request.channel)
        try:
            parts = [part async for part in self._parts(request)]
        except StorageError as error:
            log.warning("the Home tab has nothing to show: workspace=%s (%s)", request.workspace, error.message)
            parts = [Part("", Message((Paragraph(say(TRY_AGAIN)),)), request.channel)]
        try:
            await client.views_publish(user_id=request.member, view=views.home(parts))
        except FAILURES as failure:
            log.warning("the Home tab could not be shown (%s)", reason_of(failure))

    async def suggest(self, client: AsyncWebClient, workspace: str, channel: str) -> None:
        """Offer what may be asked in a direct message."""
        await self.debate.languages.speak_if_told(workspace, channel)
        prompts = [{"title": say(title), "message": text} for title, text in SUGGESTED]
        try:
            await client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts)
        except FAILURES as failure:
            log.info("nothing could be suggested (%s)", reason_of(failure))

    async def _parts(self, request: Request) -> AsyncIterator[Part]:
        schedules = await self.debate.store.schedules(request.workspace)
        first, *others = ANSWERS
        yield await self._answered(request, *first)
        yield self._coming(request, schedules)
        for heading, text in others:
            yield await self._answered(request, heading, text)
        if request.organiser:
            async for part in self._settings(request, schedules):
                yield part
        yield Part(say("Your data"), _yours(), request.channel)

    async def _answered(self, request: Request, heading: str, text: str) -> Part:
        request = replace(request, text=text)
        async with aclosing(self.debate.answer(request)) as events:
            async for event in events:
                if isinstance(event, Reply):
                    return Part(say(heading), event.message, request.channel)
        return Part(say(heading), Message(), request.channel)

    def _coming(self, request: Request, schedules: Sequence[Schedule]) -> Part:
        """The next prompt and digest of each channel, soonest first, on the reader's own clock.

        Slack shows a channel's name to those alone who may see the channel.
        """
        now = self.clock.now()
        due = [
            (at, schedule)
            for schedule in schedules
            for at in self.debate.recurrences.next_due(schedule, now, 1)
            if schedule.channel[:1] in ("C", "G")
        ]
        due.sort(key=lambda each: (each[0], each[1].id))
        lines = tuple(_announced(at, schedule) for at, schedule in due[:MOST_CHANNELS])
        nothing = Message() if lines else Message((Paragraph(say("Nothing is due.")),))
        return Part(say("What comes next"), nothing, request.channel, lines)

    async def _settings(self, request: Request, schedules: Sequence[Schedule]) -> AsyncIterator[Part]:
        """What organisers may set: for all channels, and for those that are posted to."""
        ruling, workspace = self.debate.ruling, request.workspace
        yield Part(
            say("Settings of the workspace"), await ruling.of_workspace(workspace), request.channel, opens_settings=True
        )
        channels = dict.fromkeys(each.channel for each in schedules if each.channel[:1] in ("C", "G"))
        for n, channel in enumerate(list(channels)[:MOST_CHANNELS]):
            heading = say("Settings of channels") if n == 0 else ""
            yield Part(heading, await ruling.of_channel(workspace, channel), channel, (f"*<#{channel}>*",))
        if len(channels) > MOST_CHANNELS:
            left = plural(
                "{number} more channel that is posted to: `/crux settings` there shows what it has set.",
                "{number} more channels that are posted to: `/crux settings` there shows what they have set.",
                len(channels) - MOST_CHANNELS,
            )
            yield Part("", Message((Paragraph(left),)), request.channel)


async def _direct(client: AsyncWebClient, member: str) -> str:
    """A member's direct message with the bot; their own id, which Slack takes for it, where it can't be opened."""
    try:
        return str((await client.conversations_open(users=member))["channel"]["id"])
    except FAILURES as failure:
        log.info("a direct message could not be opened (%s)", reason_of(failure))
        return member


def _announced(at: datetime, schedule: Schedule) -> str:
    """A line in Slack's markup, which shows the time by the reader's clock, or the words behind the bar."""
    fallback = f"{spoken().day(at)}, {at.astimezone(UTC):%H:%M} UTC"
    time = f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{fallback}>"
    if schedule.kind is ScheduleKind.PROMPTS:
        return say("Next prompt in {channel}: {time}.", channel=f"<#{schedule.channel}>", time=time)
    return say("Next digest in {channel}: {time}.", channel=f"<#{schedule.channel}>", time=time)


def _yours() -> Message:
    return Message(
        (
            Paragraph(say("`/crux settings` in a channel shows its settings; organisers change them there.")),
            Paragraph(
                say(
                    "What is kept about you comes as a file by direct message; forgetting deletes it, after one more "
                    "question."
                )
            ),
        ),
        buttons=(Button(say("Export my data"), "/crux export-me"), Button(say("Forget me"), "/crux forget-me")),
    )
