"""Nothing crosses workspaces, by way of all that members can type."""

from __future__ import annotations

from hypothesis import given, settings

from bot.testing import MemoryStore
from tests.workspaces import FIRST, SECOND, Step, answers, steps


@settings(max_examples=100, deadline=None)
@given(steps)
async def test_no_member_is_told_anything_of_another_workspace(taken: list[Step]) -> None:
    alone = await answers(MemoryStore(), taken, {FIRST})
    assert await answers(MemoryStore(), taken, {FIRST, SECOND}) == alone
