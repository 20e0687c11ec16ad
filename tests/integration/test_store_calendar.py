"""Firings and posts on every store: claimed by one at a time, whoever comes at once, and forgotten where they name."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.core.calendar import Examined, Watched
from bot.core.firings import Firing, FiringState
from bot.core.messages import Message, Paragraph, Picture
from bot.core.outbox import Composed, Guard, Post, PostState
from bot.core.ports import Store
from bot.core.schedules import QuietDays, Schedule
from bot.scheduling.firing import FiringRules, Runner
from bot.scheduling.sender import Sender
from bot.testing import ManualClock
from bot.testing.messengers import MemoryMessenger
from tests.integration.values import a_firing, a_post, a_schedule, after

ALL = tuple(PostState)


def watched(at: float = 0, **fields: str) -> Watched:
    return Watched(a_schedule(**fields), after(at))


async def a_due_firing(store: Store, at: float = 1, workspace: str = "w1") -> Firing:
    firing = a_firing(at, workspace=workspace)
    assert await store.fire(firing, firing.due_at)
    return firing


# -- schedules and firings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", [a_schedule(), a_schedule(quiet=QuietDays(), paused_until=after(9))])
async def test_a_schedule_comes_back_as_it_was(store: Store, schedule: Schedule) -> None:
    await store.put_schedule(schedule, after(5))
    assert await store.schedule("w1", "s1") == schedule
    assert list(await store.schedules("w1")) == [schedule]
    assert list(await store.schedules_to_check(after(5), 9)) == [Watched(schedule, after(5))]
    assert list(await store.schedules_to_check(after(4), 9)) == []
    assert await store.schedule("w2", "s1") is None


async def test_of_many_who_note_a_due_time_one_does(store: Store) -> None:
    await store.put_schedule(a_schedule(), after(0))
    looks = [Examined(watched(), after(10), after(20), after(5)) for _ in range(8)]
    assert sum(await asyncio.gather(*(store.record_due([look]) for look in looks))) == 1
    assert [firing for firing, *_ in await store.firing_states("w1", "s1")] == [a_firing(5)]
    assert list(await store.schedules_to_check(after(19), 9)) == []


async def test_a_schedule_that_was_changed_meanwhile_notes_nothing(store: Store) -> None:
    await store.put_schedule(a_schedule(), after(0))
    await store.put_schedule(a_schedule(channel="c9"), after(8))
    assert await store.record_due([Examined(watched(), after(10), after(20), after(5))]) == 0
    assert list(await store.firing_states("w1", "s1")) == []


async def test_many_claim_and_each_firing_is_claimed_once(store: Store) -> None:
    for n in range(12):
        await a_due_firing(store, workspace=f"w{n}")
    claimed = await asyncio.gather(*(store.lease_firing(f"a/{n}", after(2), 60) for n in range(20)))
    assert Counter(f.workspace for f in claimed if f is not None) == {f"w{n}": 1 for n in range(12)}
    assert await store.lease_firing("b", after(61), 60) is None
    assert await store.lease_firing("b", after(62), 60) is not None


async def test_of_two_who_finish_one_posts(store: Store) -> None:
    firing = await a_due_firing(store)
    for worker, at in (("slow", 1), ("quick", 61)):
        assert await store.lease_firing(worker, after(at), 60) == firing
    posts = {name: [a_post(name, firing=firing)] for name in ("slow", "quick")}
    done = await asyncio.gather(*(store.finish_firing(firing, name, posts[name], after(70)) for name in posts))
    assert done == [False, True]
    assert [entry.post.id for entry in await store.outbox(ALL)] == ["quick"]
    assert not await store.finish_firing(firing, "quick", posts["quick"], after(71))


async def test_posts_come_back_as_they_were(store: Store) -> None:
    firing = await a_due_firing(store)
    assert await store.lease_firing("a", after(1), 60) is not None
    posts = [a_post("p1", firing=firing), a_post("p2", firing=firing, part=1, thread=None, picture=None)]
    assert await store.finish_firing(firing, "a", posts, after(3))
    entries = await store.outbox(ALL)
    assert [(entry.post, entry.free_at) for entry in entries] == [(post, after(3)) for post in posts]
    with pytest.raises(ValueError, match="its own posts"):
        await store.finish_firing(firing, "a", [a_post("p3")], after(3))
    with pytest.raises(ValueError, match="come with its end"):
        await store.enqueue(posts)


# -- posts ------------------------------------------------------------------------------------------------------------


async def test_many_send_and_each_post_is_taken_once(store: Store) -> None:
    posts = [a_post(f"p{n}", channel=f"c{n % 4}") for n in range(12)]
    assert await store.enqueue(posts) == 12
    assert await store.enqueue(posts) == 0
    taken = await asyncio.gather(*(store.lease_post(f"a/{n}", after(1), 60) for n in range(10)))
    assert sorted(entry.post.id for entry in taken if entry is not None) == ["p0", "p1", "p2", "p3"]


async def test_a_held_or_dropped_post_lets_the_next_one_of_its_channel_go(store: Store) -> None:
    await store.enqueue([a_post("p1"), a_post("p2"), a_post("p3")])
    entry = await store.lease_post("a", after(1), 60)
    assert entry is not None
    assert await store.lease_post("b", after(1), 60) is None
    assert await store.give_back(replace(entry, state=PostState.HELD), "a")
    assert await store.drop_post("w1", "p2", after(1))
    third = await store.lease_post("b", after(1), 60)
    assert third is not None
    assert third.post.id == "p3"


async def test_an_id_of_another_workspace_is_another_post(store: Store) -> None:
    await store.enqueue([a_post("p1"), a_post("p1", workspace="w2")])
    assert await store.post_sent("w2", "p1", "m1", after(1))
    assert not await store.drop_post("w3", "p1", after(1))
    assert [(e.post.workspace, e.state) for e in await store.outbox(ALL)] == [("w1", "pending"), ("w2", "sent")]
    assert [e.post.workspace for e in await store.outbox(ALL, "w1")] == ["w1"]


# -- forgetting -------------------------------------------------------------------------------------------------------


def words(text: str) -> Message:
    return Message((Paragraph(text),))


async def test_posts_that_name_a_forgotten_member_go(store: Store) -> None:
    await store.join("w1", "u1", "Ada", after(0))
    await store.enqueue(
        [
            a_post("named", message=words("A double crux of Ada and Bo")),
            a_post("pictured", picture=Picture(b"png", "Ada agrees")),
            a_post("other", message=words("Adamant people")),
            a_post("named", workspace="w2", message=words("Ada of elsewhere")),
        ]
    )
    assert (await store.forget("w1", "u1", after(1))).posts == 2
    left = [(entry.post.workspace, entry.post.id) for entry in await store.outbox(ALL)]
    assert left == [("w1", "other"), ("w2", "named")]


@pytest.mark.parametrize("tried", [False, True])
async def test_a_digest_that_names_a_forgotten_member_is_composed_anew_if_nobody_tried_to_send_it(
    store: Store, tried: bool
) -> None:
    await store.join("w1", "u1", "Ada", after(0))
    firing = await a_due_firing(store)
    assert await store.lease_firing("a", after(1), 60) is not None
    assert await store.finish_firing(firing, "a", [a_post(message=words("Ada"), firing=firing)], after(2))
    if tried:
        assert await store.lease_post("a", after(3), 60) is not None
    assert (await store.forget("w1", "u1", after(4))).posts == 1
    assert (await store.lease_firing("b", after(4), 60) == firing) is not tried


async def test_what_is_being_composed_when_a_member_is_forgotten_is_composed_anew(store: Store) -> None:
    await store.join("w1", "u1", "Ada", after(0))
    firing, elsewhere = await a_due_firing(store), await a_due_firing(store, workspace="w2")
    assert [await store.lease_firing(f"a/{n}", after(1), 60) for n in range(2)] == [firing, elsewhere]
    await store.forget("w1", "u1", after(4))
    assert not await store.finish_firing(firing, "a/0", [a_post(message=words("Ada"), firing=firing)], after(5))
    assert await store.lease_firing("b", after(5), 60) == firing
    assert await store.finish_firing(elsewhere, "a/1", [], after(5))


# -- all of it --------------------------------------------------------------------------------------------------------


def due_at_once(schedule: Schedule, since: datetime, until: datetime) -> Sequence[datetime]:
    return [after(60)] if since < after(60) <= until else []


class OnePost:
    async def compose(self, firing: Firing) -> Sequence[Composed]:
        await asyncio.sleep(0)
        return [Composed("c1", "digest", words(firing.workspace))]


async def test_runners_and_senders_at_once_post_each_digest_once(store: Store) -> None:
    clock = ManualClock(after(61))
    messenger = MemoryMessenger(clock, Guard(nonce_seconds=600), ["silent", "", "limited", "lost"] * 3, retry_after=0)
    for n in range(10):
        await store.put_schedule(a_schedule(workspace=f"w{n}"), after(0))
    chance = random.Random(2)

    def runner(name: str) -> Runner:
        return Runner(store, OnePost(), clock, name, due_at_once, rules=FiringRules(batch=3), chance=chance)

    await asyncio.gather(*(runner(name).tick(clock.now()) for name in "abc"))
    senders = [Sender(store, messenger, clock, name, chance=chance) for name in "abc"]
    for _ in range(40):
        await asyncio.gather(*(sender.work_one() for sender in senders))
        clock.advance(1)
    assert Counter(post.workspace for post in messenger.posts) == {f"w{n}": 1 for n in range(10)}
    assert {entry.state for entry in await store.outbox(ALL)} == {PostState.SENT}
    states = [await store.firing_states(f"w{n}", "s1") for n in range(10)]
    assert {state for fired in states for _, state, _ in fired} == {FiringState.DONE}


async def test_a_post_that_a_dead_process_was_sending_is_taken_up(store: Store) -> None:
    post: Post = a_post()
    await store.enqueue([post])
    assert await store.lease_post("dead", after(0), 60) is not None
    found = await store.lease_post("a", after(60), 60)
    assert found is not None
    assert (found.unknown_since, found.settled_at, found.tries) == (after(0), after(60), 2)
    assert found.free_at == after(60) + timedelta(seconds=60)


# -- for whoever runs it ----------------------------------------------------------------------------------------------


async def test_who_serves_some_workspaces_takes_only_theirs(store: Store) -> None:
    for workspace in ("slack:T1", "slack_T2", "discord:1"):
        await a_due_firing(store, workspace=workspace)
        await store.enqueue([a_post("p", workspace=workspace)])
    taken = [await store.lease_firing(f"a/{n}", after(9), 60, prefixes=["slack:", "x%"]) for n in range(2)]
    assert [firing and firing.workspace for firing in taken] == ["slack:T1", None]
    posts = [await store.lease_post(f"a/{n}", after(9), 60, prefixes=["discord:", "slack_"]) for n in range(3)]
    assert sorted(entry.post.workspace for entry in posts if entry is not None) == ["discord:1", "slack_T2"]


async def test_the_backlog_counts_what_is_still_to_do(store: Store) -> None:
    assert (await store.backlog()).oldest_post is None
    assert (await store.backlog()).firings == 0
    await a_due_firing(store, at=3)
    await a_due_firing(store, at=2, workspace="w2")
    for name in ("a", "b", "c", "d"):
        await store.enqueue([a_post(name, channel=name)])
    assert await store.post_sent("w1", "a", "there", after(5))
    entry = await store.lease_post("x", after(5), 60)
    assert entry is not None
    assert await store.give_back(replace(entry, state=PostState.HELD), "x")
    await store.lease_post("x", after(5), 60)
    found = await store.backlog()
    assert found.posts == {PostState.PENDING: 1, PostState.SENDING: 1, PostState.HELD: 1}
    assert found.oldest_post == a_post().created_at
    assert (found.firings, found.oldest_firing) == (2, after(2))


async def test_what_is_long_done_is_deleted_and_nothing_else(store: Store) -> None:
    done = await a_due_firing(store, at=1)
    assert await store.lease_firing("x", after(1), 60) == done
    assert await store.finish_firing(done, "x", [a_post("late", firing=done)], after(1))
    await a_due_firing(store, at=2)
    await store.enqueue([a_post("sent", channel="c2"), a_post("waits", channel="c3")])
    assert await store.post_sent("w1", "sent", "there", after(5))
    assert await store.prune(after(0)) == 0
    assert await store.prune(after(99)) == 2
    assert {entry.post.id for entry in await store.outbox(ALL)} == {"late", "waits"}
    assert [firing.due_at for firing, *_ in await store.firing_states("w1", "s1")] == [after(2)]
