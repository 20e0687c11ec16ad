"""A clock, a catalogue and an encoder for tests."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.core.arguments import ArgumentMap
from bot.storage.codec import utc

_WORD: Final = re.compile(r"\w+")


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)) -> None:
        self._at = utc(at)

    def now(self) -> datetime:
        return self._at

    def advance(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class FixedCatalogue:
    """The same maps for every workspace."""

    of_all: tuple[ArgumentMap, ...]

    async def maps(self, workspace: str) -> Sequence[ArgumentMap]:
        return self.of_all


class BagOfWordsEncoder:
    """Unit vectors of hashed word counts: texts that share words are near. No weights, the same on every machine.

    Args:
        dimensions: the length of a vector. Words share a dimension by chance, about one in `dimensions`.
    """

    def __init__(self, dimensions: int = 256) -> None:
        self.dimensions = dimensions
        self.encoded: list[str] = []
        """Every text that was ever asked for, so that a test can see what a cache saved."""

    @property
    def model_id(self) -> str:
        return f"bag-of-words-{self.dimensions}"

    async def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded.extend(texts)
        counts = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.lower()) or [""]:
                digest = hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest()
                counts[row, int.from_bytes(digest, "little") % self.dimensions] += 1
        norms: NDArray[np.float32] = np.linalg.norm(counts, axis=1, keepdims=True)
        return counts / norms
