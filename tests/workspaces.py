"""Members of two workspaces who type at random, and what those of the first are answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from bot.core.arguments import ArgumentMap
from bot.core.inbox import Inbox
from bot.core.messages import Finished, Message
from bot.core.ports import Store
from bot.core.reading import Candidate, Leaning, Reading, Verdict
from bot.core.requests import Request
from tests.unit.group import Group

FIRST, SECOND = "w1", "w2"
MEMBERS = ("ann", "ben", "cyd", "olga")


@dataclass(frozen=True)
class Step:
    """What a member types; `press` instead presses a button of the newest answer in their workspace, if it has one."""

    workspace: str
    member: str
    text: str
    press: int | None = None


class SharedWords:
    """A retriever that finds the claim with which a text shares most words, and is sure from four on."""

    async def read(self, text: str, argument_map: ArgumentMap, limit: int = 10) -> Reading:
        said = _words(text)
        shared = {argument.id: len(said & _words(argument.claim)) for argument in argument_map}
        best = sorted(shared, key=lambda name: (-shared[name], name))[:limit]
        candidates = tuple(Candidate(name, float(shared[name]), Leaning.AFFIRMS, 0.2) for name in best)
        return Reading(text, Verdict.SURE if shared[best[0]] >= 4 else Verdict.NOTHING, candidates)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


NEWEST = "NEWEST"
"""Stands for the number that the workspace's newest proposal was told to have."""
_TOPIC = "/crux topic new Should we drop stand-ups? Thesis: Stand-ups cost us an hour a day."
_CLAIMS = st.sampled_from(["T-00", "T-01", "T-02", "T-03", "T-501", "T-501", "T-502", "SDSU-00", "SDSU-01"])
_NUMBERS = st.sampled_from([1, 1, 2, 3])
_WORDS = st.sampled_from(
    [
        "Cold tea is a waste of good leaves. It was brewed hot.",
        "Leaves are cheap these days. Contrary: Leaves are dear.",
        "Claim T-02 holds in most of the cases, I think.",
        "Cold tea is a waste of good leaves, as they say.",
        "short",
    ]
)


def _typed(template: str, *parts: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda given: template.format(*given))


_LINES = st.one_of(
    _typed("/stand {} {}", _CLAIMS, st.sampled_from(["agree", "disagree crux public", "unsure", "withdraw", ""])),
    _typed("/crux argue {} {} {}", _CLAIMS, st.sampled_from(["for", "against", "undercut"]), _WORDS),
    _typed("/crux argue T-00 for {}", _WORDS),
    _typed("/crux approve {}", _NUMBERS),
    _typed("/crux approve {}", _NUMBERS),
    _typed("/crux approve {} {}", _NUMBERS, _WORDS),
    _typed("/crux decline {} because it is said already", _NUMBERS),
    _typed("/crux withdraw {}", _NUMBERS),
    _typed("/crux reword {} {}", _CLAIMS, _WORDS),
    _typed("/crux retire {} because it is old", _CLAIMS),
    _typed("/crux restore {}", _CLAIMS),
    _typed("/crux credit {} for {} because it is what I had not thought of", _CLAIMS, _CLAIMS),
    _typed("/crux map {}", _CLAIMS),
    _typed("/steelman {}", _CLAIMS),
    _typed("/crux standing {}", _CLAIMS),
    _typed("/crux prompt {}", _CLAIMS),
    _typed("/crux queue {} {}", st.sampled_from(["add", "skip", "first"]), _CLAIMS),
    st.sampled_from(
        [
            _TOPIC,
            "/crux topic should-we-drop-stand-ups",
            "/crux topic small",
            "/crux topic",
            "/crux prompt",
            "/crux prompt close",
            "/crux queue",
            "/crux proposals",
            "/crux proposals 1",
            "/crux map all",
            "/crux me",
            "/crux settings",
            "/crux settings model off",
            "/crux settings budget 5000",
            "/crux settings organisers S1",
            "/crux settings strangers on",
            "/crux standing",
            "/crux digest",
            "/crux digest",
            "/crux digest preview",
            "/crux digest list",
            "/crux digest 2026-W02",
            "/crux forget-me yes",
            "cold tea is a waste of good leaves",
        ]
    ),
)
_ORGANISING = ("approve", "decline", "reword", "retire", "restore", "prompt", "digest", "settings ")


