"""Digests by way of commands: two weeks of a group, what each section says, and the archive."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arguments import ArgumentMap
from bot.core.digest import Digest, Part, next_key, week_of
from bot.core.digest_words import LEADS
from bot.core.messages import Message
from bot.core.positions import Stance
from bot.testing import FixedNarrator
from tests.unit.group import Group
from tests.unit.stores import meanwhile, slow_store
from tests.unit.test_overview import MEMBERS, stands

WEEK = 7 * 24 * 3600


@pytest.fixture
def group() -> Group:
    return Group()


async def posted(group: Group, member: str = "olga") -> Message:
    return await group.say("/crux digest", member)


async def archived(group: Group, key: str = "2026-W02") -> Digest:
    found = await group.store.digest("w", "small", key)
    assert found is not None
    return found


def under(message: Message, part: Part) -> list[str]:
    """The lines below a section's lead."""
    said = message.text.split("\n")
    start = said.index(LEADS[part]) + 1
    ends = [at for at, line in enumerate(said[start:], start) if line.endswith(":") or not re.match(r"[TW][-i]", line)]
    return said[start : min(ends, default=len(said))]


async def first_week(group: Group) -> Message:
    """Nine members: six for the thesis, three against it; T-01 splits them, T-03 does not."""
    await stands(group, "T-00", "aaaaaaddd")
    await stands(group, "T-01", "aaaaadddd", "crux")
    await stands(group, "T-03", "aaaaaa")
    await stands(group, "T-02", "aaaaad")
    return await posted(group)


async def second_week(group: Group) -> None:
    """Six change sides on the thesis, four of whom say what changed their mind, and three on T-02."""
    group.clock.advance(WEEK)
    await stands(group, "T-00", "dddddd")
    await stands(group, "T-02", "ddd")
    group.clock.advance(60)
    for member in MEMBERS[:4]:
        await group.say("/crux credit T-02 for T-00 because it changed all that I thought", member)


# -- the sections -----------------------------------------------------------------------------------------------------


async def test_the_first_digest_compares_nothing_and_says_so(group: Group) -> None:
    message = await first_week(group)
    assert message.title == "Digest 2026-W02: Small"
    assert not message.private
    said = message.text.split("\n")
    assert said[0] == (
        "The group leans towards the thesis: of 9 who voted, 6 agree and 3 disagree. "
        "What the split may hang on is T-01. Common ground is T-03 and T-02."
    )
    assert said[1].startswith("The thesis, T-00: “Claim T-00 holds in most of the cases”. 9 of 9 voted: 6 agree")
    assert "What moved:" not in said
    assert "since" not in message.text.lower()
    assert "The first digest on this topic, so there is nothing to compare it with." in message.notes
    assert under(message, Part.CRUXES)[0].startswith("T-01, “Claim T-01 holds in most of the cases”: marked by 9; 9 of")
    assert under(message, Part.DOUBLES) == ["T-01, “Claim T-01 holds in most of the cases”: 20 pairs of members."]
    assert "9 of 9 members hold a position that is counted here." in said


async def test_two_weeks_of_nine_members(group: Group) -> None:
    await first_week(group)
    await second_week(group)
    message = await posted(group)
    said = message.text.split("\n")
    assert message.title == "Digest 2026-W03: Small"
    assert said[0] == (
        "The group leans against the thesis: of 9 who voted, 9 disagree. Since 2026-W02 most has moved on T-00 and "
        "T-02. What the split may hang on is T-01. Common ground is T-03."
    )
    assert said[2] == (
        "In 2026-W02, 9 of 9 voted: 6 agree, 3 disagree. Since then: 6 members took another stance, more of them "
        "towards disagreement than by chance (sign test, p ≤ .031)."
    )
    assert under(message, Part.MOVED) == [
        "T-02, “Claim T-02 holds in most of the cases”: 6 of 10 voted: 2 agree, 4 disagree; before, 6 of 9 voted: "
        "5 agree, 1 disagree; 3 members took another stance."
    ]
    assert under(message, Part.CREDITED) == [
        "T-02, “Claim T-02 holds in most of the cases”, on T-00: 3 members or more credit it."
    ]
    assert under(message, Part.COMMON) == ["T-03, “Claim T-03 holds in most of the cases”: 6 of 9 voted: 6 agree."]
    assert under(message, Part.SPLITS)[0].startswith("T-02")
    assert under(message, Part.WITHOUT_FIGURES) == [
        "Without figures yet are 2 of 6 claims.",
        "T-04, “Claim T-04 holds in most of the cases”.",
        "T-05, “Claim T-05 holds in most of the cases”.",
    ]
    assert "6 of 10 members took a position that is counted here since 2026-W02." in said
    assert "Compared with 2026-W02, of 5 January 2026." in message.notes


