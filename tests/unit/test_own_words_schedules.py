"""What is said of schedules, of held posts, of a model that could not write, and by the terminal: all of it translated.

`test_own_words` talks to the bot as a group does; here is every sentence of these modules, and that there is no other.
"""

from __future__ import annotations

import ast
import asyncio
import io
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from os import terminal_size
from pathlib import Path
from typing import Final

import pytest
from babel.messages.extract import extract_from_file
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
from bot.core.firings import FiringState
from bot.core.help import HELP
from bot.core.holding import Holding
from bot.core.inbox import Inbox
from bot.core.kept import Endorsement
from bot.core.language import English, Language, say, speaking
from bot.core.messages import Message, Paragraph
from bot.core.outbox import ORGANISERS, Guard, Post, PostState
from bot.core.ports import Store, Writer
from bot.core.prompts import Pace
from bot.core.requests import Request
from bot.core.schedule_parsing import SCHEDULE_VERBS
from bot.core.schedules import QuietDays, Schedule, ScheduleKind
from bot.core.timetable import TRIES, schedule_id
from bot.errors import (
    BadInput,
    BudgetSpent,
    OutcomeUnknown,
    Refused,
    StorageBusy,
    Unreachable,
    WriterMisconfigured,
    WriterOverloaded,
    WriterUnavailable,
)
from bot.scheduling.reading import read
from bot.scheduling.rules import WEEKDAYS
from bot.scheduling.sender import LOOKED_FOR as LOOKED_FOR_IT
from bot.scheduling.sender import STOPPED, Sender, SendingRules
from bot.scheduling.wording import in_words, next_in_words, quiet_in_words
from bot.scheduling.words import PlainRecurrences
from bot.scheduling.zones import _MEANT
from bot.storage.failures import translated
from bot.testing import FixedCatalogue, ManualClock, MemoryStore
from bot.writing.grounding import UNCHECKED, why_of
from tests.pseudo import untranslated
from tests.unit.group import OTHER, TEA, ScriptedRetriever, ScriptedWriter
from tests.unit.schedules import at, schedule
from tests.unit.stores import slow_store
from tests.unit.test_own_words_questions import Recording, Talk, prose

IN_RULES: Final = (
    *("INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYHOUR", "BYMINUTE", "BYSETPOS", "WKST", "UNTIL", "COUNT"),
    *(*WEEKDAYS, "BYEASTER"),
)
"""Parts of rules, which are the same in all languages, as are zones and their abbreviations."""
OF_PLACES: Final = ("CET", "EST", "/Indianapolis")
ROOT: Final = Path(bot.__file__).parent
SAYING: Final = (
    *(ROOT / "core" / f"{name}.py" for name in ("timetable_replies", "timetable", "schedule_parsing", "schedules")),
    *(ROOT / "scheduling").glob("*.py"),
    *(path for path in (ROOT / "chat" / "console").glob("*.py") if path.stem not in ("completion", "demo")),
    *(ROOT / "storage" / f"{name}.py" for name in ("endorsements", "failures")),
    ROOT / "writing" / "grounding.py",
)
"""All but the completions and the demonstration, which stay English, as what they are about."""


def left_over(*said: Message | str, others: Iterable[str] = ()) -> list[str]:
    """What is not said in the language that is spoken, and what was left open in it."""
    messages = [each if isinstance(each, Message) else Message((Paragraph(each),)) for each in said]
    known = (*IN_RULES, *OF_PLACES, *others)
    english = [text for message in messages for text in untranslated(message, (TEA, OTHER), known)]
    return english + [message.text for message in messages if "{" in message.text]


# -- schedules --------------------------------------------------------------------------------------------------------

