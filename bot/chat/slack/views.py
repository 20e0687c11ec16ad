"""The modal for a position, and the Home tab."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.chat.slack.blocks import Block, sections, tail_of
from bot.chat.slack.text import escaped
from bot.core.arguments import Argument
from bot.core.language import capital, say
from bot.core.messages import Listing, Message, Paragraph
from bot.core.positions import Stance

POSITION: Final = "position"
"""The modal's callback id."""
MOST_CLAIMS: Final = 100
"""Options of one menu."""
HOME_BLOCKS: Final = 100
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
        "title": _plain(say("Where do you stand?")),
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


def home(parts: Sequence[tuple[str, Message]]) -> dict[str, Any]:
    """The Home tab: under each heading a message, with its buttons."""
    blocks: list[Block] = []
    for heading, message in parts:
        blocks.append({"type": "header", "text": _plain(heading)})
        for block in message.blocks:
            if isinstance(block, Paragraph):
                blocks += sections([block.text])
            elif isinstance(block, Listing):
                blocks += sections(["\n".join(f"• {item}" for item in block.items)])
        for below in tail_of(message):
            blocks.append(_renumbered(below, len(blocks)))
    return {"type": "home", "blocks": blocks[:HOME_BLOCKS]}


def _renumbered(block: Block, start: int) -> Block:
    """A row of buttons with action ids of its own in the view."""
    if block["type"] != "actions":
        return block
    named = [{**each, "action_id": f"{each['action_id']}:{start}"} for each in block["elements"]]
    return {**block, "elements": named}


def _input(name: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {"type": "input", "block_id": name, "label": _plain(label), "element": element, "optional": optional}


def _option(text: str, value: str) -> Block:
    return {"text": _plain(text if len(text) <= _OPTION else text[: _OPTION - 1] + "…"), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
