"""The form for a position, and what members filled in, as the text of a command.

Discord's library knows an open form only until the process ends. So what is sent back is read from the event itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import ui

from bot.chat.discord.markup import escaped, shortened
from bot.chat.discord.names import form_id
from bot.core.balloting import Ballot
from bot.core.language import capital, say
from bot.core.parsing import CLAIM_ID
from bot.core.positions import Stance

REASON: Final = 1_000
"""Characters of a reason; with the rest of the command well below what the core reads."""
_FLAGS: Final = frozenset({"crux", "public"})


def position_form(claim: str, ballot: Ballot | None, guild: int | None) -> ui.Modal:
    """The form for one claim, or for one that is still to be named where `claim` is empty.

    With a ballot it shows the claim's words, and what the member holds on them is filled in.
    """
    held = ballot.held if ballot is not None else None
    form = ui.Modal(title=say("Where do you stand on {claim}?", claim=claim) if claim else say("Where do you stand?"))
    form.custom_id = form_id(claim, guild)
    form.timeout = 15 * 60.0
    if not claim:
        named: ui.TextInput[Any] = ui.TextInput(custom_id="claim", max_length=20, placeholder="MI-04")
        form.add_item(ui.Label[Any](text=say("Claim"), description=say("Its id, or “thesis”."), component=named))
    elif ballot is not None:
        form.add_item(ui.TextDisplay[Any](f"{claim}: “{escaped(shortened(ballot.claim.claim, 300))}”"))
    now = held.stance if held is not None else None
    options = [
        discord.RadioGroupOption(label=capital(each.words), value=each.value, default=each is now) for each in Stance
    ]
    form.add_item(
        ui.Label[Any](text=say("Stance"), component=ui.RadioGroup(custom_id="stance", options=options, required=True))
    )
    why: ui.TextInput[Any] = ui.TextInput(
        custom_id="reason",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=REASON,
        default=shortened(held.reason, REASON) if held is not None and held.reason else None,
    )
    form.add_item(ui.Label[Any](text=say("Why?"), description=say("If you want to say."), component=why))
    crux: ui.Checkbox[Any] = ui.Checkbox(custom_id="crux", default=held is not None and held.crux)
    form.add_item(
        ui.Label[Any](
            text=say("A crux for me"), description=say("Your view of the thesis hangs on it."), component=crux
        )
    )
    public: ui.Checkbox[Any] = ui.Checkbox(custom_id="public", default=held is not None and held.public)
    form.add_item(
        ui.Label[Any](
            text=say("Show my name"), description=say("Without this, your name stays hidden."), component=public
        )
    )
    return form


@dataclass(frozen=True, slots=True)
class Filled:
    """What a member filled in; empty texts where they left something out."""

    claim: str
    stance: str
    reason: str
    crux: bool
    public: bool

    @property
    def text(self) -> str:
        return stand_text(self.claim, self.stance, self.reason, crux=self.crux, public=self.public)


def filled(data: Mapping[str, Any], claim: str) -> Filled:
    """What came back from the form; `claim` is that of its custom id, if it names one."""
    values = dict(_values(data.get("components") or []))
    return Filled(
        claim or str(values.get("claim") or ""),
        str(values.get("stance") or ""),
        str(values.get("reason") or ""),
        values.get("crux") is True,
        values.get("public") is True,
    )


def stand_text(
    claim: str, stance: str | None = None, reason: str | None = None, *, crux: bool = False, public: bool = False
) -> str:
    """`/stand` as text. Nothing in a reason can be taken for a stance or for one of the words at the end."""
    parts = ["/stand", claim_word(claim)]
    if stance:
        parts.append(stance)
        why = " ".join((reason or "").split())
        if why:
            parts[-1] += ","
            last = why.rpartition(" ")[2].lstrip("-").lower()
            parts.append(f"{why}." if last in _FLAGS else why)
        parts += ["crux"] if crux else []
        parts += ["public"] if public else []
    return " ".join(parts)


def claim_word(claim: str) -> str:
    """A claim's id in one word: what follows it in the same field is no part of the command."""
    words = claim.split()
    if [word.lower() for word in words] == ["the", "thesis"]:
        return "thesis"
    begins = CLAIM_ID.match(claim.strip())
    if begins is not None and claim.strip()[begins.end() :].startswith(":"):
        return begins[0]  # a choice of the autocompletion, with its words
    return "_".join(words)


def _values(components: list[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for component in components:
        if component.get("custom_id"):
            yield str(component["custom_id"]), component.get("value")
        if isinstance(inner := component.get("component"), Mapping):
            yield from _values([inner])
        yield from _values(component.get("components") or [])
