from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
    Moved,
    Shared,
    between,
    candidate_cruxes,
    credited,
    double_cruxes,
    live,
    may_move,
    moved,
    shared,
    took_part,
)
from bot.core.kept import PublishedClaim
from bot.core.positions import Position, Stance
from bot.core.prompts import Vote
from bot.core.shifts import Move, Shift, most_against, sign_test
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


# -- what moved -------------------------------------------------------------------------------------------------------


def moved_between(
    before: Mapping[str, Stance | None], after: Mapping[str, Stance | None], version: int = 1
) -> Moved | None:
    one, other = held(before), held(after)
    earlier = snapshot(one, 12)
    now = replace(snapshot(other, 12), version=version)
    return moved([earlier], one, [now], other).get("T-01")


def of_moves(ups: int, downs: int, unchanged: int = 0) -> Moved | None:
    """What is told of so many moves one way and the other, all across sides."""
    sides = [(Stance.DISAGREE, Stance.AGREE)] * ups + [(Stance.AGREE, Stance.DISAGREE)] * downs
    sides += [(Stance.AGREE, Stance.AGREE)] * unchanged
    before, after = ({str(n): each[way] for n, each in enumerate(sides)} for way in (0, 1))
    positions = [held(before), held(after)]
    snapshots = [snapshot(each, len(sides)) for each in positions]
    return moved(snapshots[:1], positions[0], snapshots[1:], positions[1]).get("T-01")


@given(many, many)
def test_what_moved_is_told_where_both_pass_the_floor_and_three_members_differ(
    before: dict[str, Stance | None], after: dict[str, Stance | None]
) -> None:
    was, now = ({who: s for who, s in each.items() if s is not None} for each in (before, after))
    differ = sum(was.get(who) is not now.get(who) for who in was.keys() | now.keys())
    found = moved_between(before, after)
    assert (found is not None) is (len(was) >= 3 and len(now) >= 3 and differ >= 3)
    if found is not None:
        counts = [int(number) for number in re.findall(r"(?<![.\d])\d+", found.lean.words)]
        assert all(count >= 3 for count in counts), found.lean.words


@given(many, many, st.permutations("abcdefghij"))
def test_who_moved_is_not_in_what_is_told(
    before: dict[str, Stance | None], after: dict[str, Stance | None], names: list[str]
) -> None:
    called = dict(zip("abcdefghij", names, strict=True))
    found = moved_between(before, after)
    other = moved_between({called[w]: s for w, s in before.items()}, {called[w]: s for w, s in after.items()})
    assert (found and (found.words, found.lean.words)) == (other and (other.words, other.lean.words))


def test_one_or_two_who_went_against_the_rest_are_never_told_apart_from_others() -> None:
    """Whatever is told of so many moves: how many went the other way may not have been one, or one or two."""
    for moves in range(3, 60):
        against: dict[str, set[int]] = {}
        for downs in range(moves + 1):
            found = of_moves(moves - downs, downs)
            assert found is not None
            assert found.lean.moves == moves
            against.setdefault(found.lean.words, set()).add(min(downs, moves - downs))
        for told, could_be in against.items():
            assert not could_be <= {1, 2}, (moves, told)


@pytest.mark.parametrize("unchanged", [3, 9])
def test_fewer_than_three_moves_look_like_none(unchanged: int) -> None:
    joined = {f"n{n}": Stance.UNSURE for n in range(3)}
    before: dict[str, Stance | None] = {str(n): Stance.AGREE for n in range(unchanged)}
    told = set()
    for moves in range(3):
        found = moved_between(before, {**before, **{str(n): Stance.STRONGLY_AGREE for n in range(moves)}, **joined})
        assert found is not None
        told.add((found.words, found.lean.words))
    assert len(told) == 1


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_bound_of_a_shift_holds_and_its_verdict_is_the_sign_test_s(ups: int, downs: int) -> None:
    found = of_moves(ups, downs, unchanged=3)
    if found is None:
        assert ups + downs < 3
        return
    p = sign_test(ups, downs)
    assert (found.lean.towards is not None) is (p <= 0.05)
    if found.lean.bound is not None:
        assert p <= found.lean.bound <= 0.05
        assert found.lean.towards is (ups > downs)


