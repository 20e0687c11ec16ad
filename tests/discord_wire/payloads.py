"""The records as Discord's JSON, as the gateway and REST send them."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy

from tests.discord_wire.component_limits import walk
from tests.discord_wire.state import (
    DM_CHANNEL,
    FORUM,
    THREADS,
    Attachment,
    Channel,
    Guild,
    Interaction,
    Json,
    Message,
    Role,
    Seat,
    User,
)


def stamp(seconds: float) -> str:
    """Seconds since 1970 in ISO 8601, UTC."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()


def user_json(user: User) -> Json:
    return {
        "id": str(user.id),
        "username": user.name,
        "global_name": user.name,
        "discriminator": "0",
        "avatar": None,
        "bot": user.bot,
        "public_flags": 0,
    }


def role_json(role: Role, guild: Guild) -> Json:
    return {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": 0 if role.id == guild.id else 1,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def seat_json(seat: Seat, *, with_user: bool = True) -> Json:
    found: Json = {
        "roles": [str(role) for role in seat.roles],
        "joined_at": stamp(1_600_000_000),
        "deaf": False,
        "mute": False,
        "flags": 0,
        "nick": None,
        "avatar": None,
        "premium_since": None,
        "communication_disabled_until": stamp(seat.timed_out_until) if seat.timed_out_until else None,
    }
    return found | ({"user": user_json(seat.user)} if with_user else {})


def channel_json(channel: Channel) -> Json:
    found: Json = {"id": str(channel.id), "type": channel.kind, "flags": channel.flags}
    last = channel.messages[-1:]
    found["last_message_id"] = str(last[0].id) if last else None
    if channel.kind == DM_CHANNEL:
        return found | {"recipients": [user_json(channel.recipient)] if channel.recipient else []}
    assert channel.guild is not None
    found |= {
        "guild_id": str(channel.guild.id),
        "name": channel.name,
        "parent_id": str(channel.parent.id) if channel.parent else None,
        "rate_limit_per_user": 0,
    }
    if channel.kind in THREADS:
        return found | thread_json(channel)
    found |= {
        "position": 0,
        "nsfw": False,
        "topic": None,
        "permission_overwrites": [
            {"id": str(o.id), "type": o.kind, "allow": str(o.allow), "deny": str(o.deny)}
            for o in channel.overwrites.values()
        ],
    }
    if channel.kind == FORUM:
        found["available_tags"] = [
            {"id": str(tag.id), "name": tag.name, "moderated": False, "emoji_id": None, "emoji_name": None}
            for tag in channel.tags
        ]
        found |= {"default_reaction_emoji": None, "default_sort_order": None, "default_forum_layout": 0}
    return found


def thread_json(thread: Channel) -> Json:
    """What only threads have."""
    return {
        "owner_id": str(thread.owner.id) if thread.owner else "0",
        "message_count": len(thread.messages),
        "total_message_sent": len(thread.every),
        "member_count": 1,
        "applied_tags": [str(tag) for tag in thread.applied_tags],
        "thread_metadata": {
            "archived": thread.archived,
            "locked": thread.locked,
            "auto_archive_duration": 1440,
            "archive_timestamp": stamp(1_600_000_000),
            "create_timestamp": stamp(1_600_000_000),
        },
    }


def guild_json(guild: Guild, bot: User) -> Json:
    """As in GUILD_CREATE; of the members only the bot, as without the members intent."""
    channels = [channel for channel in guild.channels.values() if not channel.deleted]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner.id),
        "unavailable": False,
        "member_count": len(guild.seats),
        "large": False,
        "joined_at": stamp(1_600_000_000),
        "preferred_locale": guild.locale,
        "roles": [role_json(role, guild) for role in guild.roles.values()],
        "members": [seat_json(guild.seats[bot.id])] if bot.id in guild.seats else [],
        "channels": [channel_json(channel) for channel in channels if channel.kind not in THREADS],
        "threads": [channel_json(c) for c in channels if c.kind in THREADS and not c.archived],
        "emojis": [],
        "stickers": [],
        "features": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "premium_progress_bar_enabled": False,
        "system_channel_flags": 0,
        "system_channel_id": None,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "icon": None,
        "splash": None,
        "banner": None,
        "description": None,
        "vanity_url_code": None,
        "application_id": None,
    }


