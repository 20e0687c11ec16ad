"""The use cases of debate, which every chat adapter calls through the inbox."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from bot.core import help as helping
from bot.core import replies
from bot.core.actions import argue_action
from bot.core.amending import Amending
from bot.core.arguments import ArgumentMap, View
from bot.core.assignments import Assignment, Released, Task, Withdrawn, Written
from bot.core.balloting import Balloting
from bot.core.choosing import Choosing
from bot.core.commands import (
    Amend,
    Argue,
    ArgueView,
    Ask,
    Changed,
    ChangeSetting,
    Command,
    Credit,
    Decide,
    Endorse,
    ExportMe,
    ForgetMe,
    Help,
    Line,
    Map,
    Me,
    Propose,
    Report,
    Reschedule,
    Say,
    Schedules,
    Settings,
    SettlePost,
    Share,
    Stand,
    Standing,
    Topic,
    Turn,
    UndoCredit,
    Withdraw,
)
from bot.core.deciding import Deciding
from bot.core.digests import Digests
from bot.core.holding import Holding
from bot.core.houserules import HouseRules, rules_of
from bot.core.inbox import FORGOTTEN, reply_id
from bot.core.kept import Endorsement, Reply
from bot.core.language import Languages, Translations, english_only, say, speak
from bot.core.messages import About, Added, Message, Replaced, Started, cited_ids
from bot.core.near import Nearby
from bot.core.overview import Overview
from bot.core.parsing import clean
from bot.core.ports import Agenda, Catalogue, Clock, Narrator, Recurrences, Retriever, Store, Writer
from bot.core.position_replies import holds_against
from bot.core.positioning import Positioning
from bot.core.prompting import Prompting
from bot.core.prompts import Rules
from bot.core.proposing import Proposing
from bot.core.queueing import Queueing
from bot.core.reading import Leaning
from bot.core.recalling import Recalling
from bot.core.records import Records
from bot.core.requests import Request
from bot.core.resolving import Resolved, Resolver, Unresolved
from bot.core.ruling import Ruling, permit
from bot.core.thread_replies import from_before, thread_topic_chosen
from bot.core.timetable import Timetable
from bot.core.walks import case_for
from bot.errors import BadInput, UnknownClaim

Answer = AsyncGenerator[Started | Added | Replaced | Reply]

LEAF_WORDS = 100
WORDS_A_STEP = 22


def words_for(steps: int, most: int) -> int:
    """The word limit of a reply: it follows the walk, so that a leaf gets a few honest sentences and not padding."""
    return min(most, LEAF_WORDS + WORDS_A_STEP * max(0, steps - 2))


@dataclass(frozen=True)
class Debate:
    """Answers requests: reads them, walks the map, has the reply written, and says who wrote it.

    Args:
        reply_words: upper limit of words for a steelman or counterargument.
        rules: how long prompts are open, and after what time a claim is asked again.
        zone: the IANA time zone of a channel's first schedule where it names none.
        narrator: writes the first paragraph of a digest; without one it is made from a template.
        agenda: knows which claim is put to the group next, for the end of a digest; by default the queue of prompts.
        token_limit: what the operator lets a language model cost a workspace a day; 0 for no limit.
        translations: has the languages that the bot's own words can be in.
        language: the code of the one that they are in where a channel has chosen none.
    """

    catalogue: Catalogue
    retriever: Retriever
    writer: Writer
    store: Store
    clock: Clock
    reply_words: int = 220
    recurrences: Recurrences = field(kw_only=True)
    rules: Rules = field(default_factory=Rules)
    zone: str = "UTC"
    narrator: Narrator | None = None
    agenda: Agenda | None = None
    token_limit: int = 0
    translations: Translations = english_only
    language: str = "en"

    @property
    def languages(self) -> Languages:
        return Languages(self.store, self.translations, self.language)

    @property
    def _resolver(self) -> Resolver:
        return Resolver(self.catalogue, self.retriever, self.store)

    @property
    def _recalling(self) -> Recalling:
        return Recalling(self._resolver, self.store)

    @property
    def choosing(self) -> Choosing:
        return Choosing(self._resolver, self.retriever)

    @property
    def balloting(self) -> Balloting:
        return Balloting(self._resolver, self.store)

    @property
    def _positioning(self) -> Positioning:
        return Positioning(self._resolver, self.store, self.clock)

    @property
    def _overview(self) -> Overview:
        return Overview(self._resolver, self.store, self.clock)

    @property
    def _proposing(self) -> Proposing:
        return Proposing(self._resolver, Nearby(self.retriever, self.store), self.store, self.clock)

    @property
    def _deciding(self) -> Deciding:
        return Deciding(self._resolver, self.store, self.clock)

    @property
    def _amending(self) -> Amending:
        return Amending(self._resolver, self.store, self.clock)

    @property
    def _timetable(self) -> Timetable:
        return Timetable(self._resolver, self.store, self.clock, self.recurrences, self.zone)

    @property
    def _queueing(self) -> Queueing:
        return Queueing(self._resolver, self.store, self.clock, self.rules)

    @property
    def prompting(self) -> Prompting:
        positioning, queueing = self._positioning, self._queueing
        return Prompting(self._resolver, self.store, self.clock, positioning, queueing, self.rules, self.languages)

    @property
    def digests(self) -> Digests:
        return Digests(self._resolver, self.store, self.clock, self.narrator, self.agenda or self._queueing)

    async def digests_in(self, workspace: str, channel: str) -> Digests:
        """The digests as a channel wants them: without a language model where that is off."""
        rules = rules_of(await self.store.settings(workspace, channel))
        return self.digests if rules.model else replace(self.digests, narrator=None)

    @property
    def ruling(self) -> Ruling:
        return Ruling(self._resolver, self.store, self.languages, self.token_limit)

    @property
    def _records(self) -> Records:
        return Records(self._resolver, self.store, self.clock)

    async def end_due(self, workspace: str, channel: str | None = None) -> None:
        """Close the prompts that are over, in a channel or in all; what is told of it is posted. See `Prompting`."""
        await self.prompting.end_due(workspace, channel)

    async def answer(self, request: Request) -> Answer:
        """Answer a request: the text as it is written, then the one reply. Bad input is answered in one sentence."""
        rules = rules_of(await self.store.settings(request.workspace, request.channel))
        speak(self.languages.chosen(rules.language))
        if rules.strangers or not request.stranger:  # a group's size counts those who may have a say in it
            await self.store.join(request.workspace, request.member, request.member_name, self.clock.now())
        before: About | None = None
        try:
            command, before = await self._recalling.read(request)
            permit(request, command, rules)
            if isinstance(command, Argue | ArgueView | Turn):
                async with aclosing(self._argue(request, command, before, rules)) as events:
                    async for event in events:
                        yield event
            else:
                name = FORGOTTEN if command == ForgetMe(sure=True) else type(command).__name__.lower()
                yield self._reply(request, name, from_before(await self._respond(request, command), before))
        except BadInput as error:
            yield self._reply(request, "refused", from_before(await self._refusal(request, error), before))

    # -- steelman and counter ---------------------------------------------------------------------------------------

    async def _argue(
        self, request: Request, command: Argue | ArgueView | Turn, before: About | None, rules: HouseRules
    ) -> Answer:
        task, found = await self._target(request, command)
        if isinstance(found, Unresolved):
            message = replies.unresolved(found, task).on(found.map.id)
            yield self._reply(request, "unresolved", replies.to_oneself(message) if command.private else message)
            return
        found = replace(found, from_before=before is not None)
        made_for = found.view if task is Task.STEELMAN else found.view.opposite
        walk = case_for(found.map, made_for)
        if not walk.supported:
            message = from_before(replies.nothing_for(found.map, made_for), before)
            message = replace(message, about=_about(found))
            yield self._reply(request, "unresolved", replies.to_oneself(message) if command.private else message)
            return
        started = time.monotonic()
        assignment = Assignment(
            task=task,
            map=found.map,
            target=found.view,
            walk=walk,
            asked=command.text if isinstance(command, Argue) else "",
            words=words_for(len(walk.steps), self.reply_words),
            workspace=request.workspace,
            member=request.member,
            seen=await self.store.times_answered(
                request.workspace, request.channel, task, found.map.id, found.view.claim_id, found.view.affirmed
            ),
            by_model=rules.model,
        )
        yield Started(replies.title(assignment))
        written: Written | None = None
        async with aclosing(self.writer.write(assignment)) as events:
            async for event in events:
                match event:
                    case Released(text):
                        yield Added(text)
                    case Withdrawn(text):
                        yield Replaced(text)
                    case Written():
                        written = event
        if written is None:
            raise RuntimeError("the writer ended without a text")
        message = replies.argued(assignment, found, written, reply_id(request))
        message = replace(message, about=replace(_about(found), countered=task is Task.COUNTER))
        if command.private:
            message = replies.to_oneself(message)
        yield replace(
            self._reply(request, task, message),
            cited=cited_ids(written.text),
            writer=written.writer,
            model=written.model,
            prompt_version=written.prompt_version,
            usage=written.usage,
            seconds=time.monotonic() - started,
        )

    async def _target(self, request: Request, command: Argue | ArgueView | Turn) -> tuple[Task, Resolved | Unresolved]:
        match command:
            case Argue(task, text, _):
                return task, await self._resolver.resolve(request.venue, text)
            case ArgueView(task, topic, view):
                found = await self._resolver.topic(request.workspace, topic)
                found[view.claim_id]  # a claim that is gone is refused here
                return task, Resolved(found, view)
            case Turn(turned):
                reply = await self.store.reply(request.workspace, turned)
                if reply is None or reply.topic is None or reply.claim_id is None or reply.command not in set(Task):
                    raise BadInput(say("That reply is no longer here; ask again with /steelman or /counter."))
                found = await self._resolver.topic(request.workspace, reply.topic)
                view = View(reply.claim_id, not reply.affirmed)
                return Task(reply.command), Resolved(found, view, Leaning.AFFIRMS if view.affirmed else Leaning.DENIES)

    # -- everything that needs no writer ----------------------------------------------------------------------------

    async def _respond(self, request: Request, command: Command) -> Message:
        if isinstance(command, Propose | Decide | Amend | Schedules | Reschedule):
            return await self._arrange(request, command)
        if isinstance(command, Ask | Line | Report):
            return await self._ask(request, command)
        match command:
            case Say(text):
                return await self._say(request, text)
            case Stand() | Withdraw() | Credit() | UndoCredit() | Changed():
                return await self._position(request, command)
            case Standing(claim):
                return await self._overview.standing(request, claim)
            case Me() | ExportMe() | ForgetMe():
                return await self._records.answer(request, command)
            case Endorse() | Share():
                return await self._with_reply(request, command)
            case Topic():
                return await self._topic(request, command)
            case Map(claim):
                return await self._overview.tree(request, claim)
            case Settings() | ChangeSetting() | SettlePost():
                return await self._organise(request, command)
            case Help(name):
                return helping.help_on(name, await self._current(request))
            case _:
                raise TypeError(f"{command} is not answered here")

    async def _arrange(self, request: Request, command: Propose | Decide | Amend | Schedules | Reschedule) -> Message:
        """What the group arranges for itself: its own questions, and when it is posted to."""
        if isinstance(command, Propose):
            return await self._proposing.answer(request, command)
        if isinstance(command, Decide):
            message = await self._deciding.answer(request, command)
        elif isinstance(command, Amend):
            message = await self._amending.answer(request, command)
        else:
            return await self._timetable.answer(request, command)
        await self.end_due(request.workspace)  # of a prompt on a claim that has just changed
        return message

    async def _ask(self, request: Request, command: Ask | Line | Report) -> Message:
        """What is put to the group, and what it is told of itself."""
        if isinstance(command, Report):
            return await (await self.digests_in(request.workspace, request.channel)).answer(request, command)
        if isinstance(command, Line):
            return await self._queueing.answer(request, command)
        return await self.prompting.answer(request, command)

    async def _organise(self, request: Request, command: Settings | ChangeSetting | SettlePost) -> Message:
        """What is set, and what became of a post: for organisers to decide."""
        if isinstance(command, SettlePost):
            return await Holding(self.store, self.clock, self.languages).settle(request, command)
        return await self.ruling.answer(request, command)

    async def _say(self, request: Request, text: str) -> Message:
        found = await self._resolver.resolve(request.venue, text)
        if isinstance(found, Unresolved):
            return replies.unresolved(found, None).on(found.map.id)
        return replace(replies.both_sides(found), about=_about(found))

    async def _position(self, request: Request, command: Stand | Withdraw | Credit | UndoCredit | Changed) -> Message:
        match command:
            case Stand():
                return await self._positioning.stand(request, command)
            case Withdraw():
                return await self._positioning.withdraw(request, command)
            case Credit():
                return await self._positioning.credit(request, command)
            case UndoCredit():
                return await self._positioning.undo_credit(request)
            case Changed():
                return await self._positioning.how_to_credit(request, command)

    async def _with_reply(self, request: Request, command: Endorse | Share) -> Message:
        if isinstance(command, Share):
            return await self._share(request, command.reply_id)
        return await self._endorse(request, command)

    async def _endorse(self, request: Request, command: Endorse) -> Message:
        reply = await self.store.reply(request.workspace, command.reply_id)
        if reply is None or reply.claim_id is None or reply.topic is None or reply.command != Task.STEELMAN:
            raise BadInput(say("Only a steelman that is still here can be signed; ask for one with /steelman."))
        held = await self.store.current_position(request.workspace, reply.topic, reply.claim_id, request.member)
        claim = (await self._resolver.topic(request.workspace, reply.topic))[reply.claim_id]
        same_words = held is not None and held.claim_version == claim.version
        if held and held.stance and same_words and holds_against(held, View(claim.id, reply.affirmed)):
            raise BadInput(
                say(
                    "A steelman is judged by those who hold its view, and you recorded “{stance}” on {claim}; "
                    "`/stand {claim} …` changes that.",
                    stance=held.stance.words,
                    claim=reply.claim_id,
                )
            )
        endorsement = Endorsement.SIGNED if command.signed else Endorsement.NOT_MINE
        await self.store.endorse(request.workspace, command.reply_id, request.member, endorsement, self.clock.now())
        if command.signed:
            return replies.refusal(say("Noted: you'd sign this steelman. Your name is not shown with it."))
        return replies.refusal(say("Noted: this steelman is not your view. Your name is not shown with it."))

    async def _share(self, request: Request, shared: str) -> Message:
        reply = await self.store.reply(request.workspace, shared)
        if reply is None or reply.member != request.member or not reply.message.private or not reply.message.reply_id:
            raise BadInput(say("Only the answer that you kept to yourself can be shared, and it is no longer here."))
        return replies.shared_with_all(reply.message)

    async def _topic(self, request: Request, command: Topic) -> Message:
        of_channel = await self._resolver.current(request.venue.top)
        if command.topic is None:
            of_thread = await self._current(request) if request.within is not None else None
            return replies.topics(await self._resolver.maps(request.workspace), of_channel, of_thread)
        chosen = await self._resolver.topic(request.workspace, command.topic)
        if request.within is not None and not command.of_channel:
            await self.store.set_thread_topic(request.venue, chosen.id)
            return thread_topic_chosen(chosen, of_channel).on(chosen.id)
        await self.store.set_channel_topic(request.workspace, request.channel, chosen.id)
        message = replies.topic_chosen(chosen)
        return message.on(chosen.id) if request.within is None else message  # a thread keeps its own

    async def _current(self, request: Request) -> ArgumentMap:
        return await self._resolver.current(request.venue)

    async def _refusal(self, request: Request, error: BadInput) -> Message:
        nearest: list[tuple[str, str]] = []
        if isinstance(error, UnknownClaim) and error.nearest:
            current = await self._current(request)
            wants = Task.COUNTER if clean(request.text).startswith("/counter") else Task.STEELMAN
            nearest = [
                (f"{claim_id}: {current[claim_id].claim}", argue_action(wants, current.id, View(claim_id)))
                for claim_id in error.nearest
                if claim_id in current
            ]
        return replies.refusal(error.message, nearest)

    def _reply(self, request: Request, command: str, message: Message) -> Reply:
        about = message.about
        return Reply(
            id=reply_id(request),
            workspace=request.workspace,
            channel=request.channel,
            member=request.member,
            event_id=request.event_id,
            command=command,
            message=message,
            at=self.clock.now(),
            topic=about.topic if about is not None else None,
            claim_id=about.claim_id if about is not None else None,
            affirmed=about is None or about.affirmed,
            thread=request.thread,
        )


def _about(found: Resolved) -> About:
    return About(found.map.id, found.view.claim_id, found.view.affirmed)
