"""Proposals and amendments, on every store: one decision each, one order of amendments, whoever comes at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.amendments import Amendment, NewTopic, Restoration, Retirement, Rewording
from bot.core.ports import Store
from bot.core.positions import Stance
from bot.core.proposals import Proposal, ProposalState
from tests.integration.values import WORDS, a_position, a_proposal, after, an_amendment


def decided(proposal: Proposal, state: ProposalState, by: str = "d1", made: str | None = None) -> Proposal:
    return replace(proposal, state=state, decided_at=after(9), decided_by=by, made=made)


async def test_proposals_are_numbered_in_their_workspace_and_made_once_an_event(store: Store) -> None:
    first = await store.propose(a_proposal("e1"))
    assert first == a_proposal("e1", number=1)
    assert await store.propose(a_proposal("e1", at=5, member="bo")) == first
    assert (await store.propose(a_proposal("e2", member="bo"))).number == 2
    assert (await store.propose(a_proposal("e1", workspace="w2"))).number == 1
    assert [p.number for p in await store.proposals("w1")] == [1, 2]
    assert [p.number for p in await store.proposals("w1", member="bo")] == [2]
    assert await store.proposal("w1", 3) is None


async def test_the_number_of_a_forgotten_proposal_is_not_given_again(store: Store) -> None:
    await store.propose(a_proposal("e1"))
    await store.propose(a_proposal("e2", member="bo"))
    await store.forget("w1", "bo", after(1))
    assert (await store.propose(a_proposal("e3", member="cy"))).number == 3
    assert (await store.propose(a_proposal("e3", workspace="w2"))).number == 1


async def test_many_who_propose_at_once_get_numbers_of_their_own(store: Store) -> None:
    made = await asyncio.gather(*(store.propose(a_proposal(f"e{n}", member=f"m{n}")) for n in range(12)))
    assert sorted(p.number for p in made) == list(range(1, 13))


async def test_of_two_decisions_at_once_one_counts(store: Store) -> None:
    proposal = await store.propose(a_proposal())
    approved = decided(proposal, ProposalState.APPROVED, "d1", "MI-501")
    declined = decided(proposal, ProposalState.DECLINED, "d2")
    done = await asyncio.gather(
        store.settle(approved, ProposalState.OPEN, an_amendment()), store.settle(declined, ProposalState.OPEN)
    )
    assert sorted(done) == [False, True]
    found = await store.proposal("w1", 1)
    assert found == (approved if done[0] else declined)
    assert len(await store.amendments("w1")) == done[0]


async def test_an_amendment_out_of_turn_leaves_its_proposal_open(store: Store) -> None:
    proposal = await store.propose(a_proposal())
    assert await store.amend(an_amendment(1, event="other"))
    approved = decided(proposal, ProposalState.APPROVED, made="MI-501")
    assert not await store.settle(approved, ProposalState.OPEN, an_amendment(1))
    assert await store.proposal("w1", 1) == proposal
    assert await store.settle(approved, ProposalState.OPEN, an_amendment(2))
    assert await store.revision("w1") == 2


async def test_a_decision_on_what_is_decided_keeps_no_amendment(store: Store) -> None:
    proposal = await store.propose(a_proposal())
    assert await store.settle(decided(proposal, ProposalState.DECLINED), ProposalState.OPEN)
    again = decided(proposal, ProposalState.APPROVED, "d2", "MI-501")
    assert not await store.settle(again, ProposalState.OPEN, an_amendment())
    assert await store.revision("w1") == 0
    assert list(await store.amendments("w1")) == []


async def test_of_many_amendments_at_once_one_has_each_number(store: Store) -> None:
    done = await asyncio.gather(*(store.amend(an_amendment(1, event=f"e{n}")) for n in range(8)))
    assert sum(done) == 1
    assert await store.revision("w1") == 1
    assert await store.revision("w2") == 0


@pytest.mark.parametrize(
    "edit",
    [
        an_amendment().edit,
        NewTopic("Stand-ups", "Should we drop stand-ups?", "SU", WORDS),
        Rewording(WORDS),
        Retirement("said twice"),
        Restoration(),
    ],
    ids=lambda edit: type(edit).__name__,
)
async def test_every_edit_comes_back_as_it_was(store: Store, edit: Amendment) -> None:
    given = an_amendment(edit=edit)
    assert await store.amend(given)
    assert list(await store.amendments("w1")) == [given]


async def test_a_snapshot_of_new_words_starts_from_nothing_and_replaces_the_old_one(store: Store) -> None:
    topic = a_position().topic
    for n, member in enumerate("abcd"):
        await store.add_position(a_position(n, member=member))
    assert await store.publish("w1", topic, "MI-04", 1, after(9), after(0))
    for n, member in enumerate("ab"):
        await store.add_position(a_position(20 + n, member=member, claim_version=2))
        assert not await store.publish("w1", topic, "MI-04", 2, after(30), after(0))
    assert [(c.version, c.tally.voters) for c in await store.published("w1", topic)] == [(1, 4)]
    await store.add_position(a_position(31, member="e", claim_version=2, stance=Stance.DISAGREE))
    assert await store.publish("w1", topic, "MI-04", 2, after(32), after(0))
    (claim,) = await store.published("w1", topic)
    assert (claim.version, claim.tally.agree, claim.tally.disagree) == (2, 2, 1)
    found = await store.published_positions("w1", topic, 10) or ()
    assert {(p.member, p.claim_version) for p in found} == {("a", 2), ("b", 2), ("e", 2)}