UNREADABLE: Final = """
nonsense
list all
pause
pause replies until monday
resume
quiet
run
remove nonsense
prompts
digest in Europe/Berlin
prompts weekdays 9:00 quiet
prompts weekdays 9:00 quiet in Europe/Berlin
pause prompts
pause prompts until
quiet prompts
remove prompts tomorrow
resume prompts now
run digest at 9:00
prompts whenever
prompts 9:00
prompts weekdays
prompts every other weekday 9:00
prompts every 0 days 9:00
prompts every 9999 weeks on monday 9:00
prompts daily 25:00
prompts daily 9:75
prompts daily 13pm
prompts daily 9:00 and 18:30
prompts mondays 0:00 0:01 1:00 1:01 2:00 2:01 3:00 3:01 4:00 4:01 5:00 5:01 6:00 6:01 7:00 7:01 8:00 8:01 9:00 9:01 \
10:00 10:01 11:00 11:01 12:00 12:01
prompts yearly on 30 february 9:00
prompts fri 9:00 until 30 february 2027
prompts fri 9:00 until 2025-01-01
prompts RRULE:FREQ=DAILY;BYHOUR=9 10:00
prompts RRULE:FREQ=DAILY;BYMINUTE=30 10:00
prompts RRULE:FREQ=HOURLY 10:00 11:00
prompts RRULE:FREQ=DAILY 10:00 please
prompts RRULE:FREQ=DAILY
prompts RRULE:
prompts RRULE:FREQ=DAILY;FREQ=DAILY 9:00
prompts RRULE:FREQ=MINUTELY 9:00
prompts RRULE:FREQ=NEVER 9:00
prompts RRULE:FREQ=DAILY;BYSECOND=3 9:00
prompts RRULE:FREQ=DAILY;BYEASTER=1 9:00
prompts RRULE:FREQ=DAILY;INTERVAL=x 9:00
prompts RRULE:FREQ=DAILY;WKST=XX 9:00
prompts RRULE:FREQ=MONTHLY;BYDAY=99MO 9:00
prompts RRULE:FREQ=MONTHLY;BYDAY=0MO 9:00
prompts RRULE:FREQ=MONTHLY;BYDAY=XX 9:00
prompts RRULE:FREQ=MONTHLY;BYDAY=9MO 9:00
prompts RRULE:FREQ=MONTHLY;BYDAY=1MO,TU 9:00
prompts RRULE:FREQ=WEEKLY;BYDAY=1MO 9:00
prompts RRULE:FREQ=WEEKLY;BYMONTHDAY=1 9:00
prompts RRULE:FREQ=MONTHLY;BYMONTHDAY=0 9:00
prompts RRULE:FREQ=MONTHLY;BYSETPOS=1 9:00
prompts RRULE:FREQ=DAILY;UNTIL=20270101;COUNT=2 9:00
prompts RRULE:FREQ=DAILY;UNTIL=2027 9:00
prompts RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=0,30
prompts RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30 9:00
prompts RRULE:FREQ=YEARLY;COUNT=1000 9:00
prompts RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30 9:00
prompts weekdays 9:00 in Berlin
prompts weekdays 9:00 in Indianapolis
prompts weekdays 9:00 in Nowhere
prompts weekdays 9:00 in UTC+2
prompts weekdays 9:00 in CET
prompts weekdays 9:00 in est
prompts weekdays 9:00 quiet often
prompts weekdays 9:00 quiet 1 january 2020
prompts weekdays 9:00 quiet 9 march 2026 to 2 march 2026
prompts weekdays 9:00 quiet 1 march 2026 to 1 march 2028
prompts weekdays 9:00 quiet 2 february 2399
prompts weekdays 9:00 quiet 31 april 2026
prompts weekdays 9:00 quiet mon-sun
prompts weekdays 9:00 quiet 1 march 2026 to 1 december 2026, 2 january 2027 to 1 august 2027
prompts sat 9:00 quiet sat
pause prompts until soon
pause prompts until 1 january 2026
pause prompts until 1 january 2030
""".strip().splitlines()
"""What follows `/crux schedule`."""


async def unreadable(talk: Talk) -> None:
    await talk.say("/crux schedule prompts weekdays 9:00", "olga")
    for text in UNREADABLE:
        await talk.refused(f"/crux schedule {text}", "olga")


