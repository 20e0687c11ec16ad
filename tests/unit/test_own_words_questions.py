"""What is said of proposals, amendments, prompts, the queue and held posts, in the language that is spoken: all of it.

`test_own_words` talks to the bot as a group does; here is every sentence of these modules, and that there is no other.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Final

import pytest

import bot.core
from bot.core import prompt_replies, proposal_replies
from bot.core.agenda import Weighed
from bot.core.amendments import NewArgument, NewTopic, Words
from bot.core.arguments import Certainty, Relation, RelationKind
from bot.core.composing import DebateComposer
from bot.core.firings import Firing
from bot.core.holding import Holding, note_on
from bot.core.language import speaking
from bot.core.messages import Message, Paragraph
from bot.core.outbox import ANSWER, ORGANISERS, Guard, Post, PostState
from bot.core.prompt_replies import Coming
from bot.core.proposals import LONGEST_CLAIM, LONGEST_TEXT, LONGEST_TITLE, MOST_OPEN, Proposal, ProposalState
from bot.core.reading import Leaning, Verdict
from bot.core.schedules import ScheduleKind
from bot.errors import Refused
from bot.scheduling.sender import Sender
from bot.testing import FixedCatalogue
from tests.unit.group import OTHER, TEA
from tests.unit.maps import argument, build
from tests.unit.stores import meanwhile, slow_store
from tests.unit.talking import Recording, Talk, left_over, prose, sentences

MODULES: Final = (
    *("proposal_replies", "proposals", "proposing", "amending", "amendments", "deciding"),
    *("prompt_replies", "prompting", "prompts", "queueing", "agenda", "holding", "composing", "outbox"),
)
FILES: Final = tuple(Path(bot.core.__file__).with_name(f"{module}.py") for module in MODULES)
HOUR: Final = 3600.0

# What members write has no Latin letters, so that none of it is taken for the bot's words.
CLAIM: Final = "Το κρύο τσάι δεν αξίζει τα φύλλα του"
DENIED: Final = "Το κρύο τσάι αξίζει όσο και το ζεστό"
CASE: Final = "Το είδαμε όλοι μας."
WHY: Final = "διότι το είπαμε ήδη"
ARGUED: Final = f"{CLAIM}. {CASE} Contrary: {DENIED}."
NEW: Final = "Το ζεστό τσάι βοηθά τη συζήτηση"
NEWER: Final = "Το ζεστό τσάι βοηθά τη σκέψη"
TOPIC: Final = f"Να πίνουμε κρύο τσάι; Title: Κρύο τσάι. Thesis: {CLAIM}. Contrary: {DENIED}."
KNOT: Final = build(
    [argument("T-01"), argument("T-02")],
    [
        Relation(RelationKind.SUPPORTS, "T-01", "T-00"),
        Relation(RelationKind.SUPPORTS, "T-02", "T-01"),
        Relation(RelationKind.SUPPORTS, "T-02", "T-00"),
    ],
)
"""T-02 is a reason for two claims."""


# -- proposals --------------------------------------------------------------------------------------------------------


async def unreadable(talk: Talk) -> None:
    """Words that are no argument or topic."""
    for text in (
        f"{CLAIM}. Thesis: {CLAIM}.",
        f"{CLAIM}. Title: {CLAIM}.",
        f"{CLAIM}. Contrary: {DENIED}. Contrary: {DENIED}.",
        f"{CLAIM}. Contrary: {CLAIM}.",
        f"{CLAIM}. Contrary: .",
        f"{CLAIM}. Contrary: ναι.",
        f"{CLAIM}. Contrary: {'ω' * (LONGEST_CLAIM + 1)}",
        f"{CLAIM}. {'Ω' * (LONGEST_TEXT + 1)}",
        "ω" * (LONGEST_CLAIM + 1),
        " . ",
        f"Contrary: {DENIED}.",
        "ναι",
        *(f"{CLAIM} {mark}." for mark in "[]<>*|"),
    ):
        await talk.refused(f"/crux argue T-00 for {text}")
    for text in (
        "Να πίνουμε;",
        f"Thesis: {CLAIM}.",
        f"{'ω' * (LONGEST_CLAIM + 1)}? Thesis: {CLAIM}.",
        f"Να πίνουμε? Title: {'ω' * (LONGEST_TITLE + 1)}. Thesis: {CLAIM}.",
        "Να πίνουμε? Thesis: ναι.",
        f"Να <πίνουμε>? Thesis: {CLAIM}.",
    ):
        await talk.refused(f"/crux topic new {text}")
    await talk.refused(f"/crux argue T-00 for {CLAIM}. Contrary: .")


async def proposed(talk: Talk) -> None:
    """From authors to the organisers, of every kind."""
    await talk.say("/crux proposals")
    await talk.say("/crux proposals", "olga")
    await talk.say(f"/crux argue T-00 for {ARGUED}")
    await talk.say(f"/crux argue T-01 against {NEW}. Contrary: {DENIED}. (tentative)")
    await talk.say(f"/crux argue T-02 undercut {NEWER}. Contrary: {DENIED}. (speculative)")
    await talk.say(f"/crux topic new {TOPIC}", "ben")
    talk.group.retriever.learn("small", CLAIM, Verdict.UNSURE, ("T-03", Leaning.AFFIRMS))
    for member in ("ann", "ben", "olga"):
        listed = await talk.say("/crux proposals", member)
        for number in range(1, 5):
            await talk.press(listed, f"proposal:{number}", member)
    for number in range(1, 4):
        await talk.say(f"/crux approve {number}", "olga")
    new = await talk.say("/crux approve 4", "olga")
    assert {button.action.partition(":")[0] for button in new.buttons} == {"topic", "stand"}
    await talk.say(f"/crux argue T-00 for {NEW}. Contrary: {DENIED}.")
    await talk.say(f"/crux approve 5 {NEWER}. {CASE} Contrary: {DENIED}.", "olga")
    for member in ("ann", "ben", "olga"):
        await talk.say("/crux proposals", member)
    for number in range(1, 6):
        await talk.say(f"/crux proposals {number}", "ben" if number == 4 else "ann")


async def decided(talk: Talk) -> None:
    """What is decided is not decided again, nor by others than organisers."""
    await talk.say(f"/crux argue T-00 for {ARGUED}")
    for verb in ("approve 1", f"decline 1 because {WHY}", "approve 9"):
        await talk.refused(f"/crux {verb}", "ben")
    for verb in ("approve 9", f"decline 9 because {WHY}", "withdraw 9", "proposals 9"):
        await talk.refused(f"/crux {verb}", "olga")
    await talk.refused("/crux withdraw 1", "ben")
    await talk.say("/crux proposals 1", "ben")
    whole = await talk.say("/crux proposals 1", "olga")
    await talk.press(whole, "decline:", "olga")
    await talk.say(f"/crux decline 1 because {WHY}", "olga")
    for number, first in enumerate(("approve {}", f"decline {{}} because {WHY}", "withdraw {}"), 2):
        await talk.say(f"/crux argue T-00 for {ARGUED}", "olga")
        await talk.say(f"/crux {first.format(number)}", "olga")
        for then in (f"approve {number}", f"decline {number} because {WHY}"):
            await talk.refused(f"/crux {then}", "otto")
        await talk.say(f"/crux withdraw {number}", "olga")
        await talk.say(f"/press submit:{number}", "olga")
        await talk.say(f"/crux proposals {number}", "olga")
    await talk.say("/crux proposals", "olga")
    for _ in range(2):
        await talk.say(f"/crux topic new {TOPIC}")
    await talk.say("/crux approve 5", "olga")
    await talk.refused("/crux approve 6", "olga")
    talk.start()
    await talk.say(f"/crux argue T-00 for {ARGUED}")
    await talk.group.dies("/crux approve 1", "olga")
    await talk.say(f"/crux retire T-501 because {WHY}", "otto")
    talk.hear(await talk.group.retried())


async def overtaken_decision(talk: Talk) -> None:
    await talk.say(f"/crux argue T-00 for {ARGUED}")

    async def never(*_: object) -> bool:
        return False

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(talk.store, "settle", never)
        await talk.refused("/crux approve 1", "olga")


async def drafts(talk: Talk) -> None:
    """What is near is shown first."""
    talk.group.retriever.learn("small", CLAIM, Verdict.SURE, ("T-01", Leaning.AFFIRMS))
    for _ in range(2):
        shown = await talk.say(f"/crux argue T-00 for {ARGUED}")
    await talk.say("/crux proposals")
    await talk.say("/crux proposals 1")
    await talk.refused("/crux approve 1", "olga")
    await talk.refused("/press submit:1", "ben")
    await talk.press(shown, "drop:")
    await talk.press(shown, "submit:")
    await talk.say("/press submit:1")
    talk.group.retriever.learn("small", NEW, Verdict.SURE, ("T-03", Leaning.DENIES))
    await talk.say(f"/crux argue T-00 for {NEW}. Contrary: {DENIED}.")
    talk.group.retriever.learn("small-proposals", NEWER, Verdict.SURE, ("T-01", Leaning.AFFIRMS))
    near = await talk.say(f"/crux argue T-00 for {NEWER}. Contrary: {DENIED}.")
    assert near.buttons
    talk.group.retriever.learn("other", CLAIM, Verdict.SURE, ("O-00", Leaning.DENIES))
    await talk.say(f"/crux topic new {TOPIC}")


async def too_many_proposals(talk: Talk) -> None:
    for number in range(MOST_OPEN):
        await talk.group.say(f"/crux argue T-00 for {CLAIM} {number}. Contrary: {DENIED}.")
        if number in (10, 11):
            await talk.say("/crux proposals", "olga")
    await talk.say("/crux proposals")
    await talk.refused(f"/crux argue T-00 for {ARGUED}")


async def steps(talk: Talk) -> None:
    """What can't be argued, since there is nothing to bear on."""
    for way in ("T-05 for", "T-03 undercut T-00", "T-03 undercut O-00", "T-00 undercut"):
        await talk.refused(f"/crux argue {way} {ARGUED}")
    talk.group.debate = replace(talk.group.debate, catalogue=FixedCatalogue((KNOT,)))
    await talk.refused(f"/crux argue T-02 undercut {ARGUED}")
    await talk.say(f"/crux argue T-02 undercut T-01 {ARGUED}")


