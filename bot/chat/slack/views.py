"""The modals, and the Home tab."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.chat.slack.blocks import Block, sections, tail_of
from bot.chat.slack.text import escaped
from bot.core.arguments import Argument
from bot.core.houserules import HouseRules, Setting
from bot.core.language import capital, say
from bot.core.messages import Message, Paragraph
from bot.core.positions import Stance

POSITION: Final = "position"
"""The modal's callback id."""
SETTINGS: Final = "workspace_settings"
"""The callback id of the modal for what holds in the whole workspace."""
OPEN_SETTINGS: Final = "settings:open"
"""The action id of the button that opens it."""
SETTINGS_FIELDS: Final = (Setting.BUDGET.value, Setting.ORGANISERS.value)
MOST_CLAIMS: Final = 100
"""Options of one menu."""
HOME_BLOCKS: Final = 100
_TITLE: Final = 24
_OPTION: Final = 75
_REASON: Final = 1_200


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody filled into the modal, or the block that is not filled in as it must be with why."""

    text: str = ""
    channel: str = ""
    thread: str | None = None
    errors: Mapping[str, str] | None = None


def position(
    claims: Sequence[Argument], chosen: str | None, channel: str, thread: str | None, *, topic: str
) -> dict[str, Any]:
    """The modal: a claim, a stance, a reason, whether it is a crux, and whether the name is shown."""
    options = [_option(f"{claim.id}: {claim.claim}", claim.id) for claim in claims[:MOST_CLAIMS]]
    initial = next((option for option in options if option["value"] == chosen), None)
    menu: Block = {"type": "static_select", "action_id": "claim", "options": options}
    if initial is not None:
        menu["initial_option"] = initial
    stances = [_option(capital(stance.words), stance.value) for stance in Stance]
    return {
        "type": "modal",
        "callback_id": POSITION,
        "title": _plain(say("Where do you stand?")[:_TITLE]),
        "submit": _plain(say("Record")),
        "close": _plain(say("Cancel")),
        "private_metadata": json.dumps({"channel": channel, "thread": thread}),
        "blocks": [
            {"type": "context", "elements": [{"type": "mrkdwn", "text": escaped(topic)[:1900]}]},
            _input("claim", say("Claim"), menu),
            _input("stance", say("Your stance"), {"type": "radio_buttons", "action_id": "stance", "options": stances}),
            _input(
                "reason",
                say("Reason"),
                {"type": "plain_text_input", "action_id": "reason", "multiline": True, "max_length": _REASON},
                optional=True,
            ),
            _input(
                "marks",
                say("And"),
                {
                    "type": "checkboxes",
                    "action_id": "marks",
                    "options": [
                        _option(say("This is a crux for me: my view of the thesis hangs on it"), "crux"),
                        _option(say("Show my name with it; it stays hidden otherwise"), "public"),
                    ],
                },
                optional=True,
            ),
        ],
    }


def filled(view: Mapping[str, Any]) -> Filled:
    """The command that a filled modal stands for."""
    values = view["state"]["values"]
    claim = ((values["claim"]["claim"] or {}).get("selected_option") or {}).get("value")
    stance = ((values["stance"]["stance"] or {}).get("selected_option") or {}).get("value")
    if not claim:
        return Filled(errors={"claim": say("Choose the claim that you take a position on.")})
    if not stance:
        return Filled(errors={"stance": say("Choose where you stand; unsure is a stance, too.")})
    reason = " ".join(str((values["reason"]["reason"] or {}).get("value") or "").split())
    marks = [option["value"] for option in (values["marks"]["marks"] or {}).get("selected_options") or []]
    if reason.split() and reason.split()[-1].lower() in ("crux", "public"):
        reason += "."  # or the reason's last word would be read as a mark
    because = f" because {reason}" if reason else ""
    where = json.loads(view.get("private_metadata") or "{}")
    return Filled(
        f"/stand {claim} {stance}{because}{''.join(f' {mark}' for mark in marks)}",
        str(where.get("channel") or ""),
        where.get("thread"),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the Home tab.

    Args:
        heading: empty for one that goes on with what is above.
        channel: the channel that what is pressed in it is about.
        lines: what stands above the message, in Slack's own markup.
        opens_settings: whether it has the button for the form of what holds in the whole workspace.
    """

    heading: str
    message: Message
    channel: str
    lines: tuple[str, ...] = ()
    opens_settings: bool = False


