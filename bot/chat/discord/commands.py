"""The table of commands as discord.py's, each of which hands its text to what answers it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, Literal, Protocol, TypeAlias, cast

import discord
from discord import app_commands

from bot.chat.discord.choices import Choice, words_of
from bot.chat.discord.forms import stand_text
from bot.chat.discord.origins import Interaction, of_interaction
from bot.chat.discord.vocabulary import (
    COUNTER,
    CRUX,
    DIGESTS,
    GROUPS,
    MENUS,
    PRIVATE,
    STAND,
    STAND_FIELDS,
    STEELMAN,
    SUBCOMMANDS,
    VIEW,
    Entry,
    Field,
    Offer,
)

Stances: TypeAlias = Literal["strongly agree", "agree", "unsure", "disagree", "strongly disagree", "withdraw"]
Callback: TypeAlias = Callable[..., Awaitable[None]]
Complete: TypeAlias = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[Choice]]]

_CONTEXTS: Final = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
_INSTALLS: Final = app_commands.AppInstallationType(guild=True, user=True)
_LONGEST: Final = 1_900
"""Characters of an option: the core reads 2,000 of a whole command."""


class Taking(Protocol):
    """What commands are handed to."""

    async def argue(self, interaction: Interaction, name: str, view: str, *, private: bool | None) -> None: ...

    async def command(self, interaction: Interaction, text: str) -> None: ...

    async def form_wanted(self, interaction: Interaction, claim: str, guild: int | None) -> None: ...

    async def about_message(self, interaction: Interaction, menu: str, message: discord.Message) -> None: ...

    async def complete(self, interaction: Interaction, offer: Offer, typed: str) -> list[Choice]: ...


def add_commands(tree: app_commands.CommandTree[Any], taking: Taking) -> None:
    """All commands, for servers and for members who bring the app along."""
    for name, says in (("steelman", STEELMAN), ("counter", COUNTER)):
        tree.add_command(_arguing(name, says, taking))
    tree.add_command(_standing(taking))
    tree.add_command(_crux(taking))
    for menu in _menus(taking):
        tree.add_command(menu)


def _completing(taking: Taking, offer: Offer) -> Complete:
    async def complete(interaction: Interaction, current: str) -> list[Choice]:
        if offer is Offer.DIGEST:
            return words_of(current, DIGESTS)
        return await taking.complete(interaction, offer, current)

    return complete


def _arguing(name: str, says: str, taking: Taking) -> app_commands.Command[Any, ..., Any]:
    async def argue(interaction: Interaction, view: str, private: bool | None = None) -> None:
        await taking.argue(interaction, name, view, private=private)

    argue.__signature__ = _signature(  # type: ignore[attr-defined]
        [
            _parameter("view", app_commands.Range[str, 1, _LONGEST], required=True),
            _parameter("private", bool | None),
        ]
    )
    app_commands.describe(view=VIEW, private=PRIVATE)(argue)
    app_commands.autocomplete(view=_completing(taking, Offer.VIEW))(argue)
    return _command(name, says, argue)


def _standing(taking: Taking) -> app_commands.Command[Any, ..., Any]:
    async def stand(
        interaction: Interaction,
        claim: str | None = None,
        stance: str | None = None,
        reason: str | None = None,
        crux: bool = False,
        public: bool = False,
    ) -> None:
        if claim is None or not claim.strip():
            await taking.form_wanted(interaction, "", None)
        else:
            await taking.command(interaction, stand_text(claim, stance, reason, crux=crux, public=public))

    stand.__signature__ = _signature(  # type: ignore[attr-defined]
        [
            _parameter("claim", app_commands.Range[str, 1, 100] | None),
            _parameter("stance", Stances | None),
            _parameter("reason", app_commands.Range[str, 1, 1_000] | None),
            _parameter("crux", bool, default=False),
            _parameter("public", bool, default=False),
        ]
    )
    app_commands.describe(**STAND_FIELDS)(stand)
    app_commands.autocomplete(claim=_completing(taking, Offer.CLAIM))(stand)
    return _command("stand", STAND, stand)


def _crux(taking: Taking) -> app_commands.Group:
    crux = app_commands.Group(name="crux", description=CRUX, allowed_contexts=_CONTEXTS, allowed_installs=_INSTALLS)
    groups: dict[str, app_commands.Group] = {}
    for entry in SUBCOMMANDS:
        parent = crux
        if len(entry.path) > 1:
            name = entry.path[0]
            if name not in groups:
                groups[name] = app_commands.Group(name=name, description=GROUPS[name], parent=crux)
            parent = groups[name]
        parent.add_command(_subcommand(entry, taking))
    return crux


def _subcommand(entry: Entry, taking: Taking) -> app_commands.Command[Any, ..., Any]:
    async def run(interaction: Interaction, **given: Any) -> None:
        values = {name: str(value) for name, value in given.items() if value is not None}
        await taking.command(interaction, entry.text(values))

    run.__signature__ = _signature([_of_field(field) for field in entry.fields])  # type: ignore[attr-defined]
    if entry.fields:
        app_commands.describe(**{field.name: field.says for field in entry.fields})(run)
    offers = {field.name: field.offer for field in entry.fields if field.offer is not Offer.NOTHING}
    if offers:
        completes = {name: _completing(taking, offer) for name, offer in offers.items()}
        app_commands.autocomplete(**cast("dict[str, Any]", completes))(run)
    return app_commands.Command(name=entry.path[-1], description=entry.says, callback=cast("Any", run))


def _menus(taking: Taking) -> list[app_commands.ContextMenu]:
    made = []
    for name in MENUS:

        async def chosen(interaction: Interaction, message: discord.Message, menu: str = name) -> None:
            await taking.about_message(interaction, menu, message)

        chosen.__signature__ = _signature(  # type: ignore[attr-defined]
            [inspect.Parameter("message", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Message)]
        )
        menu = app_commands.ContextMenu(
            name=name, callback=cast("Any", chosen), allowed_contexts=_CONTEXTS, allowed_installs=_INSTALLS
        )
        made.append(menu)
    return made


def _command(name: str, says: str, callback: Callback) -> app_commands.Command[Any, ..., Any]:
    return app_commands.Command(
        name=name,
        description=says,
        callback=cast("Any", callback),
        allowed_contexts=_CONTEXTS,
        allowed_installs=_INSTALLS,
    )


def _of_field(field: Field) -> inspect.Parameter:
    kind: Any = app_commands.Range[str, 1, _LONGEST]
    if field.number:
        kind = app_commands.Range[int, 1, 999_999_999]
    elif field.choices:
        kind = Literal[field.choices]
    return _parameter(field.name, kind if field.required else kind | None, required=field.required)


def _parameter(name: str, kind: Any, *, required: bool = False, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        annotation=kind,
        default=inspect.Parameter.empty if required else default,
    )


def _signature(parameters: Sequence[inspect.Parameter]) -> inspect.Signature:
    """What discord.py reads a command's options from: the interaction, then they."""
    asked = inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_ONLY, annotation=discord.Interaction)
    return inspect.Signature([asked, *parameters])


def place_of(interaction: Interaction) -> tuple[str, str]:
    """The workspace and channel whose topic an option is completed from."""
    origin = of_interaction(interaction)
    return origin.workspace, origin.channel
