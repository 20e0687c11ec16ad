"""Slack's installations and states on every store: sealed, found as slack_sdk finds them, and each state good once."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt.authorization.async_authorize import AsyncInstallationStoreAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.oauth.installation_store import FileInstallationStore, Installation
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.chat.slack.installing import SealedInstallations, VaultStates
from bot.core.ports import Store
from bot.errors import ConfigurationError
from bot.sealing import Sealing, new_key
from bot.storage.engine import async_engine, file_of
from bot.storage.store import SqlStore
from bot.testing import ManualClock, MemoryStore
from tests.conftest import Databases
from tests.databases import SqliteFiles
from tests.integration.values import after
from tests.slack import App, SlackServer

KEY = new_key()


def installing(store: Store, *keys: str) -> SealedInstallations:
    return SealedInstallations(store, Sealing(Path("nowhere"), keys or (KEY,)))


def an_installation(**fields: Any) -> Installation:
    values: dict[str, Any] = {
        "app_id": "A1",
        "enterprise_id": None,
        "team_id": "T1",
        "team_name": "Tea",
        "bot_token": "xoxb-the-bot's-own-token",
        "bot_id": "B1",
        "bot_user_id": "UB1",
        "bot_scopes": ["chat:write", "commands"],
        "bot_refresh_token": "xoxe-the-bot's-refresh-token",
        "bot_token_expires_at": 1_900_000_000,
        "user_id": "U1",
        "user_token": "xoxp-the-user's-token",
        "user_scopes": ["search:read"],
        "installed_at": 1_800_000_000.25,
    }
    return Installation(**(values | fields))


def same(one: Any, other: Any) -> bool:
    return one is not None and other is not None and vars(one) == vars(other)


# -- found as it was saved --------------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"), max_size=300)
scopes = st.lists(st.text("abc:.", min_size=1, max_size=9), max_size=4)
expiry = st.none() | st.integers(0, 2**40)
any_installation = st.builds(
    Installation,
    app_id=st.none() | texts,
    enterprise_id=st.none() | st.sampled_from(["E1", "E2"]),
    enterprise_name=st.none() | texts,
    enterprise_url=st.none() | texts,
    team_id=st.sampled_from(["T1", "T2"]),
    team_name=st.none() | texts,
    bot_token=texts,
    bot_id=texts,
    bot_user_id=texts,
    bot_scopes=scopes,
    bot_refresh_token=st.none() | texts,
    bot_token_expires_at=expiry,
    user_id=st.sampled_from(["U1", "U2"]),
    user_token=st.none() | texts,
    user_scopes=scopes,
    user_refresh_token=st.none() | texts,
    user_token_expires_at=expiry,
    incoming_webhook_url=st.none() | texts,
    incoming_webhook_channel=st.none() | texts,
    incoming_webhook_channel_id=st.none() | texts,
    incoming_webhook_configuration_url=st.none() | texts,
    is_enterprise_install=st.just(False),
    token_type=st.none() | texts,
    installed_at=st.floats(0, 2e9),
    custom_values=st.dictionaries(texts, texts | st.integers() | st.none(), max_size=3),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_installation)
async def test_any_installation_is_found_as_it_was_saved(hasty_store: SqlStore, installation: Installation) -> None:
    found = installing(hasty_store)
    await found.async_save(installation)
    where: dict[str, Any] = {"enterprise_id": installation.enterprise_id, "team_id": installation.team_id}
    by_user = await found.async_find_installation(**where, user_id=installation.user_id)
    assert same(by_user, installation)
    assert same(await found.async_find_bot(**where), installation.to_bot())


async def test_a_long_token_is_kept_whole(store: Store) -> None:
    found, long = installing(store), "xoxe.xoxb-1-" + "x" * 5000
    await found.async_save(an_installation(bot_token=long))
    bot = await found.async_find_bot(enterprise_id=None, team_id="T1")
    assert bot is not None
    assert bot.bot_token == long


saves = st.lists(
    st.tuples(
        st.sampled_from(["save", "save", "delete bot", "delete installation", "delete user", "delete all"]),
        st.sampled_from(["T1", "T2", None]),
        st.sampled_from(["U1", "U2"]),
        st.integers(0, 9),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(saves)
async def test_it_finds_what_slack_sdks_own_store_finds(steps: list[Any]) -> None:
    """Held to a plain account of its SQLAlchemy store: the newest per place, and its bot's newest tokens."""
    ours, kept = installing(MemoryStore()), dict[tuple[str | None, str], Installation]()
    bots = dict[str | None, Installation]()
    for n, (what, team, user, _) in enumerate(steps):
        where: dict[str, Any] = {"enterprise_id": "E1", "team_id": team}
        match what:
            case "save":
                made = an_installation(
                    **where, user_id=user, bot_token=f"xoxb-{n}", installed_at=float(n), is_enterprise_install=not team
                )
                await ours.async_save(made)
                kept[team, user] = bots[team] = made
            case "delete bot":
                await ours.async_delete_bot(**where)
                bots.pop(team, None)
            case "delete installation":
                await ours.async_delete_installation(**where)
                kept = {key: value for key, value in kept.items() if key[0] != team}
            case "delete user":
                await ours.async_delete_installation(**where, user_id=user)
                kept.pop((team, user), None)
            case _:
                await ours.async_delete_all(**where)
                bots.pop(team, None)
                kept = {key: value for key, value in kept.items() if key[0] != team}
        for each in ("T1", "T2", None):
            where = {"enterprise_id": "E1", "team_id": each}
            bot = await ours.async_find_bot(**where)
            assert (bot and bot.bot_token) == (bots[each].bot_token if each in bots else None)
            newest = max((i for (t, _), i in kept.items() if t == each), key=lambda i: i.installed_at, default=None)
            found = await ours.async_find_installation(**where)
            assert (found and found.user_id) == (newest and newest.user_id)
            if found is not None:
                assert found.bot_token == (bots[each].bot_token if each in bots else None)
            for who in ("U1", "U2"):
                own = await ours.async_find_installation(**where, user_id=who)
                assert (own is not None) == ((each, who) in kept)


