"""Any sequence of calls does the same to an SqlStore as to a MemoryStore, and no call touches another workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, event

from bot.core.messages import Message, Paragraph
from bot.core.ports import Endorsement, Store, Usage
from bot.core.positions import Stance
from bot.errors import BadInput
from bot.storage.engine import async_engine, is_sqlite
from bot.storage.models import Base
from bot.storage.store import SqlStore
from bot.testing import MemoryStore
from tests.integration.values import a_position, a_reply, a_request, after

WORKSPACES = ("w1", "w2")


@dataclass(frozen=True)
class Call:
    """One call of a store: what is asked of it, in which workspace."""

    name: str
    workspace: str
    arguments: tuple[Any, ...]
    run: Callable[[Store], Awaitable[Any]]

    def __repr__(self) -> str:
        return f"{self.name}({self.workspace}, {', '.join(map(repr, self.arguments))})"


def call(name: str, run: Callable[..., Awaitable[Any]], *strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
    """Calls of one kind: `run` gets the store, the workspace, then what the strategies give."""

    def make(workspace: str, arguments: tuple[Any, ...]) -> Call:
        return Call(name, workspace, arguments, lambda store: run(store, workspace, *arguments))

    return st.builds(make, st.sampled_from(WORKSPACES), st.tuples(*strategies))


async def counted(store: Store, workspace: str) -> set[Any]:
    """Groups whose newest replies are of one time may come in any order."""
    return set(await store.endorsement_counts(workspace))


events = st.sampled_from(["e1", "e2", "e3", "\ud800", "e\0"])
replies = events.map(lambda event: f"reply-{event}")
workers = st.sampled_from(["a", "b"])
members = st.sampled_from(["ada", "bo"])
claims = st.sampled_from(["MI-01", "MI-02"])
times = st.integers(0, 20).map(after)
seconds = st.integers(1, 8)
texts = st.text(st.characters(exclude_categories=()), max_size=12)

calls = st.one_of(
    call(
        "receive",
        lambda s, w, event, at, text: s.receive(a_request(event, w, text=text, received_at=at)),
        events,
        times,
        texts,
    ),
    call("lease", lambda s, w, worker, now, how_long: s.lease(worker, now, how_long, w), workers, times, seconds),
    call(
        "lease_this",
        lambda s, w, event, worker, now, how_long: s.lease_this(a_request(event, w), worker, now, how_long),
        events,
        workers,
        times,
        seconds,
    ),
    call(
        "finish",
        lambda s, w, event, worker, at, writer, version, claim, text: s.finish(
            a_request(event, w),
            worker,
            a_reply(
                a_request(event, w),
                at=at,
                writer=writer,
                prompt_version=version,
                claim_id=claim,
                message=Message((Paragraph(text),)),
            ),
        ),
        events,
        workers,
        times,
        st.sampled_from(["model", "outline"]),
        st.sampled_from([None, "p1", "p2"]),
        claims,
        texts,
    ),
    call("finish_silently", lambda s, w, e, worker: s.finish(a_request(e, w), worker, None), events, workers),
    call("reply", lambda s, w, reply: s.reply(w, reply), replies),
    call("reply_to", lambda s, w, event: s.reply_to(w, event), events),
    call(
        "times_answered",
        lambda s, w, claim: s.times_answered(w, "c1", "steelman", "mechanistic-interpretability", claim, True),
        claims,
    ),
    call(
        "endorse",
        lambda s, w, reply, member, endorsement, at: s.endorse(w, reply, member, endorsement, at),
        replies,
        members,
        st.sampled_from(Endorsement),
        times,
    ),
    call("endorsements", lambda s, w, reply: s.endorsements(w, reply), replies),
    call("endorsement_counts", counted),
    call(
        "record_usage",
        lambda s, w, member, at, tokens: s.record_usage(w, member, at, "m", Usage(tokens, 1, 1)),
        members,
        times,
        st.integers(0, 2**40),
    ),
    call("tokens_spent", lambda s, w, since, who: s.tokens_spent(w, since, who), times, st.none() | members),
    call(
        "add_position",
        lambda s, w, member, claim, stance, at, reason: s.add_position(
            a_position(workspace=w, member=member, claim_id=claim, stance=stance, at=at, reason=reason)
        ),
        members,
        claims,
        st.sampled_from(Stance),
        st.integers(0, 3),
        st.none() | texts,
    ),
    call(
        "current_position",
        lambda s, w, claim, member: s.current_position(w, "mechanistic-interpretability", claim, member),
        claims,
        members,
    ),
    call("position_history", lambda s, w, member: s.position_history(w, member), members),
    call("set_channel_topic", lambda s, w, topic: s.set_channel_topic(w, "c1", topic), texts),
    call("channel_topic", lambda s, w: s.channel_topic(w, "c1")),
)

lease_any = call("lease_any", lambda s, _, worker, now, long: s.lease(worker, now, long), workers, times, seconds)


async def result(store: Store, each: Call) -> Any:
    try:
        found = await each.run(store)
    except BadInput as error:
        return error.message
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else found


@pytest.fixture
async def hasty_store(migrated: URL) -> AsyncIterator[SqlStore]:
    """A store that doesn't wait for the disk: here thousands of commits follow each other, and no power fails."""
    engine = async_engine(migrated)
    if is_sqlite(migrated):
        event.listen(engine.sync_engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    store = SqlStore(engine)
    yield store
    await store.close()


async def empty(store: SqlStore) -> SqlStore:
    async with store._writer.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(table.delete())
    return store


quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(sequence=st.lists(calls | lease_any, min_size=10, max_size=40))
async def test_any_calls_do_the_same_as_in_memory(hasty_store: SqlStore, sequence: list[Call]) -> None:
    store, memory = await empty(hasty_store), MemoryStore()
    for each in sequence:
        assert await result(store, each) == await result(memory, each), each


@quick
@given(sequence=st.lists(calls, min_size=10, max_size=40))
async def test_a_workspace_sees_nothing_of_another(hasty_store: SqlStore, sequence: list[Call]) -> None:
    both, alone = await empty(hasty_store), MemoryStore()
    for each in sequence:
        found = await result(both, each)
        if each.workspace == "w1":
            assert found == await result(alone, each), each


@given(sequence=st.lists(calls, min_size=10, max_size=40))
async def test_a_workspace_in_memory_sees_nothing_of_another(sequence: list[Call]) -> None:
    both, alone = MemoryStore(), MemoryStore()
    for each in sequence:
        found = await result(both, each)
        if each.workspace == "w1":
            assert found == await result(alone, each), each
