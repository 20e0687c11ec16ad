"""What comes in: one command, mention or press."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Venue:
    """Where something is said: at a channel's top level, or in a thread of it, which may have a topic of its own."""

    workspace: str
    channel: str
    thread: str | None = None

    @property
    def top(self) -> Venue:
        """The channel's top level: what is set for a channel is set for this."""
        return replace(self, thread=None)


@dataclass(frozen=True, slots=True)
class Request:
    """One command, mention or press, as an adapter hands it over. `event_id` is unique within the workspace.

    `thread` is where the answer goes, and `within` the thread that it was said in: an answer may open a thread below
    what was said at a channel's top level. `replies_to` is the message that it is expressly a reply to. `direct` says
    whether nobody but the member talks with the bot there. `organiser` says whether the platform counts the member
    among those who run the workspace, as the adapter finds when the event comes; `stranger` whether they are of another
    organisation, and only guests in the channel. `tries` counts the leases that ended without an answer before this
    one; adapters leave it at 0.
    """

    workspace: str
    channel: str
    member: str
    text: str
    event_id: str
    received_at: datetime
    thread: str | None = None
    member_name: str = ""
    organiser: bool = False
    stranger: bool = False
    tries: int = 0
    within: str | None = None
    direct: bool = False
    replies_to: str | None = None

    @property
    def venue(self) -> Venue:
        return Venue(self.workspace, self.channel, self.within)
