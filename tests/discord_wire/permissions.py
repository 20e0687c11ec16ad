"""Who may do what in which channel, by Discord's rules: roles, then the channel's overwrites, then time-outs."""

from __future__ import annotations

import discord

from tests.discord_wire.errors import Refused
from tests.discord_wire.state import THREADS, Channel, Guild

ALL = discord.Permissions.all().value
MEMBER = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    embed_links=True,
    attach_files=True,
    add_reactions=True,
    read_message_history=True,
    use_application_commands=True,
    use_external_apps=True,
).value
QUIET = discord.Permissions(view_channel=True, read_message_history=True).value
DIRECT = discord.Permissions(
    view_channel=True,
    send_messages=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    use_application_commands=True,
).value


def bits(*names: str) -> int:
    """The bits of permissions by discord.py's names."""
    return discord.Permissions(**dict.fromkeys(names, True)).value


def permissions(guild: Guild | None, user_id: int, channel: Channel | None, now: float) -> int:
    """What a user may do in the channel, or in the guild if there is none; 0 for strangers, a fixed set in DMs."""
    if guild is None:
        return DIRECT
    seat = guild.seats.get(user_id)
    if seat is None:
        return 0
    found = 0
    for role in [guild.roles[guild.id], *(guild.roles[role] for role in seat.roles if role in guild.roles)]:
        found |= role.permissions
    if guild.owner.id == user_id or found & bits("administrator"):
        return ALL
    if channel is not None:
        found = overwritten(
            found, channel.parent if channel.kind in THREADS and channel.parent else channel, seat.roles, user_id
        )
    if seat.timed_out_until > now:
        found &= QUIET
    return found if channel is None or found & bits("view_channel") else 0


def overwritten(found: int, channel: Channel, roles: list[int], user_id: int) -> int:
    """The permissions after a channel's overwrites: of everyone, of the roles together, of the user."""
    assert channel.guild is not None
    everyone = channel.overwrites.get(channel.guild.id)
    if everyone:
        found = found & ~everyone.deny | everyone.allow
    of_roles = [channel.overwrites[role] for role in roles if role in channel.overwrites]
    for role in of_roles:
        found &= ~role.deny
    for role in of_roles:
        found |= role.allow
    own = channel.overwrites.get(user_id)
    return found & ~own.deny | own.allow if own else found


def need(held: int, *names: str) -> None:
    """Refuses as Discord does: 50001 for a channel that isn't visible, else 50013."""
    if not held & bits("view_channel"):
        raise Refused(50001)
    if any(not held & bits(name) for name in names):
        raise Refused(50013)