def test_a_shift_in_words() -> None:
    assert [(moves, most_against(moves)) for moves in (5, 6, 8, 9, 12)] == [(5, None), (6, 0), (8, 0), (9, 1), (12, 2)]
    alone, split = of_moves(6, 0, 3), of_moves(5, 4)
    assert alone is not None
    assert split is not None
    assert alone.words == "9 of 9 voted: 9 agree; before, 9 of 9 voted: 3 agree, 6 disagree"
    assert alone.lean.words == (
        "6 members took another stance, more of them towards agreement than by chance (sign test, p ≤ .031)"
    )
    assert split.lean.words == (
        "9 members took another stance; which way they lean is not distinguishable from chance (sign test)"
    )


def test_a_claim_of_other_words_is_not_compared() -> None:
    before, after = dict.fromkeys("abc", Stance.AGREE), dict.fromkeys("abc", Stance.DISAGREE)
    assert moved_between(before, after) is not None
    assert moved_between(before, after, version=2) is None


def test_a_snapshot_read_a_moment_before_its_positions_is_not_compared() -> None:
    one, other = held(dict.fromkeys("abc", Stance.AGREE)), held(dict.fromkeys("abcd", Stance.DISAGREE))
    assert moved([snapshot(one, 9)], one, [snapshot(other, 9)], other) != {}
    assert moved([snapshot(one, 9)], one, [snapshot(other, 9)], other[:3]) == {}
    assert moved([snapshot(one, 9)], one[:2], [snapshot(other, 9)], other) == {}


def test_nothing_else_can_make_what_moved() -> None:
    figures = shared([snapshot(held(dict.fromkeys("abc", Stance.AGREE)), 9)])["T-01"]
    with pytest.raises(TypeError, match=r"bot\.core\.disclosure"):
        Moved(object(), figures, figures, Shift("T-01", {Move.TOWARDS_AGREEMENT: 5}))


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(-2, 2)))
def test_taking_part_is_counted_from_three_members(days: dict[str, int]) -> None:
    positions = [replace(held({who: Stance.AGREE})[0], at=AT + timedelta(days=day)) for who, day in days.items()]
    since = sum(day > 0 for day in days.values())
    assert took_part(positions, AT) == (since if since >= 3 else None)
    assert took_part(positions * 2, None) == (len(days) if len(days) >= 3 else None)


# -- who may hold counts ----------------------------------------------------------------------------------------------

GUARDED = {
    "Tally",
    "Crux",
    "Evidence",
    "Shift",
    "in_words",
    "counts_in_words",
    "divisiveness",
    "common_ground",
    "sign_test",
}
"""Exact counts, and words and figures made of them."""
MAY_HOLD = {"standing", "cruxes", "shifts", "disclosure", "camps", "kept"}
"""The statistics themselves, the check, and the value in which a store hands snapshots over."""


def test_no_reply_is_made_from_counts_that_did_not_pass() -> None:
    core = Path(bot.core.__file__).parent
    checked = list(core.glob("*.py")) + list((core.parent / "chat").rglob("*.py"))
    for adapter in ("writing", "cli", "charts"):
        checked += list((core.parent / adapter).rglob("*.py"))
    found, made = set(), set()
    for path in checked:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.ImportFrom(module="bot.core.standing" | "bot.core.cruxes" | "bot.core.shifts", names=names):
                    found |= {(path.stem, name.name) for name in names if name.name in GUARDED}
                case ast.ImportFrom(module="bot.core.digest", names=names):
                    made |= {path.stem for name in names if name.name in ("Counts", "ClaimFigures")}
                case ast.ImportFrom(module="bot.core", names=names):
                    found |= {(path.stem, name.name) for name in names if name.name in ("standing", "cruxes", "shifts")}
    assert {stem for stem, _ in found} <= MAY_HOLD
    assert ("disclosure", "standing") in found, "the check looks at something"
    assert made == {"digest_words"}, "the figures of digests are made of shared ones, in one place"


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
    assert found == {"T-01": "marked by 4; 4 of 9 voted: 2 agree, 2 disagree"}


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