async def every_outcome(talk: Talk) -> None:
    """All that a proposal can be, to all who may look."""
    now = talk.group.clock.now()
    edits: tuple[NewArgument | NewTopic, ...] = (
        *(NewArgument(WORDS, kind, "T-03", "T-02", certainty) for kind, certainty in product(BEARINGS, Certainty)),
        NewArgument(WORDS, RelationKind.SUPPORTS, "T-99"),
        NewTopic("Τσάι", "Να πίνουμε τσάι;", "TQ", WORDS),
    )
    with speaking(talk.language):
        for edit, state, reason, organiser in product(edits, ProposalState, (None, WHY), (False, True)):
            proposal = Proposal("w", 7, "ann", TEA.id, edit, state, now, "e", now, "r", reason, "T-501")
            talk.hear(
                proposal_replies.whole(proposal, (TEA,), TEA["T-01"], organiser=organiser),
                proposal_replies.whole(proposal, (TEA,), None, organiser=organiser),
                proposal_replies.listed([proposal], [], (TEA,), organiser=organiser),
                proposal_replies.listed([proposal], [proposal], (TEA,), organiser=organiser),
                proposal_replies.proposed(proposal, (TEA,)),
                proposal_replies.withdrawn(proposal),
                Message((Paragraph(proposal_replies.outcome(proposal)),)),
            )
        for kind in BEARINGS:
            talk.hear(proposal_replies.argument_added(TEA, TEA["T-01"], kind, "T-00"))


