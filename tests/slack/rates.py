"""Slack's rate limits: about one post a second in a channel, and a tier for each other method in a workspace."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

POSTS = frozenset({"chat.postMessage", "chat.startStream"})
TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute."""

METHOD_TIERS = {
    "chat.startStream": 2,
    "chat.appendStream": 4,
    "chat.stopStream": 2,
    "chat.update": 3,
    "chat.delete": 3,
    "chat.postEphemeral": 4,
    "conversations.history": 3,
    "conversations.replies": 3,
    "conversations.info": 3,
    "conversations.open": 3,
    "conversations.join": 3,
    "users.info": 4,
    "users.list": 2,
    "usergroups.users.list": 2,
    "views.open": 4,
    "views.update": 4,
    "views.publish": 4,
    "views.push": 4,
    "files.getUploadURLExternal": 4,
    "files.completeUploadExternal": 4,
    "bots.info": 3,
    "team.info": 3,
    "auth.revoke": 3,
    "reactions.add": 3,
}


@dataclass
class Bucket:
    tokens: float
    at: float


@dataclass
class Rates:
    """Token buckets in real time; a full bucket is the burst. Zero or less `posts_per_second` means no limit."""

    posts_per_second: float = 1.0
    post_burst: int = 4
    tiers: bool = True
    refused: int = 0
    _buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)

    def off(self) -> None:
        self.posts_per_second, self.tiers = 0.0, False

    def wait(self, method: str, team: str, channel: str) -> int | None:
        """Whole seconds that the caller must wait, or None when the call may pass."""
        waits = []
        if method in POSTS and channel and self.posts_per_second > 0:
            waits.append(self._take(("post", channel), self.posts_per_second, self.post_burst))
        if self.tiers and method in METHOD_TIERS:
            a_minute = TIERS[METHOD_TIERS[method]]
            waits.append(self._take((method, team), a_minute / 60, a_minute))
        longest = max(waits, default=0.0)
        if longest <= 0:
            return None
        self.refused += 1
        return max(1, math.ceil(longest))

    def _take(self, key: tuple[str, ...], per_second: float, burst: int) -> float:
        now = time.monotonic()
        bucket = self._buckets.setdefault(key, Bucket(burst, now))
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0.0
        return (1 - bucket.tokens) / per_second
