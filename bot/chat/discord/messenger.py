"""Posts to Discord, each once.

Against doubles stand three things. A nonce, which Discord remembers for some minutes. The mark of `marks`, by which the
channel's history tells whether a post is there. And for a post of several parts, which of them are there: only the
others are sent.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

import discord

from bot.chat.discord.beginnings import complete, left_of, take_away
from bot.chat.discord.failures import told
from bot.chat.discord.marks import part_nonce, parts_in
from bot.chat.discord.markup import one_line, shortened
from bot.chat.discord.names import guild_of
from bot.chat.discord.pages import Page
from bot.chat.discord.places import Places
from bot.chat.discord.views import Extras, Sendable, sendables, view_of
from bot.core.houserules import Rulebook, notes_channel
from bot.core.language import say
from bot.core.messages import Message, Picture
from bot.core.outbox import ANSWER, ORGANISERS, Guard, Post
from bot.errors import Departed, MessengerError, Refused

log = logging.getLogger(__name__)

NONCE_SECONDS: Final = 120.0
"""For how long Discord certainly knows a nonce again; its documentation says "a few minutes"."""
SHOWS_WITHIN: Final = 15.0
"""Seconds after which whatever was sent is in the history; what is slower than that, Discord gave up itself."""
THREAD_NAME: Final = 100
DELETED: Final = "deleted"
"""In place of a message's id: somebody deleted it while it was written, and it is not sent again."""


Illustrate: TypeAlias = Callable[[str, Message], Awaitable[Picture | None]]
"""Draws the picture that goes with a message of a workspace; None where none does, or it can't be drawn."""