async def test_the_same_as_slack_sdks_file_store(store: Store, tmp_path: Path) -> None:
    theirs, ours = FileInstallationStore(base_dir=str(tmp_path)), installing(store)
    for made in (
        an_installation(),
        an_installation(user_id="U2", bot_token="xoxb-newer", installed_at=1_800_000_001.0),
        an_installation(enterprise_id="E1", team_id=None, is_enterprise_install=True, bot_token="xoxb-org"),
    ):
        await theirs.async_save(made)
        await ours.async_save(made)
    for where in (
        {"enterprise_id": None, "team_id": "T1"},
        {"enterprise_id": "E1", "team_id": None},
        {"enterprise_id": "E1", "team_id": "T7", "is_enterprise_install": True},
        {"enterprise_id": None, "team_id": "T2"},
        {"enterprise_id": "E2", "team_id": None},
    ):
        for user in (None, "U1", "U2"):
            one = await theirs.async_find_installation(**where, user_id=user)
            other = await ours.async_find_installation(**where, user_id=user)
            assert (one is None and other is None) or same(one, other), (where, user)
        one_bot, other_bot = await theirs.async_find_bot(**where), await ours.async_find_bot(**where)
        assert (one_bot is None and other_bot is None) or same(one_bot, other_bot)


async def test_an_installation_of_nobody_is_refused_and_not_found(store: Store) -> None:
    found = installing(store)
    with pytest.raises(ValueError, match="a team or of an organisation"):
        await found.async_save(an_installation(team_id=None))
    with pytest.raises(ValueError, match="a team or of an organisation"):
        await found.async_save_bot(an_installation(team_id=None).to_bot())
    assert await found.async_find_bot(enterprise_id=None, team_id=None) is None
    assert await found.async_find_installation(enterprise_id=None, team_id=None) is None
    assert await store.all_installations() == []


# -- organisations ----------------------------------------------------------------------------------------------------


