"""What Discord refuses in a message's components, old and V2, as strings of `path: reason`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

Component = Mapping[str, Any]

V2 = 1 << 15
ROW, BUTTON, SELECT, TEXT_INPUT, SECTION, TEXT, THUMBNAIL = 1, 2, 3, 4, 9, 10, 11
GALLERY, FILE, SEPARATOR, CONTAINER, LABEL, UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 12, 13, 14, 17, 18, 19, 21, 22, 23
SELECTS = frozenset({3, 5, 6, 7, 8})
TOP = frozenset({ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER})
COUNT = 40
TEXT_TOTAL = 4000


def walk(components: Sequence[Component], path: str = "components") -> Iterator[tuple[str, Component]]:
    """Every component with its path, parents first: children, accessories, and what a label holds."""
    for n, component in enumerate(components):
        here = f"{path}.{n}"
        yield here, component
        yield from walk(component.get("components") or [], f"{here}.components")
        for part in ("accessory", "component"):
            if component.get(part):
                yield f"{here}.{part}", component[part]


def component_errors(components: Sequence[Component], *, v2: bool, attachments: Collection[str] = ()) -> list[str]:
    """Of all of a message's components; `attachments` are the names of the files that it carries."""
    every = list(walk(components))
    found = nesting_errors(components, v2=v2)
    if v2 and len(every) > COUNT:
        found.append(f"components: Must be {COUNT} or fewer together, these are {len(every)}.")
    if not v2 and len(components) > 5:
        found.append("components: Must be 5 or fewer action rows.")
    total = sum(len(c.get("content") or "") for _, c in every if c.get("type") == TEXT)
    if total > TEXT_TOTAL:
        found.append(f"components: Must be {TEXT_TOTAL} or fewer characters of text together, these are {total}.")
    found += repeated(every, "custom_id") + repeated(every, "id")
    for path, component in every:
        found += one_errors(path, component, attachments)
    return found


def repeated(every: Sequence[tuple[str, Component]], key: str) -> list[str]:
    """A complaint for each component whose id was seen before in the same message or modal."""
    seen: set[object] = set()
    found = []
    for path, component in every:
        value = component.get(key)
        if value and value in seen:
            found.append(f"{path}.{key}: Component {key} cannot be duplicated.")
        seen.add(value)
    return found


def nesting_errors(components: Sequence[Component], *, v2: bool) -> list[str]:
    """Of what may stand in what: at the top, in a container, in a row, in a section."""
    found = []
    for n, component in enumerate(components):
        kind = component.get("type")
        if kind not in (TOP if v2 else {ROW}):
            found.append(f"components.{n}.type: {kind} cannot stand at the top of this message.")
        if kind == CONTAINER:
            children = component.get("components") or []
            if not children:
                found.append(f"components.{n}.components: Must hold a component.")
            found += [
                f"components.{n}.components.{m}.type: {child.get('type')} cannot stand in a container."
                for m, child in enumerate(children)
                if child.get("type") not in TOP - {CONTAINER}
            ]
    return found


def one_errors(path: str, component: Component, attachments: Collection[str]) -> list[str]:
    """Of one component by itself."""
    kind = component.get("type")
    if kind == ROW:
        return row_errors(path, component)
    if kind == BUTTON:
        return button_errors(path, component)
    if kind in SELECTS:
        return select_errors(path, component)
    if kind == TEXT:
        return [] if (component.get("content") or "").strip() else [f"{path}.content: This field is required."]
    if kind == SECTION:
        return section_errors(path, component)
    if kind in {THUMBNAIL, GALLERY, FILE}:
        return media_errors(path, component, attachments)
    if kind in {SEPARATOR, CONTAINER}:
        return []
    return [f"{path}.type: {kind} is not a component of messages."]


def row_errors(path: str, row: Component) -> list[str]:
    """Of an action row: up to five buttons, or one select."""
    kinds = [child.get("type") for child in row.get("components") or []]
    if not kinds:
        return [f"{path}.components: Must be between 1 and 5 in length."]
    if any(kind in SELECTS for kind in kinds):
        return [] if len(kinds) == 1 else [f"{path}.components: A select fills its row."]
    found = [f"{path}.components: Must be between 1 and 5 in length."] if len(kinds) > 5 else []
    return found + [f"{path}.components: {kind} cannot stand in a row." for kind in kinds if kind != BUTTON]


def custom_id_errors(path: str, component: Component) -> list[str]:
    """Of the id that comes back with a press: 1 to 100 characters."""
    value = component.get("custom_id")
    if not isinstance(value, str) or not 1 <= len(value) <= 100:
        return [f"{path}.custom_id: Must be between 1 and 100 in length."]
    return []