async def for_organisers(talk: Talk) -> None:
    for text in ("prompts daily 9:00", *(f"{verb} prompts" for verb in ("resume", "remove", "run"))):
        await talk.refused(f"/crux schedule {text}", "ann")
    await talk.refused("/crux schedule pause prompts until friday", "ann")
    await talk.refused("/crux schedule quiet prompts sat", "ann")


WHENS: Final = """
weekdays 9:00
daily 9:00 and 18:00
every other day 9:00
every 3 days 9:00
mon, wed 9:00
every other monday 10:00
every other week on mon, fri 10:00
every 3 weeks on mon 10:00
monthly on the 1st, 2nd, 3rd, 4th, 11th, 21st, 22nd, 23rd, 24th and last day 9:00
every other month on the 31st 9:00
every 3 months on the 1st 9:00
first, second, third, fourth and last monday of the month 10:00
first monday and last friday of every 3 months 10:00
fifth friday of the month 10:00
yearly on 9 january 10:00
every other year on 29 february 10:00
every 3 years on 9 january 10:00
fri 16:00 until 5 march 2027
RRULE:FREQ=HOURLY;INTERVAL=3 9:00
RRULE:FREQ=DAILY;BYHOUR=9,10;BYMONTH=2
RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1 16:00
RRULE:FREQ=WEEKLY 9:00
RRULE:FREQ=MONTHLY;BYDAY=-2MO 9:00
""".strip().splitlines()


async def told(talk: Talk) -> None:
    """Schedules as they are set, changed and removed."""
    for kind in ScheduleKind:
        for text in WHENS:
            await talk.say(f"/crux schedule {kind} {text} in Europe/Berlin", "olga")
        for text in ("quiet KIND sat, 24 december to 2 january, 6 january", "pause KIND until friday", "resume KIND"):
            await talk.say(f"/crux schedule {text}".replace("KIND", kind), "olga")
        await talk.say(f"/crux schedule {kind} daily 10:00 until 6 january 2026 quiet none", "olga")
        talk.group.clock.advance(timedelta(days=7).total_seconds())
        await talk.say(f"/crux schedule resume {kind}", "olga")
        assert await talk.store.schedule("w", schedule_id("general", kind)) is not None
        await talk.say(f"/crux schedule remove {kind}", "olga")
        await talk.refused(f"/crux schedule remove {kind}", "olga")
        talk.group.clock.advance(-timedelta(days=7).total_seconds())


async def listed(talk: Talk) -> None:
    await talk.say("/crux schedule")
    for channel in ("general", "C1"):
        await talk.say("/crux schedule prompts weekdays 9:00 quiet fri", "olga", channel)
        await talk.say("/crux schedule digest weekdays 9:00", "olga", channel)
    await talk.say("/crux schedule pause prompts until friday", "olga")
    await talk.store.set_pace("w", "general", TEA.id, Pace.SLOWER)
    await talk.say("/crux schedule")
    await talk.say("/crux schedule digest daily 10:00 until 6 january 2026", "olga")
    talk.group.clock.advance(timedelta(days=7).total_seconds())
    await talk.say("/crux schedule")
    for more in (27, 28):
        for number in range(more):
            await talk.say("/crux schedule prompts daily 10:00", "olga", f"C{number + 2}")
        await talk.say("/crux schedule")
        assert [str(more - 26) in note for note in talk.told[-1].notes] == [True]


async def run(talk: Talk) -> None:
    """Schedules that are run now, and what keeps them from it."""
    for kind in ScheduleKind:
        await talk.say(f"/crux schedule {kind} weekdays 9:00", "olga")
        for state in (FiringState.DONE, FiringState.FAILED):
            await talk.say(f"/crux schedule run {kind}", "olga")
            await talk.say(f"/crux schedule run {kind}", "olga")
            firing = await talk.store.lease_firing("one", talk.group.clock.now(), 60)
            assert firing is not None
            if state is FiringState.DONE:
                assert await talk.store.finish_firing(firing, "one", [], talk.group.clock.now())
            else:
                assert await talk.store.leave_firing(firing, "one", state, "", talk.group.clock.now())
            await talk.say(f"/crux schedule run {kind}", "olga")
            talk.group.clock.advance(120)