async def test_an_organisations_workspaces_are_posted_to_with_its_token_until_they_have_their_own(store: Store) -> None:
    found = installing(store)
    await found.async_save(an_installation(enterprise_id="E1", team_id=None, is_enterprise_install=True))
    assert await found.bot_of("slack:T1") is None
    for team in ("T1", "T2", "T1"):
        await found.note_organisation(team, "E1")
    await found.note_organisation("T3", "E2")
    bot = await found.bot_of("slack:T1")
    assert bot is not None
    assert bot.enterprise_id == "E1"
    assert await found.workspaces_of("E1") == ["slack:T1", "slack:T2"]
    await found.async_save(an_installation(enterprise_id="E1", bot_token="xoxb-own"))
    own = await found.bot_of("slack:T1")
    assert own is not None
    assert own.bot_token == "xoxb-own"
    assert await found.workspaces_of("E1") == ["slack:T2"]
    await found.async_delete_all(enterprise_id="E1", team_id=None)
    assert await found.bot_of("slack:T2") is None
    assert await found.bot_of("slack:T1") is not None
    assert await found.bot_of("slack:T3") is None


async def test_a_team_that_joined_an_organisation_later_is_still_found(store: Store) -> None:
    found = installing(store)
    await found.async_save(an_installation(enterprise_id=None))
    assert await found.async_find_bot(enterprise_id="E9", team_id="T1") is not None


# -- sealed -----------------------------------------------------------------------------------------------------------


async def test_no_token_is_in_the_file(sqlite: SqliteFiles) -> None:
    url = sqlite.migrated()
    store = await SqlStore.open(url)
    found, made = installing(store), an_installation()
    await found.async_save(made)
    file = file_of(url)
    written = b"".join(part.read_bytes() for part in file.parent.iterdir() if part.is_file())
    assert b"installer:U1" in written
    for secret in (made.bot_token, made.bot_refresh_token, made.user_token, "xox", "the-bot's-own"):
        assert str(secret).encode() not in written
    await store.close()


async def test_with_another_key_it_is_one_sentence_and_with_both_all_is_well(store: Store) -> None:
    await installing(store).async_save(an_installation())
    newer = new_key()
    for method in ("async_find_bot", "async_find_installation"):
        with pytest.raises(ConfigurationError, match="No key opens the tokens"):
            await getattr(installing(store, newer), method)(enterprise_id=None, team_id="T1")
    assert await installing(store, newer, KEY).async_find_bot(enterprise_id=None, team_id="T1") is not None


async def test_what_was_saved_meanwhile_is_not_sealed_over(store: Store) -> None:
    await store.keep_installation("w1", "bot", b"old", after(0))
    (was,) = await store.all_installations()
    await store.keep_installation("w1", "bot", b"newer", after(1))
    assert not await store.reseal_installation(was, b"old sealed anew")
    (now,) = await store.installations("w1")
    assert now.sealed == b"newer"
    assert await store.reseal_installation(now, b"newer sealed anew")
    assert await store.installations("w1") == [replace(now, sealed=b"newer sealed anew")]
    await store.drop_installation("w1", "bot")
    assert not await store.reseal_installation(now, b"gone")


async def test_sealed_bytes_of_another_workspace_are_refused(store: Store) -> None:
    found = installing(store)
    await found.async_save(an_installation())
    moved = await store.installation("slack:T1", "bot")
    assert moved is not None
    await store.keep_installation("slack:T2", "bot", moved.sealed, moved.at)
    with pytest.raises(ConfigurationError, match="are another's"):
        await found.async_find_bot(enterprise_id=None, team_id="T2")


