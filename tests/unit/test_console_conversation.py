"""A conversation over in-memory parts: what a member types, what the screen shows, what is kept."""

from __future__ import annotations

import asyncio
import io
import signal
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest

from bot.chat.console.buttons import Buttons
from bot.chat.console.conversation import WORKSPACE, Conversation, Home, wants_reading
from bot.chat.console.screen import Screen
from bot.core.arguments import Relation, RelationKind, Side
from bot.core.assignments import Assignment, Released, WriterEvent, Written
from bot.core.debate import Debate
from bot.core.inbox import Inbox
from bot.core.ports import Writer
from bot.core.positions import Stance
from bot.core.requests import Request
from bot.errors import EncoderError, StorageBusy
from bot.scheduling.words import PlainRecurrences
from bot.testing import FixedCatalogue, ManualClock, MemoryStore
from bot.writing.outline import OutlineWriter
from tests.unit.group import ScriptedRetriever
from tests.unit.maps import argument, build

TEA = build(
    [argument("T-01"), argument("T-02", Side.CON)],
    [Relation(RelationKind.SUPPORTS, "T-01", "T-00"), Relation(RelationKind.REBUTS, "T-02", "T-00")],
)


@dataclass
class Lines:
    """A reader of given lines."""

    left: list[str | BaseException]
    prompts: list[str] = field(default_factory=list)

    async def read(self, prompt: str) -> str | None:
        self.prompts.append(prompt)
        line = self.left.pop(0) if self.left else None
        if isinstance(line, BaseException):
            raise line
        return line


class BusyStore(MemoryStore):
    """Can't take any request."""

    async def receive(self, request: Request, worker: str | None = None, seconds: float = 0.0) -> bool:
        raise StorageBusy


class Console:
    """A conversation with all its parts at hand."""

    def __init__(self, store: MemoryStore | None = None, writer: Writer | None = None) -> None:
        self.out = io.StringIO()
        self.store = store or MemoryStore()
        self.clock = ManualClock()
        self.refusal: EncoderError | None = None
        catalogue = FixedCatalogue((TEA,))
        debate = Debate(
            catalogue,
            ScriptedRetriever(),
            writer or OutlineWriter(),
            self.store,
            self.clock,
            recurrences=PlainRecurrences(),
        )
        self.inbox = Inbox(self.store, debate, self.clock, "this process", 90)
        self.other = Inbox(self.store, debate, self.clock, "another process", 90)
        home = Home(self.inbox, catalogue, self.store, self.clock, debate.languages, self.ready, patience=2)
        self.talk = Conversation(home, Screen(self.out), Buttons())

    async def ready(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def hold(self, *lines: str | BaseException) -> str:
        """What the screen shows of a conversation of these lines."""
        reader = Lines(list(lines))
        self.code = await self.talk.hold(reader)
        self.prompts = reader.prompts
        return self.out.getvalue()

    def request(self, text: str, event_id: str) -> Request:
        return Request(WORKSPACE, "console", "ann", text, event_id, self.clock.now(), member_name="Ann")


async def test_a_newcomer_reads_what_to_type() -> None:
    shown = await Console().hold()
    assert "Crux argues both sides of: Is it so?" in shown
    assert "/steelman T-01" in shown
    assert "/quit" in shown


async def test_a_reply_is_shown_with_its_sources_and_numbered_buttons() -> None:
    console = Console()
    shown = await console.hold("/steelman thesis")
    assert "The best case for T-00" in shown.replace("Claim T-00 holds in most of the cases", "T-00")
    assert "Sources" in shown
    assert "[1] I'd sign this  [2] Not my view  [3] Counter this" in shown
    assert console.code == 0


async def test_a_number_presses_its_button_also_later() -> None:
    shown = await Console().hold("/steelman thesis", "/crux topic", "[3]")
    assert "[3] Counter this" in shown.split("The topics here:")[1]
    assert "The best case against" in shown


async def test_words_point_to_the_last_turn_of_the_terminal_whoever_had_it() -> None:
    console = Console()
    shown = await console.hold("/steelman T-01", "/as Bo", "/stand T-02 agree", "/as Ann", "counter it", "stand agree")
    assert "The best case against T-01" in shown
    assert "Read as T-01, from before." in shown
    held = await console.store.current_position(WORKSPACE, "small", "T-01", "ann")
    assert held is not None
    assert held.stance is Stance.AGREE


async def test_a_number_that_no_button_has() -> None:
    assert "There is no button [7]" in await Console().hold("7")


async def test_members_take_turns() -> None:
    console = Console()
    shown = await console.hold("/stand T-01 agree", "/as Bän", "/stand T-01 disagree", "/as bän", "/stand T-01 unsure")
    assert console.prompts == ["you> ", "you> ", "Bän> ", "Bän> ", "bän> ", "bän> "]
    stances = [p.stance for p in await console.store.position_history(WORKSPACE, "bän")]
    assert stances == [Stance.DISAGREE, Stance.UNSURE], "a name is the same member however it is capitalised"
    assert "You now speak as Bän." in shown


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/as", "You speak as you; `/as NAME`"),
        ("/as " + "n" * 41, "That name is too long"),
        ("/as \x1b[2J", "`/as NAME` goes on as another member"),
        ("x" * 5000, "That is 5,000 characters and Crux reads up to 2,000"),
        ("y " * 6000, "characters and Crux reads up to 2,000"),
        ("\x1b[31m\x07\u202e", "Type a claim to talk about"),
        ("/steelman", "Say what to argue about after the command"),
        ("/steelman T-99", "There is no claim T-99"),
        ("/stand T-01 perhaps", "“perhaps” is not a stance"),
        ("/nonsense", "There is no command /nonsense"),
        ("/press old:button", "This button is no longer in use"),
    ],
)
async def test_bad_input_gets_one_sentence_and_the_conversation_goes_on(line: str, told: str) -> None:
    console = Console()
    shown = await console.hold(line, "/stand T-01 agree")
    assert told in " ".join(shown.split())
    assert "Recorded: you agree with T-01" in shown
    assert console.code == 0
    assert "\x1b" not in shown


