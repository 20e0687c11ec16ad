"""The file format of `seeds/*.yaml`, as pydantic models. `docs/map-format.md` explains it to authors.

Lengths are chosen to fit chat: a claim fits a button's tooltip and a poll's title, a text fits three lines of an embed.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.core.arguments import Argument, ArgumentMap, Certainty, Relation, RelationKind, Side, Source

CLAIM_ID: Final = re.compile(r"[A-Z][A-Z0-9]{0,7}-\d{2,4}")


def _no_stop(text: str) -> str:
    if text.endswith((".", "!", "?")):
        raise ValueError("leave out the final stop; the bot writes it where it belongs")
    return text


def _plain(text: str) -> str:
    if any(mark in text for mark in ("[", "]", "<", ">", "*", "`", "\n")):
        raise ValueError("write plain text: no markup, no square or angle brackets, one paragraph")
    return text


Plain = Annotated[str, AfterValidator(_plain)]
Claim = Annotated[Plain, Field(min_length=30, max_length=140), AfterValidator(_no_stop)]
Body = Annotated[Plain, Field(min_length=80, max_length=700)]
Wording = Annotated[str, Field(min_length=4, max_length=200)]
ArgumentId = Annotated[str, Field(pattern=f"^{CLAIM_ID.pattern}$")]
Tag = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,24}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class SourceEntry(Strict):
    """A source, named once at the top of the file and cited by its key."""

    title: Annotated[str, Field(min_length=3, max_length=140)]
    address: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=200)] | None = None


class SourceReference(Strict):
    source: str
    where: Annotated[str, Field(max_length=80)] | None = None


class StepEntry(Strict):
    """The step that an undercut attacks: from `reason` to what it supports or rebuts."""

    reason: ArgumentId
    of: ArgumentId


class Statement(Strict):
    claim: Claim
    contrary: Claim
    text: Body
    wordings: list[Wording] = []
    denials: list[Wording] = []

    @model_validator(mode="after")
    def _differs(self) -> Self:
        if self.claim.casefold() == self.contrary.casefold():
            raise ValueError("claim and contrary are the same; the contrary says the opposite")
        return self


class ArgumentEntry(Statement):
    id: ArgumentId
    side: Side
    certainty: Certainty = Certainty.ASSERTED
    sources: Annotated[list[SourceReference], Field(min_length=1)]
    tags: Annotated[list[Tag], Field(max_length=5)] = []
    supports: list[ArgumentId] = []
    rebuts: list[ArgumentId] = []
    undercuts: list[StepEntry] = []
    bears_on: list[ArgumentId] = []

    def relations(self) -> list[Relation]:
        plain = (
            (RelationKind.SUPPORTS, self.supports),
            (RelationKind.REBUTS, self.rebuts),
            (RelationKind.BEARS_ON, self.bears_on),
        )
        found = [Relation(kind, self.id, target) for kind, targets in plain for target in targets]
        return found + [Relation(RelationKind.UNDERCUTS, self.id, step.reason, step.of) for step in self.undercuts]


class TopicEntry(Strict):
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,58}[a-z0-9]$")]
    prefix: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
    title: Annotated[Plain, Field(min_length=3, max_length=60)]
    question: Annotated[Plain, Field(min_length=10, max_length=140)]
    thesis: Statement


class MapFile(Strict):
    """One file: a topic, its sources and its arguments."""

    topic: TopicEntry
    sources: dict[str, SourceEntry] = {}
    arguments: Annotated[list[ArgumentEntry], Field(min_length=1)]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for argument in self.arguments:
            if not argument.id.startswith(f"{self.topic.prefix}-"):
                raise ValueError(f"{argument.id} must begin with the topic's prefix, {self.topic.prefix}-")
            for reference in argument.sources:
                if reference.source not in self.sources:
                    raise ValueError(
                        f"{argument.id} names the source {reference.source!r}; add it under sources, at the top"
                    )
        return self

    def to_map(self) -> ArgumentMap:
        """The map itself.

        Raises:
            MapError: the arguments don't form a sound map.
        """
        topic = self.topic
        thesis = Argument(
            id=f"{topic.prefix}-00",
            claim=topic.thesis.claim,
            contrary=topic.thesis.contrary,
            text=topic.thesis.text,
            side=Side.PRO,
            wordings=tuple(topic.thesis.wordings),
            denials=tuple(topic.thesis.denials),
        )
        return ArgumentMap(
            id=topic.id,
            title=topic.title,
            question=topic.question,
            thesis=thesis,
            arguments=tuple(self._argument(entry) for entry in self.arguments),
            relations=tuple(relation for entry in self.arguments for relation in entry.relations()),
        )

    def _argument(self, entry: ArgumentEntry) -> Argument:
        return Argument(
            id=entry.id,
            claim=entry.claim,
            contrary=entry.contrary,
            text=entry.text,
            side=entry.side,
            certainty=entry.certainty,
            sources=tuple(
                Source(self.sources[r.source].title, self.sources[r.source].address, r.where) for r in entry.sources
            ),
            tags=tuple(entry.tags),
            wordings=tuple(entry.wordings),
            denials=tuple(entry.denials),
        )
