"""Workspaces that removed the bot: nothing is posted to them, and after a while nothing of them is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Workspaces(Protocol):
    """The part of a store that is about whole workspaces; for adapters and whoever runs it. It may raise StorageError.

    While a workspace is gone its schedules don't fire, its requests and posts are not taken up, and its prompts are not
    ended. When it comes back in time all goes on from where it was.
    """

    async def workspace_left(self, workspace: str, at: datetime) -> None:
        """Note that the bot was removed from a workspace; one that left before keeps its first time."""
        ...

    async def workspace_back(self, workspace: str) -> bool:
        """Note that the bot is in a workspace again; False when it never left, or was deleted since."""
        ...

    async def workspaces_here(self, prefix: str) -> Sequence[str]:
        """Workspaces whose ids begin with a prefix, of which anything is kept and which have not left; by id.

        It looks through all that is kept: for a start, not for every event.
        """
        ...

    async def workspaces_to_delete(self, before: datetime, most: int) -> Sequence[str]:
        """Workspaces that left before a time, longest gone first."""
        ...

    async def delete_workspace(self, workspace: str, at: datetime, left_before: datetime | None = None) -> int:
        """Delete every row of a workspace, so that no bytes are left; how many rows that were.

        With `left_before`, only if it left before that and hasn't come back.
        """
        ...
