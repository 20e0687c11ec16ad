"""The tables.

`workspace_id` leads every primary and unique key, so that no query can find a row without naming its workspace. Two
tables are without it: `vectors` maps a hash of a text to numbers, holds nothing of any member, and the shipped maps are
the same for all; `install_states` are given out before it is known which workspace the app will be installed in.

The constraints here are checked by the database too: `alembic/versions` makes them, and a test holds the two together.
"""

from __future__ import annotations

from bot.storage.models.amendments import AmendmentRow, ProposalRow, SequenceRow
from bot.storage.models.base import Base, ordinal
from bot.storage.models.calendar import OPEN, UNSENT, FiringRow, OutboxRow, ScheduleRow
from bot.storage.models.digests import DigestClaimRow, DigestPositionRow, DigestRow
from bot.storage.models.positions import CreditRow, PositionRow, PublishedClaimRow, PublishedPositionRow
from bot.storage.models.prompts import UNCLOSED, PaceRow, PassedOverRow, PromptPositionRow, PromptRow, QueueRow
from bot.storage.models.requests import (
    DONE,
    IN_THREAD,
    LEASED,
    RECEIVED,
    EndorsementRow,
    InboxRow,
    ReplyRow,
    RootRow,
    ThreadRow,
    UsageRow,
)
from bot.storage.models.vectors import VectorRow
from bot.storage.models.workspaces import (
    ChannelRow,
    DepartureRow,
    InstallationRow,
    InstallStateRow,
    MemberRow,
    SettingRow,
)

__all__ = [
    "DONE",
    "IN_THREAD",
    "LEASED",
    "OPEN",
    "RECEIVED",
    "UNCLOSED",
    "UNSENT",
    "AmendmentRow",
    "Base",
    "ChannelRow",
    "CreditRow",
    "DepartureRow",
    "DigestClaimRow",
    "DigestPositionRow",
    "DigestRow",
    "EndorsementRow",
    "FiringRow",
    "InboxRow",
    "InstallStateRow",
    "InstallationRow",
    "MemberRow",
    "OutboxRow",
    "PaceRow",
    "PassedOverRow",
    "PositionRow",
    "PromptPositionRow",
    "PromptRow",
    "ProposalRow",
    "PublishedClaimRow",
    "PublishedPositionRow",
    "QueueRow",
    "ReplyRow",
    "RootRow",
    "ScheduleRow",
    "SequenceRow",
    "SettingRow",
    "ThreadRow",
    "UsageRow",
    "VectorRow",
    "ordinal",
]
