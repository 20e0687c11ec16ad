"""What a member sees of a message, whom it would ping, and which links it hides behind words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tests.discord_wire.component_limits import BUTTON, FILE, GALLERY, SELECTS, SEPARATOR, TEXT, THUMBNAIL, Component
from tests.discord_wire.state import Attachment, Json, Message

MENTION = re.compile(r"@everyone|@here|<@!?\d+>|<@&\d+>")
MASKED = re.compile(r"\[([^\[\]]*)\]\(\s*<?(\w[\w+.-]*:[^\s)>]*)>?[^)]*\)")
CHILDREN = ("components", "accessory", "component")


def read(message: Message) -> str:
    """The message in plain lines: text as it is, `[label](custom id)` for buttons, `{file: alt text}` for files."""
    if message.deleted:
        return ""
    if message.loading:
        return "… is thinking"
    lines = [message.content] if message.content else []
    for embed in message.embeds:
        lines += embed_lines(embed)
    lines += component_lines(message.components, message.attachments)
    if not message.v2:
        lines += [f"{{{a.filename}: {a.description or ''}}}" for a in message.attachments]
    return "\n".join(lines)


def embed_lines(embed: Json) -> list[str]:
    """An embed's texts from top to bottom."""
    fields = [f"{field['name']}: {field['value']}" for field in embed.get("fields") or []]
    author, footer = embed.get("author") or {}, embed.get("footer") or {}
    lines = [author.get("name"), embed.get("title"), embed.get("description"), *fields, footer.get("text")]
    return [line for line in lines if line]


def component_lines(components: Iterable[Component], attachments: Sequence[Attachment]) -> list[str]:
    """Components from top to bottom; what one row holds is one line."""
    lines: list[str] = []
    for component in components:
        kind = component.get("type")
        inner = [one for name in CHILDREN for one in listed(component.get(name))]
        if kind == TEXT:
            lines.append(str(component["content"]))
        elif kind == BUTTON:
            lines.append(button_line(component))
        elif kind in SELECTS:
            options = ", ".join(option["label"] for option in component.get("options") or [])
            lines.append(f"<{component.get('placeholder') or ''}: {options}>({component['custom_id']})")
        elif kind in {GALLERY, THUMBNAIL, FILE}:
            lines += [media_line(item, attachments) for item in component.get("items") or [component]]
        elif kind == SEPARATOR:
            lines.append("---")
        elif kind == 1:
            lines.append(" ".join(component_lines(inner, attachments)))
        else:
            lines += component_lines(inner, attachments)
    return lines


def listed(value: object) -> list[Component]:
    """Children, be they many, one or none."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]  # type: ignore[list-item]


def button_line(button: Component) -> str:
    emoji = (button.get("emoji") or {}).get("name")
    label = " ".join(part for part in (emoji, button.get("label")) if part)
    where = button.get("custom_id") or button.get("url") or button.get("sku_id")
    return f"[{label}]({where})" + (" (disabled)" if button.get("disabled") else "")


def media_line(item: Component, attachments: Sequence[Attachment]) -> str:
    url = (item.get("media") or item.get("file") or {}).get("url", "")
    name = url.removeprefix("attachment://")
    held = next((a for a in attachments if a.filename == name), None)
    return f"{{{name}: {item.get('description') or (held.description if held else None) or ''}}}"


def texts(message: Message) -> list[str]:
    """What of a message can mention: its content and its text components, not its embeds or labels."""
    return [message.content, *component_texts(message.components)]


def component_texts(components: Iterable[Component]) -> list[str]:
    """Every text component, also those in containers and sections."""
    found: list[str] = []
    for component in components:
        if component.get("type") == TEXT:
            found.append(str(component["content"]))
        for name in CHILDREN:
            found += component_texts(listed(component.get(name)))
    return found


def pings(message: Message) -> list[str]:
    """The mentions that would notify somebody, given `allowed_mentions`; also "reply" for the author of the replied-to.

    Without `allowed_mentions` all count. It errs on the strict side: mentions in code and of unknown ids count too, and
    so does @everyone from a bot that may not use it.
    """
    allowed = message.allowed_mentions
    found = []
    for mention in MENTION.findall("\n".join(texts(message))):
        kind = "everyone" if mention[0] == "@" else "roles" if mention[2] == "&" else "users"
        ids = [] if allowed is None else [str(one) for one in allowed.get(kind) or []] if kind != "everyone" else []
        if allowed is None or kind in (allowed.get("parse") or []) or mention.strip("<@!&>") in ids:
            found.append(mention)
    replies = message.reply_to is not None and message.reply_to.author is not message.author
    if replies and (allowed is None or allowed.get("replied_user")):
        found.append("reply")
    return list(dict.fromkeys(found))


def masked_links(message: Message) -> list[tuple[str, str]]:
    """The `[words](address)` of a message, embeds included, whose words don't show the address."""
    every = [*texts(message), *(line for embed in message.embeds for line in embed_lines(embed))]
    links = [(words, address) for text in every for words, address in MASKED.findall(text)]
    return [(words, address) for words, address in links if address not in words]
