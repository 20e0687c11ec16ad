"""Databases in a bad state: each gives its own one-sentence error, and nothing is lost."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import URL, text

from bot.errors import StorageBusy, StorageCorrupt, StorageError, StorageFull
from bot.storage.backup import check
from bot.storage.engine import async_engine, file_of, parse_url, sqlite_url, sync_engine
from bot.storage.migrations import current, head
from bot.storage.store import SqlStore
from tests.databases import PostgresqlServer, SqliteFiles
from tests.integration.values import a_request, after


@pytest.fixture
def url(sqlite: SqliteFiles) -> URL:
    return sqlite.migrated()


@pytest.fixture
async def filled(url: URL) -> URL:
    """A file with 200 events, checkpointed into one file."""
    store = await SqlStore.open(url)
    for n in range(200):
        await store.receive(a_request(f"e{n}", text="x" * 200))
    await store.close()
    with closing(sqlite3.connect(file_of(url))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return url


# -- locked -----------------------------------------------------------------------------------------------------------


async def test_a_file_that_another_writes_is_busy_and_then_works(url: URL) -> None:
    store = await SqlStore.open(url, busy_seconds=0.2)
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(StorageBusy, match="busy; try again"):
            await store.receive(a_request())
        assert time.monotonic() - started < 2
        assert await store.reply_to("w1", "e1") is None  # readers don't wait for a writer
        other.execute("COMMIT")
        assert await store.receive(a_request())
    await store.close()


async def test_a_file_that_is_locked_as_a_whole_is_busy_at_the_start(url: URL) -> None:
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusy):
            await SqlStore.open(url, busy_seconds=0.2)


async def test_a_writer_waits_for_a_short_lock(url: URL) -> None:
    store = await SqlStore.open(url)
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        receiving = asyncio.create_task(store.receive(a_request()))
        await asyncio.sleep(0.1)
        assert not receiving.done()
        other.execute("COMMIT")
        assert await receiving
    await store.close()


async def test_a_receive_that_was_given_up_on_leaves_the_store_usable(url: URL) -> None:
    store = await SqlStore.open(url, busy_seconds=1)
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await store.receive(a_request())
        other.execute("COMMIT")
    assert await store.receive(a_request("e2"))
    await store.close()


async def test_a_locked_table_of_postgresql_is_busy(postgresql: PostgresqlServer) -> None:
    url = postgresql.migrated()
    store = SqlStore(async_engine(url, busy_seconds=0.2))
    with sync_engine(url).begin() as other:
        other.execute(text("LOCK TABLE inbox"))
        with pytest.raises(StorageBusy):
            await store.receive(a_request())
    assert await store.receive(a_request())
    await store.close()


async def test_an_error_does_not_carry_what_a_member_wrote(url: URL) -> None:
    store = await SqlStore.open(url, busy_seconds=0.1)
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as other:
        other.execute("DROP TABLE inbox")
        with pytest.raises(StorageError) as raised:
            await store.receive(a_request(text="between us"))
    await store.close()
    assert "INSERT INTO inbox" in str(raised.value.__cause__)
    assert "between us" not in str(raised.value.__cause__)


# -- out of reach -----------------------------------------------------------------------------------------------------


async def test_a_postgresql_that_is_not_there_is_out_of_reach() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = parse_url(f"postgresql://crux:secret@127.0.0.1:{free.getsockname()[1]}/crux")
    with pytest.raises(StorageBusy, match="can't be reached") as raised:
        await SqlStore.open(url)
    assert "secret" not in str(raised.value)


async def test_a_postgresql_without_that_database_says_what_to_check(postgresql: PostgresqlServer) -> None:
    with pytest.raises(StorageError, match=r"does not exist.*check CRUX_DATABASE_URL"):
        await SqlStore.open(postgresql.empty().set(database="nowhere"))


async def test_connections_cut_by_postgresql_are_made_anew(postgresql: PostgresqlServer) -> None:
    url = postgresql.migrated()
    store = SqlStore(async_engine(url))
    assert await store.receive(a_request("e1"))
    postgresql.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'")
    assert await store.receive(a_request("e2"))
    async with store._writer.connect() as held:
        await held.execute(text("SELECT 1"))
        postgresql.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{url.database}'")
        await held.invalidate()
    assert not await store.receive(a_request("e2"))
    await store.close()


# -- can't be written -------------------------------------------------------------------------------------------------


async def test_an_sqlite_file_opened_read_only_can_be_read_and_not_written(filled: URL) -> None:
    url = parse_url(f"sqlite:///file:{file_of(filled)}?mode=ro&uri=true")
    store = await SqlStore.open(url)
    assert await store.reply_to("w1", "e1") is None
    with pytest.raises(StorageFull, match="free some space or make its folder writable"):
        await store.receive(a_request("new"))
    await store.close()


async def test_a_read_only_postgresql_can_not_be_written(postgresql: PostgresqlServer) -> None:
    url = postgresql.migrated()
    postgresql.run(f"ALTER DATABASE {url.database} SET default_transaction_read_only = on")
    store = await SqlStore.open(url)
    with pytest.raises(StorageFull):
        await store.receive(a_request())
    await store.close()


@pytest.mark.parametrize("where", ["a-file/crux.db", "a-folder"])
async def test_a_path_that_can_not_be_a_database_can_not_be_written(tmp_path: Path, where: str) -> None:
    (tmp_path / "a-file").touch()
    (tmp_path / "a-folder").mkdir()
    with pytest.raises(StorageFull, match="can't be written"):
        await SqlStore.open(sqlite_url(tmp_path / where))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "crux-test", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a small file system")
    yield folder
    remount("rw", folder)
    subprocess.run(["umount", folder], check=True)


def remount(how: str, folder: Path) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


async def receive_until_full(store: SqlStore) -> list[str]:
    received: list[str] = []
    for n in range(5_000):
        try:
            await store.receive(a_request(f"e{n}", text="x" * 5_000))
        except StorageFull:
            return received
        received.append(f"e{n}")
    raise AssertionError("the disk never filled")


async def leased_events(store: SqlStore) -> set[str]:
    found = set()
    while (request := await store.lease("a", after(0), 60)) is not None:
        found.add(request.event_id)
    return found


async def test_a_full_disk_loses_nothing_that_was_accepted(small_disk: Path) -> None:
    url = sqlite_url(small_disk / "crux.db")
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 7_000_000)
    store = await SqlStore.open(url)
    try:
        received = await receive_until_full(store)
        ballast.unlink()
        assert received
        assert await leased_events(store) == set(received)
    finally:
        await store.close()
    check(url)


async def test_a_read_only_file_system_can_not_be_written(small_disk: Path) -> None:
    url = sqlite_url(small_disk / "crux.db")
    await (await SqlStore.open(url)).close()
    remount("ro", small_disk)
    with pytest.raises(StorageFull):
        await SqlStore.open(url)


async def limit_pages(store: SqlStore, pages: int) -> None:
    async with store._engine.connect() as connection:
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


async def test_a_file_at_its_size_limit_is_full(url: URL) -> None:
    # The same result code as a full disk, where none can be mounted.
    store = await SqlStore.open(url)
    await limit_pages(store, 80)
    received = await receive_until_full(store)
    await limit_pages(store, 100_000)
    assert await leased_events(store) == set(received)
    await store.close()
    check(url)


# -- corrupt ----------------------------------------------------------------------------------------------------------


async def test_a_file_that_is_no_database_is_corrupt_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "crux.db"
    file.write_bytes(os.urandom(40_000))
    before = file.read_bytes()
    with pytest.raises(StorageCorrupt, match="damaged: put back the newest copy from the backups folder"):
        await SqlStore.open(sqlite_url(file))
    assert file.read_bytes() == before


async def test_a_damaged_header_is_corrupt(filled: URL) -> None:
    with file_of(filled).open("r+b") as file:
        file.write(b"garbage!" * 12)
    with pytest.raises(StorageCorrupt):
        await SqlStore.open(filled)


async def test_damage_in_the_middle_shows_when_it_is_read_or_checked(filled: URL) -> None:
    file = file_of(filled)
    with closing(sqlite3.connect(file)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'inbox'").fetchone()
    data = bytearray(file.read_bytes())
    data[4096 * (root - 1) : 4096 * root] = b"\xa5" * 4096
    file.write_bytes(data)
    with pytest.raises(StorageCorrupt):
        check(filled)
    store = await SqlStore.open(filled)
    with pytest.raises(StorageCorrupt):
        await leased_events(store)
    await store.close()


async def test_a_file_cut_short_is_corrupt(filled: URL) -> None:
    file = file_of(filled)
    os.truncate(file, file.stat().st_size // 2 + 100)
    with pytest.raises(StorageCorrupt):
        check(filled)


# -- killed -----------------------------------------------------------------------------------------------------------

KILLED_IN_A_WRITE = """
import asyncio, os, signal, sys
import numpy as np
from bot.storage.engine import async_engine, parse_url
from bot.storage.store import SqlStore

