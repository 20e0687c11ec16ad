"""The picture of a digest is of what the digest shows, and of nothing else."""

from __future__ import annotations

import pytest

from bot.core.charts import alt_text
from bot.core.digest_chart import chart_of
from tests.unit.group import Group
from tests.unit.test_digests import WEEK, first_week, posted
from tests.unit.test_overview import MEMBERS, stands


@pytest.fixture
def group() -> Group:
    return Group()


async def test_the_first_digest_has_its_claims_the_thesis_first_and_no_week_before(group: Group) -> None:
    await first_week(group)
    (digest,) = await group.store.digests("w", "small")
    chart = await chart_of(group.store, digest)
    assert chart is not None
    assert chart.claims[0].now.claim_id == "T-00"
    assert {claim.now.claim_id for claim in chart.claims} == {each.claim_id for each in digest.figures}
    assert all(claim.before is None for claim in chart.claims)
    assert len(chart.thesis) == 1
    assert "T-00" in alt_text(chart)


async def test_two_weeks_stand_side_by_side_only_where_the_text_compares_them(group: Group) -> None:
    await first_week(group)
    group.clock.advance(WEEK)
    await stands(group, "T-00", "ddd")
    await posted(group)
    digest = (await group.store.digests("w", "small"))[-1]
    chart = await chart_of(group.store, digest)
    assert chart is not None
    compared = {each.claim_id for each in digest.figures if each.before is not None}
    assert {claim.now.claim_id for claim in chart.claims if claim.before is not None} == compared
    assert len(chart.thesis) == 2


async def test_what_a_forgotten_member_was_counted_in_is_not_drawn(group: Group) -> None:
    await first_week(group)
    await group.say("/crux forget-me yes", MEMBERS[0])
    digest = (await group.store.digests("w", "small"))[-1]
    chart = await chart_of(group.store, digest)
    shown = set() if chart is None else {claim.now.claim_id for claim in chart.claims}
    assert shown == {each.claim_id for each in digest.figures}


async def test_a_quiet_week_is_drawn_as_well(group: Group) -> None:
    await first_week(group)
    group.clock.advance(WEEK)
    await posted(group)
    first, second = await group.store.digests("w", "small")
    chart = await chart_of(group.store, second)
    assert chart is not None
    assert [point.at for point in chart.thesis] == [first.at, second.at]
    assert chart.at == second.at
