"""Migrations: up and down on both engines, the same as the models, and what opening a database does."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, UniqueConstraint, inspect, text, update
from sqlalchemy.exc import IntegrityError

from bot.core.kept import Endorsement
from bot.core.positions import Stance
from bot.errors import SchemaTooNew, StorageCorrupt, StorageError, StorageFull
from bot.storage import migrations
from bot.storage.backup import KEPT, back_up, backups_folder, check, prune
from bot.storage.engine import file_of, is_sqlite, parse_url, sqlite_url, sync_engine
from bot.storage.migrations import current, downgrade, head, revisions, upgrade
from bot.storage.models import Base, PositionRow
from bot.storage.stats import stats
from bot.storage.store import SqlStore
from tests.conftest import Databases
from tests.databases import PostgresqlServer, SqliteFiles
from tests.integration.values import a_position, a_reply, a_request, after


def tables(url: URL) -> set[str]:
    with sync_engine(url).connect() as connection:
        return set(inspect(connection).get_table_names())


def run(url: URL, statement: str) -> None:
    with sync_engine(url).begin() as connection:
        connection.execute(text(statement))


NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "0010", "0009", None, None


def upgrade():
    with op.batch_alter_table("replies") as replies:
        replies.add_column(sa.Column("mood", sa.Text(), nullable=False, server_default="calm"))
    op.create_table("moods", sa.Column("mood", sa.Text(), primary_key=True))


def downgrade():
    op.drop_table("moods")
    with op.batch_alter_table("replies") as replies:
        replies.drop_column("mood")
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Makes this code one version newer, by a migration that alters a table which another refers to."""
    newer = tmp_path / "alembic"
    shutil.copytree(migrations.folder(), newer, ignore=shutil.ignore_patterns("__pycache__"))
    (newer / "versions" / "0010_moods.py").write_text(NEXT)
    monkeypatch.setattr(migrations, "folder", lambda: newer)
    revisions.cache_clear()
    yield newer
    revisions.cache_clear()


async def endorsed(store: SqlStore) -> None:
    request = a_request()
    await store.receive(request)
    await store.lease("a", after(0), 60)
    await store.finish(request, "a", a_reply(request))
    await store.endorse("w1", "reply-e1", "ada", Endorsement.SIGNED, after(1))


def test_revisions_are_read_from_file_names_as_alembic_reads_them() -> None:
    script = ScriptDirectory(str(migrations.folder()))
    assert script.get_heads() == [head()]
    assert sorted(each.revision for each in script.walk_revisions()) == list(revisions())


def test_up_and_down_and_up(databases: Databases) -> None:
    url = databases.empty()
    assert upgrade(url) == migrations.Upgrade(None, head(), None)
    assert current(url) == head()
    assert tables(url) == set(Base.metadata.tables) | {"alembic_version"}
    downgrade(url)
    assert current(url) is None
    assert tables(url) == {"alembic_version"}
    upgrade(url)
    assert tables(url) == set(Base.metadata.tables) | {"alembic_version"}


def test_migrations_make_what_the_models_say(migrated: URL) -> None:
    with sync_engine(migrated).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        # What Alembic doesn't compare: the checks, and the primary keys' columns and order.
        database = inspect(connection)
        for table in Base.metadata.sorted_tables:
            checks = {str(found["name"]) for found in database.get_check_constraints(table.name)}
            assert checks == {str(c.name) for c in table.constraints if type(c).__name__ == "CheckConstraint"}
            keys = database.get_pk_constraint(table.name)["constrained_columns"]
            assert keys == [column.name for column in table.primary_key]


def test_the_workspace_leads_every_key_but_of_what_has_none() -> None:
    others = {"vectors": {"model_id"}, "install_states": {"state"}}
    for table in Base.metadata.sorted_tables:
        keys = [table.primary_key, *(c for c in table.constraints if isinstance(c, UniqueConstraint))]
        first = {next(iter(key.columns)).name for key in keys}
        assert first == others.get(table.name, {"workspace_id"})
        assert not [index for index in table.indexes if index.unique]


async def test_positions_can_not_be_changed_only_deleted(sql_store: SqlStore) -> None:
    await sql_store.add_position(a_position())
    with pytest.raises(IntegrityError, match="append-only"):
        async with sql_store._writer.begin() as connection:
            await connection.execute(update(PositionRow).values(stance="disagree"))
    assert list(await sql_store.position_history("w1", "ada")) == [a_position()]
    async with sql_store._writer.begin() as connection:
        await connection.execute(text("DELETE FROM positions"))
    assert list(await sql_store.position_history("w1", "ada")) == []


