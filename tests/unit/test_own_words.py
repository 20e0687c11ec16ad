"""The language of the bot's own words: nothing that it says of itself stays English where a channel speaks another.

A group goes through all that can be said to the bot, in a language without Latin letters; see `tests/pseudo.py`.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.core.help import HELP
from bot.core.inbox import MAX_TRIES, Inbox
from bot.core.messages import Message
from bot.core.outbox import ORGANISERS, PostState
from bot.core.reading import Leaning, Verdict
from bot.scheduling.rules import WEEKDAYS
from tests.pseudo import Pseudo, untranslated
from tests.unit.group import OTHER, TEA, Group

USAGES = [usage for usage, _ in HELP.values()]
NAMES = ("ann", "ben", "cyd", "dan", "olga", "Crux", "crux-export.json")
IN_RULES = (
    *("INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYHOUR", "BYMINUTE", "BYSETPOS", "WKST", "UNTIL", "COUNT"),
    *WEEKDAYS,
)


def speaking_group() -> Group:
    group = Group()
    group.debate = replace(group.debate, translations=lambda _: Pseudo(), language="de")
    return group


def left_over(message: Message, *typed: str) -> list[str]:
    """What is not said in the channel's language; what was typed may be said back."""
    return untranslated(message, (TEA, OTHER), (*USAGES, *NAMES, *IN_RULES, *typed))


REFUSED = """
/nonsense
/crux nonsense
/steelman
/counter
/steelman T-99
/steelman Z-1
/steelman T-01 T-02
/steelman something that nobody ever said
/stand
/stand T-01 perhaps
/stand T-99 agree
/stand T-01 withdraw
/stand T-01 withdraw now
/stand T-01 agree because
/crux credit
/crux credit T-02
/crux credit T-02 for T-01 because it is so
/crux credit T-02 for T-01 because it shows that it helps
/crux credit undo
/crux standing T-99
/crux digest nonsense
/crux digest 2020-W01
/crux topic nowhere
/crux topic new
/crux topic new Should tea be hot?
/crux topic new Should tea be hot? Thesis: Tea.
/crux topic new Should tea be hot? Thesis: Tea should be hot. Thesis: Tea should be cold.
/crux topic new Should tea be hot? Thesis: Tea should be hot. Contrary: Tea should be hot.
/crux map T-99
/crux argue
/crux argue T-01
/crux argue T-01 for
/crux argue T-01 for Tea.
/crux argue T-01 for *Tea* is what we like here.
/crux argue T-01 for Title: Tea is what we like.
/crux argue T-05 for Neutral things matter a lot here.
/crux argue T-01 undercut T-02 This is no step at all, I think.
/crux argue T-00 undercut This is no step at all, I think.
/crux approve
/crux approve 1
/crux approve 99
/crux approve 1 because it is good
/crux decline
/crux decline 99 because no
/crux withdraw
/crux withdraw 99
/crux proposals 99
/crux reword
/crux reword T-01
/crux reword T-01 Claim T-01 holds in most of the cases
/crux reword T-01 Tea
/crux retire
/crux retire T-01
/crux retire T-00 because it is old
/crux restore T-01
/crux schedule nonsense
/crux schedule prompts
/crux schedule prompts whenever
/crux schedule prompts mondays
/crux schedule prompts mondays 25:00
/crux schedule prompts mondays 13pm
/crux schedule prompts 30 february 9:00
/crux schedule prompts mondays 9:00 in Nowhere
/crux schedule prompts mondays 9:00 in Europe/Berln
/crux schedule prompts mondays 9:00 in CET
/crux schedule prompts mondays 9:00 in UTC+2
/crux schedule prompts mondays 9:00 quiet
/crux schedule prompts mondays 9:00 quiet someday
/crux schedule prompts mondays 9:00 quiet mon
/crux schedule prompts every 0 days 9:00
/crux schedule prompts every 99999 days 9:00
/crux schedule prompts RRULE:FREQ=SECONDLY
/crux schedule prompts RRULE:FREQ=NEVER
/crux schedule prompts RRULE:FREQ=DAILY;BYSECOND=3
/crux schedule prompts RRULE:FREQ=DAILY;BYEASTER=1
/crux schedule prompts RRULE:FREQ=WEEKLY;BYDAY=1MO
/crux schedule prompts RRULE:FREQ=MONTHLY;BYDAY=9MO
/crux schedule prompts RRULE:FREQ=MONTHLY;BYDAY=XX
/crux schedule prompts RRULE:FREQ=DAILY;UNTIL=2020;COUNT=2 9:00
/crux schedule prompts RRULE:FREQ=DAILY;INTERVAL=x 9:00
/crux schedule pause
/crux schedule pause prompts
/crux schedule pause prompts until someday
/crux schedule pause prompts until 2020-01-01
/crux schedule resume prompts
/crux schedule run digest
/crux schedule remove digest now
/crux schedule remove digest
/crux schedule quiet prompts
/crux prompt T-99
/crux prompt close
/crux prompt close T-01
/crux queue nonsense
/crux queue add
/crux queue add T-99
/crux queue first T-01
/crux queue skip T-01
/crux settings nonsense 1
/crux settings model perhaps
/crux settings budget lots
/crux settings budget 99999999999999
/crux settings organisers !!!
/crux settings language Klingon
/crux forget-me now
/press nothing:at:all
/press sign:0123456789
/press turn:0123456789
/press share:0123456789
/press changed:0123456789
/press answer:0123456789:agree
/press held:0123456789:send
""".strip().splitlines()


