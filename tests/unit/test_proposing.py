"""The group's own questions, by way of commands: members propose, organisers decide, and all else uses the result."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.arguments import Relation, RelationKind
from bot.core.inbox import MAX_TRIES
from bot.core.kept import Reply
from bot.core.messages import Message
from bot.core.proposals import MOST_OPEN, ProposalState
from bot.core.reading import Leaning, Verdict
from bot.core.requests import Request
from bot.testing import FixedCatalogue
from tests.unit.group import Group
from tests.unit.maps import argument, build
from tests.unit.stores import meanwhile, slow_store

COLD = "Cold tea is a waste of good leaves. It was brewed hot. Contrary: Cold tea is a pleasure in itself."
CLAIM = "Cold tea is a waste of good leaves"
TOPIC = "Should we drop stand-ups? Thesis: Stand-ups cost us an hour a day. Contrary: Stand-ups are worth the time."
THESIS = "Stand-ups cost us an hour a day"


@pytest.fixture
def group() -> Group:
    return Group()


async def added(group: Group, text: str = COLD, way: str = "T-00 for", member: str = "ann") -> str:
    """The id of an argument that a member proposed and an organiser approved."""
    await group.say(f"/crux argue {way} {text}", member)
    newest = (await group.store.proposals("w"))[-1]
    await group.say(f"/crux approve {newest.number}", "olga")
    made = (await group.store.proposals("w"))[-1].made
    assert made is not None
    return made


async def states(group: Group) -> list[ProposalState]:
    return [proposal.state for proposal in await group.store.proposals("w")]


def labels(message: Message) -> list[str]:
    return [button.label for button in message.buttons]


# -- an argument, from its author to the map --------------------------------------------------------------------------


async def test_who_proposes_sees_how_it_was_read_and_what_comes_next(group: Group) -> None:
    told = await group.say(f"/crux argue T-01 against {COLD}")
    assert told.private
    assert told.text.split("\n") == [
        "Proposed, as number 1: an argument against T-01, “Claim T-01 holds in most of the cases”.",
        f"Claim: {CLAIM}.",
        "Those who deny it say: Cold tea is a pleasure in itself.",
        "Argument: It was brewed hot.",
    ]
    assert "Organisers decide; your name is not shown with it. `/crux withdraw 1` takes it back." in told.notes


async def test_nothing_is_in_the_map_before_an_organiser_approves(group: Group) -> None:
    before = await group.say("/crux map all")
    await group.say(f"/crux argue T-00 for {COLD}")
    assert await group.say("/crux map all") == before
    assert await group.store.revision("w") == 0


async def test_an_approved_argument_is_told_to_the_channel(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    told = await group.say("/crux approve 1", "olga")
    assert not told.private
    assert told.text == f"New in the map, for T-00: T-501, “{CLAIM}”.\nIt was brewed hot."
    assert labels(told) == ["Steelman it", "Counter it", "Where do I stand?"]
    for label in labels(told):
        assert (await group.press(told, label)).text.count("T-501")


@pytest.mark.parametrize(
    ("way", "line"),
    [
        ("T-00 for", "T-501 (for) "),
        ("T-00 against", "T-501 (against) "),
        ("T-02 undercut", "T-501 (so what?) "),
        ("thesis for", "T-501 (for) "),
        ("t-3 for", "T-501 (for) "),
    ],
)
async def test_an_approved_argument_is_in_the_tree_where_it_bears(group: Group, way: str, line: str) -> None:
    await added(group, way=way)
    assert f"{line}{CLAIM}" in (await group.say("/crux map all")).text


async def test_a_steelman_cites_an_approved_argument_with_its_origin(group: Group) -> None:
    await added(group, way="T-02 for")
    message = await group.say("/steelman not T-00")
    (line,) = [line for line in message.sources if line.argument_id == "T-501"]
    assert (line.claim, line.origin) == (CLAIM, "This group, added on 5 January 2026")


async def test_a_counterargument_cites_an_approved_argument(group: Group) -> None:
    await added(group, way="T-01 against")
    assert "T-501" in {line.argument_id for line in (await group.say("/counter T-01")).sources}


async def test_an_approved_argument_is_steelmanned_countered_and_argued_about_in_turn(group: Group) -> None:
    await added(group, way="T-01 against")
    assert "T-501" not in {line.argument_id for line in (await group.say("/counter T-01")).sources[:1]}
    await added(group, "Leaves are cheap these days, so none is wasted.", "T-501 against")
    assert "T-502" in {line.argument_id for line in (await group.say("/counter T-501")).sources}
    assert (await group.say("/steelman T-501")).title == "The best case for T-501"


async def test_words_are_read_against_an_approved_argument(group: Group) -> None:
    await added(group)
    group.retriever.learn("small", "cold is bad", Verdict.SURE, ("T-501", Leaning.AFFIRMS))
    assert f"T-501: “{CLAIM}”" in (await group.say("cold is bad")).text


async def test_the_group_stands_on_an_approved_argument(group: Group) -> None:
    await added(group)
    for member in ("ann", "ben", "cyd"):
        await group.say("/stand T-501 agree", member)
    assert "3 of 4 voted: 3 agree." in (await group.say("/crux standing T-501")).text
    assert f"T-501, “{CLAIM}”: 3 of 4 voted: 3 agree." in (await group.say("/crux standing")).text
    assert f"T-501, “{CLAIM}”: agree" in (await group.say("/crux me")).text


@pytest.mark.parametrize(("member", "told"), [("ann", "your own argument"), ("ben", "Noted")])
async def test_credit_goes_to_what_somebody_else_brought(group: Group, member: str, told: str) -> None:
    await added(group, member="ann")
    for stance in ("agree", "disagree"):
        await group.say(f"/stand T-00 {stance}", member)
    said = await group.say("/crux credit T-501 for T-00 because it is what I had not thought of", member)
    assert told in said.text


async def test_an_organiser_may_put_it_in_other_words(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    told = await group.say("/crux approve 1 Tea that has gone cold is wasted. It loses its taste. (tentative)", "olga")
    assert told.text.startswith("New in the map, for T-00: T-501, “Tea that has gone cold is wasted”.")
    assert "It loses its taste." in (await group.say("/crux map T-501")).text
    assert "tentative" in str((await group.say("/crux map T-501")).sources)


async def test_an_argument_without_more_words_has_its_claim_for_a_text(group: Group) -> None:
    await group.say("/crux argue T-00 for Cold tea is a waste of good leaves")
    told = await group.say("/crux approve 1", "olga")
    assert told.text == f"New in the map, for T-00: T-501, “{CLAIM}”."


async def test_nobody_s_name_is_shown_to_anybody_else(group: Group) -> None:
    author = "q-author"
    first = replace(group.request(f"/crux argue T-00 for {COLD}", author), member_name="Quendoline")
    await group.events(first)
    await group.say("/crux argue T-01 for Leaves are cheap these days, so none is wasted.", author)
    seen = [
        str(await group.say(text, "olga"))
        for text in (
            "/crux proposals", "/crux proposals 1", "/crux approve 1", "/crux decline 2 because it is said already",
            "/crux map all", "/crux map T-501", "/steelman T-501", "/crux proposals", "/crux standing T-501",
            "/crux retire T-501 because it is said already", "/crux map T-501", "/crux restore T-501",
        )
    ]  # fmt: skip
    assert not [said for said in seen if author in said or "Quendoline" in said]


# -- the list of proposals --------------------------------------------------------------------------------------------


async def test_without_proposals_the_list_says_how_to_make_one(group: Group) -> None:
    assert "There are no proposals. `/crux argue CLAIM for …`" in (await group.say("/crux proposals")).text


async def test_the_list_has_what_is_open_for_everybody_and_what_became_of_one_s_own(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}", "ann")
    await group.say("/crux argue T-01 against Leaves are cheap these days", "ben")
    await group.say("/crux argue T-01 for Leaves are dear these days", "ann")
    await group.say("/crux decline 3 because T-01 says so itself", "olga")
    seen = (await group.say("/crux proposals", "ann")).text.split("\n")
    assert seen[0] == "Open proposals:"
    assert seen[1].endswith(f"“{CLAIM}” (yours)")
    assert seen[2].endswith("“Leaves are cheap these days”")
    assert seen[3:] == [
        "What became of yours:",
        "“Leaves are dear these days”. Proposal 3 was declined on 5 January 2026: T-01 says so itself.",
    ]
    assert "What became of yours" not in (await group.say("/crux proposals", "ben")).text


async def test_only_organisers_are_told_how_to_decide(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    assert "To decide: `/crux approve NUMBER`" in (await group.say("/crux proposals", "olga")).notes[0]
    assert not (await group.say("/crux proposals", "ben")).notes
    looked = await group.press(await group.say("/crux proposals", "ben"), "Look at 1")
    assert not looked.buttons
    looked = await group.press(await group.say("/crux proposals", "olga"), "Look at 1", "olga")
    assert labels(looked) == ["Approve", "Decline"]
    assert "New in the map" in (await group.press(looked, "Approve", "olga")).text


async def test_who_decides_sees_the_nearest_argument(group: Group) -> None:
    group.retriever.learn("small", CLAIM, Verdict.UNSURE, ("T-03", Leaning.AFFIRMS))
    await group.say(f"/crux argue T-00 for {COLD}")
    assert "The nearest in the map: T-03," in (await group.say("/crux proposals 1", "olga")).text


async def test_a_proposal_that_is_not_open_is_its_author_s_alone(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}", "ann")
    await group.say("/crux decline 1 because it is said already", "olga")
    assert (
        "Proposal 1 was declined on 5 January 2026: it is said already."
        in (await group.say("/crux proposals 1", "ann")).text
    )
    assert "There is no open proposal 1" in (await group.say("/crux proposals 1", "ben")).text


# -- decisions --------------------------------------------------------------------------------------------------------


async def test_a_proposal_is_declined_with_a_reason(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    asked = await group.press(await group.say("/crux proposals 1", "olga"), "Decline", "olga")
    assert "Say why, so that its author can learn from it: `/crux decline 1 because …`" in asked.text
    assert await states(group) == [ProposalState.OPEN]
    told = await group.say("/crux decline 1 because T-01 says it", "olga")
    assert told.private
    assert await states(group) == [ProposalState.DECLINED]
    assert await group.store.revision("w") == 0


@pytest.mark.parametrize("text", ["/crux approve 1", "/crux decline 1 because it is said already", "/crux approve 7"])
async def test_only_organisers_decide(group: Group, text: str) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    told = await group.say(text, "ben")
    assert told.private
    assert "Only organisers" in told.text
    assert "ask one of them to look at number" in told.text
    assert await states(group) == [ProposalState.OPEN]


@pytest.mark.parametrize("first", ["approve 1", "decline 1 because it is said already", "withdraw 1"])
@pytest.mark.parametrize("then", ["approve 1", "approve 1 It is so in other words", "decline 1 because no"])
async def test_what_is_decided_is_not_decided_again(group: Group, first: str, then: str) -> None:
    await group.say(f"/crux argue T-00 for {COLD}", "olga")
    await group.say(f"/crux {first}", "olga")
    before = (await group.store.proposals("w"), await group.store.amendments("w"))
    told = await group.say(f"/crux {then}", "otto")
    done = {
        "approve": "was approved on 5 January 2026, as T-501.",
        "decline": "was declined",
        "withdra": "was withdrawn",
    }
    assert told.text.startswith(f"Proposal 1 {done[first[:7].strip()[:7].split()[0]]}")
    assert (await group.store.proposals("w"), await group.store.amendments("w")) == before


@pytest.mark.parametrize("text", ["approve 9", "decline 9 because no", "proposals 9", "withdraw 9"])
async def test_a_number_that_there_is_not(group: Group, text: str) -> None:
    told = await group.say(f"/crux {text}", "olga")
    assert told.text == "There is no open proposal 9; `/crux proposals` lists them."


@pytest.mark.parametrize(
    "words", ["Too short", "x" * 141, "Cold [tea] is a waste of leaves", "Thesis: tea it is, and so on"]
)
async def test_other_words_that_can_not_be_read_leave_the_proposal_open(group: Group, words: str) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    assert (await group.say(f"/crux approve 1 {words}", "olga")).private
    assert await states(group) == [ProposalState.OPEN]
    assert await group.store.revision("w") == 0


async def test_what_bears_on_a_retired_claim_waits_until_that_is_restored(group: Group) -> None:
    await group.say(f"/crux argue T-01 for {COLD}")
    await group.say("/crux retire T-01 because it is old", "olga")
    assert "T-01 is retired" in (await group.say("/crux approve 1", "olga")).text
    assert "an argument for T-01: “" in (await group.say("/crux proposals")).text
    await group.say("/crux restore T-01", "olga")
    assert "New in the map, for T-01: T-501" in (await group.say("/crux approve 1", "olga")).text


async def test_an_id_is_not_given_again_after_its_argument_is_retired(group: Group) -> None:
    assert await added(group) == "T-501"
    await group.say("/crux retire T-501 because it is old", "olga")
    assert await added(group, "Leaves are cheap these days") == "T-502"


# -- taking back ------------------------------------------------------------------------------------------------------


async def test_one_s_own_proposal_can_be_taken_back(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    told = await group.say("/crux withdraw 1")
    assert (told.text, told.private) == ("Proposal 1 is withdrawn.", True)
    assert (await group.say("/crux withdraw 1")).text == told.text
    assert "was withdrawn on 5 January 2026." in (await group.say("/crux proposals")).text
    assert "There is no open" in (await group.say("/crux proposals 1", "ben")).text


async def test_nobody_takes_back_another_s_proposal(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    assert "Proposal 1 is not yours" in (await group.say("/crux withdraw 1", "olga")).text
    assert await states(group) == [ProposalState.OPEN]


async def test_what_was_approved_is_not_taken_back(group: Group) -> None:
    await added(group)
    assert "Proposal 1 was approved on 5 January 2026, as T-501." in (await group.say("/crux withdraw 1")).text


# -- what is near -----------------------------------------------------------------------------------------------------


async def near(
    group: Group, way: str = "T-00 for", claim_id: str = "T-01", leaning: Leaning = Leaning.AFFIRMS
) -> Message:
    group.retriever.learn("small", CLAIM, Verdict.SURE, (claim_id, leaning))
    return await group.say(f"/crux argue {way} {COLD}")


async def test_who_says_what_the_map_has_is_shown_that_first(group: Group) -> None:
    told = await near(group)
    assert told.private
    assert "what you wrote is much like T-01, “Claim T-01 holds in most of the cases”" in told.text
    assert "A first ground speaks for T-01." in told.text
    assert labels(told) == ["Propose it all the same", "Leave it"]
    assert await states(group) == [ProposalState.DRAFT]


async def test_a_draft_is_for_nobody_to_see_or_decide(group: Group) -> None:
    await near(group)
    assert "no proposals" in (await group.say("/crux proposals", "olga")).text
    for text in ("approve 1", "decline 1 because no", "proposals 1"):
        assert "There is no open proposal 1" in (await group.say(f"/crux {text}", "olga")).text


async def test_it_can_be_proposed_all_the_same(group: Group) -> None:
    told = await group.press(await near(group), "Propose it all the same")
    assert told.text.startswith("Proposed, as number 1: an argument for T-00")
    assert await states(group) == [ProposalState.OPEN]
    assert "New in the map" in (await group.say("/crux approve 1", "olga")).text


async def test_it_can_be_left(group: Group) -> None:
    shown = await near(group)
    assert "Left as it is: nothing was proposed." in (await group.press(shown, "Leave it")).text
    assert "Proposal 1 was withdrawn" in (await group.press(shown, "Propose it all the same")).text
    assert await states(group) == [ProposalState.WITHDRAWN]


async def test_only_its_author_submits_a_draft(group: Group) -> None:
    assert "not yours" in (await group.press(await near(group), "Propose it all the same", "olga")).text
    assert await states(group) == [ProposalState.DRAFT]


async def test_a_draft_whose_buttons_are_gone_is_found_in_the_list(group: Group) -> None:
    await near(group)
    found = await group.say("/crux proposals")
    assert (
        "“Cold tea is a waste of good leaves”. Proposal 1 waits for you to say whether it is another point."
        in found.text
    )
    assert labels(await group.press(found, "Look at 1")) == ["Propose it all the same", "Leave it"]
    whole = await group.say("/crux proposals 1")
    assert labels(whole) == ["Propose it all the same", "Leave it"]
    assert "Proposed, as number 1" in (await group.press(whole, "Propose it all the same")).text


@pytest.mark.parametrize("leaning", list(Leaning))
async def test_what_argues_against_a_claim_is_not_shown_that_claim(group: Group, leaning: Leaning) -> None:
    assert (await near(group, "T-01 against", "T-01", leaning)).text.startswith("Proposed, as number 1")


async def test_what_denies_an_argument_is_shown_that_it_does(group: Group) -> None:
    assert "what you wrote denies T-03," in (await near(group, "T-00 for", "T-03", Leaning.DENIES)).text


@pytest.mark.parametrize(("way", "shown"), [("T-01 against", False), ("T-01 for", True), ("T-02 against", True)])
async def test_to_deny_what_one_argues_against_is_no_reason_to_ask(group: Group, way: str, shown: bool) -> None:
    told = await near(group, way, "T-01", Leaning.DENIES)
    assert ("Propose it all the same" in labels(told)) is shown


async def test_an_unsure_reading_is_no_reason_to_ask(group: Group) -> None:
    group.retriever.learn("small", CLAIM, Verdict.UNSURE, ("T-01", Leaning.AFFIRMS))
    assert "Proposed, as number 1" in (await group.say(f"/crux argue T-00 for {COLD}")).text


async def test_who_says_what_an_open_proposal_says_is_shown_that_first(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}", "ben")
    group.retriever.learn("small-proposals", "Cold tea is wasted tea", Verdict.SURE, ("T-01", Leaning.AFFIRMS))
    told = await group.say("/crux argue T-00 for Cold tea is wasted tea")
    assert f"Proposal 1, which is open, is much like yours: “{CLAIM}”." in told.text
    assert "Proposed, as number 2" in (await group.press(told, "Propose it all the same")).text


@pytest.mark.parametrize("way", ["T-00 against", "T-01 for"])
async def test_an_open_proposal_on_something_else_is_no_reason_to_ask(group: Group, way: str) -> None:
    await group.say(f"/crux argue T-00 for {COLD}", "ben")
    group.retriever.learn("small-proposals", "Cold tea is wasted tea", Verdict.SURE, ("T-01", Leaning.AFFIRMS))
    assert "Proposed, as number 2" in (await group.say(f"/crux argue {way} Cold tea is wasted tea")).text


async def test_a_topic_that_another_one_debates_is_shown_that_first(group: Group) -> None:
    group.retriever.learn("other", THESIS, Verdict.SURE, ("O-00", Leaning.DENIES))
    told = await group.say(f"/crux topic new {TOPIC}")
    assert "what you wrote denies O-00, “The other thesis holds today”" in told.text
    assert "Proposed, as number 1: a topic" in (await group.press(told, "Propose it all the same")).text


async def test_so_many_proposals_of_one_member_may_wait(group: Group) -> None:
    for number in range(MOST_OPEN):
        await group.say(f"/crux argue T-00 for Argument {number} speaks for it, too.")
    refused = await group.say(f"/crux argue T-00 for {COLD}")
    assert f"{MOST_OPEN} proposals of yours are waiting; withdraw one with `/crux withdraw NUMBER`" in refused.text
    assert "Proposed" in (await group.say(f"/crux argue T-00 for {COLD}", "ben")).text
    await group.say("/crux withdraw 3")
    assert "Proposed" in (await group.say(f"/crux argue T-00 for {COLD} It is so.")).text


async def test_a_long_list_shows_ten_and_how_many_more(group: Group) -> None:
    for number in range(12):
        await group.say(f"/crux argue T-00 for Argument {number} speaks for it, too.")
    assert "And 2 more, once these are decided." in (await group.say("/crux proposals", "olga")).text


# -- undercuts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["T-03 undercut", "T-03 undercut T-02", "t-3 undercuts t-2", "T-03 undercut, T-02"])
async def test_an_undercut_is_of_the_step_that_is_named_or_the_only_one(group: Group, way: str) -> None:
    await group.say(f"/crux argue {way} {COLD}")
    told = await group.say("/crux proposals 1")
    assert "an argument against the step from T-03, “Claim T-03 holds in most of the cases” to T-02." in told.text


@pytest.mark.parametrize(
    ("way", "advice"),
    [
        ("T-03 undercut T-00", "T-03 is no reason for or against T-00; `/crux map T-03` shows what it is for."),
        ("T-03 undercut O-00", "T-03 is no reason for or against O-00"),
        ("T-03 undercut T-77", "There is no claim T-77"),
        ("T-00 undercut", "T-00 is no reason for or against anything, so that there is no step to undercut;"),
        ("T-05 undercut", "T-05 is no reason for or against anything"),
    ],
)
async def test_a_step_that_there_is_not(group: Group, way: str, advice: str) -> None:
    assert advice in (await group.say(f"/crux argue {way} {COLD}")).text
    assert not await group.store.proposals("w")


async def test_an_undercut_itself_takes_no_step(group: Group) -> None:
    await added(group, way="T-02 undercut")
    assert "for or against anything" in (await group.say(f"/crux argue T-501 undercut {COLD}")).text


async def test_of_several_steps_one_has_to_be_named(group: Group) -> None:
    knot = build(
        [argument("T-01"), argument("T-02")],
        [
            Relation(RelationKind.SUPPORTS, "T-01", "T-00"),
            Relation(RelationKind.SUPPORTS, "T-02", "T-01"),
            Relation(RelationKind.SUPPORTS, "T-02", "T-00"),
        ],
    )
    group.debate = replace(group.debate, catalogue=FixedCatalogue((knot,)))
    refused = await group.say(f"/crux argue T-02 undercut {COLD}")
    assert refused.text == "T-02 bears on T-01, T-00: name one, as in `/crux argue T-02 undercut T-01 …`."
    assert "Proposed" in (await group.say(f"/crux argue T-02 undercut T-01 {COLD}")).text


# -- what can't be proposed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (f"T-77 for {COLD}", "There is no claim T-77; `/crux map` lists them."),
        (f"tea for {COLD}", "“tea” is not a claim's id"),
        (f"T-04 for {COLD}", "T-04 is retired: it can be read with `/crux map T-04`"),
        (f"T-05 for {COLD}", "T-05 is on neither side"),
        (f"T-01 maybe {COLD}", "Name a claim, say `for` or `against`"),
        ("T-01 for", "Write the argument after “for”"),
        ("T-01 for Too short", "“Too short” is too short for a claim"),
        ("T-01 for Cold tea. Contrary: Cold tea.", "too short"),
        (f"T-01 for {'x' * 150}", "The claim has 150 characters; put it in one sentence of up to 140"),
        (f"T-01 for {COLD} {'X' * 800}", "too long|characters"),
        ("T-01 for Cold tea <@everyone> is a waste", "Leave out “<”"),
    ],
)
async def test_what_can_not_be_proposed_gets_one_sentence_and_is_not_kept(group: Group, text: str, advice: str) -> None:
    await group.say("/crux retire T-04 because it is old", "olga")
    told = await group.say(f"/crux argue {text}")
    assert told.private
    assert any(part in told.text for part in advice.split("|"))
    assert "\n" not in told.text
    assert not await group.store.proposals("w")


# -- topics -----------------------------------------------------------------------------------------------------------


async def test_a_topic_is_proposed_approved_and_debated(group: Group) -> None:
    told = await group.say(f"/crux topic new {TOPIC}")
    assert told.private
    assert told.text.startswith("Proposed, as number 1: a topic, “Should we drop stand-ups?”.\nThesis: Stand-ups cost")
    new = await group.say("/crux approve 1", "olga")
    assert not new.private
    assert f"Its thesis is SDSU-00: “{THESIS}”." in new.text
    assert "Should we drop stand-ups? (its thesis alone)" in (await group.say("/crux topic")).text
    assert "This channel now debates: Should we drop stand-ups?" in (await group.press(new, "Debate")).text
    assert (await group.say("/steelman thesis")).title == "The best case for SDSU-00"
    await group.say("/stand thesis agree")
    assert f"SDSU-00, “{THESIS}”: agree" in (await group.say("/crux me")).text
    assert await added(group, way="thesis against") == "SDSU-01"
    assert "SDSU-01" in {line.argument_id for line in (await group.say("/counter SDSU-00")).sources}
    assert (
        "should-we-drop-stand-ups: Should we drop stand-ups? (2 claims) (this channel)"
        in (await group.say("/crux topic")).text
    )


async def test_a_topic_s_own_thesis_is_not_to_be_credited_by_its_author(group: Group) -> None:
    await group.say(f"/crux topic new {TOPIC}")
    await group.say("/crux approve 1", "olga")
    for stance in ("agree", "disagree"):
        await group.say(f"/stand SDSU-00 {stance}")
    told = await group.say("/crux credit SDSU-00 for SDSU-00 because it is what I had not thought of")
    assert "your own argument" in told.text


async def test_topics_with_the_same_initials_get_ids_of_their_own(group: Group) -> None:
    for number, question in enumerate(("Should we drop stand-ups?", "Shall women dress smartly, usually?"), 1):
        await group.say(f"/crux topic new {question} Thesis: Thesis {number} is what holds here.")
        await group.say(f"/crux approve {number}", "olga")
    assert "SDSU-00, “Thesis 1" in (await group.say("/crux map SDSU-00")).text.replace(": “", ", “")
    assert "This channel" not in (await group.say("/crux map SDSU-00")).text
    prefixes = [a.claim_id for a in await group.store.amendments("w")]
    assert prefixes == ["SDSU-00", "SWDS-00"]


async def test_a_prefix_that_is_taken_gets_a_number(group: Group) -> None:
    for number, title in enumerate(("Tea Quality", "Tough Quarters", "Tall Quilts"), 1):
        await group.say(f"/crux topic new Is it so? Title: {title}. Thesis: Thesis {number} is what holds here.")
        await group.say(f"/crux approve {number}", "olga")
    assert [a.claim_id for a in await group.store.amendments("w")] == ["TQ-00", "TQ2-00", "TQ3-00"]
    assert "TQ2-00: “Thesis 2 is what holds here”." in (await group.say("/crux map tq2-0")).text


async def test_a_topic_s_name_that_is_taken_is_refused_until_it_has_another(group: Group) -> None:
    for _ in range(2):
        await group.say(f"/crux topic new {TOPIC}")
    await group.say("/crux approve 1", "olga")
    refused = await group.say("/crux approve 2", "olga")
    assert "There is a topic should-we-drop-stand-ups already; approve this one under another title" in refused.text
    assert (await states(group))[1] is ProposalState.OPEN
    told = await group.say(f"/crux approve 2 {TOPIC} Title: Stand-ups once more", "olga")
    assert told.text.startswith("A new topic: Should we drop stand-ups?")
    assert "stand-ups-once-more: " in (await group.say("/crux topic")).text


async def test_topics_in_other_scripts_do_not_take_each_other_s_name(group: Group) -> None:
    for number, question in enumerate(("会議をやめるべきか?", "朝のお茶をやめるべきか?"), 1):
        await group.say(f"/crux topic new {question} Thesis: 毎日一時間もかかるのでやめるべきだ。")
        assert "A new topic" in (await group.say(f"/crux approve {number}", "olga")).text
    assert "This channel now debates: 会議" in (await group.say("/crux topic 会議をやめるべきか")).text


@pytest.mark.parametrize(
    ("text", "advice"),
    [("", "Write a question, a thesis"), (f"Thesis: {THESIS}", "Write a question"), ("Is it so?", "Write a question")],
)
async def test_a_topic_that_can_not_be_read_is_not_kept(group: Group, text: str, advice: str) -> None:
    assert advice in (await group.say(f"/crux topic new {text}")).text
    assert not await group.store.proposals("w")


# -- tried again after a crash ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [(f"/crux argue T-00 for {COLD}", "Proposed, as number 1"), (f"/crux topic new {TOPIC}", "number 1")],
)
async def test_what_is_proposed_again_after_a_crash_is_proposed_once(group: Group, text: str, told: str) -> None:
    await group.dies(text)
    assert told in (await group.retried()).text
    assert await states(group) == [ProposalState.OPEN]


async def test_a_draft_after_a_crash_is_shown_what_is_near_once_more(group: Group) -> None:
    group.retriever.learn("small", CLAIM, Verdict.SURE, ("T-01", Leaning.AFFIRMS))
    await group.dies(f"/crux argue T-00 for {COLD}")
    assert labels(await group.retried()) == ["Propose it all the same", "Leave it"]
    assert await states(group) == [ProposalState.DRAFT]


async def test_the_last_proposal_that_may_wait_is_not_refused_after_a_crash(group: Group) -> None:
    for number in range(MOST_OPEN - 1):
        await group.say(f"/crux argue T-00 for Argument {number} speaks for it, too.")
    await group.dies(f"/crux argue T-00 for {COLD}")
    assert f"Proposed, as number {MOST_OPEN}" in (await group.retried()).text


@pytest.mark.parametrize(
    ("text", "member", "told", "state"),
    [
        ("/press submit:1", "ann", "Proposed, as number 1", ProposalState.OPEN),
        ("/press drop:1", "ann", "withdrawn", ProposalState.WITHDRAWN),
    ],
)
async def test_a_draft_is_settled_once_over_a_crash(
    group: Group, text: str, member: str, told: str, state: ProposalState
) -> None:
    await near(group)
    await group.dies(text, member)
    assert told in (await group.retried()).text
    assert await states(group) == [state]


@pytest.mark.parametrize(
    ("text", "member", "told"),
    [
        ("/crux approve 1", "olga", f"New in the map, for T-00: T-501, “{CLAIM}”."),
        ("/crux approve 1 Tea that has gone cold is wasted.", "olga", "T-501, “Tea that has gone cold is wasted”"),
        ("/crux decline 1 because it is said already", "olga", "Proposal 1 is declined."),
        ("/crux withdraw 1", "ann", "Proposal 1 is withdrawn."),
    ],
)
async def test_a_decision_over_a_crash_is_made_once_and_answered_as_it_was(
    group: Group, text: str, member: str, told: str
) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    await group.dies(text, member)
    kept = (await group.store.proposals("w"), await group.store.amendments("w"))
    assert told in (await group.retried()).text
    assert (await group.store.proposals("w"), await group.store.amendments("w")) == kept


async def test_an_approved_topic_is_told_again_after_a_crash(group: Group) -> None:
    await group.say(f"/crux topic new {TOPIC}")
    await group.dies("/crux approve 1", "olga")
    assert "A new topic: Should we drop stand-ups?" in (await group.retried()).text
    assert await group.store.revision("w") == 1


# -- two at once ------------------------------------------------------------------------------------------------------


async def answered(group: Group, request: Request) -> Message:
    """An answer of the core itself, stored nowhere."""
    (reply,) = [event async for event in group.debate.answer(request) if isinstance(event, Reply)]
    return reply.message


@pytest.fixture
def slow() -> Group:
    return Group(slow_store())


async def test_of_two_organisers_who_approve_at_once_one_does(slow: Group) -> None:
    await slow.say(f"/crux argue T-00 for {COLD}")
    told = await asyncio.gather(*(slow.say("/crux approve 1", who) for who in ("olga", "otto")))
    assert sorted(message.text.split(":")[0] for message in told) == [
        "New in the map, for T-00",
        "Proposal 1 was approved on 5 January 2026, as T-501.",
    ]
    assert len(await slow.store.amendments("w")) == 1


async def test_of_an_approval_and_a_refusal_at_once_one_counts(slow: Group) -> None:
    await slow.say(f"/crux argue T-00 for {COLD}")
    told = await asyncio.gather(
        slow.say("/crux approve 1", "olga"), slow.say("/crux decline 1 because it is said already", "otto")
    )
    assert len([message for message in told if message.text.startswith("Proposal 1 was ")]) == 1
    (proposal,) = await slow.store.proposals("w")
    assert len(await slow.store.amendments("w")) == (proposal.state is ProposalState.APPROVED)


async def test_two_proposals_that_are_approved_at_once_both_get_in(slow: Group) -> None:
    for number in range(4):
        await slow.say(f"/crux argue T-00 for Argument {number} speaks for it, too.")
    told = await asyncio.gather(*(slow.say(f"/crux approve {n}", ("olga", "otto")[n % 2]) for n in range(1, 5)))
    assert all(message.text.startswith("New in the map, for T-00: T-50") for message in told)
    assert {a.claim_id for a in await slow.store.amendments("w")} == {"T-501", "T-502", "T-503", "T-504"}


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("/crux approve 1", "was approved"),
        ("/crux approve 1 Tea that has gone cold is wasted.", "was approved"),
        ("/crux decline 1 because it is said already", "was declined"),
    ],
)
@pytest.mark.parametrize("late", ["/crux approve 1", "/crux decline 1 because it is no argument"])
async def test_a_decision_that_another_one_overtakes_is_told_which(
    slow: Group, text: str, done: str, late: str
) -> None:
    await slow.say(f"/crux argue T-00 for {COLD}")
    meanwhile(slow.store, "settle", lambda: slow.say(text, "otto"))
    told = await slow.say(late, "olga")
    assert told.text.startswith(f"Proposal 1 {done}")
    assert len(await slow.store.amendments("w")) == (done == "was approved")


async def test_an_approval_that_another_amendment_overtakes_is_made_on_what_the_map_is_then(slow: Group) -> None:
    await slow.say(f"/crux argue T-01 for {COLD}")
    meanwhile(slow.store, "settle", lambda: slow.say("/crux retire T-01 because it is old", "otto"))
    assert "T-01 is retired" in (await slow.say("/crux approve 1", "olga")).text
    assert await states(slow) == [ProposalState.OPEN]


async def test_an_approval_that_its_author_s_withdrawal_overtakes_is_refused(slow: Group) -> None:
    await slow.say(f"/crux argue T-00 for {COLD}")
    withdrawn, approved = await asyncio.gather(slow.say("/crux withdraw 1"), slow.say("/crux approve 1", "olga"))
    (proposal,) = await slow.store.proposals("w")
    late = approved if proposal.state is ProposalState.WITHDRAWN else withdrawn
    assert late.text.startswith("Proposal 1 was ")
    assert len(await slow.store.amendments("w")) == (proposal.state is ProposalState.APPROVED)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/crux approve 1", "New in the map"),
        ("/crux decline 1 because it is said already", "Proposal 1 is declined."),
    ],
)
async def test_one_request_that_two_workers_answer_at_once_gets_the_same_answer(
    slow: Group, text: str, told: str
) -> None:
    # The first was so slow that its lease ran out; the second took it up, and its answer is the one that counts.
    await slow.say(f"/crux argue T-00 for {COLD}")
    request = slow.request(text, "olga")
    messages = await asyncio.gather(answered(slow, request), answered(slow, replace(request, tries=1)))
    assert all(message.text.startswith(told) for message in messages)
    assert len(await slow.store.amendments("w")) <= 1


async def test_a_request_that_takes_down_worker_after_worker_is_not_proposed_more_than_once(group: Group) -> None:
    request = group.request(f"/crux argue T-00 for {COLD}")
    for tries in range(MAX_TRIES):
        await answered(group, replace(request, tries=tries))
    assert len(await group.store.proposals("w")) == 1


# -- forgetting -------------------------------------------------------------------------------------------------------


async def test_who_is_forgotten_leaves_no_proposal_and_their_arguments_without_a_name(group: Group) -> None:
    await added(group)
    await group.say("/crux argue T-00 against Leaves are cheap these days")
    told = await group.say("/crux forget-me yes")
    assert "2 proposals" in told.text
    assert "What was taken into the map from your proposals stays there, without your name." in told.text
    assert "There are no proposals" in (await group.say("/crux proposals")).text
    assert f"T-501 (for) {CLAIM}" in (await group.say("/crux map")).text
    assert [a.author for a in await group.store.amendments("w")] == [None]


async def test_who_was_forgotten_is_not_remembered_as_an_author(group: Group) -> None:
    await added(group)
    await group.say("/crux forget-me yes")
    for stance in ("agree", "disagree"):
        await group.say(f"/stand T-00 {stance}")
    said = await group.say("/crux credit T-501 for T-00 because it is what I had not thought of")
    assert "your own argument" not in said.text


async def test_a_member_takes_along_what_they_proposed(group: Group) -> None:
    await group.say(f"/crux argue T-00 for {COLD}")
    attachment = (await group.events(group.request("/crux export-me")))[-1]
    assert CLAIM in str(attachment)
