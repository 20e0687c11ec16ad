"""How many model tokens a member and a workspace may use a day.

Days are UTC days. What is spent is counted in the store, so that the limits hold across restarts and processes; calls
that are under way in this process are reserved in memory, so that ten commands at once can't all pass on the same rest.
"""

from __future__ import annotations

import contextlib
import logging
import math
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.core.assignments import Usage
from bot.core.houserules import budget_of
from bot.core.ports import Clock
from bot.errors import BudgetSpent

logger = logging.getLogger(__name__)


def estimate_tokens(text: str) -> int:
    """About how many tokens a text is: one for four bytes of UTF-8.

    Near the truth for English, and for scripts whose characters take three bytes and about one token each.
    """
    return math.ceil(len(text.encode("utf-8", "surrogatepass")) / 4)


class UsageLog(Protocol):
    """The part of the store that budgets need."""

    async def record_usage(self, workspace: str, member: str, at: datetime, model: str, usage: Usage) -> None: ...

    async def tokens_spent(self, workspace: str, since: datetime, member: str | None = None) -> int: ...

    async def settings(self, workspace: str, channel: str | None = None) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class _Limit:
    tokens: int
    whose: str
    setting: str


class Budget:
    """Daily limits; 0 is none. A workspace may have set a lower one of its own (`core.houserules`).

    Args:
        usage_log: where spent tokens are counted.
        clock: tells the day.
        member_limit: tokens a member, in and out together.
        workspace_limit: tokens a workspace.
    """

    def __init__(self, usage_log: UsageLog, clock: Clock, member_limit: int, workspace_limit: int) -> None:
        self._log = usage_log
        self._clock = clock
        self._member_limit = member_limit
        self._workspace_limit = workspace_limit
        self._reserved: Counter[tuple[str, str | None]] = Counter()

    @contextlib.asynccontextmanager
    async def reserve(self, workspace: str, member: str, tokens: int) -> AsyncIterator[None]:
        """Set tokens aside for a call, for as long as the block runs.

        Raises:
            BudgetSpent: they would go over a limit.
            StorageError: as the store raises it.
        """
        keys = ((workspace, member), (workspace, None))
        # Reserve first, then look: between a look and a reservation another call could slip in.
        self._reserved.update(dict.fromkeys(keys, tokens))
        try:
            own = budget_of(await self._log.settings(workspace))
            limits = (
                _Limit(self._member_limit, "a member", "CRUX_MEMBER_TOKENS_PER_DAY"),
                _Limit(self._workspace_limit, "the workspace", "CRUX_WORKSPACE_TOKENS_PER_DAY"),
                _Limit(own or 0, "the workspace's own limit", "`/crux settings budget`"),
            )
            for key, limit in zip((*keys, keys[-1]), limits, strict=True):
                await self._check(key, limit)
            yield
        finally:
            self._reserved.subtract(dict.fromkeys(keys, tokens))
            self._reserved = +self._reserved

    async def _check(self, key: tuple[str, str | None], limit: _Limit) -> None:
        if limit.tokens == 0:
            return
        workspace, member = key
        now = self._clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        spent = await self._log.tokens_spent(workspace, midnight, member)
        if spent + self._reserved[key] > limit.tokens:
            logger.warning(
                "No model call: %d of today's %d tokens of %s are used up; raise %s if that is too few.",
                spent,
                limit.tokens,
                limit.whose,
                limit.setting,
            )
            raise BudgetSpent

    async def record(self, workspace: str, member: str, model: str, usage: Usage) -> None:
        """Count what a call cost."""
        if usage.calls:
            await self._log.record_usage(workspace, member, self._clock.now(), model, usage)
