"""What members see of Crux in Slack while Slack, the network or a process fails for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.slack.manifest import manifest
from bot.chat.slack.organisers import People
from bot.core.messages import Message as CoreMessage
from bot.core.messages import Paragraph
from bot.core.outbox import ANSWER, Post
from bot.errors import ConfigurationError, StorageBusy
from bot.logs import set_up
from tests.acceptance.slack_bot import Bot, a_bot, install, installed, settings_of
from tests.slack import App, Channel, Member, Message, SlackServer, Timings, faults


@dataclass
class Scene:
    """A workspace of two with the bot in it."""

    slack: SlackServer
    folder: Path
    ann: Member
    ben: Member
    room: Channel

    def public(self) -> list[Message]:
        return [message for message in self.slack.posts(self.room) if message.ephemeral_to is None]

    def shows(self, words: str) -> bool:
        return shows(self.slack, self.room, words)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with SlackServer(timings=Timings(retries=(0.0, 0.1, 0.2), disconnect_grace=0.05)) as slack:
        slack.rates.off()
        ann, ben = slack.member("ann", admin=True), slack.member("ben")
        yield Scene(slack, tmp_path, ann, ben, slack.channel("general", ann, ben))


@pytest.fixture
async def bot(scene: Scene) -> AsyncIterator[Bot]:
    async with a_bot(scene.slack, settings_of(scene.folder)) as found:
        yield found


def shows(slack: SlackServer, room: Channel, words: str) -> bool:
    """Whether a whole answer with these words is there for everybody."""
    posts = [message for message in slack.posts(room) if message.ephemeral_to is None]
    return any(words in message.seen.text and message.seen.buttons for message in posts)


def told(scene: Scene, words: str) -> bool:
    """Whether ann reads a whole answer with these words, which she alone sees."""
    kept = [message for message in scene.ann.sees(scene.room) if message.ephemeral_to == scene.ann.id]
    return any(words in message.seen.text for message in kept)


def slowly(bot: Bot, monkeypatch: pytest.MonkeyPatch, may_end: asyncio.Event) -> None:
    """Answers wait before their end until they may."""
    write = bot.application.writer.write

    async def waiting(assignment: Any) -> AsyncIterator[Any]:
        async for event in write(assignment):
            yield event
        await may_end.wait()

    monkeypatch.setattr(bot.application.writer, "write", waiting)


# -- connections that are cut -----------------------------------------------------------------------------------------


async def test_a_status_that_can_t_be_shown_does_not_cost_the_answer(bot: Bot, scene: Scene) -> None:
    scene.slack.faults.add("assistant.threads.setStatus", faults.dropped(), times=5)
    await scene.ann.says(scene.room, "@crux /steelman MI-07")
    await scene.slack.until(lambda: scene.shows("Sources"))


async def test_a_member_is_answered_though_slack_does_not_tell_who_they_are(bot: Bot, scene: Scene) -> None:
    scene.slack.faults.add("users.info", faults.dropped())
    assert (await scene.ann.command(scene.room, "/steelman", "MI-07")).acked
    await scene.slack.until(lambda: scene.shows("The best case for MI-07"))


async def test_what_is_for_one_member_reaches_them_another_way(bot: Bot, scene: Scene) -> None:
    scene.slack.faults.add("chat.postEphemeral", faults.dropped())
    await scene.ann.says(scene.room, "@crux /stand MI-07 agree")
    direct = scene.slack.state.dm(scene.slack.home.id, scene.slack.home.bot.id, scene.ann.id)  # type: ignore[union-attr]
    await scene.slack.until(lambda: any("Recorded" in text for text in scene.ann.reads(direct)))
    assert scene.public()[1:] == [], "nothing but what ann typed"


async def test_an_address_that_is_cut_off_is_made_up_for(bot: Bot, scene: Scene) -> None:
    scene.slack.faults.add("response_url", faults.dropped())
    await scene.ann.command(scene.room, "/stand", "MI-07 agree")
    await scene.slack.until(lambda: any("Recorded" in text for text in scene.ann.reads(scene.room)))


async def test_an_export_whose_file_waits_is_told_of_once(bot: Bot, scene: Scene) -> None:
    direct = await scene.ann.opens_dm()
    scene.slack.faults.add("files.getUploadURLExternal", faults.rate_limited(1))
    await scene.ann.says(direct, "/crux export-me")
    await scene.slack.until(lambda: any(file.shared_in for file in scene.slack.state.files.values()), seconds=10)
    said = [m for m in scene.slack.posts(direct) if m.user != scene.ann.id and not m.files]
    assert len(said) == 1


async def test_the_rest_of_a_long_post_waits_for_slack_s_pause(bot: Bot, scene: Scene) -> None:
    long = CoreMessage(tuple(Paragraph(f"Paragraph {n}: " + "words and words. " * 60) for n in range(30)))
    last = "The end of it."
    post = Post(
        f"slack:{scene.slack.home.id}",
        "p1",
        scene.room.id,
        "note",
        replace(long, notes=(last,)),
        bot.application.clock.now(),
    )
    scene.slack.faults.add("chat.postMessage", faults.slow(0.0))
    scene.slack.faults.add("chat.postMessage", faults.rate_limited(1))
    await bot.platform.messenger.send(post)
    assert any(last in message.seen.text for message in scene.public())


async def test_what_slack_tells_late_is_known_the_next_time(bot: Bot, scene: Scene) -> None:
    scene.slack.faults.add("users.info", faults.slow(1.0))
    ran = await scene.ann.command(scene.room, "/crux", "prompt MI-07")  # for organisers alone
    assert ran.attempts[0].seconds is not None
    assert ran.attempts[0].seconds < 2.0
    await scene.slack.until(lambda: any("Only organisers" in text for text in scene.ann.reads(scene.room)))
    await asyncio.sleep(1.0)
    await scene.ann.command(scene.room, "/crux", "prompt MI-07")
    await scene.slack.until(lambda: scene.shows("MI-07"))
    assert len(scene.slack.calls("users.info")) == 1


# -- to oneself -------------------------------------------------------------------------------------------------------


async def test_what_is_pressed_below_an_answer_to_oneself_stays_with_oneself(bot: Bot, scene: Scene) -> None:
    view = "nobody has a plan for turning interpretability into safety"
    await scene.ann.command(scene.room, "/steelman", f"privately {view}")
    await scene.slack.until(partial(told, scene, "Sources"))
    for label, title in (("Counter this", "The best case against MI-07"), ("I meant the opposite", "denying MI-07")):
        (kept,) = [m for m in scene.ann.sees(scene.room) if "The best case for MI-07" in m.seen.text]
        await scene.ann.presses(kept, label)
        await scene.slack.until(partial(told, scene, title))
    await scene.slack.settled()
    assert not scene.slack.calls("chat.postMessage"), "nothing was ever to be seen in the channel"


async def test_an_answer_to_oneself_takes_the_place_of_a_notice(
    bot: Bot, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = asyncio.Event()
    slowly(bot, monkeypatch, may_end)
    await scene.ann.command(scene.room, "/steelman", "privately MI-07")
    await scene.slack.until(partial(told, scene, "Working on it"))
    may_end.set()
    await scene.slack.until(partial(told, scene, "Sources"))
    assert not told(scene, "Working on it")
    assert len(scene.ann.sees(scene.room)) == 1


async def test_what_is_not_understood_is_not_told_to_others(bot: Bot, scene: Scene) -> None:
    await scene.ann.command(scene.room, "/steelman", "privately which laptop should I get")
    await scene.slack.until(partial(told, scene, "has nothing on that"))
    assert not scene.slack.calls("chat.postMessage")


async def test_a_socket_whose_address_was_used_up_is_opened_by_another(
    bot: Bot, scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The network fails between Slack's giving an address and its use: slack_sdk knows no other by itself."""
    set_up("info")
    fresh = scene.slack.sockets.url
    stale = iter([fresh().replace("ticket=", "ticket=used-")])
    monkeypatch.setattr(scene.slack.endpoint, "socket_url", lambda: next(stale, None) or fresh())
    scene.slack.sockets.cut()
    await scene.slack.sockets.connected(seconds=20)
    assert next(stale, "used") == "used"
    await scene.ann.says(scene.room, "@crux /steelman MI-07")
    await scene.slack.until(lambda: scene.shows("The best case for MI-07"))
    told = capsys.readouterr().err
    assert "Failed to connect" in told
    assert "ticket=…" in told
    assert "used-" not in told


