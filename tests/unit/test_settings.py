"""Settings: their meaning, where their values come from, and the page that documents them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.checking import settings_table
from bot.errors import ConfigurationError
from bot.settings import Settings, describe, load

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, field in Settings.model_fields.items():
        monkeypatch.delenv(
            field.validation_alias if isinstance(field.validation_alias, str) else f"CRUX_{name.upper()}", raising=False
        )
    monkeypatch.chdir(tmp_path)


def sources(settings: Settings) -> dict[str, tuple[str, str]]:
    return {one.variable: (one.value, one.source) for one in describe(settings)}


def test_every_setting_says_what_it_means() -> None:
    assert all(one.meaning.endswith(".") for one in describe(load()))


def test_a_value_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CRUX_TOPIC=from-file\nCRUX_MODEL=from-file\nCRUX_MODEL_KEY=abc\n", encoding="utf-8")
    monkeypatch.setenv("CRUX_MODEL", "from-environment")
    found = sources(load())
    assert found["CRUX_TOPIC"] == ("from-file", ".env")
    assert found["CRUX_MODEL"] == ("from-environment", "environment")
    assert found["CRUX_ENCODER"] == ("bundled", "default")
    assert found["CRUX_MODEL_KEY"] == ("(set, hidden)", ".env")
    assert found["OPENAI_API_KEY"] == ("", "default")


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CRUX_MODEL_KEY", "OPENAI_API_KEY", "CRUX_ENCODER_KEY"):
        monkeypatch.setenv(variable, "s3cret")
    monkeypatch.setenv("CRUX_DATABASE_URL", "postgresql://me:s3cret@host/crux")
    monkeypatch.setenv("CRUX_MODEL_URL", "http://me:s3cret@host/v1")
    shown = str(describe(load()))
    assert "s3cret" not in shown
    assert "http://(hidden)@host/v1" in shown


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CRUX_MODEL_KEY", "OPENAI_API_KEY", "CRUX_MODEL_URL", "CRUX_TEMPERATURE"):
        monkeypatch.setenv(variable, "")
    assert not load().has_model
    assert sources(load())["CRUX_TEMPERATURE"] == ("", "default")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("CRUX_ENCODER", "big"), ("CRUX_REPLY_WORDS", "many"), ("CRUX_MODEL_RETRIES", "-1"), ("CRUX_TEMPERATURE", "9")],
)
def test_a_value_that_can_not_be_used_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=f"^{variable} is not usable: "):
        load()


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"CRUX_TOPIC=\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"\.env"):
        load()


def test_the_documentation_lists_every_setting_as_it_is() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert settings_table() in page, "run `crux config --markdown` and put its table into docs/settings.md"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC"])
def test_a_time_zone_is_one_that_there_is(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("CRUX_TIME_ZONE", zone)
    assert load().time_zone == zone


@pytest.mark.parametrize("zone", ["Europe", "Berlin", "UTC+2", "../UTC", "x\ny"])
def test_what_is_no_time_zone_is_refused(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("CRUX_TIME_ZONE", zone)
    with pytest.raises(ConfigurationError, match="CRUX_TIME_ZONE is not usable: there is no such time zone"):
        load()
