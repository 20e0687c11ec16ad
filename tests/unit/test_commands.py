from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.actions import (
    FORGET_ACTION,
    answer_action,
    argue_action,
    crux_action,
    pace_action,
    proposal_action,
    reply_action,
    stand_action,
    to_all,
    to_oneself,
    topic_action,
)
from bot.core.arguments import RelationKind, View
from bot.core.assignments import Task
from bot.core.commands import (
    Answer,
    Approve,
    Argue,
    ArgueView,
    Changed,
    Close,
    Credit,
    Decline,
    Drop,
    Endorse,
    Enqueue,
    ExportMe,
    ForgetMe,
    Help,
    Map,
    MarkCrux,
    Me,
    PassOver,
    PauseSchedule,
    Post,
    Proposals,
    ProposeArgument,
    ProposeTopic,
    Queue,
    QuietSchedule,
    RemoveSchedule,
    Restore,
    ResumeSchedule,
    Retire,
    Reword,
    RunSchedule,
    Say,
    Schedules,
    SetPace,
    SetSchedule,
    Stand,
    Standing,
    Submit,
    Topic,
    Turn,
    UndoCredit,
    Withdraw,
)
from bot.core.help import HELP, SAME, help_on
from bot.core.parsing import _SUBCOMMANDS, MAX_LENGTH, clean, normal_id, parse
from bot.core.positions import Stance
from bot.core.schedules import ScheduleKind
from bot.errors import BadInput, EmptyText, TextTooLong, UnknownCommand, UnknownStance
from tests.unit.group import TEA

