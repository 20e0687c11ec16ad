"""How near texts are to one another: by an encoder's vectors, or by the words that they share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.core.ports import Encoder
from bot.writing import wording

REMEMBERED: Final = 6000
"""Vectors kept in memory, about 9 MB at 384 dimensions: both shipped maps twice over."""

AT_A_TIME: Final = 32


class Similarity(Protocol):
    async def between(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
        """Similarities in [-1, 1], shape (len(texts), len(others)), neither empty."""
        ...


class EncoderSimilarity:
    """Cosines of an encoder's vectors; those of recent texts are remembered."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._encoding = asyncio.Lock()  # whoever comes second finds what the first has encoded

    async def between(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
        """Cosines, shape (len(texts), len(others)).

        Raises:
            EncoderError: the encoder can't be used.
        """
        known = await self._known([*texts, *others])
        similarities: NDArray[np.float32] = known[: len(texts)] @ known[len(texts) :].T
        return similarities

    async def remember(self, texts: Sequence[str]) -> None:
        """Encode texts that will be asked for, some at a time, so that a check needn't wait for all.

        Raises:
            EncoderError: the encoder can't be used.
        """
        for start in range(0, len(texts), AT_A_TIME):
            await self._known(texts[start : start + AT_A_TIME])

    async def _known(self, texts: Sequence[str]) -> NDArray[np.float32]:
        async with self._encoding:
            found = {text: self._vectors[text] for text in texts if text in self._vectors}
            missing = [text for text in dict.fromkeys(texts) if text not in found]
            if missing:
                found.update(zip(missing, await self._encoder.encode(missing), strict=True))
                self._vectors.update({text: found[text] for text in missing})
                for text in list(self._vectors)[: max(0, len(self._vectors) - REMEMBERED)]:
                    del self._vectors[text]
        return np.stack([found[text] for text in texts])


class LexicalSimilarity:
    """Shared stems of content words: the cosine of two texts' 0/1 vectors, |A and B| / sqrt(|A| |B|)."""

    async def between(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
        left = [wording.content(text) for text in texts]
        right = [wording.content(text) for text in others]
        return np.array(
            [[len(a & b) / np.sqrt(max(len(a), 1) * max(len(b), 1)) for b in right] for a in left], dtype=np.float32
        )
