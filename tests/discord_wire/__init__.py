"""A small Discord on this machine, for tests: gateway and REST over real sockets, for the real discord.py client."""

from tests.discord_wire.clients import running
from tests.discord_wire.errors import Impossible, Refused
from tests.discord_wire.members import Member
from tests.discord_wire.reading import masked_links, pings, read
from tests.discord_wire.server import TOKEN, DiscordServer
from tests.discord_wire.state import Attachment, Call, Channel, Guild, Interaction, Message, User

__all__ = [
    "TOKEN",
    "Attachment",
    "Call",
    "Channel",
    "DiscordServer",
    "Guild",
    "Impossible",
    "Interaction",
    "Member",
    "Message",
    "Refused",
    "User",
    "masked_links",
    "pings",
    "read",
    "running",
]