PROMPTS, DIGEST = ScheduleKind.PROMPTS, ScheduleKind.DIGEST
FOR, AGAINST, UNDERCUTS = RelationKind.SUPPORTS, RelationKind.REBUTS, RelationKind.UNDERCUTS


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/steelman there is no plan", Argue(Task.STEELMAN, "there is no plan")),
        ("  /COUNTER   mi-4 ", Argue(Task.COUNTER, "mi-4")),
        ("/stand MI-04 agree", Stand("MI-04", Stance.AGREE)),
        ("/stand MI-04", Stand("MI-04")),
        ("/stand MI-04 strongly disagree", Stand("MI-04", Stance.STRONGLY_DISAGREE)),
        ("/stand MI-04 Strongly-Agree, since it holds", Stand("MI-04", Stance.STRONGLY_AGREE, "since it holds")),
        (
            "/stand MI-04 agree because of the horse, really crux public",
            Stand("MI-04", Stance.AGREE, "because of the horse, really", crux=True, public=True),
        ),
        ("/stand MI-04 unsure --crux", Stand("MI-04", Stance.UNSURE, crux=True)),
        ("/crux", Help()),
        ("/crux help stand", Help("stand")),
        ("/crux help /stand", Help("stand")),
        ("/crux topic Four-Day-Week", Topic("four-day-week")),
        ("/crux map", Map()),
        ("/crux map mi-04", Map("mi-04")),
        ("/map", Map()),
        ("/stand MI-04 Withdraw", Withdraw("MI-04")),
        ("/crux standing", Standing()),
        ("/standing mi-04", Standing("mi-04")),
        ("/crux me", Me()),
        ("/crux export-me", ExportMe()),
        ("/crux forget-me", ForgetMe()),
        ("/crux forget-me YES", ForgetMe(sure=True)),
        ("/crux credit undo", UndoCredit()),
        ("/crux credit MI-07 because it shows a plan", Credit("MI-07", "it shows a plan")),
        ("/crux credit mi-7 for mi-4 because: it works", Credit("mi-7", "it works", "mi-4")),
        ("/crux credit MI-07 for MI-04 it works", Credit("MI-07", "it works", "MI-04")),
        ("/crux topic new Is it so? Thesis: It is.", ProposeTopic("Is it so? Thesis: It is.")),
        ("/topic NEW  Is it so?", ProposeTopic("Is it so?")),
        ("/crux topic newer", Topic("newer")),
        ("/crux argue MI-04 for It works. Here is how.", ProposeArgument("MI-04", FOR, "It works. Here is how.")),
        ("/argue mi-4 AGAINST: it fails", ProposeArgument("mi-4", AGAINST, "it fails")),
        ("/crux argue MI-08 undercut MI-07 it is so", ProposeArgument("MI-08", UNDERCUTS, "it is so", "MI-07")),
        ("/crux argue MI-08 undercuts it is so", ProposeArgument("MI-08", UNDERCUTS, "it is so")),
        ("/crux argue MI-08 for MI-07 is so", ProposeArgument("MI-08", FOR, "MI-07 is so")),
        ("/crux argue thesis against it is not", ProposeArgument("thesis", AGAINST, "it is not")),
        ("/crux proposals", Proposals()),
        ("/proposals 12", Proposals(12)),
        ("/crux proposal #3", Proposals(3)),
        ("/crux approve 3", Approve(3)),
        ("/approve #3 It is so. And so on.", Approve(3, "It is so. And so on.")),
        ("/crux decline 3 because: it is there already", Decline(3, "it is there already")),
        ("/decline 3 since it is there already", Decline(3, "it is there already")),
        ("/crux decline 3 it is there already", Decline(3, "it is there already")),
        ("/crux decline 3", Decline(3)),
        ("/crux withdraw 3", Drop(3)),
        ("/crux reword mi-4 It is so. Contrary: no", Reword("mi-4", "It is so. Contrary: no")),
        ("/crux retire MI-04 because MI-15 says it", Retire("MI-04", "MI-15 says it")),
        ("/crux retire MI-04 it is old", Retire("MI-04", "it is old")),
        ("/crux restore MI-04", Restore("MI-04")),
        ("/crux schedule", Schedules()),
        ("/schedule LIST", Schedules()),
        ("/crux schedule prompts weekdays 9:00", SetSchedule(PROMPTS, "weekdays 9:00")),
        (
            "/crux schedule Digest every other fri 16:00 in Europe/Berlin quiet days: sat, 25 december",
            SetSchedule(DIGEST, "every other fri 16:00", "Europe/Berlin", "sat, 25 december"),
        ),
        (
            "/crux schedule prompts weekdays 9:00 quiet sat in America/New York",
            SetSchedule(PROMPTS, "weekdays 9:00", "America/New York", "sat"),
        ),
        (
            "/crux schedule prompts weekdays 9:00 in America/New York quiet sat",
            SetSchedule(PROMPTS, "weekdays 9:00", "America/New York", "sat"),
        ),
        (
            "/crux schedule prompts in Europe/Berlin weekdays 9:00",
            SetSchedule(PROMPTS, "weekdays 9:00", "Europe/Berlin"),
        ),
        (
            "/crux schedule prompts first monday in the month 9:00",
            SetSchedule(PROMPTS, "first monday in the month 9:00"),
        ),
        ("/crux schedule pause prompts until 1 september", PauseSchedule(PROMPTS, "1 september")),
        ("/crux schedule pause digest monday", PauseSchedule(DIGEST, "monday")),
        ("/crux schedule resume prompts", ResumeSchedule(PROMPTS)),
        ("/crux schedule quiet prompts none", QuietSchedule(PROMPTS, "none")),
        ("/crux schedule remove digests", RemoveSchedule(DIGEST)),
        ("/crux schedule run prompt now", RunSchedule(PROMPTS)),
        ("/crux prompt", Post()),
        ("/prompt mi-4", Post("mi-4")),
        ("/crux prompt the thesis", Post("the thesis")),
        ("/crux prompt Close", Close()),
        ("/crux prompt close MI-04", Close("MI-04")),
        ("/crux queue", Queue()),
        ("/crux queue add MI-04", Enqueue("MI-04")),
        ("/queue First mi-4", Enqueue("mi-4", first=True)),
        ("/crux queue skip thesis", PassOver("thesis")),
        ("interp is doomed", Say("interp is doomed")),
        ("a\u202egnirts\u202c b\x00\x1b[31m", Say("agnirts b[31m")),
    ],
)
def test_commands_are_read_as_people_type_them(text: str, command: object) -> None:
    assert parse(text) == command