async def test_a_shift_that_chance_would_do_as_well_is_told_as_one(group: Group) -> None:
    await first_week(group)
    group.clock.advance(WEEK)
    await stands(group, "T-00", "ddd---aaa")
    said = (await posted(group)).text
    assert "6 members took another stance; which way they lean is not distinguishable from chance (sign test)." in said


async def test_a_claim_that_moved_by_less_than_three_is_not_compared(group: Group) -> None:
    """Each snapshot moved on with three, and yet first and last differ in two."""
    await first_week(group)
    group.clock.advance(WEEK)
    await stands(group, "T-00", "ddd")
    await stands(group, "T-00", "aa-d")
    assert "9 of 10 voted: 4 agree, 5 disagree" in (await group.say("/crux standing T-00")).text
    found = await posted(group)
    assert "Fewer than three members differ on it from 2026-W02." in found.text
    assert "another stance" not in found.text
    assert not any(figure.before for figure in (await archived(group, "2026-W03")).figures)


async def test_a_reworded_claim_is_not_compared(group: Group) -> None:
    await first_week(group)
    group.clock.advance(WEEK)
    await group.say("/crux reword T-02 Claim T-02 holds in a few cases. Contrary: It holds in none at all.", "olga")
    await group.say("/crux reword T-00 Claim T-00 holds in a few cases. Contrary: It holds in none at all.", "olga")
    await stands(group, "T-02", "dddddd")
    await stands(group, "T-00", "ddd")
    message = await posted(group)
    assert "The thesis was reworded since 2026-W02, so it is not compared." in message.text
    assert "Reworded since, and not compared: T-02." in message.text
    assert "before, 6 of" not in message.text
    assert "On its earlier words, “Claim T-00" not in message.text  # votes on the new words took their place


async def test_a_quiet_week_gets_two_lines(group: Group) -> None:
    object.__setattr__(group.debate, "agenda", Nothing())
    await first_week(group)
    group.clock.advance(WEEK)
    await stands(group, "T-00", "dd")  # two moves show nothing
    message = await posted(group)
    first, second = message.text.split("\n")
    assert first == "Quiet since 2026-W02: no figures have moved."
    assert second.startswith("The thesis, T-00: “Claim T-00 holds in most of the cases”. 9 of 9 voted: 6 agree")
    assert (await group.say("/crux digest 2026-W03")).text == message.text


async def test_a_digest_without_figures_is_two_lines_too(group: Group) -> None:
    await stands(group, "T-00", "ad")
    message = await posted(group)
    assert len(message.text.split("\n")) == 2
    assert "there is nothing to show yet" in message.text
    assert "voted" not in message.text


class Nothing:
    """An agenda that has nothing next."""

    async def upcoming(self, workspace: str, argument_map: ArgumentMap) -> str | None:
        return None


class Next:
    """An agenda that has T-04 next."""

    async def upcoming(self, workspace: str, argument_map: ArgumentMap) -> str | None:
        return "T-04"


async def test_what_comes_next_is_said_by_the_agenda(group: Group) -> None:
    object.__setattr__(group.debate, "agenda", Next())
    assert (await first_week(group)).text.endswith(
        "Next to be put to the group: T-04, “Claim T-04 holds in most of the cases”."
    )
    group.clock.advance(WEEK)
    assert (await posted(group)).text.split("\n")[1].startswith("Next to be put to the group: T-04")