# -- acknowledgements -------------------------------------------------------------------------------------------------


async def test_a_modal_is_acknowledged_before_it_is_opened(bot: Bot, scene: Scene) -> None:
    scene.slack.faults.add("views.open", faults.slow(1.5))
    ran = await scene.ann.command(scene.room, "/stand")
    assert ran.acked
    assert ran.attempts[0].seconds is not None
    assert ran.attempts[0].seconds < 1.0
    said = await scene.ann.says(scene.room, "nobody has a plan for turning interpretability into safety")
    scene.slack.faults.add("views.open", faults.slow(1.5))
    used = await scene.ann.shortcut(said, "stand_on_this")
    assert used.acked
    assert used.attempts[0].seconds is not None
    assert used.attempts[0].seconds < 1.0
    await scene.slack.until(lambda: scene.ann.modal is not None)


async def test_a_modal_that_the_database_keeps_from_opening_is_told_of(
    bot: Bot, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object, **__: object) -> Any:
        raise StorageBusy

    monkeypatch.setattr(bot.application.store, "settings", down, raising=False)
    monkeypatch.setattr(type(bot.application.debate.choosing), "topic", down)
    assert (await scene.ann.command(scene.room, "/stand")).acked
    await scene.slack.until(lambda: any("try again" in text for text in scene.ann.reads(scene.room)))


