"""Proposals and amendments; whether a request comes from an organiser; which version of a claim a snapshot is of.

Revises 0002. Going back loses what groups have made of their maps, and what members proposed.
"""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("inbox", sa.Column("organiser", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("published_claims", sa.Column("claim_version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "proposals",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("decided_at", TIME),
        sa.Column("decided_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("made", sa.Text()),
        sa.PrimaryKeyConstraint("workspace_id", "number", name="pk_proposals"),
        sa.UniqueConstraint("workspace_id", "event", name="uq_proposals_workspace_id_event"),
        sa.CheckConstraint(
            "state IN ('draft', 'open', 'approved', 'declined', 'withdrawn')", name=op.f("ck_proposals_state")
        ),
        sa.CheckConstraint("(state IN ('draft', 'open')) = (decided_at IS NULL)", name=op.f("ck_proposals_decided")),
    )
    op.create_index("ix_proposals_member", "proposals", ["workspace_id", "member_id"])
    op.create_table(
        "sequences",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("newest", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "name", name="pk_sequences"),
    )
    op.create_table(
        "amendments",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text()),
        sa.PrimaryKeyConstraint("workspace_id", "number", name="pk_amendments"),
        sa.UniqueConstraint("workspace_id", "event", name="uq_amendments_workspace_id_event"),
    )


def downgrade() -> None:
    op.drop_table("amendments")
    op.drop_table("sequences")
    op.drop_table("proposals")
    op.drop_column("published_claims", "claim_version")
    op.drop_column("inbox", "organiser")
