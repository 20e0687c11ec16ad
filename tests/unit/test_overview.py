"""What the whole group may see, by way of commands; and that nothing else gives figures away."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arguments import ArgumentMap, Relation, RelationKind
from bot.core.assignments import Written
from bot.core.messages import Message
from bot.core.positions import Stance
from bot.testing import FixedCatalogue
from tests.unit.group import Group, ScriptedWriter
from tests.unit.maps import argument, build

SHARED = (
    "/crux standing",
    "/crux standing T-00",
    "/crux standing T-01",
    "/crux map",
    "/crux map all",
    "/crux map T-00",
)
"""Every command whose answer is for the whole group and may carry a figure."""
MEMBERS = ("ann", "ben", "cyd", "dan", "eve", "fay", "gus", "hal", "ida")


@pytest.fixture
def group() -> Group:
    return Group()


async def stands(group: Group, claim: str, stances: str, more: str = "") -> None:
    """One letter a member: a(gree), d(isagree), u(nsure), - for none."""
    words = {"a": "agree", "d": "disagree", "u": "unsure"}
    for member, letter in zip(MEMBERS, stances, strict=False):
        if letter != "-":
            await group.say(f"/stand {claim} {words[letter]} {more}", member)


async def seen(group: Group, member: str = "zoe") -> list[str]:
    """All that anybody can see of the group's positions."""
    return [str(await group.say(text, member)) for text in SHARED]


async def test_nothing_is_shown_before_three_have_answered(group: Group) -> None:
    before = await seen(group)
    await stands(group, "T-00", "ad")
    await stands(group, "T-01", "a", "crux public")
    assert await seen(group) == before
    assert "No claim has three answers yet" in (await group.say("/crux standing")).text
    assert "Too few to show." in (await group.say("/crux standing T-00")).text
    await stands(group, "T-00", "--a")
    assert "3 of 4 voted: 2 agree, 1 disagree" in (await group.say("/crux standing")).text


async def test_shared_figures_move_on_with_three_changes_and_not_before(group: Group) -> None:
    await stands(group, "T-00", "aaaaaa")
    moved = await seen(group)
    await stands(group, "T-00", "dd")
    await group.say("/stand T-00 withdraw", "ann")
    assert await seen(group) == moved
    assert "5 of 7 voted: 4 agree, 1 disagree" in (await group.say("/stand T-00", "ben")).text
    await group.say("/stand T-00 disagree", "cyd")
    assert await seen(group) != moved
    assert "5 of 7 voted: 3 agree, 2 disagree" in (await group.say("/crux standing")).text


async def test_the_standing_in_sections(group: Group) -> None:
    await stands(group, "T-00", "aaaaadddd")
    await stands(group, "T-01", "aaaaadddd", "crux")
    await stands(group, "T-02", "aaaddd")
    await stands(group, "T-03", "aaaaaa")
    await stands(group, "T-04", "dddddd")
    message = await group.say("/crux standing")
    assert not message.private
    assert message.title == "Where the group stands: Small"
    said = message.text.split("\n")
    assert said[0].startswith(
        "The thesis, T-00: “Claim T-00 holds in most of the cases”. 9 of 9 voted: 5 agree, 4 disagree"
    )
    assert said[1].startswith("Candidate cruxes")
    assert "T-01" in said[2]
    assert "goes with the thesis (p = .016, 2 claims tested)" in said[2]
    assert said[3].startswith("Could be talked over")
    assert said[4] == "T-01: 20 pairs of members."
    assert said[5:7] == [
        "Splits the group:",
        "T-02, “Claim T-02 holds in most of the cases”: 6 of 9 voted: 3 agree, 3 disagree.",
    ]
    assert said[7] == "Common ground:"
    assert said[8].startswith("T-03")
    assert said[9] == "Common ground against:"
    assert said[10].startswith("T-04")
    assert said[11] == "Without figures yet are 1 of 6 claims, among them:"
    assert said[12].startswith("T-05")
    assert "move on when three members or more have changed" in message.notes[0]