async def overtaken(talk: Talk) -> None:
    """What a try before, or somebody else, did already."""
    for kind in ScheduleKind:
        await talk.say(f"/crux schedule {kind} weekdays 9:00", "olga")
        await talk.group.dies(f"/crux schedule run {kind}", "olga")
        talk.group.clock.advance(1)
        await talk.say(f"/crux schedule quiet {kind} fri", "otto")
        talk.hear(await talk.group.retried())
        await talk.again(f"/crux schedule remove {kind}", "olga", "/crux schedule")
    talk.start(slow_store())
    await talk.say("/crux schedule prompts weekdays 9:00", "olga")
    tries = 0

    async def beaten(was: Schedule | None, made: Schedule, when: object) -> bool:
        nonlocal tries
        tries += 1
        return False

    object.__setattr__(talk.store, "change_schedule", beaten)
    await talk.refused("/crux schedule quiet prompts fri", "olga")
    assert tries == TRIES


async def in_the_calendar(talk: Talk) -> None:
    """What is refused of schedules that no command makes."""
    with speaking(talk.language):
        talk.hear(refusal_of(lambda: QuietDays(frozenset(range(7)))))
        days = [at("UTC", 2026, 1, 1).date() + timedelta(days=n) for n in range(367)]
        talk.hear(refusal_of(lambda: QuietDays(frozenset(), frozenset(days))))
        whole = schedule("FREQ=DAILY", at("UTC", 2026, 1, 1).replace(tzinfo=None))
        talk.hear(refusal_of(lambda: replace(whole, zone="Atlantis")))
        talk.hear(Message((Paragraph(quiet_in_words(QuietDays())),)))


def refusal_of(make: Callable[[], object]) -> Message:
    with pytest.raises(BadInput) as caught:
        make()
    return Message((Paragraph(caught.value.message),))


# -- posts that are held ----------------------------------------------------------------------------------------------


@dataclass
class Platform:
    """A platform of which each post meets what is next in `faults`, and that shows organisers' notes."""

    faults: list[Exception | None] = field(default_factory=list)
    guarding: Guard = field(default_factory=Guard)
    found: list[Exception] = field(default_factory=list)
    notes: list[Message] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)

    def guard(self, post: Post) -> Guard:
        return self.guarding

    async def send(self, post: Post) -> str:
        if post.kind == ORGANISERS:
            self.notes.append(post.message)
            return post.id
        self.spoken.append(say("Sources"))
        if self.faults and (fault := self.faults.pop(0)) is not None:
            raise fault
        return post.id

    async def find(self, post: Post) -> str | None:
        if self.found:
            raise self.found.pop(0)
        return None


def a_post(clock: ManualClock, name: str = "x", channel: str = "general", seconds: float | None = None) -> Post:
    until = None if seconds is None else clock.now() + timedelta(seconds=seconds)
    return Post("w", name, channel, "digest", Message((Paragraph("Κείμενο."),)), clock.now(), until=until)


GONE: Final = Refused("Το κανάλι έκλεισε.")
AWAY: Final = Unreachable("Η πλατφόρμα λείπει.")
IN_DOUBT: Final = OutcomeUnknown("Η πλατφόρμα σιωπά.")
LOOKED_FOR: Final = Guard(shows_within=90)


async def send(
    talk: Talk,
    platform: Platform,
    *,
    tries: int = 3,
    seconds: float | None = None,
    after: float = 0.0,
    name: str = "x",
    channel: str = "general",
) -> list[Message]:
    """Try to send one post until it is held; what organisers are told then."""
    languages, clock, store = talk.group.debate.languages, talk.group.clock, talk.store
    await store.enqueue([a_post(clock, name, channel, seconds)])
    clock.advance(after)
    tell = Holding(store, clock, languages).tell
    rules = SendingRules(most_tries=tries, first_wait=1, longest_wait=1)
    sender = Sender(store, platform, clock, "a", rules=rules, tell=tell, languages=languages)
    for _ in range(300):
        await sender.work_one()
        clock.advance(1)
    talk.hear(*platform.notes)
    return platform.notes


