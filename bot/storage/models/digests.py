"""Digests as they were published."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import STANCES, Base


class DigestRow(Base):
    """An archived digest; the second key is what makes it one digest of one event."""

    __tablename__ = "digests"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    """From 1 on, in the order in which a topic's digests were kept."""
    event: Mapped[str]
    at: Mapped[datetime]
    before: Mapped[str | None]
    content: Mapped[str]
    """JSON, see `core.digest.as_data`; no name and no member's id is in it."""

    __table_args__ = (UniqueConstraint("workspace_id", "event"), UniqueConstraint("workspace_id", "topic", "number"))


class DigestClaimRow(Base):
    """A copy of a claim's snapshot, of which a digest was made; hidden for good once somebody in it is forgotten."""

    __tablename__ = "digest_claims"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(primary_key=True)
    claim_version: Mapped[int]
    at: Mapped[datetime]
    members: Mapped[int]
    strongly_disagree: Mapped[int]
    disagree: Mapped[int]
    agree: Mapped[int]
    strongly_agree: Mapped[int]
    unsure: Mapped[int]
    marks: Mapped[int]
    shown: Mapped[bool]


class DigestPositionRow(Base):
    """A copy of a published position, of which a digest was made; `public` goes when the member hides again."""

    __tablename__ = "digest_positions"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(primary_key=True)
    claim_version: Mapped[int]
    stance: Mapped[str]
    at: Mapped[datetime]
    crux: Mapped[bool]
    public: Mapped[bool]

    __table_args__ = (
        CheckConstraint(STANCES, name="stance"),
        Index("ix_digest_positions_member", "workspace_id", "member_id"),
    )
