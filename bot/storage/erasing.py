"""The bytes of deleted rows.

SQLite leaves copies of rows in the gaps of its pages, even with `secure_delete`, which overwrites only what is deleted:
pages that were split keep what moved away. So the file is written anew (VACUUM), and the write-ahead log emptied.
PostgreSQL frees the space of deleted rows at VACUUM and overwrites it in its own time, as it does its log; backups
and replicas are the operator's.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from bot.errors import StorageError
from bot.storage.access import Access
from bot.storage.engine import NO_TRANSACTION
from bot.storage.failures import translated

log = logging.getLogger(__name__)

_ERASING_TRIES: Final = 3


class Erasing(Access):
    """What parts of the store that delete for good do last."""

    async def _erase(self, tables: Sequence[str]) -> bool:
        """See to it that the bytes of deleted rows are gone; False when others keep the database too busy for it."""
        try:
            with translated():
                return await (self._rewrite_file() if self._sqlite else self._vacuum(tables))
        except StorageError as error:
            log.warning("deleted rows may still be on the disk: %s", error.message)
            return False

    async def _rewrite_file(self) -> bool:
        outside = self._engine.execution_options(**NO_TRANSACTION)
        async with self._in_turn(), outside.connect() as connection:
            await connection.exec_driver_sql("VACUUM")
            for _ in range(_ERASING_TRIES):
                # Waits for readers of older pages as long as for any lock; then the first column is 1.
                busy = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).scalar()
                if busy == 0:
                    return True
        log.warning("the write-ahead log is being read and still has deleted rows; they go with its next checkpoint")
        return False

    async def _vacuum(self, tables: Sequence[str]) -> bool:
        outside = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        async with outside.connect() as connection:
            await connection.execute(text(f"VACUUM {', '.join(tables)}"))
        return True
