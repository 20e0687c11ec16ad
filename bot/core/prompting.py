"""Putting one claim at a time to a channel, taking answers, and telling at the end what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from bot.core import prompt_replies as replies
from bot.core.arguments import Argument, ArgumentMap
from bot.core.commands import Answer, Ask, Close, MarkCrux, Post, SetPace, Stand
from bot.core.disclosure import between
from bot.core.inbox import reply_id
from bot.core.language import Languages, say, speaking
from bot.core.messages import Message
from bot.core.outbox import ORGANISERS, post_id
from bot.core.outbox import Post as Outgoing
from bot.core.parsing import normal_id
from bot.core.ports import Clock, Store
from bot.core.positioning import Positioning
from bot.core.prompts import Ending, Pace, Prompt, Rules
from bot.core.queueing import Queueing
from bot.core.requests import Request, Venue
from bot.core.resolving import Resolver
from bot.errors import BadInput, NotAnOrganiser, StorageBusy, UnknownTopic

TRIES: Final = 5
"""How often a claim is chosen anew when somebody else asks the same one at the same moment."""


@dataclass(frozen=True)
class Prompting:
    """What is asked and what is told at the end go to the channel; answers and notes are private.

    Nobody is reminded of anything, whether they have answered or not.
    """

    resolver: Resolver
    store: Store
    clock: Clock
    positioning: Positioning
    queueing: Queueing
    rules: Rules
    languages: Languages

    async def answer(self, request: Request, command: Ask) -> Message:
        """Do what a command or press asks for; see the methods.

        Raises:
            BadInput: it can't be done.
            NotAnOrganiser: somebody else asks.
        """
        match command:
            case Post():
                return await self.post(request, command)
            case Close():
                return await self.close(request, command)
            case Answer():
                return await self.take(request, command)
            case MarkCrux():
                return await self.mark(request, command)
            case SetPace():
                return await self.set_pace(request, command)

    # -- asking -------------------------------------------------------------------------------------------------------

    async def post(self, request: Request, command: Post) -> Message:
        """Put a claim to the channel, once however often the request is tried.

        Raises:
            BadInput: something is being asked there, or the claim can't be asked now.
            NotAnOrganiser: somebody else asks.
        """
        if not request.organiser:
            raise NotAnOrganiser(
                say("Only organisers put a claim to the group; `/crux queue add CLAIM` has one asked soon.")
            )
        known = await self.store.prompt(request.workspace, reply_id(request))
        if known is None:
            known = await self.open(request.venue, reply_id(request), command.claim)
        return await self.shown(known)

    async def open(self, venue: Venue, prompt_id: str, claim: str | None = None) -> Prompt:
        """Open a prompt in a channel, on a claim or on the one that comes next. The same id opens one prompt.

        `prompt_id` stands for what asks: a request's reply id, or a schedule's firing, in up to 20 characters.

        Raises:
            BadInput: something is being asked there, the claim can't be asked now, or none can.
        """
        for _ in range(TRIES):
            await self._channel_is_free(venue)
            found, claim_id = await self._chosen(venue, claim)
            now = self.clock.now()
            prompt = Prompt(
                workspace=venue.workspace,
                id=prompt_id,
                channel=venue.channel,
                topic=found.id,
                claim_id=claim_id,
                claim_version=found[claim_id].version,
                opened_at=now,
                closes_at=now + self.rules.open_for,
            )
            opened = await self.store.open_prompt(prompt, now - self.rules.again_after)
            if opened is not None:
                return opened
        raise BadInput(say("Others are asking at the same moment; try again."))

    async def shown(self, prompt: Prompt) -> Message:
        """A prompt as it is posted.

        Raises:
            BadInput: its claim or topic is out of use by now.
        """
        message = replies.prompt(await self.resolver.topic(prompt.workspace, prompt.topic), prompt)
        return message.on(prompt.topic, prompt.claim_id)

    async def _channel_is_free(self, venue: Venue) -> None:
        for prompt in await self.store.open_prompts(venue.workspace):
            if prompt.channel != venue.channel:
                continue
            if prompt.over(self.clock.now()):
                raise BadInput(say("A prompt on {claim} is over; `/crux prompt close` ends it.", claim=prompt.claim_id))
            until = replies.moment(prompt.closes_at)
            raise BadInput(
                say(
                    "A prompt on {claim} is open until {moment}; `/crux prompt close` ends it.",
                    claim=prompt.claim_id,
                    moment=until,
                )
            )

    async def _chosen(self, venue: Venue, claim: str | None) -> tuple[ArgumentMap, str]:
        if claim is not None:
            found, claim_id = await self.resolver.claim(venue, claim)
            await self.queueing.may_be_asked(venue.workspace, found, claim_id)
            return found, claim_id
        found = await self.resolver.current(venue)
        coming = await self.queueing.coming(venue.workspace, found)
        if not coming:
            raise BadInput(say("Every claim of this topic was asked lately or passed over; `/crux topic` has others."))
        return found, coming[0].claim_id

    # -- answering ----------------------------------------------------------------------------------------------------

    async def take(self, request: Request, command: Answer) -> Message:
        """Record an answer, also after the prompt has closed. A mark as a crux stays.

        Raises:
            BadInput: the prompt is gone, or its claim out of use.
        """
        prompt, found, argument = await self._asked(request, command.prompt_id)
        if argument.version != prompt.claim_version:
            return replies.other_words(argument, prompt, found.id)
        held = await self.store.current_position(request.workspace, found.id, argument.id, request.member)
        marked = held is not None and held.crux and held.claim_version == argument.version
        stand = Stand(argument.id, command.stance, crux=marked, topic=found.id)
        message = await self.positioning.stand(request, stand)
        over = prompt.over(self.clock.now())
        return replies.answered(message, prompt, over=over, marked=marked, stance=command.stance)

    async def mark(self, request: Request, command: MarkCrux) -> Message:
        """Mark the position that a member holds on a prompt's claim as a crux for them.

        Raises:
            BadInput: the prompt is gone, or its claim out of use.
        """
        prompt, found, argument = await self._asked(request, command.prompt_id)
        if argument.version != prompt.claim_version:
            return replies.other_words(argument, prompt, found.id)
        held = await self.store.current_position(request.workspace, found.id, argument.id, request.member)
        if held is None or held.stance is None or held.claim_version != argument.version:
            return replies.first_answer(argument, prompt)
        return await self.positioning.mark(request, found, held)

    async def _asked(self, request: Request, prompt_id: str) -> tuple[Prompt, ArgumentMap, Argument]:
        prompt = await self.store.prompt(request.workspace, prompt_id)
        if prompt is None:
            raise BadInput(say("That prompt is no longer here; `/stand CLAIM agree` records what you hold."))
        found = await self.resolver.topic(request.workspace, prompt.topic)
        return prompt, found, found[prompt.claim_id]

    # -- the end ------------------------------------------------------------------------------------------------------

    async def close(self, request: Request, command: Close) -> Message:
        """End a prompt, once however often the request is tried; what changed.

        Raises:
            BadInput: nothing is being asked there.
            NotAnOrganiser: somebody else asks.
        """
        if not request.organiser:
            raise NotAnOrganiser(say("Only organisers end a prompt; it closes by itself when its time is over."))
        by = reply_id(request)
        done = await self.store.prompt_closed_by(request.workspace, by)
        if done is None:
            prompt = await self._to_close(request, command.claim)
            done = await self._close(prompt, Ending.COMMAND, by)
        if done is None:
            done = await self.store.prompt_closed_by(request.workspace, by)  # by another worker with this very request
        if done is None or done.closing is None:
            raise BadInput(say("Somebody else has just ended that prompt; what changed is told above."))
        return done.closing

    async def _to_close(self, request: Request, claim: str | None) -> Prompt:
        opened = await self.store.open_prompts(request.workspace)
        if claim is None:
            found = [prompt for prompt in opened if prompt.channel == request.channel]
            if not found:
                raise BadInput(say("Nothing is being asked here; `/crux prompt` asks the claim that comes next."))
            return found[0]
        wanted = normal_id(claim)
        found = [prompt for prompt in opened if prompt.claim_id == wanted]
        if not found:
            _, claim_id = await self.resolver.claim(request.venue, claim)
            found = [prompt for prompt in opened if prompt.claim_id == claim_id]
        if not found:
            raise BadInput(
                say("{claim} is not being asked; `/crux prompt close` ends what is asked here.", claim=claim_id)
            )
        return found[0]

    async def end_due(self, workspace: str, channel: str | None = None) -> None:
        """Close what is over in a channel, or in all, and put what is told of it into the outbox, once whoever does it.

        Over is a prompt whose time has passed, or whose claim was retired or reworded. Where the last two prompts of a
        channel on a topic ran their time and nobody answered, organisers are asked whether to slow down, once.
        """
        for prompt in await self.store.open_prompts(workspace):
            if channel not in (None, prompt.channel):
                continue
            gone = await self._gone(prompt)
            if gone is not None or prompt.over(self.clock.now()):
                await self._close(prompt, gone or Ending.TIME)

    async def _close(self, prompt: Prompt, ending: Ending, by: str | None = None) -> Prompt | None:
        """Close a prompt; None when somebody else has. What no reply tells, as `by` does, a post tells."""
        for _ in range(TRIES):
            votes = await self.store.votes(prompt)
            gone = await self._gone(prompt)
            found = await self.resolver.topic(prompt.workspace, prompt.topic) if gone is None else None
            argument = await self._argument(prompt)
            with speaking(await self.languages.of(prompt.workspace, prompt.channel)):
                if found is not None:
                    closing = replies.closed(found, prompt, between(prompt.claim_id, votes.before, votes.after))
                else:
                    closing = replies.ended(prompt, gone or ending, argument)
            closing = closing.on(prompt.topic, prompt.claim_id)
            done = replace(
                prompt,
                closed_at=self.clock.now(),
                ending=gone or ending,
                closed_by=by,
                answered=votes.answered,
                closing=closing,
            )
            told = [] if by is not None else [self._posted(done, "note", closing, f"closing\0{prompt.id}")]
            slower = await self._slow_down(done)
            if await self.store.close_prompt(done, votes, [*told, *slower]):
                if slower:
                    await self.store.ask_pace(done.workspace, done.channel, done.topic)
                return done
            known = await self.store.prompt(prompt.workspace, prompt.id)
            if known is None or not known.is_open:
                return None
        raise StorageBusy  # the votes move faster than they can be read

    def _posted(self, prompt: Prompt, kind: str, message: Message, cause: str) -> Outgoing:
        return Outgoing(
            prompt.workspace, post_id(cause, 0), prompt.channel, kind, message, prompt.closed_at or self.clock.now()
        )

    async def _gone(self, prompt: Prompt) -> Ending | None:
        """Whether the claim is no longer what was asked."""
        argument = await self._argument(prompt)
        if argument is None:
            return Ending.RETIRED
        return None if argument.version == prompt.claim_version else Ending.REWORDED

    async def _argument(self, prompt: Prompt) -> Argument | None:
        try:
            found = await self.resolver.topic(prompt.workspace, prompt.topic)
        except UnknownTopic:
            return None
        return found.by_id.get(prompt.claim_id)

    # -- whether to slow down -----------------------------------------------------------------------------------------

    async def _slow_down(self, done: Prompt) -> list[Outgoing]:
        """The question to organisers, if this prompt and the one before it ran their time and nobody answered; once."""
        if done.ending is not Ending.TIME or done.answered is not False:
            return []
        last = await self.store.closed_prompts(done.workspace, done.channel, 1, done.topic)
        if not last or last[0].ending is not Ending.TIME or last[0].answered is not False:
            return []
        if await self.store.pace(done.workspace, done.channel, done.topic) is not None:
            return []
        with speaking(await self.languages.of(done.workspace, done.channel)):
            question = replies.slow_down(done)
        return [self._posted(done, ORGANISERS, question, f"pace\0{done.channel}\0{done.topic}")]

    async def set_pace(self, request: Request, command: SetPace) -> Message:
        """Keep what an organiser wants of the pace of prompts in a channel on a topic.

        Raises:
            BadInput: the prompt is gone.
            NotAnOrganiser: somebody else presses.
        """
        if not request.organiser:
            raise NotAnOrganiser(say("Only organisers say how often prompts come; ask one of them."))
        prompt = await self.store.prompt(request.workspace, command.prompt_id)
        if prompt is None:
            raise BadInput(say("That prompt is no longer here, so there is no pace to set for it."))
        pace = Pace.SLOWER if command.slower else Pace.KEEP
        await self.store.set_pace(request.workspace, prompt.channel, prompt.topic, pace)
        return replies.pace_set(pace)