@pytest.mark.parametrize("member", ["ann", "olga"])
@pytest.mark.parametrize("text", REFUSED)
async def test_every_refusal_is_in_the_language_of_its_channel(text: str, member: str) -> None:
    message = await speaking_group().say(text, member)
    assert left_over(message, *re.findall(r"[^\W_]{2,}", text)) == []


WALK = """
ann: /crux help
ann: /crux help steelman
ann: /crux help nonsense
ann: /crux topic
ann: /crux topic other
ann: /crux topic TOPIC
ann: /crux map
ann: /crux map all
ann: /crux map T-01
ann: /crux standing
ann: /crux me
ann: /steelman T-01
ann: /steelman not T-01
ann: /counter T-01
ann: /counter not T-01
ann: /steelman privately T-01
ann: it is warm
ann: it is not warm
ann: it is lukewarm
ann: it is perhaps warm
ann: /steelman it is warm
ann: /steelman it is not warm
ann: /steelman it is lukewarm
ann: /counter it
ann: why?
ann: /stand
ann: /stand T-01
ann: /stand T-01 agree because it is warm crux public
ben: /stand T-01 disagree crux public
cyd: /stand T-01 strongly agree
dan: /stand T-01 unsure
ann: /stand T-01
ann: /stand T-00 agree crux
ben: /stand T-00 disagree crux
cyd: /stand T-00 strongly disagree
dan: /stand T-00 strongly agree
ann: /crux standing
ann: /crux standing T-00
ann: /crux standing T-01
ann: /crux map
ann: /stand T-01 disagree because it is cold
ann: /crux credit T-02 for T-01 because it shows that it is cold
ann: /crux me
ann: /crux credit undo
ann: /stand T-01 withdraw
ann: /crux me
olga: /crux digest preview
olga: /crux digest
olga: /crux digest
ann: /crux digest list
ann: /crux proposals
ann: /crux argue T-00 for Tea keeps people awake at night. They then read more.
ann: /crux argue T-01 against Leaves are cheap these days. (tentative)
ann: /crux argue T-01 undercut T-00 One need not follow from the other at all. Contrary: It follows.
ben: /crux topic new Should tea be hot? Thesis: Tea should be hot at all times. Contrary: Tea may be cold.
ann: /crux proposals
ann: /crux proposals 1
olga: /crux proposals 1
olga: /crux approve 1
olga: /crux decline 2
olga: /crux decline 2 because it is said already
ann: /crux withdraw 3
olga: /crux approve 4
ann: /crux proposals
ann: /crux proposals 2
ann: /crux map T-06
ann: /steelman T-06
ann: /crux credit T-06 for T-01 because I said so myself
olga: /crux reword T-01 Warm tea helps people to talk
ann: /stand T-01
ann: /crux me
olga: /crux retire T-02 because nobody says so
ann: /crux map T-02
ann: /steelman T-02
olga: /crux restore T-02
ann: /crux queue
ann: /crux queue add T-03
ann: /crux queue add T-03
ann: /crux queue add T-04
olga: /crux queue first T-04
olga: /crux queue skip T-03
olga: /crux queue
olga: /crux prompt
olga: /crux prompt
ann: /crux standing
olga: /crux prompt close
olga: /crux prompt T-03
olga: /crux prompt close T-03
olga: /crux prompt T-03
olga: /crux schedule prompts weekdays 9:00 in Europe/Berlin quiet sat, sun, 25 december
olga: /crux schedule prompts every other monday 10:00
olga: /crux schedule digest first and last friday of the month 16:00 until 5 March 2027
olga: /crux schedule digest 31st of the month 16:00
olga: /crux schedule digest every year on 29 february 16:00
olga: /crux schedule digest every 3 weeks on monday, friday 16:00
olga: /crux schedule digest RRULE:FREQ=YEARLY;BYMONTH=1,3;BYDAY=2MO,3TU 9:00
ann: /crux schedule
olga: /crux schedule pause prompts until 2026-03-05
ann: /crux schedule
olga: /crux schedule resume prompts
olga: /crux schedule quiet prompts sat, 24 december to 2 january
olga: /crux schedule quiet prompts none
olga: /crux schedule run prompts
olga: /crux schedule run prompts
olga: /crux schedule remove prompts
olga: /crux schedule remove prompts
ann: /crux settings
olga: /crux settings
olga: /crux settings commands organisers
ann: /crux topic
olga: /crux settings commands everyone
olga: /crux settings model off
olga: /crux settings strangers on
olga: /crux settings budget 50000
olga: /crux settings
olga: /crux settings budget none
olga: /crux settings organisers S0614TZR7
olga: /crux settings
ann: /crux export-me
ann: /crux forget-me
ann: /crux forget-me yes
ben: /crux digest list
ben: /crux standing
""".strip().splitlines()


