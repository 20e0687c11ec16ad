"""The cache of an encoder's vectors."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import Base


class VectorRow(Base):
    """The cache of an encoder's vectors; may be emptied at any time."""

    __tablename__ = "vectors"

    model_id: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[str] = mapped_column(primary_key=True)
    vector: Mapped[bytes]
    """float32, little-endian."""
