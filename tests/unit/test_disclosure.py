from __future__ import annotations

import ast
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.core
from bot.core.disclosure import (
    Between,
    Disclosed,
    Live,
    Shared,
    between,
    candidate_cruxes,
    credited,
    double_cruxes,
    live,
    may_move,
    shared,
)
from bot.core.kept import PublishedClaim
from bot.core.positions import Position, Stance
from bot.core.prompts import Vote
from bot.core.standing import Tally

stances = st.sampled_from(list(Stance))
snapshots = st.dictionaries(st.sampled_from("abcdefgh"), stances)


# -- when a snapshot may move on --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "current", "departed", "may"),
    [
        ("", "aa", 0, False),
        ("", "aaa", 0, True),
        ("aaa", "aaa", 0, False),
        ("aaa", "daa", 0, False),
        ("aaa", "dda", 0, False),
        ("aaa", "ddd", 0, True),
        ("aaa", "aaaaa", 0, False),
        ("aaa", "ddaa", 0, True),
        ("aaaa", "a", 0, True),
        ("aaa", "dda", 1, True),
        ("aaa", "aaa", 2, False),
    ],
)
def test_a_snapshot_moves_on_when_three_members_differ(published: str, current: str, departed: int, may: bool) -> None:
    letters = {"a": Stance.AGREE, "d": Stance.DISAGREE}
    before, after = ({str(n): letters[ch] for n, ch in enumerate(held)} for held in (published, current))
    assert may_move(before, after, departed) is may


@given(snapshots, snapshots, st.integers(0, 4))
def test_whether_it_may_move_depends_on_no_order_and_no_direction(
    before: dict[str, Stance], after: dict[str, Stance], departed: int
) -> None:
    found = may_move(before, after, departed)
    assert may_move(dict(reversed(before.items())), dict(reversed(after.items())), departed) is found
    assert may_move(after, before, departed) is found


@given(snapshots, st.lists(st.tuples(st.sampled_from("abcdefgh"), st.none() | stances), max_size=2))
def test_what_one_or_two_members_do_never_moves_it(
    before: dict[str, Stance], moves: list[tuple[str, Stance | None]]
) -> None:
    after = {**before, **{member: stance for member, stance in moves if stance}}
    for member, stance in moves:
        if stance is None:
            after.pop(member, None)
    assert not may_move(before, after)


@given(st.dictionaries(st.sampled_from("abcdefgh"), stances))
def test_the_first_snapshot_takes_three_voters(current: dict[str, Stance]) -> None:
    assert may_move({}, current) is (len(current) >= 3)


@given(snapshots, snapshots, st.integers(0, 4))
def test_a_departure_counts_as_a_change(before: dict[str, Stance], after: dict[str, Stance], departed: int) -> None:
    if may_move(before, after, departed):
        assert may_move(before, after, departed + 1)
    for member in before.keys() - after.keys():
        rest = {name: stance for name, stance in before.items() if name != member}
        assert may_move(rest, after, departed + 1) is may_move(before, after, departed)


def test_no_fewer_than_nobody_can_depart() -> None:
    with pytest.raises(ValueError, match="negative"):
        may_move({}, {}, -1)


# -- figures ----------------------------------------------------------------------------------------------------------

AT = datetime(2026, 1, 5, tzinfo=UTC)


def held(by_member: Mapping[str, Stance | None], claim_id: str = "T-01") -> list[Position]:
    return [Position("w", "t", claim_id, 1, member, stance, AT) for member, stance in by_member.items()]


def snapshot(positions: list[Position], members: int, claim_id: str = "T-01") -> PublishedClaim:
    stances = [position.stance for position in positions if position.stance is not None]
    marks = sum(position.crux for position in positions)
    return PublishedClaim(claim_id, Tally.of(claim_id, stances, members), marks, AT)


many = st.dictionaries(st.sampled_from("abcdefghij"), st.none() | stances)


@given(many, st.sampled_from("abcdefghij"), st.integers(0, 20))
def test_a_live_view_is_for_those_who_hold_a_position_on_the_claim(
    positions: dict[str, Stance | None], asker: str, members: int
) -> None:
    found = live(held(positions), asker, members)
    voters = [stance for stance in positions.values() if stance is not None]
    assert (found is not None) is (positions.get(asker) is not None and len(voters) >= 3)
    if found is not None:
        assert found.words.startswith(f"{len(voters)} of {max(members, len(voters))} voted")


def test_a_live_view_is_of_one_claim() -> None:
    with pytest.raises(ValueError, match="one claim"):
        live(held({"a": Stance.AGREE}) + held({"a": Stance.AGREE}, "T-02"), "a", 3)


@given(many)
def test_nothing_below_three_voters_is_shared(positions: dict[str, Stance | None]) -> None:
    found = shared([snapshot(held(positions), 12)])
    voters = [stance for stance in positions.values() if stance is not None]
    assert bool(found) is (len(voters) >= 3)


def test_shared_counts_are_those_of_the_snapshot_and_stay_as_they_are() -> None:
    figures = shared([snapshot(held({"a": Stance.AGREE, "b": Stance.AGREE, "c": Stance.UNSURE}), 12)])["T-01"]
    assert dict(figures.counts) == {**dict.fromkeys(Stance, 0), Stance.AGREE: 2, Stance.UNSURE: 1}
    assert (figures.voters, figures.members) == (3, 12)
    with pytest.raises(TypeError):
        figures.counts[Stance.AGREE] = 1  # type: ignore[index]