async def test_from_0001_and_back_positions_and_members_are_what_they_were(databases: Databases) -> None:
    url = databases.empty()
    upgrade(url)
    downgrade(url, "0001")
    columns = "workspace_id, ordinal, member_id, topic, claim_id, claim_version, stance, at, reason, crux, public"
    at = "2026-03-01 12:00:00.000000" + ("" if is_sqlite(url) else "+00")
    for n, (member, stance) in enumerate((("ada", "agree"), ("ada", "disagree"), ("bo", "unsure"))):
        values = f"'w1', '{n}', '{member}', 't', 'MI-04', 1, '{stance}', '{at}', NULL, false, true"
        run(url, f"INSERT INTO positions ({columns}) VALUES ({values})")
    inbox = "workspace_id, event_id, ordinal, channel_id, member_id, member_name, text, received_at, state, attempts"
    for n, name in enumerate(("Ada", "Ada L.", "")):
        values = f"'w1', 'e{n}', '{n}', 'c1', 'ada', '{name}', '', '{at.replace('12:00:00', f'12:00:0{n}')}', 'done', 1"
        run(url, f"INSERT INTO inbox ({inbox}) VALUES ({values})")
    upgrade(url)
    store = await SqlStore.open(url)
    assert [position.stance for position in await store.position_history("w1", "ada")] == [
        Stance.AGREE,
        Stance.DISAGREE,
    ]
    record = await store.member_record("w1", "ada")
    assert (record.name, record.first_seen, record.last_seen) == ("Ada L.", after(0), after(2))
    with pytest.raises(IntegrityError, match="append-only"):
        async with store._writer.begin() as connection:
            await connection.execute(update(PositionRow).values(stance="disagree"))
    await store.add_position(a_position(9, topic="t", stance=None))
    await store.add_position(a_position(10, topic="t", stance=Stance.UNSURE))
    await store.add_position(a_position(11, topic="t", member="bo", stance=None))
    await store.close()
    downgrade(url, "0001")
    with sync_engine(url).connect() as connection:
        left = connection.execute(text("SELECT member_id, stance FROM positions")).all()
    assert [tuple(row) for row in left] == [("ada", "unsure")]
    with pytest.raises(IntegrityError, match="append-only"):
        run(url, "UPDATE positions SET stance = 'agree'")
    with pytest.raises(IntegrityError, match="stance"):
        run(url, f"INSERT INTO positions ({columns}) SELECT {columns.replace('stance', 'NULL')} FROM positions")


async def test_endorsements_go_with_their_reply(sql_store: SqlStore) -> None:
    await endorsed(sql_store)
    async with sql_store._writer.begin() as connection:
        await connection.execute(text("DELETE FROM replies"))
    assert await sql_store.endorsements("w1", "reply-e1") == {Endorsement.SIGNED: 0, Endorsement.NOT_MINE: 0}


async def test_opening_an_sqlite_file_makes_it_and_its_folder(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "not" / "there" / "crux.db")
    store = await SqlStore.open(url)
    assert await store.receive(a_request())
    await store.close()
    file = file_of(url)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert not backups_folder(url).exists()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    reopened = await SqlStore.open(url)
    assert not await reopened.receive(a_request())
    await reopened.close()


async def test_each_connection_is_durable_and_checks_foreign_keys(sqlite: SqliteFiles) -> None:
    store = await SqlStore.open(sqlite.migrated())
    async with store._engine.connect() as connection:
        found = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("synchronous", "foreign_keys", "journal_mode")
        ]
    await store.close()
    assert found == [2, 1, "wal"]  # 2 is FULL


async def test_opening_postgresql_changes_nothing_and_says_what_to_do(postgresql: PostgresqlServer) -> None:
    url = postgresql.empty()
    with pytest.raises(StorageError, match="no Crux tables yet; run `crux db upgrade`"):
        await SqlStore.open(url)
    assert tables(url) == set()
    upgrade(url)
    store = await SqlStore.open(url)
    assert await store.receive(a_request())
    await store.close()


async def test_postgresql_of_an_older_version_is_left_for_the_operator(
    postgresql: PostgresqlServer, request: pytest.FixtureRequest
) -> None:
    url = postgresql.migrated()
    request.getfixturevalue("next_version")
    with pytest.raises(StorageError, match="at version 0009 and this Crux needs 0010; run `crux db upgrade`"):
        await SqlStore.open(url)
    assert "moods" not in tables(url)


async def test_an_upgrade_keeps_what_is_there(migrated: URL, request: pytest.FixtureRequest) -> None:
    store = await SqlStore.open(migrated)
    await endorsed(store)
    await store.close()
    request.getfixturevalue("next_version")
    done = upgrade(migrated)
    assert (done.before, done.after) == ("0009", "0010")
    assert (done.backup is not None) == is_sqlite(migrated)
    store = await SqlStore.open(migrated)
    assert await store.reply("w1", "reply-e1") == a_reply(a_request())
    assert (await store.endorsements("w1", "reply-e1"))[Endorsement.SIGNED] == 1
    await store.close()
    downgrade(migrated, "0009")
    assert "moods" not in tables(migrated)
    with sync_engine(migrated).connect() as connection:
        assert connection.execute(text("SELECT reply_id FROM endorsements")).scalar() == "reply-e1"


