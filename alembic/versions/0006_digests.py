"""The archive of digests, and the copies of the snapshots that they were made of.

Revises 0005. Going back loses the archive.
"""

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
STANCES = "stance IN ('strongly disagree', 'disagree', 'agree', 'strongly agree', 'unsure')"
COUNTS = ("members", "strongly_disagree", "disagree", "agree", "strongly_agree", "unsure", "marks")


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "topic", "key", name="pk_digests"),
        sa.UniqueConstraint("workspace_id", "event", name="uq_digests_workspace_id_event"),
        sa.UniqueConstraint("workspace_id", "topic", "number", name="uq_digests_workspace_id_topic_number"),
    )
    op.create_table(
        "digest_claims",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "topic", "key", "claim_id", name="pk_digest_claims"),
    )
    op.create_table(
        "digest_positions",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("crux", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "topic", "key", "claim_id", "member_id", name="pk_digest_positions"),
        sa.CheckConstraint(STANCES, name=op.f("ck_digest_positions_stance")),
    )
    op.create_index("ix_digest_positions_member", "digest_positions", ["workspace_id", "member_id"])


def downgrade() -> None:
    op.drop_table("digest_positions")
    op.drop_table("digest_claims")
    op.drop_table("digests")
