"""Where an event comes from, as a core Request: workspace, channel, thread, member, and who may see the answer.

In a guild that Crux is in, the workspace is the guild. Everywhere else, in DMs and where a member brought the app
along, it is the member's own: what they do there is theirs alone, and no group's positions are shown there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import discord

from bot.chat.discord.names import for_member, guild_workspace, own_workspace
from bot.core.requests import Request, Venue

Client: TypeAlias = discord.Client
Interaction: TypeAlias = "discord.Interaction[Client]"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and by whom something was asked.

    Args:
        channel: the channel whose rules apply; the parent, in a thread.
        dm: it is the member's DM with the bot, where nobody else reads.
        guest: the bot itself is not there: a member brought the app along, and nothing can be posted later.
        replies_to: the message that a message is expressly a reply to.
    """

    workspace: str
    channel: str
    thread: str | None
    user: int
    name: str
    organiser: bool
    dm: bool = False
    guest: bool = False
    replies_to: str | None = None

    def request(self, text: str, event_id: str, at: datetime, *, alone: bool = False) -> Request:
        """The request. With `alone` its answer is for the member only, also when it is shown late."""
        thread = for_member(self.user) if alone and not self.dm else self.thread
        return Request(
            workspace=self.workspace,
            channel=self.channel,
            member=str(self.user),
            text=text,
            event_id=event_id,
            received_at=at,
            thread=thread,
            member_name=self.name,
            organiser=self.organiser,
            within=self.thread,
            direct=self.dm or self.guest,
            replies_to=self.replies_to,
        )

    @property
    def venue(self) -> Venue:
        return Venue(self.workspace, self.channel, self.thread)


def of_interaction(interaction: Interaction) -> Origin:
    """Where a command, press or form comes from."""
    user, channel = interaction.user, interaction.channel
    channel_id = str(interaction.channel_id or 0)
    if interaction.guild_id is not None and _is_there(interaction, interaction.guild_id):
        parent = getattr(channel, "parent_id", None) if isinstance(channel, discord.Thread) else None
        return Origin(
            guild_workspace(interaction.guild_id),
            channel_id if parent is None else str(parent),
            None if parent is None else channel_id,
            user.id,
            user.display_name,
            # In a guild this is what the member may do in the channel, with the guild's own rights in it.
            interaction.permissions.manage_guild,
        )
    dm = interaction.guild_id is None and interaction.context.dm_channel
    # One's own workspace has nobody else to organise it.
    return Origin(own_workspace(user.id), channel_id, None, user.id, user.display_name, True, dm=dm, guest=not dm)


def _is_there(interaction: Interaction, guild_id: int) -> bool:
    """Whether the bot itself is in the guild, and not only an app that the member brought along."""
    return interaction.is_guild_integration() or interaction.client.get_guild(guild_id) is not None


def of_message(message: discord.Message) -> Origin:
    """Where a message comes from."""
    user, channel = message.author, message.channel
    reference = message.reference.message_id if message.reference is not None else None
    replies_to = None if reference is None else str(reference)
    if message.guild is None:
        workspace = own_workspace(user.id)
        return Origin(
            workspace, str(channel.id), None, user.id, user.display_name, True, dm=True, replies_to=replies_to
        )
    parent = channel.parent_id if isinstance(channel, discord.Thread) else None
    organiser = isinstance(user, discord.Member) and user.guild_permissions.manage_guild
    return Origin(
        guild_workspace(message.guild.id),
        str(channel.id if parent is None else parent),
        None if parent is None else str(channel.id),
        user.id,
        user.display_name,
        organiser,
        replies_to=replies_to,
    )


async def at_home(origin: Origin, guild_id: int, client: Client) -> Origin | None:
    """The same member in a guild whose buttons they press in a DM; None where they are not in it any longer.

    Raises:
        discord.HTTPException: Discord doesn't say.
    """
    guild = client.get_guild(guild_id)
    try:
        if guild is None:
            guild = await client.fetch_guild(guild_id)
        member = await guild.fetch_member(origin.user)
    except (discord.NotFound, discord.Forbidden):
        return None
    organiser = guild.owner_id == origin.user or member.guild_permissions.manage_guild
    return replace(origin, workspace=guild_workspace(guild_id), name=member.display_name, organiser=organiser)