@dataclass
class DiscordMessenger:
    """A `bot.core.outbox.Messenger`.

    Args:
        rulebook: knows the channel that organisers chose for what is for them.
        hears_all: whether plain messages are heard in threads that the bot opened.
    """

    client: discord.Client
    illustrate: Illustrate
    rulebook: Rulebook
    hears_all: bool = False
    _there: dict[str, dict[int, int]] = field(default_factory=dict, repr=False)
    """By nonce: the parts of a post that the last look found, where it didn't find all."""

    @property
    def places(self) -> Places:
        return Places(self.client)

    def guard(self, post: Post) -> Guard:
        channel = self.places.known(post)
        shows_within: float | None = SHOWS_WITHIN
        if channel is not None and not channel.permissions_for(channel.guild.me).read_message_history:
            shows_within = None
        # An answer may have been shown by the token of its interaction, which has no nonce, and a forum takes none.
        with_nonce = post.kind != ANSWER and not isinstance(channel, discord.ForumChannel)
        return Guard(NONCE_SECONDS if with_nonce else None, shows_within)

    async def send(self, post: Post) -> str:
        try:
            return await self._send(post)
        except Refused as refusal:
            if post.kind == ANSWER and self.places.reader(post) is not None:
                raise Departed(refusal.message) from refusal  # nobody else could decide anything about it
            raise

    async def _send(self, post: Post) -> str:
        there = self._there.pop(post.nonce, {})
        forum = await self._forum(post)
        parts = await self.rendered(post, in_dm=self._in_dm(post))
        if forum is not None:
            return await self._open_post(forum, post, parts)
        if (chosen := await self._notes(post)) is not None:
            try:
                return await self._send_parts(chosen, post, parts, there)
            except Refused as refusal:
                log.warning("what is for organisers can't be posted in their channel: %s", refusal.message)
        target = await self.places.target(post)
        await self._reopen(post)
        if post.kind == ANSWER and 0 not in there:
            return await self._send_answer(target, post, parts, there)
        return await self._send_parts(target, post, parts, there)

    async def _send_answer(
        self, target: discord.abc.Messageable, post: Post, parts: list[Sendable], there: Mapping[int, int]
    ) -> str:
        """Send an answer that its own process could not show whole, in the place of what is left of it."""
        left = await left_of(self.places, target, post)
        if left.growing is not None:
            if not await complete(left.growing, parts[0]):
                return DELETED
            there = {**there, 0: left.growing.id}
        sent = await self._send_parts(target, post, parts, there)
        if left.thinking is not None:
            await take_away(left.thinking)
        return sent

    async def _notes(self, post: Post) -> discord.abc.Messageable | None:
        """The channel that organisers chose for what is for them; None for all else, and where a DM has to do."""
        if post.kind != ORGANISERS:
            return None
        return await self.places.notes(post, await notes_channel(self.rulebook, post.workspace))

    async def _send_parts(
        self, target: discord.abc.Messageable, post: Post, parts: list[Sendable], there: Mapping[int, int]
    ) -> str:
        """Send the parts that are not there yet, and open the post's thread if it has one; the id of the first."""
        first: int | None = there.get(0)
        for n, part in enumerate(parts):
            if n in there:
                continue
            sent = await self._send_part(target, part, part_nonce(post.nonce, n))
            first = sent.id if first is None else first
        if first is None:
            raise Refused(say("There is nothing to post."))
        await self.open_thread(post, first)
        return str(first)

    async def find(self, post: Post) -> str | None:
        self._may_look(post)
        count = len(sendables(post.message, extras=Extras(guild=self._home(post, in_dm=self._in_dm(post)))))
        forum = await self._forum(post)
        if forum is not None:
            return await self._find_post(forum, post)
        if (chosen := await self._notes(post)) is not None and (found := await self._look(chosen, post, count)):
            return found
        return await self._look(await self.places.target(post), post, count)

    async def _look(self, target: discord.abc.Messageable, post: Post, count: int) -> str | None:
        seen = [message async for message in self.places.history(target, post.created_at)]
        there = parts_in(seen, post.nonce, count)
        if len(there) == count:
            return str(there[0])
        if there:
            self._there = {post.nonce: there}
        return None

    async def rendered(self, post: Post, *, in_dm: bool, claim: str | None = None) -> list[Sendable]:
        """A post as Discord messages, with its picture if it has one and it can be drawn."""
        picture = post.picture or await self.illustrate(post.workspace, post.message)
        extras = Extras(picture, self._home(post, in_dm=in_dm), claim=claim)
        return sendables(post.message, post.nonce, extras)

    async def open_thread(self, post: Post, message: int) -> None:
        """Open the thread of a prompt under its message; a failure is logged, and the prompt stands all the same."""
        guild_id = guild_of(post.workspace)
        if post.message.prompt_id is None or post.thread is not None or guild_id is None:
            return
        channel = self.client.get_partial_messageable(self.places.channel_id(post), guild_id=guild_id)
        try:
            with told():
                title = one_line(post.message.title or say("Where do you stand?"))
                partial = channel.get_partial_message(message)
                thread = await partial.create_thread(name=shortened(title, THREAD_NAME), auto_archive_duration=1440)
                await thread.send(view=view_of(Page(self._heard())))
        except (MessengerError, ValueError) as error:
            log.warning("a prompt has no thread: workspace=%s post=%s (%s)", post.workspace, post.id, error)

    def _heard(self) -> str:
        if self.hears_all:
            return say(
                "Argue here. I hear what is written in this thread, and answer it; buttons and commands work too."
            )
        return say(
            "Argue here. In this thread I hear mentions of me, replies that ping me, buttons and commands; no more."
        )

    async def _send_part(self, target: discord.abc.Messageable, part: Sendable, nonce: str) -> discord.Message:
        with told():
            return await target.send(view=part.view, files=part.files, nonce=nonce)

    # -- threads and forums -------------------------------------------------------------------------------------------

    async def _forum(self, post: Post) -> discord.ForumChannel | None:
        if post.thread is not None or self._in_dm(post):
            return None
        return await self.places.forum(post)

    async def _open_post(self, forum: discord.ForumChannel, post: Post, parts: list[Sendable]) -> str:
        every = sorted(forum.available_tags, key=lambda tag: tag.moderated)
        tags = every[:1] if forum.flags.require_tag else []
        title = shortened(one_line(post.message.title or post.message.text.partition("\n")[0]) or "Crux", THREAD_NAME)
        first, *others = parts
        with told():
            made = await forum.create_thread(name=title, view=first.view, files=first.files, applied_tags=tags)
        for n, part in enumerate(others, 1):
            await self._send_part(made.thread, part, part_nonce(post.nonce, n))
        return str(made.message.id)

    async def _find_post(self, forum: discord.ForumChannel, post: Post) -> str | None:
        """The first message of a forum's post has the post's own id."""
        with told():
            threads = [each for each in await forum.guild.active_threads() if each.parent_id == forum.id]
        for thread in sorted(threads, key=lambda each: each.id, reverse=True):
            if discord.utils.snowflake_time(thread.id) < post.created_at - timedelta(minutes=1):
                break
            with told():
                try:
                    starter = await thread.fetch_message(thread.id)
                except discord.NotFound:
                    continue
            if parts_in([starter], post.nonce, 1):
                return str(starter.id)
        return None

    async def _reopen(self, post: Post) -> None:
        """Wake a thread that is archived and locked, where the bot may; one that is only archived wakes by itself."""
        channel = self.places.known(post)
        if not (isinstance(channel, discord.Thread) and channel.archived and channel.locked):
            return
        if channel.permissions_for(channel.guild.me).manage_threads:
            with told():
                await channel.edit(archived=False)

    # -- what is known without asking ---------------------------------------------------------------------------------

    def _in_dm(self, post: Post) -> bool:
        return post.kind == ORGANISERS or self.places.reader(post) is not None

    def _home(self, post: Post, *, in_dm: bool) -> int | None:
        """The guild that buttons name when they stand in a DM and are about a guild."""
        return guild_of(post.workspace) if in_dm else None

    def _may_look(self, post: Post) -> None:
        channel = self.places.known(post)
        if channel is not None and not channel.permissions_for(channel.guild.me).read_message_history:
            raise Refused(say("Crux may not read the history of that channel, and can't look for the post there."))


def claim_of(actions: Iterable[str]) -> str | None:
    """The claim whose stances buttons offer, for which the form can be opened; None where they offer none."""
    for action in actions:
        match action.split(":"):
            case ["stand", _, claim, _]:
                return claim
    return None
