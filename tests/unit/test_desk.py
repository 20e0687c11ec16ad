"""The desk, where a database is slow to say that it has an event."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.chat import desk as desks
from bot.chat.desk import Desk, Rhythm
from bot.core.inbox import Inbox
from bot.core.messages import Message
from bot.core.outbox import ANSWER, PostState
from bot.core.requests import Request
from bot.errors import OutcomeUnknown, RateLimited, StorageBusy
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


@pytest.fixture
def desk(group: Group, store: Slow, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(desks, "RECEIVE_SECONDS", 0.02)

    async def deliver(_: Request, __: Message) -> None: ...

    inbox = Inbox(store, group.debate, group.clock, "worker", 60, 60)
    return Desk(inbox, store, group.clock, "w", deliver)


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

    inbox = Inbox(store, group.debate, group.clock, "worker", 60, 60)
    desk = Desk(inbox, store, group.clock, "w", deliver, rhythm=Rhythm(grow=0.0))
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


@dataclass
class Broken(Shown):
    """A surface on which nothing can be shown."""

    async def finish(self, message: Message) -> str | None:
        raise OutcomeUnknown


@pytest.mark.parametrize("failures", [0, 2, 3])
async def test_a_private_answer_that_cannot_be_shown_is_tried_some_other_way(
    group: Group, store: Slow, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    monkeypatch.setattr(desks, "LATER", (0.0, 0.0, 0.0))
    tried: list[Message] = []

    async def deliver(_: Request, message: Message) -> None:
        tried.append(message)
        if len(tried) <= failures:
            raise OutcomeUnknown

    desk = Desk(Inbox(store, group.debate, group.clock, "worker", 60, 60), store, group.clock, "w", deliver)
    request = group.request("/stand T-01 agree")
    assert await desk.receive(request)
    await desk.answer(request, Broken())
    assert [message.private for message in tried] == [True] * min(failures + 1, 3)
    assert not await store.outbox(tuple(PostState))


def desk_that_fails(group: Group, store: Slow) -> Desk:
    async def deliver(_: Request, __: Message) -> None:
        raise OutcomeUnknown

    inbox = Inbox(store, group.debate, group.clock, "worker", 60, 60)
    return Desk(inbox, store, group.clock, "w", deliver, direct_to=lambda request: f"dm-{request.member}")


async def test_a_private_answer_that_cannot_be_shown_waits_in_the_outbox_for_its_member_alone(
    group: Group, store: Slow
) -> None:
    desk, request = desk_that_fails(group, store), group.request("/stand T-01 agree")
    assert await desk.receive(request)
    await desk.answer(request, Broken())
    (entry,) = await store.outbox(tuple(PostState))
    assert (entry.state, entry.post.channel, entry.post.kind) == (PostState.PENDING, f"dm-{request.member}", ANSWER)
    assert "Recorded" in entry.post.message.text
    await store.forget(request.workspace, request.member, group.clock.now())
    assert not await store.outbox(tuple(PostState)), "it goes with the member"


async def test_of_a_file_that_cannot_be_sent_its_member_is_told(
    group: Group, store: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "LATER", (0.0, 0.0))
    desk, request = desk_that_fails(group, store), group.request("/crux export-me")
    assert await desk.receive(request)
    await desk.answer(request, Broken())
    (entry,) = await store.outbox(tuple(PostState))
    assert entry.post.message.text == "The file could not be sent, and is not kept; ask for it again."


async def test_nothing_waits_in_the_outbox_for_somebody_who_was_forgotten(
    group: Group, store: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "LATER", (0.0, 0.0))
    desk, request = desk_that_fails(group, store), group.request("/crux forget-me yes")
    assert await desk.receive(request)
    await desk.answer(request, Broken())
    assert not await store.outbox(tuple(PostState))
