"""What threads are about and what was said last, in every store; and that the lookups use their indexes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import URL, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.kept import Reply
from bot.core.messages import About, Message, Paragraph
from bot.core.outbox import ANSWER, ORGANISERS, post_id
from bot.core.ports import Store
from bot.core.requests import Venue
from bot.storage.migrations import downgrade, upgrade
from bot.storage.models import RootRow
from bot.storage.store import SqlStore
from bot.storage.threads import newest_topic, newest_turn
from tests.integration.test_migrations import endorsed
from tests.integration.values import a_post, a_reply, a_request, after

CHANNEL = Venue("w1", "c1")
THREAD = Venue("w1", "c1", "t1")


async def replied(
    store: Store, event: str, at: float = 0, *, private: bool = False, workspace: str = "w1", **fields: Any
) -> Reply:
    """A reply that is stored: to `member`, in `channel`, in no thread unless it is said."""
    asked = {name: fields.pop(name) for name in ("member", "channel") if name in fields}
    request = a_request(event, workspace, at, **asked)
    await store.receive(request, "a", 60)
    message = Message((Paragraph("It is."),), private=private)
    reply = a_reply(request, at=after(at), message=message, **{"thread": None, "topic": "one", **fields})
    assert await store.finish(request, "a", reply)
    return reply


async def posted(store: Store, reference: str, about: About | None, **fields: Any) -> None:
    """A post at the top level that is sent, unless it is said otherwise."""
    message = Message((Paragraph("It is."),), about=about)
    post = a_post(**{"post_id": f"of-{reference}", "message": message, "thread": None, **fields})
    await store.enqueue([post])
    assert await store.post_sent(post.workspace, post.id, reference, after(1))


async def test_a_request_keeps_where_it_was_made(store: Store) -> None:
    request = a_request(thread="t1", within="t0", direct=True, replies_to="m1")
    await store.receive(request)
    assert await store.lease("a", after(0), 60) == request


async def test_the_last_turn_of_a_thread_is_its_newest_reply_about_a_claim(store: Store) -> None:
    assert await store.last_turn(THREAD, "ada") is None
    await replied(store, "e1", 1, thread="t1", claim_id="MI-01", affirmed=False)
    await replied(store, "e3", 3, thread="t1", claim_id="MI-03", command="counter")
    await replied(store, "e2", 2, thread="t1", claim_id="MI-02")
    await replied(store, "e4", 4, thread="t1", claim_id=None)
    await replied(store, "e5", 5, thread="t2", claim_id="MI-05")
    await replied(store, "e6", 6, thread="t1", claim_id="MI-06", channel="c2")
    await replied(store, "e7", 7, thread="t1", claim_id="MI-07", workspace="w2")
    assert await store.last_turn(THREAD, "bo") == About("one", "MI-03", countered=True)


async def test_what_others_were_told_alone_is_nothing_to_a_member(store: Store) -> None:
    await replied(store, "e1", 1, thread="t1", claim_id="MI-01", affirmed=False)
    await replied(store, "e2", 2, thread="t1", claim_id="MI-02", member="bo", private=True, topic="two")
    assert await store.last_turn(THREAD, "ada") == About("one", "MI-01", affirmed=False)
    assert await store.last_turn(CHANNEL, "ada") == About("one", "MI-01", affirmed=False)
    assert await store.last_turn(THREAD, "bo") == About("two", "MI-02")
    assert await store.thread_topics(THREAD) == ["one"]


async def test_a_channels_last_turn_may_be_in_a_thread_of_it_and_ones_own_since_a_time(store: Store) -> None:
    await replied(store, "e1", 1, claim_id="MI-01", member="ada")
    await replied(store, "e2", 2, thread="t1", claim_id="MI-02", member="ada", private=True)
    await replied(store, "e3", 3, thread="t2", claim_id="MI-03", member="bo")
    assert await store.last_turn(CHANNEL, "ada") == About("one", "MI-03")
    assert await store.last_turn(CHANNEL, "ada", after(2)) == About("one", "MI-02")
    assert await store.last_turn(CHANNEL, "ada", after(2.5)) is None
    assert await store.last_turn(Venue("w2", "c1"), "ada") is None
    assert await store.last_turn(Venue("w1", "c2"), "ada") is None


async def test_the_topics_of_a_thread_come_in_order(store: Store) -> None:
    assert await store.thread_topics(THREAD) == []
    await posted(store, "t1", About("root", "MI-01"))
    assert await store.thread_topics(THREAD) == ["root"]
    await replied(store, "e1", 1, thread="t1", topic="newer")
    await replied(store, "e0", 0, thread="t1", topic="older")
    await replied(store, "e2", 2, thread="t1", topic=None, claim_id=None)
    assert await store.thread_topics(THREAD) == ["newer", "root"]
    await store.set_thread_topic(THREAD, "first")
    await store.set_thread_topic(THREAD, "chosen")
    assert await store.thread_topics(THREAD) == ["chosen", "newer", "root"]
    for other in (Venue("w1", "c1", "t2"), Venue("w1", "c2", "t1"), Venue("w2", "c1", "t1")):
        assert await store.thread_topics(other) == []
    assert await store.channel_topic("w1", "c1") is None
    with pytest.raises(ValueError, match="no thread's"):
        await store.set_thread_topic(CHANNEL, "other")


async def test_a_thread_hangs_from_what_was_posted_at_the_top_level_of_its_channel(store: Store) -> None:
    about = About("root", "MI-01", affirmed=False, countered=True)
    await posted(store, "t1", about, kind=ANSWER)
    await posted(store, "t2", about, thread="t0")
    await posted(store, "t3", about, kind=ORGANISERS)
    await posted(store, "t4", None)
    await posted(store, "t5", About("root"))
    assert await store.last_turn(THREAD, "ada") == about
    for n in range(2, 5):
        assert await store.thread_topics(Venue("w1", "c1", f"t{n}")) == []
    assert await store.last_turn(Venue("w1", "c1", "t5"), "ada") is None
    assert await store.thread_topics(Venue("w1", "c1", "t5")) == ["root"]
    assert await store.last_turn(Venue("w1", "c2", "t1"), "ada") is None
    assert await store.last_turn(Venue("w2", "c1", "t1"), "ada") is None


async def test_what_a_thread_hangs_from_is_forgotten_with_the_reply_and_pruned_with_the_post(store: Store) -> None:
    reply = await replied(store, "e1", claim_id="MI-01")
    await posted(store, "t1", About("one", "MI-01"), post_id=post_id(reply.id, 0), kind=ANSWER)
    await posted(store, "t2", About("one", "MI-01"))
    await store.forget("w2", "ada", after(9))
    await store.forget("w1", "bo", after(9))
    assert await store.thread_topics(THREAD) == ["one"]
    await store.forget("w1", "ada", after(9))
    assert await store.thread_topics(THREAD) == []
    assert await store.thread_topics(Venue("w1", "c1", "t2")) == ["one"]
    assert await store.prune(after(1)) == 1
    assert await store.thread_topics(Venue("w1", "c1", "t2")) == ["one"]
    await store.prune(after(2))
    assert await store.thread_topics(Venue("w1", "c1", "t2")) == []


# -- in a database ----------------------------------------------------------------------------------------------------


async def test_replies_from_before_are_in_no_thread(migrated: URL) -> None:
    store = await SqlStore.open(migrated)
    await endorsed(store)
    await store.close()
    downgrade(migrated, "0007")
    upgrade(migrated)
    store = await SqlStore.open(migrated)
    reply = await store.reply("w1", "reply-e1")
    assert reply is not None
    assert reply.thread is None
    assert sum((await store.endorsements("w1", "reply-e1")).values()) == 1  # going back took nothing along
    assert await store.thread_topics(THREAD) == []
    await store.close()


QUERIES = {
    "ix_replies_thread": newest_topic(THREAD),
    "ix_replies_channel": newest_turn(CHANNEL, "ada", after(0)),
    "ix_roots_post": select(RootRow.topic).where(RootRow.workspace_id == "w1", RootRow.post_id.in_(["a", "b"])),
    "ix_roots_at": select(RootRow.topic).where(RootRow.at < after(0)),
}


@pytest.mark.parametrize("index", QUERIES)
async def test_the_lookups_read_an_index(sql_store: SqlStore, index: str) -> None:
    on_sqlite = sql_store._sqlite
    dialect = sqlite.dialect() if on_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
    query = str(QUERIES[index].compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    async with sql_store._engine.connect() as connection:
        if not on_sqlite:
            await connection.exec_driver_sql("SET enable_seqscan = off")
        explained = await connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if on_sqlite else ''}{query}")
        plan = "\n".join(str(row[-1]) for row in explained.all())
    assert index in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan.upper()
