"""The small Slack, driven by the real slack_sdk and slack_bolt over sockets on 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from yarl import URL

from tests.slack import App, Clock, NotPossible, SlackServer, Timings
from tests.slack import faults as going_wrong
from tests.slack.posting import typed

Json = dict[str, Any]


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(timings=Timings(retries=(0.0, 0.05, 0.1), disconnect_grace=0.05)) as server:
        yield server


@pytest.fixture
async def hasty() -> AsyncIterator[SlackServer]:
    """A Slack that waits half a second for an acknowledgement."""
    async with SlackServer(timings=Timings(ack=0.5, retries=(0.0, 0.05, 0.1))) as server:
        yield server


def client_of(slack: SlackServer, token: str | None = None) -> AsyncWebClient:
    return AsyncWebClient(token or slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])


@pytest.fixture
def client(slack: SlackServer) -> AsyncWebClient:
    return client_of(slack)


def bolt_app(slack: SlackServer) -> AsyncApp:
    return AsyncApp(client=client_of(slack), signing_secret=slack.app.signing_secret)


@contextlib.asynccontextmanager
async def socket_mode(slack: SlackServer, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, slack.app.app_token, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.sockets.connected()
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


@contextlib.asynccontextmanager
async def over_http(slack: SlackServer, app: AsyncApp) -> AsyncIterator[None]:
    async def handle(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    routes = web.Application()
    routes.router.add_post("/slack/events", handle)
    runner = web.AppRunner(routes, shutdown_timeout=0.5, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.uses_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield
    finally:
        await runner.cleanup()


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


BUTTONS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*The case*"}},
    {"type": "actions", "elements": [{"type": "button", "text": plain("I'd sign this"), "action_id": "sign"}]},
]
MODAL: Json = {
    "type": "modal",
    "callback_id": "position",
    "title": plain("Position"),
    "submit": plain("Save"),
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Why"),
            "element": {"type": "plain_text_input", "action_id": "reason"},
        }
    ],
}


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


# The Web API


async def test_tokens(slack: SlackServer, client: AsyncWebClient) -> None:
    who = await client.auth_test()
    assert who["team_id"] == slack.home.id
    assert await refused(client_of(slack, "xoxb-else").auth_test()) == "invalid_auth"
    assert await refused(AsyncWebClient(base_url=slack.api_url).auth_test()) == "not_authed"
    assert await refused(client.apps_connections_open(app_token=slack.bot_token)) == "not_allowed_token_type"
    assert await refused(client.api_call("chat.shout")) == "unknown_method"
    await client.auth_revoke()
    assert await refused(client.auth_test()) == "token_revoked"


async def test_scopes() -> None:
    async with SlackServer(App(scopes=frozenset({"chat:write"}))) as slack:
        channel = slack.channel("general")
        client = client_of(slack)
        await client.chat_postMessage(channel=channel.id, text="hi")
        with pytest.raises(SlackApiError) as caught:
            await client.conversations_history(channel=channel.id)
        assert caught.value.response["error"] == "missing_scope"
        assert caught.value.response["needed"] == "channels:history"
        assert caught.value.response["provided"] == "chat:write"


async def test_posting_is_checked(slack: SlackServer, client: AsyncWebClient) -> None:
    channel, secret = slack.channel("general"), slack.channel("secret", private=True, bot=False)
    away, old = slack.channel("away", bot=False), slack.channel("old")
    slack.archive(old)
    post = client.chat_postMessage
    with pytest.warns(UserWarning, match="text"):  # slack_sdk's own
        assert await refused(post(channel=channel.id)) == "no_text"
    assert await refused(post(channel="C404", text="a")) == "channel_not_found"
    assert await refused(post(channel=secret.id, text="a")) == "channel_not_found"
    assert await refused(post(channel=away.id, text="a")) == "not_in_channel"
    assert await refused(post(channel=old.id, text="a")) == "is_archived"
    assert await refused(post(channel=channel.id, text="a", thread_ts="1.000001")) == "thread_not_found"
    assert await refused(post(channel=channel.id, text="a", blocks=[{"type": "banner"}])) == "invalid_blocks"
    big = {"event_type": "crux_post", "event_payload": {"marker": "x" * 20_000}}
    slack.rates.off()
    assert await refused(post(channel=channel.id, text="a", metadata=big)) == "metadata_too_large"
    assert slack.posts() == []
    long = await post(channel=channel.id, text="x" * 50_000)
    assert len(slack.posts()[0].text) == 40_000
    assert await refused(client.chat_update(channel=channel.id, ts=long["ts"], text="x" * 4001)) == "msg_too_long"


async def test_changing_and_deleting(slack: SlackServer, client: AsyncWebClient) -> None:
    ann = slack.member("ann")
    channel = slack.channel("general", ann)
    theirs = await ann.says(channel, "mine")
    posted = await client.chat_postMessage(channel=channel.id, text="a &lt; b", blocks=BUTTONS)
    assert await refused(client.chat_update(channel=channel.id, ts=theirs.ts, text="b")) == "cant_update_message"
    assert await refused(client.chat_update(channel=channel.id, ts="1.000001", text="b")) == "message_not_found"
    await client.chat_update(channel=channel.id, ts=posted["ts"], text="better")
    message = slack.posts(channel)[0]
    assert (message.text, message.edits[0].text, message.blocks) == ("better", "a &lt; b", [])
    marker = {"event_type": "crux_post", "event_payload": {}}
    await client.api_call("chat.update", json={"channel": channel.id, "ts": posted["ts"], "metadata": marker})
    assert (message.text, message.metadata) == ("better", marker)
    assert ann.reads(channel) == ["mine", "better"]
    link = await client.chat_getPermalink(channel=channel.id, message_ts=message.ts)
    assert channel.id in link["permalink"]
    await client.chat_delete(channel=channel.id, ts=message.ts)
    assert ann.reads(channel) == ["mine"]


async def test_ephemeral_messages(slack: SlackServer, client: AsyncWebClient) -> None:
    ann, ben = slack.member("ann"), slack.member("ben")
    channel = slack.channel("general", ann)
    await client.chat_postEphemeral(channel=channel.id, user=ann.id, text="for you")
    assert await refused(client.chat_postEphemeral(channel=channel.id, user=ben.id, text="a")) == "user_not_in_channel"
    assert ann.reads(channel) == ["for you"]
    assert ben.reads(channel) == []
    assert (await client.conversations_history(channel=channel.id))["messages"] == []


async def test_history_finds_a_marker(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.rates.off()
    channel = slack.channel("general", slack.member("ann"))
    first = await client.chat_postMessage(channel=channel.id, text="0")
    marker = {"event_type": "crux_post", "event_payload": {"marker": "m1"}}
    for number in range(1, 5):
        await client.chat_postMessage(channel=channel.id, text=str(number), metadata=marker)
    await client.chat_postMessage(channel=channel.id, text="reply", thread_ts=first["ts"])
    page = await client.conversations_history(channel=channel.id, limit=2, include_all_metadata=True)
    assert [m["text"] for m in page["messages"]] == ["4", "3"]
    assert page["messages"][0]["metadata"] == marker
    following = await client.conversations_history(
        channel=channel.id, limit=2, cursor=page["response_metadata"]["next_cursor"]
    )
    assert [m["text"] for m in following["messages"]] == ["2", "1"]
    assert "metadata" not in following["messages"][0]
    since = await client.conversations_history(channel=channel.id, oldest=first["ts"], inclusive=True)
    assert len(since["messages"]) == 5
    thread = await client.conversations_replies(channel=channel.id, ts=first["ts"])
    assert [m["text"] for m in thread["messages"]] == ["0", "reply"]


async def test_people(slack: SlackServer, client: AsyncWebClient) -> None:
    other = slack.team("Other", installed=False)
    ann, eve = slack.member("ann", admin=True), slack.member("eve", team=other)
    assert (await client.users_info(user=ann.id))["user"]["is_admin"]
    assert await refused(client.users_info(user=eve.id)) == "user_not_found"
    slack.channel("shared", ann, eve, shared_with=(other,))
    assert (await client.users_info(user=eve.id))["user"]["is_stranger"]
    group = slack.group("organisers", ann)
    assert (await client.usergroups_users_list(usergroup=group))["users"] == [ann.id]
    assert (await client.conversations_open(users=[ann.id]))["channel"]["id"].startswith("D")
    await ann.deactivated()
    assert await refused(client.conversations_open(users=[ann.id])) == "user_disabled"


async def test_a_file_is_uploaded(slack: SlackServer, client: AsyncWebClient) -> None:
    ann = slack.member("ann")
    channel = slack.channel("general", ann)
    await client.files_upload_v2(channel=channel.id, content=b"\x89PNG", filename="a.png", title="T", alt_txt="4 agree")
    message = ann.sees(channel)[0]
    assert message.files[0].content == b"\x89PNG"
    assert message.seen.images == ("4 agree",)
    assert await refused(client.files_completeUploadExternal(files=[{"id": "F404"}])) == "file_not_found"


async def test_a_stream(slack: SlackServer, client: AsyncWebClient) -> None:
    ann = slack.member("ann")
    channel = slack.channel("general", ann)
    asked = await ann.says(channel, "steelman it")
    start: Json = {"channel": channel.id, "thread_ts": asked.ts}
    assert await refused(client.chat_startStream(**start)) == "missing_recipient_user_id"
    start |= {"recipient_user_id": ann.id, "recipient_team_id": slack.home.id}
    await client.assistant_threads_setStatus(channel_id=channel.id, thread_ts=asked.ts, status="is thinking")
    ts = (await client.chat_startStream(**start))["ts"]
    await client.chat_appendStream(channel=channel.id, ts=ts, markdown_text="**One** ")
    assert await refused(client.chat_appendStream(channel=channel.id, ts=ts, markdown_text="x" * 12_001)) == (
        "msg_too_long"
    )
    assert await refused(client.chat_update(channel=channel.id, ts=ts, text="a")) == "streaming_state_conflict"
    await client.chat_stopStream(channel=channel.id, ts=ts, markdown_text="two.", blocks=BUTTONS)
    assert await refused(client.chat_appendStream(channel=channel.id, ts=ts, markdown_text="a")) == (
        "message_not_in_streaming_state"
    )
    message = ann.sees(channel, asked.ts)[-1]
    assert message.seen.text == "One two.\nThe case"
    assert message.chunks == ["**One** ", "two."]
    assert slack.state.statuses[channel.id, asked.ts] == ["is thinking", ""]


async def test_a_stream_expires(slack: SlackServer, client: AsyncWebClient) -> None:
    dm = await slack.member("ann").opens_dm()
    asked = await slack.member("ann").says(dm, "hi")
    ts = (await client.chat_startStream(channel=dm.id, thread_ts=asked.ts, markdown_text="a"))["ts"]
    slack.clock.advance(301)
    stopped = client.chat_stopStream(channel=dm.id, ts=ts)
    assert await refused(stopped) == "message_not_in_streaming_state"
    await client.chat_update(channel=dm.id, ts=ts, text="whole")


async def test_a_rate_limit(slack: SlackServer, client: AsyncWebClient) -> None:
    channel, other = slack.channel("general"), slack.channel("other")
    slack.rates.post_burst = 2
    for _ in range(2):
        await client.chat_postMessage(channel=channel.id, text="a")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel.id, text="a")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel=other.id, text="a")


async def test_faults(slack: SlackServer, client: AsyncWebClient) -> None:
    channel = slack.channel("general")
    slack.faults.add("chat.postMessage", going_wrong.rate_limited(7))
    slack.faults.add("chat.postMessage", going_wrong.error("fatal_error"))
    slack.faults.add("chat.postMessage", going_wrong.dropped())
    slack.faults.add("chat.postMessage", going_wrong.hang(0.05))
    slack.faults.add("chat.postMessage", going_wrong.dropped_after())
    post = client.chat_postMessage
    with pytest.raises(SlackApiError) as caught:
        await post(channel=channel.id, text="a")
    assert caught.value.response.headers["Retry-After"] == "7"
    assert await refused(post(channel=channel.id, text="a")) == "fatal_error"
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await post(channel=channel.id, text="a")
    assert slack.posts() == []
    with pytest.raises(aiohttp.ClientError):
        await post(channel=channel.id, text="a")
    assert len(slack.posts()) == 1
    slack.faults.add("*", going_wrong.status(503))
    with pytest.raises(SlackApiError):
        await client.auth_test()
    await client.auth_test()


# Socket Mode


async def test_an_event_is_acknowledged(slack: SlackServer) -> None:
    app, heard = bolt_app(slack), []

    @app.event("app_mention")
    async def mentioned(event: Json, say: Any) -> None:
        heard.append(event)
        await say(text=f"You said: {event['text']}", thread_ts=event["ts"])

    @app.event("message")
    async def said(event: Json) -> None:
        heard.append(event)

    ann = slack.member("ann")
    channel = slack.channel("general", ann)
    async with socket_mode(slack, app):
        asked = await ann.says(channel, "@crux is 1 < 2?")
        await slack.until(lambda: slack.posts(channel))
        await slack.settled()
    assert sorted(event["type"] for event in heard) == ["app_mention", "message"]
    assert {event["ts"] for event in heard} == {asked.ts}
    mention, message = slack.events("app_mention")[0], slack.events("message")[0]
    assert mention.event_id != message.event_id
    assert mention.acked
    assert len(mention.attempts) == 1
    assert len(slack.ack_seconds) == 3  # the bot's own message comes back to it
    reply = ann.sees(channel, asked.ts)[1]
    assert "is 1 < 2?" in reply.seen
    assert reply.mentions == (f"<@{slack.state.bot_user(slack.home.id).id}>",)


async def test_an_event_comes_again(hasty: SlackServer) -> None:
    app, seen = bolt_app(hasty), []

    @app.middleware
    async def late(body: Json, next: Any) -> None:  # noqa: A002
        seen.append(body["event_id"])
        if len(seen) < 3:
            await asyncio.sleep(0.7)
        await next()

    @app.event("message")
    @app.event("app_home_opened")
    async def said() -> None:
        pass

    ann = hasty.member("ann")
    dm = await ann.opens_dm()
    async with socket_mode(hasty, app):
        await hasty.settled()
        seen.clear()
        await ann.says(dm, "hello")
        await hasty.settled()
    delivery = hasty.events("message")[0]
    assert [attempt.reason for attempt in delivery.attempts] == ["", "timeout", "timeout"]
    assert [attempt.acked for attempt in delivery.attempts] == [False, False, True]
    assert len(set(seen)) == 1


async def test_a_command_is_answered(slack: SlackServer) -> None:
    app = bolt_app(slack)

    @app.command("/steelman")
    async def steelman(ack: Any, respond: Any, command: Json) -> None:
        await ack("On it.")
        for number in range(6):
            await respond(text=f"{command['text']} {number}", response_type="in_channel")

    ann, ben = slack.member("ann"), slack.member("ben")
    channel = slack.channel("general", ann, ben)
    async with socket_mode(slack, app):
        delivery = await ann.command(channel, "/steelman", "MI-04")
        await slack.until(lambda: len(slack.calls("response_url")) == 6)
        with pytest.raises(NotPossible):
            await ann.command(channel, "/steelman", in_thread=True)
    assert delivery.acked
    assert ben.reads(channel) == [f"MI-04 {number}" for number in range(5)]
    assert set(ann.reads(channel)) == {"On it.", *ben.reads(channel)}
    assert slack.calls("response_url")[-1].error == "used_url"


async def test_a_response_url_expires(slack: SlackServer) -> None:
    app, hooks = bolt_app(slack), []

    @app.command("/steelman")
    async def steelman(ack: Any, command: Json) -> None:
        await ack()
        hooks.append(AsyncWebhookClient(command["response_url"]))

    ann = slack.member("ann")
    channel = slack.channel("general", ann)
    async with socket_mode(slack, app):
        await ann.command(channel, "/steelman")
    (hook,) = hooks
    assert (await hook.send(text="working")).status_code == 200
    assert (await hook.send(text="done", replace_original=True)).status_code == 200
    assert ann.reads(channel) == ["done"]
    assert (await hook.send(blocks=[{"type": "banner"}])).body == '{"ok": false, "error": "invalid_blocks"}'
    assert (await hook.send(delete_original=True)).status_code == 200
    assert ann.reads(channel) == []
    slack.clock.advance(30 * 60 + 1)
    late = await hook.send(text="late")
    assert (late.status_code, late.body) == (404, '{"ok": false, "error": "expired_url"}')


async def test_an_unanswered_command(hasty: SlackServer) -> None:
    app = bolt_app(hasty)

    @app.command("/steelman")
    async def steelman() -> None:
        await asyncio.sleep(0.7)

    ann = hasty.member("ann")
    async with socket_mode(hasty, app):
        delivery = await ann.command(hasty.channel("general"), "/steelman")
        assert len(delivery.attempts) == 1
        assert [error.error for error in ann.errors] == ["operation_timeout"]
        await asyncio.sleep(0.25)


async def test_buttons_modals_and_home(slack: SlackServer, client: AsyncWebClient) -> None:
    app, pressed = bolt_app(slack), []

    @app.action("sign")
    async def sign(ack: Any, body: Json, client: AsyncWebClient, respond: Any) -> None:
        await ack()
        pressed.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await respond(text="signed", replace_original=True)

    @app.view("position")
    async def position(ack: Any, body: Json, view: Json) -> None:
        reason = view["state"]["values"]["why"]["reason"]["value"]
        if reason == "no":
            await ack(response_action="errors", errors={"why": "Say more"})
        elif reason == "update":
            await ack(response_action="update", view=MODAL | {"title": plain("Again")})
        else:
            await ack()

    @app.shortcut("counter")
    async def counter(ack: Any, shortcut: Json, respond: Any) -> None:
        await ack()
        await respond(text=f"Against: {shortcut['message']['text']}")

    @app.event("app_home_opened")
    async def home(event: Json, client: AsyncWebClient) -> None:
        view = {"type": "home", "blocks": BUTTONS}
        await client.views_publish(user_id=event["user"], view=view)

    ann = slack.member("ann")
    channel = slack.channel("general", ann)
    await client.chat_postEphemeral(channel=channel.id, user=ann.id, text="a", blocks=BUTTONS)
    message = ann.sees(channel)[0]
    async with socket_mode(slack, app):
        await ann.presses(message, "I'd sign this")
        await slack.until(lambda: ann.modal and ann.reads(channel) == ["signed"])
        assert pressed[0]["container"]["is_ephemeral"]
        modal = ann.modal
        assert modal is not None
        with pytest.raises(NotPossible):
            await ann.submits(modal)
        assert (await ann.submits(modal, {"Why": "no"})).errors == {"why": "Say more"}
        assert (await ann.submits(modal, {"why": "update"})).view is modal
        assert modal.payload["title"]["text"] == "Again"
        await ann.submits(modal, {"reason": "because"})
        assert ann.modal is None
        theirs = await ann.says(channel, "Sky is green")
        await ann.shortcut(theirs, "counter")
        await slack.until(lambda: "Against: Sky is green" in ann.reads(channel))
        await ann.opens_home()
        await slack.until(lambda: ann.home)
        assert ann.home is not None
        assert ann.home.seen.labels == ("I'd sign this",)
    used = pressed[0]["trigger_id"]
    assert await refused(client.views_open(trigger_id=used, view=MODAL)) == "exchanged_trigger_id"
    slack.clock.advance(4)
    assert await refused(client.views_open(trigger_id=used, view=MODAL)) == "expired_trigger_id"
    assert await refused(client.views_open(trigger_id="1.2.3", view=MODAL)) == "invalid_trigger_id"


async def test_views_are_stacked_and_guarded(slack: SlackServer, client: AsyncWebClient) -> None:
    ann = slack.member("ann")
    trigger = slack.state.new_trigger(slack.home.id, ann.id)
    broken = client.views_open(trigger_id=trigger, view=MODAL | {"title": plain("x" * 25)})
    assert await refused(broken) == "invalid_arguments"
    view = (await client.views_open(trigger_id=trigger, view=MODAL))["view"]
    for _ in range(2):
        view = (await _pushed(slack, client, view))["view"]
    assert await refused(_pushed(slack, client, view)) == "push_limit_reached"
    assert view["previous_view_id"] != view["root_view_id"]
    stale = client.views_update(view_id=view["id"], hash="0.1", view=MODAL)
    assert await refused(stale) == "hash_conflict"
    await client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)
    assert ann.modal is not None
    await ann.closes(ann.modal)
    assert await refused(client.views_update(view_id=view["id"], view=MODAL)) == "not_found"
    assert await refused(client.views_publish(user_id=ann.id, view=MODAL)) == "invalid_arguments"


def _pushed(slack: SlackServer, client: AsyncWebClient, view: Json) -> Any:
    owner = slack.state.views[view["id"]].user
    trigger = slack.state.new_trigger(slack.home.id, owner, view["id"])
    return client.views_push(trigger_id=trigger, view=MODAL)


async def test_sockets_are_shared_and_renewed(slack: SlackServer) -> None:
    def app() -> AsyncApp:
        made = bolt_app(slack)

        @made.event("message")
        async def said() -> None:
            pass

        return made

    ann = slack.member("ann")
    channel = slack.channel("general", ann)
    async with socket_mode(slack, app()), socket_mode(slack, app()):
        await slack.sockets.connected(2)
        for number in range(4):
            await ann.says(channel, str(number))
        await slack.settled()
        assert sorted(socket.envelopes for socket in slack.sockets.usable) == [2, 2]
        await slack.sockets.disconnect("refresh_requested", which=0)
        slack.sockets.cut(which=0)
        await ann.says(channel, "meanwhile")
        await slack.sockets.connected(2)
        await slack.settled()
    assert slack.sockets.opened == 4
    assert all(delivery.acked for delivery in slack.deliveries)


# HTTP


async def test_over_http(hasty: SlackServer) -> None:
    app, heard = bolt_app(hasty), []

    @app.event("message")
    async def said(event: Json, request: Any) -> None:
        heard.append(event.get("text"))

    @app.middleware
    async def late(body: Json, next: Any) -> None:  # noqa: A002
        if body.get("event", {}).get("text") == "slow" and len(hasty.deliveries[-1].attempts) == 1:
            await asyncio.sleep(0.7)
        await next()

    @app.command("/stand")
    async def stand(ack: Any) -> None:
        await ack(text="*Here*", blocks=BUTTONS)

    @app.action("sign")
    async def sign(ack: Any, say: Any) -> None:
        await ack()
        await say("signed")

    ann = hasty.member("ann")
    channel = hasty.channel("general", ann)
    async with over_http(hasty, app):
        assert hasty.http is not None
        assert "3eZbrw1aB10FEMAGAZd4FyFQ" in (await hasty.http.verify_url()).body
        await ann.says(channel, "quick")
        await hasty.settled()
        await ann.says(channel, "slow")
        await hasty.settled()
        quick, slow = hasty.events("message")
        assert [attempt.reason for attempt in slow.attempts] == ["", "http_timeout"]
        assert hasty.http.sent[-1].headers["X-Slack-Retry-Num"] == "1"
        assert (await hasty.http.with_wrong_signature(quick)).status == 401
        assert (await hasty.http.with_stale_timestamp(quick)).status == 401
        assert (await hasty.http.replay(hasty.http.sent[1])).status == 200
        await ann.command(channel, "/stand")
        await ann.presses(ann.sees(channel)[-1], "sign")
        await hasty.until(lambda: ann.reads(channel)[-1] == "signed")
        missing = await ann.command(channel, "/nothing")
        assert missing.shown_error == "dispatch_failed"
        await hasty.settled()
    assert set(heard[:2]) == {"quick", "slow"}


async def test_events_are_given_up(slack: SlackServer) -> None:
    slack.uses_http("http://127.0.0.1:9/slack/events")
    ann = slack.member("ann")
    await ann.says(slack.channel("general", ann), "anyone?")
    await slack.settled()
    delivery = slack.deliveries[0]
    assert delivery.outcome == "failed"
    assert [attempt.number for attempt in delivery.attempts] == [0, 1, 2, 3]
    assert {attempt.failure for attempt in delivery.attempts} == {"connection_failed"}


# Installation


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk's own use of aiohttp
async def test_installation_with_rotation() -> None:
    app = App(token_rotation=True, redirect_urls=frozenset({"http://127.0.0.1:1/slack/oauth_redirect"}))
    async with SlackServer(app, Clock(), installed=False) as slack:
        ann = slack.member("ann", admin=True)
        code = await _code(slack, ann)
        client = AsyncWebClient(base_url=slack.api_url)
        secrets = {"client_id": app.client_id, "client_secret": app.client_secret}
        wrong = client.oauth_v2_access(client_id=app.client_id, client_secret="x", code=code)
        assert await refused(wrong) == "bad_client_secret"
        redirect = {"redirect_uri": "http://127.0.0.1:1/slack/oauth_redirect"}
        first = await client.oauth_v2_access(**secrets, code=code, **redirect)
        assert first["team"]["id"] == slack.home.id
        assert first["scope"] == "chat:write,commands"
        await client_of(slack, first["access_token"]).auth_test()
        slack.clock.advance(first["expires_in"])
        assert await refused(client_of(slack, first["access_token"]).auth_test()) == "token_expired"
        again = {**secrets, "grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = await client.oauth_v2_access(**again)
        await client_of(slack, second["access_token"]).auth_test()
        assert await refused(client.oauth_v2_access(**again)) == "invalid_refresh_token"
        slack.uses_http("http://127.0.0.1:9/")
        await ann.uninstalls()
        assert sorted(d.event["type"] for d in slack.events()) == ["app_uninstalled", "tokens_revoked"]
        assert await refused(client_of(slack, second["access_token"]).auth_test()) == "account_inactive"


async def _code(slack: SlackServer, member: Any, **consent: Any) -> str:
    slack.consents(member, **consent)
    query = {
        "client_id": slack.app.client_id,
        "scope": "chat:write,commands",
        "state": "s1",
        "redirect_uri": "http://127.0.0.1:1/slack/oauth_redirect",
    }
    async with (
        aiohttp.ClientSession() as session,
        session.get(slack.authorize_url, params=query, allow_redirects=False) as page,
    ):
        assert page.status == 302
        answer = parse_qs(urlsplit(page.headers["Location"]).query)
    assert answer["state"] == ["s1"]
    return answer.get("code", answer.get("error", [""]))[0]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_installation_for_an_organisation() -> None:
    async with SlackServer(installed=False) as slack:
        one = slack.team("One", enterprise="E1", installed=False)
        two = slack.team("Two", enterprise="E1", installed=False)
        ann = slack.member("ann", team=one)
        assert await _code(slack, ann, denied=True) == "access_denied"
        code = await _code(slack, ann, whole_organisation=True)
        answer = await AsyncWebClient(base_url=slack.api_url).oauth_v2_access(
            client_id=slack.app.client_id,
            client_secret=slack.app.client_secret,
            code=code,
            redirect_uri="http://127.0.0.1:1/slack/oauth_redirect",
        )
        assert answer["is_enterprise_install"]
        assert answer["team"] is None
        channel = slack.channel("general", team=two)
        await client_of(slack, answer["access_token"]).chat_postMessage(channel=channel.id, text="hi")
        assert slack.posts(channel)[0].team == two.id


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_bolts_own_installation(tmp_path: Path) -> None:
    async with SlackServer(App(token_rotation=True), installed=False) as slack:
        store = FileInstallationStore(base_dir=str(tmp_path / "installations"))
        redirect = "http://127.0.0.1:1/slack/oauth_redirect"
        settings = AsyncOAuthSettings(
            client_id=slack.app.client_id,
            client_secret=slack.app.client_secret,
            scopes=["chat:write", "commands"],
            redirect_uri=redirect,
            authorization_url=slack.authorize_url,
            installation_store=store,
            state_store=FileOAuthStateStore(expiration_seconds=60, base_dir=str(tmp_path / "states")),
        )
        client = AsyncWebClient(base_url=slack.api_url)
        app = AsyncApp(client=client, signing_secret="s", oauth_flow=AsyncOAuthFlow(settings=settings, client=client))
        flow = app.oauth_flow
        assert flow is not None
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
        done = await flow.handle_callback(AsyncBoltRequest(body="", query=back.query, headers={"cookie": cookie}))
        assert done.status == 200
        bot = await store.async_find_bot(enterprise_id=None, team_id=slack.home.id)
        assert bot is not None
        assert bot.bot_token == slack.home.bot_token
        rotator = AsyncTokenRotator(client_id=slack.app.client_id, client_secret=slack.app.client_secret, client=client)
        renewed = await rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=60 * 24)
        assert renewed is not None
        assert renewed.bot_token == slack.home.bot_token != bot.bot_token


async def test_ten_sockets_at_most(slack: SlackServer) -> None:
    async with aiohttp.ClientSession() as session:
        client = client_of(slack)
        sockets = []
        for _ in range(11):
            url = (await client.apps_connections_open(app_token=slack.app.app_token))["url"]
            sockets.append(await session.ws_connect(url))
        said = [await socket.receive_json() for socket in sockets]
        assert [one["type"] for one in said] == ["hello"] * 10 + ["disconnect"]
        assert said[-1]["reason"] == "too_many_websockets"
        for socket in sockets:
            await socket.close()


async def test_what_a_bot_used_is_known(slack: SlackServer, client: AsyncWebClient) -> None:
    ann = slack.member("ann")
    secret = slack.channel("secret", ann, private=True)
    await client.chat_postMessage(channel=secret.id, text="a")
    await client.conversations_history(channel=secret.id)
    assert slack.scopes_used() == {"chat:write", "groups:history"}


async def test_strangers_guests_and_silence(slack: SlackServer) -> None:
    app = bolt_app(slack)

    @app.event("message")
    @app.event("app_mention")
    async def said() -> None:
        pass

    other = slack.team("Other", installed=False)
    eve, guest = slack.member("eve", team=other), slack.member("gus", guest="single")
    shared = slack.channel("shared", eve, shared_with=(other,))
    async with socket_mode(slack, app):
        await eve.says(shared, "hello @crux")
        with pytest.raises(NotPossible):
            await eve.command(shared, "/steelman")
        with pytest.raises(NotPossible):
            await guest.says(slack.channel("general"), "hi")
        await slack.settled()
    event = slack.events("message")[0].payload
    assert event["team_id"] == slack.home.id
    assert event["event"]["user_team"] == other.id
    assert len(slack.events("app_mention")) == 1


async def test_the_bot_hears_of_edits_and_of_itself(slack: SlackServer, client: AsyncWebClient) -> None:
    app, heard = bolt_app(slack), []

    @app.event("message")
    async def said(event: Json) -> None:
        heard.append(event["subtype"] if "subtype" in event else event["text"])

    ann = slack.member("ann")
    channel = slack.channel("general", ann)
    async with socket_mode(slack, app):
        mine = await ann.says(channel, "one")
        await ann.edits(mine, "two & three")
        await ann.deletes(mine)
        await client.chat_postMessage(channel=channel.id, text="a bot's")
        await slack.settled()
    assert sorted(heard) == ["message_changed", "message_deleted", "one"]
    assert slack.events("message")[-1].event["bot_id"] == slack.home.bot_id
    assert mine.text == "two &amp; three"


async def test_what_is_typed_is_escaped(slack: SlackServer) -> None:
    ben = slack.member("ben")
    home = slack.home.id
    assert typed(slack, "a < b & @ben, me@ben", home) == f"a &lt; b &amp; <@{ben.id}>, me@ben"
    assert typed(slack, "a < @ben", home, command="/stand") == "a &lt; @ben"
    slack.app.escaping = frozenset({"/stand"})
    assert typed(slack, "a < @ben", home, command="/stand") == f"a &lt; <@{ben.id}|ben>"


def test_a_manifest_says_what_a_bot_gets() -> None:
    app = App.from_manifest(
        {
            "features": {"slash_commands": [{"command": "/steelman"}], "app_home": {"home_tab_enabled": True}},
            "oauth_config": {"scopes": {"bot": ["app_mentions:read"]}},
            "settings": {"event_subscriptions": {"bot_events": ["app_mention", "message.im"]}},
        }
    )
    assert app.gets("app_mention", app.scopes)
    assert not app.gets("message.im", app.scopes)
    assert not app.gets("message.channels", app.scopes)
    assert app.commands == frozenset({"/steelman"})
