"""Claims reworded, arguments retired and restored, by way of commands; and what becomes of votes and replies."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.kept import Reply
from bot.core.messages import Message
from bot.core.requests import Request
from tests.unit.group import Group
from tests.unit.stores import meanwhile, slow_store

OLD = "Claim T-01 holds in most of the cases"
NEW = "Warm tea helps people to talk"


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def slow() -> Group:
    return Group(slow_store())


async def reworded(group: Group, claim: str = "T-01", words: str = NEW) -> Message:
    return await group.say(f"/crux reword {claim} {words}", "olga")


async def retired(group: Group, claim: str = "T-02") -> Message:
    return await group.say(f"/crux retire {claim} because it is old", "olga")


async def stand(group: Group, claim: str, stance: str, *members: str) -> None:
    for member in members:
        await group.say(f"/stand {claim} {stance}", member)


# -- other words ------------------------------------------------------------------------------------------------------


async def test_new_words_are_told_to_the_channel_beside_the_old_ones(group: Group) -> None:
    told = await reworded(group)
    assert not told.private
    assert told.text.split("\n") == [
        f"T-01 has new words: “{NEW}”.",
        f"Before, it was: “{OLD}”. Positions stay with the words that they were taken on; say with `/stand T-01 …` "
        "where you stand on the new ones.",
    ]
    assert [button.label for button in told.buttons] == ["Steelman it", "Counter it", "Where do I stand?"]


@pytest.mark.parametrize("text", ["/crux map T-01", "/crux map", "/crux standing T-01", "/stand T-01"])
async def test_new_words_are_used_everywhere(group: Group, text: str) -> None:
    await reworded(group)
    said = (await group.say(text, "zoe")).text
    assert NEW in said
    assert OLD not in said


async def test_a_steelman_is_of_the_new_words(group: Group) -> None:
    await reworded(group)
    (line,) = [line for line in (await group.say("/steelman T-01")).sources if line.argument_id == "T-01"]
    assert line.claim == NEW


async def test_text_and_contrary_stay_unless_there_are_new_ones(group: Group) -> None:
    await reworded(group)
    said = (await group.say("/crux map T-01")).text
    assert "A first ground speaks for T-01." in said
    assert "Those who deny it say: “Claim T-01 fails in most of the cases”." in said
    await reworded(group, words=f"{NEW}. It is so. Contrary : Tea keeps them silent")
    said = (await group.say("/crux map T-01")).text
    assert "It is so." in said
    assert "Those who deny it say: “Tea keeps them silent”." in said


async def test_on_the_contrary_in_the_text_is_no_new_contrary(group: Group) -> None:
    await reworded(group, words=f"{NEW}. On the contrary: it is so.")
    assert "Those who deny it say: “Claim T-01 fails in most of the cases”." in (await group.say("/crux map T-01")).text


async def test_what_was_made_of_a_claim_s_words_follows_them(group: Group) -> None:
    await group.say("/crux argue T-00 for Teh tea is a good drink")
    await group.say("/crux approve 1", "olga")
    await reworded(group, "T-501", "The tea is a good drink")
    assert "Teh" not in (await group.say("/crux map T-501")).text


async def test_the_thesis_can_be_reworded_by_its_name(group: Group) -> None:
    assert (await reworded(group, "thesis")).text.startswith("T-00 has new words")
    assert f"T-00: “{NEW}”." in (await group.say("/crux map")).text


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (f"T-01 {OLD}.", "T-01 says just that already; nothing is changed."),
        (f"T-77 {NEW}", "There is no claim T-77"),
        (f"T-02 {NEW}", "T-02 is retired"),
        ("T-01 short", "“short” is too short"),
        (f"T-01 {'x' * 141}", "has 141 characters"),
        ("T-01 Tea is [so] good", "Leave out “[”"),
        ("T-01", "Write the claim's new words after its id"),
        ("T-01 Claim T-01 fails in most of the cases", "Claim and contrary say the same"),
    ],
)
async def test_words_that_will_not_do_change_nothing(group: Group, text: str, advice: str) -> None:
    await retired(group, "T-02")
    told = await group.say(f"/crux reword {text}", "olga")
    assert told.private
    assert advice in told.text
    assert await group.store.revision("w") == 1


@pytest.mark.parametrize(
    "text", [f"reword T-01 {NEW}", "retire T-01 because it is old", "restore T-02", "restore T-01", "reword T-77 no"]
)
async def test_only_organisers_amend(group: Group, text: str) -> None:
    await retired(group, "T-02")
    told = await group.say(f"/crux {text}", "ann")
    assert "Only organisers" in told.text
    assert await group.store.revision("w") == 1


# -- votes stay with the words that they were cast on -----------------------------------------------------------------


async def test_figures_stay_with_the_old_words_until_three_have_answered_the_new_ones(group: Group) -> None:
    await stand(group, "T-01", "agree", "ann", "ben", "cyd")
    await reworded(group)
    said = (await group.say("/crux standing T-01")).text
    assert "Too few to show." in said
    assert f"On its earlier words, “{OLD}”: 3 of 3 voted: 3 agree." in said
    assert "voted" not in (await group.say("/crux map")).text
    await stand(group, "T-01", "disagree", "ann", "ben")
    assert (await group.say("/crux standing T-01")).text == said
    await stand(group, "T-01", "disagree", "cyd")
    said = (await group.say("/crux standing T-01")).text
    assert "3 of 4 voted: 3 disagree." in said
    assert "earlier" not in said


async def test_a_thesis_with_new_words_shows_what_was_held_on_the_old_ones(group: Group) -> None:
    await stand(group, "T-00", "agree", "ann", "ben", "cyd")
    await stand(group, "T-01", "agree", "ann", "ben", "cyd")
    await reworded(group, "T-00")
    said = (await group.say("/crux standing")).text
    assert f"The thesis, T-00: “{NEW}”. Too few to show." in said
    assert "On its earlier words, “Claim T-00 holds in most of the cases”: 3 of 3 voted: 3 agree." in said


async def test_a_thesis_alone_with_new_words_shows_what_was_held_on_the_old_ones(group: Group) -> None:
    await stand(group, "T-00", "agree", "ann", "ben", "cyd")
    await reworded(group, "T-00")
    said = (await group.say("/crux standing")).text
    assert "On its earlier words, “Claim T-00 holds in most of the cases”: 3 of 3 voted: 3 agree." in said
    assert "No claim has three answers on its present words yet" in said


async def test_figures_of_words_before_the_earlier_ones_say_which(group: Group) -> None:
    await stand(group, "T-01", "agree", "ann", "ben", "cyd")
    await reworded(group)
    await reworded(group, words="Warm tea helps people to think")
    assert f"On its earlier words, “{OLD}”: 3 of 3 voted" in (await group.say("/crux standing T-01")).text


async def test_a_member_is_asked_anew_and_told_what_they_answered(group: Group) -> None:
    await group.say("/stand T-01 agree it is warm")
    await reworded(group)
    assert (await group.say("/stand T-01")).text == (
        f"You agree with T-01: “{OLD}”. Your reason: it is warm. Since then it says: “{NEW}”. Where do you stand on "
        "that?"
    )
    told = await group.say("/stand T-01 disagree")
    assert told.text == f"Recorded: you disagree with T-01, “{NEW}”. Your name stays hidden."
    assert (await group.say("/stand T-01")).text == f"You disagree with T-01: “{NEW}”."


async def test_live_figures_are_of_those_who_answered_the_present_words(group: Group) -> None:
    await stand(group, "T-01", "agree", "ann", "ben", "cyd")
    assert "3 of 3 voted" in (await group.say("/stand T-01", "ann")).text
    await reworded(group)
    assert "voted" not in (await group.say("/stand T-01", "ann")).text
    await stand(group, "T-01", "disagree", "ann", "ben")
    assert "voted" not in (await group.say("/stand T-01", "ann")).text
    await stand(group, "T-01", "disagree", "dan")
    assert "3 of 5 voted: 3 disagree" in (await group.say("/stand T-01", "ann")).text
    assert "voted" not in (await group.say("/stand T-01", "cyd")).text, "who answered other words sees no live figures"


async def test_another_answer_to_new_words_is_no_change_of_mind(group: Group) -> None:
    await group.say("/stand T-01 agree")
    await reworded(group)
    await group.say("/stand T-01 disagree")
    refused = await group.say("/crux credit T-02 for T-01 because it is what I had not thought of")
    assert "You have not changed your stance on T-01" in refused.text
    await group.say("/stand T-01 agree")
    assert "Noted" in (await group.say("/crux credit T-02 for T-01 because it is what I had not thought of")).text


async def test_me_has_each_claim_in_the_words_that_were_answered(group: Group) -> None:
    await group.say("/stand T-01 agree")
    await reworded(group)
    assert f"T-01, “{OLD}”: agree since 5 January 2026 (reworded since)." in (await group.say("/crux me")).text
    group.clock.advance(86_400)
    await group.say("/stand T-01 disagree")
    assert f"T-01, “{NEW}”: disagree since 6 January 2026; before: agree." in (await group.say("/crux me")).text


async def test_me_says_since_when_the_present_words_are_held(group: Group) -> None:
    await group.say("/stand T-01 agree")
    await reworded(group)
    group.clock.advance(86_400)
    await group.say("/stand T-01 agree")
    assert f"T-01, “{NEW}”: agree since 6 January 2026." in (await group.say("/crux me")).text


# -- retired ----------------------------------------------------------------------------------------------------------


async def test_what_is_retired_is_told_with_what_rests_with_it(group: Group) -> None:
    told = await retired(group)
    assert not told.private
    assert told.text.split("\n") == [
        "T-02, “Claim T-02 holds in most of the cases”, is retired: it is old.",
        "With it rest those that bear on nothing else: T-03.",
    ]
    assert "`/crux restore T-02` puts it back." in told.notes[0]
    assert "With it" not in (await retired(group, "T-04")).text


async def test_what_is_retired_is_no_longer_in_the_tree_or_in_an_argument(group: Group) -> None:
    await retired(group)
    said = (await group.say("/crux map all")).text
    assert "T-02" not in said
    assert "T-03" not in said
    for text in ("/steelman T-00", "/counter T-00"):
        assert {"T-02", "T-03"}.isdisjoint(line.argument_id for line in (await group.say(text)).sources)


@pytest.mark.parametrize("text", ["/steelman T-02", "/counter T-02", "/stand T-02 agree", "/stand T-02", "T-02",
                                  "/crux credit T-02 for T-00 because it is what I had not thought of",
                                  "/steelman T-03", "/crux standing T-02",
                                  "/press stand:small:T-02:agree", "/press steelman:small:T-02:for"])  # fmt: skip
async def test_whoever_turns_to_a_retired_claim_is_told_where_to_read_it(group: Group, text: str) -> None:
    await retired(group)
    told = await group.say(text)
    claim_id = "T-03" if "T-03" in text else "T-02"
    assert told.text == (
        f"{claim_id} is retired: it can be read with `/crux map {claim_id}`, and no more is argued from it."
    )
    assert not await group.store.position_history("w", "ann")


async def test_a_retired_claim_can_be_read_with_the_reason(group: Group) -> None:
    await retired(group)
    assert (await group.say("/crux map T-02")).text.split("\n") == [
        "T-02: “Claim T-02 holds in most of the cases”.",
        "A first ground speaks for T-02. A second ground speaks for T-02.",
        "Retired on 5 January 2026: it is old. Nothing is argued from it any longer.",
    ]
    assert (
        "It bears on T-02 alone, which was retired on 5 January 2026: it is old."
        in (await group.say("/crux map T-03")).text
    )


async def test_a_reply_keeps_the_argument_that_it_cited(group: Group) -> None:
    reply = await group.say("/counter T-00")
    await retired(group)
    assert reply.reply_id is not None
    kept = await group.store.reply("w", reply.reply_id)
    assert kept is not None
    assert kept.message == reply
    assert "T-02" in {line.argument_id for line in kept.message.sources}
    told = await group.press(reply, "This changed my mind")
    assert "T-04: " in told.text
    assert "T-02" not in told.text


@pytest.mark.parametrize("label", ["Counter this", "Where do I stand?", "This changed my mind"])
async def test_buttons_under_a_reply_about_it_say_that_it_is_retired(group: Group, label: str) -> None:
    reply = await group.say("/steelman T-02")
    await retired(group)
    assert "T-02 is retired" in (await group.press(reply, label)).text


async def test_positions_on_a_retired_claim_are_kept_and_not_shown_to_the_group(group: Group) -> None:
    await stand(group, "T-02", "agree", "ann", "ben", "cyd")
    await stand(group, "T-00", "agree", "ann", "ben", "cyd")
    assert "T-02" in (await group.say("/crux standing")).text
    await retired(group)
    assert "T-02" not in (await group.say("/crux standing")).text
    assert (
        "T-02, “Claim T-02 holds in most of the cases”: agree since 5 January 2026 (retired since)."
        in (await group.say("/crux me")).text
    )


async def test_what_a_retired_claim_is_credited_with_is_not_shown_until_it_is_restored(group: Group) -> None:
    members = ("ann", "ben", "cyd")
    await stand(group, "T-00", "agree", *members)
    await stand(group, "T-00", "disagree", *members)
    for member in members:
        await group.say("/crux credit T-02 for T-00 because it is what I had not thought of", member)
    assert "3 members or more credit it" in (await group.say("/crux standing")).text
    await retired(group)
    assert "credit it" not in (await group.say("/crux standing")).text
    assert "Taken back: your credit to T-02" in (await group.say("/crux credit undo", "cyd")).text


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("retire T-00 because it is old", "T-00 is the thesis, which all else bears on; it can be reworded"),
        ("retire thesis because it is old", "T-00 is the thesis"),
        ("retire T-77 because it is old", "There is no claim T-77"),
        ("retire T-02 because it is old", "T-02 is retired"),
        ("retire T-03 because it is old", "T-03 is retired"),
        ("retire T-01", "Say why, as in `/crux retire T-01 because"),
        ("retire", "Name the claim after `retire`"),
        ("restore T-01", "T-01 is not retired; there is nothing to restore."),
        ("restore T-77", "There is no claim T-77"),
        ("restore T-03", "T-03 rests since T-02 is retired; restore that one."),
        ("restore", "Name the claim after `restore`"),
    ],
)
async def test_what_can_not_be_retired_or_restored(group: Group, text: str, advice: str) -> None:
    await retired(group)
    told = await group.say(f"/crux {text}", "otto")
    assert told.private
    assert advice in told.text
    assert await group.store.revision("w") == 1


async def test_a_claim_is_restored_with_its_positions_and_all_that_rested_with_it(group: Group) -> None:
    await stand(group, "T-02", "agree", "ann", "ben", "cyd")
    before = [await group.say(text, "zoe") for text in ("/crux map all", "/crux standing", "/crux map T-02")]
    await retired(group)
    told = await group.say("/crux restore t-2", "otto")
    assert not told.private
    assert told.text == "T-02, “Claim T-02 holds in most of the cases”, is in use again."
    assert [await group.say(t, "zoe") for t in ("/crux map all", "/crux standing", "/crux map T-02")] == before


async def test_an_argument_of_another_topic_than_the_channel_s_can_be_amended(group: Group) -> None:
    assert "O-01, “A reason for the other one”, is retired" in (await retired(group, "O-01")).text
    assert "is in use again" in (await group.say("/crux restore O-01", "olga")).text


# -- tried again after a crash ----------------------------------------------------------------------------------------


async def test_a_rewording_over_a_crash_is_made_once(group: Group) -> None:
    await group.dies(f"/crux reword T-01 {NEW}", "olga")
    told = await group.retried()
    assert told.text.startswith(f"T-01 has new words: “{NEW}”.\nBefore, it was: “{OLD}”.")
    assert await group.store.revision("w") == 1


async def test_a_retirement_over_a_crash_is_made_once(group: Group) -> None:
    await group.dies("/crux retire T-02 because it is old", "olga")
    assert "is retired: it is old." in (await group.retried()).text
    assert await group.store.revision("w") == 1


async def test_a_restoration_over_a_crash_is_made_once(group: Group) -> None:
    await retired(group)
    await group.dies("/crux restore T-02", "olga")
    assert "is in use again" in (await group.retried()).text
    assert await group.store.revision("w") == 2


@pytest.mark.parametrize(
    ("before", "text", "then"),
    [
        ([], "retire T-02 because it is old", "restore T-02"),
        (["retire T-02 because it is old"], "restore T-02", "retire T-02 because it is said already"),
        ([], f"reword T-01 {NEW}", "reword T-01 Warm tea helps people to think"),
        ([], f"reword T-01 {NEW}", "retire T-01 because it is said already"),
    ],
)
async def test_what_others_did_since_a_crash_is_not_undone_by_trying_again(
    group: Group, before: list[str], text: str, then: str
) -> None:
    for each in before:
        await group.say(f"/crux {each}", "otto")
    await group.dies(f"/crux {text}", "olga")
    await group.say(f"/crux {then}", "otto")
    kept = await group.store.amendments("w")
    told = await group.retried()
    assert await group.store.amendments("w") == kept
    assert "has been changed again since" in told.text


# -- two at once ------------------------------------------------------------------------------------------------------


async def answered(group: Group, request: Request) -> Message:
    """An answer of the core itself, stored nowhere."""
    (reply,) = [event async for event in group.debate.answer(request) if isinstance(event, Reply)]
    return reply.message


async def test_of_two_organisers_who_reword_at_once_the_later_looks_again(slow: Group) -> None:
    texts = (f"/crux reword T-01 {NEW}", "/crux reword T-01 Warm tea helps people to think")
    told = await asyncio.gather(*(slow.say(text, who) for text, who in zip(texts, ("olga", "otto"), strict=True)))
    late = "Somebody else changed the map at the same moment; look at T-01 and say it again."
    assert [message.text == late for message in told].count(True) == 1
    assert len(await slow.store.amendments("w")) == 1


@pytest.mark.parametrize("other", ["reword T-01 Warm tea helps people to think", "retire T-01 because it is old"])
@pytest.mark.parametrize("text", [f"reword T-01 {NEW}", "retire T-01 because it is said already"])
@pytest.mark.parametrize(("step", "skip"), [("revision", 2), ("revision", 3), ("amend", 0)])
async def test_an_amendment_that_another_one_overtakes_is_not_made(
    slow: Group, text: str, other: str, step: str, skip: int
) -> None:
    # The map is read by way of two revisions; the third is what the amendment's number follows.
    meanwhile(slow.store, step, lambda: slow.say(f"/crux {other}", "otto"), skip)
    told = await slow.say(f"/crux {text}", "olga")
    assert told.text == "Somebody else changed the map at the same moment; look at T-01 and say it again."
    assert len(await slow.store.amendments("w")) == 1


async def test_an_amendment_is_made_on_the_words_that_its_answer_tells(slow: Group) -> None:
    meanwhile(slow.store, "revision", lambda: slow.say("/crux reword T-01 Warm tea is good", "otto"))
    told = await slow.say(f"/crux reword T-01 {NEW}", "olga")
    assert "Before, it was: “Warm tea is good”" in told.text


@pytest.mark.parametrize(
    ("before", "text", "told"),
    [
        ([], f"reword T-01 {NEW}", f"T-01 has new words: “{NEW}”.\nBefore, it was: “{OLD}”."),
        ([], "retire T-02 because it is old", "is retired: it is old."),
        (["retire T-02 because it is old"], "restore T-02", "is in use again."),
    ],
)
async def test_one_request_that_two_workers_answer_at_once_is_done_once(
    slow: Group, before: list[str], text: str, told: str
) -> None:
    for each in before:
        await slow.say(f"/crux {each}", "otto")
    request = slow.request(f"/crux {text}", "olga")
    first, second = await asyncio.gather(answered(slow, request), answered(slow, replace(request, tries=1)))
    assert len(await slow.store.amendments("w")) == len(before) + 1
    assert told in second.text, "the second worker has the lease, and its answer is the one that is kept"
    assert told in first.text or "say it again" in first.text


async def test_a_position_on_a_retired_claim_can_be_withdrawn(group: Group) -> None:
    await stand(group, "T-02", "agree", "ann")
    await retired(group)
    said = await group.say("/stand T-02 withdraw", "ann")
    assert said.text == "Withdrawn: you hold no position on T-02, “Claim T-02 holds in most of the cases”, any longer."
    assert "nothing to withdraw" in (await group.say("/stand T-02 withdraw", "ann")).text


async def test_who_denied_earlier_words_may_sign_a_steelman_of_the_new_ones(group: Group) -> None:
    await stand(group, "T-01", "disagree", "ann")
    first = await group.say("/steelman T-01", "ben")
    assert "is judged by those who hold its view" in (await group.press(first, "I'd sign this", "ann")).text
    await reworded(group)
    again = await group.say("/steelman T-01", "ben")
    assert (await group.press(again, "I'd sign this", "ann")).text.startswith("Noted")
