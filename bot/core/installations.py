"""What platforms give out when the bot is installed in a workspace: tokens, which are kept sealed.

The store sees sealed bytes only, and what seals them (`bot.sealing`) sees no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Sealer(Protocol):
    """Encrypts what is kept, and tells when it was changed."""

    def seal(self, data: bytes) -> bytes: ...

    def open(self, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            ConfigurationError: none of the keys opens it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """One part of an installation. `member` is whom it is about; it goes when they are forgotten."""

    workspace: str
    key: str
    sealed: bytes
    at: datetime
    member: str | None = None


class Vault(Protocol):
    """The part of a store that keeps installations. It may raise StorageError, as all of a store."""

    async def keep_installation(
        self, workspace: str, key: str, sealed: bytes, at: datetime, member: str | None = None
    ) -> None:
        """Keep a part of an installation, in place of one with its key."""
        ...

    async def installation(self, workspace: str, key: str) -> Sealed | None: ...

    async def installations(self, workspace: str) -> Sequence[Sealed]:
        """All parts of a workspace's installation, newest first, then by key."""
        ...

    async def all_installations(self) -> Sequence[Sealed]:
        """Of all workspaces, by workspace and key. For whoever runs the database."""
        ...

    async def reseal_installation(self, was: Sealed, sealed: bytes) -> bool:
        """Keep the same sealed anew; False, and nothing is kept, when it isn't as it `was` any longer."""
        ...

    async def drop_installation(self, workspace: str, key: str) -> bool:
        """Delete a part of an installation; False when there is none."""
        ...

    async def issue_state(self, state: str, expires_at: datetime, now: datetime) -> None:
        """Keep a word that an installation begins with; those that have expired go."""
        ...

    async def consume_state(self, state: str, now: datetime) -> bool:
        """Whether a word was issued and has not expired. True once: after that it is gone."""
        ...