async def test_unanswered_arguments_are_those_that_nothing_attacks(group: Group) -> None:
    message = await first_week(group)
    # T-02 is rebutted by T-03, T-05 takes no side; of the others the group leans most to T-03.
    assert [line[:4] for line in under(message, Part.UNANSWERED)] == ["T-03", "T-01", "T-04"]


# -- names ------------------------------------------------------------------------------------------------------------


async def named(group: Group) -> Message:
    for member in MEMBERS:
        await group.store.join("w", member, f"{member.capitalize()} of Arden", group.clock.now())
    await stands(group, "T-01", "aaaddd", "crux public")
    return await posted(group)


async def test_pairs_are_named_where_both_are_public_and_never_by_id(group: Group) -> None:
    message = await named(group)
    assert "Ann of Arden (agrees) and Dan of Arden (disagrees)" in message.text
    unnamed = Group()
    await stands(unnamed, "T-01", "aaaddd", "crux public")
    assert "9 pairs of members" in (await posted(unnamed)).text


async def test_a_name_that_is_hidden_again_is_gone_from_the_archive_at_once(group: Group) -> None:
    await named(group)
    assert "Dan of Arden" in (await group.say("/crux digest 2026-W02")).text
    await group.say("/stand T-01 disagree crux", "dan")
    again = await group.say("/crux digest 2026-W02", "zoe")
    assert "of Arden" not in again.text  # beside one who is hidden the others' names would tell what that one holds
    assert "9 pairs of members" in again.text


async def test_nothing_kept_of_a_digest_has_a_name_or_an_id_of_anybody(group: Group) -> None:
    await named(group)
    assert not re.search(r"arden|\b(?:ann|dan|olga)\b", str(await archived(group)), re.IGNORECASE)


# -- the archive ------------------------------------------------------------------------------------------------------


async def test_only_organisers_post_and_preview(group: Group) -> None:
    await first_week(group)
    for text in ("/crux digest", "/crux digest preview"):
        refused = await group.say(text, "ann")
        assert refused.private
        assert refused.text.startswith("Only organisers ")
        assert refused.text.count(".") == 1
    assert len(await group.store.digests("w", "small")) == 1


async def test_a_preview_is_private_and_keeps_nothing(group: Group) -> None:
    await stands(group, "T-00", "aaaddd")
    message = await group.say("/crux digest preview", "olga")
    assert message.private
    assert message.title == "Preview of the digest 2026-W02: Small"
    assert "3 agree and 3 disagree" in message.text
    assert list(await group.store.digests("w", "small")) == []
    assert (await posted(group)).blocks == message.blocks


async def test_several_of_a_week_are_numbered_and_listed_newest_first(group: Group) -> None:
    await first_week(group)
    await posted(group)
    group.clock.advance(WEEK)
    await posted(group)
    message = await group.say("/crux digest list", "ann")
    assert message.private
    assert message.text.split("\n")[1:] == [
        "2026-W03, of 12 January 2026, quiet",
        "2026-W02-2, of 5 January 2026, quiet",
        "2026-W02, of 5 January 2026",
    ]
    assert (await archived(group, "2026-W02-2")).before == "2026-W02"


async def test_anybody_reads_an_old_digest_again_as_it_was(group: Group) -> None:
    first = await first_week(group)
    await second_week(group)
    await posted(group)
    for typed in ("2026-W02", "2026-w2", "[2026-W02]", "2026W02-1"):
        again = await group.say(f"/crux digest {typed}", "ann")
        assert (again.title, again.blocks, again.notes) == (first.title, first.blocks, first.notes)
        assert again.private
    assert (await group.say("/crux digest 2026-W09")).text == (
        "There is no digest 2026-W09 on this topic; `/crux digest list` shows those that there are."
    )
    assert "as in `2026-W47`" in (await group.say("/crux digest yesterday")).text


