"""What comes in: one command, mention or press."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Request:
    """One command, mention or press, as an adapter hands it over. `event_id` is unique within the workspace.

    `organiser` says whether the platform counts the member among those who run the workspace, as the adapter finds when
    the event comes; `stranger` whether they are of another organisation, and only guests in the channel. `tries` counts
    the leases that ended without an answer before this one; adapters leave it at 0.
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
