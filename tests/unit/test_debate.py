from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from bot.core.actions import short_topic, shortened
from bot.core.assignments import Released, Task, Withdrawn, Written
from bot.core.inbox import Inbox
from bot.core.kept import Endorsement, Reply
from bot.core.messages import Added, Finished, Replaced, Started
from bot.core.positions import Stance
from bot.core.reading import Candidate, Leaning, Reading, Verdict
from bot.core.requests import Request
from tests.unit.group import Group, ScriptedWriter


@pytest.fixture
def group() -> Group:
    return Group()


async def test_a_steelman_is_cited_says_how_it_was_read_and_who_wrote_it(group: Group) -> None:
    group.retriever.learn("small", "tea it is", Verdict.SURE, ("T-00", Leaning.AFFIRMS))
    message = await group.say("/steelman tea it is")
    assert message.title == "The best case for T-00"
    assert {line.argument_id for line in message.sources} >= {"T-00", "T-01", "T-02", "T-03"}
    assert "read as saying T-00" in message.notes[0]
    assert "without a language model" in message.notes[1]
    assert "best reply from the other side: T-0" in message.notes[2]
    labels = [button.label for button in message.buttons]
    assert labels == [
        "I'd sign this",
        "Not my view",
        "Counter this",
        "Where do I stand?",
        "This changed my mind",
        "I meant the opposite",
    ]


async def test_a_denial_is_argued_as_a_denial_and_one_press_turns_it_around(group: Group) -> None:
    group.retriever.learn("small", "tea? no", Verdict.SURE, ("T-00", Leaning.DENIES))
    message = await group.say("/steelman tea? no")
    assert message.title == "The best case for denying T-00"
    assert "read as denying T-00" in message.notes[0]
    turned = await group.press(message, "I meant the opposite")
    assert turned.title == "The best case for T-00"


async def test_countering_uses_the_other_side(group: Group) -> None:
    message = await group.say("/counter T-00")
    assert message.title == "The best case against T-00"
    assert "[T-02]" in message.text
    back = await group.press(message, "Steelman it")
    assert back.title == "The best case for T-00"


async def test_the_second_ask_is_told_apart_from_the_first(group: Group) -> None:
    writer = ScriptedWriter([Released("One [T-00]."), Written("One [T-00].", "outline")])
    group.use(writer)
    for _ in range(3):
        await group.say("/steelman T-00")
    await group.say("/steelman not T-00")
    await group.say("/steelman T-00", channel="elsewhere")
    assert [assignment.seen for assignment in writer.asked] == [0, 1, 2, 0, 0]


async def test_what_a_writer_withdraws_is_replaced(group: Group) -> None:
    group.use(ScriptedWriter([Released("Bad"), Withdrawn("Good [T-00]."), Written("Good [T-00].", "outline")]))
    events = await group.events(group.request("/steelman T-00"))
    assert events[:3] == [Started("The best case for T-00"), Added("Bad"), Replaced("Good [T-00].")]
    assert isinstance(events[3], Finished)
    assert events[3].message.text == "Good [T-00]."


async def test_a_text_read_by_words_alone_is_said_to_be(group: Group) -> None:
    found = (Candidate("T-00", 0.9, Leaning.AFFIRMS, 0.2),)
    group.retriever.known["small", "tea"] = Reading("tea", Verdict.SURE, found, by_words=True)
    group.retriever.known["small", "hm"] = Reading("hm", Verdict.UNSURE, found, by_words=True)
    for text in ("/steelman tea", "tea", "hm"):
        assert any("word by word" in note for note in (await group.say(text)).notes), text
    assert not any("word by word" in note for note in (await group.say("/steelman T-00")).notes)


async def test_words_off_the_map_are_refused_and_nothing_is_argued(group: Group) -> None:
    message = await group.say("/steelman football is great")
    assert "has nothing on that" in message.text
    assert not message.sources


async def test_unsure_words_get_the_nearest_claims_as_buttons(group: Group) -> None:
    group.retriever.learn(
        "small",
        "hm tea",
        Verdict.UNSURE,
        ("T-01", Leaning.AFFIRMS),
        ("T-02", Leaning.DENIES),
        ("T-03", Leaning.UNCLEAR),
    )
    message = await group.say("/counter hm tea")
    assert "Did you mean" in message.text
    assert [button.label[:4] for button in message.buttons] == ["T-01", "T-02", "T-03"]
    chosen = await group.press(message, "T-02")
    assert chosen.title == "The best case against denying T-02"