async def held(talk: Talk) -> None:
    """Each reason for which a post is held."""
    for name, (platform, tries, seconds) in enumerate(
        (
            (Platform([GONE]), 3, None),
            (Platform([AWAY]), 1, None),
            (Platform([AWAY, AWAY, AWAY]), 3, None),
            (Platform([IN_DOUBT]), 3, None),
            (Platform([TimeoutError()] * 2, LOOKED_FOR), 2, None),
            (Platform([IN_DOUBT, GONE], LOOKED_FOR), 3, None),
            (Platform([IN_DOUBT], LOOKED_FOR, [AWAY, AWAY]), 2, None),
            (Platform([IN_DOUBT], Guard(nonce_seconds=120), [AWAY]), 1, None),
            (Platform(), 3, -1.0),
            (Platform([IN_DOUBT], LOOKED_FOR), 3, 0.5),
        )
    ):
        notes = await send(talk, platform, tries=tries, seconds=seconds, name=f"x{name}")
        assert len(notes) == 1, name


async def held_by_leases(talk: Talk) -> None:
    """A post whose senders die with it."""
    clock, store = talk.group.clock, talk.store
    await store.enqueue([a_post(clock)])
    for _ in range(2):
        assert await store.lease_post("dead", clock.now(), 60, 1.0) is not None
        clock.advance(61)
    languages = talk.group.debate.languages
    platform = Platform()
    tell = Holding(store, clock, languages).tell
    sender = Sender(store, platform, clock, "a", rules=SendingRules(most_tries=2), tell=tell, languages=languages)
    for _ in range(10):
        await sender.work_one()
        clock.advance(5)
    assert len(platform.notes) == 1
    talk.hear(*platform.notes)


async def held_after_a_slow_sender(talk: Talk) -> None:
    """A sender that was stopped since it took its post up does not send it."""
    clock, store, languages = talk.group.clock, talk.store, talk.group.debate.languages
    await store.enqueue([a_post(clock)])
    platform = Platform()
    rules = SendingRules(most_tries=1)
    tell = Holding(store, clock, languages).tell
    sender = Sender(store, platform, clock, "a", rules=rules, tell=tell, languages=languages)
    taken = await sender.take()
    assert taken is not None
    await sender.work(replace(taken, deadline=asyncio.get_running_loop().time() - 1))
    clock.advance(5)
    assert await sender.work_one()
    talk.hear(*platform.notes)


# -- what a model could not write -------------------------------------------------------------------------------------

FAILED: Final = (BudgetSpent(), WriterOverloaded(), WriterMisconfigured(), WriterUnavailable())


async def unwritten(talk: Talk) -> None:
    for why in (UNCHECKED, *(why_of(error) for error in FAILED)):
        talk.group.use(ScriptedWriter([Written("Ζεστό τσάι [T-01].", "outline", why_outline=why)]))
        await talk.say("/steelman T-01")
        assert len(talk.told[-1].notes) > 1


async def unsigned(talk: Talk) -> None:
    with speaking(talk.language), pytest.raises(BadInput) as caught:
        await talk.store.endorse("w", "gone", "ann", Endorsement.SIGNED, talk.group.clock.now())
    talk.hear(Message((Paragraph(caught.value.message),)))