WORDS: Final = Words(CLAIM, DENIED, CASE)
BEARINGS: Final = (RelationKind.SUPPORTS, RelationKind.REBUTS, RelationKind.UNDERCUTS)


# -- amendments -------------------------------------------------------------------------------------------------------


async def amended(talk: Talk) -> None:
    for text in (f"reword T-01 {NEW}", f"retire T-01 because {WHY}", "restore T-01"):
        await talk.refused(f"/crux {text}", "ann")
    await talk.say(f"/crux reword T-01 {NEW}", "olga")
    await talk.refused(f"/crux reword T-01 {NEW}", "olga")
    await talk.refused("/crux reword T-01 Claim T-01 fails in most of the cases", "olga")
    await talk.refused(f"/crux retire thesis because {WHY}", "olga")
    await talk.refused("/crux restore T-01", "olga")
    await talk.say(f"/crux retire T-02 because {WHY}", "olga")
    for text in ("/crux map T-02", "/crux map T-03", "/steelman T-02", "/stand T-02 agree"):
        await talk.say(text)
    await talk.refused("/crux restore T-03", "olga")
    await talk.say("/crux restore T-02", "olga")
    await talk.say(f"/crux retire T-04 because {WHY}", "olga")


async def amended_again(talk: Talk) -> None:
    """After a crash, and with others at it."""
    await talk.again(f"/crux reword T-01 {NEW}", "olga", f"/crux reword T-01 {NEWER}")
    for step, skip in (("revision", 2), ("amend", 0)):
        talk.start(slow_store())
        meanwhile(talk.store, step, partial(talk.group.say, f"/crux reword T-01 {NEWER}", "otto"), skip)
        await talk.refused(f"/crux reword T-01 {NEW}", "olga")


# -- prompts ----------------------------------------------------------------------------------------------------------


