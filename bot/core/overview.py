"""What the whole group may see: the standing, and the map with its tallies. All of it comes from snapshots."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.core import disclosure, proposal_replies, replies, standing_replies
from bot.core.arguments import ArgumentMap
from bot.core.kept import PublishedClaim
from bot.core.messages import Message
from bot.core.ports import Clock, Store
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.core.standing_replies import Overall
from bot.errors import RetiredClaim

MOST_POSITIONS: Final = 20_000
"""Positions that are read to look for cruxes: 400 members on 50 claims. Of more, tallies alone are shown."""


@dataclass(frozen=True)
class Overview:
    """Answers from a topic's snapshots. Figures of what is being asked wait until its prompt is over."""

    resolver: Resolver
    store: Store
    clock: Clock

    async def standing(self, request: Request, claim: str | None) -> Message:
        """Where the group stands on the channel's topic, or on one claim.

        Raises:
            UnknownClaim: there is no such claim.
        """
        if claim is None:
            current = await self.resolver.current(request.workspace, request.channel)
            return standing_replies.standing(await self._overall(request.workspace, current))
        found, claim_id = await self.resolver.claim(request.workspace, request.channel, claim)
        return standing_replies.standing_on(await self._overall(request.workspace, found), claim_id)

    async def tree(self, request: Request, claim: str | None) -> Message:
        """The claims of the topic as a tree, or one claim with what bears on it.

        Raises:
            UnknownClaim: there is no such claim.
        """
        if claim is None or claim.lower() == "all":
            found = await self.resolver.current(request.workspace, request.channel)
            root, depth = found.thesis.id, 1 if claim is None else len(found)
        else:
            try:
                found, root = await self.resolver.claim(request.workspace, request.channel, claim)
            except RetiredClaim:
                _, gone = await self.resolver.retired(request.workspace, request.channel, claim)
                return proposal_replies.retired_claim(gone)
            depth = 2
        asked = await self._being_asked(request.workspace, found)
        published = of_present_words(found, await self.store.published(request.workspace, found.id))
        figures = disclosure.shared(each for each in published if each.claim_id not in asked)
        return replies.tree(found, root, depth, figures)

    async def _being_asked(self, workspace: str, argument_map: ArgumentMap) -> frozenset[str]:
        """The claims of a topic that a prompt is open on, so that nobody answers to go with the others."""
        now = self.clock.now()
        return frozenset(
            prompt.claim_id
            for prompt in await self.store.open_prompts(workspace)
            if prompt.topic == argument_map.id and not prompt.over(now)
        )

    async def _overall(self, workspace: str, argument_map: ArgumentMap) -> Overall:
        rows = await self.store.published(workspace, argument_map.id)
        asked = await self._being_asked(workspace, argument_map)
        present = of_present_words(argument_map, rows)
        published = [found for found in present if found.claim_id not in asked]
        figures = disclosure.shared(published)
        before = [found for found in rows if _of_earlier_words(argument_map, found) and found.claim_id not in asked]
        earlier = disclosure.shared(before)
        credits_given = await self.store.credits(workspace, argument_map.id)
        credited = disclosure.credited({key: count for key, count in credits_given.items() if key in argument_map})
        positions = await self.store.published_positions(workspace, argument_map.id, MOST_POSITIONS)
        if positions is None:
            return Overall(argument_map, figures, earlier=earlier, credited=credited, asked=asked, whole=False)
        in_use = {found.claim_id for found in present}
        everything = [position for position in positions if position.claim_id in in_use]
        positions = [position for position in everything if position.claim_id not in asked]
        doubles = disclosure.double_cruxes(positions)
        public = {member for double in doubles for member in (*double.agreeing, *double.disagreeing)}
        return Overall(
            argument_map,
            figures,
            earlier=earlier,
            cruxes=disclosure.candidate_cruxes(published, positions, argument_map.thesis.id),
            doubles=doubles,
            camps=await asyncio.to_thread(disclosure.camps, everything),
            names=await self.store.member_names(workspace, sorted(public)) if public else {},
            credited=credited,
            asked=asked,
        )


def of_present_words(argument_map: ArgumentMap, published: Iterable[PublishedClaim]) -> list[PublishedClaim]:
    """The snapshots of claims that are in use, of their present words; a claim that is gone has rows still."""
    return [
        found
        for found in published
        if found.claim_id in argument_map and found.version == argument_map[found.claim_id].version
    ]


def _of_earlier_words(argument_map: ArgumentMap, found: PublishedClaim) -> bool:
    return found.claim_id in argument_map and found.version < argument_map[found.claim_id].version
