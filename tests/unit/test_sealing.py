"""Keys: the newest seals, each opens, and without any there is one sentence that says what to do."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.secrets import seal_anew
from bot.errors import ConfigurationError
from bot.sealing import KEY_FILE, Sealing, new_key
from bot.settings import load
from bot.testing import ManualClock, MemoryStore

OLD, NEW, OTHER = new_key(), new_key(), new_key()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=500))
def test_what_is_sealed_opens_again(tmp_path: Path, data: bytes) -> None:
    sealed = Sealing(tmp_path, [NEW]).seal(data)
    assert Sealing(tmp_path, [NEW]).open(sealed) == data
    assert len(data) < 9 or data not in sealed
    assert list(tmp_path.iterdir()) == []


def test_the_newest_key_seals_and_older_ones_open(tmp_path: Path) -> None:
    old = Sealing(tmp_path, [OLD]).seal(b"token")
    both = Sealing(tmp_path, [NEW, OLD])
    assert both.open(old) == b"token"
    assert Sealing(tmp_path, [NEW]).open(both.seal(b"token")) == b"token"


def test_no_key_that_fits_is_one_sentence(tmp_path: Path) -> None:
    sealed = Sealing(tmp_path, [OLD]).seal(b"token")
    for sealing in (Sealing(tmp_path, [NEW, OTHER]), Sealing(tmp_path)):
        with pytest.raises(ConfigurationError, match=r"^No key opens the tokens .* installed again\.$"):
            sealing.open(sealed)
    with pytest.raises(ConfigurationError, match="No key opens"):
        Sealing(tmp_path, [OLD]).open(sealed[:-3] + b"abc")
    assert list(tmp_path.iterdir()) == []


def test_without_the_setting_a_key_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    sealed = Sealing(tmp_path).seal(b"token")
    (file,) = tmp_path.iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == (KEY_FILE, 0o600)
    assert Sealing(tmp_path).open(sealed) == b"token"
    assert Sealing(tmp_path, [NEW]).open(sealed) == b"token"  # what the file's key sealed stays readable
    file.write_text(f"{OTHER}\n{file.read_text()}")
    anew = Sealing(tmp_path).seal(b"token")
    file.write_text(OTHER)
    assert Sealing(tmp_path).open(anew) == b"token"
    with pytest.raises(ConfigurationError):
        Sealing(tmp_path).open(sealed)


def test_of_many_who_make_a_key_file_one_does(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda n: Sealing(tmp_path).seal(bytes([n])), range(16)))
    assert [Sealing(tmp_path).open(each) for each in sealed] == [bytes([n]) for n in range(16)]
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


@pytest.mark.parametrize("key", ["secret", "", "ü" * 44, "A" * 42])
def test_a_key_that_is_none_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^CRUX_SECRET_KEYS has a key that is none; `crux secrets new`"):
        Sealing(tmp_path, [key])
    (tmp_path / KEY_FILE).write_text(key or "x")
    with pytest.raises(ConfigurationError, match=r"secrets\.key has a key that is none"):
        Sealing(tmp_path).seal(b"token")


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="can't be written"):
        Sealing(tmp_path / "not there").seal(b"token")


def test_the_setting_takes_several_keys_and_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRUX_SECRET_KEYS", f"{NEW}, {OLD}")
    found = load()
    assert [key.get_secret_value() for key in found.secret_keys] == [NEW, OLD]
    assert NEW not in repr(found)


async def test_rotating_seals_all_anew_and_counts_what_no_key_opens(tmp_path: Path) -> None:
    store, at = MemoryStore(), ManualClock().now()
    for n, key in enumerate((OLD, NEW, OLD, OTHER)):
        await store.keep_installation(f"w{n}", "bot", Sealing(tmp_path, [key]).seal(bytes([n])), at)
    assert await seal_anew(store, Sealing(tmp_path, [NEW, OLD])) == (3, 1)
    only_new = Sealing(tmp_path, [NEW])
    opened = [only_new.open(part.sealed) for part in (await store.all_installations())[:3]]
    assert opened == [b"\0", b"\1", b"\2"]


async def test_rotating_keeps_what_is_saved_meanwhile(tmp_path: Path) -> None:
    store, at = MemoryStore(), ManualClock().now()
    old, both = Sealing(tmp_path, [OLD]), Sealing(tmp_path, [NEW, OLD])
    await store.keep_installation("w", "bot", old.seal(b"token"), at)
    await store.keep_installation("w", "installer:ann", old.seal(b"ann's"), at)
    all_parts = await store.all_installations()
    await store.keep_installation("w", "bot", old.seal(b"rotated token"), at)
    await store.drop_installation("w", "installer:ann")

    class Late(MemoryStore):
        async def all_installations(self):  # type: ignore[no-untyped-def]
            return all_parts

    late = Late()
    late._installations = store._installations
    assert await seal_anew(late, both) == (1, 0)
    (left,) = await store.all_installations()
    assert Sealing(tmp_path, [NEW]).open(left.sealed) == b"rotated token"
