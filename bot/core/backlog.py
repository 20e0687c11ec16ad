"""How much the calendar has still to do, over all workspaces: for whoever runs it, and never for a chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.outbox import PostState


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the database holds at a moment, whichever process asks. Workspaces that removed the bot are left out.

    Args:
        posts: how many wait, are being sent and are held.
        oldest_post: when the oldest of those that wait or are being sent was made; None when there is none.
        firings: due times that are not composed yet.
        oldest_firing: the earliest of them.
    """

    posts: Mapping[PostState, int]
    oldest_post: datetime | None
    firings: int
    oldest_firing: datetime | None


COUNTED = (PostState.PENDING, PostState.SENDING, PostState.HELD)
"""The states that a backlog counts."""
