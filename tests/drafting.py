"""A document about a ferry, what a good model says of it, and a server that answers by the task it is given."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.integration.scripted_server import ByBody, Script, whole

TEXT = """\
# Should the ferry go?

The town council has to decide by spring. A bridge would let ambulances cross at night, which
the ferry — idle after eleven — can't do.

## The cost

But a bridge costs more than the town can borrow in ten years, and “cheap” bridges have a way of doubling in price.
Tolls could pay for it: the toll in the next valley covered its bridge in eight years.

Ann: I grew up on that ferry. It brings visitors who spend money in the harbour all summer.
"""

NIGHT = {
    "quote": "A bridge would let ambulances cross at night, which the ferry - idle after eleven - can't do",
    "claim": "A bridge lets ambulances reach the east bank at night.",
    "contrary": "Ambulances reach the east bank at night without a bridge",
    "text": "The boat stops late in the evening. An emergency after that has no way over the water but a bridge.",
    "side": "pro",
    "certainty": "asserted",
}
COST = {
    "quote": "a bridge costs more than the town can borrow in ten years",
    "claim": "The town can't borrow enough to pay for a bridge",
    "contrary": "The town can borrow enough to pay for a bridge",
    "text": "Its limit on loans for a decade is below the price. What looks cheap tends to end far above its plan.",
    "side": "con",
    "certainty": "asserted",
}
TOLLS = {
    "quote": '"Tolls could pay for it: the toll in the next valley covered its bridge in eight years."',
    "claim": "Tolls could pay for the bridge within a decade",
    "contrary": "Tolls leave most of the cost of the bridge to the town",
    "text": "Drivers elsewhere paid off a crossing of the same kind in under ten years. It might work in this town.",
    "side": "pro",
    "certainty": "speculative",
}
VISITORS = {
    "quote": "It brings visitors who spend money in the harbour all summer",
    "claim": "The ferry earns the harbour money from summer visitors",
    "contrary": "Summer visitors spend as much in the harbour without the ferry",
    "text": "People come to ride on the boat. What they spend on shore is income that a road past it would end.",
    "side": "con",
    "certainty": "asserted",
}
TOPIC = {
    "title": "A bridge for the ferry",
    "question": "Should the town replace its ferry with a bridge?",
    "claim": "The town should replace the ferry with a bridge",
    "contrary": "The town should keep the ferry and build no bridge",
    "text": "A crossing that is open at every hour matters more than its cost. A boat that stops at night isn't one.",
}
RELATIONS = {
    "duplicates": [],
    "relations": [
        {"source": "a1", "kind": "supports", "target": "thesis", "of": ""},
        {"source": "a2", "kind": "rebuts", "target": "thesis", "of": ""},
        {"source": "a3", "kind": "undercuts", "target": "a2", "of": "thesis"},
        {"source": "a4", "kind": "rebuts", "target": "thesis", "of": ""},
    ],
}
GOOD: Mapping[str, object] = {
    "topic": TOPIC,
    "passage": {"arguments": [NIGHT, COST, TOLLS, VISITORS]},
    "mend": {"arguments": []},
    "relations": RELATIONS,
}

_TASKS = {
    "Your task here is the topic alone": "topic",
    "You get one passage of the document at a time": "passage",
    "the ones that you get don't fit the form yet": "mend",
    "you say which of them say the same": "relations",
}

Answer = Script | Callable[[dict[str, Any]], Script] | object


def task_of(body: Mapping[str, Any]) -> str:
    """Which of the four prompts a request is."""
    text = "\n".join(message["content"] for message in body["messages"])
    return next(task for words, task in _TASKS.items() if words in text)


def answering(**changes: Answer) -> ByBody:
    """Answers each task as the good model does, or with what is given for it: a script, or what goes out as JSON."""
    answers = {**GOOD, **changes}

    def choose(body: dict[str, Any]) -> Script:
        found = answers[task_of(body)]
        if callable(found):
            return found
        return whole(found if isinstance(found, str) else json.dumps(found))

    return ByBody(choose)
