"""Workspaces: what they set, whether they left, and the installations of the bot, sealed; strangers among members.

Revises 0006. Going back loses all of it: workspaces that left count as there again, and have to install the bot anew.
"""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
UNCLOSED = sa.text("closed_at IS NULL")


def upgrade() -> None:
    # A column with a default is added in place by both; a batch would copy the whole inbox.
    op.add_column("inbox", sa.Column("stranger", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_prompts_open",
        "prompts",
        ["closes_at", "workspace_id"],
        sqlite_where=UNCLOSED,
        postgresql_where=UNCLOSED,
    )
    op.create_table(
        "settings",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "channel_id", "name", name="pk_settings"),
    )
    op.create_table(
        "departures",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_departures"),
    )
    op.create_index("ix_departures_at", "departures", ["at"])
    op.create_table(
        "installations",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text()),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "key", name="pk_installations"),
    )
    op.create_index("ix_installations_member", "installations", ["workspace_id", "member_id"])
    op.create_table(
        "install_states",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("state", name="pk_install_states"),
    )


def downgrade() -> None:
    for table in ("install_states", "installations", "departures", "settings"):
        op.drop_table(table)
    op.drop_index("ix_prompts_open", "prompts")
    with op.batch_alter_table("inbox") as inbox:
        inbox.drop_column("stranger")
