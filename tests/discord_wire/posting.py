"""How a message of the bot comes to be and changes: the same for channels, interactions and forum posts."""

from __future__ import annotations

import mimetypes
import re
from typing import Any

from tests.discord_wire.errors import Json, Refused
from tests.discord_wire.limits import edit_errors, message_errors
from tests.discord_wire.permissions import need
from tests.discord_wire.state import (
    COMPONENTS_V2,
    DM_CHANNEL,
    EPHEMERAL,
    FORUM,
    HAS_THREAD,
    LOADING,
    THREADS,
    Attachment,
    Channel,
    Interaction,
    Message,
    User,
)
from tests.discord_wire.world import World

Files = dict[str, tuple[str, bytes]]
SETTABLE = COMPONENTS_V2 | EPHEMERAL | 1 << 2 | 1 << 12
SHOWN = ("content", "embeds", "components")


def attach(world: World, listed: list[Json], files: Files, kept: list[Attachment]) -> list[Attachment]:
    """The attachments of a message: those listed by id that it had, and the new files with their descriptions."""
    new_by_index = {str(item.get("id")): item for item in listed}
    old = {str(attachment.id): attachment for attachment in kept}
    found = [old[str(item["id"])] for item in listed if str(item.get("id")) in old]
    for index, (filename, data) in files.items():
        item = new_by_index.get(index, {})
        name = item.get("filename") or filename
        made = Attachment(world.new_id(), name, data, item.get("description"))
        made.kind = mimetypes.guess_type(name)[0] or made.kind
        made.url = f"{world.files_base}/{made.id}/{name}"
        found.append(made)
    return found


def check(body: Json, attachments: list[Attachment], prefix: str = "") -> None:
    """Refuses what breaks a limit."""
    errors = message_errors(body, [attachment.filename for attachment in attachments])
    if errors:
        raise Refused(50035, [prefix + error for error in errors])


def make(
    world: World,
    channel: Channel,
    body: Json,
    files: Files,
    *,
    interaction: Interaction | None = None,
    only_for: User | None = None,
) -> Message:
    """A message of the bot from a payload; not yet kept anywhere."""
    attachments = attach(world, body.get("attachments") or [], files, [])
    check(body, attachments)
    if not (body.get("content") or body.get("embeds") or body.get("components") or attachments or body.get("poll")):
        raise Refused(50006)
    reference = body.get("message_reference") or {}
    replied = channel.every.get(int(reference.get("message_id") or 0))
    if reference and (replied is None or replied.deleted) and reference.get("fail_if_not_exists", True):
        raise Refused(50035, ["message_reference: Unknown message"])
    nonce = body.get("nonce")
    return Message(
        world.new_id(),
        channel,
        world.bot,
        body.get("content") or "",
        body.get("embeds") or [],
        body.get("components") or [],
        attachments,
        (body.get("flags") or 0) & SETTABLE | (EPHEMERAL if only_for else 0),
        kind=19 if replied else 20 if interaction and interaction.kind == 2 else 0,
        nonce=None if nonce is None else str(nonce),
        reply_to=replied,
        allowed_mentions=body.get("allowed_mentions"),
        mentions=named(world, body.get("content") or "", body.get("allowed_mentions")),
        at=world.clock.now(),
        only_for=only_for,
        interaction=interaction,
    )


def named(world: World, text: str, allowed: Any) -> list[User]:
    """The users that a text of the bot mentions with effect."""
    ids = [int(number) for number in re.findall(r"<@!?(\d+)>", text)]
    if allowed is not None and "users" not in (allowed.get("parse") or []):
        ids = [one for one in ids if str(one) in map(str, allowed.get("users") or [])]
    return [world.users[one] for one in dict.fromkeys(ids) if one in world.users]


def change(world: World, message: Message, body: Json, files: Files) -> None:
    """Edits a message of the bot; what the payload doesn't name stays."""
    errors = edit_errors(message.flags, body)
    if errors:
        raise Refused(50035, errors)
    kept = message.attachments
    listed = body.get("attachments")
    if listed is None:
        listed = [{"id": str(attachment.id)} for attachment in kept]
    attachments = attach(world, listed, files, kept)
    shown: Json = {name: body[name] if name in body else getattr(message, name) for name in SHOWN}
    flags = message.flags if body.get("flags") is None else body["flags"] & SETTABLE | message.flags & ~(1 << 2)
    check({**body, **shown, "flags": flags}, attachments)
    if not (shown["content"] or shown["embeds"] or shown["components"] or attachments):
        raise Refused(50006)
    message.versions.append({name: getattr(message, name) for name in SHOWN})
    message.content, message.embeds = shown["content"] or "", shown["embeds"] or []
    message.components, message.attachments = shown["components"] or [], attachments
    message.edited_at = None if message.loading else world.clock.now()
    message.flags = flags & ~LOADING | message.flags & (EPHEMERAL | HAS_THREAD)
    if "allowed_mentions" in body:
        message.allowed_mentions = body["allowed_mentions"]
    message.mentions = named(world, message.content, message.allowed_mentions)


def may_post(world: World, channel: Channel, body: Json, files: Files) -> None:
    """Refuses a post into a channel that can't take it, or not from the bot."""
    if channel.kind == DM_CHANNEL:
        if channel.recipient is not None and channel.recipient.dms_closed:
            raise Refused(50007)
        return
    held = world.held(world.bot, channel)
    need(held, "send_messages_in_threads" if channel.kind in THREADS else "send_messages")
    if channel.kind == FORUM:
        raise Refused(50008)
    if body.get("embeds"):
        need(held, "embed_links")
    if files:
        need(held, "attach_files")
    if body.get("message_reference"):
        need(held, "read_message_history")
    stays_locked(held, channel)


def stays_locked(held: int, channel: Channel) -> None:
    """A locked thread takes posts from moderators only; one that is archived too says so."""
    if channel.locked and not held & 1 << 34:
        raise Refused(50083 if channel.archived else 160005)


async def wake(world: World, channel: Channel) -> None:
    """A post opens an archived thread again."""
    if channel.kind in THREADS and channel.archived:
        await world.set_thread(channel, archived=False)
