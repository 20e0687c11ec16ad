"""The house rules of a channel: who may do what there, and how organisers change that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.core import setting_replies as replies
from bot.core.commands import (
    Answer,
    Changed,
    ChangeSetting,
    Command,
    Credit,
    Endorse,
    ExportMe,
    ForgetMe,
    Help,
    MarkCrux,
    Me,
    Settings,
    Stand,
)
from bot.core.houserules import OF_WORKSPACE, HouseRules, Operator, Setting, rules_of
from bot.core.language import Languages, say, speak, spoken
from bot.core.messages import Message
from bot.core.ports import Store
from bot.core.requests import Request
from bot.core.resolving import Resolver
from bot.core.setting_parsing import HERE
from bot.errors import BadInput, NotAnOrganiser

_OF_ONESELF: Final = (Me, ExportMe, ForgetMe, Help, Settings)
"""What everybody may ask in every channel: what is kept of them, and what the rules are."""

_PRESSES: Final = (Answer, MarkCrux, Stand, Endorse, Changed)
"""What everybody may press under what is posted: it says what they hold, and is answered to them alone."""


def permit(request: Request, command: Command, rules: HouseRules) -> None:
    """Let a command pass that the rules of its channel allow.

    Raises:
        NotAnOrganiser: commands are for organisers there.
        BadInput: a stranger wants to record something.
    """
    open_to_all = isinstance(command, _OF_ONESELF) or (
        isinstance(command, _PRESSES) and request.text.lstrip().startswith("/press")
    )
    if not (rules.commands_for_all or request.organiser or open_to_all):
        raise NotAnOrganiser(
            say(
                "Commands are for organisers in this channel: ask one of them, or me in another channel or a direct "
                "message; prompts here are for everybody to answer."
            )
        )
    if request.stranger and not rules.strangers and _records(command):
        raise BadInput(
            say(
                "Positions here are for members of this workspace, and you are a guest of it; you can have views "
                "argued, as with `/steelman thesis`."
            )
        )


def _records(command: Command) -> bool:
    """Whether a command keeps what its member holds; taking something back is for everybody."""
    return isinstance(command, Answer | MarkCrux | Credit | Endorse) or (
        isinstance(command, Stand) and command.stance is not None
    )


@dataclass(frozen=True)
class Ruling:
    """Shows the settings to anybody and changes them for organisers; every answer is private.

    Args:
        token_limit: the operator's, of what the language model may cost a workspace a day; 0 for none.
    """

    resolver: Resolver
    store: Store
    languages: Languages
    token_limit: int = 0

    @property
    def _operator(self) -> Operator:
        return Operator(self.token_limit, self.languages.default)

    async def of_channel(self, workspace: str, channel: str) -> Message:
        """A channel's own settings with what changes them, for an organisers' overview of several."""
        return replies.of_channel(rules_of(await self.store.settings(workspace, channel)), self._operator)

    async def of_workspace(self, workspace: str) -> Message:
        """What holds in all channels, for the same."""
        return replies.of_workspace(rules_of(await self.store.settings(workspace)), self._operator)

    async def answer(self, request: Request, command: Settings | ChangeSetting) -> Message:
        """Do what a command asks for.

        Raises:
            NotAnOrganiser: somebody else wants to change something.
            BadInput: the budget is above the operator's limit.
        """
        if isinstance(command, Settings):
            found = rules_of(await self.store.settings(request.workspace, request.channel))
            topic = await self.resolver.current(request.venue.top)
            return replies.shown(found, topic.title, self._operator, organiser=request.organiser)
        if not request.organiser:
            raise NotAnOrganiser(say("Only organisers change settings; `/crux settings` shows them to anybody."))
        setting, value = command.setting, command.value
        if setting is Setting.BUDGET and value is not None and 0 < self.token_limit < int(value):
            raise BadInput(
                say(
                    "The operator lets a workspace use {limit} tokens a day; name a number up to that, or `none` for "
                    "no limit of your own.",
                    limit=spoken().number(self.token_limit),
                )
            )
        if setting is Setting.NOTES and value == HERE:
            value = request.channel
        channel = None if setting in OF_WORKSPACE else request.channel
        await self.store.set_setting(request.workspace, channel, setting, value)
        rules = rules_of({setting: value} if value is not None else {})
        if setting is Setting.LANGUAGE:
            speak(self.languages.chosen(rules.language))
        return replies.changed(setting, rules, self._operator)
