"""What is said around arguments, positions and a member's own record, in the language that is spoken: every branch.

`test_own_words` talks to the bot; here is what takes more luck, members or failures, and what is typed wrong. The last
part reads the code of the core: a sentence that is not given to the language does not get into it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from bot import core, errors
from bot.core import position_replies, records, replies, thread_replies
from bot.core.actions import answer_action, stand_action
from bot.core.arguments import ArgumentMap, Certainty, RelationKind, Retired, Source, View
from bot.core.assignments import Assignment, Task, Written
from bot.core.disclosure import Live, Shared, live, shared
from bot.core.help import HELP, SAME, help_on
from bot.core.inbox import apology, stopped
from bot.core.kept import Forgotten, PublishedClaim
from bot.core.language import English, say, speaking
from bot.core.messages import Message, Paragraph
from bot.core.parsing import _SUBCOMMANDS, MAX_LENGTH, parse
from bot.core.positions import Credit, Position, Stance
from bot.core.reading import Candidate, Leaning
from bot.core.resolving import Resolved, Unresolved, unknown_claim
from bot.core.standing import Tally
from bot.core.walks import case_for
from bot.errors import BadInput, RetiredClaim, UnknownClaim
from bot.testing import FixedCatalogue, ManualClock
from bot.writing import grounding
from tests.pseudo import Pseudo, untranslated
from tests.unit.group import OTHER, TEA, Group, ScriptedWriter
from tests.unit.maps import argument
from tests.unit.test_own_words import USAGES, speaking_group

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
NAMES = ("ann", "ben", "cyd", "dan", "olga", "Crux", "crux-export.json")
WHY = "it is warm and dry"


def every(*parts: Iterable[object]) -> list[tuple[object, ...]]:
    return list(product(*parts))


def pseudo() -> AbstractContextManager[None]:
    return speaking(Pseudo())


def left_over(*said: str | Message, known: tuple[str, ...] = ()) -> list[str]:
    """What is not said in the language that is spoken."""
    messages = [each if isinstance(each, Message) else Message((Paragraph(each),)) for each in said]
    others = (*USAGES, *NAMES, WHY, *known)
    return [text for message in messages for text in untranslated(message, (TEA, OTHER, RENAMED), others)]


def said(build: object) -> str:
    """All texts of a message, to tell that a branch was taken."""
    return repr(build)


# -- steelmen and counterarguments ------------------------------------------------------------------------------------

RENAMED = replace(
    TEA, thesis=argument("T-00", claim="The thesis has another wording now", version=2, earlier=(TEA.thesis.claim,))
)
"""The map with its thesis reworded."""


def assigned(task: Task, view: View) -> Assignment:
    walk = case_for(TEA, view if task is Task.STEELMAN else view.opposite)
    return Assignment(task, TEA, view, walk, "", 200, "w", "ann")


WRITTEN = Written("A ground speaks for it [T-01].", "outline")
ALL_WRITTEN = (
    WRITTEN,
    replace(WRITTEN, writer="model", model="GPT"),
    *(
        replace(WRITTEN, why_outline=why)
        for why in (
            grounding.UNCHECKED,
            grounding.UNAVAILABLE,
            grounding.MISCONFIGURED,
            grounding.OVERLOADED,
            grounding.SPENT,
        )
    ),
)


@pytest.mark.parametrize(
    ("task", "affirmed", "leaning", "by_words", "from_before"),
    every(Task, (True, False), (None, *Leaning), (True, False), (True, False)),
)
def test_an_argued_reply(
    task: Task, affirmed: bool, leaning: Leaning | None, by_words: bool, from_before: bool
) -> None:
    view = View("T-01", affirmed)
    found = Resolved(TEA, view, leaning, by_words, from_before)
    with pseudo():
        for written in ALL_WRITTEN:
            message = replies.argued(assigned(task, view), found, written, "r1")
            assert left_over(message, replies.to_oneself(message), known=("GPT",)) == []
            assert replies.title(assigned(task, view)) == message.title


def test_titles_tell_the_four_cases_apart() -> None:
    titles = {replies.title(assigned(task, View("T-01", way))) for task in Task for way in (True, False)}
    assert titles == {
        "The best case for T-01",
        "The best case for denying T-01",
        "The best case against T-01",
        "The best case against denying T-01",
    }


@pytest.mark.parametrize("spoken", [English(), Pseudo()])
def test_what_is_shared_has_no_button_to_share_it_whatever_that_is_called(spoken: English) -> None:
    with speaking(spoken):
        message = replies.argued(assigned(Task.STEELMAN, View("T-01")), Resolved(TEA, View("T-01")), WRITTEN, "r1")
        private = replies.to_oneself(message)
    assert len(private.buttons) == len(message.buttons) + 1
    assert replies.shared_with_all(private).buttons == message.buttons  # in whichever language it is shared


@pytest.mark.parametrize("certainty", list(Certainty))
@pytest.mark.parametrize(
    "sources", [(), (Source("A book", where="p. 3"), Source("A talk")), (Source("", added=AT.date()),)]
)
def test_where_an_argument_comes_from(certainty: Certainty, sources: tuple[Source, ...]) -> None:
    found = argument("T-01", certainty=certainty, sources=sources)
    with pseudo():
        assert left_over(replies.origin(found), known=("A book, p. 3", "A talk")) == []


# -- what the map has nothing on, and what was meant ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nearest", "elsewhere", "by_words", "in_thread", "task"),
    every((True, False), (True, False), (True, False), (True, False), (None, *Task)),
)
def test_words_that_are_not_understood(
    nearest: bool, elsewhere: bool, by_words: bool, in_thread: bool, task: Task | None
) -> None:
    candidates = tuple(Candidate(f"T-0{n}", 0.9, leaning, 0.1) for n, leaning in enumerate(Leaning)) if nearest else ()
    found = Unresolved(TEA, candidates, OTHER if elsewhere else None, by_words, in_thread)
    with pseudo():
        message = replies.unresolved(found, task)
        assert left_over(message, replies.to_oneself(message)) == []
        assert bool(message.notes) is by_words


@pytest.mark.parametrize("leaning", [None, *Leaning])
@pytest.mark.parametrize("claim_id", [each.id for each in TEA])
def test_plain_words(leaning: Leaning | None, claim_id: str) -> None:
    with pseudo():
        assert left_over(replies.both_sides(Resolved(TEA, View(claim_id), leaning, by_words=True))) == []
        for view in (View(claim_id), View(claim_id, affirmed=False)):
            assert left_over(replies.nothing_for(TEA, view)) == []


def test_topics() -> None:
    alone = ArgumentMap("lone", "Lone", "Is it alone?", argument("L-00"), (), ())
    maps = (TEA, OTHER, alone)
    with pseudo():
        for of_thread in (None, *maps):
            message = replies.topics(maps, TEA, of_thread)
            assert left_over(message, known=("lone", "Lone", "Is it alone?")) == []
        chosen = [thread_replies.thread_topic_chosen(TEA, of_channel) for of_channel in (TEA, OTHER)]
        assert left_over(replies.topic_chosen(TEA), *chosen) == []


FIGURES: Mapping[str, Shared] = shared(
    PublishedClaim(each.id, Tally.of(each.id, [Stance.AGREE] * 3 + [Stance.UNSURE] * 5, 10), 3, AT) for each in TEA
)


@pytest.mark.parametrize("root", [each.id for each in TEA])
@pytest.mark.parametrize("figures", [{}, FIGURES])
def test_trees(root: str, figures: Mapping[str, Shared]) -> None:
    with pseudo():
        assert left_over(replies.tree(TEA, root, 5, figures)) == []


def test_each_way_of_bearing_on_a_claim_has_words() -> None:
    with pseudo():
        for kind in RelationKind:
            assert left_over(replies._bearing(kind)) == []


# -- help -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [None, *HELP, *SAME, "nonsense"])
def test_help(name: str | None) -> None:
    with pseudo():
        message = help_on(name, TEA)
    assert left_over(message) == []
    assert "{" not in said(message)
    assert "MI-" not in said(message), "examples are the topic's own"


# -- positions --------------------------------------------------------------------------------------------------------


def held(stance: Stance | None, **changes: object) -> Position:
    return replace(Position("w", "small", "T-00", 2, "ann", stance, AT), **changes)  # type: ignore[arg-type]


def figures() -> Live:
    positions = [replace(held(Stance.AGREE), member=member) for member in ("ann", "ben", "cyd")]
    found = live(positions, "ann", 4)
    assert found is not None
    return found


@pytest.mark.parametrize("stance", [None, *Stance])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("reason", [None, WHY])
def test_where_a_member_stands(stance: Stance | None, version: int, reason: str | None) -> None:
    position = held(stance, claim_version=version, reason=reason)
    with pseudo():
        for found in (None, figures()):
            assert left_over(position_replies.where_i_stand(RENAMED, "T-00", position, found)) == []
            assert left_over(position_replies.where_i_stand(RENAMED, "T-00", None, found)) == []


@pytest.mark.parametrize("stance", list(Stance))
@pytest.mark.parametrize("before", [None, *Stance])
@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("claim_id", ["T-00", "T-05"])
def test_a_position_that_is_recorded(stance: Stance, before: Stance | None, marked: bool, claim_id: str) -> None:
    now = held(stance, crux=marked, public=marked, claim_id=claim_id)
    with pseudo():
        message = position_replies.position_recorded(RENAMED, held(before, claim_id=claim_id), now, figures())
        assert left_over(message, position_replies.position_recorded(RENAMED, None, now, None)) == []


def test_stances_are_said_in_one_sentence_each() -> None:
    told = [position_replies.where_i_stand(TEA, "T-01", held(stance, claim_id="T-01"), None).text for stance in Stance]
    assert [text.split("T-01")[0] for text in told] == [
        "You strongly disagree with ",
        "You disagree with ",
        "You agree with ",
        "You strongly agree with ",
        "You are unsure about ",
    ]


def test_credits() -> None:
    credit = Credit("w", "small", "T-01", "ann", "T-02", WHY, AT)
    with pseudo():
        assert (
            left_over(
                position_replies.credit_recorded(TEA, credit),
                position_replies.credit_undone(credit),
                position_replies.how_to_credit(TEA, "T-01", ["T-01", "T-02", "T-99"]),
                position_replies.how_to_credit(TEA, "T-01", []),
                position_replies.position_withdrawn(TEA["T-01"]),
            )
            == []
        )


# -- a member's own record --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stance", [None, *Stance])
@pytest.mark.parametrize(("crux", "public", "version"), every((True, False), (True, False), (1, 2)))
def test_what_a_member_holds(stance: Stance | None, crux: bool, public: bool, version: int) -> None:
    gone = Retired(argument("T-09"), "it is said already", AT)
    found = replace(RENAMED, retired=(gone,))
    later = AT + timedelta(days=1)
    history = [
        *(held(each, at=AT) for each in Stance),
        held(stance, at=later, crux=crux, public=public, claim_version=version, reason=WHY),
        held(stance, at=later, claim_id="T-09", claim_version=1),
        held(stance, at=later, topic="elsewhere", claim_id="E-01", claim_version=1),
    ]
    credit = Credit("w", "small", "T-00", "ann", "T-02", WHY, AT)
    with pseudo():
        for maps in ({"small": found}, {}):
            message = records.me(maps, history, [credit])
            assert left_over(message, known=(gone.argument.claim, "elsewhere")) == []


def test_a_member_who_holds_nothing() -> None:
    with pseudo():
        assert left_over(records.me({}, [], []), records.ask_before_forgetting()) == []


async def test_an_export() -> None:
    message = await speaking_group().say("/crux export-me")
    assert message.attachment is not None
    assert left_over(message) == []


COUNTED = ("positions", "credits", "endorsements", "requests", "replies", "proposals", "queued", "installed")


@pytest.mark.parametrize("number", [0, 1, 2, 1234])
@pytest.mark.parametrize("erased", [True, False])
def test_what_was_forgotten(number: int, erased: bool) -> None:
    one_kind = [Forgotten(**{name: number}, erased=erased) for name in COUNTED]  # type: ignore[arg-type]
    all_kinds = Forgotten(
        **dict.fromkeys(COUNTED, number),
        digests=number,
        withdrawn=(("small", "T-01"),) * min(number, 1),
        erased=erased,
    )
    with pseudo():
        assert left_over(*map(records.forgotten, [*one_kind, all_kinds])) == []
    assert ("1,234 answers" in records.forgotten(all_kinds).text) is (number == 1234)


# -- what can't be read -----------------------------------------------------------------------------------------------

UNREADABLE = (
    "",
    "x" * (MAX_LENGTH + 1),
    "/nonsense",
    "/steelman",
    "/counter",
    "/stand",
    "/stand T-01 withdraw now",
    "/stand T-01 perhaps",
    "/crux nonsense",
    "/crux digest nonsense",
    "/crux credit",
    "/crux credit T-02 for T-01",
    "/crux argue",
    "/crux argue T-01 about it",
    "/crux argue T-01 for",
    "/crux argue T-01 undercut T-00",
    *(f"/crux {name} {rest}" for name in ("approve", "decline", "withdraw", "proposals") for rest in ("x", "#", "-1")),
    "/crux approve 1 because it is so",
    *(f"/crux {name}" for name in ("reword", "retire", "restore", "reword T-01", "retire T-01")),
    "/crux prompt T-01 and more",
    "/crux prompt close T-01 and more",
    *(f"/crux queue {rest}" for rest in ("nonsense", "add", "first", "skip", "add T-01 T-02")),
    "/crux forget-me now",
    "/press",
    "/press nonsense",
    f"/press {stand_action('small', 'T-01')}:perhaps",
    f"/press {answer_action('p1', Stance.AGREE)}x",
)


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_can_not_be_read(text: str) -> None:
    typed = tuple(re.findall(r"[^\W_]{2,}", text))
    with pseudo(), pytest.raises(BadInput) as caught:
        parse(text)
    assert left_over(caught.value.message, known=typed) == []


@pytest.mark.parametrize("name", sorted({*_SUBCOMMANDS} - {""}))
@pytest.mark.parametrize("rest", ["", "nonsense", "T-01", "T-01 x", "99 x", "T-01 for", "add", "close"])
def test_no_command_is_refused_in_english(name: str, rest: str) -> None:
    told = ""
    with pseudo():
        try:
            parse(f"/crux {name} {rest}")
        except BadInput as error:
            told = error.message
    assert left_over(told, known=(rest, *rest.split())) == []


@pytest.mark.parametrize(("text", "wanted"), [("something", None), ("T-11", "T-11"), ("Z-77", "Z-77"), ("T-6", "T-06")])
def test_claims_that_there_are_not(text: str, wanted: str | None) -> None:
    with pseudo():
        assert left_over(unknown_claim(text, TEA, wanted).message, known=("something",)) == []


async def test_several_claims_where_one_is_meant() -> None:
    for text in ("/steelman T-01 or T-02", "T-01, T-02 and T-03"):
        assert left_over(await speaking_group().say(text)) == []


def test_claims_that_a_map_does_not_have() -> None:
    retired = replace(TEA, retired=(Retired(argument("T-09"), WHY, AT),))
    for claim_id, kind in (("T-09", RetiredClaim), ("T-99", UnknownClaim)):
        with pseudo(), pytest.raises(kind) as caught:
            retired[claim_id]
        assert left_over(caught.value.message) == []


async def test_topics_that_begin_alike() -> None:
    group = speaking_group()
    twins = (replace(TEA, id="tea-a"), replace(TEA, id="tea-b"))
    group.debate = replace(group.debate, catalogue=FixedCatalogue(twins))
    for text in ("/crux topic tea", "/crux topic nowhere"):
        assert left_over(await group.say(text), known=("tea-a", "tea-b")) == []


async def test_what_there_was_and_is_gone() -> None:
    group = speaking_group()
    unanswered = await group.say("/crux help")
    assert unanswered.reply_id is None
    for kind in ("sign", "notmine", "turn", "share", "changed"):
        assert left_over(await group.say(f"/press {kind}:0123456789")) == []


# -- what is done with an answer --------------------------------------------------------------------------------------


async def test_an_endorsement() -> None:
    group = speaking_group()
    steelman = await group.say("/steelman T-01", "ben")
    (sign, not_mine) = [f"/press {button.action}" for button in steelman.buttons[:2]]
    for text in (sign, not_mine):
        assert left_over(await group.say(text)) == []
    for stance in ("disagree", "strongly disagree"):
        await group.say(f"/stand T-01 {stance}")
        assert left_over(await group.say(sign)) == []


async def test_credit_to_an_argument_of_ones_own() -> None:
    group = speaking_group()
    await group.say("/crux argue T-01 for Tea keeps people awake at night. They then read more.")
    await group.say("/crux approve 1", "olga")
    await group.say("/stand T-01 agree")
    await group.say("/stand T-01 disagree")
    refused = await group.say("/crux credit T-501 for T-01 because it shows a plan that could work")
    assert left_over(refused) == []
    assert "T-501" in refused.text


async def test_credit_that_is_refused() -> None:
    group = speaking_group()
    group.clock.advance(60)
    texts = (
        "/crux credit T-02 because it shows a plan that could work",
        "/stand T-01 agree",
        "/crux credit T-02 for T-01 because it shows a plan that could work",
        "/crux credit T-02 for O-01 because it shows a plan that could work",
        "/stand T-01 disagree",
        "/crux credit T-02 for T-01 because so",
        "/crux credit T-02 for T-01 because it shows a plan that could work",
        "/crux credit T-03 for T-01 because it shows another plan that could work",
        "/crux credit undo",
        "/crux credit undo",
        "/stand T-03 withdraw",
    )
    for text in texts:
        group.clock.advance(60)
        assert left_over(await group.say(text)) == [], text


# -- when answering itself ends ---------------------------------------------------------------------------------------


def test_a_reply_that_was_stopped_and_one_that_broke() -> None:
    request = Group().request("/steelman T-01")
    with pseudo():
        message = stopped(request, say("Settings"), TEA["T-01"].text, ManualClock()).message
        assert left_over(message, apology(request, ManualClock()).message) == []
        assert message.notes


async def test_an_answer_that_broke_is_apologised_for_in_the_language_of_the_channel() -> None:
    group = speaking_group()
    group.use(ScriptedWriter([]))  # ends without a text
    assert left_over(await group.say("/steelman T-01")) == []


# -- the code ---------------------------------------------------------------------------------------------------------

CORE = sorted(Path(core.__path__[0]).glob("*.py"))
SAYS = ("say", "say_as", "plural", "mark")
FOR_MEMBERS = {
    *("Paragraph", "Button", "Line"),
    *(name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, BadInput)),
}
"""What is made with a text that a member sees."""


def calls(tree: ast.AST, names: set[str] | tuple[str, ...]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def plain_words(node: ast.AST) -> Iterator[str]:
    """Words in a text that are not said, outside of quoted code."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if re.search(r"[A-Za-z]{2,}", re.sub(r"`[^`]*`", "", node.value)):
            yield node.value
        return
    if isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp | ast.BoolOp):
        for child in ast.iter_child_nodes(node):
            yield from plain_words(child)


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_what_members_see_is_said_and_not_written(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        f"{path.name}:{call.lineno}: {words}"
        for call in calls(tree, FOR_MEMBERS)
        for text in call.args[:1]
        for words in plain_words(text)
    ]
    assert found == []


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_no_refusal_is_raised_with_its_class_alone(path: Path) -> None:
    """Its docstring would be shown, which is English."""
    refusals = {name for name in FOR_MEMBERS if hasattr(errors, name)}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise):
            assert not (isinstance(node.exc, ast.Name) and node.exc.id in refusals), f"{path.name}:{node.lineno}"
            if isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name) and node.exc.func.id in refusals:
                assert node.exc.args, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.stem)
def test_no_text_is_said_before_it_is_known_in_which_language(path: Path) -> None:
    """Not where a module is loaded, nor as a default: constants are marked, and said where they are used."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            kept = {"cached_property", "lru_cache", "cache"} & set(
                re.findall(r"\w+", " ".join(map(ast.unparse, node.decorator_list)))
            )
            waiting += [*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)]
            waiting += node.body if kept else []
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("say", "say_as", "plural", "spoken"), f"{path.name}:{node.lineno}"
        waiting += ast.iter_child_nodes(node)
