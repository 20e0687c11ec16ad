"""What the soaks count."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self


@dataclass
class Tallied:
    """Counts that add up, field by field, and print on one line."""

    def __iadd__(self, other: Self) -> Self:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        return self

    def __str__(self) -> str:
        return " ".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))
