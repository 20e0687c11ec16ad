"""What a member may choose from before anything is asked: for menus and suggestions as one types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.arguments import Argument, ArgumentMap
from bot.core.parsing import clean, normal_id
from bot.core.ports import Retriever
from bot.core.reading import Verdict
from bot.core.requests import Venue
from bot.core.resolving import Resolver
from bot.errors import BadInput


@dataclass(frozen=True)
class Choosing:
    """Reads, and changes nothing. What is chosen is checked again when it is asked for."""

    resolver: Resolver
    retriever: Retriever

    async def topic(self, venue: Venue) -> ArgumentMap:
        """The topic of a channel or thread."""
        return await self.resolver.current(venue)

    async def topics(self, workspace: str) -> Sequence[ArgumentMap]:
        """All topics of a workspace, the default one first."""
        return await self.resolver.maps(workspace)

    async def claims(self, venue: Venue, text: str, most: int) -> list[Argument]:
        """Claims of the present topic that a text may mean: by id and its beginning, by words of theirs, by reading.

        Without a text, the thesis and then the map's own order.
        """
        found = await self.resolver.current(venue)
        everything = [found.thesis, *found.arguments]
        try:
            wanted = clean(text)
        except BadInput:
            return []
        if not wanted:
            return everything[:most]
        named = normal_id(wanted) or wanted.upper()
        begun = [each for each in everything if each.id == named or each.id.startswith(wanted.upper())]
        said = [each for each in everything if wanted.lower() in each.claim.lower()]
        read: list[Argument] = []
        if len(begun) + len(said) < most and len(wanted) > 3:
            reading = await self.retriever.read(wanted, found, most)
            if reading.verdict is not Verdict.NOTHING:
                read = [found[each.argument_id] for each in reading.candidates if each.argument_id in found]
        return list({each.id: each for each in (*begun, *said, *read)}.values())[:most]
