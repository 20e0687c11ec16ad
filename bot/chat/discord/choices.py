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
from bot.core.arguments import ArgumentMap
from bot.core.ports import Retriever
from bot.core.resolving import Resolver
from bot.errors import CruxError

log = logging.getLogger(__name__)

MOST: Final = 25
NAME: Final = 100
SECONDS: Final = 1.2
"""How long ranking may take; Discord waits three seconds, and a member who types waits less."""

Choice = app_commands.Choice[str]


@dataclass(frozen=True)
class Choices:
    """Finds choices in the topic of a channel."""

    resolver: Resolver
    retriever: Retriever

    async def claims(self, workspace: str, channel: str, typed: str) -> list[Choice]:
        """Claims by id, by the beginning of a word, then by meaning."""
        try:
            async with asyncio.timeout(SECONDS):
                current = await self.resolver.current(workspace, channel)
        except (CruxError, TimeoutError):
            return []
        near = named(current, typed)
        if len(near) < MOST and len(typed.strip()) > 2:
            near += [each for each in await self._read(current, typed) if each not in near]
        return [Choice(name=label(each, current[each].claim), value=each) for each in near[:MOST]]

    async def views(self, workspace: str, channel: str, typed: str) -> list[Choice]:
        """What was typed, as it is, then claims that it may be about."""
        claims = await self.claims(workspace, channel, typed)
        own = " ".join(typed.split())
        if not own or len(own) > NAME or any(own.upper() == each.value for each in claims):
            return claims
        return [Choice(name=f"“{shortened(one_line(own), NAME - 2)}”", value=own), *claims][:MOST]

    async def topics(self, workspace: str, typed: str) -> list[Choice]:
        try:
            async with asyncio.timeout(SECONDS):
                maps = await self.resolver.maps(workspace)
        except (CruxError, TimeoutError):
            return []
        begun = typed.strip().casefold()
        found = [each for each in maps if begun in each.id or begun in each.question.casefold()]
        return [Choice(name=label(each.id, each.question), value=each.id) for each in found[:MOST]]

    async def _read(self, current: ArgumentMap, typed: str) -> list[str]:
        try:
            async with asyncio.timeout(SECONDS):
                reading = await self.retriever.read(typed, current, MOST)
        except (CruxError, TimeoutError) as error:
            log.info("choices could not be ranked: %s", type(error).__name__)
            return []
        return [each.argument_id for each in reading.candidates if each.argument_id in current]


def named(argument_map: ArgumentMap, typed: str) -> list[str]:
    """The claims that a text names by id or by the beginnings of words, best first; all for an empty one."""
    begun = typed.strip().casefold()
    by_id = [each.id for each in argument_map if each.id.casefold().startswith(begun)]
    bare = begun.replace("-", "").replace(" ", "")
    by_number = [each.id for each in argument_map if bare and bare in each.id.casefold().replace("-", "")]
    by_words = [each.id for each in argument_map if begun and _begins(each.claim.casefold().split(), begun.split())]
    return list(dict.fromkeys([*by_id, *by_number, *by_words]))


def words_of(typed: str, options: Iterable[tuple[str, str]]) -> list[Choice]:
    """Fixed words with what they mean, those that begin with what was typed."""
    begun = typed.strip().casefold()
    return [Choice(name=label(word, says), value=word) for word, says in options if word.startswith(begun)][:MOST]


def label(name: str, says: str) -> str:
    return shortened(one_line(f"{name}: {says}" if says else name), NAME)


def _begins(words: Sequence[str], begun: Sequence[str]) -> bool:
    return all(any(word.startswith(each) for word in words) for each in begun)
