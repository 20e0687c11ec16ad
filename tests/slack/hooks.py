"""response_url: five answers in half an hour to one interaction."""

from __future__ import annotations

from tests.slack import blocks as kit
from tests.slack import posting
from tests.slack.hub import Hook, Hub
from tests.slack.state import Json, Message


def respond(hub: Hub, hook_id: str, body: Json) -> tuple[int, Json | str]:
    """Status and body for a post to a response_url."""
    hook = hub.hooks.get(hook_id)
    if hook is None:
        return 404, {"ok": False, "error": "invalid_url"}
    if hook.made_at + hub.timings.response_url < hub.clock.now():
        return 404, {"ok": False, "error": "expired_url"}
    if hook.uses >= hub.timings.response_url_uses:
        return 404, {"ok": False, "error": "used_url"}
    status, error = answer(hub, hook, body)
    if status == 200:
        hook.uses += 1
        return 200, "ok"
    return status, {"ok": False, "error": error}


def answer(hub: Hub, hook: Hook, body: Json) -> tuple[int, str]:
    """Posts, replaces or deletes as the body says; also for what comes with a command's acknowledgement."""
    original = hub.state.messages.get(hook.message) if hook.message else None
    if body.get("delete_original"):
        if original is None or original.deleted_at is not None:
            return 404, "message_not_found"
        posting.delete(hub, original)
        return 200, ""
    blocks = body.get("blocks") or []
    if blocks and kit.message_errors(blocks, charts_known=hub.charts):
        return 400, "invalid_blocks"
    text = str(body.get("text") or "")
    if not text and not blocks:
        return 400, "no_text"
    if body.get("replace_original") and original is not None and original.deleted_at is None:
        posting.edit(hub, original, text=text, blocks=blocks)
        return 200, ""
    channel = hub.state.channels[hook.channel]
    if channel.archived:
        return 410, "channel_is_archived"
    in_channel = body.get("response_type") == "in_channel"
    team = hub.state.teams[hook.team]
    message = Message(
        channel=channel.id,
        ts=hub.state.new_ts(),
        team=team.id,
        user=hub.state.bot_user(team.id).id,
        text=text,
        blocks=blocks,
        thread_ts=str(body["thread_ts"]) if body.get("thread_ts") else None,
        bot_id=team.bot_id,
        app_id=hub.app.id,
        ephemeral_to=None if in_channel else hook.user,
        metadata=body.get("metadata"),
    )
    posting.post(hub, message)
    if hook.message is None or original is None:
        hook.message = (message.channel, message.ts)
    return 200, ""
