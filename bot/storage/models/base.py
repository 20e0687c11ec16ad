"""What all tables are made of: their types, the names of their constraints, and ids that sort by time."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import DateTime, Dialect, LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from bot.storage.codec import storable, utc


class UtcDateTime(TypeDecorator[datetime]):
    """A time with its zone, in UTC, to the microsecond. SQLite has no zones: there the text is UTC by convention."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        at = utc(value)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AnyText(TypeDecorator[str]):
    """Text of members, which may hold characters that no database takes; see `codec.storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
        }
    )
    type_annotation_map = {str: AnyText, datetime: UtcDateTime, bytes: LargeBinary}  # noqa: RUF012 (SQLAlchemy's own hook)


class _Ordinals:
    """Makes ids that sort by the time they were made, and strictly so within a process.

    32 hexadecimal digits: nanoseconds since 1970, then 64 random bits, so that processes don't meet. Rows with the same
    time are told apart by it: the one added later counts as newer.
    """

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        self._last = max(time.time_ns(), self._last + 1)
        return f"{self._last:016x}{secrets.token_hex(8)}"


ordinal: Final = _Ordinals()

STANCES: Final = "stance IN ('strongly disagree', 'disagree', 'agree', 'strongly agree', 'unsure')"
"""Of positions, wherever they are kept."""