@pytest.mark.parametrize(
    ("text", "error", "advice"),
    [
        ("", EmptyText, "/crux help"),
        (" \u200b\u202e \n", EmptyText, "/crux help"),
        ("/steelman", EmptyText, "as in `/steelman"),
        ("/counter \u200b", EmptyText, "as in `/counter"),
        ("/stand", EmptyText, "/stand MI-04 agree"),
        ("/stand MI-04 perhaps", UnknownStance, "`strongly agree`, `agree`, `disagree`"),
        ("/stealman x", UnknownCommand, "/steelman"),
        ("/stand MI-04 withdraw now", BadInput, "`/stand MI-04 withdraw`"),
        ("/crux credit", EmptyText, "/crux credit MI-07 for MI-04 because"),
        ("/crux credit MI-07", EmptyText, "say why"),
        ("/crux credit MI-07 for MI-04 because", EmptyText, "say why"),
        ("/crux forget-me maybe", BadInput, "/crux forget-me yes"),
        ("/crux argue", BadInput, "Name a claim, say `for` or `against`"),
        ("/crux argue MI-04", BadInput, "Name a claim, say `for` or `against`"),
        ("/crux argue MI-04 it is so", BadInput, "as in `/crux argue MI-04 against"),
        ("/crux argue for MI-04 it is so", BadInput, "Name a claim, say `for` or `against`"),
        ("/crux argue MI-04 for", EmptyText, "Write the argument after “for”"),
        ("/crux argue MI-08 undercut MI-07", EmptyText, "Write the argument after “undercut”"),
        ("/crux proposals soon", BadInput, "by its number, as in `/crux proposals 3`"),
        ("/crux approve", BadInput, "by its number, as in `/crux approve 3`"),
        ("/crux approve MI-04", BadInput, "by its number, as in `/crux approve 3`"),
        ("/crux approve -1", BadInput, "by its number"),
        ("/crux approve ²", BadInput, "by its number"),
        ("/crux approve 12345678901", BadInput, "by its number"),
        ("/crux decline because no", BadInput, "by its number, as in `/crux decline 3`"),
        ("/crux withdraw", BadInput, "by its number, as in `/crux withdraw 3`"),
        ("/crux withdraw MI-04", BadInput, "by its number"),
        ("/crux reword", EmptyText, "Name the claim after `reword`"),
        ("/crux reword MI-04", EmptyText, "as in `/crux reword MI-04 …`"),
        ("/crux retire", EmptyText, "Name the claim after `retire`"),
        ("/crux retire MI-04", EmptyText, "Say why, as in `/crux retire MI-04 because"),
        ("/crux retire MI-04 because", EmptyText, "Say why"),
        ("/crux restore", EmptyText, "Name the claim after `restore`"),
        ("/crux schedule daily 9:00", BadInput, "as in `/crux schedule prompts weekdays 9:00`"),
        ("/crux schedule prompts", EmptyText, "Say when"),
        ("/crux schedule prompts daily 9:00 quiet", EmptyText, "Name the quiet days"),
        ("/crux schedule pause", BadInput, "as in `/crux schedule pause prompts until 1 september`"),
        ("/crux schedule pause digest", EmptyText, "Say until which day"),
        ("/crux schedule quiet digest", EmptyText, "Name the days"),
        ("/crux schedule remove all", BadInput, "as in `/crux schedule remove prompts`"),
        ("/crux schedule remove digest monday", BadInput, "Nothing follows it"),
        (
            "/crux prompt MI-04 MI-05",
            BadInput,
            "Name one claim by its id and nothing else, as in `/crux prompt MI-04`.",
        ),
        ("/crux prompt close now please", BadInput, "as in `/crux prompt close MI-04`."),
        ("/crux queue add", EmptyText, "Name the claim after `queue add`, as in `/crux queue add MI-04`"),
        ("/crux queue first", EmptyText, "as in `/crux queue first MI-04`"),
        ("/crux queue skip a b", BadInput, "as in `/crux queue skip MI-04`"),
        ("/crux queue MI-04", BadInput, "as in `/crux queue add MI-04`"),
        ("/crux dance", UnknownCommand, "/crux help"),
        ("x" * 5_000, TextTooLong, "5,000 characters and Crux reads up to 2,000"),
        ("/press sign", BadInput, "no longer in use"),
        ("/press approve", BadInput, "no longer in use"),
        ("/press approve:", BadInput, "no longer in use"),
        ("/press approve:x", BadInput, "no longer in use"),
        ("/press approve:12345678901", BadInput, "no longer in use"),
        ("/press approve:1:2", BadInput, "no longer in use"),
        ("/press retire:1", BadInput, "no longer in use"),
        ("/press stand:t:MI-01:perhaps", UnknownStance, "strongly agree"),
        ("/press answer:abc:perhaps", UnknownStance, "strongly agree"),
        ("/press answer:abc", BadInput, "no longer in use"),
        ("/press pace:abc:never", BadInput, "no longer in use"),
    ],
)
def test_bad_input_gets_one_sentence_that_says_what_to_do(text: str, error: type[BadInput], advice: str) -> None:
    with pytest.raises(error) as caught:
        parse(text)
    assert advice in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "claim_id"),
    [("MI-04", "MI-04"), ("mi-4", "MI-04"), ("[MI-04].", "MI-04"), ("MI–04", "MI-04"), ("MI04", None), ("a b", None)],
)
def test_ids_are_known_in_their_usual_forms(text: str, claim_id: str | None) -> None:
    assert normal_id(text) == claim_id


