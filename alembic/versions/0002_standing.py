"""Members, withdrawals, snapshots of what a group holds, credits.

Revises 0001. Going back loses all of that, and the history of positions that were withdrawn, which 0001 can't say.
"""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STANCES = "stance IN ('strongly disagree', 'disagree', 'agree', 'strongly agree', 'unsure')"
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _alter_stance(nullable=True)
    op.create_index(
        "ix_positions_claim", "positions", ["workspace_id", "topic", "claim_id", "member_id", "at", "ordinal"]
    )
    op.create_table(
        "members",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "member_id", name="pk_members"),
    )
    op.create_table(
        "published_claims",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("strongly_disagree", sa.Integer(), nullable=False),
        sa.Column("disagree", sa.Integer(), nullable=False),
        sa.Column("agree", sa.Integer(), nullable=False),
        sa.Column("strongly_agree", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("departed", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "topic", "claim_id", name="pk_published_claims"),
    )
    op.create_table(
        "published_positions",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("crux", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "topic", "claim_id", "member_id", name="pk_published_positions"),
        sa.CheckConstraint(STANCES, name=op.f("ck_published_positions_stance")),
    )
    op.create_index("ix_published_positions_member", "published_positions", ["workspace_id", "member_id"])
    op.create_table(
        "credits",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("argument_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("undone_at", TIME),
        sa.PrimaryKeyConstraint("workspace_id", "ordinal", name="pk_credits"),
    )
    op.create_index("ix_credits_member", "credits", ["workspace_id", "member_id"])
    op.create_index("ix_credits_topic", "credits", ["workspace_id", "topic", "argument_id"])
    _fill_members()


def _fill_members() -> None:
    """Whoever sent a request was seen then, under the name of their newest one."""
    op.execute(
        "INSERT INTO members (workspace_id, member_id, name, first_seen, last_seen) "
        "SELECT workspace_id, member_id, member_name, first_seen, last_seen FROM ("
        "SELECT workspace_id, member_id, member_name, "
        "min(received_at) OVER whose AS first_seen, max(received_at) OVER whose AS last_seen, "
        "row_number() OVER (PARTITION BY workspace_id, member_id "
        "ORDER BY member_name = '', received_at DESC, ordinal DESC) AS nth "
        "FROM inbox WINDOW whose AS (PARTITION BY workspace_id, member_id)) AS seen WHERE nth = 1"
    )


def _alter_stance(*, nullable: bool) -> None:
    if op.get_context().dialect.name != "sqlite":
        op.alter_column("positions", "stance", nullable=nullable)
        return
    # SQLite can't alter a column: a new table takes the old one's place, and its index and trigger go with the old one.
    op.create_table(
        "new_positions",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("claim_version", sa.Integer(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=nullable),
        sa.Column("at", TIME, nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("crux", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "ordinal", name="pk_positions"),
        sa.CheckConstraint(STANCES, name=op.f("ck_positions_stance")),
    )
    op.execute("INSERT INTO new_positions SELECT * FROM positions")  # the columns are in one order
    op.drop_table("positions")
    op.rename_table("new_positions", "positions")
    op.create_index(
        "ix_positions_member", "positions", ["workspace_id", "member_id", "topic", "claim_id", "at", "ordinal"]
    )
    op.execute(
        "CREATE TRIGGER positions_only_grow BEFORE UPDATE ON positions "
        "BEGIN SELECT RAISE(ABORT, 'positions are append-only'); END"
    )


def downgrade() -> None:
    # Without its withdrawal, what a member held before it would come back as what they hold.
    op.execute(
        "DELETE FROM positions WHERE EXISTS (SELECT 1 FROM positions AS later WHERE later.stance IS NULL "
        "AND later.workspace_id = positions.workspace_id AND later.member_id = positions.member_id "
        "AND later.topic = positions.topic AND later.claim_id = positions.claim_id "
        "AND (later.at, later.ordinal) >= (positions.at, positions.ordinal))"
    )
    for table in ("credits", "published_positions", "published_claims", "members"):
        op.drop_table(table)
    op.drop_index("ix_positions_claim", "positions")
    _alter_stance(nullable=False)