SCENARIOS: Final[tuple[Callable[[Talk], Awaitable[None]], ...]] = (
    *(unreadable, for_organisers, told, listed, run, overtaken, in_the_calendar),
    *(held, held_by_leases, held_after_a_slow_sender),
    *(unwritten, unsigned),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_all_that_is_said_is_in_the_language_of_its_channel(scenario: Callable[[Talk], Awaitable[None]]) -> None:
    talk = Talk()
    await scenario(talk)
    assert talk.told
    assert left_over(*talk.told) == []


async def test_a_post_is_in_the_language_of_its_own_channel_whatever_was_sent_before() -> None:
    talk = Talk()
    debate = replace(talk.group.debate, translations=lambda code: talk.language if code == "de" else English())
    talk.group.debate = debate
    await talk.store.set_setting("w", "C2", "language", "en")
    platform = Platform([GONE, None, None, None])
    assert left_over(*await send(talk, platform, name="a")) == []
    (_, note) = await send(talk, platform, name="b", channel="C2", seconds=-1.0)
    assert note.text.split("\n")[1].endswith("held: its time was over before it could be sent.")
    assert left_over((await send(talk, platform, name="c", seconds=-1.0))[-1]) == []
    assert platform.spoken == ["ξξξξξξξ"]


async def test_a_sender_that_is_stopped_before_it_speaks_leaves_no_doubt() -> None:
    """So that the post is not held for nothing."""
    talk = Talk()
    clock, store = talk.group.clock, talk.store
    await store.enqueue([a_post(clock)])
    asked = asyncio.Event()

    class Waiting(MemoryStore):
        async def settings(self, workspace: str, channel: str | None = None) -> dict[str, str]:
            asked.set()
            await asyncio.Event().wait()
            return {}

    languages = replace(talk.group.debate.languages, rulebook=Waiting())
    sender = Sender(store, Platform(), clock, "a", languages=languages)
    working = asyncio.create_task(sender.work_one())
    await asked.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    entry = await store.outbox_entry("w", "x")
    assert entry is not None
    assert (entry.state, entry.tries, entry.unknown_since, entry.free_at) == (PostState.PENDING, 0, None, clock.now())


@pytest.mark.parametrize("text", [text for text in WHENS if not text.startswith("RRULE")])
def test_when_a_schedule_posts_is_said_in_the_language_and_read_in_english(text: str) -> None:
    now = at("Europe/Berlin", 2026, 1, 7, 11, 15)
    recurrence = read(text, "Europe/Berlin", now)
    of = schedule(recurrence.rule, recurrence.anchor, "Europe/Berlin")
    english = in_words(of)
    assert read(english.removesuffix(", Europe/Berlin"), "Europe/Berlin", now) == recurrence
    with speaking(Recording()):
        assert left_over(in_words(of), *next_in_words(of, now)) == []
    assert in_words(of) == english, "nothing is kept of a language"


# -- the terminal -----------------------------------------------------------------------------------------------------

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


def sentences() -> set[tuple[str | None, str]]:
    """What the modules have to say, as translators find it; of two plural forms the first."""
    keywords = {"say": None, "say_as": ((1, "c"), 2), "plural": (1, 2), "mark": None}
    found = set()
    for path in SAYING:
        for _, message, _, context in extract_from_file("python", path, keywords=keywords):
            found.add((context, message if isinstance(message, str) else message[0]))
    return found


async def test_every_sentence_is_said_above() -> None:
    language = Recording()
    for scenario in SCENARIOS:
        await scenario(Talk(language))
    for each in TERMINALS:
        await each(language)
    await not_text(language)
    assert len(sentences()) > 150
    assert sentences() - language.asked == set()


READ_IN_ENGLISH: Final = frozenset(
    (
        *SCHEDULE_VERBS.values(),  # of completions
        *("prompts until 1 september", "prompts sat, sun", "no days", "where there is one"),
        *(words for words in _MEANT.values() if " " in words),
    )
)
"""What members type, or may."""
FOR_OPERATORS: Final = frozenset(
    (
        *(STOPPED, LOOKED_FOR_IT, "sent, and not noted: workspace=%s post=%s"),
        "A schedule keeps its rule as `settled` makes it: without COUNT, and with UNTIL on its own clock.",
    )
)
OF_OPERATORS: Final = ("calendar", "firing", "failures", "grounding")
"""Modules whose other words are for the log, or for a model."""


def test_no_sentence_is_said_untranslated() -> None:
    found = {
        path.stem: set(prose(ast.parse(path.read_text(encoding="utf-8")))) - READ_IN_ENGLISH - FOR_OPERATORS
        for path in SAYING
        if path.stem not in OF_OPERATORS
    }
    assert {module: texts for module, texts in found.items() if texts} == {}
