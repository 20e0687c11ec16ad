"""Nothing crosses workspaces, by way of all that members can type, on every database."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from bot.storage.store import SqlStore
from bot.testing import MemoryStore
from tests.databases import emptied
from tests.workspaces import FIRST, SECOND, Step, answers, steps


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=steps)
async def test_no_member_is_told_anything_of_another_workspace(hasty_store: SqlStore, taken: list[Step]) -> None:
    alone = await answers(MemoryStore(), taken, {FIRST})
    assert await answers(await emptied(hasty_store), taken, {FIRST, SECOND}) == alone