async def test_words_on_another_topic_offer_that_topic(group: Group) -> None:
    group.retriever.learn("other", "other things", Verdict.SURE, ("O-01", Leaning.AFFIRMS))
    message = await group.say("/steelman other things")
    assert "sounds like “Other”" in message.text
    chosen = await group.press(message, "Switch to Other")
    assert "O-00" in chosen.text
    assert (await group.say("/crux map")).title == "Other"
    assert (await group.say("/crux map", channel="elsewhere")).title == "Small"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("/steelman T-99", "There is no claim T-99; `/crux map` lists them."),
        ("/steelman T-00 or T-01", "That names 2 claims (T-00, T-01); name one of them."),
        ("/stand T-77 agree", "There is no claim T-77"),
        ("/stand nonsense agree", "“nonsense” is not a claim's id"),
        ("/stand T-01 yay", "“yay” is not a stance"),
        ("/crux topic knitting", "There is no topic “knitting”; choose one of: small, other."),
        ("/press turn:unknown", "no longer here"),
        ("/press sign:unknown", "Only a steelman"),
        ("/press steelman:small:T-99:for", "There is no T-99"),
    ],
)
async def test_bad_input_gets_one_sentence(group: Group, text: str, advice: str) -> None:
    message = await group.say(text)
    assert advice in message.text
    assert message.private


@pytest.mark.parametrize("kept", ["", ":me"])
async def test_a_button_may_name_its_topic_in_short(group: Group, kept: str) -> None:
    await group.say("/crux topic other")
    for action, said in (
        (f"counter:small:T-01:for{kept}", "The best case against T-01"),
        ("stand:small:T-01:agree", "you agree with T-01"),
        ("topic:small", "This channel now debates"),
    ):
        short = shortened(action)
        assert short != action
        assert shortened(short) == short
        message = await group.say(f"/press {short}")
        assert said in f"{message.title} {message.text}"
    assert "There is no topic" in (await group.say(f"/press topic:{short_topic('gone')}")).text


async def test_a_mistyped_id_offers_the_nearest(group: Group) -> None:
    message = await group.say("/steelman T-06")
    assert "Did you mean" in message.text
    label = message.buttons[0].label
    chosen = await group.press(message, label)
    assert chosen.title == f"The best case for {label[:4]}"


async def test_a_claim_that_nothing_attacks_is_not_attacked(group: Group) -> None:
    message = await group.say("/counter T-05")
    assert "The map has nothing to say for" in message.text


async def test_plain_words_get_both_sides_and_ways_on(group: Group) -> None:
    group.retriever.learn("small", "is it tea?", Verdict.SURE, ("T-00", Leaning.UNCLEAR))
    message = await group.say("is it tea?")
    assert "You bring up what the map has as T-00" in message.text
    assert "[T-01]" in message.text
    assert [button.label for button in message.buttons] == ["Steelman your view", "Counter it", "Where do I stand?"]


async def test_positions_are_kept_and_shown_to_their_holder_alone(group: Group) -> None:
    first = await group.say("/stand T-01 agree it is warm crux")
    assert "Recorded: you agree with T-01" in first.text
    assert "crux for you" in first.text
    assert "stays hidden" in first.text
    second = await group.say("/stand t-1 disagree public")
    assert "Before, you were at “agree”" in second.text
    assert "Your name is shown" in second.text
    assert "You disagree with T-01" in (await group.say("/stand T-01")).text
    assert "no position" in (await group.say("/stand T-01", member="ben")).text
    history = await group.store.position_history("w", "ann")
    assert [(p.stance, p.reason, p.crux) for p in history] == [
        (Stance.AGREE, "it is warm", True),
        (Stance.DISAGREE, None, False),
    ]


async def test_where_do_i_stand_offers_every_stance(group: Group) -> None:
    message = await group.press(await group.say("/steelman T-00"), "Where do I stand?")
    assert [button.label.lower() for button in message.buttons] == [stance.value for stance in Stance]
    recorded = await group.press(message, "Unsure")
    assert "you are unsure about T-00" in recorded.text


async def test_a_steelman_is_signed_by_those_who_hold_its_view(group: Group) -> None:
    steelman = await group.say("/steelman T-00")
    assert steelman.reply_id is not None
    await group.say("/stand T-00 disagree", member="ben")
    assert "Noted" in (await group.press(steelman, "I'd sign this")).text
    assert "Noted" in (await group.press(steelman, "Not my view", member="cleo")).text
    refused = await group.press(steelman, "I'd sign this", member="ben")
    assert "judged by those who hold its view" in refused.text
    counts = await group.store.endorsements("w", steelman.reply_id)
    assert counts == {Endorsement.SIGNED: 1, Endorsement.NOT_MINE: 1}


