"""Slack as an admin has it: the manifest, and how the app is installed and removed."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.chat.slack.manifest import manifest
from bot.core.outbox import ORGANISERS, Post
from tests.acceptance.slack_bot import Bot, a_bot, install, installed, settings_of
from tests.acceptance.slack_seen import message_of, public, whole
from tests.slack import App, Channel, Member, SlackServer

# -- as an admin installs it ------------------------------------------------------------------------------------------


async def test_the_manifest_has_what_is_used_and_nothing_else(tmp_path: Path) -> None:
    """Everything that the bot does, done once in an app made of its manifest."""
    app = App.from_manifest(manifest("crux"))
    async with SlackServer(app, charts=False) as slack:
        slack.rates.off()
        folk = [slack.member(name, admin=name == "ann") for name in ("ann", "ben", "cyd")]
        ann, ben = folk[0], folk[1]
        room, closed = slack.channel("general", *folk), slack.channel("secret", *folk, private=True)
        async with a_bot(slack, settings_of(tmp_path), calendar=True) as bot:
            await bot.application.store.set_setting(
                f"slack:{slack.home.id}", None, "organisers", slack.group("leads", ann, folk[2])
            )
            for member in folk:
                await member.command(room, "/stand", "MI-07 agree")
            await slack.until(lambda: len(slack.posts(room)) == 3)
            await ann.command(room, "/crux", "schedule digest fri 16:00")
            await slack.until(lambda: whole(bot, room, "every Friday"))
            await ann.command(room, "/crux", "schedule run digest")
            await slack.until(lambda: any(file.shared_in for file in slack.state.files.values()), seconds=20)
            for there in (room, closed):
                asked = await ann.says(there, "@crux /counter MI-07")
                await slack.until(partial(whole, bot, there, "The best case against MI-07"))
                await ben.shortcut(asked, "steelman_this")
                await ben.command(there, "/steelman", "MI-12")
                await slack.until(partial(whole, bot, there, "The best case for MI-12"))
                (answer,) = whole(bot, there, "The best case for MI-12")
                await ben.says(there, "/crux map MI-07", answer.ts)
                workspace, now = f"slack:{slack.home.id}", bot.application.clock.now()
                post = Post(workspace, f"p{there.id}", there.id, "note", message_of("hello"), now)
                await bot.platform.messenger.find(post)
            direct = await ann.opens_dm()
            await ann.says(direct, "/crux me")
            await slack.until(lambda: public(bot, direct))
            await ann.opens_home()
            await ann.command(room, "/crux", "export-me")
            note = Post(workspace, "p1", room.id, ORGANISERS, message_of("psst"), bot.application.clock.now())
            sent = await bot.platform.messenger.send(note)
            assert await bot.platform.messenger.find(note) == sent
            await slack.until(lambda: len(slack.state.files) > 1)
            several = slack.state.dm(slack.home.id, slack.home.bot.id, ann.id, ben.id)  # type: ignore[union-attr]
            await ann.says(several, "@crux /crux map MI-07")
            await slack.until(partial(whole, bot, several, "MI-07"))
            await folk[2].deactivated()
            await ann.uninstalls()
            await slack.settled()
            assert slack.errors == []
            assert not [call for call in slack.calls() if call.error == "missing_scope"]
            assert slack.scopes_used() - {"connections:write"} == app.scopes
            assert {delivery.event["type"] for delivery in slack.deliveries if delivery.is_event} >= {
                event.partition(".")[0] for event in app.events or () if event != "tokens_revoked"
            }


async def test_a_workspace_that_removes_the_app_is_noted(bot: Bot, ann: Member, room: Channel) -> None:
    await ann.command(room, "/stand", "MI-07 agree")
    await bot.slack.until(lambda: ann.sees(room))
    await ann.uninstalls()
    workspace, store = f"slack:{bot.slack.home.id}", bot.application.store
    later = bot.application.clock.now() + timedelta(days=1)
    async with asyncio.timeout(5):
        while list(await store.workspaces_to_delete(later, 10)) != [workspace]:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.02)


async def test_a_bot_s_token_that_is_revoked_by_itself_is_a_removal_and_a_member_s_is_not(
    bot: Bot, ann: Member, room: Channel
) -> None:
    workspace, store, slack = f"slack:{bot.slack.home.id}", bot.application.store, bot.slack
    later = bot.application.clock.now() + timedelta(days=1)
    event = {"type": "tokens_revoked", "event_ts": slack.state.new_ts()}
    slack.emit(slack.home, "tokens_revoked", {**event, "tokens": {"oauth": [ann.id], "bot": []}})
    await slack.settled()
    assert list(await store.workspaces_to_delete(later, 10)) == []
    slack.emit(slack.home, "tokens_revoked", {**event, "tokens": {"oauth": [], "bot": [slack.home.bot.id]}})  # type: ignore[union-attr]
    async with asyncio.timeout(5):
        while list(await store.workspaces_to_delete(later, 10)) != [workspace]:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.02)
    await ann.command(room, "/stand", "MI-07 agree")  # installed anew, as Slack says by an event
    await slack.until(lambda: ann.sees(room))
    assert list(await store.workspaces_to_delete(later, 10)) == []


# -- many workspaces --------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
@pytest.mark.parametrize("rotating", [False, True])
async def test_workspaces_install_it_each_for_itself(
    tmp_path: Path, rotating: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App.from_manifest(manifest("crux", "http://127.0.0.1", distributed=True))
    app = replace(app, redirect_urls=None, token_rotation=rotating)
    async with SlackServer(app, installed=False) as slack, AsyncExitStack() as stack:
        slack.rates.off()
        tokens = partial(installed, slack, folder=tmp_path)
        bot = await stack.enter_async_context(a_bot(slack, settings_of(tmp_path), http=True, installing=tokens))
        one, other = slack.home, slack.team("Other", installed=False)
        ann, zoe = slack.member("ann", admin=True), slack.member("zoe", admin=True, team=other)
        for member in (ann, zoe):
            assert "Thank you" in await install(slack, bot, member)
        rooms = {}
        for member, team in ((ann, one), (zoe, other)):
            rooms[member.id] = slack.channel(f"general-{member.name}", member, team=team)
            await member.command(rooms[member.id], "/steelman", "MI-07")
            await slack.until(partial(whole, bot, rooms[member.id], "The best case for MI-07"))
        if rotating:
            asked = len(slack.calls("oauth.v2.access"))
            monkeypatch.setattr("bot.chat.slack.tokens.BEFORE_MINUTES", 13 * 60)  # as if it had been held for long
            now = bot.application.clock.now()
            post = Post(f"slack:{one.id}", "p1", rooms[ann.id].id, "note", message_of("hello"), now)
            await bot.platform.messenger.send(post)
            assert len(slack.calls("oauth.v2.access")) > asked
            assert whole(bot, rooms[ann.id], "hello")
        await zoe.uninstalls()
        await slack.settled()
        later = bot.application.clock.now() + timedelta(days=1)
        assert list(await bot.application.store.workspaces_to_delete(later, 10)) == [f"slack:{other.id}"]
        database = (tmp_path / "crux.db").read_bytes() + (tmp_path / "crux.db-wal").read_bytes()
        assert b"xoxb-" not in database
        await install(slack, bot, zoe)
        await zoe.invites_bot(rooms[zoe.id])
        await zoe.command(rooms[zoe.id], "/steelman", "MI-12")
        await slack.until(partial(whole, bot, rooms[zoe.id], "The best case for MI-12"))
        assert not list(await bot.application.store.workspaces_to_delete(later, 10))


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_bolt_s_own_variables_change_nothing_about_installing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "SCOPES", "USER_SCOPES", "REDIRECT_URI", "INSTALL_PATH"):
        monkeypatch.setenv(f"SLACK_{name}", "https://somebody.else")
    monkeypatch.setenv("SLACK_REDIRECT_URI_PATH", "/elsewhere")
    app = replace(App.from_manifest(manifest("crux", "http://127.0.0.1", distributed=True)), redirect_urls=None)
    async with SlackServer(app, installed=False) as slack:
        tokens = partial(installed, slack, folder=tmp_path)
        async with a_bot(slack, settings_of(tmp_path), http=True, installing=tokens) as bot:
            assert "Thank you" in await install(slack, bot, slack.member("ann", admin=True))
        (asked,) = slack.oauth.grants.values()
        assert asked.redirect_uri == ""


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_an_organisation_installs_it_for_its_workspaces(tmp_path: Path) -> None:
    app = replace(App.from_manifest(manifest("crux", "http://127.0.0.1", distributed=True)), redirect_urls=None)
    async with SlackServer(app, installed=False) as slack:
        slack.rates.off()
        team = slack.team("Grid", enterprise="E1", installed=False)
        ann = slack.member("ann", admin=True, team=team)
        tokens = partial(installed, slack, folder=tmp_path)
        async with a_bot(slack, settings_of(tmp_path), http=True, installing=tokens) as bot:
            assert "Thank you" in await install(slack, bot, ann, whole_organisation=True)
            room = slack.channel("general", ann, team=team)
            await ann.command(room, "/steelman", "MI-07")
            await slack.until(lambda: whole(bot, room, "The best case for MI-07"))
            post = Post(f"slack:{team.id}", "p1", room.id, "note", message_of("hello"), bot.application.clock.now())
            await bot.platform.messenger.send(post)
            assert whole(bot, room, "hello")