async def test_a_bot_that_can_t_be_authorised_leaves_the_event_unacknowledged(bot: Bot, scene: Scene) -> None:
    """Slack fails for a moment when the bot asks who it is: the event comes again and is answered."""
    direct = await scene.ann.opens_dm()
    scene.slack.faults.add("auth.test", faults.status(503), times=2)
    await scene.ann.says(direct, "/steelman MI-07")
    await scene.slack.until(lambda: any("Sources" in text for text in scene.ann.reads(direct)))


async def test_a_wrong_app_token_is_said_in_a_sentence(scene: Scene) -> None:
    async with asyncio.timeout(10):
        with pytest.raises(ConfigurationError, match="check CRUX_SLACK_APP_TOKEN"):
            async with a_bot(scene.slack, settings_of(scene.folder), ping_seconds=0.2, app_token="xapp-wrong"):
                pass


# -- processes that end -----------------------------------------------------------------------------------------------


async def test_while_it_stops_it_takes_no_socket_up_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    may_end = asyncio.Event()
    async with a_bot(scene.slack, settings_of(scene.folder), ping_seconds=0.1) as bot:
        slowly(bot, monkeypatch, may_end)
        await scene.ann.command(scene.room, "/steelman", "MI-07")
        await scene.slack.until(scene.public)
        opened = scene.slack.sockets.opened
        stopping = asyncio.create_task(bot.platform.stop(5.0))
        await asyncio.sleep(1.0)
        assert not scene.slack.sockets.usable
        assert scene.slack.sockets.opened == opened
        may_end.set()
        assert await stopping
    assert scene.shows("The best case for MI-07")


