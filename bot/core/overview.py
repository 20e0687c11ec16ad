"""What the whole group may see: the standing, and the map with its tallies. All of it comes from snapshots."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.core import disclosure, proposal_replies, replies, standing_replies
from bot.core.arguments import ArgumentMap
from bot.core.cruxes import DoubleCrux
from bot.core.kept import PublishedClaim
from bot.core.messages import Message
from bot.core.ports import Clock, Store
from bot.core.positions import Position
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.core.standing_replies import Overall
from bot.errors import RetiredClaim

MOST_POSITIONS: Final = 20_000
"""Positions that are read to look for cruxes: 400 members on 50 claims. Of more, tallies alone are shown."""


@dataclass(frozen=True, slots=True)
class Look:
    """A topic's snapshots at one moment, and what may be shown of them.

    `rows` are all of them, `published` those of claims in use and of their present words, `positions` what these are
    made of; None where there are too many.
    """

    rows: Sequence[PublishedClaim]
    published: Sequence[PublishedClaim]
    positions: Sequence[Position] | None
    overall: Overall


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
            current = await self.resolver.current(request.venue)
            overall = (await self.look(request.workspace, current)).overall
            return standing_replies.standing(overall).on(current.id)
        found, claim_id = await self.resolver.claim(request.venue, claim)
        overall = (await self.look(request.workspace, found)).overall
        return standing_replies.standing_on(overall, claim_id).on(found.id, claim_id)

    async def tree(self, request: Request, claim: str | None) -> Message:
        """The claims of the topic as a tree, or one claim with what bears on it.

        Raises:
            UnknownClaim: there is no such claim.
        """
        named = claim is not None and claim.lower() != "all"
        if claim is None or not named:
            found = await self.resolver.current(request.venue)
            root, depth = found.thesis.id, 1 if claim is None else len(found)
        else:
            try:
                found, root = await self.resolver.claim(request.venue, claim)
            except RetiredClaim:
                _, gone = await self.resolver.retired(request.venue, claim)
                return proposal_replies.retired_claim(gone)
            depth = 2
        asked = await self._being_asked(request.workspace, found)
        published = of_present_words(found, await self.store.published(request.workspace, found.id))
        figures = disclosure.shared(each for each in published if each.claim_id not in asked)
        # A whole topic is about no claim: "it" goes on meaning what was talked about before.
        return replies.tree(found, root, depth, figures).on(found.id, root if named else None)

    async def _being_asked(self, workspace: str, argument_map: ArgumentMap) -> frozenset[str]:
        """The claims of a topic that a prompt is open on, so that nobody answers to go with the others."""
        now = self.clock.now()
        return frozenset(
            prompt.claim_id
            for prompt in await self.store.open_prompts(workspace)
            if prompt.topic == argument_map.id and not prompt.over(now)
        )

    async def look(self, workspace: str, argument_map: ArgumentMap) -> Look:
        """What the group may see of a topic, and what it is made from; what is being asked is in neither."""
        asked = await self._being_asked(workspace, argument_map)
        rows = await self.store.published(workspace, argument_map.id)
        present = of_present_words(argument_map, rows)
        published = [found for found in present if found.claim_id not in asked]
        overall = Overall(
            argument_map,
            disclosure.shared(published),
            earlier=disclosure.shared(
                [found for found in rows if _of_earlier_words(argument_map, found) and found.claim_id not in asked]
            ),
            credited=await self._credited(workspace, argument_map),
            asked=asked,
        )
        positions = await self.store.published_positions(workspace, argument_map.id, MOST_POSITIONS)
        if positions is None:
            return Look(rows, published, None, replace(overall, whole=False))
        in_use = {found.claim_id for found in present}
        everything = [position for position in positions if position.claim_id in in_use]
        positions = [position for position in everything if position.claim_id not in asked]
        doubles = disclosure.double_cruxes(positions)
        overall = replace(
            overall,
            cruxes=disclosure.candidate_cruxes(published, positions, argument_map.thesis.id),
            doubles=doubles,
            camps=await asyncio.to_thread(disclosure.camps, everything),
            names=await names_in(self.store, workspace, doubles),
        )
        return Look(rows, published, positions, overall)

    async def _credited(self, workspace: str, argument_map: ArgumentMap) -> Mapping[str, int]:
        given = await self.store.credits(workspace, argument_map.id)
        return disclosure.credited({key: count for key, count in given.items() if key in argument_map})


async def names_in(store: Store, workspace: str, doubles: Iterable[DoubleCrux]) -> Mapping[str, str]:
    """The names of the members whom double cruxes name."""
    public = {member for double in doubles for member in (*double.agreeing, *double.disagreeing)}
    return await store.member_names(workspace, sorted(public)) if public else {}


def of_present_words(argument_map: ArgumentMap, published: Iterable[PublishedClaim]) -> list[PublishedClaim]:
    """The snapshots of claims that are in use, of their present words; a claim that is gone has rows still."""
    return [
        found
        for found in published
        if found.claim_id in argument_map and found.version == argument_map[found.claim_id].version
    ]


def _of_earlier_words(argument_map: ArgumentMap, found: PublishedClaim) -> bool:
    return found.claim_id in argument_map and found.version < argument_map[found.claim_id].version