async def asked(talk: Talk) -> None:
    """A prompt, from its post to what changed."""
    for text in ("/crux prompt", "/crux prompt close", "/crux queue first T-01", "/crux queue skip T-01"):
        await talk.refused(text, "ann")
    await talk.refused("/crux prompt close", "olga")
    for member in ("ann", "ben", "cyd"):
        await talk.say("/stand T-01 agree", member)
    prompt = await talk.say("/crux prompt T-01", "olga")
    await talk.refused("/crux prompt T-02", "olga")
    await talk.refused("/crux prompt T-01", "olga", "other")
    await talk.refused("/crux prompt close T-02", "olga")
    await talk.refused("/crux queue add T-01")
    for button in prompt.buttons:
        await talk.press(prompt, button.action, "dan")
    first = await talk.press(prompt, "crux:", "eve")
    await talk.press(first, "answer:", "eve")
    for member in ("ann", "ben", "cyd"):
        await talk.press(prompt, "answer:" + prompt.buttons[1].action.partition(":")[2], member)
    talk.group.clock.advance(48 * HOUR)
    await talk.press(prompt, "answer:", "fay")
    await talk.refused("/crux prompt T-02", "olga")
    closed = await talk.say("/crux prompt close", "olga")
    assert len(closed.text.splitlines()) == 4, "with what it was before"
    await talk.refused("/crux prompt T-01", "olga")
    await talk.refused("/crux queue add T-01")
    await talk.say("/crux prompt T-02", "olga")
    assert len((await talk.say("/crux prompt close", "olga")).text.splitlines()) == 3
    for action in ("answer:nowhere:agree", "crux:nowhere", "pace:nowhere:slower"):
        await talk.refused(f"/press {action}", "olga")
    await talk.say("/crux queue", "olga")
    for _ in range(4):
        await talk.say("/crux prompt", "olga")
        await talk.say("/crux prompt close", "olga")
    await talk.refused("/crux prompt", "olga")
    await talk.say("/crux queue")


async def changed_meanwhile(talk: Talk) -> None:
    """A claim is reworded or retired while it is asked."""
    prompt = await talk.say("/crux prompt T-01", "olga")
    await talk.say(f"/crux reword T-01 {NEW}", "olga")
    reworded = await talk.press(prompt, "answer:")
    await talk.press(reworded, "stand:")
    await talk.press(prompt, "crux:")
    await talk.posted()
    await talk.say("/crux prompt T-02", "olga")
    await talk.say(f"/crux retire T-02 because {WHY}", "olga")
    await talk.posted()
    assert len([message for message in talk.told if message.title is None]) > 4
    await talk.say("/crux prompt T-04", "olga")
    talk.group.debate = replace(talk.group.debate, catalogue=FixedCatalogue((OTHER,)))
    await talk.posted()


async def silence(talk: Talk) -> None:
    """Nobody answers, and organisers are asked."""
    for claim in ("T-01", "T-02"):
        await talk.say(f"/crux prompt {claim}", "olga")
        talk.group.clock.advance(48 * HOUR)
        await talk.posted()
    question = talk.told[-1]
    await talk.refused("/press " + question.buttons[0].action, "ann")
    for button in question.buttons:
        await talk.press(question, button.action, "olga")


async def outrun(talk: Talk) -> None:
    """Others ask and end at the same moment."""

    async def never(*_: object) -> None:
        pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(talk.store, "open_prompt", never)
        await talk.refused("/crux prompt T-01", "olga")
    talk.start(slow_store())
    await talk.say("/crux prompt T-01", "olga")
    meanwhile(talk.store, "close_prompt", lambda: talk.group.say("/crux prompt close", "otto"))
    await talk.refused("/crux prompt close", "olga")


async def queued(talk: Talk) -> None:
    """The queue, and why each claim is in it."""
    for claim in ("T-01", "T-02", "T-03"):
        await talk.say(f"/crux queue add {claim}")
    await talk.refused("/crux queue add T-04")
    await talk.refused("/crux queue add T-03", "ben")
    await talk.say("/crux queue add T-04", "ben")
    await talk.say("/crux queue")
    await talk.say("/crux queue skip T-03")
    await talk.refused("/crux queue skip T-04")
    await talk.say("/crux queue first T-03", "olga")
    await talk.say("/crux queue skip T-05", "olga")
    await talk.refused("/crux queue add T-05", "ben")
    with speaking(talk.language):
        for place in (1, 2, 3):
            talk.hear(prompt_replies.queued(TEA["T-01"], place))
        ways = product((0.0, 0.5), (0.0, 0.9), (False, True), (None, talk.group.clock.now()))
        weighed = [Weighed("T-01", unsettled, hangs, 1.0, at, new) for unsettled, hangs, new, at in ways]
        every = [Coming(each, queued, own) for each, queued, own in product(weighed, (False, True), (False, True))]
        for coming, organiser in product(every, (False, True)):
            talk.hear(prompt_replies.queue(TEA, [coming], organiser=organiser))


