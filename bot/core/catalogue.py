"""The maps that a workspace argues from: those that Crux was started with, with the workspace's amendments applied."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from bot.core.amendments import amended
from bot.core.arguments import ArgumentMap
from bot.core.ports import Catalogue, Store

KEPT_WORKSPACES: Final = 256


class AmendedCatalogue:
    """A `bot.core.ports.Catalogue` over another one and what a store has of amendments.

    A workspace without amendments gets the very maps of the other catalogue, so that what is computed for a map is
    computed once for all of them. One that has some is looked up by the number of its newest amendment, and its maps
    stay the same objects until there is another.
    """

    def __init__(self, catalogue: Catalogue, store: Store) -> None:
        self._catalogue = catalogue
        self._store = store
        self._kept: OrderedDict[str, tuple[int, Sequence[ArgumentMap], Sequence[ArgumentMap]]] = OrderedDict()

    async def maps(self, workspace: str) -> Sequence[ArgumentMap]:
        base = await self._catalogue.maps(workspace)
        revision = await self._store.revision(workspace)
        if revision == 0:
            return base
        kept = self._kept.get(workspace)
        if kept is not None and kept[:2] == (revision, base):
            self._kept.move_to_end(workspace)
            return kept[2]
        amendments = await self._store.amendments(workspace)
        result = amended(base, amendments)
        # What was read may be newer than the revision; it is then read once more, and never taken for older.
        self._kept[workspace] = (max((a.number for a in amendments), default=0), base, result)
        self._kept.move_to_end(workspace)
        while len(self._kept) > KEPT_WORKSPACES:
            self._kept.popitem(last=False)
        return result
