"""Prompts, by way of commands: organisers ask, members answer, and the end says what changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.disclosure import TOO_FEW
from bot.core.messages import Message
from bot.core.outbox import ORGANISERS, PostState
from bot.core.positions import Stance
from bot.core.prompt_replies import UNTOLD
from bot.core.prompts import Ending, Pace
from bot.testing import FixedCatalogue
from tests.unit.group import OTHER, TEA, Group
from tests.unit.stores import meanwhile, slow_store

HOUR = 3600.0
DAY = 24 * HOUR
STANCES = ["Strongly disagree", "Disagree", "Agree", "Strongly agree", "Unsure"]


@pytest.fixture
def group() -> Group:
    return Group()


def labels(message: Message) -> list[str]:
    return [button.label for button in message.buttons]


async def due(group: Group, channel: str = "general") -> list[Message]:
    """What is posted to a channel, and to the organisers about it, when somebody looks what is over there."""
    await group.debate.end_due("w", channel)
    told = []
    for entry in await group.store.outbox([PostState.PENDING], "w"):
        told.append(entry.post.message)
        assert entry.post.channel == channel
        assert (entry.post.kind == ORGANISERS) is entry.post.message.private
        assert await group.store.post_sent("w", entry.post.id, "there", group.clock.now())
    return told


async def ask(group: Group, claim: str = "T-01", channel: str = "general") -> Message:
    message = await group.say(f"/crux prompt {claim}", "olga", channel)
    assert message.prompt_id is not None, message.text
    return message


async def stand(group: Group, claim: str, **stances: str) -> None:
    for member, stance in stances.items():
        await group.say(f"/stand {claim} {stance}", member)


# -- asking -----------------------------------------------------------------------------------------------------------


async def test_a_prompt_has_the_claim_a_line_from_each_side_and_the_buttons(group: Group) -> None:
    message = await ask(group, "T-02")
    assert message.title == "Where do you stand on T-02?"
    assert not message.private
    lines = message.text.split("\n")
    assert lines[0] == "“Claim T-02 holds in most of the cases”."
    assert lines[1].startswith("For it: ")
    assert lines[1].endswith("[T-02]")  # nothing supports it: its own text does
    assert lines[2] == "Against it: Claim T-03 holds in most of the cases. [T-03]"
    assert "`/stand T-02 agree because …` gives a reason." in lines[3]
    assert [source.argument_id for source in message.sources] == ["T-02", "T-03"]
    assert labels(message) == [*STANCES, "This is a crux for me"]
    assert message.notes == ("Closes on 7 January 2026, 09:00 UTC, and then says what changed.",)


async def test_its_id_is_the_prompt_s_and_goes_through_the_store(group: Group) -> None:
    message = await ask(group)
    kept = await group.store.prompt("w", str(message.prompt_id))
    assert kept is not None
    assert (kept.channel, kept.topic, kept.claim_id, kept.claim_version) == ("general", TEA.id, "T-01", 1)
    reply = await group.store.reply_to("w", "event-1")
    assert reply is not None
    assert reply.message == message


async def test_buttons_fit_every_platform(group: Group) -> None:
    assert max(len(button.action) for button in (await ask(group)).buttons) <= 100


async def test_without_a_claim_the_agenda_s_choice_is_asked(group: Group) -> None:
    message = await ask(group, "")
    assert message.title == "Where do you stand on T-00?"  # all hangs on the thesis


@pytest.mark.parametrize("text", ["/crux prompt", "/crux prompt T-01", "/crux prompt close", "/crux queue first T-01"])
async def test_members_who_are_no_organisers_are_told_what_they_can_do(group: Group, text: str) -> None:
    said = await group.say(text, "ann")
    assert said.private
    assert said.text.startswith("Only organisers")
    assert not await group.store.open_prompts("w")


async def test_a_channel_has_one_open_prompt(group: Group) -> None:
    await ask(group)
    said = await group.say("/crux prompt T-02", "olga")
    assert said.text == "A prompt on T-01 is open until 7 January 2026, 09:00 UTC; `/crux prompt close` ends it."
    assert len(await group.store.open_prompts("w")) == 1


async def test_another_channel_can_not_ask_the_same_claim_meanwhile(group: Group) -> None:
    await ask(group)
    said = await group.say("/crux prompt T-01", "olga", "other")
    assert said.text == "T-01 is being asked, until 7 January 2026, 09:00 UTC; name another claim."
    await ask(group, "T-02", "other")
    assert {p.channel for p in await group.store.open_prompts("w")} == {"general", "other"}


async def test_another_workspace_asks_what_it_likes(group: Group) -> None:
    await ask(group)
    request = group.request("/crux prompt T-01", "olga", workspace="w2")
    await group.events(request)
    assert len(await group.store.open_prompts("w2")) == 1


async def test_a_claim_is_not_asked_again_within_three_weeks(group: Group) -> None:
    await ask(group)
    group.clock.advance(2 * DAY)
    await due(group)
    said = await group.say("/crux prompt T-01", "olga")
    assert said.text == "T-01 was asked on 5 January 2026, and can be again on 26 January 2026; name another claim."
    group.clock.advance(19 * DAY)
    await ask(group)


async def test_when_all_was_asked_the_organiser_is_told(group: Group) -> None:
    for _ in TEA:
        await ask(group, "")
        await group.say("/crux prompt close", "olga")
    assert "Every claim of this topic was asked lately" in (await group.say("/crux prompt", "olga")).text
    assert "none comes next for now" in (await group.say("/crux queue")).text


async def test_the_agenda_never_asks_a_claim_twice_within_the_time(group: Group) -> None:
    asked: dict[str, float] = {}
    for n in range(30):
        message = await group.say("/crux prompt", "olga")
        if message.prompt_id is not None:
            prompt = await group.store.prompt("w", message.prompt_id)
            assert prompt is not None
            assert n - asked.get(prompt.claim_id, -99) >= 21
            asked[prompt.claim_id] = n
            await group.say("/crux prompt close", "olga")
        group.clock.advance(DAY)
    assert asked.keys() == set(TEA.by_id)


@pytest.mark.parametrize("claim", ["", "T-01"])
async def test_two_organisers_at_once_open_one_prompt(claim: str) -> None:
    group = Group(slow_store())
    said = await asyncio.gather(*(group.say(f"/crux prompt {claim}", who) for who in ("olga", "otto")))
    assert sorted(message.prompt_id is not None for message in said) == [False, True]
    assert len(await group.store.open_prompts("w")) == 1


async def test_two_channels_at_once_ask_two_claims() -> None:
    group = Group(slow_store())
    said = await asyncio.gather(*(group.say("/crux prompt", "olga", channel) for channel in ("general", "other")))
    assert all(message.prompt_id is not None for message in said)
    assert len({p.claim_id for p in await group.store.open_prompts("w")}) == 2


async def test_who_is_outrun_on_the_same_claim_is_told() -> None:
    group = Group(slow_store())
    meanwhile(group.store, "open_prompt", lambda: ask(group, "T-01", "other"))
    said = await group.say("/crux prompt T-01", "olga")
    assert said.text.startswith("T-01 is being asked, until")


async def test_a_request_that_is_tried_again_posts_once(group: Group) -> None:
    await group.dies("/crux prompt", "olga")
    said = await group.retried()
    (prompt,) = await group.store.open_prompts("w")
    assert said.prompt_id == prompt.id


async def test_a_request_that_is_tried_again_after_its_prompt_closed_opens_no_other(group: Group) -> None:
    await group.dies("/crux prompt T-01", "olga")
    await group.say("/crux prompt close", "otto")
    said = await group.retried()
    assert said.title == "Where do you stand on T-01?"
    assert not await group.store.open_prompts("w")


# -- answering --------------------------------------------------------------------------------------------------------


async def test_a_press_records_a_position_privately_and_offers_the_mark(group: Group) -> None:
    asked = await ask(group)
    said = await group.press(asked, "Unsure", "ann")
    assert said.private
    assert said.text.startswith("Recorded: you are unsure about T-01")
    assert labels(said) == ["This is a crux for me"]
    assert said.notes == ("`/stand T-01 unsure because …` adds your reason.",)
    held = await group.store.current_position("w", TEA.id, "T-01", "ann")
    assert held is not None
    assert (held.stance, held.crux, held.public) == (Stance.UNSURE, False, False)


async def test_live_figures_come_after_one_s_own_answer(group: Group) -> None:
    asked = await ask(group)
    for member in ("ann", "ben"):
        assert "voted" not in (await group.press(asked, "Agree", member)).text
    said = await group.press(asked, "Disagree", "cyd")
    assert "As of now, for your eyes: 3 of 4 voted: 2 agree, 1 disagree." in said.text


async def test_the_mark_goes_on_the_position_that_one_holds(group: Group) -> None:
    asked = await ask(group)
    first = await group.press(asked, "This is a crux", "ann")
    assert first.text.startswith("Say first where you stand on T-01")
    assert labels(first) == STANCES
    await group.press(first, "Agree", "ann")
    await group.say("/stand T-01 agree because of the leaves public", "ann")
    said = await group.press(asked, "This is a crux", "ann")
    assert "It is marked as a crux for you. Your name is shown with it." in said.text
    held = await group.store.current_position("w", TEA.id, "T-01", "ann")
    assert held is not None
    assert (held.stance, held.crux, held.public, held.reason) == (Stance.AGREE, True, True, "because of the leaves")


async def test_a_mark_stays_when_another_stance_is_pressed(group: Group) -> None:
    asked = await ask(group)
    await group.press(asked, "Agree", "ann")
    await group.press(asked, "This is a crux", "ann")
    said = await group.press(asked, "Disagree", "ann")
    assert "It is marked as a crux for you." in said.text
    assert not said.buttons


async def test_after_its_time_a_press_still_counts_and_says_so(group: Group) -> None:
    asked = await ask(group)
    group.clock.advance(48 * HOUR)
    said = await group.press(asked, "Agree", "ann")
    assert said.text.endswith("The prompt has closed; your position is recorded all the same.")
    await due(group)
    said = await group.press(asked, "Disagree", "ben")
    assert said.text.endswith("The prompt has closed; your position is recorded all the same.")
    assert len(await group.store.current_positions("w", TEA.id, "T-01")) == 2


async def test_a_press_of_a_prompt_that_there_is_not_is_refused(group: Group) -> None:
    for action in ("answer:nowhere:agree", "crux:nowhere"):
        assert "no longer here" in (await group.say(f"/press {action}")).text


# -- no figure while it is open ---------------------------------------------------------------------------------------


async def test_what_the_group_sees_has_no_figures_of_a_claim_that_is_asked(group: Group) -> None:
    for claim in ("T-00", "T-01"):
        await stand(group, claim, ann="agree crux", ben="disagree crux", cyd="agree")
    await ask(group)
    seen = [
        str(await group.say(text, "zoe"))
        for text in ("/crux standing T-01", "/crux map T-01", "/crux map all", "/crux standing")
    ]
    assert "It is being asked, so its figures wait until the prompt closes." in seen[0]
    assert not [line for line in seen[:2] if "voted" in line]
    assert seen[2].count("voted") == 1  # the thesis
    assert seen[3].count("voted") == 1
    assert "Being asked, so without figures until its prompt closes: T-01." in seen[3]
    assert seen[3].count("T-01") == 1
    await group.say("/crux prompt close", "olga")
    assert "3 of 5 voted" not in str(await group.say("/crux standing T-01", "zoe"))  # the snapshot is of before
    assert "3 of 3 voted: 2 agree, 1 disagree" in str(await group.say("/crux standing T-01", "zoe"))


async def test_figures_of_earlier_words_wait_too(group: Group) -> None:
    await stand(group, "T-01", ann="agree", ben="disagree", cyd="agree")
    await group.say("/crux reword T-01 Tea that has gone cold is wasted", "olga")
    assert "On its earlier words" in str(await group.say("/crux standing T-01", "zoe"))
    await ask(group)
    assert "voted" not in str(await group.say("/crux standing T-01", "zoe"))


async def test_where_nothing_else_has_figures_the_standing_says_that_they_wait(group: Group) -> None:
    await stand(group, "T-01", ann="agree", ben="disagree", cyd="agree")
    await ask(group)
    assert "What is being asked (T-01) aside, no claim has three answers" in (await group.say("/crux standing")).text


async def test_figures_are_back_once_its_time_is_over_though_nobody_closed_it(group: Group) -> None:
    await stand(group, "T-01", ann="agree", ben="disagree", cyd="agree")
    await ask(group)
    group.clock.advance(48 * HOUR)
    assert "3 of 3 voted" in str(await group.say("/crux standing T-01", "zoe"))


# -- the end ----------------------------------------------------------------------------------------------------------


async def test_it_closes_when_its_time_is_over_and_tells_once(group: Group) -> None:
    await ask(group)
    group.clock.advance(48 * HOUR - 1)
    assert await due(group) == []
    group.clock.advance(1)
    assert await due(group, channel="other") == []
    (told,) = await due(group)
    assert told.title == "Closed: where the group stands on T-01"
    assert not told.private
    assert await due(group) == []
    assert not await group.store.open_prompts("w")


async def test_however_many_look_at_once_it_is_told_once() -> None:
    group = Group(slow_store())
    await ask(group)
    group.clock.advance(48 * HOUR)
    await asyncio.gather(*(group.debate.end_due("w") for _ in range(5)))
    assert len(await due(group)) == 1


async def test_whoever_closes_it_and_dies_at_once_has_told_the_channel(group: Group) -> None:
    await ask(group)
    group.clock.advance(48 * HOUR)
    await group.debate.end_due("w")
    (entry,) = await group.store.outbox([PostState.PENDING], "w")  # in the transaction that closed it
    assert entry.post.channel == "general"
    assert entry.post.message.title == "Closed: where the group stands on T-01"


async def test_workspaces_with_a_prompt_that_is_over_are_found(group: Group) -> None:
    await ask(group)
    assert await group.store.workspaces_to_close(group.clock.now(), 10) == []
    group.clock.advance(48 * HOUR)
    assert await group.store.workspaces_to_close(group.clock.now(), 10) == ["w"]
    assert await group.store.workspaces_to_close(group.clock.now(), 0) == []
    await group.debate.end_due("w")
    assert await group.store.workspaces_to_close(group.clock.now(), 10) == []


async def test_the_end_has_the_vote_before_the_vote_after_and_the_moves(group: Group) -> None:
    await stand(group, "T-01", ann="agree", ben="agree", cyd="agree")
    asked = await ask(group)
    for member in ("ann", "ben", "cyd"):
        await group.press(asked, "Disagree", member)
    await group.press(asked, "Disagree", "dan")  # one alone moves no snapshot
    told = await group.say("/crux prompt close", "olga")
    assert told.text.split("\n") == [
        "“Claim T-01 holds in most of the cases”.",
        "When it opened: 3 of 3 voted: 3 agree.",
        "Now: 3 of 4 voted: 3 disagree.",
        "What changed: 3 members took another stance; which way they lean is not distinguishable from chance "
        "(sign test).",
    ]


async def test_below_three_answers_it_says_too_few_to_show_and_nothing_else(group: Group) -> None:
    seen = set()
    for claim, answers in (("T-01", ""), ("T-02", "a"), ("T-03", "ab")):
        asked = await ask(group, claim)
        for member in answers:
            await group.press(asked, "Agree", member)
        told = await group.say("/crux prompt close", "olga")
        seen.add(told.text.replace(claim, "CLAIM"))
    assert seen == {f"“Claim CLAIM holds in most of the cases”.\nNow: {TOO_FEW}.\nWhat changed: {UNTOLD}."}


async def test_a_change_of_one_or_two_looks_like_no_change(group: Group) -> None:
    seen = set()
    for claim, movers in (("T-01", ""), ("T-02", "a"), ("T-03", "ab")):
        await stand(group, claim, a="agree", b="agree", c="agree")
        asked = await ask(group, claim)
        for member in movers:
            await group.press(asked, "Disagree", member)
        told = await group.say("/crux prompt close", "olga")
        seen.add(told.text.replace(claim, "CLAIM").replace("of 4", "of 3"))
    (text,) = seen
    assert text.endswith(f"Now: 3 of 3 voted: 3 agree.\nWhat changed: {UNTOLD}.")


async def test_snapshots_that_end_where_they_began_tell_no_moves(group: Group) -> None:
    """Each moves by three members, and the last differs from the first by one: which one did what would be seen."""
    await stand(group, "T-01", a="agree", b="agree", c="agree", d="agree")
    asked = await ask(group)
    for stance in ("Disagree", "Agree"):
        for member in ("a", "b", "c"):
            await group.press(asked, stance, member)
    await group.press(asked, "Disagree", "d")
    before = await group.say("/crux prompt close", "olga")
    assert "When it opened" not in before.text
    assert f"What changed: {UNTOLD}." in before.text


async def test_figures_that_start_during_a_prompt_are_told_without_a_before(group: Group) -> None:
    asked = await ask(group)
    for member in ("ann", "ben", "cyd"):
        await group.press(asked, "Agree", member)
    told = await group.say("/crux prompt close", "olga")
    assert told.text.split("\n")[1:] == ["Now: 3 of 4 voted: 3 agree.", f"What changed: {UNTOLD}."]


async def test_who_is_forgotten_meanwhile_takes_the_vote_before_along(group: Group) -> None:
    await stand(group, "T-01", ann="agree", ben="agree", cyd="agree")
    asked = await ask(group)
    await group.say("/crux forget-me yes", "cyd")
    for member in ("dan", "eve", "ann", "ben"):
        await group.press(asked, "Disagree", member)
    told = await group.say("/crux prompt close", "olga")
    assert told.text.split("\n")[1:] == ["Now: 4 of 5 voted: 4 disagree.", f"What changed: {UNTOLD}."]


async def test_who_is_forgotten_while_the_end_is_written_is_in_no_vote_that_is_told() -> None:
    group = Group(slow_store())
    await stand(group, "T-01", ann="agree", ben="agree", cyd="agree")
    asked = await ask(group)
    for member in ("ann", "ben", "cyd"):
        await group.press(asked, "Disagree", member)
    meanwhile(group.store, "close_prompt", lambda: group.say("/crux forget-me yes", "cyd"))
    told = await group.say("/crux prompt close", "olga")
    assert told.text.split("\n")[1:] == [f"Now: {TOO_FEW}.", f"What changed: {UNTOLD}."]


async def test_an_organiser_closes_a_claim_s_prompt_in_any_channel(group: Group) -> None:
    await ask(group, "T-01", "other")
    assert "Nothing is being asked here" in (await group.say("/crux prompt close", "olga")).text
    assert "T-02 is not being asked" in (await group.say("/crux prompt close T-02", "olga")).text
    assert "There is no claim T-99" in (await group.say("/crux prompt close T-99", "olga")).text
    assert (await group.say("/crux prompt close t-1", "olga")).title == "Closed: where the group stands on T-01"
    await ask(group, "thesis")
    assert (await group.say("/crux prompt close thesis", "olga")).title == "Closed: where the group stands on T-00"


async def test_one_that_is_over_is_told_before_another_is_asked(group: Group) -> None:
    await ask(group)
    group.clock.advance(48 * HOUR)
    said = await group.say("/crux prompt", "olga")
    assert said.text == "A prompt on T-01 is over; `/crux prompt close` ends it."
    await group.say("/crux prompt close", "olga")
    await ask(group, "")


async def test_closing_that_is_tried_again_says_the_same(group: Group) -> None:
    await stand(group, "T-01", ann="agree", ben="agree", cyd="agree")
    asked = await ask(group)
    for member in ("ann", "ben", "cyd"):
        await group.press(asked, "Disagree", member)
    await group.dies("/crux prompt close", "olga")
    await ask(group, "T-02")
    said = await group.retried()
    assert "When it opened: 3 of 3 voted: 3 agree." in said.text
    assert [p.claim_id for p in await group.store.open_prompts("w")] == ["T-02"]


async def test_of_two_who_close_at_once_one_tells() -> None:
    group = Group(slow_store())
    await ask(group)
    said = await asyncio.gather(*(group.say("/crux prompt close", who) for who in ("olga", "otto")))
    assert sorted(message.title is None for message in said) == [False, True]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ("/crux retire T-01 because it is said twice", "The prompt on T-01 has closed, since the claim was retired."),
        (
            "/crux reword T-01 Tea that has gone cold is wasted",
            "The prompt on T-01 has closed, since the claim was reworded: “Tea that has gone cold is wasted”. Answers "
            "stay with the words that they were given on.",
        ),
    ],
)
async def test_a_claim_that_is_no_longer_what_was_asked_ends_its_prompt_with_one_line(
    group: Group, change: str, line: str
) -> None:
    await stand(group, "T-01", ann="agree", ben="agree", cyd="agree")
    asked = await ask(group)
    await group.say(change, "olga")
    said = await group.press(asked, "Agree", "dan")
    assert "reworded" in said.text or "retired" in said.text
    assert await group.store.current_position("w", TEA.id, "T-01", "dan") is None
    (told,) = await due(group)
    assert told.text == line
    (closed,) = await group.store.closed_prompts("w", "general", 5)
    assert closed.ending in (Ending.RETIRED, Ending.REWORDED)


async def test_new_words_may_be_asked_at_once_and_old_buttons_lead_to_them(group: Group) -> None:
    asked = await ask(group)
    await group.say("/crux reword T-01 Tea that has gone cold is wasted", "olga")
    await due(group)
    for label in ("Agree", "This is a crux"):
        said = await group.press(asked, label, "ann")
        assert "nothing is recorded" in said.text
        assert "says “Tea that has gone cold is wasted”. Where do you stand on that?" in said.text
    assert "Recorded" in (await group.press(said, "Agree", "ann")).text
    assert (await ask(group)).text.startswith("“Tea that has gone cold is wasted”.")


async def test_a_topic_that_is_gone_ends_its_prompt(group: Group) -> None:
    await ask(group)
    group.debate = replace(group.debate, catalogue=FixedCatalogue((OTHER,)))
    (told,) = await due(group)
    assert told.text == "The prompt on T-01 has closed, since the claim was retired."


# -- whether to slow down ---------------------------------------------------------------------------------------------


async def silent(group: Group, claim: str, answer: str | None = None) -> list[Message]:
    """What an organiser is told after a prompt ran its time."""
    asked = await ask(group, claim)
    if answer is not None:
        await group.press(asked, answer, "ann")
    group.clock.advance(48 * HOUR)
    return await due(group)


async def test_two_silent_prompts_in_a_row_make_it_ask_once(group: Group) -> None:
    assert len(await silent(group, "T-01")) == 1
    told = await silent(group, "T-02")
    assert [message.private for message in told] == [False, True]
    assert told[1].text == "Nobody answered the last two prompts here. Should they come less often?"
    assert labels(told[1]) == ["Slower", "Keep it so"]
    assert len(await silent(group, "T-03")) == 1
    assert len(await silent(group, "T-04")) == 1


@pytest.mark.parametrize(("label", "pace"), [("Slower", Pace.SLOWER), ("Keep", Pace.KEEP)])
async def test_what_the_organiser_wants_is_kept_for_the_channel_and_topic(group: Group, label: str, pace: Pace) -> None:
    await silent(group, "T-01")
    note = (await silent(group, "T-02"))[1]
    assert await group.store.pace("w", "general", TEA.id) is Pace.ASKED
    assert "Only organisers" in (await group.press(note, label, "ann")).text
    assert (await group.press(note, label, "olga")).text.startswith("Noted: ")
    assert await group.store.pace("w", "general", TEA.id) is pace
    assert await group.store.pace("w", "other", TEA.id) is None


async def test_an_answer_between_or_an_early_end_is_no_silence(group: Group) -> None:
    await silent(group, "T-01")
    assert len(await silent(group, "T-02", "Unsure")) == 1
    assert len(await silent(group, "T-03")) == 1
    await ask(group, "T-04")
    await group.say("/crux prompt close", "olga")
    assert await due(group) == []


async def test_a_pace_button_of_a_prompt_that_there_is_not_is_refused(group: Group) -> None:
    assert "no longer here" in (await group.say("/press pace:nowhere:slower", "olga")).text


# -- settings ---------------------------------------------------------------------------------------------------------


async def test_an_operator_sets_both_times(group: Group) -> None:
    rules = replace(group.debate.rules, open_for=timedelta(hours=1), again_after=timedelta(0))
    group.debate = replace(group.debate, rules=rules)
    asked = await ask(group)
    assert asked.notes[0].startswith("Closes on 5 January 2026, 10:00 UTC")
    group.clock.advance(HOUR)
    assert len(await due(group)) == 1
    await ask(group)
