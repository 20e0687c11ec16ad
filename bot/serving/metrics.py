"""What Prometheus is told. Every metric has its meaning here and nowhere else.

The parts of the core know nothing of it: what is measured is wrapped where the application is put together.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.core.arguments import ArgumentMap
from bot.core.assignments import Usage
from bot.core.backlog import Backlog
from bot.core.firings import Firing, FiringState
from bot.core.inbox import Answerer
from bot.core.kept import Reply
from bot.core.messages import Added, Replaced, Started
from bot.core.outbox import Post, PostState
from bot.core.ports import Retriever
from bot.core.reading import Reading
from bot.core.requests import Request

_SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60)
_LATE: Final = (1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 48 * 3600)


class Metrics:
    """Counters of this process, and gauges of the database that every process reads alike: take one, don't add them.

    Labels have few values, and none that a member chose: no workspace, no text, no name.
    """

    def __init__(self) -> None:
        self.registry = to = CollectorRegistry()
        self._replies = Counter(
            "crux_replies", "Replies, by command and by how it was met.", ["command", "outcome"], registry=to
        )
        self._reply_seconds = Histogram(
            "crux_reply_seconds",
            "From taking a request up to its whole reply.",
            ["command"],
            buckets=_SECONDS,
            registry=to,
        )
        self._first_seconds = Histogram(
            "crux_first_text_seconds",
            "From taking a request up to the first words of an argument.",
            buckets=_SECONDS,
            registry=to,
        )
        self._retrieval = Histogram(
            "crux_retrieval_seconds", "Reading one text against one map.", buckets=_SECONDS, registry=to
        )
        self._calls = Counter("crux_model_calls", "Calls to the language model.", ["task", "outcome"], registry=to)
        self._model_seconds = Histogram(
            "crux_model_seconds", "One call to the language model, whole.", ["task"], buckets=_SECONDS, registry=to
        )
        self._tokens = Counter("crux_model_tokens", "Tokens of the language model.", ["task", "direction"], registry=to)
        self._tries = Counter("crux_posts", "Tries to send posts.", ["kind", "outcome"], registry=to)
        self._firings = Counter("crux_firings", "Due times, by what came of them.", ["kind", "outcome"], registry=to)
        self._late = Histogram(
            "crux_firing_delay_seconds",
            "From a due time to its posts in the outbox.",
            ["kind"],
            buckets=_LATE,
            registry=to,
        )
        self._outbox = Gauge("crux_outbox_posts", "Posts in the outbox of the database.", ["state"], registry=to)
        self._oldest = Gauge(
            "crux_outbox_oldest_seconds",
            "Age of the oldest post on its way; 0 without any.",
            registry=to,
        )
        self._open = Gauge("crux_firings_open", "Due times that are not composed yet.", registry=to)
        self._overdue = Gauge(
            "crux_firings_late_seconds", "How long ago the earliest of them was due; 0 without any.", registry=to
        )

    # -- what the parts are wrapped in --------------------------------------------------------------------------------

    def answering(self, answerer: Answerer) -> Answerer:
        """An answerer whose replies are counted and timed."""
        return _CountedAnswerer(answerer, self)

    def reading(self, retriever: Retriever) -> Retriever:
        """A retriever whose readings are timed."""
        return _TimedRetriever(retriever, self._retrieval)

    def replied(self, reply: Reply, seconds: float) -> None:
        """Count a reply."""
        self._replies.labels(reply.command, outcome_of(reply)).inc()
        self._reply_seconds.labels(reply.command).observe(seconds)

    def began(self, seconds: float) -> None:
        """Note how long the first words of an argument took."""
        self._first_seconds.observe(seconds)

    def called(self, task: str, seconds: float, usage: Usage, *, failed: bool) -> None:
        """Count a call to the language model; a `bot.writing.drafting.CallWatch`."""
        self._calls.labels(task, "failed" if failed else "ok").inc()
        self._model_seconds.labels(task).observe(seconds)
        self._tokens.labels(task, "in").inc(usage.tokens_in)
        self._tokens.labels(task, "out").inc(usage.tokens_out)

    def fired(self, firing: Firing, state: FiringState, late: float) -> None:
        """Count a firing; see `bot.scheduling.watching.Watch`."""
        self._firings.labels(firing.kind.value, state.value).inc()
        if state is FiringState.DONE:
            self._late.labels(firing.kind.value).observe(max(0.0, late))

    def tried(self, post: Post, state: PostState) -> None:
        """Count a try to send a post; see `bot.scheduling.watching.Watch`."""
        self._tries.labels(post.kind, "again" if state is PostState.PENDING else state.value).inc()

    # -- what is read when somebody asks ------------------------------------------------------------------------------

    def exposition(self, backlog: Backlog | None, now: datetime) -> bytes:
        """All metrics in Prometheus' text format; without the database's gauges where it can't be asked."""
        self._outbox.clear()
        for gauge in (self._oldest, self._open, self._overdue):
            gauge.set(float("nan"))
        if backlog is not None:
            for state, count in backlog.posts.items():
                self._outbox.labels(state.value).set(count)
            self._oldest.set(_age(backlog.oldest_post, now))
            self._open.set(backlog.firings)
            self._overdue.set(_age(backlog.oldest_firing, now))
        return generate_latest(self.registry)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def outcome_of(reply: Reply) -> str:
    """How a request was met: by the model or the outline writer, else `ok`, `refused`, `unresolved` or `failed`."""
    if reply.writer is not None:
        return reply.writer
    return reply.command if reply.command in ("refused", "unresolved", "failed") else "ok"


@dataclass(frozen=True)
class _CountedAnswerer:
    answerer: Answerer
    metrics: Metrics

    async def answer(self, request: Request) -> AsyncGenerator[Started | Added | Replaced | Reply]:
        started, begun = time.monotonic(), False
        async with aclosing(self.answerer.answer(request)) as events:
            async for event in events:
                if isinstance(event, Added) and not begun:
                    begun = True
                    self.metrics.began(time.monotonic() - started)
                if isinstance(event, Reply):
                    self.metrics.replied(event, time.monotonic() - started)
                yield event


@dataclass(frozen=True)
class _TimedRetriever:
    retriever: Retriever
    seconds: Histogram

    async def read(self, text: str, argument_map: ArgumentMap, limit: int = 10) -> Reading:
        with self.seconds.time():
            return await self.retriever.read(text, argument_map, limit)