def attachment_json(attachment: Attachment) -> Json:
    return {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": len(attachment.data),
        "url": attachment.url,
        "proxy_url": attachment.url,
        "content_type": attachment.kind,
    } | ({"description": attachment.description} if attachment.description else {})


def components_json(message: Message) -> list[Json]:
    """A message's components with numbered ids, and with addresses in place of `attachment://`."""
    found = deepcopy(message.components)
    files = {f"attachment://{a.filename}": a for a in message.attachments}
    for n, (_, component) in enumerate(walk(found), 1):
        assert isinstance(component, dict)
        if not component.get("id"):
            component["id"] = n
        for holder in [component, *component.get("items", [])]:
            for name in ("media", "file"):
                if name in holder:
                    url = holder[name]["url"]
                    held = files.get(url)
                    holder[name] |= {"url": held.url if held else url, "proxy_url": held.url if held else url}
                    holder[name] |= {"loading_state": 2} | ({"attachment_id": str(held.id)} if held else {})
    return found


def message_json(message: Message, *, inner: bool = True, event: bool = False) -> Json:
    """A message; with `inner` also the one that it replies to, in an `event` also its guild and its author's seat."""
    channel = message.channel
    found: Json = {
        "id": str(message.id),
        "channel_id": str(channel.id),
        "type": message.kind,
        "author": user_json(message.author),
        "content": message.content,
        "embeds": deepcopy(message.embeds),
        "components": components_json(message),
        "attachments": [attachment_json(attachment) for attachment in message.attachments],
        "flags": message.flags,
        "timestamp": stamp(message.at),
        "edited_timestamp": None if message.edited_at is None else stamp(message.edited_at),
        "tts": False,
        "pinned": False,
        "mention_everyone": False,
        "mentions": [user_json(user) for user in message.mentions],
        "mention_roles": [],
    }
    if message.nonce is not None:
        found["nonce"] = message.nonce
    if event and channel.guild is not None:
        found["guild_id"] = str(channel.guild.id)
        seat = channel.guild.seats.get(message.author.id)
        if seat:
            found["member"] = seat_json(seat, with_user=False)
    if message.interaction is not None:
        done = message.interaction
        found |= {"application_id": str(message.author.id), "webhook_id": str(message.author.id)}
        found["interaction_metadata"] = {
            "id": str(done.id),
            "type": done.kind,
            "user": user_json(done.user),
            "authorizing_integration_owners": {},
        }
    if message.thread is not None:
        found["thread"] = channel_json(message.thread)
    if message.reply_to is not None:
        found["message_reference"] = {"message_id": str(message.reply_to.id), "channel_id": str(channel.id), "type": 0}
        if inner:
            gone = message.reply_to.deleted
            found["referenced_message"] = None if gone else message_json(message.reply_to, inner=False)
    return found


def without_content(message: Json) -> Json:
    """A message as a session without the message-content intent gets it."""
    return message | {"content": "", "embeds": [], "attachments": [], "components": []}


def interaction_json(done: Interaction, bot: User, held: int, bot_held: int) -> Json:
    """As in INTERACTION_CREATE; `held` and `bot_held` are permissions in the channel."""
    guild = done.channel.guild
    found: Json = {
        "id": str(done.id),
        "application_id": str(bot.id),
        "type": done.kind,
        "token": done.token,
        "version": 1,
        "data": done.data,
        "channel_id": str(done.channel.id),
        "channel": channel_json(done.channel) | {"permissions": str(held)},
        "locale": done.user.locale,
        "app_permissions": str(bot_held),
        "entitlements": [],
        "attachment_size_limit": 10 * 2**20,
    }
    if guild is None:
        found |= {"user": user_json(done.user), "context": 1}
        found["authorizing_integration_owners"] = {"0": "0"}
    else:
        seat = guild.seats[done.user.id]
        found |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": seat_json(seat) | {"permissions": str(held)},
            "context": 0,
            "authorizing_integration_owners": {"0": str(guild.id)} if guild.present else {"1": str(done.user.id)},
        }
    if done.source is not None:
        found["message"] = message_json(done.source)
    return found
