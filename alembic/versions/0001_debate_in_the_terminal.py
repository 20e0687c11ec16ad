"""Inbox, replies, endorsements, usage, positions, channels, vectors.

Revises nothing: the first.
"""

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "inbox",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text()),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("member_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", time, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("leased_until", time),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "event_id", name="pk_inbox"),
        sa.CheckConstraint("state IN ('received', 'leased', 'done')", name=op.f("ck_inbox_state")),
        sa.CheckConstraint("(state = 'leased') = (leased_until IS NOT NULL)", name=op.f("ck_inbox_lease")),
    )
    still_open = sa.text("state <> 'done'")
    op.create_index(
        "ix_inbox_open", "inbox", ["received_at", "ordinal"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_table(
        "replies",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("topic", sa.Text()),
        sa.Column("claim_id", sa.Text()),
        sa.Column("affirmed", sa.Boolean(), nullable=False),
        sa.Column("cited", sa.Text(), nullable=False),
        sa.Column("writer", sa.Text()),
        sa.Column("model", sa.Text()),
        sa.Column("prompt_version", sa.Text()),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_replies"),
        sa.UniqueConstraint("workspace_id", "event_id", name="uq_replies_workspace_id_event_id"),
    )
    op.create_index("ix_replies_view", "replies", ["workspace_id", "channel_id", "command", "topic", "claim_id"])
    op.create_table(
        "endorsements",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("reply_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("endorsement", sa.Text(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "reply_id", "member_id", name="pk_endorsements"),
        sa.CheckConstraint("endorsement IN ('signed', 'not mine')", name=op.f("ck_endorsements_endorsement")),
        sa.ForeignKeyConstraint(
            ["workspace_id", "reply_id"],
            ["replies.workspace_id", "replies.id"],
            name="fk_endorsements_replies",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "usage",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "ordinal", name="pk_usage"),
    )
    op.create_index("ix_usage_at", "usage", ["workspace_id", "at"])
    op.create_table(
        "positions",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("crux", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "ordinal", name="pk_positions"),
        sa.CheckConstraint(
            "stance IN ('strongly disagree', 'disagree', 'agree', 'strongly agree', 'unsure')",
            name=op.f("ck_positions_stance"),
        ),
    )
    op.create_index(
        "ix_positions_member", "positions", ["workspace_id", "member_id", "topic", "claim_id", "at", "ordinal"]
    )
    op.create_table(
        "channels",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id", name="pk_channels"),
    )
    op.create_table(
        "vectors",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("model_id", "text_hash", name="pk_vectors"),
    )
    _make_positions_append_only()


def _make_positions_append_only() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER positions_only_grow BEFORE UPDATE ON positions "
            "BEGIN SELECT RAISE(ABORT, 'positions are append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION positions_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'positions are append-only' USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER positions_only_grow BEFORE UPDATE ON positions "
        "FOR EACH ROW EXECUTE FUNCTION positions_only_grow()"
    )


def downgrade() -> None:
    for table in ("vectors", "channels", "positions", "usage", "endorsements", "replies", "inbox"):
        op.drop_table(table)
    if op.get_context().dialect.name != "sqlite":
        op.execute("DROP FUNCTION positions_only_grow()")
