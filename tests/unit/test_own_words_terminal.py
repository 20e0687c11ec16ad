"""What the terminal says, in the language of its channel: all of it, and no other."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from os import terminal_size
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy.exc import DBAPIError

import bot
from bot.chat.console.buttons import Buttons
from bot.chat.console.conversation import BUSY, CHANNEL, WORKSPACE, Conversation, Home
from bot.chat.console.following import READING, WRITING
from bot.chat.console.layout import Piece
from bot.chat.console.lines import LineReader
from bot.chat.console.screen import Live, Screen
from bot.core.arguments import Argument, ArgumentMap, Relation, RelationKind, Side
from bot.core.assignments import Assignment, Released, WriterEvent, Written
from bot.core.debate import Debate
from bot.core.help import HELP
from bot.core.inbox import Inbox
from bot.core.language import English, Language, say, speaking
from bot.core.ports import Store, Writer
from bot.core.requests import Request
from bot.errors import (
    BadInput,
    StorageBusy,
)
from bot.scheduling.words import PlainRecurrences
from bot.storage.failures import translated
from bot.testing import FixedCatalogue, ManualClock, MemoryStore
from tests.unit.group import ScriptedRetriever, ScriptedWriter
from tests.unit.talking import Recording, left_over, prose, sentences

ROOT: Final = Path(bot.__file__).parent
SAYING: Final = (
    *(path for path in (ROOT / "chat" / "console").glob("*.py") if path.stem not in ("completion", "demo")),
    ROOT / "storage" / "failures.py",
)
"""All but the completions and the demonstration, which stay English, as what they are about."""
FOR_OPERATORS: Final = ("failures",)
"""Modules whose other words are for the log."""

TYPED: Final = (
    *(usage for usage, _ in HELP.values()),
    *("/steelman", "/counter", "/crux map", "/crux help", "/quit", "/as NAME", "Ctrl", "Ann: /crux me", "Ann"),
)
WARM: Final = ArgumentMap(
    "small",
    "Τσάι",
    "Είναι ζεστό;",
    Argument("T-00", "Το τσάι είναι ζεστό", "Το τσάι είναι κρύο", "Είναι. Ναι.", Side.PRO),
    (Argument("T-01", "Το νερό έβρασε", "Το νερό δεν έβρασε", "Έβρασε. Ναι.", Side.PRO),),
    (Relation(RelationKind.SUPPORTS, "T-01", "T-00"),),
)


@dataclass
class Slowly:
    """A writer that waits after its first sentence, until it may go on."""

    waits: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent]:
        self.waits.set()
        await self.goes_on.wait()
        yield Released("Έβρασε [T-01].")
        yield Written("Έβρασε [T-01].", "outline")


class ConnectionTimeout(Exception):
    """As psycopg's, by its name."""


class Busy(MemoryStore):
    """Can't take any request."""

    async def receive(self, request: Request, worker: str | None = None, seconds: float = 0.0) -> bool:
        raise StorageBusy


class Terminal:
    """A conversation whose channel has chosen a language, or none."""

    def __init__(
        self, language: Language | None = None, store: Store | None = None, writer: Writer | None = None
    ) -> None:
        self.language = language or Recording()
        self.out = io.StringIO()
        self.store = store or MemoryStore()
        self.clock = ManualClock()
        catalogue = FixedCatalogue((WARM,))
        debate = Debate(
            catalogue,
            ScriptedRetriever(),
            writer or ScriptedWriter([Written("Έβρασε [T-01].", "outline")]),
            self.store,
            self.clock,
            recurrences=PlainRecurrences(),
            translations=lambda code: English() if code == "en" else self.language,
        )
        self.inbox = Inbox(self.store, debate, self.clock, "this process", 90)
        home = Home(self.inbox, catalogue, self.store, self.clock, debate.languages, self.ready, patience=0.1)
        self.talk = Conversation(home, Screen(self.out), Buttons())

    async def ready(self) -> None:
        return

    async def choose(self, code: str = "de") -> None:
        await self.store.set_setting(WORKSPACE, CHANNEL, "language", code)

    async def hold(self, *lines: str | Exception) -> str:
        await self.choose()
        await self.talk.hold(Typed(list(lines)))
        return self.out.getvalue()

    def request(self, text: str, event_id: str) -> Request:
        return Request(WORKSPACE, CHANNEL, "ann", text, event_id, self.clock.now(), member_name="Ann")

    def english(self) -> list[str]:
        """What the screen shows that is neither typed, nor in the terminal's language."""
        parts = (" ".join(part.split()) for part in self.out.getvalue().split("\n\n"))
        return left_over(*parts, others=TYPED)


@dataclass
class Typed:
    left: list[str | Exception]

    async def read(self, prompt: str) -> str | None:
        line = self.left.pop(0) if self.left else None
        if isinstance(line, Exception):
            raise line
        return line