async def test_an_empty_archive_says_how_to_fill_it(group: Group) -> None:
    assert "There is no digest on “Small” yet" in (await group.say("/crux digest list")).text


async def test_digests_are_of_one_topic(group: Group) -> None:
    await first_week(group)
    await group.say("/crux topic other", "olga")
    assert (await posted(group)).title == "Digest 2026-W02: Other"
    await group.say("/crux topic small", "olga")
    assert (await posted(group)).title == "Digest 2026-W02-2: Small"


async def test_a_request_that_is_tried_again_makes_no_second_digest(group: Group) -> None:
    await stands(group, "T-00", "aaad")
    await group.dies("/crux digest", "olga")
    again = await group.retried()
    assert again.title == "Digest 2026-W02: Small"
    assert [found.key for found in await group.store.digests("w", "small")] == ["2026-W02"]


async def test_a_digest_is_composed_again_when_figures_move_on_meanwhile() -> None:
    group = Group(slow_store())
    await stands(group, "T-00", "aaaddd")

    async def moves_on() -> None:
        await stands(group, "T-00", "ddd")

    meanwhile(group.store, "archive", moves_on)
    assert "6 of 7 voted: 6 disagree" in (await posted(group)).text
    assert [figure.counts.disagree for figure in (await archived(group)).figures] == [6]


async def test_figures_that_never_stand_still_give_a_sentence() -> None:
    group = Group(slow_store())
    await stands(group, "T-00", "aaaddd")
    sides = iter("dadadadada")

    async def moves_on() -> None:
        meanwhile(group.store, "archive", moves_on)
        await stands(group, "T-00", next(sides) * 3)

    meanwhile(group.store, "archive", moves_on)
    assert "figures are moving on right now" in (await posted(group)).text
    assert list(await group.store.digests("w", "small")) == []


def test_weeks_are_iso_weeks_of_a_zone() -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    late = datetime(2027, 1, 3, 23, 30, tzinfo=UTC)
    assert week_of(late, UTC) == "2026-W53"
    assert week_of(late, ZoneInfo("Europe/Berlin")) == "2027-W01"
    assert next_key("2026-W05", []) == "2026-W05"
    assert next_key("2026-W05", ["2026-W04", "2026-W05", "2026-W05-2"]) == "2026-W05-3"


# -- the paragraph over the figures -----------------------------------------------------------------------------------


def narrated(group: Group, text: str | None) -> FixedNarrator:
    narrator = FixedNarrator(text)
    object.__setattr__(group.debate, "narrator", narrator)
    return narrator


async def test_a_model_s_paragraph_takes_the_template_s_place_and_is_kept(group: Group) -> None:
    narrated(group, "The group leans to the thesis.")
    message = await first_week(group)
    assert message.text.startswith("The group leans to the thesis.\n")
    assert "First paragraph by fixed; its numbers are among the figures." in message.notes
    assert (await group.say("/crux digest 2026-W02")).text == message.text


async def test_without_a_usable_sentence_the_template_stands(group: Group) -> None:
    narrated(group, None)
    assert (await first_week(group)).text.startswith("The group leans towards the thesis: of 9 who voted, 6 agree")


async def test_a_model_is_told_figures_and_neither_names_nor_reasons(group: Group) -> None:
    narrator = narrated(group, None)
    for member in MEMBERS:
        await group.store.join("w", member, f"{member.capitalize()} of Arden", group.clock.now())
    await stands(group, "T-01", "aaaddd", "for a secret reason crux public")
    await posted(group)
    (told,) = narrator.told
    said = str(told.sections)
    assert "6 of 9 voted: 3 agree, 3 disagree" in said
    assert "pairs of members" in said
    assert not re.search(r"arden|secret|\b(?:ann|ben|cyd|dan|eve|fay)\b", said, re.IGNORECASE)


async def test_a_quiet_week_and_one_without_figures_cost_no_tokens(group: Group) -> None:
    narrator = narrated(group, "Something.")
    await posted(group)
    await stands(group, "T-00", "aaa")
    await posted(group)
    await posted(group)
    assert len(narrator.told) == 1


