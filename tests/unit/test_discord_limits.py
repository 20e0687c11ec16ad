"""What the local Discord refuses, and what it reads out of a message."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discord_wire.component_limits import V2, component_errors
from tests.discord_wire.errors import Refused
from tests.discord_wire.form_limits import command_errors, commands_errors, modal_errors
from tests.discord_wire.limits import autocomplete_errors, edit_errors, message_errors, thread_errors
from tests.discord_wire.reading import masked_links, pings, read
from tests.discord_wire.state import Attachment, Channel, Message, User

Json = dict[str, Any]


def text(content: str = "x") -> Json:
    return {"type": 10, "content": content}


def button(custom_id: str = "a", **more: object) -> Json:
    return {"type": 2, "style": 1, "label": "Press", "custom_id": custom_id, **more}


def row(*children: Json) -> Json:
    return {"type": 1, "components": list(children)}


def box(*children: Json) -> Json:
    return {"type": 17, "components": list(children)}


def select(count: int = 2, **more: object) -> Json:
    return {"type": 3, "custom_id": "s", "options": [{"label": f"{n}", "value": f"{n}"} for n in range(count)], **more}


def picture(url: str) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}}]}


def section(**more: object) -> Json:
    return {"type": 9, "components": [text()], "accessory": button("z"), **more}


@pytest.mark.parametrize(
    "message",
    [
        {"content": "x" * 2000},
        {"content": "x", "nonce": "n" * 25},
        {"content": "x", "embeds": [{"description": "x" * 4096, "fields": [{"name": "a", "value": "b" * 1024}]}]},
        {"components": [row(*(button(f"{n}") for n in range(5))), row(select(25))]},
        {"flags": V2, "components": [text("x" * 2000), box(text("y" * 1999)), section()]},
        {"flags": V2, "components": [text("x") for _ in range(40)]},
        {"flags": V2, "components": [picture("attachment://a.png")]},
        {"flags": V2, "components": [row(button("a" * 100, label="b" * 80))], "allowed_mentions": {"parse": []}},
    ],
)
def test_taken_messages(message: Json) -> None:
    assert message_errors(message, ["a.png"]) == []


@pytest.mark.parametrize(
    ("message", "where"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"content": "x", "nonce": "n" * 26}, "nonce"),
        ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
        ({"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]}, "embeds"),
        ({"embeds": [{"fields": [{"name": "", "value": "b"}]}]}, "embeds.0.fields.0.name"),
        ({"embeds": [{}] * 11}, "embeds"),
        ({"flags": V2}, "components"),
        ({"flags": V2, "content": "x", "components": [text()]}, "content"),
        ({"flags": V2, "embeds": [{"title": "x"}], "components": [text()]}, "embeds"),
        ({"flags": V2, "poll": {"question": {}}, "components": [text()]}, "poll"),
        ({"flags": V2, "components": [picture("attachment://b.png")]}, "components.0.items.0.media.url"),
        ({"attachments": [{"id": 0, "description": "x" * 1025}]}, "attachments.0.description"),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions.users"),
        ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse"),
    ],
)
def test_refused_messages(message: Json, where: str) -> None:
    assert where in [error.partition(": ")[0] for error in message_errors(message, ["a.png"])]


@pytest.mark.parametrize(
    ("components", "where"),
    [
        ([text() for _ in range(41)], "components"),
        ([box(*(text() for _ in range(40)))], "components"),
        ([text("x" * 2001), box(text("x" * 2000))], "components"),
        ([text(" ")], "components.0.content"),
        ([box()], "components.0.components"),
        ([box(box(text()))], "components.0.components.0.type"),
        ([button()], "components.0.type"),
        ([section(accessory=None)], "components.0.accessory"),
        ([section(components=[text()] * 4)], "components.0.components"),
        ([row(*(button(f"{n}") for n in range(6)))], "components.0.components"),
        ([row(select(), button())], "components.0.components"),
        ([row(button()), row(button())], "components.1.components.0.custom_id"),
        ([row(button(), section())], "components.0.components"),
        ([row(button(label="x" * 81))], "components.0.components.0.label"),
        ([row(button("x" * 101))], "components.0.components.0.custom_id"),
        ([row(button(""))], "components.0.components.0.custom_id"),
        ([row(button(style=5, url="javascript:x"))], "components.0.components.0.url"),
        ([row(select(26))], "components.0.components.0.options"),
        ([row(select(2, max_values=26))], "components.0.components.0.min_values"),
        ([{"type": 13, "file": {"url": "https://example.org/a"}}], "components.0.file.url"),
        ([{"type": 99}], "components.0.type"),
    ],
)
def test_refused_components(components: list[Json], where: str) -> None:
    assert where in [error.partition(": ")[0] for error in component_errors(components, v2=True)]


def test_old_messages_take_rows_only() -> None:
    assert component_errors([row(button(f"{n}")) for n in range(5)], v2=False) == []
    assert component_errors([row(button(f"{n}")) for n in range(6)], v2=False)
    assert component_errors([text()], v2=False)


def test_the_flag_of_components_v2_stays() -> None:
    assert edit_errors(V2, {"flags": 0, "content": "x"})
    assert edit_errors(V2, {"components": [text()]}) == []
    assert edit_errors(0, {"flags": V2}) == []


def label(component: Json, **more: object) -> Json:
    return {"type": 18, "label": "Stance", "component": component, **more}


def entry(**more: object) -> Json:
    return {"type": 4, "custom_id": "t", "style": 1, **more}


def radio(count: int = 2, **more: object) -> Json:
    return select(count, **more) | {"type": 21}


def modal(*components: Json, **more: object) -> Json:
    return {"title": "Where do you stand?", "custom_id": "m", "components": list(components), **more}


def test_taken_modals() -> None:
    boxes = select(10, min_values=0, max_values=10, required=False, custom_id="c") | {"type": 22}
    check = {"type": 23, "custom_id": "b"}
    every = modal(label(radio(10)), label(entry(value="x" * 4000)), label(boxes), label(check), text("Read this"))
    assert modal_errors(every) == []
    assert modal_errors(modal(row(entry(label="Why?")))) == []


@pytest.mark.parametrize(
    ("shown", "where"),
    [
        (modal(label(entry()), title="x" * 46), "title"),
        (modal(label(entry()), custom_id=""), "modal.custom_id"),
        (modal(), "components"),
        (modal(*(label(entry(custom_id=f"{n}")) for n in range(6))), "components"),
        (modal(label(entry()), label(entry())), "components.1.component.custom_id"),
        (modal(label(entry(), label="x" * 46)), "components.0.label"),
        (modal(label(entry(), description="x" * 101)), "components.0.description"),
        (modal(label(button())), "components.0.component"),
        (modal(entry()), "components.0.type"),
        (modal(label(entry(label="twice"))), "components.0.component.label"),
        (modal(label(entry(style=3))), "components.0.component.style"),
        (modal(label(entry(max_length=4001))), "components.0.component.min_length"),
        (modal(label(entry(value="xx", max_length=1))), "components.0.component.value"),
        (modal(label(entry(placeholder="x" * 101))), "components.0.component.placeholder"),
        (modal(label(radio(1))), "components.0.component.options"),
        (modal(label(radio(11))), "components.0.component.options"),
        (modal(label(select(2, min_values=0) | {"type": 22})), "components.0.component.required"),
        (modal(row(entry())), "components.0.components.0.label"),
    ],
)
def test_refused_modals(shown: Json, where: str) -> None:
    assert where in [error.partition(": ")[0] for error in modal_errors(shown)]


def slash(name: str = "steelman", description: str = "The best case", **more: object) -> Json:
    return {"name": name, "description": description, **more}


def option(name: str = "view", kind: int = 3, **more: object) -> Json:
    return slash(name, "What to argue for", type=kind, **more)


def choices(count: int) -> list[Json]:
    return [{"name": f"{n}", "value": f"{n}"} for n in range(count)]


def wordy(start: int) -> list[Json]:
    """25 choices of 200 characters each."""
    return [{"name": f"{start}{n:099}", "value": f"{start}{n:099}"} for n in range(25)]


@pytest.mark.parametrize(
    "command",
    [
        slash(options=[option(required=True), option("private", 5), option("how", choices=choices(25))]),
        slash("crux", options=[option("me", 1), option("map", 2, options=[option("add", 1, options=[option()])])]),
        slash("pour-le-débat", name_localizations={"ja": "立場"}),
        {"name": "Counter this", "type": 3},
    ],
)
def test_taken_commands(command: Json) -> None:
    assert command_errors(command) == []


@pytest.mark.parametrize(
    ("command", "where"),
    [
        (slash("Steelman"), "name"),
        (slash("two words"), "name"),
        (slash("x" * 33), "name"),
        (slash(description="x" * 101), "description"),
        (slash(description=""), "description"),
        (slash(description_localizations={"de": "x" * 101}), "description_localizations.de"),
        (slash(options=[option(f"o{n}") for n in range(26)]), "options"),
        (slash(options=[option(), option()]), "options"),
        (slash(options=[option("a"), option("b", required=True)]), "options"),
        (slash(options=[option("a", 1), option("b")]), "options"),
        (slash(options=[option(choices=choices(26))]), "options.0.choices"),
        (slash(options=[option(choices=choices(1), autocomplete=True)]), "options.0.autocomplete"),
        (slash(options=[option("a", 2, options=[option("b", 2)])]), "options.0.options.0.type"),
        (slash(options=[option(f"o{m}", choices=wordy(m)) for m in range(2)]), "name"),
        ({"name": "Counter this", "type": 3, "description": "no"}, "description"),
    ],
)
def test_refused_commands(command: Json, where: str) -> None:
    assert where in [error.partition(": ")[0] for error in command_errors(command)]


def test_all_commands_together() -> None:
    assert commands_errors([slash(f"c{n}") for n in range(100)]) == []
    assert commands_errors([slash(f"c{n}") for n in range(101)])
    assert commands_errors([{"name": f"Menu {n}", "type": 3} for n in range(16)])
    assert commands_errors([slash(), slash()])


def test_choices_and_threads() -> None:
    assert autocomplete_errors(choices(25)) == []
    assert autocomplete_errors(choices(26))
    assert autocomplete_errors([{"name": "x" * 101, "value": "y"}])
    assert autocomplete_errors([{"name": "x", "value": ""}])
    assert autocomplete_errors([{"name": "x", "value": 2**53 + 1}])
    assert thread_errors({"name": "x" * 100, "auto_archive_duration": 1440}) == []
    assert thread_errors({"name": ""})
    assert thread_errors({"name": "x" * 101})
    assert thread_errors({"name": "x", "auto_archive_duration": 5})


def test_a_refusal_nests_its_details() -> None:
    body = Refused(50035, ["embeds.0.title: Too long."]).body()
    assert body["code"] == 50035
    assert body["errors"]["embeds"]["0"]["title"]["_errors"][0]["message"] == "Too long."


CHANNEL = Channel(1, 0, "general")
BOT = User(2, "Crux", bot=True)


def said(content: str = "", **more: Any) -> Message:
    return Message(3, CHANNEL, BOT, content, **more)


def test_reading_goes_from_top_to_bottom() -> None:
    file = Attachment(4, "d.png", b"", "Seven agree")
    shown = [box(text("# Digest"), picture("attachment://d.png")), {"type": 14}, row(button("go", disabled=True))]
    message = said(flags=V2, components=shown, attachments=[file])
    assert read(message) == "# Digest\n{d.png: Seven agree}\n---\n[Press](go) (disabled)"
    assert read(said("Hi", attachments=[file])) == "Hi\n{d.png: Seven agree}"
    assert (
        read(said(flags=V2, components=[section(), row(select(placeholder="Pick"))]))
        == "x\n[Press](z)\n<Pick: 0, 1>(s)"
    )
    assert read(said(embeds=[{"title": "T", "fields": [{"name": "a", "value": "b"}]}])) == "T\na: b"


@pytest.mark.parametrize(
    ("content", "allowed", "expected"),
    [
        ("@everyone @here <@1> <@!1> <@&2>", {"parse": []}, []),
        ("@everyone @here <@1> <@&2>", None, ["@everyone", "@here", "<@1>", "<@&2>"]),
        ("@everyone <@1> <@2>", {"parse": [], "users": ["2"]}, ["<@2>"]),
        ("@here <@1> <@&2>", {"parse": ["users"]}, ["<@1>"]),
        ("@\u200beveryone at someone", None, []),
    ],
)
def test_who_is_pinged(content: str, allowed: Json | None, expected: list[str]) -> None:
    assert pings(said(content, allowed_mentions=allowed)) == expected
    assert pings(said(flags=V2, components=[box(text(content))], allowed_mentions=allowed)) == expected


def test_a_reply_pings_unless_told_not_to() -> None:
    earlier = Message(5, CHANNEL, User(6, "ada"), "Hm")
    assert pings(said("x", reply_to=earlier)) == ["reply"]
    assert pings(said("x", reply_to=earlier, allowed_mentions={"parse": []})) == []
    assert pings(said("x", reply_to=earlier, allowed_mentions={"parse": [], "replied_user": True})) == ["reply"]


def test_links_behind_words_are_found() -> None:
    assert masked_links(said("see [this](https://a.example/x) and https://b.example")) == [
        ("this", "https://a.example/x")
    ]
    assert masked_links(said("[w](<http://a.example> 'title')")) == [("w", "http://a.example")]
    assert masked_links(said("[https://a.example](https://a.example)")) == []
    assert masked_links(said("[MI-04] (no link)")) == []
