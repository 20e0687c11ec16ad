"""Members, positions, snapshots and credits in every store: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.kept import PublishedClaim
from bot.core.ports import Store
from bot.core.positions import Position, Stance
from bot.core.standing import Tally
from tests.integration.values import START, a_credit, a_position, after

TOPIC = a_position().topic
CLAIM = "MI-04"
VERSION = a_position().claim_version


async def hold(store: Store, at: float = 0, **stances: Stance | None) -> None:
    """Each member takes a position, or withdraws it."""
    for member, stance in stances.items():
        await store.add_position(a_position(at, member=member, stance=stance))


async def publish(store: Store, at: float = 100, since: float = 0, workspace: str = "w1") -> bool:
    return await store.publish(workspace, TOPIC, CLAIM, VERSION, after(at), after(since))


async def stances(store: Store, workspace: str = "w1") -> dict[str, Stance | None]:
    """What the snapshots of the topic are made of."""
    found = await store.published_positions(workspace, TOPIC, 1_000)
    assert found is not None
    return {position.member: position.stance for position in found}


# -- members ----------------------------------------------------------------------------------------------------------


async def test_members_are_counted_by_when_they_were_last_seen(store: Store) -> None:
    await store.join("w1", "ada", "Ada", after(0))
    await store.join("w1", "bo", "Bo", after(5))
    await store.join("w1", "ada", "Ada", after(10))
    await store.join("w2", "cy", "Cy", after(20))
    assert [await store.member_count("w1", after(t)) for t in (0, 6, 10, 10.000001)] == [2, 1, 1, 0]
    assert await store.member_count("w3", START) == 0


async def test_seeing_a_member_late_changes_neither_name_nor_last_time(store: Store) -> None:
    await store.join("w1", "ada", "", after(4))
    await store.join("w1", "ada", "Ada L.", after(5))
    await store.join("w1", "ada", "Ada B.", after(2))
    await store.join("w1", "ada", "", after(9))
    found = await store.member_record("w1", "ada")
    assert (found.name, found.first_seen, found.last_seen) == ("Ada L.", after(2), after(9))


async def test_names_are_those_of_one_workspace(store: Store) -> None:
    await store.join("w1", "ada", "Ada", after(0))
    await store.join("w1", "bo", "", after(0))
    await store.join("w2", "cy", "Cy", after(0))
    many = [f"member{n}" for n in range(1_200)]
    assert await store.member_names("w1", ["ada", "bo", "cy", *many]) == {"ada": "Ada"}
    assert await store.member_names("w1", []) == {}


# -- positions --------------------------------------------------------------------------------------------------------


async def test_a_withdrawal_is_the_current_position_and_no_live_one(store: Store) -> None:
    await hold(store, 0, ada=Stance.AGREE, bo=Stance.UNSURE)
    await hold(store, 1, ada=None)
    assert await store.current_position("w1", TOPIC, CLAIM, "ada") == a_position(1, stance=None)
    assert list(await store.current_positions("w1", TOPIC, CLAIM)) == [a_position(member="bo", stance=Stance.UNSURE)]
    await hold(store, 2, ada=Stance.DISAGREE)
    assert [p.stance for p in await store.current_positions("w1", TOPIC, CLAIM)] == [Stance.DISAGREE, Stance.UNSURE]


async def test_live_positions_are_the_newest_of_each_member_on_one_claim(store: Store) -> None:
    await hold(store, 5, ada=Stance.AGREE, Bo=Stance.AGREE)
    await hold(store, 3, ada=Stance.DISAGREE)
    await hold(store, 5, Bo=Stance.UNSURE)
    for elsewhere in ({"workspace": "w2"}, {"topic": "other"}, {"claim_id": "MI-05"}):
        await store.add_position(a_position(9, member="cy", **elsewhere))
    found = await store.current_positions("w1", TOPIC, CLAIM)
    assert [(p.member, p.stance) for p in found] == [("Bo", Stance.UNSURE), ("ada", Stance.AGREE)]


async def test_concurrent_positions_are_all_kept(store: Store) -> None:
    await asyncio.gather(*(hold(store, n, **{f"m{n % 5}": Stance.AGREE}) for n in range(40)))
    assert sum([len(await store.position_history("w1", f"m{n}")) for n in range(5)]) == 40


# -- snapshots --------------------------------------------------------------------------------------------------------


async def test_the_first_snapshot_takes_three_voters(store: Store) -> None:
    await hold(store, 0, ada=Stance.AGREE, bo=Stance.DISAGREE)
    assert not await publish(store)
    assert list(await store.published("w1", TOPIC)) == []
    assert list(await store.published_positions("w1", TOPIC, 10) or ()) == []
    await hold(store, 1, cy=Stance.UNSURE)
    assert await publish(store)
    counts = {Stance.AGREE: 1, Stance.DISAGREE: 1, Stance.UNSURE: 1}
    assert list(await store.published("w1", TOPIC)) == [
        PublishedClaim(CLAIM, Tally(CLAIM, counts, members=3), marks=3, at=after(100))
    ]


async def test_a_snapshot_moves_on_when_three_differ_and_stays_whole_until_then(store: Store) -> None:
    await hold(store, 0, ada=Stance.AGREE, bo=Stance.AGREE, cy=Stance.AGREE, di=Stance.AGREE)
    assert await publish(store, at=100)
    before = await store.published("w1", TOPIC)
    await hold(store, 1, ada=None, bo=Stance.STRONGLY_AGREE)
    assert not await publish(store, at=101)
    await hold(store, 2, cy=Stance.DISAGREE)
    await hold(store, 3, cy=Stance.AGREE)
    assert not await publish(store, at=103)
    assert await store.published("w1", TOPIC) == before
    await hold(store, 4, ed=Stance.UNSURE)
    assert await publish(store, at=104)
    assert await stances(store) == {
        "bo": Stance.STRONGLY_AGREE,
        "cy": Stance.AGREE,
        "di": Stance.AGREE,
        "ed": Stance.UNSURE,
    }
    assert not await publish(store, at=105)
    (claim,) = await store.published("w1", TOPIC)
    assert claim.at == after(104)


async def test_a_snapshot_has_no_reasons_and_keeps_the_rest(store: Store) -> None:
    given = [a_position(n, member=m, public=m == "ada", crux=m == "bo") for n, m in enumerate(("ada", "bo", "cy"))]
    for position in given:
        await store.add_position(position)
    assert await publish(store)
    assert await store.published_positions("w1", TOPIC, 3) == [replace(each, reason=None) for each in given]
    (claim,) = await store.published("w1", TOPIC)
    assert claim.marks == 1


async def test_the_group_is_who_was_seen_lately_and_who_votes(store: Store) -> None:
    for member, at in (("ada", 0), ("bo", 50), ("cy", 60), ("di", 70)):
        await store.join("w1", member, member, after(at))
    await store.join("w2", "ed", "Ed", after(70))
    await hold(store, 0, ada=Stance.AGREE, bo=Stance.AGREE, old=Stance.AGREE)
    assert await publish(store, at=100, since=50)
    (claim,) = await store.published("w1", TOPIC)
    assert (claim.tally.members, claim.tally.voters) == (5, 3)  # bo, cy, di; ada and old, who vote


async def test_claims_topics_and_workspaces_are_published_apart(store: Store) -> None:
    for n, elsewhere in enumerate(({}, {"claim_id": "MI-05"}, {"topic": "other"}, {"workspace": "w2"})):
        for member in ("ada", "bo", "cy"):
            await store.add_position(a_position(n, member=member, **elsewhere))
    assert await publish(store)
    assert not await publish(store)
    assert [claim.claim_id for claim in await store.published("w1", TOPIC)] == [CLAIM]
    assert list(await store.published("w2", TOPIC)) == []
    assert await store.publish("w1", TOPIC, "MI-05", VERSION, after(1), after(0))
    assert await store.publish("w1", "other", CLAIM, VERSION, after(1), after(0))
    assert await publish(store, workspace="w2")
    assert [claim.claim_id for claim in await store.published("w1", TOPIC)] == [CLAIM, "MI-05"]
    found = await store.published_positions("w1", TOPIC, 100)
    assert found is not None
    assert [(p.claim_id, p.member) for p in found] == [(c, m) for c in (CLAIM, "MI-05") for m in ("ada", "bo", "cy")]


async def test_too_many_published_positions_are_none(store: Store) -> None:
    await hold(store, 0, **dict.fromkeys(("ada", "bo", "cy", "di"), Stance.AGREE))
    await publish(store)
    assert await store.published_positions("w1", TOPIC, 3) is None
    assert len(await store.published_positions("w1", TOPIC, 4) or ()) == 4


async def test_a_public_name_is_hidden_at_once_and_shown_with_the_next_snapshot(store: Store) -> None:
    async def public() -> list[str]:
        found: list[Position] = list(await store.published_positions("w1", TOPIC, 10) or ())
        return [position.member for position in found if position.public]

    for member in ("ada", "bo", "cy"):
        await store.add_position(a_position(member=member, public=member != "cy"))
    await publish(store)
    assert await public() == ["ada", "bo"]
    await store.add_position(a_position(1, member="ada", public=False))
    await store.add_position(a_position(1, member="bo", stance=None, public=False))
    await store.add_position(a_position(1, member="cy", public=True))
    await store.add_position(a_position(1, member="ada", claim_id="MI-05", public=True))
    assert await public() == []
    await hold(store, 2, di=Stance.AGREE, ed=Stance.AGREE)
    assert await publish(store)
    assert await public() == ["cy"]


async def test_concurrent_publishing_leaves_one_whole_snapshot(store: Store) -> None:
    async def join_in(n: int) -> bool:
        await hold(store, n, **{f"m{n}": Stance.AGREE})
        return await publish(store, at=n)

    moved = await asyncio.gather(*(join_in(n) for n in range(12)))
    assert 1 <= sum(moved) <= 4
    (claim,) = await store.published("w1", TOPIC)
    assert claim.tally.voters == len(await stances(store)) >= 10


# -- credits ----------------------------------------------------------------------------------------------------------


async def changed_mind(store: Store, member: str = "ada", claim_id: str = CLAIM, at: float = 0) -> None:
    for n, stance in enumerate((Stance.AGREE, Stance.DISAGREE)):
        await store.add_position(a_position(at + n, member=member, claim_id=claim_id, stance=stance))


async def test_a_change_can_be_credited_once_until_that_is_undone_or_there_is_another(store: Store) -> None:
    assert not await store.add_credit(a_credit())
    await changed_mind(store)
    assert await store.add_credit(a_credit(5))
    assert not await store.add_credit(a_credit(6, argument_id="MI-08"))
    assert await store.undo_credit("w1", "ada", after(7)) == a_credit(5, undone_at=after(7))
    assert await store.add_credit(a_credit(8, argument_id="MI-08"))
    await changed_mind(store, at=10)
    assert await store.add_credit(a_credit(12))
    assert list(await store.credits_given("w1", "ada")) == [
        a_credit(5, undone_at=after(7)),
        a_credit(8, argument_id="MI-08"),
        a_credit(12),
    ]
    assert await store.credits("w1", TOPIC) == {"MI-07": 1, "MI-08": 1}


async def test_a_first_position_a_withdrawal_and_a_reason_added_are_no_change_of_mind(store: Store) -> None:
    for at, stance in enumerate((Stance.AGREE, Stance.AGREE, None, Stance.DISAGREE)):
        await store.add_position(a_position(at, stance=stance))
        assert not await store.add_credit(a_credit(at))


async def test_credits_are_of_one_member_claim_and_workspace(store: Store) -> None:
    await changed_mind(store)
    assert not await store.add_credit(a_credit(5, member="bo"))
    assert not await store.add_credit(a_credit(5, claim_id="MI-05"))
    assert not await store.add_credit(a_credit(5, workspace="w2"))
    await changed_mind(store, claim_id="MI-05")
    assert await store.add_credit(a_credit(5))
    assert await store.add_credit(a_credit(5, claim_id="MI-05"))
    assert await store.credits("w1", TOPIC) == {"MI-07": 1}
    assert await store.credits("w1", "other") == {}
    assert await store.credits("w2", TOPIC) == {}
    assert await store.undo_credit("w2", "ada", after(6)) is None
    assert await store.undo_credit("w1", "bo", after(6)) is None
    # Of two at one time, the one given last is undone first.
    assert await store.undo_credit("w1", "ada", after(6)) == a_credit(5, claim_id="MI-05", undone_at=after(6))
    assert await store.undo_credit("w1", "ada", after(7)) == a_credit(5, undone_at=after(7))
    assert await store.undo_credit("w1", "ada", after(8)) is None
    assert await store.credits("w1", TOPIC) == {}


async def test_an_argument_is_credited_by_so_many_members(store: Store) -> None:
    for member in ("ada", "bo", "cy"):
        await changed_mind(store, member)
        assert await store.add_credit(a_credit(5, member=member))
    await store.undo_credit("w1", "bo", after(6))
    assert await store.credits("w1", TOPIC) == {"MI-07": 2}


async def test_concurrent_credits_of_one_change_are_one(store: Store) -> None:
    await changed_mind(store)
    kept = await asyncio.gather(*(store.add_credit(a_credit(5, argument_id=f"MI-{n}")) for n in range(10, 18)))
    assert sorted(kept) == [False] * 7 + [True]
    undone = await asyncio.gather(*(store.undo_credit("w1", "ada", after(9)) for _ in range(4)))
    assert sum(found is not None for found in undone) == 1


async def test_a_time_without_a_zone_is_refused_everywhere(store: Store) -> None:
    naive = START.replace(tzinfo=None)
    await changed_mind(store)
    with pytest.raises(ValueError, match="without a zone"):
        await store.join("w1", "ada", "Ada", naive)
    with pytest.raises(ValueError, match="without a zone"):
        await store.add_credit(replace(a_credit(), at=naive))


# -- who is gone ------------------------------------------------------------------------------------------------------


async def test_who_is_gone_is_neither_counted_nor_named_until_they_are_seen_again(store: Store) -> None:
    for member in ("ada", "bo"):
        await store.join("w1", member, member.title(), after(0))
    await store.join("w2", "ada", "Ada", after(0))
    assert await store.member_gone("w1", "ada", after(5))
    assert not await store.member_gone("w1", "zoe", after(5))
    assert [await store.member_count(workspace, after(0)) for workspace in ("w1", "w2")] == [1, 1]
    assert await store.member_names("w1", ["ada", "bo"]) == {"bo": "Bo"}
    await store.join("w1", "ada", "Ada", after(4))  # what was said before it was known
    assert await store.member_count("w1", after(0)) == 1
    await store.join("w1", "ada", "Ada", after(6))
    assert await store.member_count("w1", after(0)) == 2
    assert await store.member_names("w1", ["ada"]) == {"ada": "Ada"}


async def test_who_is_gone_is_not_of_the_group_but_what_they_hold_stays(store: Store) -> None:
    for member in ("ada", "bo", "cy", "dee", "eve"):
        await store.join("w1", member, "", after(0))
    await hold(store, ada=Stance.AGREE, bo=Stance.AGREE, cy=Stance.DISAGREE)
    for member in ("cy", "eve"):
        await store.member_gone("w1", member, after(5))
    assert await publish(store)
    (found,) = await store.published("w1", TOPIC)
    assert (found.tally.members, found.tally.voters) == (4, 3), "ada, bo and dee, and cy who answered; eve did not"
