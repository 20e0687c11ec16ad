"""The fakes that ship with Crux; `MemoryStore` is tested beside the real store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.core.ports import Clock, Encoder, Store
from bot.testing import BagOfWordsEncoder, ManualClock, MemoryStore


def test_they_are_what_the_ports_say() -> None:
    # Checked by mypy, not at run time.
    store: Store = MemoryStore()
    clock: Clock = ManualClock()
    encoder: Encoder = BagOfWordsEncoder()
    assert store
    assert clock
    assert encoder


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    clock.advance(1.5)
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=1.5)


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=20), min_size=1, max_size=5))
async def test_every_text_has_a_unit_vector_and_always_the_same(texts: list[str]) -> None:
    first = await BagOfWordsEncoder().encode(texts)
    assert first.shape == (len(texts), 256)
    assert first.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(first, await BagOfWordsEncoder().encode(texts))


async def test_texts_that_share_words_are_nearer() -> None:
    encoder = BagOfWordsEncoder()
    vectors = await encoder.encode(["Circuits explain models", "models explain circuits!", "four working days"])
    near, far = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert near > 0.99
    assert far < 0.01
    assert (await encoder.encode([])).shape == (0, 256)
    assert encoder.encoded == ["Circuits explain models", "models explain circuits!", "four working days"]
