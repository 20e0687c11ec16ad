"""Threads and turns in Slack: the real slack_bolt against a small Slack over sockets on 127.0.0.1."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.slack_bot import Bot, a_bot, settings_of
from tests.slack import Channel, Member, Message, SlackServer


async def answered(bot: Bot, channel: Channel, words: str, thread: str | None = None) -> Message:
    """The newest whole post with some words, in a thread or at the top level, once it is there."""

    def found() -> list[Message]:
        return [
            message
            for message in bot.slack.posts(channel)
            if message.ephemeral_to is None
            and words in message.seen.text
            and message.thread_ts == thread
            and message.stream != "streaming"
            and (message.metadata or {}).get("event_type") != "crux_working"
        ]

    await bot.slack.until(lambda: bool(found()))
    await bot.slack.settled()
    return found()[-1]


async def told(bot: Bot, member: Member, channel: Channel, words: str, thread: str | None = None) -> None:
    await bot.slack.until(lambda: any(words in text for text in member.reads(channel, thread)))


async def test_a_thread_keeps_its_topic_and_its_turns_also_after_a_restart(
    slack: SlackServer, tmp_path: Path, ann: Member, ben: Member, room: Channel
) -> None:
    async with a_bot(slack, settings_of(tmp_path)) as bot:
        await ann.command(room, "/crux", "topic four-day-week")
        await answered(bot, room, "This channel now debates")
        asked = await ann.says(room, "@crux /steelman FD-03")
        await answered(bot, room, "The best case for FD-03", asked.ts)
        await ann.command(room, "/crux", "topic mechanistic-interpretability")
        await answered(bot, room, "This channel now debates")
        await ben.says(room, "@crux counter it", asked.ts)
        countered = await answered(bot, room, "The best case against FD-03", asked.ts)
        assert "Read as FD-03, from before." in countered.seen.text
        await ben.says(room, "@crux /crux map", asked.ts)
        await answered(bot, room, "The four-day working week", asked.ts)
    async with a_bot(slack, settings_of(tmp_path)) as bot:
        await ann.says(room, "@crux thesis", asked.ts)
        await answered(bot, room, "That is FD-00", asked.ts)
        await ben.says(room, "@crux and the other side?", asked.ts)
        await answered(bot, room, "The best case against FD-00", asked.ts)
        await ann.says(room, "@crux thesis")
        await bot.slack.until(lambda: any("That is MI-00" in m.seen.text for m in slack.posts(room)))


async def test_a_position_is_taken_in_a_thread_without_naming_the_claim(
    bot: Bot, ann: Member, ben: Member, room: Channel
) -> None:
    asked = await ann.says(room, "@crux /steelman MI-07")
    await answered(bot, room, "The best case for MI-07", asked.ts)
    await ben.says(room, "@crux stand agree because it is public", asked.ts)
    await told(bot, ben, room, "Recorded: you agree with MI-07", asked.ts)
    assert any("Read as MI-07, from before." in text for text in ben.reads(room, asked.ts))
    assert not any("Recorded" in text for text in ann.reads(room, asked.ts))
    await ben.says(room, "@crux where do I stand?", asked.ts)
    await told(bot, ben, room, "You agree with MI-07", asked.ts)


async def test_a_topic_is_chosen_for_a_thread_by_mention_and_by_button(bot: Bot, ann: Member, room: Channel) -> None:
    asked = await ann.says(room, "@crux thesis")
    await answered(bot, room, "That is MI-00", asked.ts)
    await ann.says(room, "@crux topic four-day-week", asked.ts)
    await answered(bot, room, "This thread now debates", asked.ts)
    await ann.says(room, "@crux /crux topic", asked.ts)
    listed = await answered(bot, room, "The topics here", asked.ts)
    assert "(this thread)" in listed.seen.text
    assert "(this channel)" in listed.seen.text
    await ann.presses(listed, "Debate Mechanistic interpretability as a main bet")
    await answered(bot, room, "That is the channel's topic, too", asked.ts)
    await ann.command(room, "/crux", "topic")
    top = await answered(bot, room, "The topics here")
    await ann.presses(top, "Debate The four-day working week")  # answered in a thread of its own, for the channel
    await answered(bot, room, "This channel now debates", top.ts)
    await ann.says(room, "@crux thesis", asked.ts)
    await bot.slack.until(lambda: sum("That is MI-00" in m.seen.text for m in bot.slack.posts(room)) == 2)


async def test_a_mention_at_the_top_level_chooses_for_the_channel_and_opens_a_thread_about_it(
    bot: Bot, ann: Member, room: Channel
) -> None:
    asked = await ann.says(room, "@crux topic four-day-week")
    await answered(bot, room, "This channel now debates", asked.ts)
    await ann.command(room, "/crux", "topic mechanistic-interpretability")
    await answered(bot, room, "This channel now debates")
    await ann.says(room, "@crux thesis", asked.ts)
    await answered(bot, room, "That is FD-00", asked.ts)


async def test_below_a_scheduled_prompt_it_is_the_prompts_claim(
    slack: SlackServer, tmp_path: Path, ann: Member, room: Channel
) -> None:
    async with a_bot(slack, settings_of(tmp_path), calendar=True) as bot:
        await ann.command(room, "/crux", "topic four-day-week")
        await answered(bot, room, "This channel now debates")
        await ann.command(room, "/crux", "schedule prompts weekdays 9:00")
        await told(bot, ann, room, "weekday")
        await ann.command(room, "/crux", "schedule run prompts")
        prompt = await answered(bot, room, "Where do you stand on FD-")
        await ann.command(room, "/crux", "topic mechanistic-interpretability")
        await answered(bot, room, "This channel now debates")
        await ann.says(room, "@crux counter it", prompt.ts)
        countered = await answered(bot, room, "The best case against FD-", prompt.ts)
        assert "from before" in countered.seen.text


async def test_below_an_answer_to_a_command_it_is_that_answers_claim(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.command(room, "/counter", "MI-07")
    answer = await answered(bot, room, "The best case against MI-07")
    await ann.command(room, "/crux", "topic four-day-week")
    await answered(bot, room, "This channel now debates")
    await ann.says(room, "and the other side?", answer.ts)
    await answered(bot, room, "The best case for MI-07", answer.ts)


async def test_at_the_top_level_it_is_ones_own_last_turn_and_in_a_direct_message_the_last(
    bot: Bot, ann: Member, ben: Member, room: Channel
) -> None:
    await ann.command(room, "/steelman", "MI-07")
    await answered(bot, room, "The best case for MI-07")
    first = await ben.says(room, "@crux /steelman MI-08")
    await answered(bot, room, "The best case for MI-08", first.ts)
    again = await ann.says(room, "@crux counter it")
    await answered(bot, room, "The best case against MI-07", again.ts)
    direct = await ann.opens_dm()
    said = await ann.says(direct, "/steelman MI-12")
    await answered(bot, direct, "The best case for MI-12", said.ts)
    said = await ann.says(direct, "counter that")
    await answered(bot, direct, "The best case against MI-12", said.ts)
    await ann.says(direct, "stand disagree", said.ts)
    await answered(bot, direct, "you disagree with MI-12", said.ts)