async def test_a_newer_database_is_left_alone(migrated: URL) -> None:
    run(migrated, "UPDATE alembic_version SET version_num = '9999'")
    before = tables(migrated)
    with pytest.raises(SchemaTooNew, match="newer Crux"):
        await SqlStore.open(migrated)
    with pytest.raises(SchemaTooNew):
        upgrade(migrated)
    assert tables(migrated) == before


def test_two_upgrades_at_once_run_one_after_the_other(databases: Databases) -> None:
    url = databases.empty()
    with ThreadPoolExecutor(2) as pool:
        done = sorted(each.before or "" for each in pool.map(upgrade, [url, url]))
    assert done == ["", head()]
    assert tables(url) == set(Base.metadata.tables) | {"alembic_version"}


def test_an_upgrade_that_fails_changes_nothing(databases: Databases) -> None:
    url = databases.empty()
    run(url, "CREATE TABLE vectors (other TEXT)")
    with pytest.raises(Exception, match="already exists"):
        upgrade(url)
    assert tables(url) == {"vectors"}
    assert current(url) is None


# -- backups ----------------------------------------------------------------------------------------------------------


async def test_opening_an_older_sqlite_file_upgrades_it_after_a_backup(
    sqlite: SqliteFiles, request: pytest.FixtureRequest
) -> None:
    url = sqlite.migrated()
    store = await SqlStore.open(url)
    await endorsed(store)
    await store.close()
    request.getfixturevalue("next_version")
    await (await SqlStore.open(url)).close()
    assert "moods" in tables(url)
    (copy,) = backups_folder(url).iterdir()
    assert copy.name.endswith("-0009.db")
    assert tables(sqlite_url(copy)) == set(Base.metadata.tables) | {"alembic_version"}
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT event_id FROM replies").fetchall() == [("e1",)]


def test_no_upgrade_without_its_backup(sqlite: SqliteFiles, request: pytest.FixtureRequest) -> None:
    url = sqlite.migrated()
    backups_folder(url).write_text("a file where the folder should be")
    request.getfixturevalue("next_version")
    with pytest.raises(StorageFull, match="can't be written"):
        upgrade(url)
    assert current(url) == "0009"


async def test_a_backup_is_whole_while_others_write(sqlite: SqliteFiles, tmp_path: Path) -> None:
    url = sqlite.migrated()
    store = await SqlStore.open(url)
    for n in range(50):
        await store.receive(a_request(f"e{n}"))
    async with store._writer.begin() as connection:
        await connection.execute(text("DELETE FROM inbox"))
        copy = back_up(url, tmp_path / "copies")  # sees what is committed, and doesn't wait for the writer
    await store.close()
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as taken:
        assert taken.execute("SELECT count(*) FROM inbox").fetchone() == (50,)
        assert taken.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_the_newest_few_backups_of_upgrades_and_all_made_by_hand_are_kept(sqlite: SqliteFiles, tmp_path: Path) -> None:
    url = sqlite.migrated()
    by_hand = back_up(url, tmp_path)
    copies = [back_up(url, tmp_path, label="0001") for _ in range(KEPT + 2)]
    prune(tmp_path)
    assert set(tmp_path.iterdir()) == {*copies[2:], by_hand}


def test_a_damaged_file_is_not_backed_up(sqlite: SqliteFiles, tmp_path: Path) -> None:
    url = sqlite.migrated()
    file = file_of(url)
    data = bytearray(file.read_bytes())
    data[8192:16384] = b"\xa5" * 8192
    file.write_bytes(data)
    with pytest.raises(StorageCorrupt):
        back_up(url, tmp_path / "copies")
    assert list((tmp_path / "copies").iterdir()) == []
    with pytest.raises(StorageCorrupt):
        check(url)


def test_postgresql_is_backed_up_by_its_own_tools(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="pg_dump"):
        back_up(parse_url("postgresql://localhost/crux"), tmp_path)


# -- stats ------------------------------------------------------------------------------------------------------------


async def test_stats_count_what_is_there(migrated: URL) -> None:
    store = await SqlStore.open(migrated)
    for n, workspace in enumerate(("w1", "w1", "w2", "w2")):
        await store.receive(a_request(f"e{n}", workspace=workspace, at=n))
    done = a_request("e0")
    await store.lease_this(done, "a", after(0), 60)
    await store.finish(done, "a", a_reply(done))
    await store.lease("a", after(0), 60)
    await store.lease("b", after(60), 60)
    await store.close()
    found = stats(migrated)
    assert (found.engine, found.revision) == (migrated.get_backend_name(), head())
    assert (found.waiting, found.leased, found.workspaces, found.most_attempts) == (2, 1, 2, 2)
    assert found.oldest_open == after(1)
    assert found.rows["inbox"] == 4
    assert found.rows["replies"] == 1
    assert set(found.rows) == set(Base.metadata.tables)
    assert found.bytes > 10_000


def test_stats_of_a_database_without_tables_say_what_to_do(databases: Databases) -> None:
    url = databases.empty()
    with pytest.raises(StorageError, match="no Crux tables yet"):
        stats(url)
    assert not is_sqlite(url) or not file_of(url).exists()
