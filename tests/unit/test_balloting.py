"""What a member is shown before they take a position: the claim that a message is about, or which it may be."""

from __future__ import annotations

import pytest

from bot.core.actions import answer_action, argue_action, reply_action, stand_action
from bot.core.arguments import View
from bot.core.assignments import Task
from bot.core.balloting import Ballot
from bot.core.messages import Message
from bot.core.positions import Stance
from bot.core.reading import Leaning, Verdict
from bot.core.requests import Venue
from bot.errors import BadInput
from tests.unit.group import Group

HERE = Venue("w", "general")


@pytest.fixture
def group() -> Group:
    return Group()


async def test_what_is_held_on_the_present_words_is_shown_to_its_holder_alone(group: Group) -> None:
    await group.say("/stand T-01 agree because it is so crux")
    ballot = await group.debate.balloting.named(HERE, "ann", "t-1")
    assert ballot.claim.id == "T-01"
    assert ballot.held is not None
    assert (ballot.held.stance, ballot.held.crux) == (Stance.AGREE, True)
    assert (await group.debate.balloting.named(HERE, "ben", "T-01")).held is None
    await group.say("/crux reword T-01 Claim T-01 holds in nearly all of the cases", "olga")
    assert (await group.debate.balloting.named(HERE, "ann", "T-01")).held is None
    await group.say("/stand T-01 withdraw")
    assert (await group.debate.balloting.named(HERE, "ann", "T-01")).held is None
    with pytest.raises(BadInput):
        await group.debate.balloting.named(HERE, "ann", "T-99")


async def test_buttons_tell_what_a_message_is_about(group: Group) -> None:
    await group.say("/crux topic other")  # the buttons' topic counts, not the channel's
    steelman = await group.say("/steelman T-02")
    prompt = await group.say("/crux prompt T-03", "olga")
    assert steelman.reply_id
    assert prompt.prompt_id
    cases = {
        "T-02": (reply_action("sign", steelman.reply_id), reply_action("turn", steelman.reply_id)),
        "T-03": (answer_action(prompt.prompt_id, Stance.AGREE), f"crux:{prompt.prompt_id}"),
        "T-04": (
            argue_action(Task.COUNTER, "small", View("T-04", affirmed=False)),
            stand_action("small", "T-04"),
            stand_action("small", "T-04", Stance.UNSURE),
        ),
    }
    for claim, actions in cases.items():
        for action in actions:
            ballot = await group.debate.balloting.below("w", "ann", ["waltz:1", "forget:yes", "sign:gone", action])
            assert ballot is not None, action
            assert ballot.claim.id == claim, action
    for action in ("topic:small", "stand:gone:T-01", "stand:small:T-99", "answer:gone:agree", "turn:gone"):
        assert await group.debate.balloting.below("w", "ann", [action]) is None, action
    assert await group.debate.balloting.below("elsewhere", "ann", cases["T-02"]) is None


async def test_words_that_are_surely_about_a_claim_are_read_either_way(group: Group) -> None:
    for leaning in Leaning:
        group.retriever.learn("small", "tea? no", Verdict.SURE, ("T-02", leaning))
        ballot = await group.debate.balloting.read(HERE, "ann", " tea?  no ")
        assert isinstance(ballot, Ballot)
        assert ballot.claim.id == "T-02"


async def test_where_it_is_not_sure_the_claims_are_offered_to_stand_on(group: Group) -> None:
    group.retriever.learn("small", "hm", Verdict.UNSURE, ("T-01", Leaning.AFFIRMS), ("T-02", Leaning.DENIES))
    asked = await group.debate.balloting.read(HERE, "ann", "hm")
    assert isinstance(asked, Message)
    assert asked.private
    assert "Did you mean one of these?" in asked.text
    assert [button.action for button in asked.buttons] == ["stand:small:T-01", "stand:small:T-02"]
    assert asked.buttons[1].label.startswith("T-02: Claim T-02")
    for text, said, actions in (
        ("T-01 or T-02", "That names 2 claims", ["stand:small:T-01", "stand:small:T-02"]),
        ("T-09", "There is no claim T-09", []),
        ("marmalade", "has nothing on that", []),
    ):
        asked = await group.debate.balloting.read(HERE, "ann", text)
        assert isinstance(asked, Message)
        assert said in asked.text
        assert [button.action for button in asked.buttons] == actions or not actions
    group.retriever.learn("other", "another thing", Verdict.SURE, ("O-01", Leaning.AFFIRMS))
    asked = await group.debate.balloting.read(HERE, "ann", "another thing")
    assert isinstance(asked, Message)
    assert "sounds like “Other”" in asked.text
    assert [button.action for button in asked.buttons] == ["topic:other"]
    with pytest.raises(BadInput, match="reads up to"):
        await group.debate.balloting.read(HERE, "ann", "x" * 3_000)