async def test_sections_with_nothing_to_say_are_left_out(group: Group) -> None:
    await stands(group, "T-00", "aaa")
    said = (await group.say("/crux standing")).text.split("\n")
    assert len(said) == 2 + 3
    assert said[1] == "Without figures yet are 5 of 6 claims, among them:"


async def test_the_map_shows_the_tallies_that_there_are(group: Group) -> None:
    await stands(group, "T-00", "aaaaaaaad")
    await stands(group, "T-02", "aad")
    await stands(group, "T-04", "aa")
    message = await group.say("/crux map")
    assert "T-02 (against) Claim T-02 holds in most of the cases (3 of 9 voted: 2 agree, 1 disagree)" in message.text
    assert "T-04 (against) Claim T-04 holds in most of the cases\n" in f"{message.text}\n"
    assert "majority locked." in message.text
    assert "3 of 9 voted" in (await group.say("/crux map T-02")).text


async def test_one_claim_in_full(group: Group) -> None:
    await stands(group, "T-01", "aaaddd", "crux public")
    message = await group.say("/crux standing t-1")
    assert message.title == "Where the group stands on T-01"
    assert "Candidate crux, marked by 6; 6 of 6 voted: 3 agree, 3 disagree." in message.text
    assert "ann (agrees) and dan (disagrees); ann (agrees) and eve (disagrees)" in message.text
    assert "; 6 more pairs of members." in message.text
    await stands(group, "T-02", "aa")
    await group.say("/stand T-02 agree crux", "cyd")
    assert "Marked" not in (await group.say("/crux standing T-02")).text
    await stands(group, "T-03", "aaa", "crux")
    assert "Marked as a crux by 3." in (await group.say("/crux standing T-03")).text


async def test_a_name_goes_as_soon_as_it_is_no_longer_public(group: Group) -> None:
    await stands(group, "T-01", "aad", "crux public")
    assert "ann (agrees)" in (await group.say("/crux standing", "zoe")).text
    await group.say("/stand T-01 agree crux", "ann")
    assert "ann" not in (await group.say("/crux standing T-01", "zoe")).text
    assert "ann" not in (await group.say("/crux standing", "zoe")).text


async def test_names_are_those_that_members_go_by(group: Group) -> None:
    await stands(group, "T-01", "aad", "crux public")
    await group.store.join("w", "ann", "Ann of Arden", group.clock.now())
    assert "Ann of Arden (agrees)" in (await group.say("/crux standing T-01")).text


def crowd() -> ArgumentMap:
    """A map of fifteen claims beside its thesis, as many as it takes to look for camps."""
    names = [f"T-{number:02}" for number in range(1, 16)]
    return build([argument(name) for name in names], [Relation(RelationKind.SUPPORTS, name, "T-00") for name in names])


async def crowded(group: Group, stance: Callable[[int, int], str]) -> str:
    """Eighteen members answer every claim but the thesis; where the group then stands."""
    found = crowd()
    group.debate = replace(group.debate, catalogue=FixedCatalogue((found,)))
    for column, claim in enumerate(found.arguments):
        for row in range(18):
            await group.say(f"/stand {claim.id} {stance(row, column)}", f"m{row}")
    return (await group.say("/crux standing", "m1")).text


async def test_two_camps_are_told_by_size_and_common_ground_is_of_both(group: Group) -> None:
    def stance(row: int, column: int) -> str:
        agrees = True if column == 14 else (row < 10) ^ (column % 2 == 0)
        return "agree" if agrees ^ ((5 * row + 3 * column) % 17 == 0 and column != 14) else "disagree"

    said = await crowded(group, stance)
    assert "Two camps, of 10 and 8 members (p = .00" in said
    assert said.index("Common ground:") < said.index("T-15")
    assert "Common ground against:" not in said


