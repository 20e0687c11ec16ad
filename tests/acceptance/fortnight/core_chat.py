"""The fortnight's chat without a platform: the whole of Crux behind a `Desk`, and a room that keeps what is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count

from bot.app import Application, running
from bot.chat.desk import Desk, Rhythm
from bot.core.messages import Message
from bot.core.outbox import ORGANISERS, Guard, Post
from bot.core.requests import Request, Venue
from tests.acceptance.fortnight.chat import Shown, until
from tests.acceptance.fortnight.scenario import Scenario
from tests.acceptance.fortnight.stage import Stage, quiet

WORKSPACE = "room:harbour"
CHANNEL = "reading-group"


@dataclass
class Standing:
    """One message in the room, as it is now; `whose` are the only ones who see it, if any are named."""

    id: str
    message: Message
    whose: tuple[str, ...] = ()
    nonce: str = ""
    pictures: tuple[str, ...] = ()

    @property
    def shown(self) -> Shown:
        message = self.message
        sources = [f"{s.argument_id}: {s.claim}. {s.origin}" for s in message.sources]
        words = [message.title or "", message.text, *sources, *message.notes, *self.pictures]
        labels = tuple(button.label for button in message.buttons)
        return Shown(self.id, "\n".join(filter(None, words)), bool(self.whose), labels, len(self.pictures))


@dataclass
class Room:
    """The platform's side, which outlives the bot. It is a `Messenger`, too."""

    organisers: tuple[str, ...]
    messages: list[Standing] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def put(self, message: Message, *whose: str, nonce: str = "", pictures: tuple[str, ...] = ()) -> Standing:
        put = Standing(f"m{next(self._numbers)}", message, whose, nonce, pictures)
        self.messages.append(put)
        return put

    def guard(self, post: Post) -> Guard:
        return Guard(shows_within=0.0)

    async def send(self, post: Post) -> str:
        whose = self.organisers if post.kind == ORGANISERS else ()
        pictures = () if post.picture is None else (post.picture.alt,)
        return self.put(post.message, *whose, nonce=post.nonce, pictures=pictures).id

    async def find(self, post: Post) -> str | None:
        return next((standing.id for standing in self.messages if standing.nonce == post.nonce), None)


@dataclass
class Answering:
    """A `Surface`: one answer in the room."""

    room: Room
    member: str
    begun: Standing | None = None

    async def begin(self, title: str) -> None:
        self.begun = self.room.put(Message(title=title))

    async def grow(self, text: str) -> None:
        """The room shows an answer when it is whole."""

    async def finish(self, message: Message) -> str | None:
        whose = (self.member,) if message.private else ()
        if self.begun is None:
            self.begun = self.room.put(message, *whose)
        self.begun.message, self.begun.whose = message, whose
        return None if message.private else self.begun.id

    async def withdraw(self) -> None:
        if self.begun is not None:
            self.room.messages.remove(self.begun)


class CoreChat:
    """A driver: `async with CoreChat(scenario, stage) as chat`."""

    def __init__(self, scenario: Scenario, stage: Stage) -> None:
        self._scenario = scenario
        self._stage = stage
        self._room = Room(scenario.organisers)
        self._events = count(1)
        self._lives = count(1)
        self._answers: set[asyncio.Task[None]] = set()
        self._process = AsyncExitStack()

    async def __aenter__(self) -> CoreChat:
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def _start(self) -> None:
        """A new process, under a name of its own."""
        process = running(
            self._stage.settings(), clock=self._stage.clock, worker=f"life {next(self._lives)}", showing_seconds=60.0
        )
        self._application: Application = await self._process.enter_async_context(process)
        application = self._application
        application.warm()
        self._desk = Desk(
            application.inbox,
            application.store,
            application.clock,
            "room:",
            self._deliver,
            lambda request: Venue(request.workspace, request.member),
            rhythm=Rhythm(0.05, 0.5),
        )
        self._desk.start()

    async def _end(self) -> None:
        """What is being answered gets no time to end, and keeps its lease, as where the process is killed."""
        await self._desk.stop(0.0)
        await self._process.aclose()

    async def _deliver(self, request: Request, message: Message) -> None:
        self._room.put(message, request.member)

    # -- what members do ----------------------------------------------------------------------------------------------

    async def command(self, member: str, text: str) -> None:
        request = Request(
            workspace=WORKSPACE,
            channel=CHANNEL,
            member=member,
            text=text,
            event_id=f"e{next(self._events)}",
            received_at=self._stage.clock.now(),
            member_name=self._scenario.members[member],
            organiser=member in self._scenario.organisers,
        )
        assert await self._desk.receive(request)
        task = self._desk.answer(request, Answering(self._room, member))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def says(self, member: str, text: str) -> None:
        await self.command(member, text)

    async def presses(self, member: str, message: str, label: str) -> None:
        standing = next(each for each in self._room.messages if each.id == message)
        assert not standing.whose or member in standing.whose, f"{member} does not see that message"
        button = next(each for each in standing.message.buttons if each.label == label)
        await self.command(member, f"/press {button.action}")

    def sees(self, member: str) -> Sequence[Shown]:
        return [each.shown for each in self._room.messages if not each.whose or member in each.whose]

    # -- the bot ------------------------------------------------------------------------------------------------------

    async def post_due(self) -> None:
        await self._application.post_due(self._room, WORKSPACE)

    async def settled(self) -> None:
        await until(lambda: not self._answers, 20)
        await self.post_due()
        await quiet(self._application, WORKSPACE)

    async def restart(self) -> None:
        await self._end()
        await self._start()
