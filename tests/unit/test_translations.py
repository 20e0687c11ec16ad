"""The catalogues: all of the code's sentences are in them, each with the same fields and the same code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

from bot import translations as package
from bot.core.houserules import LANGUAGES
from bot.core.language import Languages, plural, say, speaking
from bot.testing import MemoryStore
from bot.translations import translations

PLACE = Path(package.__file__).parent
CODES = [code for code in LANGUAGES if code != "en"]


def catalogue(code: str) -> Catalog:
    with (PLACE / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def in_code() -> set[tuple[object, str | None]]:
    """The sentences of the code, by its syntax tree: what stands inside an f-string the extraction doesn't find."""
    found: set[tuple[object, str | None]] = set()
    for path in PLACE.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                given = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                match getattr(node.func, "attr", getattr(node.func, "id", "")), given:
                    case "say_as", [context, text]:
                        found.add((text, context))
                    case "plural", [one, many]:
                        found.add(((one, many), None))
                    case "say" | "mark", [text]:
                        found.add((text, None))
    return found


def forms(said: object) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(str(each) for each in said)  # type: ignore[attr-defined]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def quoted(text: str, code: str) -> int:
    """How much is quoted in a text, by the marks of its language and by no others."""
    opening, closing = {"en": ("“", "”"), "de": ("„", "“"), "fr": ("«", "»")}[code]
    assert text.count(opening) == text.count(closing), text
    assert not set('“”„«»"') - {opening, closing} & set(text), text
    return text.count(opening)


def _id(message: Message) -> object:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def messages(code: str) -> list[Message]:
    return [message for message in catalogue(code) if message.id]


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_has_the_sentences_of_the_code_and_no_others(code: str) -> None:
    found = {(_id(message), message.context) for message in messages(code)}
    assert found == in_code(), "run bot/translations/refresh"


@pytest.mark.parametrize("code", CODES)
def test_every_sentence_is_translated(code: str) -> None:
    left = [message.id for message in messages(code) if message.fuzzy or not all(forms(message.string))]
    assert left == []


@pytest.mark.parametrize("code", CODES)
def test_a_translation_has_the_fields_and_the_code_of_its_sentence(code: str) -> None:
    for message in messages(code):
        whole = forms(message.id)[-1]
        for translated in forms(message.string):
            assert fields(translated) == fields(whole), message.id
            assert Counter(re.findall(r"`[^`]*`", translated)) == Counter(re.findall(r"`[^`]*`", whole)), message.id
            assert quoted(translated, code) == quoted(whole, "en"), message.id


@pytest.mark.parametrize("code", CODES)
def test_a_translation_ends_and_breaks_as_its_sentence_does(code: str) -> None:
    for message in messages(code):
        whole = forms(message.id)[-1]
        for translated in forms(message.string):
            assert translated.strip() == translated, message.id
            assert "  " not in translated, message.id
            if message.context != "day of a month":  # which German ends with a stop
                assert (translated[-1] in ".?!:…") == (whole[-1] in ".?!:…"), message.id
            assert translated.count("\n") == whole.count("\n"), message.id


def test_dates_numbers_and_lists_are_as_their_language_has_them() -> None:
    german, french = translations("de"), translations("fr")
    assert (german.day(date(2026, 3, 1)), french.day(date(2026, 3, 1))) == ("1. März 2026", "1 mars 2026")
    assert (german.weekday(0), french.weekday(6)) == ("Montag", "dimanche")
    assert (german.month(5), french.month(8)) == ("Mai", "août")
    assert (german.listed(["a", "b", "c"]), french.listed(["a", "b"])) == ("a, b und c", "a et b")
    assert (german.number(1_234_567), german.listed([])) == ("1.234.567", "")
    assert french.number(12_345).replace("\u202f", " ") == "12 345"


def test_a_language_is_loaded_once() -> None:
    assert translations("de") is translations("de")


def test_what_is_filled_in_is_not_read_for_fields() -> None:
    with speaking(translations("de")):
        assert "{group}" in say("Organisers: the group with the id {group}.", group="{group}")


def test_a_sentence_without_a_translation_stays_english() -> None:
    with speaking(translations("fr")):
        assert say("Nothing of the kind is in {place}.", place="a catalogue").startswith("Nothing of the kind")
        assert plural("{number} such thing.", "{number} such things.", 1234).endswith("such things.")


@pytest.mark.parametrize(("chosen", "spoken"), [(None, "fr"), ("de", "de"), ("en", "en"), ("tlh", "fr")])
async def test_a_channel_speaks_what_it_chose_and_else_the_default(chosen: str | None, spoken: str) -> None:
    store = MemoryStore()
    await store.set_setting("w", "general", "language", chosen)
    languages = Languages(store, translations, "fr")
    assert (await languages.of("w", "general")).code == spoken
    assert (await languages.of("w", "random")).code == (await languages.of("other", "general")).code == "fr"