def home(parts: Sequence[Part]) -> dict[str, Any]:
    """The Home tab. A row of buttons has the channel that it is about in its block id; see `channel_of`."""
    blocks: list[Block] = []
    for part in parts:
        blocks += _of_part(part, len(blocks))
    last = len(_of_part(parts[-1], 0)) if parts else 0  # a member's own data is never what is cut off
    return {"type": "home", "blocks": [*blocks[: min(HOME_BLOCKS, len(blocks)) - last], *blocks[len(blocks) - last :]]}


def _of_part(part: Part, above: int) -> list[Block]:
    blocks: list[Block] = []
    if part.heading:
        blocks.append({"type": "header", "text": _plain(part.heading)})
    if part.lines:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(part.lines)}})
    for block in part.message.blocks:
        text = block.text if isinstance(block, Paragraph) else "\n".join(f"• {item}" for item in block.items)
        blocks += sections([text], part.message.channels)
    for below in tail_of(part.message):
        blocks.append(_of_channel(below, part.channel, above + len(blocks)))
    if part.opens_settings:
        opens = {"type": "button", "action_id": OPEN_SETTINGS, "text": _plain(say("Budget and organisers …"))}
        blocks.append({"type": "actions", "elements": [opens]})
    return blocks


def channel_of(block_id: str) -> str | None:
    """The channel that a row of the Home tab's buttons is about."""
    kind, _, rest = block_id.partition(":")
    return rest.partition(":")[0] or None if kind == "about" else None


def _of_channel(block: Block, channel: str, start: int) -> Block:
    """A row of buttons with ids of its own in the view."""
    if block["type"] != "actions":
        return block
    named = [{**each, "action_id": f"{each['action_id']}:{start}"} for each in block["elements"]]
    return {**block, "block_id": f"about:{channel}:{start}", "elements": named}


def settings(rules: HouseRules) -> dict[str, Any]:
    """The modal for what holds in the whole workspace: the model's budget, and who organises."""
    return {
        "type": "modal",
        "callback_id": SETTINGS,
        "title": _plain(say("Workspace settings")[:_TITLE]),
        "submit": _plain(say("Save")),
        "close": _plain(say("Cancel")),
        "blocks": [
            _input(
                Setting.BUDGET,
                say("Tokens a day for the language model; none for no limit of your own"),
                _line(Setting.BUDGET, "none" if rules.budget is None else str(rules.budget)),
            ),
            _input(
                Setting.ORGANISERS,
                say("The id of the user group that organises, or default for admins"),
                _line(Setting.ORGANISERS, rules.organiser_group or "default"),
            ),
        ],
    }


def set_by(view: Mapping[str, Any]) -> dict[str, str]:
    """The commands that a filled settings modal stands for, by the fields that were changed."""
    values = view["state"]["values"]
    fields = {name: str((values[name][name] or {}).get("value") or "").strip() for name in SETTINGS_FIELDS}
    before = {block["block_id"]: block["element"].get("initial_value") for block in view["blocks"]}
    return {name: f"/crux settings {name} {value}" for name, value in fields.items() if value != before[name]}


def _line(name: str, value: str) -> Block:
    return {"type": "plain_text_input", "action_id": name, "initial_value": value, "max_length": 100}


def _input(name: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {"type": "input", "block_id": name, "label": _plain(label), "element": element, "optional": optional}


def _option(text: str, value: str) -> Block:
    return {"text": _plain(text if len(text) <= _OPTION else text[: _OPTION - 1] + "…"), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
