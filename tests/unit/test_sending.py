"""What a sender does about each answer of a platform, and about none."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.messages import Message, Paragraph, Picture
from bot.core.outbox import Entry, Guard, Post, PostState, Step, may_resend, next_step
from bot.scheduling.sender import STOPPED, TOO_LATE, UNKNOWN, Sender, SendingRules
from bot.testing import ManualClock, MemoryStore
from bot.testing.messengers import MemoryMessenger

RULES = SendingRules(lease=60, send=30, spacing=1, most_tries=4, first_wait=2, longest_wait=100)
NONCE = Guard(nonce_seconds=120)
MARKER = Guard(shows_within=90)
NEITHER = Guard()


def a_post(clock: ManualClock, post_id: str = "p1", channel: str = "c1", until: datetime | None = None) -> Post:
    message = Message((Paragraph("words"),))
    return Post("w1", post_id, channel, "digest", message, clock.now(), picture=Picture(b"png", "bars"), until=until)


class Stage:
    """A sender, its store and its platform."""

    def __init__(self, guard: Guard, *script: str, rules: SendingRules = RULES, shows_late: float = 0) -> None:
        self.clock = ManualClock()
        self.store = MemoryStore()
        self.messenger = MemoryMessenger(self.clock, guard, list(script), shows_late)
        self.told: list[tuple[str, str]] = []
        self.sender = self.another(rules)

    def another(self, rules: SendingRules = RULES, name: str = "a") -> Sender:
        async def tell(post: Post, reason: str) -> None:
            self.told.append((post.id, reason))

        chance = random.Random(1)
        return Sender(self.store, self.messenger, self.clock, name, rules=rules, tell=tell, chance=chance)

    async def enqueue(self, *ids: str, until: datetime | None = None) -> None:
        await self.store.enqueue([a_post(self.clock, each, until=until) for each in ids or ("p1",)])

    async def go_on(self, seconds: float) -> None:
        """Work second by second."""
        for _ in range(round(seconds)):
            while await self.sender.work_one():
                pass
            self.clock.advance(1)

    async def entry(self, post_id: str = "p1") -> Entry:
        found = await self.store.outbox_entry("w1", post_id)
        assert found is not None
        return found


# -- the rule ---------------------------------------------------------------------------------------------------------


def doubtful(since: float, settled: float) -> Entry:
    clock = ManualClock()
    at = clock.now()
    return Entry(
        a_post(clock),
        PostState.SENDING,
        2,
        at,
        unknown_since=at + timedelta(seconds=since),
        settled_at=at + timedelta(seconds=settled),
    )


@pytest.mark.parametrize(
    ("guard", "now", "step"),
    [
        (NONCE, 90, Step.SEND),
        (NONCE, 90.1, Step.HOLD),
        (MARKER, 0, Step.LOOK),
        (Guard(120, 90), 90, Step.SEND),
        (Guard(120, 90), 91, Step.LOOK),
        (NEITHER, 0, Step.HOLD),
    ],
)
def test_a_doubtful_try_is_repeated_only_while_its_nonce_is_remembered(guard: Guard, now: float, step: Step) -> None:
    entry = doubtful(0, 30)
    assert next_step(entry, guard, ManualClock().now() + timedelta(seconds=now), 30) is step
    assert next_step(replace(entry, unknown_since=None), guard, ManualClock().now(), 30) is Step.SEND


def test_a_look_settles_it_once_what_was_sent_must_show() -> None:
    start = ManualClock().now()
    entry = doubtful(0, 30)
    assert may_resend(entry, MARKER, start + timedelta(seconds=119)) == start + timedelta(seconds=120)
    assert may_resend(entry, MARKER, start + timedelta(seconds=120)) is None


def test_a_nonce_is_short_and_the_same_on_every_try() -> None:
    post = a_post(ManualClock())
    assert post.nonce == replace(post, created_at=post.created_at + timedelta(days=1)).nonce
    assert len(post.nonce) == 20
    assert len({post.nonce, replace(post, workspace="w2").nonce, replace(post, id="p2").nonce}) == 3


def test_a_try_must_end_before_its_lease() -> None:
    with pytest.raises(ValueError, match="before its lease"):
        SendingRules(lease=30, send=30)


# -- sending ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("guard", [NONCE, MARKER, NEITHER])
async def test_a_post_is_sent_once_and_its_picture_let_go(guard: Guard) -> None:
    stage = Stage(guard)
    await stage.enqueue()
    await stage.go_on(300)
    entry = await stage.entry()
    assert (entry.state, entry.reference, entry.tries, entry.post.picture) == (PostState.SENT, "m1", 1, None)
    assert [(post.id, post.picture) for post in stage.messenger.posts] == [("p1", Picture(b"png", "bars"))]
    assert stage.told == []


async def test_posts_of_a_channel_keep_their_order_and_distance() -> None:
    stage = Stage(NONCE, "unreachable", "", "")
    await stage.store.enqueue([a_post(stage.clock, each) for each in ("p1", "p2")])
    await stage.store.enqueue([a_post(stage.clock, "other", channel="c2")])
    assert [await stage.sender.work_one() for _ in range(3)] == [True, True, False]
    assert [post.id for post in stage.messenger.posts] == ["other"]
    stage.clock.advance(3)
    assert [await stage.sender.work_one() for _ in range(2)] == [True, False]  # p2 is too close to p1 still
    stage.clock.advance(1)
    assert await stage.sender.work_one()
    assert [post.id for post in stage.messenger.posts] == ["other", "p1", "p2"]


async def test_a_nonce_that_is_remembered_makes_a_second_try_safe() -> None:
    stage = Stage(NONCE, "silent")
    await stage.enqueue()
    await stage.go_on(30)
    assert (await stage.entry()).state is PostState.SENT
    assert (len(stage.messenger.posts), len(stage.messenger.sends)) == (1, 2)


async def test_a_wait_is_cut_so_that_the_nonce_is_remembered_still() -> None:
    rules = replace(RULES, first_wait=1000, longest_wait=1000)
    stage = Stage(NONCE, "silent", rules=rules)
    await stage.enqueue()
    await stage.go_on(60)
    assert (await stage.entry()).state is PostState.SENT
    assert stage.messenger.doubled == []


@pytest.mark.parametrize(("fault", "copies"), [("silent", 1), ("lost", 0)])
async def test_what_can_not_be_known_is_held_and_somebody_told(fault: str, copies: int) -> None:
    stage = Stage(NEITHER, fault)
    await stage.enqueue()
    await stage.go_on(300)
    entry = await stage.entry()
    assert (entry.state, entry.reason) == (PostState.HELD, UNKNOWN)
    assert (len(stage.messenger.posts), len(stage.messenger.sends)) == (copies, 1)
    assert stage.told == [("p1", UNKNOWN)]


async def test_a_nonce_that_is_forgotten_is_not_trusted() -> None:
    stage = Stage(NONCE, "silent")
    await stage.enqueue()
    assert await stage.sender.work_one()
    stage.clock.advance(91)  # nobody was there
    await stage.go_on(5)
    assert ((await stage.entry()).state, len(stage.messenger.sends)) == (PostState.HELD, 1)


async def test_a_marker_that_shows_late_is_waited_for() -> None:
    stage = Stage(MARKER, "silent", shows_late=80)
    await stage.enqueue()
    await stage.go_on(89)
    assert (await stage.entry()).state is PostState.PENDING
    await stage.go_on(4)
    assert (await stage.entry()).state is PostState.SENT
    assert (len(stage.messenger.posts), len(stage.messenger.sends), stage.messenger.looks) == (1, 1, 2)


async def test_a_post_that_is_not_there_when_it_must_show_is_sent_again() -> None:
    stage = Stage(MARKER, "lost")
    await stage.enqueue()
    await stage.go_on(100)
    assert (await stage.entry()).state is PostState.SENT
    assert (len(stage.messenger.posts), len(stage.messenger.sends)) == (1, 2)


async def test_a_silent_platform_is_cut_off() -> None:
    stage = Stage(NEITHER, "posts and hangs", rules=replace(RULES, send=0.02))
    await stage.enqueue()
    await stage.go_on(5)
    assert ((await stage.entry()).state, len(stage.messenger.posts)) == (PostState.HELD, 1)


async def test_a_pause_is_kept_and_does_not_count() -> None:
    stage = Stage(NEITHER, *["limited"] * 9)
    await stage.enqueue()
    await stage.go_on(4)
    assert len(stage.messenger.sends) == 1
    await stage.go_on(80)
    entry = await stage.entry()
    assert (entry.state, entry.tries, len(stage.messenger.sends)) == (PostState.SENT, 1, 10)


async def test_a_refusal_is_held_at_once_and_lets_the_next_one_go() -> None:
    stage = Stage(MARKER, "refused")
    await stage.enqueue("p1", "p2")
    await stage.go_on(5)
    entry = await stage.entry()
    assert (entry.state, entry.unknown_since) == (PostState.HELD, None)
    assert "check that the channel is there" in (entry.reason or "")
    assert (await stage.entry("p2")).state is PostState.SENT


@pytest.mark.parametrize("before", [(), ("lost",)])
async def test_what_nobody_is_left_to_read_is_settled_and_nobody_told(before: Sequence[str]) -> None:
    stage = Stage(MARKER, *before, "departed")
    await stage.enqueue("p1", "p2")
    await stage.go_on(200)
    entry = await stage.entry()
    assert (entry.state, stage.told) == (PostState.DROPPED, [])
    assert "not there any longer" in (entry.reason or "")
    assert (await stage.entry("p2")).state is PostState.SENT


async def test_a_post_is_given_up_after_so_many_failures_with_longer_waits_between() -> None:
    stage = Stage(NEITHER, *["unreachable"] * 9)
    await stage.enqueue()
    at: list[float] = []
    began = stage.clock.now()
    for _ in range(200):
        if await stage.sender.work_one():
            at.append((stage.clock.now() - began).total_seconds())
        stage.clock.advance(1)
    entry = await stage.entry()
    assert (entry.state, entry.reason) == (PostState.HELD, "given up after 4 tries: The platform can't be reached.")
    assert len(at) == 4
    assert at[3] - at[2] > at[1] - at[0]
    assert stage.told == [("p1", entry.reason)]


async def test_a_post_that_takes_its_senders_down_is_not_tried_for_ever() -> None:
    stage = Stage(NONCE)
    await stage.enqueue()
    for n in range(4):  # each took it, and died
        assert await stage.store.lease_post(f"dead/{n}", stage.clock.now(), 60) is not None
        stage.clock.advance(60)
    await stage.go_on(5)
    assert ((await stage.entry()).state, stage.messenger.sends) == (PostState.HELD, [])


@pytest.mark.parametrize(
    ("guard", "state", "sends"),
    [(NONCE, PostState.SENT, 1), (MARKER, PostState.SENT, 1), (NEITHER, PostState.HELD, 0)],
)
async def test_a_dead_sender_s_post_is_taken_up(guard: Guard, state: PostState, sends: int) -> None:
    stage = Stage(guard)
    await stage.enqueue()
    assert await stage.store.lease_post("dead/0", stage.clock.now(), 60) is not None
    await stage.go_on(59)
    assert (await stage.entry()).state is PostState.SENDING
    await stage.go_on(200)
    assert ((await stage.entry()).state, len(stage.messenger.sends)) == (state, sends)


async def test_a_post_whose_time_is_over_is_held() -> None:
    stage = Stage(MARKER)
    await stage.enqueue(until=stage.clock.now() + timedelta(seconds=10))
    stage.clock.advance(11)
    await stage.go_on(2)
    assert ((await stage.entry()).reason, stage.messenger.sends) == (TOO_LATE, [])
    assert await stage.store.retry_post("w1", "p1", stage.clock.now())
    await stage.go_on(2)
    assert (await stage.entry()).state is PostState.SENT


async def test_an_organiser_decides_about_what_is_held() -> None:
    stage = Stage(NEITHER, "lost", "lost")
    await stage.enqueue("p1", "p2")
    await stage.go_on(5)
    assert await stage.store.retry_post("w1", "p1", stage.clock.now())
    assert await stage.store.drop_post("w1", "p2", stage.clock.now())
    await stage.go_on(5)
    assert [(await stage.entry(each)).state for each in ("p1", "p2")] == [PostState.SENT, PostState.DROPPED]


async def test_a_sender_that_was_slow_does_not_cross_another() -> None:
    stage = Stage(MARKER)
    await stage.enqueue()
    slow = await stage.store.lease_post("slow/0", stage.clock.now(), 60)
    assert slow is not None
    stage.clock.advance(160)
    assert await stage.sender.work_one()  # looks, finds nothing, sends
    late = replace(slow, state=PostState.PENDING, unknown_since=None)
    assert not await stage.store.give_back(late, "slow/0")
    assert not await stage.store.post_sent("w1", "p1", "m9", stage.clock.now())
    assert ((await stage.entry()).reference, stage.messenger.doubled) == ("m1", [])


async def test_a_post_that_is_known_to_be_there_ends_all_doubt() -> None:
    stage = Stage(NEITHER)
    await stage.enqueue()
    assert await stage.store.lease_post("slow/0", stage.clock.now(), 60) is not None
    await stage.go_on(65)
    assert (await stage.entry()).state is PostState.HELD
    assert await stage.store.post_sent("w1", "p1", "m9", stage.clock.now())
    assert (await stage.entry()).state is PostState.SENT


async def test_a_stopped_sender_hands_back_what_it_can_not_finish() -> None:
    stage = Stage(MARKER, "hang")
    await stage.enqueue()
    working = asyncio.create_task(stage.sender.work_one())
    while not stage.messenger.sends:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    entry = await stage.entry()
    assert (entry.state, entry.reason, entry.free_at, entry.tries) == (
        PostState.PENDING,
        STOPPED,
        stage.clock.now(),
        0,
    )
    assert entry.unknown_since is not None
    await stage.go_on(100)
    assert ((await stage.entry()).state, len(stage.messenger.posts)) == (PostState.SENT, 1)


# -- always -----------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    guard=st.sampled_from([NONCE, MARKER, NEITHER, Guard(100, 90)]),
    script=st.lists(st.sampled_from(["", "silent", "lost", "unreachable", "limited"]), max_size=12),
    shows_late=st.sampled_from([0, 40, 90]),
    gaps=st.lists(st.sampled_from([1, 5, 40, 130]), min_size=1, max_size=30),
    dies=st.sets(st.integers(0, 40), max_size=6),
)
async def test_no_post_is_seen_twice_and_none_is_lost(
    guard: Guard, script: list[str], shows_late: float, gaps: list[int], dies: set[int]
) -> None:
    stage = Stage(guard, *script, shows_late=shows_late)
    await stage.enqueue("p1", "p2", "p3")
    for turn in range(400):
        if turn in dies:
            await stage.store.lease_post(f"dead/{turn}", stage.clock.now(), 60)
        else:
            await stage.sender.work_one()
        stage.clock.advance(gaps[turn % len(gaps)] if turn < 60 else 20)
    seen = {post.id for post in stage.messenger.posts}
    assert stage.messenger.doubled == []
    for post_id in ("p1", "p2", "p3"):
        entry = await stage.entry(post_id)
        assert entry.state in (PostState.SENT, PostState.HELD)
        assert entry.state is PostState.HELD or post_id in seen
        assert (entry.state is PostState.HELD) == ((post_id, entry.reason) in stage.told)
