"""A group in one channel, talking to the real core over fakes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.core.arguments import Argument, ArgumentMap, Relation, RelationKind, Side
from bot.core.assignments import Assignment, WriterEvent
from bot.core.catalogue import AmendedCatalogue
from bot.core.debate import Debate
from bot.core.inbox import Inbox
from bot.core.messages import Finished, Message, ReplyEvent
from bot.core.ports import Store
from bot.core.reading import Candidate, Leaning, Reading, Verdict
from bot.core.requests import Request
from bot.scheduling.words import PlainRecurrences
from bot.testing import FixedCatalogue, ManualClock, MemoryStore
from bot.writing.outline import OutlineWriter
from tests.unit.maps import argument, build

TEA = build(
    [
        argument("T-01"),
        argument("T-02", Side.CON),
        argument("T-03"),
        argument("T-04", Side.CON),
        argument("T-05", Side.NEUTRAL),
    ],
    [
        Relation(RelationKind.SUPPORTS, "T-01", "T-00"),
        Relation(RelationKind.REBUTS, "T-02", "T-00"),
        Relation(RelationKind.REBUTS, "T-03", "T-02"),
        Relation(RelationKind.REBUTS, "T-04", "T-00"),
        Relation(RelationKind.BEARS_ON, "T-05", "T-00"),
    ],
)
OTHER = ArgumentMap(
    "other",
    "Other",
    "Is it other?",
    Argument("O-00", "The other thesis holds today", "The other thesis fails today", "It holds. It does.", Side.PRO),
    (Argument("O-01", "A reason for the other one", "No reason for the other", "A ground. Another.", Side.PRO),),
    (Relation(RelationKind.SUPPORTS, "O-01", "O-00"),),
)


@dataclass
class ScriptedRetriever:
    """Knows a few texts by heart; every other text is unknown to it."""

    known: dict[tuple[str, str], Reading] = field(default_factory=dict)

    def learn(self, topic: str, text: str, verdict: Verdict, *found: tuple[str, Leaning]) -> None:
        candidates = tuple(Candidate(name, 0.9, leaning, 0.2) for name, leaning in found)
        self.known[topic, text] = Reading(text, verdict, candidates)

    async def read(self, text: str, argument_map: ArgumentMap, limit: int = 10) -> Reading:
        return self.known.get((argument_map.id, text), Reading(text, Verdict.NOTHING, ()))


@dataclass
class ScriptedWriter:
    """Plays given events, and keeps what it was asked."""

    events: list[WriterEvent]
    asked: list[Assignment] = field(default_factory=list)

    async def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent]:
        self.asked.append(assignment)
        for event in self.events:
            yield event


class Group:
    """A group in one channel, talking to the real core over fakes; `organisers` run its workspace."""

    def __init__(self, store: Store | None = None, organisers: Iterable[str] = ("olga", "otto")) -> None:
        self.store = store or MemoryStore()
        self.organisers = set(organisers)
        self.clock = ManualClock()
        self.retriever = ScriptedRetriever()
        catalogue = AmendedCatalogue(FixedCatalogue((TEA, OTHER)), self.store)
        self.debate = Debate(
            catalogue, self.retriever, OutlineWriter(), self.store, self.clock, 220, recurrences=PlainRecurrences()
        )
        self.count = 0

    def use(self, writer: ScriptedWriter) -> None:
        self.debate = replace(self.debate, writer=writer)

    def request(self, text: str, member: str = "ann", channel: str = "general", workspace: str = "w") -> Request:
        self.count += 1
        event, organiser = f"event-{self.count}", member in self.organisers
        return Request(workspace, channel, member, text, event, self.clock.now(), organiser=organiser)

    async def events(self, request: Request) -> list[ReplyEvent]:
        inbox = Inbox(self.store, self.debate, self.clock, "worker", 60)
        assert await inbox.receive(request)
        return [event async for event in inbox.respond(request)]

    async def say(self, text: str, member: str = "ann", channel: str = "general", **where: Any) -> Message:
        """An answer; `where` is what a request has of the place it is made in: `within`, `thread`, `direct`."""
        last = (await self.events(replace(self.request(text, member, channel), **where)))[-1]
        assert isinstance(last, Finished)
        return last.message

    async def dies(self, text: str, member: str = "ann") -> Request:
        """A worker answers, and dies before the reply is stored; the request, with its tries."""
        request = self.request(text, member)
        assert await self.store.receive(request)
        taken = await self.store.lease("dead", self.clock.now(), 60)
        assert taken is not None
        async for _ in self.debate.answer(taken):
            pass
        return taken

    async def retried(self) -> Message:
        """What another worker answers to the request that the dead one held."""
        self.clock.advance(61)
        done = await Inbox(self.store, self.debate, self.clock, "alive", 60).work_one()
        assert done is not None
        assert done[0].tries == 1
        return done[1]

    async def press(self, message: Message, label: str, member: str = "ann", **where: Any) -> Message:
        button = next(b for b in message.buttons if b.label.startswith(label))
        return await self.say(f"/press {button.action}", member, **where)