def button_errors(path: str, button: Component) -> list[str]:
    """Of a button: its style says whether it has a custom id, an address or neither."""
    style = button.get("style")
    found = []
    if len(button.get("label") or "") > 80:
        found.append(f"{path}.label: Must be 80 or fewer in length.")
    if style in {1, 2, 3, 4}:
        if button.get("url"):
            found.append(f"{path}.url: A button with a custom id has no url.")
        if not button.get("label") and not button.get("emoji"):
            found.append(f"{path}.label: A button needs a label or an emoji.")
        return found + custom_id_errors(path, button)
    if style == 5:
        url = button.get("url") or ""
        if not url.startswith(("http://", "https://", "discord://")) or len(url) > 512:
            found.append(f"{path}.url: Must be an address of at most 512 characters.")
        if button.get("custom_id"):
            found.append(f"{path}.custom_id: A link has no custom id.")
        return found
    return found if style == 6 and button.get("sku_id") else [*found, f"{path}.style: Must be between 1 and 6."]


def text_errors(path: str, holder: Component, name: str, low: int, high: int) -> list[str]:
    """Of one text of a component, which may be missing where `low` is 0."""
    if low <= len(holder.get(name) or "") <= high:
        return []
    return [f"{path}.{name}: Must be between {low} and {high} in length."]


def option_errors(path: str, options: Sequence[Component], low: int, high: int) -> list[str]:
    """Of the options of a select, a radio group or a group of checkboxes."""
    found = [] if low <= len(options) <= high else [f"{path}: Must be between {low} and {high} in length."]
    for n, option in enumerate(options):
        found += text_errors(f"{path}.{n}", option, "label", 1, 100)
        found += text_errors(f"{path}.{n}", option, "value", 1, 100)
        found += text_errors(f"{path}.{n}", option, "description", 0, 100)
    values = [option.get("value") for option in options]
    if len(set(values)) < len(values):
        found.append(f"{path}: The values must differ.")
    return found


def bound_errors(path: str, component: Component, high: int) -> list[str]:
    """Of how many values may be chosen."""
    least, most = component.get("min_values"), component.get("max_values")
    least, most = 1 if least is None else least, 1 if most is None else most
    if 0 <= least <= high and 1 <= most <= high and least <= most:
        return []
    return [f"{path}.min_values: Must be at most max_values, and both at most {high}."]


def select_errors(path: str, select: Component) -> list[str]:
    """Of a select of any kind; only the one of texts carries options."""
    found = custom_id_errors(path, select) + text_errors(path, select, "placeholder", 0, 150)
    if select.get("type") == SELECT:
        options = select.get("options") or []
        found += option_errors(f"{path}.options", options, 1, 25)
        if sum(bool(option.get("default")) for option in options) > (select.get("max_values") or 1):
            found.append(f"{path}.options: More are chosen than may be.")
    return found + bound_errors(path, select, 25)


def section_errors(path: str, section: Component) -> list[str]:
    """Of a section: one to three texts beside a button or a picture."""
    found = []
    children = section.get("components") or []
    if not 1 <= len(children) <= 3:
        found.append(f"{path}.components: Must be between 1 and 3 in length.")
    if any(child.get("type") != TEXT for child in children):
        found.append(f"{path}.components: A section holds texts only.")
    if (section.get("accessory") or {}).get("type") not in {BUTTON, THUMBNAIL}:
        found.append(f"{path}.accessory: Must be a button or a thumbnail.")
    return found


def media_errors(path: str, component: Component, attachments: Collection[str]) -> list[str]:
    """Of pictures and files: each shows an address or a file that the message carries."""
    kind = component.get("type")
    if kind == GALLERY:
        items = component.get("items") or []
        found = [] if 1 <= len(items) <= 10 else [f"{path}.items: Must be between 1 and 10 in length."]
        places = [(f"{path}.items.{n}", item, "media") for n, item in enumerate(items)]
    else:
        found, places = [], [(path, component, "file" if kind == FILE else "media")]
    for place, holder, name in places:
        url = (holder.get(name) or {}).get("url") or ""
        found += text_errors(place, holder, "description", 0, 1024)
        if url.startswith("attachment://"):
            if url.removeprefix("attachment://") not in attachments:
                found.append(f"{place}.{name}.url: {url} is not attached.")
        elif kind == FILE or not url.startswith(("http://", "https://")):
            found.append(f"{place}.{name}.url: Must be an attachment or an address.")
    return found
