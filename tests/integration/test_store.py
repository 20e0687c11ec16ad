"""What every store does: in memory, on SQLite, on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from bot.core.assignments import Usage
from bot.core.kept import Endorsement, EndorsementCount
from bot.core.outbox import ANSWER, Entry, PostState
from bot.core.ports import Store
from bot.core.positions import Stance
from bot.errors import BadInput
from tests.integration.values import START, a_position, a_post, a_reply, a_request, after

# -- inbox ------------------------------------------------------------------------------------------------------------


async def test_a_seen_event_is_refused(store: Store) -> None:
    assert await store.receive(a_request())
    assert not await store.receive(a_request(text="sent again"))


async def test_the_same_event_id_in_another_workspace_is_another_event(store: Store) -> None:
    assert await store.receive(a_request(workspace="w1"))
    assert await store.receive(a_request(workspace="w2"))


async def test_a_done_event_is_still_refused(store: Store) -> None:
    request = a_request()
    await store.receive(request)
    await store.lease("a", after(0), 60)
    assert await store.finish(request, "a", a_reply(request))
    assert not await store.receive(request)


async def test_a_lease_hands_over_the_whole_request(store: Store) -> None:
    request = a_request(thread=None, text="why?\n\u202eszia")
    await store.receive(request)
    assert await store.lease("a", after(0), 60) == request


async def test_leases_go_oldest_first_and_ties_in_the_order_of_arrival(store: Store) -> None:
    for event, at in (("z", 5.0), ("y", 0.0), ("b", 5.0), ("a", 5.0)):
        await store.receive(a_request(event, at=at))
    leased = [await store.lease("a", after(10), 60) for _ in range(5)]
    assert [request and request.event_id for request in leased] == ["y", "z", "b", "a", None]


async def test_a_lease_of_one_workspace_passes_over_the_others(store: Store) -> None:
    await store.receive(a_request("old", workspace="w1"))
    await store.receive(a_request("new", workspace="w2", at=5))
    leased = await store.lease("a", after(10), 60, workspace="w2")
    assert leased is not None
    assert leased.event_id == "new"
    assert await store.lease("a", after(10), 60, workspace="w2") is None


async def test_a_leased_request_is_taken_up_again_once_its_lease_runs_out_and_its_tries_are_counted(
    store: Store,
) -> None:
    await store.receive(a_request())
    assert await store.lease_this(a_request(), "a", after(0), 60)
    assert await store.lease("b", after(59.999), 60) is None
    assert await store.lease("b", after(60), 60) == replace(a_request(), tries=1)
    assert await store.lease("c", after(120), 60) == replace(a_request(), tries=2)


async def test_a_particular_request_is_leased_only_while_it_is_open(store: Store) -> None:
    request = a_request()
    assert not await store.lease_this(request, "a", after(0), 60)
    await store.receive(request)
    assert await store.lease_this(request, "a", after(0), 60)
    assert not await store.lease_this(request, "b", after(30), 60)
    assert not await store.lease_this(request, "a", after(30), 60)
    assert await store.lease_this(request, "b", after(60), 60)
    assert await store.finish(request, "b", None)
    assert not await store.lease_this(request, "b", after(500), 60)


async def test_a_lease_of_one_request_leaves_others_with_its_id_alone(store: Store) -> None:
    mine, other = a_request(workspace="w1"), a_request(workspace="w2")
    await store.receive(mine)
    await store.receive(other)
    assert await store.lease_this(mine, "a", after(0), 60)
    assert await store.lease("b", after(0), 60) == other


async def test_finishing_stores_the_reply(store: Store) -> None:
    request = a_request()
    await store.receive(request)
    await store.lease("a", after(0), 60)
    assert await store.finish(request, "a", a_reply(request))
    assert await store.reply("w1", "reply-e1") == a_reply(request)
    assert await store.reply_to("w1", "e1") == a_reply(request)
    assert await store.lease("a", after(500), 60) is None


async def test_finishing_without_a_reply_ends_the_request(store: Store) -> None:
    request = a_request()
    await store.receive(request)
    await store.lease("a", after(0), 60)
    assert await store.finish(request, "a", None)
    assert await store.reply_to("w1", "e1") is None
    assert await store.lease("a", after(500), 60) is None


async def test_a_lease_that_ran_out_and_was_not_taken_still_finishes(store: Store) -> None:
    request = a_request()
    await store.receive(request)
    await store.lease("a", after(0), 60)
    assert await store.finish(request, "a", a_reply(request, at=after(90)))


async def test_finishing_after_the_lease_was_lost_stores_nothing(store: Store) -> None:
    request = a_request()
    await store.receive(request)
    await store.lease("a", after(0), 60)
    await store.lease("b", after(60), 60)
    assert not await store.finish(request, "a", a_reply(request, writer="late"))
    assert await store.reply_to("w1", "e1") is None
    assert await store.finish(request, "b", a_reply(request))
    assert not await store.finish(request, "a", a_reply(request, id="second", writer="late"))
    assert await store.reply_to("w1", "e1") == a_reply(request)
    assert await store.reply("w1", "second") is None


async def test_where_an_answer_has_begun_to_appear_goes_with_the_post_that_shows_it(store: Store) -> None:
    request = a_request()
    await store.receive(request, "dies", 10)
    assert await store.note_begun(request, "dies", "123.4")
    assert await store.lease("b", after(20), 60) is not None
    assert not await store.note_begun(request, "dies", "567.8"), "another has it now"
    answer = Entry(a_post(kind=ANSWER, picture=None), PostState.PENDING, 0, after(21))
    assert await store.finish(request, "b", a_reply(request), answer)
    assert not await store.note_begun(request, "b", "567.8"), "it is done"
    kept = await store.outbox_entry("w1", "p1")
    assert kept is not None
    assert kept.post == replace(answer.post, begun="123.4")


async def test_a_second_finish_stores_nothing(store: Store) -> None:
    request = a_request()
    await store.receive(request)
    await store.lease("a", after(0), 60)
    assert await store.finish(request, "a", a_reply(request))
    assert not await store.finish(request, "a", a_reply(request, id="second"))
    assert await store.reply("w1", "second") is None


async def test_finishing_what_was_never_received_or_leased_stores_nothing(store: Store) -> None:
    request = a_request()
    assert not await store.finish(request, "a", a_reply(request))
    await store.receive(request)
    assert not await store.finish(request, "a", a_reply(request))
    assert await store.reply_to("w1", "e1") is None


@pytest.mark.parametrize("wrong", [{"workspace": "w2"}, {"event_id": "e2"}])
async def test_a_reply_to_another_request_is_refused(store: Store, wrong: dict[str, str]) -> None:
    request = a_request()
    await store.receive(request)
    await store.lease("a", after(0), 60)
    with pytest.raises(ValueError, match="its own request"):
        await store.finish(request, "a", a_reply(request, **wrong))
    assert await store.finish(request, "a", a_reply(request))


async def test_concurrent_receives_of_one_event_accept_it_once(store: Store) -> None:
    accepted = await asyncio.gather(*(store.receive(a_request()) for _ in range(20)))
    assert sorted(accepted) == [False] * 19 + [True]


async def test_concurrent_leasers_never_get_the_same_request(store: Store) -> None:
    for n in range(12):
        await store.receive(a_request(f"e{n}"))
    leased = await asyncio.gather(*(store.lease(f"worker-{n}", after(0), 60) for n in range(12)))
    while (more := await store.lease("last", after(0), 60)) is not None:
        leased.append(more)
    # A worker may come away with nothing while another holds the row that it looked at; none is handed out twice.
    assert sorted(r.event_id for r in leased if r is not None) == sorted(f"e{n}" for n in range(12))


async def test_concurrent_finishes_store_one_reply(store: Store) -> None:
    request = a_request()
    await store.receive(request)
    await store.lease("a", after(0), 60)
    finished = await asyncio.gather(*(store.finish(request, "a", a_reply(request, id=f"reply-{n}")) for n in range(10)))
    assert sorted(finished) == [False] * 9 + [True]


async def test_no_character_loses_a_line(store: Store) -> None:
    request = a_request(
        "e\0", text="nul \0, half a pair \ud83d, bidi \u202e, all else \x01\x7f😀", member_name="\udfff"
    )
    assert await store.receive(request)
    assert not await store.receive(request)
    leased = await store.lease("a", after(0), 60)
    assert leased is not None
    assert leased.text == "nul \ufffd, half a pair \ufffd, bidi \u202e, all else \x01\x7f😀"
    assert await store.finish(request, "a", a_reply(request, id="r"))
    found = await store.reply_to("w1", "e\0")
    assert found is not None
    assert found.id == "r"


async def test_times_keep_their_instant_whatever_their_zone(store: Store) -> None:
    at = datetime(2026, 3, 29, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-7, minutes=-30)))
    await store.receive(a_request(received_at=at))
    leased = await store.lease("a", at, 60)
    assert leased is not None
    assert leased.received_at == at
    assert leased.received_at.utcoffset() == timedelta(0)
    assert await store.lease("a", at + timedelta(seconds=59), 60) is None


# -- replies ----------------------------------------------------------------------------------------------------------


async def answered(store: Store, event: str, workspace: str = "w1", **fields: Any) -> None:
    request = a_request(event, workspace=workspace)
    await store.receive(request)
    await store.lease_this(request, "a", after(0), 60)
    assert await store.finish(request, "a", a_reply(request, **fields))


async def test_replies_are_not_found_from_another_workspace(store: Store) -> None:
    await answered(store, "e1")
    assert await store.reply("w2", "reply-e1") is None
    assert await store.reply_to("w2", "e1") is None


async def test_times_answered_counts_one_view_in_one_channel(store: Store) -> None:
    for n in range(3):
        await answered(store, f"same{n}")
    others: tuple[dict[str, Any], ...] = (
        {"channel": "c2"},
        {"command": "counter"},
        {"topic": "other"},
        {"claim_id": "MI-05"},
        {"affirmed": False},
        {"workspace": "w2"},
    )
    for n, other in enumerate(others):
        await answered(store, f"other{n}", **other)
    topic = "mechanistic-interpretability"
    assert await store.times_answered("w1", "c1", "steelman", topic, "MI-04", True) == 3
    assert await store.times_answered("w1", "c1", "steelman", topic, "MI-04", False) == 1
    assert await store.times_answered("w2", "c1", "steelman", topic, "MI-04", True) == 1
    assert await store.times_answered("w3", "c1", "steelman", topic, "MI-04", True) == 0


# -- endorsements -----------------------------------------------------------------------------------------------------


async def test_a_member_has_one_endorsement_of_a_reply(store: Store) -> None:
    await answered(store, "e1")
    await store.endorse("w1", "reply-e1", "ada", Endorsement.NOT_MINE, after(1))
    await store.endorse("w1", "reply-e1", "ada", Endorsement.SIGNED, after(2))
    await store.endorse("w1", "reply-e1", "bo", Endorsement.SIGNED, after(3))
    assert await store.endorsements("w1", "reply-e1") == {Endorsement.SIGNED: 2, Endorsement.NOT_MINE: 0}
    assert await store.endorsements("w2", "reply-e1") == {Endorsement.SIGNED: 0, Endorsement.NOT_MINE: 0}


@pytest.mark.parametrize(("workspace", "reply_id"), [("w1", "unknown"), ("w2", "reply-e1")])
async def test_a_reply_that_is_not_there_can_not_be_endorsed(store: Store, workspace: str, reply_id: str) -> None:
    await answered(store, "e1")
    with pytest.raises(BadInput, match="no longer kept"):
        await store.endorse(workspace, reply_id, "ada", Endorsement.SIGNED, after(1))


async def test_endorsement_counts_go_by_prompt_and_model_newest_first(store: Store) -> None:
    await answered(store, "old", prompt_version="p1", at=after(1))
    await answered(store, "unread", prompt_version="p1", at=after(2))
    await answered(store, "new", prompt_version="p2", at=after(4))
    # The model was asked and failed; the outline writer wrote.
    await answered(store, "outline", prompt_version="p2", writer="outline", at=after(3))
    await answered(store, "attack", prompt_version="p2", command="counter", at=after(5))
    await answered(store, "elsewhere", workspace="w2", at=after(6))
    for event, member, endorsement in (
        ("old", "ada", Endorsement.SIGNED),
        ("old", "bo", Endorsement.NOT_MINE),
        ("old", "cy", Endorsement.NOT_MINE),
        ("outline", "ada", Endorsement.SIGNED),
        ("attack", "ada", Endorsement.SIGNED),
    ):
        await store.endorse("w1", f"reply-{event}", member, endorsement, after(9))
    await store.endorse("w2", "reply-elsewhere", "ada", Endorsement.SIGNED, after(9))
    assert list(await store.endorsement_counts("w1")) == [
        EndorsementCount("p2", "gpt-5-mini", replies=1, signed=0, not_mine=0),
        EndorsementCount(None, None, replies=1, signed=1, not_mine=0),
        EndorsementCount("p1", "gpt-5-mini", replies=2, signed=1, not_mine=2),
    ]
    assert list(await store.endorsement_counts("w3")) == []


# -- usage ------------------------------------------------------------------------------------------------------------


async def test_tokens_are_summed_by_member_and_workspace_since_a_time(store: Store) -> None:
    await store.record_usage("w1", "ada", after(0), "m", Usage(100, 10, 1))
    await store.record_usage("w1", "ada", after(10), "m", Usage(200, 20, 2))
    await store.record_usage("w1", "bo", after(20), "m", Usage(3_000_000_000, 0, 1))
    await store.record_usage("w2", "ada", after(20), "m", Usage(1, 1, 1))
    assert await store.tokens_spent("w1", after(10), "ada") == 220
    assert await store.tokens_spent("w1", after(0)) == 3_000_000_330
    assert await store.tokens_spent("w1", after(20.000001)) == 0
    assert await store.tokens_spent("w3", START) == 0


# -- positions --------------------------------------------------------------------------------------------------------


async def test_the_newest_position_is_the_current_one_and_the_history_keeps_all(store: Store) -> None:
    late, early = a_position(10, stance=Stance.UNSURE), a_position(5)
    for position in (late, early, a_position(20, claim_id="MI-05"), a_position(20, member="bo")):
        await store.add_position(position)
    assert await store.current_position("w1", late.topic, "MI-04", "ada") == late
    assert list(await store.position_history("w1", "ada")) == [early, late, a_position(20, claim_id="MI-05")]


async def test_of_positions_at_one_time_the_one_added_last_counts(store: Store) -> None:
    for stance in Stance:
        await store.add_position(a_position(stance=stance, reason=None, crux=False, public=True))
    assert [p.stance for p in await store.position_history("w1", "ada")] == list(Stance)
    current = await store.current_position("w1", a_position().topic, "MI-04", "ada")
    assert current == a_position(stance=Stance.UNSURE, reason=None, crux=False, public=True)


async def test_positions_are_not_found_from_elsewhere(store: Store) -> None:
    await store.add_position(a_position())
    assert await store.current_position("w2", a_position().topic, "MI-04", "ada") is None
    assert await store.current_position("w1", "other", "MI-04", "ada") is None
    assert list(await store.position_history("w2", "ada")) == []


# -- channels ---------------------------------------------------------------------------------------------------------


async def test_a_channel_keeps_its_topic(store: Store) -> None:
    assert await store.channel_topic("w1", "c1") is None
    await store.set_channel_topic("w1", "c1", "one")
    await store.set_channel_topic("w1", "c1", "two")
    assert await store.channel_topic("w1", "c1") == "two"
    assert await store.channel_topic("w2", "c1") is None
    assert await store.channel_topic("w1", "c2") is None


# -- vectors ----------------------------------------------------------------------------------------------------------


async def test_vectors_come_back_bit_for_bit_by_model(store: Store) -> None:
    random = np.random.default_rng(3)
    vectors = {f"hash{n}": random.standard_normal(8).astype(np.float32) for n in range(1_200)}
    await store.keep_vectors("m1", vectors)
    await store.keep_vectors("m1", {"hash0": vectors["hash1"]})
    await store.keep_vectors("m1", {})
    found = await store.vectors("m1", [*vectors, "unknown"])
    assert set(found) == set(vectors)
    assert all(np.array_equal(found[key], vectors[key]) for key in vectors if key != "hash0")
    assert np.array_equal(found["hash0"], vectors["hash1"])
    assert found["hash0"].dtype == np.float32
    assert found["hash0"].flags.writeable
    assert await store.vectors("m2", list(vectors)) == {}
    assert await store.vectors("m1", []) == {}


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = replace(a_position(), at=START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="without a zone"):
        await store.add_position(naive)
