"""The group's own questions: what was proposed, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import Base


class ProposalRow(Base):
    """A topic or argument that a member wants in the maps, and what became of it."""

    __tablename__ = "proposals"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member_id: Mapped[str]
    topic: Mapped[str]
    kind: Mapped[str]
    content: Mapped[str]
    """JSON, see `codec.dump_edit`."""
    state: Mapped[str]
    at: Mapped[datetime]
    event: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    made: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'approved', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("(state IN ('draft', 'open')) = (decided_at IS NULL)", name="decided"),
        UniqueConstraint("workspace_id", "event"),
        Index("ix_proposals_member", "workspace_id", "member_id"),
    )


class SequenceRow(Base):
    """The newest number that was given out: numbers of rows that were deleted are not given again."""

    __tablename__ = "sequences"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    newest: Mapped[int]


class AmendmentRow(Base):
    """One edit of a workspace's maps. Only grows; the author is all that is ever taken out of it."""

    __tablename__ = "amendments"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    topic: Mapped[str]
    claim_id: Mapped[str]
    kind: Mapped[str]
    content: Mapped[str]
    """JSON, see `codec.dump_edit`."""
    at: Mapped[datetime]
    event: Mapped[str]
    author_id: Mapped[str | None]

    __table_args__ = (UniqueConstraint("workspace_id", "event"),)
