"""The settings of a channel and its workspace, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.core.actions import setting_action
from bot.core.houserules import LANGUAGES, OF_WORKSPACE, HouseRules, Operator, Setting
from bot.core.language import say, spoken
from bot.core.messages import Button, Listing, Message, Paragraph

_OF_CHANNEL: Final = (Setting.COMMANDS, Setting.MODEL, Setting.STRANGERS, Setting.LANGUAGE)


def shown(rules: HouseRules, topic: str, operator: Operator, *, organiser: bool) -> Message:
    """All settings; for organisers with what changes them."""
    of_channel = (say("Topic: “{topic}”; `/crux topic` changes it.", topic=topic), *_own(rules, operator))
    of_all = tuple(_says(setting, rules, operator) for setting in OF_WORKSPACE)
    how = (
        say(
            "To change one: `/crux settings commands everyone|organisers`, `model on|off`, `strangers on|off`, "
            "`language {languages}|default`, `budget TOKENS|none`, `organisers GROUP|default`, "
            "`notes here|CHANNEL|default`.",
            languages="|".join(LANGUAGES),
        )
        if organiser
        else say("Organisers change these.")
    )
    return Message(
        (
            Paragraph(say("In this channel:")),
            Listing(of_channel),
            Paragraph(say("In the whole workspace:")),
            Listing(of_all),
        ),
        title=say("Settings"),
        notes=(how,),
        buttons=tuple(_buttons(rules, operator)) if organiser else (),
        private=True,
    )


def of_channel(rules: HouseRules, operator: Operator) -> Message:
    """What a channel has set, with what changes it: one part of an overview for organisers."""
    return Message((Listing(tuple(_own(rules, operator))),), buttons=tuple(_buttons(rules, operator)), private=True)


def of_workspace(rules: HouseRules, operator: Operator) -> Message:
    """What the workspace has set, for the same."""
    return Message((Listing(tuple(_says(setting, rules, operator) for setting in OF_WORKSPACE)),), private=True)


def _own(rules: HouseRules, operator: Operator) -> Iterator[str]:
    return (_says(setting, rules, operator) for setting in _OF_CHANNEL)


def changed(setting: Setting, rules: HouseRules, operator: Operator) -> Message:
    """What holds from now on."""
    now = _says(setting, rules, operator)
    if setting in OF_WORKSPACE:
        text = say("From now on, in the whole workspace: {setting}", setting=now)
    else:
        text = say("From now on, in this channel: {setting}", setting=now)
    return Message((Paragraph(text),), private=True)


def _says(setting: Setting, rules: HouseRules, operator: Operator) -> str:
    match setting:
        case Setting.COMMANDS if rules.commands_for_all:
            return say("Commands: for everyone.")
        case Setting.COMMANDS:
            return say("Commands: for organisers; everybody may answer prompts.")
        case Setting.MODEL if rules.model:
            return say("Language model: on, where the operator has set one up.")
        case Setting.MODEL:
            return say("Language model: off; replies and digests are written without one.")
        case Setting.STRANGERS if rules.strangers:
            return say("Guests from other organisations: may record positions.")
        case Setting.STRANGERS:
            return say("Guests from other organisations: may have views argued, and record no positions.")
        case Setting.LANGUAGE:
            return _language(rules.language, operator.language)
        case Setting.BUDGET:
            return _budget(rules.budget, operator.token_limit)
        case _:
            return _for_organisers(setting, rules)


def _for_organisers(setting: Setting, rules: HouseRules) -> str:
    match setting:
        case Setting.NOTES if rules.notes_channel is None:
            return say("Notes for organisers: as direct messages.")
        case Setting.NOTES:
            return say(
                "Notes for organisers: in the channel with the id {channel}, where whoever reads it reads them.",
                channel=rules.notes_channel,
            )
        case _ if rules.organiser_group is None:
            return say("Organisers: those who administer it on this platform.")
        case _:
            return say("Organisers: the group with the id {group}.", group=rules.organiser_group)


def _language(own: str | None, operators: str) -> str:
    name = LANGUAGES[own or operators]
    if own is None:
        return say("Language of my own words: {language}, by default.", language=name)
    return say("Language of my own words: {language}.", language=name)


def _budget(own: int | None, token_limit: int) -> str:
    limit = spoken().number(token_limit)
    if own is None and token_limit:
        return say(
            "Budget of the language model: none of your own; the operator's limit is {limit} tokens a day.", limit=limit
        )
    if own is None:
        return say("Budget of the language model: none of your own; the operator has set none.")
    most = spoken().number(min(own, token_limit) if token_limit else own)
    if token_limit:
        return say(
            "Budget of the language model: {most} tokens a day; the operator's limit is {limit} tokens a day.",
            most=most,
            limit=limit,
        )
    return say("Budget of the language model: {most} tokens a day; the operator has set none.", most=most)


def _buttons(rules: HouseRules, operator: Operator) -> Iterator[Button]:
    if rules.commands_for_all:
        yield Button(say("Commands for organisers"), setting_action(Setting.COMMANDS, "organisers"))
    else:
        yield Button(say("Commands for everyone"), setting_action(Setting.COMMANDS, "everyone"))
    if rules.model:
        yield Button(say("Model off"), setting_action(Setting.MODEL, "off"))
    else:
        yield Button(say("Model on"), setting_action(Setting.MODEL, "on"))
    if rules.strangers:
        yield Button(say("No positions of guests"), setting_action(Setting.STRANGERS, "off"))
    else:
        yield Button(say("Positions of guests"), setting_action(Setting.STRANGERS, "on"))
    for code, name in LANGUAGES.items():
        if code != (rules.language or operator.language):
            yield Button(name, setting_action(Setting.LANGUAGE, code))