async def conversation(language: Recording) -> Sequence[Terminal]:
    """What is said and pressed in one session, and what another session has left."""
    terminal = Terminal(language)
    terminal.talk.member = "Ζωή"
    await terminal.inbox.receive(terminal.request("/crux me", "left"))
    await terminal.hold(
        *("/steelman T-01", "1", "77", "/as", "/as " + "ν" * 50, "/as Ann", "/crux help", "/crux me", "/steelman"),
        *("ν" * 20_000, "/stand T-01 agree", "/stand T-09 agree"),
    )
    return [terminal]


async def troubles(language: Recording) -> Sequence[Terminal]:
    """A database that is busy, another process that does not end, and a reply that is stopped."""
    busy = Terminal(language, Busy())
    await busy.hold("/stand T-01 agree")
    cut = Terminal(language)
    await cut.choose()
    with speaking(language), pytest.raises(StorageBusy) as unreachable, translated():
        raise DBAPIError("SELECT 1", {}, ConnectionTimeout("timed out"))
    cut.talk._refuse(unreachable.value)
    waiting = Terminal(language)
    request = waiting.request("/stand T-01 agree", "event")
    await waiting.store.receive(request)
    assert await waiting.store.lease_this(request, "another", waiting.clock.now(), 90)
    await waiting.choose()
    with pytest.raises(StorageBusy) as unfinished:
        await waiting.talk.answer("/stand T-01 agree", "event")
    waiting.talk._refuse(unfinished.value)
    return [busy, cut, waiting]


async def stopped(language: Recording) -> Sequence[Terminal]:
    """A reply that its member stops: before another process took it up, and after."""
    made = []
    for taken in (False, True):
        writer = Slowly()
        terminal = Terminal(language, writer=writer)
        await terminal.choose()
        asking = asyncio.create_task(terminal.talk.answer("/steelman T-01", "event"))
        await writer.waits.wait()
        if taken:
            terminal.clock.advance(91)
            assert await terminal.store.lease("another", terminal.clock.now(), 90) is not None
        signal.raise_signal(signal.SIGINT)
        assert await asking is None
        made.append(terminal)
    return made


async def drawn(language: Recording) -> Sequence[Terminal]:
    """What a terminal shows while a reply is written, and in place of one that it can't reach any more."""
    writer = Slowly()
    terminal = Terminal(language, writer=writer)
    terminal.talk.screen = Screen(terminal.out, live=True, size=lambda: terminal_size((60, 12)))
    await terminal.choose()
    asking = asyncio.create_task(terminal.talk.answer("/steelman T-01"))
    await writer.waits.wait()
    writer.goes_on.set()
    assert await asking is not None
    with speaking(language):
        assert all(say(status) in terminal.out.getvalue() for status in (READING, WRITING))
        live = Live(terminal.talk.screen)
        live.show([[Piece("…")]] * 20)
        live.settle([[Piece("…")]])
    shown = terminal.out.getvalue()
    terminal.out.seek(0)
    terminal.out.truncate()
    terminal.out.write(shown.replace("\x1b[J", "").replace("\x1b[1A", "\n"))
    return [terminal]


TERMINALS: Final[tuple[Callable[[Recording], Awaitable[Sequence[Terminal]]], ...]] = (
    *(conversation, troubles, stopped, drawn),
)


@pytest.mark.parametrize("scenario", TERMINALS, ids=lambda scenario: scenario.__name__)
async def test_a_terminal_speaks_its_channel_s_language(
    scenario: Callable[[Recording], Awaitable[Sequence[Terminal]]],
) -> None:
    for terminal in await scenario(Recording()):
        assert terminal.out.getvalue()
        assert terminal.english() == []


async def test_a_line_that_is_no_text_is_refused_in_the_language() -> None:
    await not_text(Recording())


async def not_text(language: Recording) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\xff\xfe\n")
    os.close(writing)
    with speaking(language), pytest.raises(BadInput) as caught:
        await LineReader(reading).read("> ")
    assert left_over(caught.value.message) == []


async def test_the_terminal_s_language_is_the_one_that_was_just_chosen() -> None:
    terminal = Terminal()
    await terminal.choose("en")
    await terminal.talk.hold(Typed(["/as you", "/crux settings language de", "/as you", "/crux settings language en"]))
    before, _, after = terminal.out.getvalue().partition("You now speak as you.")
    assert "Crux argues both sides of" in before
    assert "You now speak" not in after
    assert "English" in after


async def test_a_question_that_is_asked_once_is_answered_in_the_language() -> None:
    terminal = Terminal()
    await terminal.choose()
    with pytest.raises(BadInput) as caught:
        await terminal.talk.answer("ν" * 20_000)
    assert left_over(caught.value.message) == []


def test_what_the_terminal_says_of_a_busy_database_is_what_the_error_says() -> None:
    assert StorageBusy().message == BUSY


# -- that this is all -------------------------------------------------------------------------------------------------


async def test_every_sentence_is_said_above() -> None:
    language = Recording()
    for each in TERMINALS:
        await each(language)
    await not_text(language)
    assert len(sentences(SAYING)) > 18
    assert sentences(SAYING) - language.asked == set()


def test_no_sentence_is_said_untranslated() -> None:
    found = {path.stem: prose(path) for path in SAYING if path.stem not in FOR_OPERATORS}
    assert {module: texts for module, texts in found.items() if texts} == {}
