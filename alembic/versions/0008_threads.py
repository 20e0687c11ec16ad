"""Threads: what was chosen in them, what they hang from, and which replies are in them; where requests were made.

Revises 0007. Replies from before are in no thread, so that threads from before are about what their channel is about
until the bot is spoken to in them again. Going back loses which thread is about what.
"""

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
IN_THREAD = sa.text("thread_id IS NOT NULL")


def upgrade() -> None:
    # Columns that may be empty, or have a default, are added in place by both; a batch would copy the tables.
    op.add_column("inbox", sa.Column("within_id", sa.Text()))
    op.add_column("inbox", sa.Column("direct", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("inbox", sa.Column("replies_to", sa.Text()))
    op.add_column("replies", sa.Column("thread_id", sa.Text()))
    op.add_column("replies", sa.Column("private", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_replies_channel", "replies", ["workspace_id", "channel_id", "at"])
    op.create_index(
        "ix_replies_thread",
        "replies",
        ["workspace_id", "channel_id", "thread_id", "at"],
        sqlite_where=IN_THREAD,
        postgresql_where=IN_THREAD,
    )
    op.create_table(
        "threads",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id", "thread_id", name="pk_threads"),
    )
    op.create_table(
        "roots",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text()),
        sa.Column("affirmed", sa.Boolean(), nullable=False),
        sa.Column("countered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id", "thread_id", name="pk_roots"),
    )
    op.create_index("ix_roots_post", "roots", ["workspace_id", "post_id"])
    op.create_index("ix_roots_at", "roots", ["at"])


def downgrade() -> None:
    for table in ("roots", "threads"):
        op.drop_table(table)
    for index in ("ix_replies_thread", "ix_replies_channel"):
        op.drop_index(index, "replies")
    for column in ("private", "thread_id"):
        op.drop_column("replies", column)
    for column in ("replies_to", "direct", "within_id"):
        op.drop_column("inbox", column)
