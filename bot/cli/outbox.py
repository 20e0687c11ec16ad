"""`crux outbox`: posts that are on their way, and those that somebody has to decide about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bot.cli import tell
from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.core.outbox import Entry
    from bot.storage.store import SqlStore


@click.group()
def outbox() -> None:
    """List, retry and drop posts that wait or are held.

    A held post is one that Crux won't send by itself: the platform refused it, or did not say whether it arrived. Look
    in its channel. If it is there, drop it; if not, retry it.
    """


@outbox.command("list")
@click.option("--workspace", metavar="ID", help="Of this workspace only.")
@click.option("--all", "everything", is_flag=True, help="Those that are sent or dropped, too.")
def list_(workspace: str | None, everything: bool) -> None:
    """List posts that wait or are held, oldest first, and due times that could not be composed."""
    asyncio.run(_list(workspace, everything=everything))


@outbox.command()
@click.argument("post")
@click.option("--workspace", metavar="ID", help="Where the post is, if the id alone doesn't say.")
def retry(post: str, workspace: str | None) -> None:
    """Send a held or dropped POST after all, or a waiting one now."""
    asyncio.run(_decide(post, workspace, send=True))


@outbox.command()
@click.argument("post")
@click.option("--workspace", metavar="ID", help="Where the post is, if the id alone doesn't say.")
def drop(post: str, workspace: str | None) -> None:
    """Never send a POST that waits or is held."""
    asyncio.run(_decide(post, workspace, send=False))


async def _list(workspace: str | None, *, everything: bool) -> None:
    from bot.core.outbox import PostState

    shown = tuple(PostState) if everything else (PostState.PENDING, PostState.SENDING, PostState.HELD)
    async with _store() as store:
        entries = await store.outbox(shown, workspace)
        failed = await store.failed_firings(workspace)
    if not entries and not failed:
        tell("No posts wait or are held." if not everything else "There are no posts yet.")
        return
    if entries:
        tell(f"{'post':<20}  {'state':<8} {'kind':<8} {'workspace':<16} {'channel':<16} {'tries':>5}  since")
    for entry in entries:
        post = entry.post
        tell(
            f"{post.id:<20}  {entry.state:<8} {post.kind:<8} {post.workspace:<16} {post.channel:<16} "
            f"{entry.tries:>5}  {_time(post.created_at)}"
        )
        if entry.reason is not None:
            tell(f"{'':<20}  {entry.reason}")
    for firing, reason in failed:
        due = f"{firing.kind} of {firing.workspace}, due {_time(firing.due_at)}"
        tell(f"not composed: {due} ({reason or 'no reason'}); the log says why")


async def _decide(post_id: str, workspace: str | None, *, send: bool) -> None:
    async with _store() as store:
        entry = await _find(store, post_id, workspace)
        act = store.retry_post if send else store.drop_post
        if not await act(entry.post.workspace, entry.post.id, datetime.now(UTC)):
            raise BadInput("That post is sent, being sent or dropped already; `crux outbox list --all` shows it.")
    where = f"{entry.post.id} to {entry.post.channel} in {entry.post.workspace}"
    tell(f"Will be sent: {where}." if send else f"Dropped: {where}.")


async def _find(store: SqlStore, post_id: str, workspace: str | None) -> Entry:
    from bot.core.outbox import PostState

    if workspace is not None:
        entry = await store.outbox_entry(workspace, post_id)
        found = [] if entry is None else [entry]
    else:
        found = [entry for entry in await store.outbox(tuple(PostState)) if entry.post.id == post_id]
    if not found:
        raise BadInput("There is no post with that id; `crux outbox list` shows them.")
    if len(found) > 1:
        raise BadInput("Several workspaces have a post with that id; say which by --workspace.")
    return found[0]


@asynccontextmanager
async def _store() -> AsyncIterator[SqlStore]:
    from bot.app import open_store
    from bot.settings import load

    store = await open_store(load())
    try:
        yield store
    finally:
        await store.close()


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
