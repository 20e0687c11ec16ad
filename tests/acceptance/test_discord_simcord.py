"""Members of a simulated server type, press and submit; what they talk to is Crux as `crux run` puts it together.

simcord runs the real discord.py client in this process and waits after each action until all that the client began has
ended. So nothing that waits for ever runs in it: neither the desk's look for others' open work nor the calendar. What
goes wrong on the wire, and what other processes do, is tested against the small Discord of `tests/discord_wire`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.app import Application, running
from bot.chat.discord.names import guild_workspace, own_workspace
from bot.chat.discord.platform import DiscordPlatform
from bot.cli.running import SHOWING_SECONDS, _discord
from bot.core.positions import Stance
from bot.settings import EncoderKind, Settings
from bot.testing import MemoryStore

TOPIC = "mechanistic-interpretability"
FORM = {"stance": "disagree", "reason": "There is a plan now", "crux": True, "public": False}


@asynccontextmanager
async def simulated(folder: Path, *, on_disk: bool = False) -> AsyncIterator[tuple[simcord.Env, Application]]:
    """A server with one channel, and Crux in it, with its database in memory unless it is to be on the disk."""
    settings = Settings.model_construct(data_dir=folder, encoder=EncoderKind.NONE)
    store = None if on_disk else MemoryStore()
    async with (
        running(settings, store=store, showing_seconds=SHOWING_SECONDS) as application,
        simcord.run(client_of(application), shard_count=1) as env,
    ):
        env.create_guild().create_text_channel("general")
        yield env, application


def client_of(application: Application) -> Any:
    """A client as after a start of `crux run`."""
    platform = _discord(application, "a-token")
    assert isinstance(platform, DiscordPlatform)
    return platform.client


def parts_of(message: Any) -> Iterator[dict[str, Any]]:
    """All components of a message, in order, those inside others after them."""

    def below(parts: Iterable[Any]) -> Iterator[dict[str, Any]]:
        for each in parts:
            part = each if isinstance(each, dict) else each.to_dict()
            yield part
            yield from below(part.get("components") or [])

    return below(message.components)


def texts(message: Any) -> str:
    """All texts of a message."""
    return "\n".join(str(part["content"]) for part in parts_of(message) if part.get("content"))


def button(message: Any, label: str) -> str:
    """The custom id of a button."""
    return next(str(part["custom_id"]) for part in parts_of(message) if part.get("label") == label)


def chosen(modal: dict[str, Any]) -> str | None:
    """The stance that a form has filled in."""
    fields = (each.get("component") or {} for each in modal["components"])
    options = (option for field in fields for option in field.get("options") or [])
    return next((option["value"] for option in options if option.get("default")), None)


@pytest.mark.parametrize("on_disk", [False, True])
async def test_a_steelman_is_signed_and_a_stance_is_taken_by_its_form(tmp_path: Path, on_disk: bool) -> None:
    async with simulated(tmp_path, on_disk=on_disk) as (env, application):
        channel = env.guild.channels["general"]
        ada, bo = (env.guild.add_member(env.create_user(name)) for name in ("ada", "bo"))
        choices = await ada.autocomplete(channel, "steelman", "view", "mi-07")
        assert choices[0]["value"] == "MI-07"
        asked = await ada.slash(channel, "steelman", view="MI-07")
        steelman = asked.response
        assert steelman is not None
        assert not asked.ephemeral
        assert "The best case for MI-07" in texts(steelman)
        assert "Sources" in texts(steelman)

        signed = await bo.click(steelman, custom_id=button(steelman, "I'd sign this"))
        assert signed.ephemeral
        assert "Noted: you'd sign this steelman" in texts(signed.response)

        where = await bo.click(steelman, custom_id=button(steelman, "Where do I stand?"))
        assert where.ephemeral
        assert where.response is not None
        opened = await bo.click(where.response, custom_id=button(where.response, "Say why …"))
        assert opened.modal is not None
        assert opened.modal["title"] == "Where do you stand on MI-07?"
        sent = await bo.submit_modal(opened, FORM)
        assert sent.ephemeral
        assert "Recorded: you disagree with MI-07" in texts(sent.response)

        workspace = guild_workspace(env.guild.id)
        held = await application.store.current_position(workspace, TOPIC, "MI-07", str(bo.id))
        assert held is not None
        assert (held.stance, held.reason) == (Stance.DISAGREE, FORM["reason"])
        assert held.crux
        assert not held.public
        (count,) = await application.store.endorsement_counts(workspace)
        assert count.signed == 1
        assert len(channel.history(viewer=ada)) == 1  # what was for bo alone ada doesn't see


async def test_after_a_restart_buttons_work_and_a_message_s_menu_shows_what_is_held(tmp_path: Path) -> None:
    async with simulated(tmp_path) as (env, application):
        channel = env.guild.channels["general"]
        ada = env.guild.add_member(env.create_user("ada"))
        steelman = (await ada.slash(channel, "steelman", view="MI-07")).response
        assert steelman is not None
        await env.restart_bot(client_of(application))
        countered = await ada.click(steelman, custom_id=button(steelman, "Counter this"))
        assert "The best case against MI-07" in texts(countered.response)
        recorded = await ada.slash(channel, "stand", claim="MI-07", stance="agree", reason="It is so")
        assert "Recorded: you agree with MI-07" in texts(recorded.response)
        said = await ada.send(channel, "MI-07")
        opened = await ada.context_menu(channel, "Where do I stand?", said)
        assert opened.modal is not None
        assert chosen(opened.modal) == "agree"


async def test_words_are_answered_where_they_are_meant_for_it(tmp_path: Path) -> None:
    async with simulated(tmp_path) as (env, application):
        channel = env.guild.channels["general"]
        ada = env.guild.add_member(env.create_user("ada"))
        me = env.bot.user
        assert me is not None
        await ada.send(channel, "MI-07")
        assert len(channel.history()) == 1
        await ada.send(channel, f"{me.mention} MI-07")
        assert "That is MI-07" in texts(channel.history()[-1])
        await ada.send_dm("/stand MI-07 agree")
        workspace = own_workspace(ada.id)
        held = await application.store.current_position(workspace, TOPIC, "MI-07", str(ada.id))
        assert held is not None
        assert held.stance is Stance.AGREE
