"""Schedules, what came due, and posts on their way to a platform."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import Base

OPEN: Final = "state IN ('due', 'leased')"
"""Of firings; in the words of the index, so that both planners use it."""

UNSENT: Final = "state IN ('pending', 'sending')"
"""Of posts, likewise."""


class ScheduleRow(Base):
    """When something is posted where. Its due times up to `checked_until` are firings; none comes before `wake_at`."""

    __tablename__ = "schedules"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    channel_id: Mapped[str]
    rule: Mapped[str]
    anchor: Mapped[str]
    """A local date and time, in ISO 8601: it has no zone, so it is no instant."""
    zone: Mapped[str]
    quiet: Mapped[str]
    """JSON, see `codec.dump_quiet`."""
    created_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]
    checked_until: Mapped[datetime]
    wake_at: Mapped[datetime]

    __table_args__ = (Index("ix_schedules_wake", "wake_at"),)


class FiringRow(Base):
    """One due time of one schedule: the key is what makes it one."""

    __tablename__ = "firings"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    schedule_id: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str]
    free_at: Mapped[datetime]
    """Nobody takes it before this: the end of a lease, or of a pause after a failure."""
    worker: Mapped[str | None]
    tries: Mapped[int]
    reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("state IN ('due', 'leased', 'done', 'dropped', 'failed')", name="state"),
        CheckConstraint("(state = 'leased') = (worker IS NOT NULL)", name="lease"),
        Index(
            "ix_firings_open",
            "free_at",
            "due_at",
            "workspace_id",
            "schedule_id",
            sqlite_where=sql(OPEN),
            postgresql_where=sql(OPEN),
        ),
    )


class OutboxRow(Base):
    """A post, and what is known of it; see `core.outbox.Entry`. Unique by its id, and by its firing and part."""

    __tablename__ = "outbox"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[str]
    channel_id: Mapped[str]
    thread_id: Mapped[str | None]
    kind: Mapped[str]
    message: Mapped[str]
    """JSON, see `codec.dump_message`."""
    picture: Mapped[bytes | None]
    """PNG; gone once the post is sent."""
    picture_alt: Mapped[str | None]
    created_at: Mapped[datetime]
    schedule_id: Mapped[str | None]
    due_at: Mapped[datetime | None]
    firing_kind: Mapped[str | None]
    part: Mapped[int]
    until: Mapped[datetime | None]
    state: Mapped[str]
    free_at: Mapped[datetime]
    worker: Mapped[str | None]
    tries: Mapped[int]
    unknown_since: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reference: Mapped[str | None]
    reason: Mapped[str | None]
    begun: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("state IN ('pending', 'sending', 'sent', 'held', 'dropped')", name="state"),
        CheckConstraint("(state = 'sending') = (worker IS NOT NULL)", name="lease"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        UniqueConstraint("workspace_id", "schedule_id", "due_at", "part"),
        Index("ix_outbox_open", "free_at", "ordinal", sqlite_where=sql(UNSENT), postgresql_where=sql(UNSENT)),
        Index(
            "ix_outbox_waiting",
            "workspace_id",
            "channel_id",
            "ordinal",
            sqlite_where=sql(UNSENT),
            postgresql_where=sql(UNSENT),
        ),
        Index("ix_outbox_sent", "workspace_id", "channel_id", "sent_at"),
    )
