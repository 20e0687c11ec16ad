"""docs/models.md names settings and template values that exist, and all of those that concern the model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bot.settings import Settings
from bot.writing.material import values_of
from tests.ferry import assignment

TEXT = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")


def test_every_setting_that_is_named_exists() -> None:
    named = {name.lower() for name in re.findall(r"\bCRUX_([A-Z_]+)\b", TEXT)}
    assert named <= set(Settings.model_fields)


def test_every_setting_of_the_model_is_explained() -> None:
    concerned = {name for name in Settings.model_fields if name.startswith(("model", "breaker_"))}
    concerned |= {"structured_output", "reasoning_effort", "max_output_tokens", "judge", "prompts"}
    assert [name for name in concerned if f"CRUX_{name.upper()}" not in TEXT] == []


def test_the_default_model_is_the_one_described() -> None:
    assert f"The default model is `{Settings.model_fields['model'].default}`" in TEXT


def test_every_value_that_templates_may_use_is_listed() -> None:
    values: dict[str, Any] = values_of(assignment(), 220)
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", TEXT, re.MULTILINE))
    assert set(values) | {"faults", "pairs"} <= set(rows)
    for name, parts in (("topic", values["topic"]), ("view", values["view"]), ("steps", values["steps"][0])):
        assert [part for part in parts if f"`{part}`" not in rows[name]] == []
