"""The desk, where a database is slow to say that it has an event."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from bot.chat import desk as desks
from bot.chat.desk import Desk
from bot.core.inbox import Inbox
from bot.core.messages import Message
from bot.core.requests import Request
from bot.errors import StorageBusy
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
