"""Positions, credit and a member's own record, by way of commands."""

from __future__ import annotations

import json

import pytest

from bot.core.inbox import Inbox
from bot.core.messages import Finished
from bot.core.positions import Stance
from tests.unit.group import Group

REASON = "because it shows a plan that could work"


@pytest.fixture
def group() -> Group:
    return Group()


# -- recording and withdrawing ----------------------------------------------------------------------------------------


async def test_live_figures_come_after_ones_own_answer_and_from_three_voters(group: Group) -> None:
    for member in ("ann", "ben"):
        assert "voted" not in (await group.say("/stand T-01 agree", member)).text
    assert "voted" not in (await group.say("/stand T-01", "cyd")).text
    recorded = await group.say("/stand T-01 unsure", "cyd")
    assert "As of now, for your eyes: 3 of 3 voted: 2 agree, 1 unsure." in recorded.text
    assert recorded.private
    asked = await group.say("/stand T-01", "ann")
    assert "3 of 3 voted" in asked.text
    assert asked.private
    assert "voted" not in (await group.say("/stand T-01", "dan")).text
    assert "voted" not in (await group.say("/stand T-02 agree", "ann")).text


async def test_a_position_can_be_withdrawn_and_taken_again(group: Group) -> None:
    await group.say("/stand T-01 agree")
    assert "Withdrawn: you hold no position on T-01" in (await group.say("/stand T-01 withdraw")).text
    assert "You hold no position on T-01" in (await group.say("/stand T-01")).text
    assert "nothing to withdraw" in (await group.say("/stand T-01 withdraw")).text
    assert "Before, you were" not in (await group.say("/stand T-01 disagree")).text
    history = await group.store.position_history("w", "ann")
    assert [position.stance for position in history] == [Stance.AGREE, None, Stance.DISAGREE]


async def test_who_withdrew_gets_no_live_figures(group: Group) -> None:
    for member in ("ann", "ben", "cyd", "dan"):
        await group.say("/stand T-01 agree", member)
    assert "voted" not in (await group.say("/stand T-01 withdraw", "dan")).text
    assert "voted" not in (await group.say("/stand T-01", "dan")).text
    assert "3 of 4 voted" in (await group.say("/stand T-01", "ann")).text


async def test_a_steelman_may_be_signed_by_who_withdrew_the_other_view(group: Group) -> None:
    steelman = await group.say("/steelman T-00")
    await group.say("/stand T-00 disagree")
    await group.say("/stand T-00 withdraw")
    assert "Noted" in (await group.press(steelman, "I'd sign this")).text


@pytest.mark.parametrize(
    ("first", "then", "asks"),
    [
        ("agree", "strongly disagree", True),
        ("disagree", "agree", True),
        ("agree", "strongly agree", False),
        ("agree", "unsure", False),
        ("unsure", "agree", False),
        ("withdraw", "agree", False),
    ],
)
async def test_who_changes_sides_is_asked_what_did_it(group: Group, first: str, then: str, asks: bool) -> None:
    await group.say(f"/stand T-00 {first}")
    assert ("What changed your mind?" in (await group.say(f"/stand T-00 {then}")).text) is asks


async def test_the_example_of_a_credit_speaks_for_the_new_side(group: Group) -> None:
    await group.say("/stand T-00 agree")
    assert "`/crux credit T-04 for T-00 because …`" in (await group.say("/stand T-00 disagree")).text
    assert "`/crux credit T-01 for T-00 because …`" in (await group.say("/stand T-00 agree")).text


# -- credit -----------------------------------------------------------------------------------------------------------


async def changed(group: Group, claim: str = "T-00", member: str = "ann") -> None:
    await group.say(f"/stand {claim} agree", member)
    await group.say(f"/stand {claim} disagree", member)
    group.clock.advance(60)


async def test_a_change_is_credited_to_an_argument_and_taken_back(group: Group) -> None:
    await changed(group)
    given = await group.say(f"/crux credit T-02 for T-00 {REASON}")
    assert "T-02" in given.text
    assert given.private
    assert await group.store.credits("w", "small") == {"T-02": 1}
    assert "Taken back: your credit to T-02" in (await group.say("/crux credit undo")).text
    assert await group.store.credits("w", "small") == {}
    assert "no credit that could be taken back" in (await group.say("/crux credit undo")).text


async def test_without_a_claim_the_last_change_is_credited(group: Group) -> None:
    await changed(group, "T-00")
    await changed(group, "T-03")
    assert "changed your mind on T-03" in (await group.say(f"/crux credit T-02 {REASON}")).text


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (f"/crux credit T-02 for T-01 {REASON}", "You have not changed your stance on T-01"),
        ("/crux credit T-02 for T-00 because hm", "Say in 20 characters or more how T-02 changed your mind on T-00"),
        (f"/crux credit T-77 for T-00 {REASON}", "There is no claim T-77"),
        (f"/crux credit T-02 for O-00 {REASON}", "another topic"),
        (f"/crux credit O-01 {REASON}", "not changed your stance on a claim of this topic"),
        ("/press changed:unknown", "no longer here"),
    ],
)
async def test_a_credit_needs_a_change_a_reason_and_an_argument(group: Group, text: str, advice: str) -> None:
    await changed(group)
    refused = await group.say(text)
    assert advice in refused.text
    assert refused.private
    assert not await group.store.credits_given("w", "ann")


