"""A word to one member, beside answers."""

from __future__ import annotations

import logging
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.failures import FAILURES, reason_of
from bot.chat.slack.surfaces import Place
from bot.core.language import mark

log = logging.getLogger(__name__)

TRY_AGAIN: Final = mark("I can't take that right now; try again in a moment.")


async def tell(client: AsyncWebClient, place: Place, text: str) -> None:
    """Say something where only one member sees it; what fails is logged."""
    try:
        if place.direct:
            await client.chat_postMessage(channel=place.channel, text=text, thread_ts=place.thread)
            return
        await client.chat_postEphemeral(channel=place.channel, user=place.member, text=text, thread_ts=place.thread)
    except FAILURES as failure:
        log.info("a member could not be told (%s)", reason_of(failure))
