"""Any sequence of calls does the same to an SqlStore as to a MemoryStore, and no call touches another workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.amendments import NewArgument, NewTopic, Restoration, Retirement, Rewording, Words
from bot.core.arguments import Certainty, RelationKind
from bot.core.assignments import Usage
from bot.core.calendar import Examined, Watched
from bot.core.digest import Line, Part, Section
from bot.core.firings import FiringState
from bot.core.installations import Sealed
from bot.core.kept import Endorsement
from bot.core.messages import About, Message, Paragraph
from bot.core.outbox import PostState, post_id
from bot.core.ports import Store
from bot.core.positions import Stance
from bot.core.prompts import Ending, Pace, Prompt, Votes
from bot.core.proposals import UNDECIDED, ProposalState
from bot.core.requests import Venue
from bot.errors import BadInput
from bot.storage.store import SqlStore
from bot.testing import MemoryStore
from tests.databases import emptied
from tests.integration.values import (
    a_closed,
    a_credit,
    a_digest,
    a_firing,
    a_position,
    a_post,
    a_prompt,
    a_proposal,
    a_queued,
    a_reply,
    a_request,
    a_schedule,
    after,
    an_amendment,
)

WORKSPACES = ("w1", "w2")
TOPIC = a_position().topic


@dataclass(frozen=True)
class Call:
    """One call of a store: what is asked of it, in which workspace."""

    name: str
    workspace: str
    arguments: tuple[Any, ...]
    run: Callable[[Store], Awaitable[Any]]

    def __repr__(self) -> str:
        return f"{self.name}({self.workspace}, {', '.join(map(repr, self.arguments))})"


def call(name: str, run: Callable[..., Awaitable[Any]], *strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
    """Calls of one kind: `run` gets the store, the workspace, then what the strategies give."""

    def make(workspace: str, arguments: tuple[Any, ...]) -> Call:
        return Call(name, workspace, arguments, lambda store: run(store, workspace, *arguments))

    return st.builds(make, st.sampled_from(WORKSPACES), st.tuples(*strategies))


async def counted(store: Store, workspace: str) -> set[Any]:
    """Groups whose newest replies are of one time may come in any order."""
    return set(await store.endorsement_counts(workspace))


async def close_prompt(store: Store, closed: Prompt, stale: bool) -> bool:
    """Close a prompt with its votes, or with none."""
    return await store.close_prompt(closed, Votes(None, None, False) if stale else await store.votes(closed))


async def archived(store: Store, workspace: str, event: str, at: datetime) -> Any:
    """A digest of what is published now, compared with the newest."""
    earlier = await store.digests(workspace, TOPIC)
    published = await store.published(workspace, TOPIC)
    lines = tuple(Line(f"{claim.claim_id}: {claim.tally.voters}", claim.claim_id) for claim in published)
    digest = a_digest(
        event,
        workspace=workspace,
        at=at,
        before=earlier[-1].key if earlier else None,
        sections=(Section(Part.MOVED, lines), Section(Part.CAMPS, (Line("no camps"),))),
        figures=(),
    )
    return await store.archive(digest, published)


async def archived_unless(store: Store, workspace: str, event: str, before: str | None) -> Any:
    """A digest of nothing, compared with whatever is said."""
    return await store.archive(a_digest(event, workspace=workspace, before=before), ())


keys = st.sampled_from(["2026-W09", "2026-W09-2", "2026-W09-3"])
events = st.sampled_from(["e1", "e2", "e3", "\ud800", "e\0"])
replies = events.map(lambda event: f"reply-{event}")
workers = st.sampled_from(["a", "b"])
members = st.sampled_from(["ada", "bo", "cy", "di"])
claims = st.sampled_from(["MI-01", "MI-02"])
versions = st.sampled_from([1, 1, 1, 2])
times = st.integers(0, 20).map(after)
seconds = st.integers(1, 8)
texts = st.text(st.characters(exclude_categories=()), max_size=12)

threads = st.sampled_from(["t1", "t1", "t2", "\ud800"])
prompts = st.sampled_from(["p1", "p2", "p3"])
channels = st.sampled_from(["c1", "c2"])
numbers = st.integers(1, 4)
said = st.builds(Words, texts, texts, texts)
edits = st.one_of(
    st.builds(NewTopic, texts, texts, texts, said),
    st.builds(
        NewArgument,
        said,
        st.sampled_from(RelationKind),
        texts,
        st.none() | texts,
        st.sampled_from(Certainty),
    ),
    st.builds(Rewording, said),
    st.builds(Retirement, texts),
    st.just(Restoration()),
)

standing_calls = st.one_of(
    call(
        "join",
        lambda s, w, member, name, at: s.join(w, member, name, at),
        members,
        texts | st.sampled_from(["", "Ada", "Bo"]),
        times,
    ),
    call("member_count", lambda s, w, since: s.member_count(w, since), times),
    call("member_names", lambda s, w, some: s.member_names(w, some), st.lists(members)),
    call(
        "add_position",
        lambda s, w, member, claim, version, stance, at, reason, public: s.add_position(
            a_position(
                workspace=w,
                member=member,
                claim_id=claim,
                claim_version=version,
                stance=stance,
                at=at,
                reason=reason,
                public=public,
                crux=public,
            )
        ),
        members,
        claims,
        versions,
        st.none() | st.sampled_from(Stance),
        st.integers(0, 3),
        st.none() | texts,
        st.booleans(),
    ),
    call("current_position", lambda s, w, claim, member: s.current_position(w, TOPIC, claim, member), claims, members),
    call("position_history", lambda s, w, member: s.position_history(w, member), members),
    call("current_positions", lambda s, w, claim: s.current_positions(w, TOPIC, claim), claims),
    call(
        "publish",
        lambda s, w, claim, v, at, since: s.publish(w, TOPIC, claim, v, at, since),
        claims,
        versions,
        times,
        times,
    ),
    call("published", lambda s, w: s.published(w, TOPIC)),
    call("published_positions", lambda s, w, most: s.published_positions(w, TOPIC, most), st.integers(2, 9)),
    call(
        "add_credit",
        lambda s, w, member, claim, argument, at, reason: s.add_credit(
            a_credit(workspace=w, member=member, claim_id=claim, argument_id=argument, at=at, reason=reason)
        ),
        members,
        claims,
        claims,
        st.integers(0, 3),
        texts,
    ),
    call("undo_credit", lambda s, w, member, at: s.undo_credit(w, member, at), members, times),
    call("credits_given", lambda s, w, member: s.credits_given(w, member), members),
    call("credits", lambda s, w: s.credits(w, TOPIC)),
    call("credits_since", lambda s, w, since: s.credits_since(w, TOPIC, since), st.none() | times),
    call("archive", archived, events, times),
    call("archive", archived, st.uuids().map(str), times),
    call("archive_unless", archived_unless, events, st.sampled_from([None, "2026-W09"])),
    call("digests", lambda s, w: s.digests(w, TOPIC)),
    call("digest", lambda s, w, key: s.digest(w, TOPIC, key), keys),
    call("digest_made_by", lambda s, w, event: s.digest_made_by(w, event), events),
    call("digest_claims", lambda s, w, key: s.digest_claims(w, TOPIC, key), keys),
    call("digest_positions", lambda s, w, key, most: s.digest_positions(w, TOPIC, key, most), keys, st.integers(2, 9)),
    call(
        "propose",
        lambda s, w, event, member, at, text, state: s.propose(
            a_proposal(
                event,
                at,
                workspace=w,
                member=member,
                state=state,
                edit=NewArgument(Words(text, "no", text), RelationKind.SUPPORTS, "MI-04"),
            )
        ),
        events,
        members,
        st.integers(0, 20),
        texts,
        st.sampled_from(UNDECIDED),
    ),
    call("proposal", lambda s, w, number: s.proposal(w, number), numbers),
    call("proposals", lambda s, w, member: s.proposals(w, member), st.none() | members),
    call(
        "settle",
        lambda s, w, number, was, to, at, amends, event: s.settle(
            a_proposal(
                workspace=w,
                number=number,
                state=to,
                decided_at=None if to in UNDECIDED else after(at),
                reason="why",
            ),
            was,
            None if amends is None else an_amendment(amends, at, workspace=w, event=event),
        ),
        numbers,
        st.sampled_from(ProposalState),
        st.sampled_from(ProposalState),
        st.integers(0, 20),
        st.none() | numbers,
        st.uuids().map(str),
    ),
    call(
        "amend",
        lambda s, w, number, edit, author, event: s.amend(
            an_amendment(number, workspace=w, edit=edit, author=author, event=event)
        ),
        numbers,
        edits,
        st.none() | members,
        st.uuids().map(str),
    ),
    call("amendments", lambda s, w: s.amendments(w)),
    call("revision", lambda s, w: s.revision(w)),
    call(
        "open_prompt",
        lambda s, w, prompt, channel, claim, version, at, since: s.open_prompt(
            a_prompt(prompt, at, workspace=w, channel=channel, claim_id=claim, claim_version=version), since
        ),
        prompts,
        channels,
        claims,
        versions,
        st.integers(0, 20),
        times,
    ),
    call("prompt", lambda s, w, prompt: s.prompt(w, prompt), prompts),
    call("open_prompts", lambda s, w: s.open_prompts(w)),
    call(
        "closed_prompts",
        lambda s, w, channel, most, topic: s.closed_prompts(w, channel, most, topic),
        channels,
        st.integers(1, 3),
        st.sampled_from([None, TOPIC, "other"]),
    ),
    call("prompt_closed_by", lambda s, w, by: s.prompt_closed_by(w, f"by-{by}"), prompts),
    call("last_asked", lambda s, w: s.last_asked(w, TOPIC)),
    call(
        "votes",
        lambda s, w, prompt, claim, version, at: s.votes(
            a_prompt(prompt, at, workspace=w, claim_id=claim, claim_version=version)
        ),
        prompts,
        claims,
        versions,
        st.integers(0, 4),
    ),
    call(
        "close_prompt",
        lambda s, w, prompt, at, stale, ending, answered: close_prompt(
            s,
            a_closed(a_prompt(prompt, workspace=w), at, ending=ending, answered=answered, closed_by=f"by-{prompt}"),
            stale,
        ),
        prompts,
        st.integers(0, 20),
        st.integers(0, 4).map(lambda n: n == 0),
        st.sampled_from(Ending),
        st.booleans(),
    ),
    call("queue", lambda s, w, topic: s.queue(w, topic), st.sampled_from([None, TOPIC, "other"])),
    call(
        "enqueue",
        lambda s, w, claim, member, topic, at, first: s.queue_claim(
            a_queued(claim, at, workspace=w, member=member, topic=topic), first=first
        ),
        claims,
        members,
        st.sampled_from([TOPIC, "other"]),
        st.integers(0, 20),
        st.booleans(),
    ),
    call("dequeue", lambda s, w, claim, member: s.dequeue(w, TOPIC, claim, member), claims, members),
    call("pass_over", lambda s, w, claim, at: s.pass_over(w, TOPIC, claim, at), claims, times),
    call("passed_over", lambda s, w: s.passed_over(w, TOPIC)),
    call("ask_pace", lambda s, w, channel: s.ask_pace(w, channel, TOPIC), channels),
    call("pace", lambda s, w, channel: s.pace(w, channel, TOPIC), channels),
    call("set_pace", lambda s, w, channel, pace: s.set_pace(w, channel, TOPIC, pace), channels, st.sampled_from(Pace)),
    call("member_record", lambda s, w, member: s.member_record(w, member), members),
    call("forget", lambda s, w, member, at: s.forget(w, member, at), members, times),
)

instants = st.integers(0, 12)
schedules = st.sampled_from(["s1", "s2", "\ud800"])
posts = st.sampled_from(["p1", "p2", "p\0"]) | events.map(lambda event: post_id(f"reply-{event}", 0))
channels = st.sampled_from(["c1", "c1", "c2"])
shown = texts | st.sampled_from(["Ada and Bo differ", "Adamant", "no name"])


def firing_post(workspace: str, schedule: str, due: int, part: int, text: str) -> Any:
    firing = a_firing(due, workspace=workspace, schedule=schedule)
    message = Message((Paragraph(text),))
    return a_post(f"{schedule}/{due}/{part}", due, workspace=workspace, firing=firing, part=part, message=message)


async def give_back(store: Store, workspace: str, post: str, worker: str, state: PostState, *rest: Any) -> bool:
    entry = await store.outbox_entry(workspace, post)
    if entry is None:
        return False
    free, unknown, tries, reason = rest
    since = None if unknown is None else after(unknown)
    changed = replace(
        entry, state=state, free_at=after(free), unknown_since=since, settled_at=since, tries=tries, reason=reason
    )
    return await store.give_back(changed, worker)


async def deleted(store: Store, workspace: str, at: int, left_before: int | None) -> bool:
    """Whether anything was: in memory there are fewer rows of the same."""
    before = None if left_before is None else after(left_before)
    return await store.delete_workspace(workspace, after(at), before) > 0


async def leased_firing(store: Store, workspace: str, worker: str, now: int, long: int) -> Any:
    firing = await store.lease_firing(worker, after(now), long, workspace)
    return None if firing is None else (firing, firing.tries)


async def firing_states(store: Store, workspace: str, schedule: str) -> Any:
    return [(f, f.tries, *rest) for f, *rest in await store.firing_states(workspace, schedule)]


calendar_calls = st.one_of(
    call(
        "put_schedule",
        lambda s, w, schedule, channel, at: s.put_schedule(
            a_schedule(workspace=w, id=schedule, channel=channel), after(at)
        ),
        schedules,
        texts,
        instants,
    ),
    call(
        "change_schedule",
        lambda s, w, schedule, was, channel, at: s.change_schedule(
            None if was is None else a_schedule(workspace=w, id=schedule, channel=was),
            a_schedule(workspace=w, id=schedule, channel=channel),
            after(at),
        ),
        schedules,
        st.none() | channels,
        channels,
        instants,
    ),
    call("schedule", lambda s, w, schedule: s.schedule(w, schedule), schedules),
    call("schedules", lambda s, w: s.schedules(w)),
    call("remove_schedule", lambda s, w, schedule: s.remove_schedule(w, schedule), schedules),
    call(
        "record_due",
        lambda s, w, schedule, was, until, due, dropped: s.record_due(
            [
                Examined(
                    Watched(a_schedule(workspace=w, id=schedule), after(was)),
                    after(until),
                    after(until + 1),
                    None if due is None else after(due),
                    tuple((after(each), "late") for each in dropped),
                )
            ]
        ),
        schedules,
        instants,
        instants,
        st.none() | instants,
        st.lists(instants, max_size=2),
    ),
    call(
        "fire",
        lambda s, w, schedule, due, at: s.fire(a_firing(due, workspace=w, schedule=schedule), after(at)),
        schedules,
        instants,
        instants,
    ),
    call("lease_firing", leased_firing, workers, instants, seconds),
    call(
        "finish_firing",
        lambda s, w, schedule, due, worker, words, at: s.finish_firing(
            a_firing(due, workspace=w, schedule=schedule),
            worker,
            [firing_post(w, schedule, due, part, text) for part, text in enumerate(words)],
            after(at),
        ),
        schedules,
        instants,
        workers,
        st.lists(shown, max_size=2),
        instants,
    ),
    call(
        "leave_firing",
        lambda s, w, schedule, due, worker, state, at, counted: s.leave_firing(
            a_firing(due, workspace=w, schedule=schedule), worker, state, "why", after(at), counted=counted
        ),
        schedules,
        instants,
        workers,
        st.sampled_from([FiringState.DUE, FiringState.DROPPED, FiringState.FAILED]),
        instants,
        st.booleans(),
    ),
    call("firing_states", firing_states, schedules),
    call("failed_firings", lambda s, w: s.failed_firings(w)),
    call(
        "enqueue",
        lambda s, w, some, channel, text, at, thread, kind, about: s.enqueue(
            [
                a_post(
                    post,
                    at,
                    workspace=w,
                    channel=channel,
                    thread=thread,
                    kind=kind,
                    message=Message((Paragraph(text),), about=about),
                    until=after(at),
                )
                for post in some
            ]
        ),
        st.lists(posts, max_size=2),
        channels,
        shown,
        instants,
        st.none() | threads,
        st.sampled_from(["prompt", "answer", "organisers"]),
        st.none() | st.builds(About, st.sampled_from([TOPIC, "other"]), st.none() | claims, st.booleans()),
    ),
    call(
        "lease_post",
        lambda s, w, worker, now, long, spacing: s.lease_post(worker, after(now), long, spacing, w),
        workers,
        instants,
        seconds,
        st.integers(0, 3),
    ),
    call("post_sent", lambda s, w, post, ref, at: s.post_sent(w, post, ref, after(at)), posts, threads, instants),
    call(
        "give_back",
        give_back,
        posts,
        workers,
        st.sampled_from([PostState.PENDING, PostState.HELD]),
        instants,
        st.none() | instants,
        instants,
        st.none() | texts,
    ),
    call("retry_post", lambda s, w, post, at: s.retry_post(w, post, after(at)), posts, instants),
    call("drop_post", lambda s, w, post, at: s.drop_post(w, post, after(at)), posts, instants),
    call("outbox", lambda s, w: s.outbox(PostState, w)),
    call("join_of_calendar", lambda s, w: s.join(w, "ada", "Ada", after(0))),
    call("forget_in_calendar", lambda s, w, at: s.forget(w, "ada", after(at)), instants),
)

calls = standing_calls | st.one_of(
    call(
        "receive",
        lambda s, w, event, at, text, member, within, direct: s.receive(
            a_request(
                event,
                w,
                within=within,
                direct=direct,
                text=text,
                received_at=at,
                member=member,
                member_name=member.capitalize(),
                organiser=member == "ada",
                stranger=member == "bo",
            )
        ),
        events,
        times,
        texts,
        members,
        st.none() | threads,
        st.booleans(),
    ),
    call("lease", lambda s, w, worker, now, how_long: s.lease(worker, now, how_long, w), workers, times, seconds),
    call(
        "lease_this",
        lambda s, w, event, worker, now, how_long: s.lease_this(a_request(event, w), worker, now, how_long),
        events,
        workers,
        times,
        seconds,
    ),
    call(
        "finish",
        lambda s, w, event, worker, at, command, writer, version, claim, text, thread, private: s.finish(
            a_request(event, w),
            worker,
            a_reply(
                a_request(event, w),
                at=at,
                command=command,
                writer=writer,
                prompt_version=version,
                topic=TOPIC if claim is None else f"about-{claim}",
                claim_id=claim,
                message=Message((Paragraph(text),), private=private),
                thread=thread,
            ),
        ),
        events,
        workers,
        times,
        st.sampled_from(["steelman", "counter", "standing", "proposals", "postdigest"]),
        st.sampled_from(["model", "outline"]),
        st.sampled_from([None, "p1", "p2"]),
        st.none() | claims,
        texts | st.sampled_from(["Ada and Bo agree", "Adamant", "no name"]),
        st.none() | threads,
        st.booleans(),
    ),
    call("finish_silently", lambda s, w, e, worker: s.finish(a_request(e, w), worker, None), events, workers),
    call("reply", lambda s, w, reply: s.reply(w, reply), replies),
    call("reply_to", lambda s, w, event: s.reply_to(w, event), events),
    call(
        "times_answered",
        lambda s, w, claim: s.times_answered(w, "c1", "steelman", f"about-{claim}", claim, True),
        claims,
    ),
    call(
        "endorse",
        lambda s, w, reply, member, endorsement, at: s.endorse(w, reply, member, endorsement, at),
        replies,
        members,
        st.sampled_from(Endorsement),
        times,
    ),
    call("endorsements", lambda s, w, reply: s.endorsements(w, reply), replies),
    call("endorsement_counts", counted),
    call(
        "record_usage",
        lambda s, w, member, at, tokens: s.record_usage(w, member, at, "m", Usage(tokens, 1, 1)),
        members,
        times,
        st.integers(0, 2**40),
    ),
    call("tokens_spent", lambda s, w, since, who: s.tokens_spent(w, since, who), times, st.none() | members),
    call("set_channel_topic", lambda s, w, topic: s.set_channel_topic(w, "c1", topic), texts),
    call("channel_topic", lambda s, w: s.channel_topic(w, "c1")),
)

thread_calls = st.one_of(
    call(
        "last_turn",
        lambda s, w, channel, thread, member, since: s.last_turn(Venue(w, channel, thread), member, since),
        channels,
        st.none() | threads,
        members,
        st.none() | times,
    ),
    call("thread_topics", lambda s, w, channel, thread: s.thread_topics(Venue(w, channel, thread)), channels, threads),
    call(
        "set_thread_topic",
        lambda s, w, channel, thread, topic: s.set_thread_topic(Venue(w, channel, thread), topic),
        channels,
        threads,
        texts,
    ),
)


async def replied(store: Store, workspace: str, event: str, *of: Any) -> bool:
    """A request that is answered, in a thread or not, about a claim or not."""
    channel, thread, member, at, claim, command, private = of
    request = a_request(event, workspace, channel=channel, member=member)
    await store.receive(request, "a", 1)
    message = Message((Paragraph("It is."),), private=private)
    topic = TOPIC if claim is None else f"about-{claim}"
    reply = a_reply(
        request, message=message, thread=thread, at=at, topic=topic, claim_id=claim, command=command, affirmed=private
    )
    return await store.finish(request, "a", reply)


async def posted(store: Store, workspace: str, post: str, *of: Any) -> bool:
    """A post that is sent, in a thread or not, about something or not."""
    channel, thread, kind, about, reference, at = of
    message = Message((Paragraph("It is."),), about=about)
    await store.enqueue([a_post(post, workspace=workspace, channel=channel, thread=thread, kind=kind, message=message)])
    return await store.post_sent(workspace, post, reference, after(at))


turn_calls = st.one_of(
    call(
        "replied",
        replied,
        st.sampled_from([f"e{n}" for n in range(9)]),
        channels,
        st.none() | threads,
        members,
        st.integers(0, 20).map(after),
        st.none() | claims,
        st.sampled_from(["steelman", "counter", "say"]),
        st.booleans(),
    ),
    call(
        "posted",
        posted,
        st.sampled_from(["p1", "p2", "p3"]) | st.integers(0, 8).map(lambda n: post_id(f"reply-e{n}", 0)),
        channels,
        st.none() | threads,
        st.sampled_from(["prompt", "answer", "answer", "organisers"]),
        st.none()
        | st.builds(About, st.sampled_from([TOPIC, "other"]), st.none() | claims, st.booleans(), st.booleans()),
        threads,
        instants,
    ),
    call("forget_turns", lambda s, w, member, at: s.forget(w, member, after(at)), members, instants),
)

parts = st.sampled_from(["bot", "\ud800", "Ada"])
sealed_bytes = st.sampled_from([b"", b"a", b"\0"])
workspace_calls = st.one_of(
    call("settings", lambda s, w, channel: s.settings(w, channel), st.none() | channels),
    call(
        "set_setting",
        lambda s, w, channel, name, value: s.set_setting(w, channel, name, value),
        st.none() | channels,
        st.sampled_from(["model", "budget", "organisers"]),
        st.none() | texts,
    ),
    call("organiser_group", lambda s, w: s.organiser_group(w)),
    call(
        "keep_installation",
        lambda s, w, key, sealed, at, who: s.keep_installation(w, key, sealed, after(at), who),
        parts,
        sealed_bytes,
        instants,
        st.none() | members,
    ),
    call("installation", lambda s, w, key: s.installation(w, key), parts),
    call("installations", lambda s, w: s.installations(w)),
    call(
        "reseal_installation",
        lambda s, w, key, was, sealed: s.reseal_installation(Sealed(w, key, was, after(0)), sealed),
        parts,
        sealed_bytes,
        sealed_bytes,
    ),
    call("drop_installation", lambda s, w, key: s.drop_installation(w, key), parts),
    call("forget", lambda s, w, who, at: s.forget(w, who, after(at)), members, instants),
    call("workspace_left", lambda s, w, at: s.workspace_left(w, after(at)), instants),
    call("workspace_back", lambda s, w: s.workspace_back(w)),
    call("delete_workspace", deleted, instants, st.none() | instants),
)
prune = call("prune", lambda s, _, before: s.prune(after(before)), instants)
everywhere = st.one_of(
    call("workspaces_here", lambda s, w: s.workspaces_here(w[:1])),
    call("workspaces_to_delete", lambda s, _, at, most: s.workspaces_to_delete(after(at), most), instants, seconds),
    call("all_installations", lambda s, _: s.all_installations()),
    call("backlog", lambda s, _: s.backlog()),
    prune,
    call("workspaces_to_close", lambda s, _, at: s.workspaces_to_close(after(at), 9), instants),
)

lease_any_post = call(
    "lease_any_post",
    lambda s, _, worker, now, long: s.lease_post(worker, after(now), long),
    workers,
    instants,
    seconds,
)
lease_any_firing = call(
    "lease_any_firing",
    lambda s, _, worker, now, long: s.lease_firing(worker, after(now), long),
    workers,
    instants,
    seconds,
)
look = call("schedules_to_check", lambda s, _, now: s.schedules_to_check(after(now), 9), instants)
outbox_of_all = call("outbox_of_all", lambda s, _: s.outbox([PostState.PENDING, PostState.HELD]))

lease_any = call("lease_any", lambda s, _, worker, now, long: s.lease(worker, now, long), workers, times, seconds)


async def result(store: Store, each: Call) -> Any:
    try:
        found = await each.run(store)
    except BadInput as error:
        return error.message
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else found


quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(sequence=st.lists(calls | lease_any, min_size=10, max_size=40))
async def test_any_calls_do_the_same_as_in_memory(hasty_store: SqlStore, sequence: list[Call]) -> None:
    store, memory = await emptied(hasty_store), MemoryStore()
    for each in sequence:
        assert await result(store, each) == await result(memory, each), each


@quick
@given(sequence=st.lists(thread_calls | turn_calls | prune, min_size=20, max_size=60))
async def test_any_threads_are_the_same_as_in_memory(hasty_store: SqlStore, sequence: list[Call]) -> None:
    store, memory = await emptied(hasty_store), MemoryStore()
    for each in sequence:
        assert await result(store, each) == await result(memory, each), each


@quick
@given(sequence=st.lists(standing_calls, min_size=20, max_size=50))
async def test_any_positions_stand_the_same_as_in_memory(hasty_store: SqlStore, sequence: list[Call]) -> None:
    store, memory = await emptied(hasty_store), MemoryStore()
    for each in sequence:
        assert await result(store, each) == await result(memory, each), each


@quick
@given(
    sequence=st.lists(
        calendar_calls | lease_any_post | lease_any_firing | look | outbox_of_all, min_size=20, max_size=60
    )
)
async def test_any_calendar_is_the_same_as_in_memory(hasty_store: SqlStore, sequence: list[Call]) -> None:
    store, memory = await emptied(hasty_store), MemoryStore()
    for each in sequence:
        assert await result(store, each) == await result(memory, each), each


@quick
@given(
    sequence=st.lists(
        workspace_calls
        | calls
        | calendar_calls
        | thread_calls
        | everywhere
        | lease_any
        | lease_any_post
        | lease_any_firing
        | look,
        min_size=20,
        max_size=60,
    )
)
async def test_any_workspaces_come_and_go_the_same_as_in_memory(hasty_store: SqlStore, sequence: list[Call]) -> None:
    store, memory = await emptied(hasty_store), MemoryStore()
    for each in sequence:
        assert await result(store, each) == await result(memory, each), each


@quick
@given(
    sequence=st.lists(calls | calendar_calls | workspace_calls | thread_calls | turn_calls, min_size=10, max_size=40)
)
async def test_a_workspace_sees_nothing_of_another(hasty_store: SqlStore, sequence: list[Call]) -> None:
    both, alone = await emptied(hasty_store), MemoryStore()
    for each in sequence:
        found = await result(both, each)
        if each.workspace == "w1":
            assert found == await result(alone, each), each


@given(
    sequence=st.lists(calls | calendar_calls | workspace_calls | thread_calls | turn_calls, min_size=10, max_size=40)
)
async def test_a_workspace_in_memory_sees_nothing_of_another(sequence: list[Call]) -> None:
    both, alone = MemoryStore(), MemoryStore()
    for each in sequence:
        found = await result(both, each)
        if each.workspace == "w1":
            assert found == await result(alone, each), each


# -- what two snapshots tell ------------------------------------------------------------------------------------------

crowd = st.sampled_from([f"m{n}" for n in range(6)])
deeds = st.one_of(
    st.tuples(crowd, st.none() | st.sampled_from([Stance.AGREE, Stance.DISAGREE])),
    st.tuples(crowd, st.just("forget")),
)


published_first = st.integers(3, 4).map(
    lambda size: [
        *(("hold", member) for member in ("ada", "bo", "cy", "di")[:size]),
        ("publish", ""),
        ("archive", ""),
    ]
)
then = st.lists(
    st.tuples(
        st.sampled_from(["hold", "hide", "publish", "archive", "forget"]), st.sampled_from(["ada", "bo", "cy", "di"])
    ),
    min_size=3,
    max_size=12,
)


@quick
@given(first=published_first, more=then)
async def test_digests_are_kept_and_forgotten_the_same_as_in_memory(
    hasty_store: SqlStore, first: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    """Sequences that get as far as an archive, which calls at random seldom do."""
    store, memory = await emptied(hasty_store), MemoryStore()
    for n, (deed, member) in enumerate([*first, *more]):
        found: list[Any] = []
        for each in (store, memory):
            match deed:
                case "hold" | "hide":
                    stance = Stance.AGREE if n % 2 else Stance.DISAGREE
                    await each.add_position(a_position(n, member=member, stance=stance, public=deed == "hold"))
                case "publish":
                    found.append(await each.publish("w1", TOPIC, "MI-04", 1, after(n), after(0)))
                case "archive":
                    found.append(await archived(each, "w1", f"event {n}", after(n)))
                case "forget":
                    found.append(await each.forget("w1", member, after(n)))
            for key in ("2026-W09", "2026-W09-2"):
                found.append([await each.digest("w1", TOPIC, key), list(await each.digest_claims("w1", TOPIC, key))])
                found.append(list(await each.digest_positions("w1", TOPIC, key, 99) or ()))
            found.append([await each.member_record("w1", who) for who in ("ada", "bo")])
        assert found[: len(found) // 2] == found[len(found) // 2 :], (deed, member)


@given(sequence=st.lists(deeds, min_size=10, max_size=60))
async def test_any_two_snapshots_that_were_shown_differ_in_three_members_or_more(
    sequence: list[tuple[str, Any]],
) -> None:
    """Also where members are forgotten and come back, whom the store can't tell from new ones, and we can."""
    store = MemoryStore()
    shown: dict[str, Stance | None] = {}
    for n, (member, deed) in enumerate(sequence):
        if deed == "forget":
            await store.forget("w1", member, after(n))
        else:
            await store.add_position(a_position(n, member=member, stance=deed))
        moved = await store.publish("w1", TOPIC, "MI-04", 1, after(n), after(0))
        found = {p.member: p.stance for p in await store.published_positions("w1", TOPIC, 100) or ()}
        if not await store.published("w1", TOPIC):
            assert found == {}
            continue
        differ = sum(shown.get(who) is not found.get(who) for who in shown.keys() | found.keys())
        assert differ >= 3 if moved else differ == 0
        shown = found