# -- forgetting -------------------------------------------------------------------------------------------------------


async def test_figures_of_a_forgotten_member_are_gone_from_the_archive_and_the_rest_stays(group: Group) -> None:
    narrated(group, "Of 9 who voted, 6 agree.")
    await first_week(group)
    await second_week(group)
    await posted(group)
    told = await group.say("/crux forget-me yes", "gus")  # on T-00 and T-01 alone
    assert "Past digests no longer show figures that you were part of." in told.text
    for key in ("2026-W02", "2026-W03"):
        digest = await archived(group, key)
        assert {figure.claim_id for figure in digest.figures} == {"T-02", "T-03"}
        again = await group.say(f"/crux digest {key}", "ann")
        assert again.notes[-1].startswith("Some figures are no longer shown")
        assert again.text.startswith("On the thesis there are too few answers to show.")
        assert "members hold" not in again.text
        assert "T-03, “Claim T-03 holds in most of the cases”: 6 of 9 voted: 6 agree." in again.text
    assert under(await group.say("/crux digest 2026-W03", "ann"), Part.MOVED)[0].startswith("T-02")


async def test_what_a_digest_was_compared_with_goes_when_somebody_in_that_is_forgotten(group: Group) -> None:
    await first_week(group)
    await second_week(group)
    await group.say("/stand T-02 withdraw", "fay")
    await stands(group, "T-02", "---dd----")
    await posted(group)
    before = next(f for f in (await archived(group, "2026-W03")).figures if f.claim_id == "T-02")
    assert before.before is not None
    await group.say("/crux forget-me yes", "fay")
    after = await archived(group, "2026-W03")
    assert not any(figure.before for figure in after.figures if figure.claim_id == "T-02")
    assert after.lines(Part.MOVED, Part.SHIFT) == ()
    assert after.hidden


# -- whatever is done -------------------------------------------------------------------------------------------------

deeds = st.one_of(
    st.tuples(
        st.sampled_from(MEMBERS[:6]),
        st.sampled_from(
            [
                f"/stand {claim} {words}"
                for claim in ("T-00", "T-01")
                for words in ("agree", "strongly agree", "disagree crux", "disagree crux public", "unsure", "withdraw")
            ]
        ),
    ),
    st.tuples(st.sampled_from(MEMBERS[:6]), st.just("/crux forget-me yes")),
    st.tuples(st.just("olga"), st.just("/crux digest")),
)


def _tallies(text: str) -> list[tuple[int, int]]:
    return [(int(voters), int(members)) for voters, members in re.findall(r"(\d+) of (\d+) voted", text)]


@settings(max_examples=60, deadline=None)
@given(st.lists(deeds, min_size=8, max_size=40))
async def test_no_digest_shows_less_than_three_voters_or_moves_whatever_is_done(
    taken: Sequence[tuple[str, str]],
) -> None:
    group = Group()
    for member, text in taken:
        group.clock.advance(3600)
        said = await group.say(text, member)
        if text != "/crux digest":
            continue
        assert "Something broke" not in said.text
        assert all(3 <= voters <= members for voters, members in _tallies(said.text))
        moves = [int(count) for count in re.findall(r"(\d+) members? took", said.text)]
        assert all(count >= 3 for count in moves)
    for digest in await group.store.digests("w", "small"):
        again = (await group.say(f"/crux digest {digest.key}")).text
        assert all(3 <= voters <= members for voters, members in _tallies(again))
        for figure in digest.figures:
            assert figure.counts.voters >= 3
            assert figure.before is None or figure.before.voters >= 3
        # What is left of it is made of nobody who is gone.
        claims = await group.store.digest_claims("w", "small", digest.key)
        assert {figure.claim_id for figure in digest.figures} <= {claim.claim_id for claim in claims}
        held = await group.store.digest_positions("w", "small", digest.key, 100)
        assert held is not None
        for position in held:
            assert position.reason is None
            assert isinstance(position.stance, Stance)