async def test_one_change_gets_one_credit(group: Group) -> None:
    await changed(group)
    await group.say(f"/crux credit T-02 for T-00 {REASON}")
    assert "has been credited" in (await group.say(f"/crux credit T-04 for T-00 {REASON}")).text
    assert "Noted" in (await group.say(f"/crux credit T-02 for T-00 {REASON}")).text
    assert len(await group.store.credits_given("w", "ann")) == 1
    group.clock.advance(60)
    await group.say("/stand T-00 strongly agree")
    assert "Noted" in (await group.say(f"/crux credit T-01 for T-00 {REASON}")).text
    assert len(await group.store.credits_given("w", "ann")) == 2


async def test_a_button_under_a_reply_tells_how_to_credit_it(group: Group) -> None:
    for text in ("/steelman T-00", "/counter T-00"):
        told = await group.press(await group.say(text), "This changed my mind")
        assert told.private
        assert "/crux credit T-0" in told.text
        assert "for T-00 because" in told.text
        assert "T-02: Claim T-02" in told.text
        assert [button.label.lower() for button in told.buttons] == [stance.value for stance in Stance]


async def test_an_undo_that_is_tried_again_takes_back_no_second_credit(group: Group) -> None:
    for claim in ("T-00", "T-03"):
        await changed(group, claim)
        await group.say(f"/crux credit T-02 for {claim} {REASON}")
    request = group.request("/crux credit undo")
    assert await group.store.receive(request)
    taken = await group.store.lease("dead", group.clock.now(), 60)
    assert taken is not None
    async for _ in group.debate.answer(taken):  # answered, and dead before the reply was stored
        pass
    group.clock.advance(61)
    done = await Inbox(group.store, group.debate, group.clock, "alive", 60).work_one()
    assert done is not None
    assert "your credit to T-02 for changing your mind on T-03" in done[1].text
    assert [credit.standing for credit in await group.store.credits_given("w", "ann")] == [True, False]


# -- a member's own record --------------------------------------------------------------------------------------------


async def test_me_shows_positions_changes_and_credits_to_their_holder(group: Group) -> None:
    await changed(group)
    await group.say("/stand T-03 agree it is warm crux public")
    await group.say(f"/crux credit T-02 for T-00 {REASON}")
    mine = await group.say("/crux me")
    assert mine.private
    assert "T-00, “Claim T-00 holds in most of the cases”: disagree since 5 January 2026; before: agree." in mine.text
    assert (
        "T-03, “Claim T-03 holds in most of the cases”: agree since 5 January 2026 (a crux for you, public)"
        in mine.text
    )
    assert "Your reason: it is warm" in mine.text
    assert "T-02, for T-00: it shows a plan that could work" in mine.text
    assert "no position yet" in (await group.say("/crux me", "ben")).text


async def test_me_repeats_no_stance_that_only_got_a_reason(group: Group) -> None:
    for text in ("agree", "agree for a reason", "withdraw"):
        await group.say(f"/stand T-01 {text}")
    assert "withdrawn since 5 January 2026; before: agree." in (await group.say("/crux me")).text


async def test_an_export_has_all_of_the_member_and_nobody_else(group: Group) -> None:
    await changed(group)
    await group.say("/stand T-00 agree a reason of Bens alone public", "ben")
    await group.say("/crux export-me")
    exported = await group.say("/crux export-me")
    assert exported.private
    assert exported.attachment is not None
    record = json.loads(exported.attachment.text)
    assert record["member"] == "ann"
    assert [position["stance"] for position in record["positions"]] == ["agree", "disagree"]
    assert [request["text"] for request in record["requests"]][:2] == ["/stand T-00 agree", "/stand T-00 disagree"]
    assert "ben" not in exported.attachment.text.lower()
    assert '"attachment": null' in exported.attachment.text, "an export does not hold the one before it"


async def test_forgetting_asks_once_and_then_leaves_nothing(group: Group) -> None:
    await changed(group)
    await group.say(f"/crux credit T-02 for T-00 {REASON}")
    steelman = await group.say("/steelman not T-00", "ben")
    await group.press(steelman, "Not my view")
    asked = await group.say("/crux forget-me")
    assert asked.private
    assert "can't be undone" in asked.text
    assert len(await group.store.position_history("w", "ann")) == 2
    request = group.request(f"/press {asked.buttons[0].action}")
    (done,) = await group.events(request)
    assert isinstance(done, Finished)
    assert "Forgotten: 2 positions, 1 credit, 1 endorsement" in done.message.text
    assert done.message.private
    record = await group.store.member_record("w", "ann")
    kept = (record.positions, record.credits, record.endorsements, record.requests, record.replies, record.usage)
    assert (record.name, *kept) == (None, (), (), (), (), (), ())
    assert await group.store.reply_to("w", request.event_id) is None
    assert (await group.store.member_record("w", "ben")).replies


async def test_forgetting_is_for_ones_own_rows_only(group: Group) -> None:
    await group.say("/stand T-00 agree", "ben")
    await group.say("/crux forget-me yes", "ann")
    assert len(await group.store.position_history("w", "ben")) == 1
