"""Claims that are put to a channel, and those that wait for it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import STANCES, Base

UNCLOSED: Final = "closed_at IS NULL"
"""Of prompts; in the words of the index, so that both planners use it."""


class PromptRow(Base):
    """A claim put to a channel.

    One is open in a channel at a time, and one on a claim: by the keys on columns that only open ones have.

    While it is open, `prompt_positions` has what its claim's snapshot was when it opened, and `before_members` how many
    members the group had; None where there was no snapshot, or somebody in it has been forgotten.
    """

    __tablename__ = "prompts"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str]
    topic: Mapped[str]
    claim_id: Mapped[str]
    claim_version: Mapped[int]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    open_channel: Mapped[str | None]
    """The channel again while it is open."""
    open_claim: Mapped[str | None]
    """The claim again while it is open."""
    before_members: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    ending: Mapped[str | None]
    closed_by: Mapped[str | None]
    answered: Mapped[bool | None]
    closing: Mapped[str | None]
    """JSON, see `codec.dump_message`."""

    __table_args__ = (
        CheckConstraint("ending IN ('time', 'command', 'retired', 'reworded')", name="ending"),
        CheckConstraint("(closed_at IS NULL) = (ending IS NULL)", name="closed"),
        CheckConstraint("(closed_at IS NULL) = (open_channel IS NOT NULL)", name="channel"),
        CheckConstraint("(closed_at IS NULL) = (open_claim IS NOT NULL)", name="claim"),
        UniqueConstraint("workspace_id", "open_channel"),
        UniqueConstraint("workspace_id", "topic", "open_claim"),
        Index("ix_prompts_claim", "workspace_id", "topic", "claim_id", "opened_at"),
        Index("ix_prompts_channel", "workspace_id", "channel_id", "opened_at"),
        Index(
            "ix_prompts_open", "closes_at", "workspace_id", sqlite_where=sql(UNCLOSED), postgresql_where=sql(UNCLOSED)
        ),
    )


class PromptPositionRow(Base):
    """A position in the snapshot that an open prompt began with; all go when it closes, or one of them is forgotten."""

    __tablename__ = "prompt_positions"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    prompt_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(primary_key=True)
    stance: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(STANCES, name="stance"),
        Index("ix_prompt_positions_member", "workspace_id", "member_id"),
    )


class QueueRow(Base):
    """A claim that waits to be asked; the smallest place comes first."""

    __tablename__ = "queue"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str]
    at: Mapped[datetime]
    place: Mapped[int]

    __table_args__ = (Index("ix_queue_member", "workspace_id", "member_id"),)


class PassedOverRow(Base):
    """When organisers last passed a claim over."""

    __tablename__ = "passed_over"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class PaceRow(Base):
    """Whether organisers were asked about the pace of prompts in a channel on a topic, and what they said."""

    __tablename__ = "paces"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    pace: Mapped[str]

    __table_args__ = (CheckConstraint("pace IN ('asked', 'slower', 'keep')", name="pace"),)
