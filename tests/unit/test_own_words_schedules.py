"""What is said of schedules, of held posts, and of a model that could not write: all of it translated.

`test_own_words` talks to the bot as a group does; here is every sentence of these modules, and that there is no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

import bot
from bot.core.assignments import Written
from bot.core.firings import FiringState
from bot.core.holding import Holding
from bot.core.kept import Endorsement
from bot.core.language import English, say, speaking
from bot.core.messages import Message, Paragraph
from bot.core.outbox import ORGANISERS, Guard, Post, PostState
from bot.core.prompts import Pace
from bot.core.schedule_parsing import SCHEDULE_VERBS
from bot.core.schedules import QuietDays, Schedule, ScheduleKind
from bot.core.timetable import TRIES, schedule_id
from bot.errors import (
    BadInput,
    BudgetSpent,
    OutcomeUnknown,
    Refused,
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
from bot.scheduling.zones import _MEANT
from bot.testing import ManualClock, MemoryStore
from bot.writing.grounding import UNCHECKED, why_of
from tests.unit.group import TEA, ScriptedWriter
from tests.unit.schedules import at, schedule
from tests.unit.stores import slow_store
from tests.unit.talking import Recording, Talk, left_over, prose, sentences

IN_RULES: Final = (
    *("INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYHOUR", "BYMINUTE", "BYSETPOS", "WKST", "UNTIL", "COUNT"),
    *(*WEEKDAYS, "BYEASTER"),
)
"""Parts of rules, which are the same in all languages, as are zones and their abbreviations."""
OF_PLACES: Final = ("CET", "EST", "/Indianapolis")
KNOWN: Final = (*IN_RULES, *OF_PLACES)
ROOT: Final = Path(bot.__file__).parent
SAYING: Final = (
    *(ROOT / "core" / f"{name}.py" for name in ("timetable_replies", "timetable", "schedule_parsing", "schedules")),
    *(ROOT / "scheduling").glob("*.py"),
    ROOT / "storage" / "endorsements.py",
    ROOT / "writing" / "grounding.py",
)


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
    assert left_over(*talk.told, others=KNOWN) == []


async def test_a_post_is_in_the_language_of_its_own_channel_whatever_was_sent_before() -> None:
    talk = Talk()
    debate = replace(talk.group.debate, translations=lambda code: talk.language if code == "de" else English())
    talk.group.debate = debate
    await talk.store.set_setting("w", "C2", "language", "en")
    platform = Platform([GONE, None, None, None])
    assert left_over(*await send(talk, platform, name="a"), others=KNOWN) == []
    (_, note) = await send(talk, platform, name="b", channel="C2", seconds=-1.0)
    assert note.text.split("\n")[1].endswith("held: its time was over before it could be sent.")
    assert left_over((await send(talk, platform, name="c", seconds=-1.0))[-1], others=KNOWN) == []
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
        assert left_over(in_words(of), *next_in_words(of, now), others=KNOWN) == []
    assert in_words(of) == english, "nothing is kept of a language"


# -- that this is all -------------------------------------------------------------------------------------------------


async def test_every_sentence_is_said_above() -> None:
    language = Recording()
    for scenario in SCENARIOS:
        await scenario(Talk(language))
    assert len(sentences(SAYING)) > 132
    assert sentences(SAYING) - language.asked == set()


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
        path.stem: prose(path) - READ_IN_ENGLISH - FOR_OPERATORS for path in SAYING if path.stem not in OF_OPERATORS
    }
    assert {module: texts for module, texts in found.items() if texts} == {}