async def test_a_second_press_takes_the_place_of_the_first(group: Group) -> None:
    steelman = await group.say("/steelman T-00")
    assert steelman.reply_id is not None
    await group.press(steelman, "I'd sign this")
    await group.press(steelman, "Not my view")
    counts = await group.store.endorsements("w", steelman.reply_id)
    assert counts.get(Endorsement.SIGNED, 0) == 0
    assert counts[Endorsement.NOT_MINE] == 1


async def test_the_map_is_shown_as_a_tree_and_a_claim_with_its_text(group: Group) -> None:
    assert "T-02 (against)" in (await group.say("/crux map")).text
    claim = await group.say("/crux map T-02")
    assert "T-03 (against)" in claim.text
    assert "Those who deny it say" in claim.text


async def test_help_speaks_of_the_topics_own_ids(group: Group) -> None:
    message = await group.say("/crux help steelman")
    assert "/steelman T-04" in message.text
    assert "no command “dance”" in (await group.say("/crux help dance")).text


async def test_one_event_gets_one_answer(group: Group) -> None:
    request = group.request("/steelman T-00")
    first = await group.events(request)
    inbox = Inbox(group.store, group.debate, group.clock, "another", 60)
    assert not await inbox.receive(request)
    assert [event async for event in inbox.respond(request)] == []
    stored = await group.store.reply_to("w", request.event_id)
    assert isinstance(first[-1], Finished)
    assert stored is not None
    assert stored.message == first[-1].message


async def test_a_request_left_open_by_a_dead_process_is_taken_up_when_its_lease_runs_out(group: Group) -> None:
    request = group.request("/steelman T-00")
    assert await group.store.receive(request)
    assert await group.store.lease_this(request, "dead", group.clock.now(), 60)
    inbox = Inbox(group.store, group.debate, group.clock, "alive", 60)
    assert await inbox.work_one() is None
    group.clock.advance(61)
    done = await inbox.work_one()
    assert done is not None
    assert done[1].title == "The best case for T-00"
    assert await inbox.work_one() is None


async def test_a_request_that_takes_down_every_worker_is_given_up_with_an_apology(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    assert await group.store.receive(group.request("/steelman T-00"))
    for number in range(5):
        assert await group.store.lease(f"dead-{number}", group.clock.now(), 60) is not None
        group.clock.advance(61)
    done = await Inbox(group.store, group.debate, group.clock, "alive", 60).work_one()
    assert done is not None
    assert "Something broke" in done[1].text
    assert "5 tries ended without an answer" in caplog.text


@dataclass
class BrokenAnswerer:
    async def answer(self, request: Request) -> AsyncGenerator[Added | Replaced | Reply]:
        yield Added("half of")
        raise RuntimeError("a bug")


async def test_a_bug_still_gets_the_member_an_answer_and_the_operator_a_log(
    group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    request = group.request("/steelman T-00 SECRET")
    inbox = Inbox(group.store, BrokenAnswerer(), group.clock, "worker", 60)
    await inbox.receive(request)
    events = [event async for event in inbox.respond(request)]
    assert isinstance(events[-1], Finished)
    assert "Something broke" in events[-1].message.text
    assert "a bug" in caplog.text
    assert "SECRET" not in caplog.text


async def test_a_reply_by_a_worker_that_lost_its_lease_is_not_stored(group: Group) -> None:
    request = group.request("/steelman T-00")
    slow = Inbox(group.store, group.debate, group.clock, "slow", 60)
    quick = Inbox(group.store, group.debate, group.clock, "quick", 60)
    await slow.receive(request)
    events = slow.respond(request)
    await anext(events)
    group.clock.advance(61)
    done = await quick.work_one()
    assert done is not None
    rest = [event async for event in events]
    assert isinstance(rest[-1], Finished)
    assert rest[-1].message == done[1]


async def test_words_follow_the_walk(group: Group) -> None:
    writer = ScriptedWriter([Written("x [T-00].", "outline")])
    group.use(writer)
    await group.say("/steelman T-01")
    await group.say("/steelman T-00")
    leaf, root = writer.asked
    assert leaf.task is Task.STEELMAN
    assert leaf.words < root.words <= 220
