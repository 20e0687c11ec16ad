"""What `/crux help` says."""

from __future__ import annotations

from typing import Final

from bot.core.arguments import ArgumentMap
from bot.core.language import mark, say
from bot.core.messages import Listing, Message, Paragraph

HELP: Final[dict[str, tuple[str, str]]] = {
    "steelman": (
        "/steelman TEXT|CLAIM",
        mark(
            "The best case for a view, as those who hold it would put it. Say the view in your own "
            "words, or name a claim: `/steelman {claim}`, `/steelman not {claim}`, `/steelman thesis`. "
            "`/steelman privately …` is for your eyes, until you share it."
        ),
    ),
    "counter": (
        "/counter TEXT|CLAIM",
        mark("The best case against a view, at its strongest, granting what stands. Takes what /steelman takes."),
    ),
    "stand": (
        "/stand CLAIM STANCE [reason] [crux] [public]",
        mark(
            "Record what you hold: `strongly agree`, `agree`, `disagree`, `strongly disagree` or `unsure`. End "
            "with `crux` if your view of the thesis hangs on it, and with `public` to show your name. "
            "`/stand CLAIM` tells where you stand, `/stand CLAIM withdraw` takes it back."
        ),
    ),
    "credit": (
        "/crux credit ARGUMENT [for CLAIM] because REASON",
        mark(
            "Say which argument changed your mind, after you have changed your stance: `/crux credit {other} for "
            "{claim} because …`. One credit a change; `/crux credit undo` takes back the last."
        ),
    ),
    "standing": (
        "/crux standing [CLAIM]",
        mark(
            "Where the group stands: what splits it, what it agrees on, what the split may hang on; or "
            "one claim. Shown from three answers on, and moved on when three members have changed."
        ),
    ),
    "digest": (
        "/crux digest [preview | list | WEEK]",
        mark(
            "Where the group stands against the last digest: what moved, what was credited for it, what "
            "splits you, what you share. For organisers, who can see a preview first. `/crux digest "
            "list` and `/crux digest 2026-W47` show past ones to anybody."
        ),
    ),
    "topic": (
        "/crux topic [[channel] ID | new QUESTION? Thesis: … Contrary: …]",
        mark(
            "List the topics, choose what this channel debates, or in a thread what the thread does, or propose a "
            "topic of your own."
        ),
    ),
    "map": ("/crux map [CLAIM | all]", mark("The claims of the topic as a tree, or one claim with what bears on it.")),
    "argue": (
        "/crux argue CLAIM for|against …",
        mark(
            "Propose an argument: its first sentence is the claim, the rest makes the case. `Contrary: "
            "…` at the end says what those hold who deny it, `(tentative)` or `(speculative)` how firm "
            "it is. `/crux argue {third} undercut {other} …` grants {third} and attacks the step from it to "
            "{other}."
        ),
    ),
    "proposals": (
        "/crux proposals [NUMBER]",
        mark(
            "What waits for the organisers, and what became of yours; `/crux withdraw NUMBER` takes one of yours back."
        ),
    ),
    "approve": (
        "/crux approve NUMBER [TEXT], /crux decline NUMBER because …",
        mark(
            "For organisers: put a proposal into the map, in other words if you give any, or decline it with a reason."
        ),
    ),
    "reword": (
        "/crux reword CLAIM …, /crux retire CLAIM because …, /crux restore CLAIM",
        mark(
            "For organisers: give a claim new words, which nobody's vote moves to; take an argument out "
            "of use, and back."
        ),
    ),
    "schedule": (
        "/crux schedule [prompts|digest WHEN [in ZONE] [quiet DAYS]]",
        mark(
            "What is posted when, with the next three times. Organisers set it for a channel: `/crux schedule prompts "
            "weekdays 9:00`, `/crux schedule digest every other fri 16:00 in Europe/Berlin quiet 25 december`. Then "
            "`/crux schedule pause prompts until 1 september`, `resume prompts`, `quiet prompts sat, sun` (or `none`), "
            "`run prompts` for one now, `remove prompts`."
        ),
    ),
    "prompt": (
        "/crux prompt [CLAIM], /crux prompt close [CLAIM]",
        mark(
            "For organisers: put a claim to the group now, the one that comes next unless you name one; or end what is "
            "being asked and hear what changed. Press a stance under a prompt to answer it."
        ),
    ),
    "queue": (
        "/crux queue [add CLAIM | skip CLAIM | first CLAIM]",
        mark(
            "What is asked next, and why; `add` has a claim asked soon. Organisers pass one over with "
            "`skip`, and put one before the others with `first`."
        ),
    ),
    "settings": (
        "/crux settings [NAME VALUE]",
        mark(
            "What this channel and the workspace have set. Organisers change it: `commands "
            "everyone|organisers`, `model on|off`, `strangers on|off` for guests' positions, `language "
            "en|de|fr`, `budget TOKENS|none` for the workspace's model a day, `organisers GROUP|default`."
        ),
    ),
    "me": ("/crux me", mark("Your positions, your changes and what you credited; for you alone.")),
    "export-me": ("/crux export-me", mark("All that is kept about you, as JSON; for you alone.")),
    "forget-me": ("/crux forget-me", mark("Delete all that is kept about you; asks once.")),
    "help": ("/crux help [COMMAND]", mark("This list, or one command.")),
}

SAME: Final = {
    "decline": "approve",
    "retire": "reword",
    "restore": "reword",
    "withdraw": "proposals",
    "topics": "topic",
    "digests": "digest",
    "proposal": "proposals",
    "setting": "settings",
}
"""Commands that another one's entry is about."""


def help_on(command: str | None, argument_map: ArgumentMap) -> Message:
    """The list of commands, or one of them; examples use the topic's own ids."""
    prefix = argument_map.thesis.id.rpartition("-")[0]
    claims = {"claim": f"{prefix}-04", "other": f"{prefix}-07", "third": f"{prefix}-08"}
    command = SAME.get(command or "", command)
    if command is not None and command in HELP:
        usage, text = HELP[command]
        return Message((Paragraph(usage), Paragraph(say(text, **claims))), private=True)
    items = tuple(f"{usage}: {say(text, **claims)}" for usage, text in HELP.values())
    lead = say("I argue both sides of a question from a map of arguments, and cite what I use.")
    if command:
        unknown = say("There is no command “{command}”.", command=command)
        lead = f"{unknown} {lead}"
    return Message(
        (
            Paragraph(lead),
            Listing(items),
            Paragraph(
                say(
                    "Plain words work too: I'll say what the map has on them. “Counter it”, “why?” or “stand agree” "
                    "are about what was said before."
                )
            ),
        ),
        private=True,
    )