@given(many, st.randoms(use_true_random=False))
def test_the_order_of_positions_never_matters(positions: dict[str, Stance | None], random: Random) -> None:
    given_order = held(positions)
    shuffled = random.sample(given_order, len(given_order))
    one, other = live(given_order, "a", 12), live(shuffled, "a", 12)
    assert (one.words if one else None) == (other.words if other else None)


@pytest.mark.parametrize("kind", [Disclosed, Live])
def test_nothing_else_can_make_figures_that_may_be_shown(kind: type[Disclosed]) -> None:
    with pytest.raises(TypeError, match=r"bot\.core\.disclosure"):
        kind(object(), Tally.of("T-01", [Stance.AGREE] * 5, 5))
    with pytest.raises(TypeError, match=r"bot\.core\.disclosure"):
        Shared(object(), Tally.of("T-01", [Stance.AGREE] * 5, 5), 0, AT, 1)


GUARDED = {"Tally", "Crux", "Evidence", "Shift", "in_words", "counts_in_words", "divisiveness", "common_ground"}
"""Exact counts, and words and figures made of them."""
MAY_HOLD = {"standing", "cruxes", "shifts", "disclosure", "camps", "kept"}
"""The statistics themselves, the check, and the value in which a store hands snapshots over."""


def test_no_reply_is_made_from_counts_that_did_not_pass() -> None:
    core = Path(bot.core.__file__).parent
    checked = list(core.glob("*.py")) + list((core.parent / "chat").rglob("*.py"))
    checked += list((core.parent / "writing").rglob("*.py"))
    checked += list((core.parent / "charts").rglob("*.py"))
    found = set()
    for path in checked:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.ImportFrom(module="bot.core.standing" | "bot.core.cruxes" | "bot.core.shifts", names=names):
                    found |= {(path.stem, name.name) for name in names if name.name in GUARDED}
                case ast.ImportFrom(module="bot.core", names=names):
                    found |= {(path.stem, name.name) for name in names if name.name in ("standing", "cruxes", "shifts")}
    assert {stem for stem, _ in found} <= MAY_HOLD
    assert ("disclosure", "standing") in found, "the check looks at something"


# -- a vote before, a vote after --------------------------------------------------------------------------------------

votes = st.none() | st.builds(Vote, snapshots, st.integers(0, 12))


def differ(before: Vote, after: Vote) -> int:
    members = before.stances.keys() | after.stances.keys()
    return sum(before.stances.get(member) is not after.stances.get(member) for member in members)


@given(votes, votes)
def test_a_vote_before_is_told_only_where_three_members_differ_and_both_have_three_voters(
    before: Vote | None, after: Vote | None
) -> None:
    found = between("T-01", before, after)
    assert (found.after is not None) is (after is not None and len(after.stances) >= 3)
    both = before is not None and after is not None and min(len(before.stances), len(after.stances)) >= 3
    assert (found.before is not None) is (both and differ(before, after) >= 3)  # type: ignore[arg-type]
    assert (found.before is None) is (found.moves is None)


@given(snapshots, st.lists(st.tuples(st.sampled_from("abcdefgh"), stances), max_size=2))
def test_what_one_or_two_members_did_looks_like_nothing(
    after: dict[str, Stance], moves: list[tuple[str, Stance]]
) -> None:
    now = Vote(after, 9)
    assert between("T-01", Vote({**after, **dict(moves)}, 9), now) == between("T-01", now, now)
    assert between("T-01", None, now) == between("T-01", now, now)


def test_below_three_voters_nothing_is_told_whatever_was_before() -> None:
    many_before = Vote(dict.fromkeys("abcdef", Stance.AGREE), 6)
    assert between("T-01", many_before, Vote({"a": Stance.AGREE, "b": Stance.DISAGREE}, 6)) == Between()
    assert between("T-01", many_before, None) == Between()


# -- cruxes, names and credits ----------------------------------------------------------------------------------------


def marked(claim_id: str, agree: str, disagree: str, public: str = "") -> list[Position]:
    return [
        Position("w", "t", claim_id, 1, who, stance, AT, crux=True, public=who in public)
        for group, stance in ((agree, Stance.AGREE), (disagree, Stance.DISAGREE))
        for who in group
    ]


def test_a_candidate_crux_is_told_with_the_size_that_its_snapshot_had() -> None:
    positions = marked("T-01", "ab", "cd")
    found = candidate_cruxes([snapshot(positions, 9)], positions, "T-00")
    assert found == {"T-01": "candidate crux, marked by 4; 4 of 9 voted: 2 agree, 2 disagree"}


def test_a_claim_that_moved_on_between_two_reads_is_left_out() -> None:
    positions = marked("T-01", "ab", "cd")
    assert candidate_cruxes([snapshot(positions[:3], 9)], positions, "T-00") == {}


@pytest.mark.parametrize(
    ("public", "named"),
    [
        ("abcd", True),  # nobody is hidden
        ("ac", False),  # two are: the tally less the named ones would tell of them
        ("abc", False),
        ("", False),
    ],
)
def test_names_are_left_out_where_they_would_tell_hidden_positions(public: str, named: bool) -> None:
    (found,) = double_cruxes(marked("T-01", "ab", "cd", public))
    assert bool(found.named) is named
    assert found.pairs == 4


def test_names_are_shown_beside_three_who_are_hidden() -> None:
    (found,) = double_cruxes(marked("T-01", "abe", "cd", "ac"))
    assert found.named == (("a", "c"),)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 20)))
def test_credits_are_told_in_steps_of_three(members: dict[str, int]) -> None:
    found = credited(members)
    assert all(count % 3 == 0 and 3 <= count <= members[key] < count + 3 for key, count in found.items())
    assert found.keys() == {key for key, count in members.items() if count >= 3}
    assert list(found.values()) == sorted(found.values(), reverse=True)
