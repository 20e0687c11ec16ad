"""Prompts: what is put to a channel, the snapshot that it opened with, the queue, what was passed over, and the pace.

Revises 0004. Going back loses all of it; positions stay.
"""

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
STANCES = "stance IN ('strongly disagree', 'disagree', 'agree', 'strongly agree', 'unsure')"


def upgrade() -> None:
    op.create_table(
        "prompts",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("closes_at", TIME, nullable=False),
        sa.Column("open_channel", sa.Text()),
        sa.Column("open_claim", sa.Text()),
        sa.Column("before_members", sa.Integer()),
        sa.Column("closed_at", TIME),
        sa.Column("ending", sa.Text()),
        sa.Column("closed_by", sa.Text()),
        sa.Column("answered", sa.Boolean()),
        sa.Column("closing", sa.Text()),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_prompts"),
        sa.UniqueConstraint("workspace_id", "open_channel", name="uq_prompts_workspace_id_open_channel"),
        sa.UniqueConstraint("workspace_id", "topic", "open_claim", name="uq_prompts_workspace_id_topic_open_claim"),
        sa.CheckConstraint("ending IN ('time', 'command', 'retired', 'reworded')", name=op.f("ck_prompts_ending")),
        sa.CheckConstraint("(closed_at IS NULL) = (ending IS NULL)", name=op.f("ck_prompts_closed")),
        sa.CheckConstraint("(closed_at IS NULL) = (open_channel IS NOT NULL)", name=op.f("ck_prompts_channel")),
        sa.CheckConstraint("(closed_at IS NULL) = (open_claim IS NOT NULL)", name=op.f("ck_prompts_claim")),
    )
    op.create_index("ix_prompts_claim", "prompts", ["workspace_id", "topic", "claim_id", "opened_at"])
    op.create_index("ix_prompts_channel", "prompts", ["workspace_id", "channel_id", "opened_at"])
    op.create_table(
        "prompt_positions",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("prompt_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "prompt_id", "member_id", name="pk_prompt_positions"),
        sa.CheckConstraint(STANCES, name=op.f("ck_prompt_positions_stance")),
    )
    op.create_index("ix_prompt_positions_member", "prompt_positions", ["workspace_id", "member_id"])
    op.create_table(
        "queue",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "topic", "claim_id", name="pk_queue"),
    )
    op.create_index("ix_queue_member", "queue", ["workspace_id", "member_id"])
    op.create_table(
        "passed_over",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "topic", "claim_id", name="pk_passed_over"),
    )
    op.create_table(
        "paces",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("pace", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id", "topic", name="pk_paces"),
        sa.CheckConstraint("pace IN ('asked', 'slower', 'keep')", name=op.f("ck_paces_pace")),
    )


def downgrade() -> None:
    for table in ("paces", "passed_over", "queue", "prompt_positions", "prompts"):
        op.drop_table(table)
