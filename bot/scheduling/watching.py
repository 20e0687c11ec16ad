"""What the engine says of its work to whoever counts it."""

from __future__ import annotations

from typing import Protocol

from bot.core.firings import Firing, FiringState
from bot.core.outbox import Post, PostState


class Watch(Protocol):
    """Counts what an engine does. Quick, and it raises nothing."""

    def fired(self, firing: Firing, state: FiringState, late: float) -> None:
        """A firing was composed (DONE), dropped or given up (FAILED), so many seconds after it was due."""
        ...

    def tried(self, post: Post, state: PostState) -> None:
        """A post was sent, held, dropped since nobody is left to read it, or given back for another try (PENDING)."""
        ...


class Unwatched:
    """Counts nothing."""

    def fired(self, firing: Firing, state: FiringState, late: float) -> None:
        return

    def tried(self, post: Post, state: PostState) -> None:
        return
