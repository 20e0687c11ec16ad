"""What members see of Crux in Slack: the real slack_bolt against a small Slack over sockets on 127.0.0.1."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from bot.core.outbox import ORGANISERS, Post, PostState
from bot.scheduling.sender import Sender, SendingRules
from tests.acceptance.slack_bot import Bot, a_bot, settings_of
from tests.acceptance.slack_seen import message_of, public, saw_more, whole
from tests.slack import Channel, Member, SlackServer, faults


async def test_a_steelman_grows_in_the_channel(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    ran = await ann.command(room, "/steelman", "MI-07")
    assert ran.acked
    await bot.slack.until(lambda: any("I'd sign this" in str(m.seen.labels) for m in public(bot, room)))
    (message,) = ben.sees(room)
    assert "The best case for MI-07" in message.seen.text
    assert "[MI-07]" in message.seen.text
    assert "Sources" in message.seen.text
    assert message.mentions == ()
    assert message.edits, "it was there before it was whole"


async def test_positions_are_private_and_buttons_work(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    await ann.command(room, "/stand", "MI-07 agree because it is so")
    await bot.slack.until(lambda: ann.sees(room))
    (mine,) = ann.sees(room)
    assert "Recorded: you agree with MI-07" in mine.seen.text
    assert ben.sees(room) == []


# -- where the bot is spoken to ---------------------------------------------------------------------------------------


async def test_a_mention_is_answered_once_in_its_thread(bot: Bot, ann: Member, room: Channel) -> None:
    asked = await ann.says(room, "@crux /steelman MI-07")
    await bot.slack.until(lambda: whole(bot, room, "The best case for MI-07"))
    await bot.slack.settled()
    (answer,) = public(bot, room)
    assert answer.thread_ts == asked.ts
    assert answer.chunks, "it was streamed"
    assert "I'd sign this" in answer.seen.labels
    assert answer.mentions == ()
    assert len(bot.slack.events("app_mention")) == 1
    assert len(bot.slack.events("message")) >= 1, "the same mention came as a message, too"


async def test_plain_words_are_read_and_what_is_not_for_the_bot_is_left(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.says(room, "nobody has a plan for turning interpretability into safety")
    await ann.says(room, "@crux nobody has a plan for turning interpretability into safety")
    await bot.slack.until(lambda: whole(bot, room, "MI-07"))
    await bot.slack.settled()
    assert len(public(bot, room)) == 1


async def test_below_an_answer_it_hears_plain_words_and_below_a_prompt_it_does_not(
    bot: Bot, ann: Member, ben: Member, room: Channel
) -> None:
    await ann.command(room, "/steelman", "MI-07")
    await bot.slack.until(lambda: whole(bot, room, "The best case for MI-07"))
    (answer,) = public(bot, room)
    await ben.says(room, "/counter MI-07", answer.ts)
    await bot.slack.until(lambda: whole(bot, room, "The best case against MI-07"))
    await ann.command(room, "/crux", "prompt MI-12")
    await bot.slack.until(lambda: whole(bot, room, "Where do you stand on MI-12?"))
    (prompt,) = whole(bot, room, "Where do you stand on MI-12?")
    before = len(public(bot, room))
    await ben.says(room, "I think that MI-12 is plainly wrong", prompt.ts)
    await bot.slack.settled()
    assert len(public(bot, room)) == before


async def test_a_direct_message_needs_no_mention(bot: Bot, ann: Member) -> None:
    direct = await ann.opens_dm()
    await ann.says(direct, "/stand MI-07 disagree")
    await bot.slack.until(lambda: whole(bot, direct, "you disagree with MI-07"))
    await ann.says(direct, "/crux me")
    await bot.slack.until(lambda: whole(bot, direct, "MI-07"))


async def test_a_message_edited_or_deleted_after_the_answer_changes_nothing(
    bot: Bot, ann: Member, room: Channel
) -> None:
    asked = await ann.says(room, "@crux /crux map MI-07")
    await bot.slack.until(lambda: public(bot, room) or ann.sees(room, asked.ts))
    await ann.edits(asked, "@crux /crux map MI-12")
    await ann.deletes(asked)
    before = len(ann.sees(room))
    await bot.slack.settled()
    assert len(ann.sees(room)) == before


# -- what is for one's own eyes ---------------------------------------------------------------------------------------


async def test_an_answer_kept_to_oneself_can_be_shared(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    await ann.command(room, "/steelman", "privately MI-07")
    await bot.slack.until(lambda: any("Share with the channel" in m.seen.labels for m in ann.sees(room)))
    assert ben.sees(room) == []
    (mine,) = ann.sees(room)
    await ann.presses(mine, "Share with the channel")
    await bot.slack.until(lambda: ben.sees(room))
    (shared,) = ben.sees(room)
    assert "The best case for MI-07" in shared.seen.text
    assert "Share with the channel" not in shared.seen.labels


async def test_bad_input_gets_one_private_sentence(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    for name, text, words in (
        ("/stand", "MI-07 maybe", "is not a stance"),
        ("/steelman", "", "Say what to argue about"),
        ("/crux", "nonsense", "There is no /crux nonsense"),
        ("/crux", "digest", "Only organisers post a digest"),
    ):
        member = ben if name == "/crux" else ann
        seen = len(member.sees(room))
        await member.command(room, name, text)
        await bot.slack.until(partial(saw_more, member, room, seen))
        assert words in member.sees(room)[-1].seen.text
    assert public(bot, room) == []


async def test_where_the_bot_is_not_the_member_is_told_how_to_invite_it(bot: Bot, ann: Member) -> None:
    elsewhere = bot.slack.channel("elsewhere", ann, bot=False)
    await ann.command(elsewhere, "/steelman", "MI-07")
    await bot.slack.until(lambda: ann.sees(elsewhere))
    (message,) = ann.sees(elsewhere)
    assert "/invite" in message.seen.text
    assert "The best case for MI-07" in message.seen.text
    async with asyncio.timeout(5):
        # Nothing is left to be sent after it.
        while await bot.application.store.outbox(tuple(PostState)):  # noqa: ASYNC110 (the end is in the database)
            await asyncio.sleep(0.01)


async def test_exported_data_comes_as_a_file_to_the_member_alone(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.command(room, "/stand", "MI-07 agree because I say so")
    await ann.command(room, "/crux", "export-me")
    await bot.slack.until(lambda: any(file.shared_in for file in bot.slack.state.files.values()))
    (file,) = bot.slack.state.files.values()
    assert b"I say so" in (file.content or b"")
    assert all(message.ephemeral_to == ann.id or message.channel != room.id for message in ann.sees(room))


# -- buttons, modals, shortcuts, Home ---------------------------------------------------------------------------------


async def test_buttons_work_after_a_restart_and_for_everybody(
    slack: SlackServer, tmp_path: Path, ann: Member, ben: Member, room: Channel
) -> None:
    async with a_bot(slack, settings_of(tmp_path)) as first:
        await ann.command(room, "/steelman", "MI-07")
        await slack.until(lambda: whole(first, room, "The best case for MI-07"))
    (message,) = public(slack, room)
    async with a_bot(slack, settings_of(tmp_path)) as second:
        await ben.presses(message, "Counter this")
        await slack.until(lambda: whole(second, room, "The best case against MI-07"))
        assert whole(second, room, "The best case against MI-07")[0].thread_ts == message.ts
        await ben.presses(message, "I'd sign this")
        await slack.until(lambda: any("you'd sign this steelman" in text for text in ben.reads(room, message.ts)))


async def test_a_position_by_the_modal(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    await ann.command(room, "/stand")
    await bot.slack.until(lambda: ann.modal is not None)
    assert ann.modal is not None
    sent = await ann.submits(
        ann.modal,
        {"claim": "MI-07", "stance": "Agree", "reason": "there is no plan; public", "marks": ["crux"]},
    )
    assert sent.errors == {}
    await bot.slack.until(lambda: ann.sees(room))
    assert "Recorded: you agree with MI-07" in ann.reads(room)[-1]
    held = await bot.application.store.current_position(
        f"slack:{bot.slack.home.id}", "mechanistic-interpretability", "MI-07", ann.id
    )
    assert held is not None
    assert (held.crux, held.public, held.reason) == (True, False, "because there is no plan; public.")
    assert ben.sees(room) == []


async def test_message_shortcuts_argue_what_was_said(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    said = await ann.says(room, "nobody has a plan for turning interpretability into safety")
    await ben.shortcut(said, "steelman_this")
    await bot.slack.until(lambda: whole(bot, room, "The best case for"))
    await ben.shortcut(said, "counter_this")
    await bot.slack.until(lambda: whole(bot, room, "The best case against"))
    await ben.shortcut(said, "stand_on_this")
    await bot.slack.until(lambda: ben.modal is not None)
    assert ben.modal is not None
    (claim,) = [block for block in ben.modal.blocks if block.get("block_id") == "claim"]
    assert claim["element"]["initial_option"]["value"] == "MI-07"


async def test_home_shows_one_s_own_and_offers_export_and_forgetting(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.command(room, "/stand", "MI-07 agree")
    await bot.slack.until(lambda: ann.sees(room))
    await ann.opens_home()
    await bot.slack.until(lambda: ann.home is not None)
    assert ann.home is not None
    shown = str(ann.home.blocks)
    assert "MI-07" in shown
    assert "Mechanistic interpretability as a main bet" in shown
    await ann.presses(ann.home, "Export my data")
    await bot.slack.until(lambda: bot.slack.state.files)


async def test_a_direct_message_begins_with_suggestions(bot: Bot, ann: Member) -> None:
    direct = await ann.opens_dm()
    await bot.slack.until(lambda: bot.slack.state.prompts)
    assert "/steelman thesis" in str(bot.slack.state.prompts)
    assert direct.kind == "im"


# -- scheduled posts --------------------------------------------------------------------------------------------------


async def test_a_prompt_is_answered_by_buttons_and_shows_no_tally(
    bot: Bot, ann: Member, ben: Member, room: Channel
) -> None:
    await ann.command(room, "/crux", "prompt MI-07")
    await bot.slack.until(lambda: whole(bot, room, "Where do you stand on MI-07?"))
    (prompt,) = public(bot, room)
    for member, stance in ((ann, "Agree"), (ben, "Disagree")):
        await member.presses(prompt, stance)
        await bot.slack.until(partial(saw_more, member, room, 1, prompt.ts))
        assert "Recorded" in member.reads(room, prompt.ts)[-1]
    assert "voted" not in prompt.seen.text
    assert len(public(bot, room)) == 1


@pytest.mark.parametrize("charts", [True, False])
async def test_a_digest_comes_with_slack_s_chart_or_with_a_picture(tmp_path: Path, charts: bool) -> None:
    async with SlackServer(charts=charts) as slack:
        slack.rates.off()
        folk = [slack.member(name, admin=name == "ann") for name in ("ann", "ben", "cyd")]
        room = slack.channel("general", *folk)
        async with a_bot(slack, settings_of(tmp_path), calendar=True) as bot:
            for member in folk:
                await member.command(room, "/stand", "MI-07 agree")
            await folk[0].command(room, "/crux", "schedule digest fri 16:00")
            await slack.until(lambda: whole(bot, room, "every Friday at 16:00"))
            await folk[0].command(room, "/crux", "schedule run digest")
            await slack.until(lambda: whole(bot, room, "Digest 20"), seconds=20)
            (digest,) = [m for m in whole(bot, room, "Digest 20") if not m.files]  # its picture may be there, too
            if charts:
                assert digest.seen.charts
                await slack.settled()
                assert not slack.state.files
                return
            await slack.until(lambda: any(file.shared_in for file in slack.state.files.values()), seconds=10)
            (file,) = slack.state.files.values()
            assert (file.content or b"").startswith(b"\x89PNG")
            assert "MI-07" in str(file.alt_text)


async def test_a_post_whose_answer_was_lost_is_found_and_not_doubled(
    bot: Bot, room: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.slack.messenger.SHOWS_WITHIN", 0.1)
    store, clock = bot.application.store, bot.application.clock
    workspace = f"slack:{bot.slack.home.id}"
    bot.slack.faults.add("chat.postMessage", faults.dropped_after(), times=1)
    await store.enqueue([Post(workspace, "p1", room.id, "note", message_of("hello"), clock.now())])
    rules = SendingRules(spacing=0.0, first_wait=0.05)
    sender = Sender(store, bot.platform.messenger, clock, "t", rules=rules)
    async with asyncio.timeout(8):
        while not await store.outbox([PostState.SENT], workspace):
            await sender.work_one()
            await asyncio.sleep(0.05)
    assert len(public(bot, room)) == 1


async def test_what_is_for_organisers_reaches_them_directly(bot: Bot, ann: Member, ben: Member, room: Channel) -> None:
    store, clock = bot.application.store, bot.application.clock
    await store.enqueue(
        [Post(f"slack:{bot.slack.home.id}", "p1", room.id, ORGANISERS, message_of("psst"), clock.now())]
    )
    assert await Sender(store, bot.platform.messenger, clock, "t").work_one()
    assert public(bot, room) == []
    direct = await ann.opens_dm()
    assert any("psst" in text for text in ann.reads(direct))


async def test_what_is_for_organisers_is_posted_in_the_channel_that_they_chose(
    bot: Bot, ann: Member, ben: Member, room: Channel
) -> None:
    office = bot.slack.channel("office", ann, private=True)
    store, clock, messenger = bot.application.store, bot.application.clock, bot.platform.messenger
    workspace = f"slack:{bot.slack.home.id}"
    await store.set_setting(workspace, None, "notes", office.id)
    post = Post(workspace, "p1", room.id, ORGANISERS, message_of("psst"), clock.now())
    sent = await messenger.send(post)
    assert await messenger.find(post) == sent
    assert any("psst" in text for text in ann.reads(office))
    direct = await ann.opens_dm()
    assert ann.reads(direct) == []
    await store.set_setting(workspace, None, "notes", "C0GONE")
    gone = Post(workspace, "p2", room.id, ORGANISERS, message_of("psst again"), clock.now())
    sent = await messenger.send(gone)
    assert await messenger.find(gone) == sent
    assert any("psst again" in text for text in ann.reads(direct))
    assert public(bot, room) == []
