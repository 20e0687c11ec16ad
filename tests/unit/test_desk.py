"""The desk, where a database is slow to say that it has an event."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.chat import desk as desks
from bot.chat.desk import Deliver, Desk, Rhythm
from bot.core.inbox import Inbox, answer_id
from bot.core.messages import Message
from bot.core.outbox import ANSWER, Entry, PostState
from bot.core.requests import Request, Venue
from bot.errors import MessengerError, OutcomeUnknown, RateLimited, StorageBusy, Unreachable
from bot.testing import MemoryStore
from tests.unit.group import Group


class Slow(MemoryStore):
    """Commits an event, and does not say so while it is slow."""

    slow = False

    async def receive(self, request: Request, worker: str | None = None, seconds: float = 0.0) -> bool:
        new = await super().receive(request, worker, seconds)
        if self.slow:
            await asyncio.Event().wait()
        return new


@dataclass
class Shown:
    """A surface that keeps what it was told at last."""

    messages: list[Message] = field(default_factory=list)

    async def begin(self, title: str) -> None: ...

    async def grow(self, text: str) -> None: ...

    async def finish(self, message: Message) -> str | None:
        self.messages.append(message)
        return "m1"

    async def withdraw(self) -> None: ...


@pytest.fixture
def store() -> Slow:
    return Slow()


@pytest.fixture
def group(store: Slow) -> Group:
    return Group(store)


def directly(request: Request) -> Venue:
    return Venue(request.workspace, f"dm-{request.member}")


def desk_of(group: Group, store: Slow, deliver: Deliver, rhythm: Rhythm | None = None) -> Desk:
    inbox = Inbox(store, group.debate, group.clock, "worker", 60, 60)
    return Desk(inbox, store, group.clock, "w", deliver, directly, rhythm=rhythm)


@pytest.fixture
def desk(group: Group, store: Slow, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(desks, "RECEIVE_SECONDS", 0.02)

    async def deliver(_: Request, __: Message) -> None: ...

    return desk_of(group, store, deliver)


async def test_an_event_that_was_committed_too_late_to_say_so_is_answered_when_it_comes_again(
    desk: Desk, group: Group, store: Slow
) -> None:
    request, surface = group.request("/crux standing"), Shown()
    store.slow = True
    with pytest.raises(StorageBusy):
        await desk.receive(request)
    with pytest.raises(StorageBusy):
        await desk.receive(request)
    store.slow = False
    assert await desk.receive(request)
    await desk.answer(request, surface)
    assert len(surface.messages) == 1
    assert not await desk.receive(request), "it is answered: a platform that sends it once more is told so"


async def test_what_another_answered_meanwhile_is_not_answered_twice(desk: Desk, group: Group, store: Slow) -> None:
    request, surface = group.request("/crux standing"), Shown()
    store.slow = True
    with pytest.raises(StorageBusy):
        await desk.receive(request)
    store.slow = False
    group.clock.advance(61)
    assert await Inbox(store, group.debate, group.clock, "another", 60, 60).work_one() is not None
    if await desk.receive(request):
        await desk.answer(request, surface)
    assert surface.messages == []


async def test_few_events_are_remembered(
    desk: Desk, group: Group, store: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "MOST_IN_DOUBT", 1)
    first, second = group.request("/crux standing"), group.request("/crux standing")
    store.slow = True
    for request in (first, second):
        with pytest.raises(StorageBusy):
            await desk.receive(request)
    store.slow = False
    assert [await desk.receive(request) for request in (first, second)] == [False, True]


@dataclass
class Failing(Shown):
    """A surface that fails while an answer grows."""

    failure: Exception = field(default_factory=RuntimeError)
    grown: int = 0

    async def grow(self, text: str) -> None:
        self.grown += 1
        raise self.failure


@pytest.mark.parametrize(("failure", "shown"), [(RateLimited(60.0), 1), (RuntimeError("a bug"), 2)])
async def test_an_answer_that_can_t_be_shown_growing_is_shown_whole(
    group: Group, store: Slow, failure: Exception, shown: int
) -> None:
    """What the platform wants to be spared is not shown before its time; anything else is tried again."""

    async def deliver(_: Request, __: Message) -> None: ...

    desk = desk_of(group, store, deliver, rhythm=Rhythm(grow=0.0))
    request, surface = group.request("/steelman T-00"), Failing(failure=failure)
    assert await desk.receive(request)
    await desk.answer(request, surface)
    assert len(surface.messages) == 1
    assert min(surface.grown, 2) == shown


async def test_an_answer_that_another_shows_counts_from_its_request(group: Group, store: Slow) -> None:
    """A process that died may have begun to show it at any time since: that is looked for."""
    request = group.request("/crux standing")
    assert await Inbox(store, group.debate, group.clock, "dead", 60, 60).receive(request, hold=True)
    group.clock.advance(3600)
    assert await Inbox(store, group.debate, group.clock, "another", 60, 60).work_one() is not None
    (entry,) = await store.outbox([PostState.PENDING])
    assert entry.post.created_at == request.received_at


# -- private answers -------------------------------------------------------------------------------------------------


@dataclass
class Cut(Shown):
    """A surface whose process dies before anything of the whole is shown."""

    async def finish(self, message: Message) -> str | None:
        raise asyncio.CancelledError


@dataclass
class Broken(Shown):
    """A surface on which nothing can be shown."""

    failure: MessengerError = field(default_factory=OutcomeUnknown)

    async def finish(self, message: Message) -> str | None:
        raise self.failure


@dataclass
class Delivery:
    """Delivers to members directly, after some failures."""

    failures: int = 0
    tried: list[Message] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _: Request, message: Message) -> None:
        self.tried.append(message)
        self.begun.set()
        if len(self.tried) <= self.failures:
            raise OutcomeUnknown


async def waiting(store: Slow) -> Entry:
    (entry,) = await store.outbox(tuple(PostState))
    return entry


async def test_a_private_answer_that_is_shown_leaves_nothing_behind(group: Group, store: Slow) -> None:
    desk, request, surface = desk_of(group, store, Delivery()), group.request("/stand T-01 agree"), Shown()
    assert await desk.receive(request)
    await desk.answer(request, surface)
    assert surface.messages[0].private
    assert not await store.outbox(tuple(PostState))


@pytest.mark.parametrize("text", ["/stand T-01 agree", "/crux export-me", "/stand nothing of the kind"])
async def test_a_private_answer_whose_process_dies_before_it_is_shown_is_sent_to_its_member(
    group: Group, store: Slow, text: str
) -> None:
    desk, request = desk_of(group, store, Delivery()), group.request(text)
    assert await desk.receive(request)
    with pytest.raises(asyncio.CancelledError):
        await desk.answer(request, Cut())
    assert await store.lease_post("another", group.clock.now(), 60) is None, "it may be under way still"
    group.clock.advance(61)
    entry = await store.lease_post("another", group.clock.now(), 60)
    assert entry is not None
    assert (entry.post.channel, entry.post.kind, entry.post.message.private) == (f"dm-{request.member}", ANSWER, True)
    assert entry.unknown_since is not None, "it may have been shown, and is looked for first"
    assert entry.post.message.attachment is None
    assert ("ask for it again" in entry.post.message.text) == (text == "/crux export-me")


@pytest.mark.parametrize(("failure", "doubtful"), [(OutcomeUnknown(), True), (Unreachable("no net"), False)])
async def test_a_private_answer_that_cannot_be_shown_waits_in_the_outbox_for_its_member_alone(
    group: Group, store: Slow, failure: MessengerError, doubtful: bool
) -> None:
    desk, request = desk_of(group, store, Delivery()), group.request("/stand T-01 agree")
    assert await desk.receive(request)
    await desk.answer(request, Broken(failure=failure))
    entry = await waiting(store)
    assert (entry.state, entry.post.channel, entry.post.kind) == (PostState.PENDING, f"dm-{request.member}", ANSWER)
    assert "Recorded" in entry.post.message.text
    assert entry.free_at == group.clock.now()
    assert (entry.unknown_since is not None, entry.settled_at is not None) == (doubtful, doubtful)
    await store.forget(request.workspace, request.member, group.clock.now())
    assert not await store.outbox(tuple(PostState)), "it goes with the member"


@pytest.mark.parametrize("failures", [0, 2, 3])
async def test_a_file_that_cannot_be_sent_is_tried_again_and_then_its_member_is_told(
    group: Group, store: Slow, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    monkeypatch.setattr(desks, "LATER", (0.0, 0.0, 0.0))
    delivery, request = Delivery(failures), group.request("/crux export-me")
    desk = desk_of(group, store, delivery)
    assert await desk.receive(request)
    await desk.answer(request, Broken())
    assert [message.attachment is not None for message in delivery.tried] == [True] * min(failures + 1, 3)
    if failures < 3:
        assert not await store.outbox(tuple(PostState))
        return
    entry = await waiting(store)
    assert entry.state is PostState.PENDING
    assert entry.free_at == group.clock.now() + timedelta(seconds=3 * desks.LATER_TRY), "the file had its time"
    assert "may not have been sent" in entry.post.message.text


@pytest.mark.parametrize("failures", [0, 3])
async def test_nothing_waits_in_the_outbox_for_somebody_who_was_forgotten(
    group: Group, store: Slow, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    monkeypatch.setattr(desks, "LATER", (0.0, 0.0, 0.0))
    delivery, request = Delivery(failures), group.request("/crux forget-me yes")
    desk = desk_of(group, store, delivery)
    assert await desk.receive(request)
    await desk.answer(request, Broken())
    assert len(delivery.tried) == min(failures + 1, 3)
    assert not await store.outbox(tuple(PostState))


async def test_an_answer_that_was_shown_too_slowly_is_left_to_whoever_sends_it(group: Group, store: Slow) -> None:
    """It may be sending it at this moment, so that its lease and its doubt must stay."""

    @dataclass
    class Late(Shown):
        async def finish(self, message: Message) -> str | None:
            group.clock.advance(61)
            assert await store.lease_post("sender/1", group.clock.now(), 60) is not None
            raise Unreachable("no net")

    delivery, request = Delivery(), group.request("/stand T-01 agree")
    desk = desk_of(group, store, delivery)
    assert await desk.receive(request)
    await desk.answer(request, Late())
    entry = await waiting(store)
    assert (entry.state, entry.worker) == (PostState.SENDING, "sender/1")
    assert entry.unknown_since is not None
    assert not delivery.tried


async def test_that_a_private_answer_was_shown_is_noted_also_while_the_database_is_busy(
    group: Group, store: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, busy = store.post_sent, iter([True, True])

    async def post_sent(workspace: str, post_id: str, reference: str, at: datetime) -> bool:
        if next(busy, False):
            raise StorageBusy
        return await note(workspace, post_id, reference, at)

    monkeypatch.setattr(store, "post_sent", post_sent)
    desk, request, surface = desk_of(group, store, Delivery()), group.request("/stand T-01 agree"), Shown()
    assert await desk.receive(request)
    await desk.answer(request, surface)
    assert len(surface.messages) == 1
    assert not await store.outbox(tuple(PostState)), "nobody could look whether it was shown"


async def test_what_was_shown_meanwhile_is_not_sent_again(group: Group, store: Slow) -> None:
    """As by another process that had taken it for dead."""

    @dataclass
    class Late(Shown):
        async def finish(self, message: Message) -> str | None:
            assert await store.post_sent(request.workspace, answer_id(request), "m1", group.clock.now())
            raise OutcomeUnknown

    delivery, request = Delivery(), group.request("/stand T-01 agree")
    desk = desk_of(group, store, delivery)
    assert await desk.receive(request)
    await desk.answer(request, Late())
    assert not delivery.tried
    assert not await store.outbox(tuple(PostState))


@pytest.mark.parametrize("failures", [0, 1])
async def test_a_private_answer_to_what_another_left_open_is_delivered_or_left_to_the_outbox(
    group: Group, store: Slow, failures: int
) -> None:
    request = group.request("/stand T-01 agree")
    assert await Inbox(store, group.debate, group.clock, "dead", 60, 60).receive(request, hold=True)
    group.clock.advance(61)
    delivery = Delivery(failures)
    desk = desk_of(group, store, delivery, Rhythm(look=0.01))
    desk.start()
    async with asyncio.timeout(5):
        await delivery.begun.wait()
    assert await desk.stop(5)
    states = [entry.state for entry in await store.outbox(tuple(PostState))]
    assert states == [PostState.PENDING] * failures
