"""The operator's log: one line an event, and nothing in it that is a member's or a secret."""

from __future__ import annotations

import json
import logging

import pytest

from bot.errors import BadInput, ConfigurationError, MapError
from bot.logs import OneLine, set_up


def logged(failure: BaseException | None, *, whole: bool = False) -> str:
    info = (type(failure), failure, failure.__traceback__) if failure is not None else None
    record = logging.LogRecord("bot.part", logging.ERROR, __file__, 1, "it failed:\n\x1b]0;event=%s", ("e1",), info)
    return OneLine(whole=whole).format(record)


def failed(error: Exception) -> Exception:
    """The error as it is once it was raised: with its place."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_an_event_is_one_line() -> None:
    assert logged(None).endswith("ERROR bot.part: it failed: ]0;event=e1")


def test_of_an_exception_only_type_and_place_are_told() -> None:
    line = logged(failed(ValueError("a member's words")))
    assert "(ValueError at " in line
    assert "test_logs.py:" in line
    assert "member's words" not in line
    assert "\n" not in line


def test_our_own_errors_may_speak_unless_they_quote_a_member() -> None:
    assert "(MapError: a.yaml:3: remedy)" in logged(failed(MapError("a.yaml:3: remedy")))
    assert "words" not in logged(failed(BadInput("“words” is not a stance")))


def test_debug_shows_the_whole_traceback() -> None:
    assert "Traceback" in logged(failed(ValueError("words")), whole=True)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("level", ["info", "debug"])
@pytest.mark.parametrize(
    "secret",
    [
        "wss://wss-primary.slack.com/link/?ticket={}&app_id=A1",
        "Bearer xoxb-1-2-{}",
        "xapp-1-A1-{}",
        "xoxe.xoxb-1-{}",
    ],
)
def test_what_lets_in_is_in_no_line(capsys: pytest.CaptureFixture[str], as_json: bool, level: str, secret: str) -> None:
    set_up(level, as_json=as_json)
    said = f"408, url='{secret.format('5ecret-5ecret')}'"
    failure = failed(ValueError(said))
    logging.getLogger("library").error("Failed to connect (error: %s); Retrying...", said, exc_info=failure)
    line = capsys.readouterr().err
    assert "5ecret" not in line
    assert "Failed to connect (error: 408, url='" in line
    assert "; Retrying" in line


def test_levels_are_for_crux_and_libraries_only_warn(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("info")
    logging.getLogger("bot.core").info("ours")
    logging.getLogger("library").info("theirs")
    logging.getLogger("library").warning("their warning")
    shown = capsys.readouterr().err
    assert "ours" in shown
    assert "theirs" not in shown
    assert "their warning" in shown


def test_an_unknown_level_is_named() -> None:
    with pytest.raises(ConfigurationError, match="CRUX_LOG_LEVEL"):
        set_up("loud")


def test_for_machines_a_line_is_an_object_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("INFO", as_json=True)
    logging.getLogger("bot.x").info("a post is held: workspace=%s post=%s (%s)", "w1", "p1", "gone\nfor good")
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert {name: found[name] for name in ("level", "logger", "workspace", "post")} == {
        "level": "INFO",
        "logger": "bot.x",
        "workspace": "w1",
        "post": "p1",
    }
    assert found["message"] == "a post is held: workspace=w1 post=p1 (gone\nfor good)"
    assert found["time"].endswith("+00:00")


def test_for_machines_too_an_exception_s_words_stay_out(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("INFO", as_json=True)
    failure = ValueError("what ann said")
    logging.getLogger("bot.x").error("it failed", exc_info=failure)
    assert "what ann said" not in (shown := capsys.readouterr().err)
    assert json.loads(shown)["failure"] == "ValueError"


def test_no_field_of_a_message_takes_the_place_of_the_line_s_own(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("INFO", as_json=True)
    logging.getLogger("bot.x").info("level=%s", "EVIL")
    assert json.loads(capsys.readouterr().err)["level"] == "INFO"