async def test_what_a_process_had_begun_to_write_becomes_the_answer_of_the_next(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(scene.folder, lease_seconds=0.3)
    async with a_bot(scene.slack, settings) as first:
        slowly(first, monkeypatch, asyncio.Event())
        await scene.ann.command(scene.room, "/steelman", "MI-07")
        await scene.slack.until(scene.public)
        (task,) = first.platform.desk._running
        task.cancel()  # as a kill would end it
    async with a_bot(scene.slack, settings, calendar=True):
        await scene.slack.until(lambda: scene.shows("The best case for MI-07"), seconds=10)
        await scene.slack.settled()
    assert len(scene.public()) == 1, "no message is left that says that somebody is working on it"


async def test_a_workspace_that_came_back_in_another_process_is_noted(
    bot: Bot, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.ann.command(scene.room, "/steelman", "MI-07")
    await bot.application.workspace_left(f"slack:{scene.slack.home.id}")  # as another process hears it
    later = bot.application.clock.now() + timedelta(days=1)
    monkeypatch.setattr("bot.chat.slack.intake.NOTED_EVERY", 0.0)
    await scene.ann.command(scene.room, "/steelman", "MI-12")
    assert not list(await bot.application.store.workspaces_to_delete(later, 10))


# -- threads ----------------------------------------------------------------------------------------------------------


async def test_a_thread_is_heard_though_somebody_spoke_while_its_answer_was_written(
    bot: Bot, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = asyncio.Event()
    slowly(bot, monkeypatch, may_end)
    await scene.ann.command(scene.room, "/steelman", "MI-07")
    await scene.slack.until(scene.public)
    (answer,) = scene.public()
    await scene.ben.says(scene.room, "/counter MI-07", answer.ts)
    await scene.slack.settled()
    may_end.set()
    await scene.slack.until(lambda: scene.shows("The best case against MI-07"))
    await scene.ben.says(scene.room, "/steelman MI-12", answer.ts)
    await scene.slack.until(lambda: scene.shows("The best case for MI-12"))


async def test_an_answer_to_a_press_in_the_home_tab_can_be_looked_for(bot: Bot, scene: Scene) -> None:
    post = Post(
        f"slack:{scene.slack.home.id}",
        "p1",
        scene.ann.id,
        ANSWER,
        CoreMessage((Paragraph("Here."),)),
        bot.application.clock.now(),
    )
    ts = await bot.platform.messenger.send(post)
    assert await bot.platform.messenger.find(post) == ts


# -- many workspaces --------------------------------------------------------------------------------------------------


@pytest.fixture
async def many(tmp_path: Path) -> AsyncIterator[tuple[SlackServer, Bot, Member, Channel]]:
    """A bot that a workspace has installed from its page, whose tokens are changed now and then."""
    app = App.from_manifest(manifest("crux", "http://127.0.0.1", distributed=True))
    app = replace(app, redirect_urls=None, token_rotation=True)
    timings = Timings(retries=(0.0, 0.1, 0.2, 0.4, 0.8))
    async with SlackServer(app, installed=False, timings=timings) as slack:
        slack.rates.off()
        ann = slack.member("ann", admin=True)
        tokens = partial(installed, slack, folder=tmp_path)
        async with a_bot(slack, settings_of(tmp_path), http=True, installing=tokens) as bot:
            assert "Thank you" in await install(slack, bot, ann)
            yield slack, bot, ann, slack.channel("general", ann)


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_installations_that_can_t_be_read_leave_events_for_later(
    many: tuple[SlackServer, Bot, Member, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    slack, bot, ann, room = many
    read = type(bot.application.store).installation

    async def down(*_: object) -> Any:
        raise StorageBusy

    monkeypatch.setattr(type(bot.application.store), "installation", down)
    ran = await ann.command(room, "/steelman", "MI-07")
    assert ran.acked
    assert "try again in a moment" in ann.reads(room)[-1]
    direct = slack.state.dm(slack.home.id, slack.state.bot_user(slack.home.id).id, ann.id)
    await ann.says(direct, "/steelman MI-12")
    await asyncio.sleep(0.05)
    monkeypatch.setattr(type(bot.application.store), "installation", read)
    await slack.until(lambda: any("Sources" in text for text in ann.reads(direct)))


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_a_token_is_changed_once_however_many_events_come(
    many: tuple[SlackServer, Bot, Member, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    slack, _, ann, room = many
    monkeypatch.setattr("bot.chat.slack.tokens.BEFORE_MINUTES", 13 * 60)  # as if the token had been held for long
    monkeypatch.setattr("bot.chat.slack.tokens.LASTS_SECONDS", 13 * 3600.0)
    slack.faults.add("oauth.v2.access", faults.slow(0.2))
    claims = ("MI-07", "MI-12", "MI-16")
    ran = await asyncio.gather(*(ann.command(room, "/steelman", claim) for claim in claims))
    assert all(each.acked for each in ran)
    for claim in claims:
        await slack.until(partial(shows, slack, room, f"The best case for {claim}"))
    assert [call for call in slack.calls("oauth.v2.access") if call.error] == []


# -- strangers --------------------------------------------------------------------------------------------------------


async def test_a_stranger_is_one_though_slack_does_not_tell_who_they_are(bot: Bot, scene: Scene) -> None:
    other = scene.slack.team("Elsewhere", installed=False)
    eve = scene.slack.member("eve", team=other)
    shared = scene.slack.channel("shared", scene.ann, shared_with=(other,))
    shared.members.add(eve.id)
    scene.slack.faults.add("users.info", faults.status(503), times=4)
    await eve.says(shared, "@crux /stand MI-07 agree")
    await scene.slack.until(lambda: scene.slack.calls("chat.postEphemeral"))
    workspace = f"slack:{scene.slack.home.id}"
    assert not await bot.application.store.current_position(workspace, "mechanistic-interpretability", "MI-07", eve.id)


@dataclass
class Told:
    """Slack, which tells of one member."""

    user: dict[str, object]

    async def users_info(self, *, user: str) -> dict[str, object]:
        return {"ok": True, "user": {"id": user, **self.user}}


@pytest.mark.parametrize(
    ("user", "enterprise", "stranger"),
    [
        ({"team_id": "T1"}, None, False),
        ({"team_id": "T2"}, None, True),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}}, "E1", False),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}}, "E1", True),
        ({"team_id": "T2", "enterprise_user": {"enterprise_id": "E2"}}, None, True),
    ],
)
async def test_who_is_of_another_organisation_is_a_stranger(
    user: dict[str, object], enterprise: str | None, stranger: bool
) -> None:
    people = People()
    client = cast("AsyncWebClient", Told(user))
    assert (await people.person(client, "slack:T1", "T1", "U1", enterprise)).stranger is stranger