@given(st.sampled_from(list(Task)), st.from_regex(r"[a-z0-9-]{1,60}", fullmatch=True), st.booleans())
def test_an_argue_button_comes_back_as_it_went_out(task: Task, topic: str, affirmed: bool) -> None:
    view = View("ABCDEFGH-0123", affirmed)
    action = argue_action(task, topic, view)
    assert len(action) <= 100
    assert parse(f"/press {action}") == ArgueView(task, topic, view)
    assert len(to_oneself(action)) <= 100
    assert parse(f"/press {to_oneself(action)}") == ArgueView(task, topic, view, private=True)
    assert to_all(to_oneself(action)) == action


@given(st.sampled_from([None, *Stance]))
def test_other_buttons_come_back_as_they_went_out(stance: Stance | None) -> None:
    assert parse(f"/press {stand_action('t', 'T-01', stance)}") == Stand("T-01", stance, topic="t")
    assert parse(f"/press {topic_action('t')}") == Topic("t")
    assert parse(f"/press {reply_action('turn', 'abc')}") == Turn("abc")
    assert parse(f"/press {to_oneself(reply_action('turn', 'abc'))}") == Turn("abc", private=True)
    assert to_oneself(topic_action("t")) == topic_action("t")
    assert parse(f"/press {reply_action('changed', 'abc')}") == Changed("abc")
    assert parse(f"/press {FORGET_ACTION}") == ForgetMe(sure=True)
    assert parse(f"/press {reply_action('notmine', 'abc')}") == Endorse("abc", signed=False)


@given(st.integers(1, 999_999_999))
def test_buttons_of_proposals_come_back_as_they_went_out(number: int) -> None:
    assert parse(f"/press {proposal_action('submit', number)}") == Submit(number)
    assert parse(f"/press {proposal_action('drop', number)}") == Drop(number)
    assert parse(f"/press {proposal_action('proposal', number)}") == Proposals(number)
    assert parse(f"/press {proposal_action('approve', number)}") == Approve(number)
    assert parse(f"/press {proposal_action('decline', number)}") == Decline(number)


@given(st.sampled_from(Stance), st.booleans())
def test_buttons_of_prompts_come_back_as_they_went_out(stance: Stance, slower: bool) -> None:
    prompt_id = "0123456789abcdef0123"
    assert parse(f"/press {answer_action(prompt_id, stance)}") == Answer(prompt_id, stance)
    assert parse(f"/press {crux_action(prompt_id)}") == MarkCrux(prompt_id)
    assert parse(f"/press {pace_action(prompt_id, slower=slower)}") == SetPace(prompt_id, slower)


@pytest.mark.parametrize("name", [name for name in _SUBCOMMANDS if name])
def test_every_command_has_help_that_names_it(name: str) -> None:
    usage, text = help_on(name, TEA).text.split("\n")
    assert f"/crux {SAME.get(name, name)}" in usage
    assert f"/crux {name}" in usage + text or name in ("topics", "proposal", "digests")


@pytest.mark.parametrize("name", [name for name in HELP if name not in ("steelman", "counter", "stand")])
def test_help_is_on_commands_that_there_are(name: str) -> None:
    assert name in _SUBCOMMANDS


names = st.sampled_from(
    [
        *("argue", "proposals", "approve", "decline", "withdraw", "reword", "retire", "restore", "topic"),
        *("schedule", "schedule prompts", "schedule pause"),
        "argue",
        "proposals",
        "approve",
        "decline",
        "withdraw",
        "reword",
        "retire",
        "restore",
        "topic",
        "prompt",
        "prompt close",
        "queue",
        "queue add",
    ]
)
typed = st.tuples(names, st.sampled_from(["", "T-01", "3", "new"]), st.text(max_size=40)).map(
    lambda parts: f"/crux {' '.join(parts)}"
)


@given(typed | st.text(max_size=300) | st.text(max_size=60).map("/crux credit {}".format))
def test_whatever_is_typed_is_read_or_refused_in_one_sentence(text: str) -> None:
    said = "read"
    try:
        parse(text)
    except BadInput as error:
        said = error.message
    assert said
    assert "\n" not in said


@given(st.text(max_size=400))
def test_cleaned_text_has_nothing_that_hides_or_controls(text: str) -> None:
    found = clean(text)
    assert clean(found) == found
    assert len(found) <= MAX_LENGTH
    assert not [ch for ch in found if unicodedata.category(ch) in ("Cc", "Cs")]
    assert not set(found) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_a_reason_for_approving_is_not_taken_for_other_words() -> None:
    with pytest.raises(BadInput, match="Approving takes no reason"):
        parse("/crux approve 3 because it is good")
