"""Prompts and their queue, on every store: one open in a channel and on a claim, closed once, whoever comes at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.core.ports import Store
from bot.core.positions import Stance
from bot.core.prompts import Ending, Pace, Prompt, Vote
from bot.storage.models import PromptPositionRow, PromptRow
from bot.storage.store import SqlStore
from tests.integration.values import a_closed, a_position, a_prompt, a_queued, after

TOPIC = a_prompt().topic
EVER = after(-1_000_000)


async def opened(store: Store, prompt_id: str = "p1", **fields: Any) -> Prompt:
    found = await store.open_prompt(a_prompt(prompt_id, **fields), EVER)
    assert found is not None
    return found


async def close(store: Store, closed: Prompt) -> bool:
    """Close a prompt with the votes that it has."""
    return await store.close_prompt(closed, await store.votes(closed))


async def group(store: Store, *members: str, at: float = 0, stance: Stance | None = Stance.AGREE) -> None:
    for member in members:
        await store.add_position(a_position(at, member=member, stance=stance))


async def publish(store: Store, version: int = 1) -> bool:
    return await store.publish("w1", TOPIC, "MI-04", version, after(100), after(0))


# -- one prompt -------------------------------------------------------------------------------------------------------


async def test_a_prompt_is_kept_once_an_id_in_its_workspace(store: Store) -> None:
    first = await opened(store)
    assert first == a_prompt()
    assert await store.open_prompt(a_prompt(channel="c2", claim_id="MI-07"), EVER) == first
    assert await store.prompt("w1", "p1") == first
    assert await store.prompt("w2", "p1") is None
    assert await store.open_prompt(a_prompt(workspace="w2"), EVER) is not None
    assert list(await store.open_prompts("w1")) == [first]


async def test_a_channel_has_one_open_prompt_and_a_claim_has(store: Store) -> None:
    first = await opened(store)
    assert await store.open_prompt(a_prompt("p2", claim_id="MI-07"), EVER) is None
    assert await store.open_prompt(a_prompt("p2", channel="c2"), EVER) is None
    assert await store.open_prompt(a_prompt("p2", channel="c2", claim_version=2), EVER) is None
    second = await opened(store, "p2", channel="c2", claim_id="MI-07", at=5)
    assert list(await store.open_prompts("w1")) == [first, second]
    assert await store.open_prompt(a_prompt("p3", channel="c3", topic="other"), EVER) is not None
    assert await close(store, a_closed(first))
    assert await opened(store, "p4", claim_id="MI-08")


async def test_a_version_of_a_claim_that_was_asked_since_a_time_is_not_asked(store: Store) -> None:
    await close(store, a_closed(await opened(store, at=10)))
    again = a_prompt("p2", 300)
    assert await store.open_prompt(again, after(9)) is None
    assert await store.open_prompt(replace(again, claim_version=2, channel="c2"), after(9)) is not None
    assert await store.open_prompt(replace(again, id="p3", claim_id="MI-07"), after(9)) is not None
    assert await store.last_asked("w1", TOPIC) == {
        ("MI-04", 1): after(10),
        ("MI-04", 2): after(300),
        ("MI-07", 1): after(300),
    }
    assert await store.last_asked("w2", TOPIC) == {}


async def test_of_many_that_open_at_once_one_does_in_a_channel_and_on_a_claim(store: Store) -> None:
    done = await asyncio.gather(*(store.open_prompt(a_prompt(f"p{n}", claim_id=f"MI-0{n}"), EVER) for n in range(8)))
    assert sum(found is not None for found in done) == 1
    done = await asyncio.gather(
        *(store.open_prompt(a_prompt(f"q{n}", channel=f"d{n}", claim_id="MI-11"), EVER) for n in range(8))
    )
    assert sum(found is not None for found in done) == 1
    done = await asyncio.gather(
        *(store.open_prompt(a_prompt("r", channel=f"e{n}", claim_id="MI-12"), EVER) for n in range(8))
    )
    assert len({found.channel for found in done if found is not None}) == 1
    assert all(done)


async def test_a_prompt_ends_once(store: Store) -> None:
    prompt = await opened(store)
    ends = [a_closed(prompt, n, ending=Ending.COMMAND, closed_by=f"by{n}") for n in range(6)]
    done = await asyncio.gather(*(close(store, end) for end in ends))
    assert sorted(done) == [False] * 5 + [True]
    (end,) = [end for end, first in zip(ends, done, strict=True) if first]
    assert await store.prompt("w1", "p1") == end
    assert await store.prompt_closed_by("w1", str(end.closed_by)) == end
    assert await store.prompt_closed_by("w2", str(end.closed_by)) is None
    assert list(await store.closed_prompts("w1", "c1", 3)) == [end]
    assert list(await store.open_prompts("w1")) == []
    assert not await close(store, a_closed(a_prompt("nowhere")))


async def test_the_newest_closed_ones_of_a_channel_come_first(store: Store) -> None:
    for n, topic in enumerate((TOPIC, "other", TOPIC)):
        await close(store, a_closed(await opened(store, f"p{n}", at=n, topic=topic, claim_id=f"MI-0{n}"), n))
    assert [p.id for p in await store.closed_prompts("w1", "c1", 2)] == ["p2", "p1"]
    assert [p.id for p in await store.closed_prompts("w1", "c1", 9, TOPIC)] == ["p2", "p0"]
    assert list(await store.closed_prompts("w1", "c2", 9)) == []


# -- a vote before, a vote after --------------------------------------------------------------------------------------


async def test_votes_are_the_snapshots_at_the_opening_and_now(store: Store) -> None:
    await group(store, "ada", "bo", "cy")
    assert await publish(store)
    prompt = await opened(store, at=50)
    before = Vote(dict.fromkeys(("ada", "bo", "cy"), Stance.AGREE), 3)
    found = await store.votes(prompt)
    assert (found.before, found.after, found.answered) == (before, before, False)
    await group(store, "ada", "bo", "di", at=60, stance=Stance.DISAGREE)
    assert (await store.votes(prompt)).after == before
    assert await publish(store)
    found = await store.votes(prompt)
    assert found.before == before
    assert found.after == Vote(
        {"ada": Stance.DISAGREE, "bo": Stance.DISAGREE, "cy": Stance.AGREE, "di": Stance.DISAGREE}, 4
    )
    assert found.answered


async def test_without_a_snapshot_of_the_version_that_is_asked_there_is_no_vote(store: Store) -> None:
    prompt = await opened(store, claim_version=2)
    await group(store, "ada", "bo", "cy", at=200)
    assert await publish(store)
    found = await store.votes(prompt)
    assert (found.before, found.after, found.answered) == (None, None, False)


@pytest.mark.parametrize(
    ("at", "stance", "version", "answered"),
    [(5, Stance.UNSURE, 1, True), (4, Stance.AGREE, 1, False), (6, None, 1, False), (6, Stance.AGREE, 2, False)],
)
async def test_answered_is_who_took_a_position_on_those_words_since_the_opening(
    store: Store, at: float, stance: Stance | None, version: int, answered: bool
) -> None:
    prompt = await opened(store, at=5)
    await store.add_position(a_position(at, stance=stance, claim_version=version))
    assert (await store.votes(prompt)).answered is answered


async def test_nothing_of_the_opening_is_kept_beyond_the_end(sql_store: SqlStore) -> None:
    await group(sql_store, "ada", "bo", "cy")
    await publish(sql_store)
    prompt = await opened(sql_store)
    assert await close(sql_store, a_closed(prompt))
    assert (await sql_store.votes(prompt)).before is None
    assert not await sql_store._all(select(PromptPositionRow.member_id))
    assert [row[0] for row in await sql_store._all(select(PromptRow.before_members))] == [None]


async def test_the_database_itself_refuses_a_second_open_prompt(sql_store: SqlStore) -> None:
    await opened(sql_store)
    await opened(sql_store, "p2", channel="c2", claim_id="MI-07")
    for column, value in (("open_channel", "c1"), ("open_claim", "MI-04"), ("open_claim", None), ("ending", "time")):
        with pytest.raises(IntegrityError):
            async with sql_store._writer.begin() as connection:
                await connection.execute(update(PromptRow).where(PromptRow.id == "p2").values({column: value}))


async def test_an_end_that_was_made_from_other_votes_is_not_kept(store: Store) -> None:
    await group(store, "ada", "bo", "cy", "di")
    assert await publish(store)
    prompt = await opened(store)
    votes = await store.votes(prompt)
    await store.forget("w1", "ada", after(1))
    assert not await store.close_prompt(a_closed(prompt), votes)
    assert await store.prompt("w1", "p1") == prompt
    assert await close(store, a_closed(prompt))


# -- the queue --------------------------------------------------------------------------------------------------------


async def test_the_queue_keeps_its_order_and_a_claim_once(store: Store) -> None:
    for claim in ("MI-01", "MI-02", "MI-03"):
        assert await store.queue_claim(a_queued(claim))
    assert not await store.queue_claim(a_queued("MI-01", member="bo"))
    assert await store.queue_claim(a_queued("MI-03", member="bo"), first=True)
    assert await store.queue_claim(a_queued("MI-09", member="bo"), first=True)
    assert [(q.claim_id, q.member) for q in await store.queue("w1")] == [
        ("MI-09", "bo"),
        ("MI-03", "ada"),
        ("MI-01", "ada"),
        ("MI-02", "ada"),
    ]
    assert list(await store.queue("w1", "other")) == []
    assert list(await store.queue("w2")) == []


async def test_who_queued_a_claim_takes_it_out_and_nobody_else(store: Store) -> None:
    await store.queue_claim(a_queued("MI-01"))
    assert not await store.dequeue("w1", TOPIC, "MI-01", "bo")
    assert not await store.dequeue("w2", TOPIC, "MI-01", "ada")
    assert await store.dequeue("w1", TOPIC, "MI-01", "ada")
    assert not await store.dequeue("w1", TOPIC, "MI-01", "ada")


async def test_what_is_asked_or_passed_over_leaves_the_queue(store: Store) -> None:
    for claim in ("MI-01", "MI-04", "MI-07"):
        await store.queue_claim(a_queued(claim))
    await opened(store)
    await store.pass_over("w1", TOPIC, "MI-07", after(3))
    await store.pass_over("w1", TOPIC, "MI-07", after(4))
    assert [q.claim_id for q in await store.queue("w1")] == ["MI-01"]
    assert await store.passed_over("w1", TOPIC) == {"MI-07": after(4)}
    assert await store.passed_over("w2", TOPIC) == {}


async def test_many_who_queue_at_once_all_get_a_place(store: Store) -> None:
    done = await asyncio.gather(*(store.queue_claim(a_queued(f"MI-{n:02}"), first=n % 2 == 0) for n in range(10)))
    assert all(done)
    assert len({q.claim_id for q in await store.queue("w1")}) == 10


# -- the pace ---------------------------------------------------------------------------------------------------------


async def test_organisers_are_asked_once_a_channel_and_topic(store: Store) -> None:
    done = await asyncio.gather(*(store.ask_pace("w1", "c1", TOPIC) for _ in range(5)))
    assert sorted(done) == [False] * 4 + [True]
    assert await store.pace("w1", "c1", TOPIC) is Pace.ASKED
    assert await store.ask_pace("w1", "c2", TOPIC)
    await store.set_pace("w1", "c1", TOPIC, Pace.SLOWER)
    assert not await store.ask_pace("w1", "c1", TOPIC)
    assert await store.pace("w1", "c1", TOPIC) is Pace.SLOWER
    await store.set_pace("w2", "c1", TOPIC, Pace.KEEP)
    assert await store.pace("w1", "c1", TOPIC) is Pace.SLOWER
