"""What is done beside due times: prompts that are over are closed, and what is long done, or long gone, is deleted."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.core.ports import Clock, Store
from bot.errors import BadInput, StorageError

log = logging.getLogger(__name__)

_AT_ONCE: Final = 100
_PRUNED_EVERY: Final = timedelta(hours=1)
_DELETED_AT_ONCE: Final = 10
"""Workspaces; on SQLite the file is written anew after each."""


class Ends(Protocol):
    """The part of `core.debate.Debate` that closes prompts."""

    async def end_due(self, workspace: str, channel: str | None = None) -> None: ...


@dataclass
class Upkeep:
    """The chores of an `Engine`.

    Args:
        keep: for how long posts that were sent, and due times that are done with, are remembered.
        gone: for how long what is kept of a workspace stays after it removed the bot.
    """

    debate: Ends
    store: Store
    clock: Clock
    keep: timedelta
    gone: timedelta
    _pruned_at: datetime | None = field(default=None, init=False)

    async def do(self) -> None:
        """Do what is to be done now.

        Raises:
            StorageError: the database failed; it is done at the next look.
        """
        now = self.clock.now()
        for workspace in await self.store.workspaces_to_close(now, _AT_ONCE):
            try:
                await self.debate.end_due(workspace)
            except StorageError:
                raise
            except BadInput as error:  # as a map that is gone: another workspace's prompts end all the same
                log.warning("a prompt could not be ended: workspace=%s (%s)", workspace, error.message)
            except Exception:  # the last line of defence: nor is a bug in one another's trouble
                log.exception("a prompt could not be ended: workspace=%s", workspace)
        if self._pruned_at is None or now - self._pruned_at >= _PRUNED_EVERY:
            deleted = await self.store.prune(now - self.keep)
            if deleted:
                log.info("deleted %d posts and due times that were done with", deleted)
            await self._delete_workspaces(now)
            self._pruned_at = now

    async def _delete_workspaces(self, now: datetime) -> None:
        before = now - self.gone
        for workspace in await self.store.workspaces_to_delete(before, _DELETED_AT_ONCE):
            deleted = await self.store.delete_workspace(workspace, now, before)
            if deleted:  # it may have come back, or another process been first
                log.info("deleted a workspace that had removed the bot: %d rows", deleted)
