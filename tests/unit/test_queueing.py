"""The queue before the agenda, by way of commands."""

from __future__ import annotations

import pytest

from bot.core.messages import Message
from tests.unit.group import Group

DAY = 24 * 3600.0


@pytest.fixture
def group() -> Group:
    return Group()


def listed(message: Message) -> list[str]:
    return [line.split(",")[0] for line in message.text.split("\n")[1:]]


async def asked(group: Group, claim: str = "") -> str:
    """The claim that is asked next, which is then asked and closed."""
    title = (await group.say(f"/crux prompt {claim}", "olga")).title
    assert title is not None
    await group.say("/crux prompt close", "olga")
    return title.removeprefix("Where do you stand on ").removesuffix("?")


async def test_the_list_says_what_comes_next_and_why(group: Group) -> None:
    told = await group.say("/crux queue")
    assert told.private
    assert told.text.split("\n")[:2] == [
        "Next on “Small”:",
        "T-00, “Claim T-00 holds in most of the cases”: no figures yet, much hangs on it, never asked.",
    ]
    assert listed(told) == ["T-00", "T-01", "T-04", "T-02", "T-03"]
    assert len(told.notes) == 1
    assert "`/crux prompt` asks the first" in (await group.say("/crux queue", "olga")).notes[1]


async def test_a_member_adds_a_claim_and_it_comes_before_the_agenda_s(group: Group) -> None:
    told = await group.say("/crux queue add t-3")
    assert told.private
    assert told.text.startswith("Queued: T-03, “Claim T-03 holds in most of the cases”; it comes next.")
    assert "; 1 is before it." in (await group.say("/crux queue add T-02", "ben")).text
    assert "; 2 are before it." in (await group.say("/crux queue add T-05", "cyd")).text
    seen = await group.say("/crux queue", "ann")
    assert listed(seen) == ["T-03", "T-02", "T-05", "T-00", "T-01"]
    assert "queued (yours); no figures yet" in seen.text.split("\n")[1]
    assert "queued; no figures yet" in seen.text.split("\n")[2]
    assert [await asked(group) for _ in range(4)] == ["T-03", "T-02", "T-05", "T-00"]


async def test_nobody_sees_who_queued_a_claim(group: Group) -> None:
    await group.say("/crux queue add T-03", "quendoline")
    for text in ("/crux queue", "/crux prompt", "/crux prompt close"):
        assert "quendoline" not in str(await group.say(text, "olga"))


async def test_three_claims_of_a_member_may_wait(group: Group) -> None:
    for claim in ("T-01", "T-02", "T-03"):
        await group.say(f"/crux queue add {claim}")
    told = await group.say("/crux queue add T-04")
    assert told.text == "3 claims of yours wait (T-01, T-02, T-03); `/crux queue skip T-03` takes one back."
    assert "Taken back: T-03" in (await group.say("/crux queue skip T-03")).text
    assert "Queued: T-04" in (await group.say("/crux queue add T-04")).text
    assert "Queued: T-05" in (await group.say("/crux queue add T-05", "ben")).text


async def test_what_was_asked_or_retired_no_longer_counts_as_waiting(group: Group) -> None:
    for claim in ("T-01", "T-05", "T-03"):
        await group.say(f"/crux queue add {claim}")
    assert await asked(group) == "T-01"
    await group.say("/crux queue add T-04")
    assert "3 claims of yours wait" in (await group.say("/crux queue add T-02")).text
    await group.say("/crux retire T-05 because it is beside the point", "olga")
    assert "Queued: T-02" in (await group.say("/crux queue add T-02")).text
    assert listed(await group.say("/crux queue"))[:3] == ["T-03", "T-04", "T-02"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/crux queue add T-01", "T-01 is being asked, until 7 January 2026"),
        ("/crux queue add T-02", "T-02 was asked on 5 January 2026, and can be again on 26 January 2026"),
        ("/crux queue add T-03", "T-03 is in the queue already"),
        ("/crux queue add T-99", "There is no claim T-99"),
        ("/crux queue skip T-03", "Only organisers pass claims over"),
        ("/crux queue first T-03", "Only organisers put a claim first"),
    ],
)
async def test_what_can_not_be_done_is_said_in_one_sentence(group: Group, text: str, told: str) -> None:
    await asked(group, "T-02")
    await group.say("/crux prompt T-01", "olga")
    await group.say("/crux queue add T-03", "ben")
    said = await group.say(text, "ann")
    assert told in said.text
    assert said.private
    assert "\n" not in said.text


async def test_adding_twice_is_adding_once(group: Group) -> None:
    await group.say("/crux queue add T-03")
    assert "Queued: T-03" in (await group.say("/crux queue add T-03")).text
    assert len(await group.store.queue("w")) == 1


async def test_an_organiser_puts_a_claim_first_queued_or_not(group: Group) -> None:
    await group.say("/crux queue add T-03")
    await group.say("/crux queue add T-02")
    assert "it comes next" in (await group.say("/crux queue first T-02", "olga")).text
    assert "it comes next" in (await group.say("/crux queue first T-05", "otto")).text
    assert listed(await group.say("/crux queue"))[:3] == ["T-05", "T-02", "T-03"]
    assert [q.member for q in await group.store.queue("w")] == ["otto", "ann", "ann"]


async def test_an_organiser_passes_over_what_is_queued_or_would_come(group: Group) -> None:
    await group.say("/crux queue add T-03")
    for claim in ("T-03", "T-00"):
        told = await group.say(f"/crux queue skip {claim}", "olga")
        assert f"Passed over: {claim} does not come by itself before 26 January 2026" in told.text
    assert listed(await group.say("/crux queue")) == ["T-01", "T-04", "T-02", "T-05"]
    told = await group.say("/crux queue add T-00", "ann")
    assert told.text == "Organisers passed T-00 over on 5 January 2026; ask one of them to put it first."
    assert "it comes next" in (await group.say("/crux queue first T-00", "olga")).text
    group.clock.advance(21 * DAY)
    assert "T-03" in listed(await group.say("/crux queue"))


async def test_the_queue_is_the_topic_s(group: Group) -> None:
    await group.say("/crux queue add O-01")
    assert listed(await group.say("/crux queue"))[0] == "T-00"
    await group.say("/crux topic other", channel="there")
    assert listed(await group.say("/crux queue", channel="there")) == ["O-01", "O-00"]


@pytest.mark.parametrize(
    ("text", "member", "told"),
    [
        ("/crux queue add T-03", "ann", "Queued: T-03"),
        ("/crux queue first T-03", "olga", "Queued: T-03"),
        ("/crux queue skip T-02", "ben", "Taken back: T-02"),
        ("/crux queue skip T-02", "olga", "Passed over: T-02"),
    ],
)
async def test_what_is_tried_again_says_the_same(group: Group, text: str, member: str, told: str) -> None:
    await group.say("/crux queue add T-02", "ben")
    await group.dies(text, member)
    assert told in (await group.retried()).text
    assert len(await group.store.queue("w")) == (0 if "skip" in text else 2)


async def test_who_is_forgotten_leaves_the_queue(group: Group) -> None:
    await group.say("/crux queue add T-03")
    await group.say("/crux queue add T-02", "ben")
    assert '"claim_id": "T-03"' in str((await group.say("/crux export-me")).attachment)
    assert "1 queued claim" in (await group.say("/crux forget-me yes")).text
    assert [q.claim_id for q in await group.store.queue("w")] == ["T-02"]
