"""Opens the modals: for a position, and for what holds in the whole workspace."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack import views
from bot.chat.slack.clients import workspace_of
from bot.chat.slack.failures import FAILURES, reason_of
from bot.chat.slack.notices import TRY_AGAIN, tell
from bot.chat.slack.surfaces import Place
from bot.core.debate import Debate
from bot.core.houserules import rules_of
from bot.core.language import say
from bot.core.requests import Venue
from bot.errors import BadInput, CruxError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Forms:
    """Opens them by the trigger of a command or press, which Slack takes for three seconds."""

    debate: Debate

    async def position(self, client: AsyncWebClient, trigger: str, place: Place, text: str | None) -> None:
        """The modal for a position, on the claim that a text is about where there is one."""
        workspace, choosing = workspace_of(place.team), self.debate.choosing
        await self.debate.languages.speak_if_told(workspace, place.channel)
        try:
            venue = Venue(workspace, place.channel, place.thread)
            topic = await choosing.topic(venue)
            near = await choosing.claims(venue, text, views.MOST_CLAIMS) if text else []
        except CruxError as error:
            log.warning("a modal could not be opened: workspace=%s (%s)", workspace, type(error).__name__)
            await tell(client, place, error.message if isinstance(error, BadInput) else say(TRY_AGAIN))
            return
        everything = [*near, *(each for each in (topic.thesis, *topic.arguments) if each not in near)]
        chosen = near[0].id if near else None
        view = views.position(everything, chosen, place.channel, place.thread, topic=topic.question)
        too_late = say("That took too long; try again, or type `/stand MI-04 agree because …`.")
        await self._open(client, trigger, place, view, too_late)

    async def settings(self, client: AsyncWebClient, trigger: str, place: Place) -> None:
        """The modal for the workspace's settings; whether they may be changed is seen when it comes back."""
        workspace = workspace_of(place.team)
        await self.debate.languages.speak_if_told(workspace, place.channel)
        try:
            rules = rules_of(await self.debate.store.settings(workspace))
        except CruxError as error:
            log.warning("a modal could not be opened: workspace=%s (%s)", workspace, type(error).__name__)
            await tell(client, place, say(TRY_AGAIN))
            return
        too_late = say("That took too long; try again, or type `/crux settings budget 50000`.")
        await self._open(client, trigger, place, views.settings(rules), too_late)

    async def _open(
        self, client: AsyncWebClient, trigger: str, place: Place, view: dict[str, Any], too_late: str
    ) -> None:
        try:
            await client.views_open(trigger_id=trigger, view=view)
        except FAILURES as failure:
            log.info("a modal could not be opened (%s)", reason_of(failure))
            await tell(client, place, too_late)
