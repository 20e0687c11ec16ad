"""Addresses of databases, as operators type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from bot.storage.engine import file_of, is_sqlite, parse_url, sqlite_url


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://crux:s%40cret@db:5433/crux?sslmode=require",
        "postgres://crux:s%40cret@db:5433/crux?sslmode=require",
        "postgresql+asyncpg://crux:s%40cret@db:5433/crux?sslmode=require",
        " postgresql+psycopg://crux:s%40cret@db:5433/crux?sslmode=require\n",
    ],
)
def test_postgresql_is_reached_by_psycopg_whatever_the_address_says(address: str) -> None:
    url = parse_url(address)
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port, url.database) == ("crux", "s@cret", "db", 5433, "crux")
    assert url.query == {"sslmode": "require"}
    assert not is_sqlite(url)


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("sqlite:////var/lib/crux/crux.db", "/var/lib/crux/crux.db"),
        ("sqlite:///crux.db", "crux.db"),
        ("sqlite+aiosqlite:///crux.db", "crux.db"),
        ("sqlite+pysqlite:///crux.db", "crux.db"),
        ("sqlite:///file:/var/crux.db?mode=ro&uri=true", "/var/crux.db"),
    ],
)
def test_sqlite_files(address: str, file: str) -> None:
    url = parse_url(address)
    assert url.drivername == "sqlite+aiosqlite"
    assert file_of(url) == Path(file)
    assert is_sqlite(url)


@pytest.mark.parametrize("path", ["/data/crux.db", "/a folder/ü?#%40@:.db"])
def test_the_address_of_a_path_is_that_path(path: str) -> None:
    assert file_of(sqlite_url(Path(path))) == Path(path)


@pytest.mark.parametrize(
    "address", ["", "crux.db", "mysql://crux@db/crux", "sqlite://", "sqlite:///:memory:", "oracle+x://", "://"]
)
def test_any_other_address_says_what_is_taken(address: str) -> None:
    with pytest.raises(ConfigurationError, match="CRUX_DATABASE_URL takes postgresql://"):
        parse_url(address)


def test_an_address_that_is_refused_does_not_show_its_password() -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_url("mysql://crux:hunter2@db/crux")
    assert "hunter2" not in str(raised.value)
