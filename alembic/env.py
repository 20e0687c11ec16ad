"""Run by Alembic: connects, and applies the migrations in one transaction with whoever asked for them."""

from typing import Any, Literal

from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from alembic import context
from bot.storage.models import Base


def plainly(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write a column's type into a new migration as the database's own, so that migrations outlive the models."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite can't alter a column in place: Alembic then makes a new table and moves the rows.
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
        render_item=plainly,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:  # the alembic command, for writing a new migration
    from bot.settings import load
    from bot.storage.engine import parse_url, sync_engine

    address = load().database_url
    if address is None:
        raise SystemExit("Set CRUX_DATABASE_URL to a database for development.")
    with sync_engine(parse_url(address.get_secret_value())).begin() as connection:
        run(connection)
