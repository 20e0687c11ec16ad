"""Handing a member all that is kept of them, and forgetting it: rows, bytes, and again after a backup is put back."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, text

from bot.core.amendments import NewArgument, Words
from bot.core.arguments import RelationKind
from bot.core.assignments import Usage
from bot.core.digest import ClaimFigures, Counts, Digest, Line, Part, Section
from bot.core.kept import Endorsed, Endorsement, Forgotten, Reply, Spent
from bot.core.messages import Message, Paragraph
from bot.core.ports import Store
from bot.core.positions import Stance
from bot.core.proposals import ProposalState
from bot.errors import StorageError
from bot.storage.backup import back_up
from bot.storage.engine import async_engine, file_of, sync_engine
from bot.storage.ledger import Ledger
from bot.storage.models import Base
from bot.storage.store import SqlStore
from tests.databases import PostgresqlServer, SqliteFiles
from tests.integration.values import (
    a_credit,
    a_digest,
    a_position,
    a_prompt,
    a_proposal,
    a_queued,
    a_reply,
    a_request,
    after,
    an_amendment,
)

TOPIC = a_position().topic
SECRET = "ada's own words"
WITH_MEMBERS = {
    "inbox", "replies", "endorsements", "usage", "members", "positions", "published_positions", "credits",
    "proposals", "queue", "prompt_positions", "digest_positions", "installations",
}  # fmt: skip


async def live(store: Store, member: str = "ada", workspace: str = "w1", words: str = SECRET, at: float = 0) -> Reply:
    """Everything that a member can leave behind; the reply that they got."""
    name = member.capitalize()
    request = a_request(f"{member}-{at}", workspace, at=at, member=member, member_name=name, text=words)
    reply = a_reply(request, at=after(at), message=Message((Paragraph(words),)))
    await store.join(workspace, member, name, after(at))
    await store.receive(request)
    await store.lease_this(request, "a", after(at), 60)
    assert await store.finish(request, "a", reply)
    await store.endorse(workspace, reply.id, member, Endorsement.SIGNED, after(at))
    await store.record_usage(workspace, member, after(at), "m", Usage(10, 5, 1))
    for n, stance in enumerate((Stance.AGREE, Stance.DISAGREE)):
        await store.add_position(
            a_position(at + n, workspace=workspace, member=member, stance=stance, reason=words, public=True)
        )
    assert await store.add_credit(a_credit(at + 2, workspace=workspace, member=member, reason=words))
    edit = NewArgument(Words(words, f"Not so: {words}", words), RelationKind.REBUTS, "MI-04")
    await store.propose(a_proposal(f"{member}-{at}", at, workspace=workspace, member=member, edit=edit))
    await store.queue_claim(a_queued(f"{member}-{at}", at, workspace=workspace, member=member))
    await store.keep_installation(workspace, f"installer:{member}-{at}", words.encode(), after(at), member)
    return reply


async def group(store: Store, *members: str, at: float = 0) -> None:
    for member in members:
        await store.add_position(a_position(at, member=member, public=True))


async def publish(store: Store) -> bool:
    return await store.publish("w1", TOPIC, "MI-04", 1, after(100), after(0))


# -- rows, in every store ---------------------------------------------------------------------------------------------


async def test_a_record_has_all_that_is_kept_of_a_member(store: Store) -> None:
    reply = await live(store)
    await live(store, "bo", words="bo's")
    await live(store, workspace="w2", words="elsewhere")
    found = await store.member_record("w1", "ada")
    assert (found.workspace, found.member, found.name) == ("w1", "ada", "Ada")
    assert (found.first_seen, found.last_seen) == (after(0), after(0))
    assert [(p.stance, p.reason) for p in found.positions] == [(Stance.AGREE, SECRET), (Stance.DISAGREE, SECRET)]
    assert found.credits == (a_credit(2, reason=SECRET),)
    assert found.endorsements == (Endorsed(reply.id, Endorsement.SIGNED, after(0)),)
    assert [request.text for request in found.requests] == [SECRET]
    assert found.replies == (reply,)
    assert found.usage == (Spent(after(0), "m", Usage(10, 5, 1)),)
    assert [proposal.edit.words.claim for proposal in found.proposals] == [SECRET]
    assert found.queued == (a_queued("ada-0"),)
    assert found.installed == (after(0),)
    nobody = await store.member_record("w1", "nobody")
    assert (nobody.name, nobody.first_seen, nobody.positions, nobody.requests) == (None, None, (), ())


async def test_forgetting_leaves_nothing_of_a_member_and_all_of_the_others(store: Store) -> None:
    reply = await live(store)
    others = [("w1", "bo"), ("w2", "ada")]
    for workspace, member in others:
        await live(store, member, workspace, words="kept")
    await store.endorse("w1", reply.id, "bo", Endorsement.NOT_MINE, after(9))  # goes with the reply
    before = [await store.member_record(*other) for other in others]
    assert await store.forget("w1", "ada", after(50)) == Forgotten(
        positions=2, credits=1, endorsements=1, requests=1, replies=1, usage=1, proposals=1, queued=1, installed=1
    )
    gone = await store.member_record("w1", "ada")
    assert (gone.name, gone.positions, gone.credits, gone.endorsements, gone.requests, gone.replies, gone.usage) == (
        None, (), (), (), (), (), ()
    )  # fmt: skip
    assert await store.reply("w1", reply.id) is None
    assert await store.tokens_spent("w1", after(0)) == 15
    assert await store.credits("w1", TOPIC) == {"MI-07": 1}
    after_that = [await store.member_record(*other) for other in others]
    assert after_that[1] == before[1]
    assert after_that[0].positions == before[0].positions
    assert [given.reply_id for given in after_that[0].endorsements] == ["reply-bo-0"]
    assert await store.forget("w1", "ada", after(51)) == Forgotten()


async def test_answers_to_others_that_name_the_member_go_too(store: Store) -> None:
    await store.join("w1", "u1", "Ada", after(0))
    await store.receive(a_request("by ada", member="u1", member_name="Ada Löve"))
    shown = {
        "name": "double crux of Ada and Bo",
        "older name": "Ada Löve holds it",
        "id": "<u1> said so",
        "none": "Adamant people, u12 among them",
    }
    for event, words in shown.items():
        for command in ("standing", "steelman", "stand"):
            request = a_request(f"{event} {command}", member="bo")
            await store.receive(request)
            await store.lease_this(request, "a", after(0), 60)
            message = Message((Paragraph(words),), notes=("a note",))
            assert await store.finish(request, "a", a_reply(request, command=command, message=message))
    assert (await store.forget("w1", "u1", after(1))).replies == 3
    left = {reply.event_id for reply in (await store.member_record("w1", "bo")).replies}
    kept = {f"{event} {command}" for event in shown for command in ("steelman", "stand")}
    assert left == {"none standing", *kept}


async def test_a_request_that_is_being_answered_goes_and_its_answer_is_not_stored(store: Store) -> None:
    request = a_request()
    await store.receive(request)
    assert await store.lease_this(request, "a", after(0), 60)
    assert (await store.forget("w1", "ada", after(1))).requests == 1
    assert not await store.finish(request, "a", a_reply(request))
    assert await store.reply_to("w1", request.event_id) is None


async def test_a_snapshot_with_a_forgotten_member_is_hidden_until_enough_others_moved(store: Store) -> None:
    await group(store, "ada", "bo", "cy", "di")
    assert await publish(store)
    assert (await store.forget("w1", "ada", after(1))).withdrawn == ((TOPIC, "MI-04"),)
    assert list(await store.published("w1", TOPIC)) == []
    assert list(await store.published_positions("w1", TOPIC, 10) or ()) == []
    await store.add_position(a_position(2, member="bo", stance=Stance.DISAGREE))
    assert not await publish(store)  # ada and bo
    await store.add_position(a_position(3, member="cy", stance=Stance.DISAGREE))
    assert await publish(store)
    (claim,) = await store.published("w1", TOPIC)
    assert (claim.tally.agree, claim.tally.disagree, claim.tally.members) == (1, 2, 3)


async def test_who_comes_back_after_being_forgotten_moves_nothing(store: Store) -> None:
    await group(store, "ada", "bo", "cy", "di")
    await publish(store)
    for n in range(3):
        await store.forget("w1", "ada", after(10 * n))
        await group(store, "ada", at=10 * n + 1)
        assert not await publish(store)


async def test_the_vote_before_goes_from_every_open_prompt_that_a_forgotten_member_is_in(store: Store) -> None:
    await group(store, "ada", "bo", "cy")
    assert await publish(store)
    prompt = await store.open_prompt(a_prompt(), after(0))
    assert prompt is not None
    assert (await store.votes(prompt)).before is not None
    await store.forget("w1", "di", after(1))
    assert (await store.votes(prompt)).before is not None
    await store.forget("w1", "ada", after(1))
    assert (await store.votes(prompt)).before is None
    assert (await store.prompt("w1", "p1")) == prompt


async def test_forgetting_someone_who_is_in_no_snapshot_hides_none(store: Store) -> None:
    await group(store, "bo", "cy", "di")
    await publish(store)
    await group(store, "ada")
    assert (await store.forget("w1", "ada", after(1))).withdrawn == ()
    assert len(await store.published("w1", TOPIC)) == 1


async def test_nobody_is_left_in_a_snapshot_whatever_runs_beside(store: Store) -> None:
    for n in range(6):
        await group(store, *(f"m{m}" for m in range(8)), at=n)
        await asyncio.gather(
            *(publish(store) for _ in range(3)),
            *(store.forget("w1", f"m{m}", after(n)) for m in range(4)),
            *(group(store, f"n{n}{m}", at=n) for m in range(3)),
        )
        held = {position.member for position in await store.current_positions("w1", TOPIC, "MI-04")}
        found = await store.published_positions("w1", TOPIC, 100)
        assert found is not None
        assert {position.member for position in found} <= held


# -- digests ----------------------------------------------------------------------------------------------------------


async def digested(store: Store, event: str = "d1", **fields: Any) -> Digest:
    """A digest of what is published, whose words have the member's name in them as no digest of Crux's has."""
    figures = (ClaimFigures("MI-04", f"{SECRET} in figures", 1, Counts(3, 4, 3, 0, 0)),)
    sections = (
        Section(Part.MOVED, (Line(f"{SECRET} on it", "MI-04"), Line("of another claim", "MI-05"))),
        Section(Part.PARTICIPATION, (Line("4 of 4 members took part."),)),
    )
    digest = a_digest(event, figures=figures, sections=sections, **fields)
    kept = await store.archive(digest, await store.published("w1", TOPIC))
    assert kept is not None
    return kept


async def test_a_digest_loses_the_figures_that_a_forgotten_member_was_counted_in(store: Store) -> None:
    await group(store, "ada", "bo", "cy")
    await publish(store)
    await digested(store)
    record = await store.member_record("w1", "ada")
    assert [(copy.key, copy.position.claim_id) for copy in record.digests] == [("2026-W09", "MI-04")]
    assert (await store.forget("w1", "ada", after(200))).digests == 1
    left = await store.digest("w1", TOPIC, "2026-W09")
    assert left is not None
    assert (left.hidden, left.figures, left.summary) == (True, (), None)
    assert [line.text for line in left.lines(*Part)] == ["of another claim"]
    assert list(await store.digest_claims("w1", TOPIC, "2026-W09")) == []
    assert list(await store.digest_positions("w1", TOPIC, "2026-W09", 99) or ()) == []
    assert (await store.member_record("w1", "bo")).digests == ()  # of no use without the rest
    assert (await store.forget("w1", "ada", after(201))).digests == 0


async def test_forgetting_who_is_in_no_digest_changes_none(store: Store) -> None:
    await group(store, "ada", "bo", "cy")
    await publish(store)
    kept = await digested(store)
    await group(store, "di")
    assert (await store.forget("w1", "di", after(200))).digests == 0
    assert (await store.forget("w2", "ada", after(200))).digests == 0
    assert await store.digest("w1", TOPIC, "2026-W09") == kept


async def test_answers_that_show_a_digest_go_when_figures_are_taken_out_of_one(store: Store) -> None:
    await group(store, "ada", "bo", "cy")
    await publish(store)
    await digested(store)
    for command in ("postdigest", "readdigest", "listdigests", "standing"):
        request = a_request(command, member="bo")
        await store.receive(request)
        await store.lease_this(request, "a", after(0), 60)
        assert await store.finish(request, "a", a_reply(request, command=command, message=Message((Paragraph("x"),))))
    assert (await store.forget("w1", "ada", after(200))).replies == 2
    left = {reply.command for reply in (await store.member_record("w1", "bo")).replies}
    assert left == {"listdigests", "standing"}


async def test_a_name_that_is_hidden_is_hidden_in_the_copies_of_digests(store: Store) -> None:
    await group(store, "ada", "bo", "cy")
    await publish(store)
    await digested(store)
    await store.add_position(a_position(200, member="ada", public=False))
    held = await store.digest_positions("w1", TOPIC, "2026-W09", 99)
    assert held is not None
    assert [(position.member, position.public) for position in held] == [("ada", False), ("bo", True), ("cy", True)]


async def test_one_event_makes_one_digest_whatever_runs_beside(store: Store) -> None:
    await group(store, "ada", "bo", "cy")
    await publish(store)
    made_of = await store.published("w1", TOPIC)
    same = await asyncio.gather(*(store.archive(a_digest("one"), made_of) for _ in range(4)))
    assert {found.key for found in same if found is not None} == {"2026-W09"}
    assert len(await store.digests("w1", TOPIC)) == 1
    # Of several that were compared with the same one, the first is kept; the others are to be composed again.
    others = await asyncio.gather(*(store.archive(a_digest(f"e{n}", before="2026-W09"), made_of) for n in range(4)))
    assert sorted(found.key for found in others if found is not None) == ["2026-W09-2"]
    await asyncio.gather(
        store.forget("w1", "ada", after(300)), store.archive(a_digest("x", before="2026-W09-2"), made_of)
    )
    for digest in await store.digests("w1", TOPIC):
        held = await store.digest_positions("w1", TOPIC, digest.key, 99)
        assert not [position for position in held or () if position.member == "ada"]


async def test_the_bytes_of_digests_are_gone_too_and_again_after_a_restore(sqlite: SqliteFiles, tmp_path: Path) -> None:
    url = sqlite.migrated()
    store = await SqlStore.open(url, ledger=Ledger(tmp_path))
    await group(store, "zoe-with-an-id", "bo", "cy")
    await publish(store)
    await digested(store)
    await digested(store, "d2", before="2026-W09")
    copy = back_up(url, tmp_path / "copies")
    assert on_disk(url, SECRET)
    assert (await store.forget("w1", "zoe-with-an-id", after(400))).digests == 2
    assert [words for words in (SECRET, "zoe-with-an-id") if on_disk(url, words)] == []
    await store.close()
    shutil.copy(copy, file_of(url))
    store = await SqlStore.open(url, ledger=Ledger(tmp_path))
    assert [digest.hidden for digest in await store.digests("w1", TOPIC)] == [True, True]
    assert [words for words in (SECRET, "zoe-with-an-id") if on_disk(url, words)] == []
    await store.close()


# -- bytes ------------------------------------------------------------------------------------------------------------


def on_disk(url: URL, words: str) -> list[str]:
    """The files of a database that have the words in them, as text or as JSON."""
    folder = file_of(url).parent
    needles = {words.encode(), json.dumps(words)[1:-1].encode()}
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    )


async def test_the_bytes_are_gone_from_the_file_and_its_log(sqlite: SqliteFiles) -> None:
    url = sqlite.migrated()
    with closing(sqlite3.connect(file_of(url))) as careless:  # an older Crux, which deleted without overwriting
        careless.execute("PRAGMA secure_delete=OFF")
        careless.execute("CREATE TABLE old (words TEXT)")
        careless.executemany("INSERT INTO old VALUES (?)", [(f"{SECRET} {n}",) for n in range(300)])
        careless.execute("DELETE FROM old WHERE rowid % 3")
        careless.execute("UPDATE old SET words = ''")
        careless.commit()
    store = await SqlStore.open(url)
    # Rows of several members in turn, so that pages split and move.
    for n in range(15):
        for member in ("zoe", "bo", "cy"):
            await live(store, member, words=f"{SECRET if member == 'zoe' else member} " * 30, at=n * 10)
    assert await publish(store)
    assert on_disk(url, SECRET)
    found = await store.forget("w1", "zoe", after(0))
    assert (found.positions, found.erased) == (30, True)
    assert [words for words in (SECRET, "Zoe", "zoe") if on_disk(url, words)] == []
    assert on_disk(url, "bo bo bo") == ["crux.db"]
    await store.close()
    assert on_disk(url, SECRET) == []


async def test_a_reader_of_old_pages_delays_the_erasing_and_is_told(
    sqlite: SqliteFiles, caplog: pytest.LogCaptureFixture
) -> None:
    url = sqlite.migrated()
    store = SqlStore(async_engine(url, busy_seconds=0.1))
    await live(store)
    with closing(sqlite3.connect(file_of(url))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM positions").fetchone()
        found = await store.forget("w1", "ada", after(9))
        assert (found.positions, found.erased) == (2, False)
        assert (await store.member_record("w1", "ada")).positions == ()
        assert reader.execute("SELECT count(*) FROM positions").fetchone() == (2,)
    assert "still has deleted rows" in caplog.text
    assert (await store.forget("w1", "ada", after(10))).erased
    assert on_disk(url, SECRET) == []
    await store.close()


async def test_postgresql_frees_the_space_of_every_table_that_names_a_member(postgresql: PostgresqlServer) -> None:
    url = postgresql.migrated()
    store = await SqlStore.open(url)
    await live(store)
    assert (await store.forget("w1", "ada", after(9))).erased
    await store.close()
    query = text("SELECT relname FROM pg_stat_user_tables WHERE last_vacuum IS NOT NULL")
    for _ in range(50):  # the server's statistics come a moment later
        with sync_engine(url).connect() as connection:
            vacuumed = set(connection.scalars(query))
        if vacuumed >= WITH_MEMBERS:
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"only {sorted(vacuumed)} were vacuumed")


# -- the ledger -------------------------------------------------------------------------------------------------------


async def test_a_backup_that_is_put_back_forgets_again(sqlite: SqliteFiles, tmp_path: Path) -> None:
    url, ledger = sqlite.migrated(), Ledger(tmp_path)
    store = await SqlStore.open(url, ledger=ledger)
    await live(store)
    await live(store, "bo", words="kept")
    await live(store, workspace="w2", words="elsewhere")
    await group(store, "cy")
    assert await publish(store)
    copy = back_up(url, tmp_path / "copies")
    await store.forget("w1", "ada", after(50))
    await store.close()
    shutil.copy(copy, file_of(url))
    assert on_disk(url, SECRET)
    store = await SqlStore.open(url, ledger=Ledger(tmp_path))
    assert (await store.member_record("w1", "ada")).requests == ()
    assert on_disk(url, SECRET) == []
    assert list(await store.published("w1", TOPIC)) == []
    assert len((await store.member_record("w1", "bo")).positions) == 2
    assert len((await store.member_record("w2", "ada")).positions) == 2
    assert await store.forget_again() == 0
    await store.close()


async def test_what_a_crash_left_is_forgotten_at_the_next_start_and_who_came_back_stays(
    migrated: URL, tmp_path: Path
) -> None:
    store = await SqlStore.open(migrated, ledger=Ledger(tmp_path))
    await live(store, at=0)
    await live(store, words="back again", at=100)
    Ledger(tmp_path).add("w1", "ada", after(50))  # and there the process died
    await store.close()
    store = await SqlStore.open(migrated, ledger=Ledger(tmp_path))
    found = await store.member_record("w1", "ada")
    assert [position.reason for position in found.positions] == ["back again"] * 2
    others = (found.credits, found.endorsements, found.requests, found.replies, found.usage, found.installed)
    assert [len(part) for part in others] == [1] * 6
    assert (found.first_seen, found.last_seen) == (after(100), after(100))
    assert await store.forget_again() == 0
    await store.close()


async def test_without_a_ledger_or_with_an_empty_one_nobody_is_forgotten(migrated: URL, tmp_path: Path) -> None:
    for ledger in (None, Ledger(tmp_path)):
        store = await SqlStore.open(migrated, ledger=ledger)
        await live(store, words="kept", at=0 if ledger is None else 50)
        assert await store.forget_again() == 0
        await store.close()
    assert Ledger(tmp_path).lookup() is None


def test_the_ledger_tells_nothing_without_its_key_and_is_for_its_owner_only(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.add("w1", "ada", after(1))
    ledger.add("w1", "ada", after(3))
    ledger.add("w1", "ada", after(2))
    assert {path.name for path in tmp_path.iterdir()} == {"forgotten.jsonl", "forgotten.key"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    lines = (tmp_path / "forgotten.jsonl").read_text()
    assert not re.search(r"ada\b|w1", lines)
    forgotten_at = Ledger(tmp_path).lookup()
    assert forgotten_at is not None
    assert forgotten_at("w1", "ada") == after(3)
    assert forgotten_at("w2", "ada") is None
    assert forgotten_at("w", "1ada") is None
    other = Ledger(tmp_path / "other")
    (tmp_path / "other").mkdir()
    other.add("w1", "ada", after(1))
    assert (tmp_path / "other" / "forgotten.jsonl").read_text().splitlines()[0] not in lines


def test_a_line_that_was_cut_short_spoils_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Ledger(tmp_path).add("w1", "ada", after(1))
    file = tmp_path / "forgotten.jsonl"
    file.write_text(file.read_text() + '{"member": "12')
    with caplog.at_level(logging.WARNING):
        Ledger(tmp_path).add("w1", "bo", after(2))
        forgotten_at = Ledger(tmp_path).lookup()
    assert forgotten_at is not None
    assert (forgotten_at("w1", "ada"), forgotten_at("w1", "bo")) == (after(1), after(2))
    assert "line 2 of forgotten.jsonl" in caplog.text


@pytest.mark.parametrize("key", [None, "not hexadecimal"])
async def test_a_ledger_without_its_key_is_an_operators_to_mend(
    sqlite: SqliteFiles, tmp_path: Path, key: str | None
) -> None:
    Ledger(tmp_path).add("w1", "ada", after(1))
    (tmp_path / "forgotten.key").unlink()
    if key is not None:
        (tmp_path / "forgotten.key").write_text(key)
    url = sqlite.migrated()
    with pytest.raises(StorageError, match=r"its key forgotten\.key is missing or damaged: put the key back"):
        await SqlStore.open(url, ledger=Ledger(tmp_path))
    with pytest.raises(StorageError, match="put the key back"):
        Ledger(tmp_path).add("w1", "bo", after(2))


def test_every_table_that_names_a_member_is_looked_through() -> None:
    """A new table with a member in it must be forgotten too; add it to `bot.storage.forgetting` and here."""
    assert {table.name for table in Base.metadata.sorted_tables if "member_id" in table.columns} == WITH_MEMBERS


async def test_what_a_member_brought_into_the_map_stays_without_saying_whose_it_was(store: Store) -> None:
    for n, member in enumerate(("ada", "bo"), start=1):
        proposal = await store.propose(a_proposal(member, member=member))
        approved = replace(
            proposal, state=ProposalState.APPROVED, decided_at=after(1), decided_by="x", made=f"MI-50{n}"
        )
        assert await store.settle(
            approved, ProposalState.OPEN, an_amendment(n, event=member, author=member, claim_id=f"MI-50{n}")
        )
    assert (await store.forget("w1", "ada", after(2))).proposals == 1
    assert [(a.claim_id, a.author) for a in await store.amendments("w1")] == [("MI-501", None), ("MI-502", "bo")]
    assert [proposal.member for proposal in await store.proposals("w1")] == ["bo"]
    assert await store.revision("w1") == 2


async def test_lists_of_proposals_that_others_saw_go_too(store: Store) -> None:
    claim = "Probes “catch” liés in tests"
    await store.propose(a_proposal(edit=NewArgument(Words(claim, "no", claim), RelationKind.REBUTS, "MI-04")))
    for command, words in (("proposals", f"1: “{claim}” is open."), ("standing", claim), ("proposals", "none")):
        request = a_request(f"{command}-{words}", member="bo")
        await store.receive(request)
        await store.lease_this(request, "a", after(0), 60)
        await store.finish(request, "a", a_reply(request, command=command, message=Message((Paragraph(words),))))
    assert (await store.forget("w1", "ada", after(1))).replies == 1
    left = (await store.member_record("w1", "bo")).replies
    assert sorted(reply.command for reply in left) == ["proposals", "standing"]
