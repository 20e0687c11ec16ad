"""What Prometheus is told."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.core.assignments import Usage
from bot.core.backlog import Backlog
from bot.core.firings import Firing, FiringState
from bot.core.inbox import Inbox
from bot.core.messages import Message
from bot.core.outbox import Post, PostState
from bot.core.schedules import ScheduleKind
from bot.serving.metrics import Metrics
from tests.unit.group import Group


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def group() -> Group:
    return Group()


def read(metrics: Metrics, group: Group, backlog: Backlog | None = None) -> dict[tuple[str, ...], float]:
    """Each sample's value by its name and its labels' values, in the order of the labels' names."""
    text = metrics.exposition(backlog, group.clock.now()).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def say(metrics: Metrics, group: Group, text: str, member: str = "ann") -> None:
    inbox = Inbox(group.store, metrics.answering(group.debate), group.clock, "worker", 60)
    request = group.request(text, member)
    assert await inbox.receive(request)
    assert [event async for event in inbox.respond(request)]


async def test_replies_are_counted_by_command_and_by_how_they_were_met(metrics: Metrics, group: Group) -> None:
    for text in ("/steelman T-01", "/steelman T-02", "/stand T-01 agree", "/stand T-77 agree", "what?"):
        await say(metrics, group, text)
    found = read(metrics, group)
    replies = {labels[1:]: value for labels, value in found.items() if labels[0] == "crux_replies_total"}
    assert replies == {
        ("steelman", "outline"): 2,
        ("stand", "ok"): 1,
        ("refused", "refused"): 1,
        ("say", "ok"): 1,
    }
    assert found["crux_reply_seconds_count", "steelman"] == 2
    assert found["crux_first_text_seconds_count",] == 2


async def test_readings_are_timed(metrics: Metrics, group: Group) -> None:
    retriever = metrics.reading(group.retriever)
    (tea, *_) = await group.debate.catalogue.maps("w")
    assert await retriever.read("what?", tea) == await group.retriever.read("what?", tea)
    assert read(metrics, group)["crux_retrieval_seconds_count",] == 1


def test_calls_to_the_model_are_counted_with_their_tokens(metrics: Metrics, group: Group) -> None:
    metrics.called("steelman", 2.0, Usage(100, 20, 1), failed=False)
    metrics.called("steelman", 60.0, Usage(100, 0, 1), failed=True)
    found = read(metrics, group)
    assert found["crux_model_calls_total", "ok", "steelman"] == 1
    assert found["crux_model_calls_total", "failed", "steelman"] == 1
    assert found["crux_model_tokens_total", "in", "steelman"] == 200
    assert found["crux_model_seconds_sum", "steelman"] == 62.0


def test_firings_and_posts_are_counted_and_only_what_ran_counts_as_late(metrics: Metrics, group: Group) -> None:
    firing = Firing("w", "s", ScheduleKind.DIGEST, group.clock.now())
    metrics.fired(firing, FiringState.DONE, 70.0)
    metrics.fired(firing, FiringState.DROPPED, 90_000.0)
    post = Post("w", "p", "c", "digest", Message(), group.clock.now())
    for state in (PostState.PENDING, PostState.SENT, PostState.HELD):
        metrics.tried(post, state)
    found = read(metrics, group)
    assert found["crux_firings_total", "digest", "done"] == 1
    assert found["crux_firings_total", "digest", "dropped"] == 1
    assert found["crux_firing_delay_seconds_sum", "digest"] == 70.0
    assert [found["crux_posts_total", "digest", each] for each in ("again", "sent", "held")] == [1, 1, 1]


def test_the_backlog_is_read_anew_and_unknown_without_a_database(metrics: Metrics, group: Group) -> None:
    now = group.clock.now()
    backlog = Backlog({PostState.PENDING: 3, PostState.HELD: 1}, now - timedelta(seconds=90), 2, now)
    found = read(metrics, group, backlog)
    assert found["crux_outbox_posts", "pending"] == 3
    assert found["crux_outbox_oldest_seconds",] == 90
    assert (found["crux_firings_open",], found["crux_firings_late_seconds",]) == (2, 0)
    found = read(metrics, group, None)
    assert ("crux_outbox_posts", "pending") not in found
    assert math.isnan(found["crux_outbox_oldest_seconds",])


async def test_no_label_has_what_a_member_said_or_who_it_was(metrics: Metrics, group: Group) -> None:
    await say(metrics, group, "/steelman xyzzy", "secretname")
    text = metrics.exposition(None, group.clock.now()).decode()
    assert "xyzzy" not in text
    assert "secretname" not in text
    assert '"w"' not in text