# -- posts ------------------------------------------------------------------------------------------------------------


class Away:
    """A platform that takes notes to organisers, and nothing else."""

    def guard(self, post: Post) -> Guard:
        return Guard()

    async def send(self, post: Post) -> str:
        if post.kind != ORGANISERS:
            raise Refused("Το κανάλι έκλεισε.")
        return post.id

    async def find(self, post: Post) -> str | None:
        return None


async def held(talk: Talk) -> None:
    """Posts that can't be sent, and what organisers are told and decide."""
    languages = talk.group.debate.languages
    post = Post("w", "x", "general", "digest", Message((Paragraph(CASE),), title=CLAIM), talk.group.clock.now())
    await talk.store.enqueue([post])
    tell = Holding(talk.store, talk.group.clock, languages).tell
    sender = Sender(talk.store, Away(), talk.group.clock, "a", tell=tell)
    assert await sender.work_one()
    (entry,) = await talk.store.outbox([PostState.PENDING], "w")
    note = entry.post.message
    talk.hear(note)
    await talk.refused("/press " + note.buttons[0].action, "ann")
    await talk.press(note, "post:x:send", "olga")
    await talk.refused("/press " + note.buttons[0].action, "olga")
    talk.group.clock.advance(5)
    while await sender.work_one():
        talk.group.clock.advance(5)
    await talk.press(note, "post:x:drop", "olga")
    await talk.refused("/press post:nowhere:send", "olga")
    with speaking(talk.language):
        for kind in ("prompt", "digest", "note", ANSWER):
            for message in (post.message, Message((Paragraph(CASE),)), Message((Paragraph("ω" * 200),))):
                talk.hear(note_on(replace(post, kind=kind, message=message), "Το κανάλι έκλεισε"))


async def scheduled(talk: Talk) -> None:
    """What comes by itself."""
    await talk.say("/crux schedule prompts daily 10:00", "olga")
    await talk.say("/crux schedule digest daily 10:00", "olga")
    composer = DebateComposer(talk.group.debate)
    for member in ("ann", "ben", "cyd"):
        await talk.say("/stand T-00 agree", member)
    for schedule in await talk.store.schedules("w"):
        firing = Firing("w", schedule.id, schedule.kind, talk.group.clock.now())
        composed = await composer.compose(firing)
        assert len(composed) == 1
        talk.hear(*(each.message for each in composed))


SCENARIOS: Final[tuple[Callable[[Talk], Awaitable[None]], ...]] = (
    *(unreadable, proposed, decided, overtaken_decision, drafts, too_many_proposals, steps, every_outcome),
    *(amended, amended_again),
    *(asked, changed_meanwhile, silence, outrun, queued),
    *(held, scheduled),
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_all_that_is_said_is_in_the_language_of_its_channel(scenario: Callable[[Talk], Awaitable[None]]) -> None:
    talk = Talk()
    await scenario(talk)
    assert talk.told
    assert left_over(*talk.told) == []


# -- that this is all -------------------------------------------------------------------------------------------------


async def test_every_sentence_is_said_above() -> None:
    language = Recording()
    for scenario in SCENARIOS:
        await scenario(Talk(language))
    assert len(sentences(FILES)) > 100
    assert sentences(FILES) - language.asked == set()


_OF_THE_MAP: Final = {"It is false that “", "This group"}
"""In the language that maps are written in."""


def test_no_sentence_is_said_untranslated() -> None:
    found = {path.stem: prose(path) - _OF_THE_MAP for path in FILES}
    assert {module: texts for module, texts in found.items() if texts} == {}


# -- what stays -------------------------------------------------------------------------------------------------------


async def test_the_log_stays_english(caplog: pytest.LogCaptureFixture) -> None:
    talk = Talk()
    await talk.say("/crux prompt T-01", "olga")
    await talk.say("/crux schedule prompts daily 10:00", "olga")
    (schedule,) = await talk.store.schedules("w")
    talk.group.clock.advance(timedelta(hours=1).total_seconds())
    with caplog.at_level(logging.INFO, "bot.core.composing"):
        firing = Firing("w", schedule.id, ScheduleKind.PROMPTS, talk.group.clock.now())
        assert await DebateComposer(talk.group.debate).compose(firing) == ()
    assert "A prompt on T-01 is open until 7 January 2026, 09:00 UTC" in caplog.text
