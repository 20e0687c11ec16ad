"""Workspaces: their members, their channels' choices, and how the bot came there and left."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.models.base import Base


class MemberRow(Base):
    """Who was seen, under which name."""

    __tablename__ = "members"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    """When the platform said that it has them no longer; None for those who are there, or were seen since."""


class ChannelRow(Base):
    """What a channel has chosen."""

    __tablename__ = "channels"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]


class SettingRow(Base):
    """What a channel, or with an empty channel the whole workspace, has set; see `core.houserules`."""

    __tablename__ = "settings"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class DepartureRow(Base):
    """A workspace that removed the bot, and when. Nothing is posted to it, and after a while it is deleted."""

    __tablename__ = "departures"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]

    __table_args__ = (Index("ix_departures_at", "at"),)


class InstallationRow(Base):
    """What a platform gave out when the bot was installed, sealed; see `core.installations`."""

    __tablename__ = "installations"

    workspace_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    member_id: Mapped[str | None]
    """Whom it is about, where it is about somebody."""
    sealed: Mapped[bytes]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_installations_member", "workspace_id", "member_id"),)


class InstallStateRow(Base):
    """A word that an installation began with, to be brought back once."""

    __tablename__ = "install_states"

    state: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
