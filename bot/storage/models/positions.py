"""Where members stand, what was published of it, and what changed their minds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import STANCES, Base


class PositionRow(Base):
    """What a member held at a time. Append-only: a trigger refuses every UPDATE; a member who leaves is deleted."""

    __tablename__ = "positions"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str]
    topic: Mapped[str]
    claim_id: Mapped[str]
    claim_version: Mapped[int]
    stance: Mapped[str | None]
    """None withdraws what the member held."""
    at: Mapped[datetime]
    reason: Mapped[str | None]
    crux: Mapped[bool]
    public: Mapped[bool]

    __table_args__ = (
        CheckConstraint(STANCES, name="stance"),
        Index("ix_positions_member", "workspace_id", "member_id", "topic", "claim_id", "at", "ordinal"),
        Index("ix_positions_claim", "workspace_id", "topic", "claim_id", "member_id", "at", "ordinal"),
    )


class PublishedClaimRow(Base):
    """A claim's snapshot, counted: reading a topic's figures must not read its positions.

    While `shown` is false somebody in it has been forgotten: `departed` tells how many, and the counts are 0, since
    beside the rows that are left they would tell what those people held.
    """

    __tablename__ = "published_claims"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(primary_key=True)
    claim_version: Mapped[int] = mapped_column(server_default=sql("1"))
    at: Mapped[datetime]
    members: Mapped[int]
    strongly_disagree: Mapped[int]
    disagree: Mapped[int]
    agree: Mapped[int]
    strongly_agree: Mapped[int]
    unsure: Mapped[int]
    marks: Mapped[int]
    departed: Mapped[int]
    shown: Mapped[bool]


class PublishedPositionRow(Base):
    """A position in a claim's snapshot; all but `public` stays as it was when the snapshot was taken."""

    __tablename__ = "published_positions"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(primary_key=True)
    claim_version: Mapped[int]
    stance: Mapped[str]
    at: Mapped[datetime]
    crux: Mapped[bool]
    public: Mapped[bool]

    __table_args__ = (
        CheckConstraint(STANCES, name="stance"),
        Index("ix_published_positions_member", "workspace_id", "member_id"),
    )


class CreditRow(Base):
    """The argument that a member says changed their mind; `undone_at` is the one thing that is ever set later."""

    __tablename__ = "credits"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str]
    topic: Mapped[str]
    claim_id: Mapped[str]
    argument_id: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_credits_member", "workspace_id", "member_id"),
        Index("ix_credits_topic", "workspace_id", "topic", "argument_id"),
    )
