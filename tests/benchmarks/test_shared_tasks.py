"""The quickest of the shared tasks against the reference figures; skipped where the data isn't there."""

from __future__ import annotations

import pytest

from bot.retrieval.encoders import BundledEncoder
from tests.benchmarks.shared_tasks import REFERENCE, WHOLE, evaluate, folder


@pytest.mark.skipif(not folder().is_dir(), reason="CRUX_BENCHMARKS names no folder with retrieval/")
async def test_key_points_are_found_better_than_by_the_reference() -> None:
    scores = (await evaluate("argkp_arg2kp", "dev", BundledEncoder()))[WHOLE]
    assert all(ours >= theirs for ours, theirs in zip(scores, REFERENCE["argkp_arg2kp"], strict=True))
