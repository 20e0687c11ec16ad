"""Schedules, their due times, and the posts on their way to a platform.

Revises 0003. Going back loses the schedules, and posts that are not sent yet.
"""

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('due', 'leased')")
UNSENT = sa.text("state IN ('pending', 'sending')")


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("quiet", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("paused_until", TIME),
        sa.Column("checked_until", TIME, nullable=False),
        sa.Column("wake_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_schedules"),
    )
    op.create_index("ix_schedules_wake", "schedules", ["wake_at"])
    op.create_table(
        "firings",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("schedule_id", sa.Text(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("free_at", TIME, nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("workspace_id", "schedule_id", "due_at", name="pk_firings"),
        sa.CheckConstraint("state IN ('due', 'leased', 'done', 'dropped', 'failed')", name=op.f("ck_firings_state")),
        sa.CheckConstraint("(state = 'leased') = (worker IS NOT NULL)", name=op.f("ck_firings_lease")),
    )
    op.create_index(
        "ix_firings_open",
        "firings",
        ["free_at", "due_at", "workspace_id", "schedule_id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "outbox",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("picture", sa.LargeBinary()),
        sa.Column("picture_alt", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("schedule_id", sa.Text()),
        sa.Column("due_at", TIME),
        sa.Column("firing_kind", sa.Text()),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("until", TIME),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("free_at", TIME, nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("unknown_since", TIME),
        sa.Column("settled_at", TIME),
        sa.Column("sent_at", TIME),
        sa.Column("reference", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_outbox"),
        sa.UniqueConstraint(
            "workspace_id", "schedule_id", "due_at", "part", name="uq_outbox_workspace_id_schedule_id_due_at_part"
        ),
        sa.CheckConstraint("state IN ('pending', 'sending', 'sent', 'held', 'dropped')", name=op.f("ck_outbox_state")),
        sa.CheckConstraint("(state = 'sending') = (worker IS NOT NULL)", name=op.f("ck_outbox_lease")),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_outbox_sent")),
    )
    op.create_index("ix_outbox_open", "outbox", ["free_at", "ordinal"], sqlite_where=UNSENT, postgresql_where=UNSENT)
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["workspace_id", "channel_id", "ordinal"],
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )
    op.create_index("ix_outbox_sent", "outbox", ["workspace_id", "channel_id", "sent_at"])


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("firings")
    op.drop_table("schedules")
