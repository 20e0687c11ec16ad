"""The level that `docs/grounding.md` reports, with room for a pair or two to flip when a map is reworded."""

from __future__ import annotations

import pytest

from bot.core.ports import Encoder
from bot.retrieval.encoders import BundledEncoder
from tests.benchmarks.support import figures, load_maps, load_pairs, verdicts, wilson


def test_the_pairs_are_many_balanced_and_about_arguments_that_exist() -> None:
    pairs, maps = load_pairs(), load_maps()
    assert len(pairs) >= 240
    assert 0.4 <= sum(p.supported for p in pairs) / len(pairs) <= 0.6
    assert all(cite in maps[p.map] for p in pairs for cite in (*p.cites, *p.denied))
    assert all((p.fault is None) is p.supported for p in pairs)
    tuned_on = {p.sentence for p in pairs if p.tuning}
    assert not tuned_on & {p.sentence for p in pairs if not p.tuning}


@pytest.mark.parametrize("encoder", [BundledEncoder(), None], ids=["encoder", "words"])
async def test_the_check_reaches_its_level_on_pairs_it_was_not_fitted_to(encoder: Encoder | None) -> None:
    pairs = [p for p in load_pairs() if not p.tuning]
    found = figures(pairs, await verdicts(pairs, load_maps(), encoder))
    assert found.right / found.total >= 0.82
    assert found.caught / found.bad >= 0.77
    assert found.alarms / found.good <= 0.15


def test_wilsons_interval() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)
