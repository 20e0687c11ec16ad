"""The tables.

`workspace_id` leads every primary and unique key, so that no query can find a row without naming its workspace. Two
tables are without it: `vectors` maps a hash of a text to numbers, holds nothing of any member, and the shipped maps are
the same for all; `install_states` are given out before it is known which workspace the app will be installed in.

The constraints here are checked by the database too: `alembic/versions` makes them, and a test holds the two together.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from bot.storage.codec import storable, utc


class UtcDateTime(TypeDecorator[datetime]):
    """A time with its zone, in UTC, to the microsecond. SQLite has no zones: there the text is UTC by convention."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at = utc(value)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AnyText(TypeDecorator[str]):
    """Text of members, which may hold characters that no database takes; see `codec.storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
        }
    )
    type_annotation_map = {str: AnyText, datetime: UtcDateTime, bytes: LargeBinary}  # noqa: RUF012 (SQLAlchemy's own hook)


class _Ordinals:
    """Makes ids that sort by the time they were made, and strictly so within a process.

    32 hexadecimal digits: nanoseconds since 1970, then 64 random bits, so that processes don't meet. Rows with the same
    time are told apart by it: the one added later counts as newer.
    """

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        self._last = max(time.time_ns(), self._last + 1)
        return f"{self._last:016x}{secrets.token_hex(8)}"


ordinal: Final = _Ordinals()

RECEIVED: Final = "received"
LEASED: Final = "leased"
DONE: Final = "done"

OPEN: Final = "state IN ('due', 'leased')"
"""Of firings; in the words of the index, so that both planners use it."""

UNSENT: Final = "state IN ('pending', 'sending')"
"""Of posts, as above."""

UNCLOSED: Final = "closed_at IS NULL"
"""Of prompts, as above."""

IN_THREAD: Final = "thread_id IS NOT NULL"
"""Of replies, as above."""

_STANCES: Final = "stance IN ('strongly disagree', 'disagree', 'agree', 'strongly agree', 'unsure')"


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


class MemberRow(Base):
    """Who was seen, under which name."""

    __tablename__ = "members"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    """When the platform said that it has them no longer; None for those who are there, or were seen since."""


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
        CheckConstraint(_STANCES, name="stance"),
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
        CheckConstraint(_STANCES, name="stance"),
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
        CheckConstraint(_STANCES, name="stance"),
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

    __table_args__ = (
        UniqueConstraint("workspace_id", "event"),
        UniqueConstraint("workspace_id", "topic", "number"),
    )


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
        CheckConstraint(_STANCES, name="stance"),
        Index("ix_digest_positions_member", "workspace_id", "member_id"),
    )


class ChannelRow(Base):
    """What a channel has chosen."""

    __tablename__ = "channels"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]


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


class SettingRow(Base):
    """What a channel, or with an empty channel the whole workspace, has set; see `core.houserules`."""

    __tablename__ = "settings"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class DepartureRow(Base):
    """A workspace that removed the bot, and when. Nothing is posted to it, and after a while it is deleted."""

    __tablename__ = "departures"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]

    __table_args__ = (Index("ix_departures_at", "at"),)


class InstallationRow(Base):
    """What a platform gave out when the bot was installed, sealed; see `core.installations`."""

    __tablename__ = "installations"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str | None]
    """Whom it is about, where it is about somebody."""
    sealed: Mapped[bytes]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_installations_member", "workspace_id", "member_id"),)


class InstallStateRow(Base):
    """A word that an installation began with, to be brought back once."""

    __tablename__ = "install_states"

    state: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class VectorRow(Base):
    """The cache of an encoder's vectors; may be emptied at any time."""

    __tablename__ = "vectors"

    model_id: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[str] = mapped_column(primary_key=True)
    vector: Mapped[bytes]
    """float32, little-endian."""
