"""The settings of a channel and its workspace, in words."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.actions import setting_action
from bot.core.houserules import HouseRules, Setting
from bot.core.messages import Button, Listing, Message, Paragraph


def shown(rules: HouseRules, topic: str, token_limit: int, *, organiser: bool) -> Message:
    """All settings; for organisers with what changes them."""
    own = (Setting.COMMANDS, Setting.MODEL, Setting.STRANGERS)
    of_channel = (f"Topic: “{topic}”; `/crux topic` changes it.", *(_says(s, rules, token_limit) for s in own))
    of_all = tuple(_says(setting, rules, token_limit) for setting in (Setting.BUDGET, Setting.ORGANISERS))
    how = (
        "To change one: `/crux settings commands everyone|organisers`, `model on|off`, `strangers on|off`, "
        "`budget TOKENS|none`, `organisers GROUP|default`."
        if organiser
        else "Organisers change these."
    )
    return Message(
        (Paragraph("In this channel:"), Listing(of_channel), Paragraph("In the whole workspace:"), Listing(of_all)),
        title="Settings",
        notes=(how,),
        buttons=tuple(_buttons(rules)) if organiser else (),
        private=True,
    )


def changed(setting: Setting, rules: HouseRules, token_limit: int) -> Message:
    """What holds from now on."""
    where = "in the whole workspace" if setting in (Setting.BUDGET, Setting.ORGANISERS) else "in this channel"
    return Message((Paragraph(f"From now on, {where}: {_says(setting, rules, token_limit)}"),), private=True)


def _says(setting: Setting, rules: HouseRules, token_limit: int) -> str:
    match setting:
        case Setting.COMMANDS if rules.commands_for_all:
            return "Commands: for everyone."
        case Setting.COMMANDS:
            return "Commands: for organisers; everybody may answer prompts."
        case Setting.MODEL if rules.model:
            return "Language model: on, where the operator has set one up."
        case Setting.MODEL:
            return "Language model: off; replies and digests are written without one."
        case Setting.STRANGERS if rules.strangers:
            return "Guests from other organisations: may record positions."
        case Setting.STRANGERS:
            return "Guests from other organisations: may have views argued, and record no positions."
        case Setting.BUDGET:
            return _budget(rules.budget, token_limit)
        case Setting.ORGANISERS if rules.organiser_group is None:
            return "Organisers: those who administer it on this platform."
        case Setting.ORGANISERS:
            return f"Organisers: the group with the id {rules.organiser_group}."


def _budget(own: int | None, token_limit: int) -> str:
    operators = f"the operator's limit is {token_limit:,} tokens a day" if token_limit else "the operator has set none"
    if own is None:
        return f"Budget of the language model: none of your own; {operators}."
    most = min(own, token_limit) if token_limit else own
    return f"Budget of the language model: {most:,} tokens a day; {operators}."


def _buttons(rules: HouseRules) -> Iterator[Button]:
    if rules.commands_for_all:
        yield Button("Commands for organisers", setting_action(Setting.COMMANDS, "organisers"))
    else:
        yield Button("Commands for everyone", setting_action(Setting.COMMANDS, "everyone"))
    if rules.model:
        yield Button("Model off", setting_action(Setting.MODEL, "off"))
    else:
        yield Button("Model on", setting_action(Setting.MODEL, "on"))
    if rules.strangers:
        yield Button("No positions of guests", setting_action(Setting.STRANGERS, "off"))
    else:
        yield Button("Positions of guests", setting_action(Setting.STRANGERS, "on"))