async def test_a_group_along_one_line_has_no_stable_camps(group: Group) -> None:
    def stance(row: int, column: int) -> str:
        return "agree" if row + (7 * row * column + 5 * column) % 11 > 4 + column else "disagree"

    assert "No stable camps" in await crowded(group, stance)


async def test_nothing_is_said_of_camps_in_a_small_group(group: Group) -> None:
    await stands(group, "T-00", "aaaaadddd")
    assert "camps" not in (await group.say("/crux standing")).text


async def test_credits_show_from_three_members(group: Group) -> None:
    await stands(group, "T-00", "aaaa")
    await stands(group, "T-00", "dddd")
    group.clock.advance(60)
    for number, member in enumerate(MEMBERS[:4]):
        shown = "Changed minds" in (await group.say("/crux standing")).text
        assert shown is (number >= 3)
        await group.say("/crux credit T-02 for T-00 because it changed all that I thought", member)
    assert "3 members or more credit it" in (await group.say("/crux standing")).text
    assert "4 members" not in (await group.say("/crux standing T-02")).text


async def test_what_a_forgotten_member_held_can_not_be_told_from_before_and_after(group: Group) -> None:
    await stands(group, "T-00", "aaaaad")
    assert "6 of 6 voted: 5 agree, 1 disagree" in (await group.say("/crux standing T-00", "ann")).text
    told = await group.say("/crux forget-me yes", "fay")
    assert "hidden until others have changed" in told.text
    assert "Too few to show" in (await group.say("/crux standing T-00", "ann")).text
    await stands(group, "T-00", "d")
    assert "Too few to show" in (await group.say("/crux standing T-00", "ann")).text
    await stands(group, "T-00", "-d")
    assert "5 of 5 voted: 3 agree, 2 disagree" in (await group.say("/crux standing T-00", "ann")).text


async def test_what_a_model_is_given_is_the_same_whatever_members_hold(group: Group) -> None:
    writer = ScriptedWriter([Written("x [T-00].", "outline")])
    group.use(writer)
    for text in ("/steelman T-00", "/counter T-01"):
        await group.say(text, channel="before")
    await stands(group, "T-00", "aaadd", "a secret reason crux public")
    await stands(group, "T-01", "ddddd")
    for text in ("/steelman T-00", "/counter T-01"):
        await group.say(text, channel="after")
    assert writer.asked[:2] == writer.asked[2:]
    assert "secret" not in str(writer.asked)


actions = st.lists(
    st.tuples(
        st.sampled_from(MEMBERS[:5]),
        st.sampled_from(["T-00", "T-01"]),
        st.sampled_from([*(stance.value for stance in Stance), "agree crux", "disagree crux public", "withdraw"]),
    ),
    max_size=14,
)


def figures(messages: list[str]) -> list[tuple[int, int]]:
    found = (re.findall(r"(\d+) of (\d+) voted", message) for message in messages)
    return [(int(voters), int(members)) for group in found for voters, members in group]


@settings(max_examples=40, deadline=None)
@given(actions)
async def test_whatever_is_recorded_nobody_below_the_floor_shows(taken: list[tuple[str, str, str]]) -> None:
    group = Group()
    last = await seen(group)
    acted: dict[str, set[str]] = {"T-00": set(), "T-01": set()}
    for member, claim, words in taken:
        answer: Message = await group.say(f"/stand {claim} {words}", member)
        assert answer.private
        now = await seen(group)
        assert all(3 <= voters <= members for voters, members in figures([*now, str(answer)]))
        acted[claim].add(member)
        if now != last:
            assert len(acted[claim]) >= 3, "fewer than three acted on the claim since its figures moved"
            acted[claim].clear()
        last = now


@settings(max_examples=20, deadline=None)
@given(actions)
async def test_no_workspace_sees_another_s_positions(taken: list[tuple[str, str, str]]) -> None:
    beside = Group()
    before = await seen(beside)
    for member, claim, words in taken:
        await beside.events(beside.request(f"/stand {claim} {words}", member, workspace="elsewhere"))
    assert await seen(beside) == before
