"""What a database holds, for operators: `crux db stats` and the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import URL, func, select, text

from bot.errors import StorageError
from bot.storage.engine import file_of, is_sqlite, sync_engine
from bot.storage.failures import NO_TABLES, translated
from bot.storage.migrations import current
from bot.storage.models import DONE, RECEIVED, Base, InboxRow


@dataclass(frozen=True, slots=True)
class Stats:
    """Numbers of rows and bytes. Over all workspaces: this is for whoever runs the database, never for a chat."""

    engine: str
    revision: str
    bytes: int
    """Of the whole database; for SQLite with its log."""
    rows: Mapping[str, int]
    """By table."""
    workspaces: int
    """That ever sent an event."""
    waiting: int
    """Events that nobody has taken up yet."""
    leased: int
    """Events that a worker holds, or held when it died."""
    oldest_open: datetime | None
    """When the oldest event without an answer came in."""
    most_attempts: int
    """How often the most tried open event was taken up; many mean that it kills its workers."""


def stats(url: URL) -> Stats:
    """Count everything; reads all of the database, so it may take seconds on a large one.

    Raises:
        StorageError: the database can't be read, or has no tables yet.
    """
    revision = current(url)
    if revision is None:
        raise StorageError(NO_TABLES)
    still_open = InboxRow.state != DONE
    with translated(), sync_engine(url).connect() as connection:
        rows = {
            table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
            for table in Base.metadata.sorted_tables
        }
        waiting, unfinished, oldest, attempts = connection.execute(
            select(
                func.count().filter(InboxRow.state == RECEIVED),
                func.count(),
                func.min(InboxRow.received_at),
                func.max(InboxRow.attempts),
            ).where(still_open)
        ).one()
        workspaces = connection.scalar(select(func.count(InboxRow.workspace_id.distinct()))) or 0
        if is_sqlite(url):
            file = file_of(url)
            size = sum(part.stat().st_size for part in (file, file.with_name(f"{file.name}-wal")) if part.exists())
        else:
            size = int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    return Stats(
        engine=connection.dialect.name,
        revision=revision,
        bytes=size,
        rows=rows,
        workspaces=int(workspaces),
        waiting=int(waiting),
        leased=int(unfinished) - int(waiting),
        oldest_open=oldest,
        most_attempts=int(attempts or 0),
    )
