"""Pages as what discord.py sends: Components V2 with files, and buttons that work after a restart."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

import discord
from discord import ui

from bot.chat.discord.buttons import FormButton, PressButton
from bot.chat.discord.marks import Mark, mark
from bot.chat.discord.markup import one_line, shortened
from bot.chat.discord.names import FORM, form_id, pressed
from bot.chat.discord.pages import Page, Press, growing, pages, rows
from bot.core.language import say
from bot.core.messages import Attachment, Message, Picture

View: TypeAlias = ui.LayoutView
Button: TypeAlias = ui.Button[Any]

FILE_BYTES: Final = 8 * 2**20
"""The largest file that is attached; Discord takes 10 MiB."""
ALT: Final = 1_024
PICTURE: Final = "standing.png"
ACCENT: Final = 0x4F6DB8


@dataclass
class Sendable:
    """One Discord message, ready to be sent."""

    view: View
    files: list[discord.File] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Extras:
    """What an adapter adds to a message: its picture, and a button of its own.

    Args:
        guild: what its buttons are about, where it is shown in a DM.
        claim: the claim for which a button opens the form; empty for one that is named in the form.
        forms: whether the message's own buttons for claims open the form.
    """

    picture: Picture | None = None
    guild: int | None = None
    claim: str | None = None
    forms: bool = False


NOTHING: Final = Extras()


def sendables(message: Message, nonce: str | None = None, extras: Extras = NOTHING) -> list[Sendable]:
    """A message as Discord messages, in order. With a nonce each carries its mark."""
    made = pages(message, extras.guild)
    _add_own(made, extras)
    files = _attached(message.attachment)
    found = []
    for n, page in enumerate(made):
        pictured = extras.picture if n == 0 else None
        attached = files if n == len(made) - 1 else []
        view = view_of(page, None if nonce is None else mark(nonce, n), pictured, attached)
        sent = [*attached]
        if pictured is not None:
            alt = _alt(pictured)
            sent.append(discord.File(io.BytesIO(pictured.data), PICTURE, description=alt))
        found.append(Sendable(view, sent))
    return found


def view_of(
    page: Page, marked: Mark | None = None, picture: Picture | None = None, files: Sequence[discord.File] = ()
) -> View:
    """One page: its text and picture, its sources in a second container, its notes in small print, its buttons."""
    view: View = ui.LayoutView(timeout=None)
    body = page.body or ("…" if marked is not None or picture is not None else "")
    if body:
        text: ui.TextDisplay[View] = ui.TextDisplay(body, id=marked.text if marked else None)
        holder: ui.Container[View] = ui.Container(text, accent_colour=ACCENT, id=marked.container if marked else None)
        if picture is not None:
            item = discord.MediaGalleryItem(f"attachment://{PICTURE}", description=_alt(picture))
            holder.add_item(ui.MediaGallery[View](item))
        view.add_item(holder)
    if page.sources:
        heading = say("Sources")
        view.add_item(ui.Container[View](ui.TextDisplay(f"**{heading}**\n{page.sources}")))
    for file in files:
        view.add_item(ui.File[View](file))
    if page.notes:
        view.add_item(ui.TextDisplay[View](page.notes))
    for row in rows(page.buttons):
        view.add_item(ui.ActionRow[View](*(cast("Any", _button(press)) for press in row)))
    return view


def sentence(text: str) -> View:
    """One sentence of the adapter itself."""
    return view_of(Page(text))


def growing_view(title: str | None, text: str, marked: Mark | None = None) -> View:
    return view_of(growing(title, text), marked)


def _button(press: Press) -> ui.DynamicItem[Button]:
    if FORM.fullmatch(press.custom_id):
        return FormButton(press.label, press.custom_id)
    return PressButton(press.label, press.custom_id)


def _add_own(made: list[Page], extras: Extras) -> None:
    if extras.forms:
        for page in made:
            page.buttons = tuple(_opening_form(press) for press in page.buttons)
    if extras.claim is not None:
        label = say("Say why …") if extras.claim else say("Name a claim …")
        made[-1].buttons = (*made[-1].buttons, Press(label, form_id(extras.claim, extras.guild)))


def _opening_form(press: Press) -> Press:
    """A button that tells where one stands on a claim, as one that opens the form for it; others as they are."""
    found = pressed(press.custom_id)
    match [] if found is None else found.action.split(":"):
        case ["stand", _, claim]:
            return Press(press.label, form_id(claim, found.guild if found else None))
        case _:
            return press


def _alt(picture: Picture) -> str:
    return shortened(one_line(picture.alt), ALT)


def _attached(attachment: Attachment | None) -> list[discord.File]:
    if attachment is None:
        return []
    data = attachment.text.encode("utf-8", errors="replace")
    name = re.sub(r"[^\w.-]", "-", attachment.name, flags=re.ASCII).strip(".-")[-80:] or "file.txt"
    return [discord.File(io.BytesIO(data[:FILE_BYTES]), name)]