async def test_an_id_that_is_nearly_right_offers_the_nearest_as_buttons() -> None:
    shown = await Console().hold("/steelman T-001", "1")
    assert "[1] T-0" in shown
    assert "The best case for" in shown


async def test_lines_that_are_no_text_and_ctrl_c_at_the_prompt_are_passed_over() -> None:
    from bot.errors import BadInput

    shown = await Console().hold(
        BadInput("That line is not UTF-8 text; send it again in UTF-8."), KeyboardInterrupt(), "2"
    )
    assert "not UTF-8" in shown
    assert "There is no button [2]" in shown


@pytest.mark.parametrize("ending", ["/quit", "/exit", " QUIT "])
async def test_a_conversation_ends_where_its_member_says(ending: str) -> None:
    assert "Recorded" not in await Console().hold(ending, "/stand T-01 agree")


async def test_lines_from_a_pipe_are_repeated_after_their_prompt() -> None:
    console = Console()
    console.talk.echo = True
    assert "you> /stand T-01 agree" in await console.hold("/stand T-01 agree")


async def test_help_tells_what_the_terminal_adds() -> None:
    assert "Ctrl-C stops a reply" in " ".join((await Console().hold("/crux help")).split())


async def test_a_database_that_fails_costs_one_answer() -> None:
    console = Console(BusyStore())
    shown = await console.hold("/stand T-01 agree", "/as Ann")
    assert "The database is busy; try again in a moment." in shown
    assert "You now speak as Ann." in shown
    assert console.code == 4


async def test_an_encoder_that_can_not_be_loaded_ends_the_conversation_before_anything_is_kept() -> None:
    console = Console()
    console.refusal = EncoderError("The weights are missing.")
    with pytest.raises(EncoderError, match="weights"):
        await console.hold("/stand T-01 agree", "some words of a member")
    assert await console.inbox.work_one(WORKSPACE) is None
    assert len(await console.store.position_history(WORKSPACE, "you")) == 1


async def test_what_a_dead_process_left_open_is_answered_at_the_start() -> None:
    console = Console()
    await console.inbox.receive(console.request("/stand T-02 agree", "left"))
    shown = await console.hold("/stand T-01 agree")
    assert "Left open before, and answered now. Ann: /stand T-02 agree" in shown
    assert shown.index("you agree with T-02") < shown.index("you agree with T-01")
    assert [p.claim_id for p in await console.store.position_history(WORKSPACE, "ann")] == ["T-02"]


async def test_an_event_that_was_answered_before_gets_the_same_reply() -> None:
    console = Console()
    await console.talk.answer("/stand T-01 agree", "event")
    first = console.out.getvalue()
    await console.talk.answer("/stand T-01 agree", "event")
    assert console.out.getvalue() == first + first
    assert len(await console.store.position_history(WORKSPACE, "you")) == 1


async def test_an_answer_that_another_process_writes_is_waited_for() -> None:
    console = Console()
    request = console.request("/stand T-01 agree", "event")
    await console.store.receive(request)
    assert await console.store.lease_this(request, "another process", console.clock.now(), 90)
    asking = asyncio.create_task(console.talk.answer("/stand T-01 agree", "event"))
    await asyncio.sleep(0.05)
    assert not asking.done()
    console.clock.advance(91)
    assert await console.other.work_one(WORKSPACE) is not None
    assert await asking is not None
    assert "Recorded: you agree with T-01" in console.out.getvalue()


class EndlessWriter:
    """Writes one sentence, and never the next."""

    def __init__(self) -> None:
        self.waits = asyncio.Event()

    async def write(self, assignment: Assignment) -> AsyncGenerator[WriterEvent]:
        yield Released("One sentence [T-01].")
        self.waits.set()
        await asyncio.Event().wait()
        yield Written("never", "outline")


async def test_ctrl_c_stops_a_reply_keeps_what_was_shown_and_leaves_nothing_open() -> None:
    writer = EndlessWriter()
    console = Console(writer=writer)
    before = signal.getsignal(signal.SIGINT)
    asking = asyncio.create_task(console.talk.answer("/steelman thesis", "event"))
    await writer.waits.wait()
    signal.raise_signal(signal.SIGINT)
    assert await asking is None
    assert signal.getsignal(signal.SIGINT) is before
    stored = await console.store.reply_to(WORKSPACE, "event")
    assert stored is not None
    assert (stored.command, stored.message.text) == ("stopped", "One sentence [T-01].")
    assert stored.message.title is not None
    assert "You stopped this reply; ask again for the whole of it." in console.out.getvalue()
    console.clock.advance(1000)
    assert await console.inbox.work_one(WORKSPACE) is None


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("plain words", True),
        ("/steelman plain words", True),
        ("/counter T-01", False),
        ("/stand T-01 agree", False),
        ("/crux map", False),
        ("/nonsense", False),
        ("", False),
    ],
)
def test_only_words_need_the_encoder(text: str, wants: bool) -> None:
    assert wants_reading(text) is wants
