"""What is offered while a member types an option: claims and topics, those that fit best first.

It is advice: what is sent in the end is read by the core, which refuses what is nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from discord import app_commands

from bot.chat.discord.markup import one_line, shortened
from bot.core.arguments import Argument, ArgumentMap
from bot.core.choosing import Choosing
from bot.core.requests import Venue
from bot.errors import CruxError

log = logging.getLogger(__name__)

MOST: Final = 25
NAME: Final = 100
SECONDS: Final = 1.5
"""How long finding them may take; Discord waits three seconds, and a member who types waits less."""

Choice = app_commands.Choice[str]


@dataclass(frozen=True)
class Choices:
    """Finds choices in the topic of a channel or thread."""

    choosing: Choosing

    async def claims(self, venue: Venue, typed: str) -> list[Choice]:
        """Claims that a text may mean."""
        return [Choice(name=label(each.id, each.claim), value=each.id) for each in await self._found(venue, typed)]

    async def views(self, venue: Venue, typed: str) -> list[Choice]:
        """What was typed, as it is, then claims that it may mean."""
        claims = await self.claims(venue, typed)
        own = " ".join(typed.split())
        if not own or len(own) > NAME or any(own.upper() == each.value for each in claims):
            return claims
        return [Choice(name=f"“{shortened(one_line(own), NAME - 2)}”", value=own), *claims][:MOST]

    async def topics(self, workspace: str, typed: str) -> list[Choice]:
        try:
            async with asyncio.timeout(SECONDS):
                maps = await self.choosing.topics(workspace)
        except (CruxError, TimeoutError):
            return []
        begun = typed.strip().casefold()
        found = [each for each in maps if begun in each.id or begun in each.question.casefold()]
        return [Choice(name=label(each.id, each.question), value=each.id) for each in found[:MOST]]

    async def _found(self, venue: Venue, typed: str) -> Sequence[Argument]:
        try:
            async with asyncio.timeout(SECONDS):
                return await self.choosing.claims(venue, typed, MOST)
        except (CruxError, TimeoutError) as error:
            log.info("choices could not be ranked: %s", type(error).__name__)
        try:
            async with asyncio.timeout(SECONDS / 2):
                return named(await self.choosing.topic(venue), typed)
        except (CruxError, TimeoutError):
            return []


def named(argument_map: ArgumentMap, typed: str) -> Sequence[Argument]:
    """The claims that a text names by the beginning of an id or by words of theirs, where nothing can be read."""
    begun = typed.strip().casefold()
    by_id = [each for each in argument_map if each.id.casefold().startswith(begun)]
    by_words = [each for each in argument_map if begun in each.claim.casefold()]
    return list({each.id: each for each in (*by_id, *by_words)}.values())[:MOST]


def words_of(typed: str, options: Iterable[tuple[str, str]]) -> list[Choice]:
    """Fixed words with what they mean, those that begin with what was typed."""
    begun = typed.strip().casefold()
    return [Choice(name=label(word, says), value=word) for word, says in options if word.startswith(begun)][:MOST]


def label(name: str, says: str) -> str:
    return shortened(one_line(f"{name}: {says}" if says else name), NAME)