def _step(workspace: str, member: str, text: str, press: int | None) -> Step:
    organises = any(f"/crux {word}" in text for word in _ORGANISING)
    return Step(workspace, "olga" if organises else member, text, press)


def _adopted(workspace: str, member: str, proposal: str, then: str) -> list[Step]:
    """What it takes for a proposal to get into the map, and something that is done with it."""
    lines = (proposal, f"/crux approve {NEWEST}", then)
    return [_step(workspace, member, line, None) for line in lines]


_SPACES = st.sampled_from([FIRST, SECOND])
_PEOPLE = st.sampled_from(MEMBERS)
_PROPOSED = _typed(
    "/crux argue {} {} {}", st.sampled_from(["T-00", "T-01"]), st.sampled_from(["for", "against"]), _WORDS
)
_single = st.builds(_step, _SPACES, _PEOPLE, _LINES, st.none() | st.none() | st.none() | st.integers(0, 2))
_several = st.builds(_adopted, _SPACES, _PEOPLE, _PROPOSED | st.just(_TOPIC), _LINES)
steps = st.lists(_single.map(lambda step: [step]) | _several, min_size=6, max_size=20).map(
    lambda drawn: [step for some in drawn for step in some]
)
LOOKED_AT = (
    *("/crux proposals", "/crux map all", "/crux topic", "/crux standing", "/crux digest list"),
    *("/crux digest 2026-W02-2", "/crux queue", "/crux settings", "/crux me", "/crux export-me"),
)


async def answers(store: Store, taken: Sequence[Step], workspaces: Collection[str]) -> list[tuple[str, Message]]:
    """What members of the first workspace were told, each with what was typed; others than the workspaces are silent.

    Events have the same ids in both workspaces, and time goes on whoever is silent.
    """
    group = Group(store)
    debate = replace(group.debate, retriever=SharedWords())
    inbox = Inbox(store, debate, group.clock, "worker", 60)
    looked = [Step(FIRST, member, text) for member in MEMBERS for text in LOOKED_AT]
    counts: Counter[str] = Counter()
    newest: dict[str, Message] = {}
    proposals: dict[str, str] = {}
    told = []
    for step in (*taken, *looked):
        group.clock.advance(60)
        if step.workspace not in workspaces:
            continue
        text = step.text.replace(NEWEST, proposals.get(step.workspace, "1"))
        buttons = newest[step.workspace].buttons if step.workspace in newest else ()
        if step.press is not None and buttons:
            text = f"/press {buttons[step.press % len(buttons)].action}"
        counts[step.workspace] += 1
        request = Request(
            step.workspace,
            "general",
            step.member,
            text,
            f"event-{counts[step.workspace]}",
            group.clock.now(),
            member_name=step.member.capitalize(),
            organiser=step.member in group.organisers,
        )
        assert await inbox.receive(request)
        finished = [event async for event in inbox.respond(request)][-1]
        assert isinstance(finished, Finished)
        assert "Something broke" not in finished.message.text
        newest[step.workspace] = finished.message
        if number := re.match(r"Proposed, as number (\d+)", finished.message.text):
            proposals[step.workspace] = number[1]
        if step.workspace == FIRST:
            told.append((text, _timeless(finished.message)))
    return told


def _timeless(message: Message) -> Message:
    """A message without how long it took to write one."""
    if message.attachment is None:
        return message
    text = re.sub(r'"seconds": [^\n]*', '"seconds": 0', message.attachment.text)
    return replace(message, attachment=replace(message.attachment, text=text))