async def test_all_that_is_answered_is_in_the_language_of_its_channel() -> None:
    group = speaking_group()
    for text, leaning in (("warm", Leaning.AFFIRMS), ("not warm", Leaning.DENIES), ("lukewarm", Leaning.UNCLEAR)):
        group.retriever.learn(TEA.id, f"it is {text}", Verdict.SURE, ("T-01", leaning))
    group.retriever.learn(
        TEA.id, "it is perhaps warm", Verdict.UNSURE, ("T-01", Leaning.AFFIRMS), ("T-02", Leaning.DENIES)
    )
    said = {}
    typed = {"It", "is", "false", "that"}  # the contrary of a claim whose author gave none is in the map's language
    for line in WALK:
        member, _, text = line.replace("TOPIC", TEA.id).partition(": ")
        group.clock.advance(3600)
        typed |= set(re.findall(r"[^\W_]{2,}", text))
        message = await group.say(text, member)
        said[line] = left_over(message, *typed)
        for button in message.buttons:
            pressed = await group.say(f"/press {button.action}", "dan")
            said[f"{line} [{button.label}]"] = left_over(pressed, *typed)
    assert {line: texts for line, texts in said.items() if texts} == {}


async def test_what_is_posted_unasked_is_in_the_language_of_its_channel() -> None:
    group = speaking_group()
    await group.say("/crux prompt T-01", "olga")
    group.clock.advance(72 * 3600)
    await group.debate.end_due("w")
    await group.say("/crux prompt T-02", "olga")
    group.clock.advance(72 * 3600)
    await group.debate.end_due("w")
    posts = [entry.post for entry in await group.store.outbox(list(PostState), "w")]
    assert [post.kind for post in posts].count("note") == 2
    assert ORGANISERS in [post.kind for post in posts]
    assert [text for post in posts for text in left_over(post.message)] == []


async def test_what_could_never_be_answered_is_apologised_for_in_the_language_of_its_channel() -> None:
    group = speaking_group()
    request = group.request("/crux standing")
    debate, clock = group.debate, group.clock
    inbox = Inbox(group.store, debate, clock, "worker", 0.0, languages=debate.languages)
    await inbox.receive(request)
    for _ in range(MAX_TRIES):  # each takes down its worker
        assert await group.store.lease("dies", clock.now(), 0.0) is not None
        clock.advance(1)
    done = await inbox.work_one()
    assert done is not None
    assert left_over(done[1]) == []