async def main():
    store = SqlStore(async_engine(parse_url(sys.argv[1])))
    for size in range(1, 100_000, 500):
        await store.keep_vectors(f"m{size}", {f"h{n}": np.ones(384, np.float32) for n in range(size)})
        print(size, flush=True)

asyncio.run(main())
"""

KILLED_IN_AN_UPGRADE = """
import os, signal, sys
from alembic import command
from bot.storage import migrations
from bot.storage.engine import parse_url

upgrade = command.upgrade
def upgrade_and_die(*args):
    upgrade(*args)
    os.kill(os.getpid(), signal.SIGKILL)

command.upgrade = upgrade_and_die
migrations.upgrade(parse_url(sys.argv[1]))
"""


def start(program: str, url: URL) -> subprocess.Popen[str]:
    address = url.render_as_string(hide_password=False)
    return subprocess.Popen([sys.executable, "-c", program, address], stdout=subprocess.PIPE, text=True)


async def test_a_kill_in_the_middle_of_a_write_leaves_a_readable_database(url: URL) -> None:
    with start(KILLED_IN_A_WRITE, url) as writer:
        assert writer.stdout is not None
        sizes = [int(writer.stdout.readline()) for _ in range(3)]
        await asyncio.sleep(0.02)  # into the next write, of over a thousand rows
        writer.kill()
        sizes += [int(line) for line in writer.stdout]
    assert writer.returncode == -signal.SIGKILL
    check(url)
    store = await SqlStore.open(url)
    for size in sizes:
        assert len(await store.vectors(f"m{size}", [f"h{n}" for n in range(size)])) == size
    broken = sizes[-1] + 500
    kept = await store.vectors(f"m{broken}", [f"h{n}" for n in range(broken)])
    assert len(kept) in {0, broken}  # a whole write or none
    await store.keep_vectors("after", {"h": np.ones(3, np.float32)})
    await store.close()


def test_a_kill_in_an_upgrade_leaves_the_old_schema(postgresql: PostgresqlServer, sqlite: SqliteFiles) -> None:
    for url in (postgresql.empty(), sqlite.empty()):
        with start(KILLED_IN_AN_UPGRADE, url) as process:
            process.wait(30)
        assert process.returncode == -signal.SIGKILL
        assert current(url) is None


async def test_after_a_kill_in_an_upgrade_the_next_start_upgrades(sqlite: SqliteFiles) -> None:
    url = sqlite.empty()
    with start(KILLED_IN_AN_UPGRADE, url) as process:
        process.wait(30)
    await (await SqlStore.open(url)).close()
    assert current(url) == head()


async def test_what_is_in_use_when_the_store_is_closed_is_not_left_open(tmp_path: Path) -> None:
    """As by a query that somebody began while the process was being stopped."""
    store = await SqlStore.open(sqlite_url(tmp_path / "crux.db"))

    async def asks() -> None:
        async with store._engine.connect() as connection:
            asked.set()
            await connection.exec_driver_sql("SELECT 1")
            await asyncio.sleep(0.05)

    asked = asyncio.Event()
    asking = asyncio.create_task(asks())
    await asked.wait()
    await store.close()
    assert asking.done()
    await asking
    del asking
    gc.collect()  # warns of a connection that is left open, which is an error here
