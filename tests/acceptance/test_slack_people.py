"""Whom Slack knows and whom Crux takes for a member: the deactivated, organisers, guests."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from bot.core.holding import Holding
from bot.core.outbox import ANSWER, ORGANISERS, Post, PostState
from bot.scheduling.sender import Sender, SendingRules
from tests.acceptance.slack_bot import Bot
from tests.acceptance.slack_seen import message_of, public, saw_more, whole
from tests.slack import Channel, Member, faults


async def test_in_a_direct_message_with_several_people_it_hears_mentions_and_replies(
    bot: Bot, ann: Member, ben: Member
) -> None:
    slack = bot.slack
    several = slack.state.dm(slack.home.id, slack.home.bot.id, ann.id, ben.id)  # type: ignore[union-attr]
    await ann.says(several, "what do you think?")
    asked = await ann.says(several, "@crux /steelman MI-07")
    await slack.until(lambda: whole(bot, several, "The best case for MI-07"))
    (answer,) = public(bot, several)
    assert answer.thread_ts == asked.ts
    await ben.says(several, "@crux /stand MI-07 agree", asked.ts)
    await slack.until(lambda: any("Recorded" in text for text in ben.reads(several, asked.ts)))
    assert not any("Recorded" in text for text in ann.reads(several, asked.ts)), "it is ben's alone"
    await slack.settled()
    assert len(public(bot, several)) == 1


async def test_who_is_deactivated_is_of_the_group_no_longer(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    workspace, store = f"slack:{bot.slack.home.id}", bot.application.store
    for member in (ann, ben):
        await member.command(room, "/stand", "MI-07 agree")
        await bot.slack.until(partial(saw_more, member, room, 0))
    since = bot.application.clock.now() - timedelta(days=60)
    assert await store.member_count(workspace, since) == 2
    await ben.deactivated()
    await bot.slack.settled()
    assert await store.member_count(workspace, since) == 1
    assert await store.member_names(workspace, [ann.id, ben.id]) == {ann.id: "ann"}
    ben.user.deleted = False  # an admin activates them again
    await ben.command(room, "/crux", "me")
    await bot.slack.until(partial(saw_more, ben, room, 1))
    assert await store.member_count(workspace, since) == 2


@pytest.mark.parametrize("told", [True, False])
async def test_what_is_for_somebody_deactivated_is_settled(bot: Bot, ann: Member, ben: Member, told: bool) -> None:
    """An answer to a press in their Home tab that had not arrived; whether Slack told of it, or says so when asked."""
    slack, workspace, store, clock = (
        bot.slack,
        f"slack:{bot.slack.home.id}",
        bot.application.store,
        bot.application.clock,
    )
    await store.join(workspace, ben.id, "ben", clock.now())
    if told:
        await ben.deactivated()
        await slack.settled()
    ben.user.deleted = True
    await store.enqueue([Post(workspace, "p1", ben.id, ANSWER, message_of("psst"), clock.now())])
    sender = Sender(
        store, bot.platform.messenger, clock, "t", tell=Holding(store, clock, bot.application.debate.languages).tell
    )
    assert await sender.work_one()
    entry = await store.outbox_entry(workspace, "p1")
    assert entry is not None
    assert (entry.state, entry.reason) == (PostState.DROPPED, "That member's account is deactivated.")
    assert not await sender.work_one(), "no organiser is told"
    assert await store.member_count(workspace, clock.now() - timedelta(days=60)) == 0


async def test_an_answer_to_a_direct_message_that_is_gone_is_settled(bot: Bot, ann: Member) -> None:
    direct, store, clock = await ann.opens_dm(), bot.application.store, bot.application.clock
    bot.slack.faults.add("chat.postMessage", faults.error("channel_not_found"))
    await store.enqueue([Post(f"slack:{bot.slack.home.id}", "p1", direct.id, ANSWER, message_of("psst"), clock.now())])
    assert await Sender(store, bot.platform.messenger, clock, "t").work_one()
    entry = await store.outbox_entry(f"slack:{bot.slack.home.id}", "p1")
    assert entry is not None
    assert entry.state is PostState.DROPPED


async def test_an_organiser_who_left_since_slack_was_asked_keeps_nothing_from_the_others(
    bot: Bot, ann: Member, room: Channel
) -> None:
    zoe, slack = bot.slack.member("zoe", admin=True), bot.slack
    store, clock = bot.application.store, bot.application.clock
    direct = slack.state.dm(slack.home.id, slack.home.bot.id, ann.id)  # type: ignore[union-attr]
    for n in (1, 2):
        await store.enqueue(
            [Post(f"slack:{slack.home.id}", f"p{n}", room.id, ORGANISERS, message_of(f"psst {n}"), clock.now())]
        )
        rules = SendingRules(spacing=0.0)
        assert await Sender(store, bot.platform.messenger, clock, "t", rules=rules).work_one()
        zoe.user.deleted = True  # and Slack doesn't say so
    assert any("psst 2" in text for text in ann.reads(direct))


async def test_a_deactivated_organiser_is_not_written_to(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    zoe = bot.slack.member("zoe", admin=True)
    await zoe.deactivated()
    store, clock = bot.application.store, bot.application.clock
    post = Post(f"slack:{bot.slack.home.id}", "p1", room.id, ORGANISERS, message_of("psst"), clock.now())
    await store.enqueue([post])
    assert await Sender(store, bot.platform.messenger, clock, "t").work_one()
    direct = await ann.opens_dm()
    assert any("psst" in text for text in ann.reads(direct)), "to the organiser who is left, alone"


async def test_guests_from_elsewhere_may_ask_and_take_no_positions(bot: Bot, ann: Member, room: Channel) -> None:
    other = bot.slack.team("Elsewhere", installed=False)
    eve = bot.slack.member("eve", team=other)
    shared = bot.slack.channel("shared", ann, shared_with=(other,))
    shared.members.add(eve.id)
    await eve.says(shared, "@crux /stand MI-07 agree")
    await bot.slack.until(lambda: bot.slack.posts(shared))
    await bot.slack.settled()
    held = await bot.application.store.current_position(
        f"slack:{bot.slack.home.id}", "mechanistic-interpretability", "MI-07", eve.id
    )
    assert held is None
    await eve.says(shared, "@crux /steelman MI-07")
    await bot.slack.until(lambda: whole(bot, shared, "The best case for MI-07"))
