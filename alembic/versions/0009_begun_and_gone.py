"""What a worker has begun to show of an answer, and which members a platform no longer has.

Revises 0008. Going back forgets both: an answer that was cut may stay beside the whole one, and who is gone is counted
until they were not seen for long.
"""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns that may be empty are added in place by both; a batch would copy the tables.
    op.add_column("inbox", sa.Column("begun", sa.Text()))
    op.add_column("outbox", sa.Column("begun", sa.Text()))
    op.add_column("members", sa.Column("gone_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("members", "gone_at")
    op.drop_column("outbox", "begun")
    op.drop_column("inbox", "begun")
