"""What members ask and what they are answered; what threads are about."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import Base

RECEIVED: Final = "received"

LEASED: Final = "leased"

DONE: Final = "done"

IN_THREAD: Final = "thread_id IS NOT NULL"
"""Of replies; in the words of the index, so that both planners use it."""


class InboxRow(Base):
    """One event: received, leased by a worker until a time, done."""

    __tablename__ = "inbox"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[str]
    channel_id: Mapped[str]
    thread_id: Mapped[str | None]
    member_id: Mapped[str]
    member_name: Mapped[str]
    organiser: Mapped[bool] = mapped_column(server_default=false())
    stranger: Mapped[bool] = mapped_column(server_default=false())
    within_id: Mapped[str | None]
    """The thread that it was said in; `thread_id` is where its answer goes."""
    direct: Mapped[bool] = mapped_column(server_default=false())
    replies_to: Mapped[str | None]
    text: Mapped[str]
    received_at: Mapped[datetime]
    state: Mapped[str]
    worker: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int]
    begun: Mapped[str | None]
    """The platform's id of the message in which its answer has begun to appear."""

    __table_args__ = (
        CheckConstraint("state IN ('received', 'leased', 'done')", name="state"),
        CheckConstraint("(state = 'leased') = (leased_until IS NOT NULL)", name="lease"),
        # Few rows are open at a time; finding the oldest must not read the done ones.
        Index(
            "ix_inbox_open",
            "received_at",
            "ordinal",
            sqlite_where=sql("state <> 'done'"),
            postgresql_where=sql("state <> 'done'"),
        ),
    )


class ReplyRow(Base):
    """A stored answer; the second key is what makes it one answer to one event."""

    __tablename__ = "replies"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str]
    channel_id: Mapped[str]
    member_id: Mapped[str]
    command: Mapped[str]
    message: Mapped[str]
    """JSON, see `codec.dump_message`."""
    at: Mapped[datetime]
    topic: Mapped[str | None]
    claim_id: Mapped[str | None]
    affirmed: Mapped[bool]
    cited: Mapped[str]
    """JSON list of argument ids."""
    writer: Mapped[str | None]
    model: Mapped[str | None]
    prompt_version: Mapped[str | None]
    tokens_in: Mapped[int] = mapped_column(BigInteger)
    tokens_out: Mapped[int] = mapped_column(BigInteger)
    calls: Mapped[int]
    seconds: Mapped[float] = mapped_column(Double)
    thread_id: Mapped[str | None]
    private: Mapped[bool] = mapped_column(server_default=false())
    """Whether its member alone saw it: what a thread is about must not tell others of it."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "event_id"),
        Index("ix_replies_view", "workspace_id", "channel_id", "command", "topic", "claim_id"),
        Index("ix_replies_channel", "workspace_id", "channel_id", "at"),
        Index(
            "ix_replies_thread",
            "workspace_id",
            "channel_id",
            "thread_id",
            "at",
            sqlite_where=sql(IN_THREAD),
            postgresql_where=sql(IN_THREAD),
        ),
    )


class EndorsementRow(Base):
    """A member's "I'd sign this" or "not my view" on a reply; goes when the reply goes."""

    __tablename__ = "endorsements"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    reply_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(primary_key=True)
    endorsement: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("endorsement IN ('signed', 'not mine')", name="endorsement"),
        ForeignKeyConstraint(["workspace_id", "reply_id"], ["replies.workspace_id", "replies.id"], ondelete="CASCADE"),
    )


class UsageRow(Base):
    """Tokens that a model was paid for, one row a reply."""

    __tablename__ = "usage"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str]
    at: Mapped[datetime]
    model: Mapped[str]
    tokens_in: Mapped[int] = mapped_column(BigInteger)
    tokens_out: Mapped[int] = mapped_column(BigInteger)
    calls: Mapped[int]

    __table_args__ = (Index("ix_usage_at", "workspace_id", "at"),)


class ThreadRow(Base):
    """What a thread has chosen."""

    __tablename__ = "threads"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]


class RootRow(Base):
    """A post that is at a channel's top level, and what it is about: a thread that hangs from it has its id.

    It goes with its reply when a member is forgotten, and after a while with all that the outbox knows of posts.
    """

    __tablename__ = "roots"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    thread_id: Mapped[str] = mapped_column(primary_key=True)
    post_id: Mapped[str]
    at: Mapped[datetime]
    topic: Mapped[str]
    claim_id: Mapped[str | None]
    affirmed: Mapped[bool]
    countered: Mapped[bool]

    __table_args__ = (Index("ix_roots_post", "workspace_id", "post_id"), Index("ix_roots_at", "at"))