async def test_who_installed_the_bot_is_forgotten_and_the_bot_goes_on(store: Store) -> None:
    found = installing(store)
    await found.async_save(an_installation())
    await found.async_save(an_installation(user_id="U2", installed_at=1.0))
    await store.forget("slack:T1", "U1", after(0).replace(year=2030))
    assert [part.key for part in await store.all_installations()] == ["bot", "installer:U2"]
    await store.forget("slack:T1", "U2", after(0).replace(year=2030))
    assert await found.async_find_installation(enterprise_id=None, team_id="T1") is None
    async with SlackServer() as slack:
        bot = await found.async_find_bot(enterprise_id=None, team_id="T1")
        assert bot is not None
        bot.bot_token, bot.bot_refresh_token = slack.home.bot_token or "", None
        await found.async_save_bot(bot)
        context = AsyncBoltContext({"client": AsyncWebClient(base_url=slack.api_url)})
        authorize = AsyncInstallationStoreAuthorize(logger=found.logger, installation_store=found)
        result = await authorize(context=context, enterprise_id=None, team_id="T1", user_id="U9")
    assert result is not None
    assert result.bot_token == bot.bot_token


# -- states -----------------------------------------------------------------------------------------------------------


async def test_a_state_is_good_once_and_for_a_while(store: Store) -> None:
    clock = ManualClock()
    states = VaultStates(store, clock, seconds=60)
    first, second = await states.async_issue(), await states.async_issue()
    assert first != second
    assert [await states.async_consume(first) for _ in range(2)] == [True, False]
    assert not await states.async_consume("never issued")
    clock.advance(60)
    assert not await states.async_consume(second)
    assert await states.async_consume(await states.async_issue())


async def test_of_many_who_bring_a_state_back_at_once_one_is_let_in(databases: Databases) -> None:
    url = databases.migrated()
    stores = [SqlStore(async_engine(url)) for _ in range(4)]
    states = [VaultStates(store, ManualClock()) for store in stores]
    for _ in range(10):
        state = await states[0].async_issue()
        let_in = await asyncio.gather(*(each.async_consume(state) for each in states * 3))
        assert sorted(let_in) == [False] * 11 + [True]
    for store in stores:
        await store.close()


# -- with slack-bolt --------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_bolt_installs_and_rotates_tokens_through_them(store: Store) -> None:
    async with SlackServer(App(token_rotation=True), installed=False) as slack:
        client = AsyncWebClient(base_url=slack.api_url)
        found = installing(store)
        flow = AsyncOAuthFlow(
            client=client,
            settings=AsyncOAuthSettings(
                client_id=slack.app.client_id,
                client_secret=slack.app.client_secret,
                scopes=["chat:write", "commands"],
                redirect_uri="http://127.0.0.1:1/slack/oauth_redirect",
                authorization_url=slack.authorize_url,
                installation_store=found,
                state_store=VaultStates(store, ManualClock()),
            ),
        )
        page = await flow.handle_installation(AsyncBoltRequest(body=""))
        link = re.search(r'href="(http[^"]+authorize[^"]+)"', page.body)
        cookie = page.headers["set-cookie"][0].partition(";")[0]
        assert link is not None
        slack.consents(slack.member("ann", admin=True))
        async with (
            aiohttp.ClientSession() as session,
            session.get(URL(html.unescape(link[1]), encoded=True), allow_redirects=False) as consent,
        ):
            back = urlsplit(consent.headers["Location"])
        answers = [
            await flow.handle_callback(AsyncBoltRequest(body="", query=back.query, headers={"cookie": cookie}))
            for _ in range(2)
        ]
        assert [answer.status for answer in answers] == [200, 401]  # a state is good once
        first = await found.bot_of(f"slack:{slack.home.id}")
        assert first is not None
        authorize = AsyncInstallationStoreAuthorize(
            logger=found.logger,
            installation_store=found,
            client_id=slack.app.client_id,
            client_secret=slack.app.client_secret,
            client=client,
            token_rotation_expiration_minutes=60 * 24,
        )
        context = AsyncBoltContext({"client": client})
        result = await authorize(context=context, enterprise_id=None, team_id=slack.home.id, user_id="U9")
        renewed = await found.bot_of(f"slack:{slack.home.id}")
        assert result is not None
        assert renewed is not None
        assert result.bot_token == renewed.bot_token == slack.home.bot_token
        assert renewed.bot_token != first.bot_token
