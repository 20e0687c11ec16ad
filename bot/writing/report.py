"""What an evaluation found: a table of figures, and the replies side by side for reading."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from bot.core.arguments import View
from bot.core.assignments import Assignment, Task, Usage, Written


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence: `fault` is empty for a good one."""

    text: str
    cites: bool
    """It cites something, and only what the walk holds."""
    supported: bool
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One reply of one writer, measured. Times in seconds."""

    label: str
    assignment: Assignment
    written: Written
    sentences: tuple[Judged, ...]
    right_side: bool
    words: int
    reused: int
    """Words that stand in runs of six or more which the walk has too."""
    first_text: float | None
    seconds: float

    @property
    def stepped_in(self) -> bool:
        """A model was asked, and its text wasn't used or wasn't whole."""
        return self.written.model is not None and (
            self.written.writer != "model" or self.written.why_outline is not None
        )


_HEAD: Final = (
    *("writer", "prompt", "replies", "outline stepped in", "citations valid", "supported", "right side"),
    *("words", "reused", "first text", "whole", "tokens in", "tokens out"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one writer with one version of one prompt."""

    label: str
    prompt: str
    samples: tuple[Sample, ...]

    def cells(self) -> tuple[str, ...]:
        sentences = [sentence for sample in self.samples for sentence in sample.sentences]
        words = sum(sample.words for sample in self.samples)
        usage = sum((sample.written.usage for sample in self.samples), Usage())
        firsts = [sample.first_text for sample in self.samples if sample.first_text is not None]
        replies = len(self.samples)
        return (
            self.label,
            self.prompt,
            str(replies),
            str(sum(sample.stepped_in for sample in self.samples)),
            f"{sum(s.cites for s in sentences)}/{len(sentences)}",
            f"{sum(s.supported for s in sentences)}/{len(sentences)}",
            f"{sum(sample.right_side for sample in self.samples)}/{replies}",
            f"{median(sample.words for sample in self.samples):.0f}",
            f"{sum(sample.reused for sample in self.samples) / words:.0%}" if words else "-",
            f"{median(firsts):.2f} s" if firsts else "-",
            f"{median(sample.seconds for sample in self.samples):.2f} s",
            f"{usage.tokens_in / replies:.0f}",
            f"{usage.tokens_out / replies:.0f}",
        )


@dataclass(frozen=True, slots=True)
class Report:
    """All samples of a run."""

    samples: tuple[Sample, ...]

    @property
    def rows(self) -> list[Row]:
        """By writer and prompt version, in the order in which they came."""
        groups: dict[tuple[str, str], list[Sample]] = {}
        for sample in self.samples:
            prompt = sample.written.prompt_version or sample.assignment.task.value
            groups.setdefault((sample.label, prompt), []).append(sample)
        return [Row(label, prompt, tuple(samples)) for (label, prompt), samples in groups.items()]

    def table(self) -> str:
        """The figures as aligned text. Words and times are medians, tokens means per reply, all else counts."""
        lines = [_HEAD, *(row.cells() for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
        aligned = (
            "  ".join(
                cell.ljust(width) if column < 2 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )
        return "\n".join(aligned)

    def samples_text(self) -> str:
        """The replies side by side as Markdown, for reading."""
        parts = ["# Replies side by side", "", "```", self.table(), "```"]
        groups: dict[tuple[str, Task, View], list[Sample]] = {}
        for sample in self.samples:
            given = sample.assignment
            groups.setdefault((given.map.id, given.task, given.target), []).append(sample)
        for samples in groups.values():
            given = samples[0].assignment
            what = "Steelman of" if given.task is Task.STEELMAN else "Counterargument to"
            heading = f"## {what} “{given.map.words_of(given.target)}” ({given.map.title}, {given.target.claim_id})"
            parts += ["", heading, *(line for sample in samples for line in _shown(sample))]
        return "\n".join(parts) + "\n"

    def write_samples(self, path: Path) -> None:
        """Write `samples_text` to a file.

        Raises:
            OSError: the file can't be written.
        """
        path.write_text(self.samples_text(), encoding="utf-8")


def _shown(sample: Sample) -> list[str]:
    written = sample.written
    lines = ["", f"### {sample.label}", "", *(written.text or "(nothing)").split("\n"), ""]
    good = sum(sentence.supported for sentence in sample.sentences)
    lines.append(
        f"*{sample.words} words, {sample.reused} of them in the map's wording; {good} of {len(sample.sentences)} "
        f"sentences supported; {'right' if sample.right_side else 'WRONG'} side; {sample.seconds:.2f} s; "
        f"by {written.writer}.*"
    )
    if written.why_outline:
        lines += ["", f"*{written.why_outline}*"]
    lines += [f"- fault: “{s.text}” {s.fault}" for s in sample.sentences if s.fault]
    return lines
