"""Prompt templates: found, checked, versioned and rendered.

A template is a Markdown file: settings as YAML front matter, then the instructions, then, after a line
`<!-- material -->`, what changes from call to call. The first part becomes the system message and is the same for
all calls on a topic; the second becomes the user's. Templates are Jinja2 in a sandbox; every value that one prints is
put through `quoting.quoted`, whether the template asks for it or not.

A file in the operator's folder takes the place of the shipped one of the same name, included files too. A template's
version is a hash of its bytes and of all that it includes, so an edit anywhere shows in the figures as a new version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import yaml
from jinja2 import BaseLoader, Environment, StrictUndefined, Template, TemplateError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import PromptError
from bot.writing.quoting import quoted

DIVIDER: Final = "<!-- material -->"
NAMES: Final = (
    "steelman",
    "counter",
    "repair",
    "judge",
    "digest",
    "map_topic",
    "map_passage",
    "map_mend",
    "map_relations",
)
_FRONT: Final = re.compile(r"\A---\r?\n(.*?)^---[ \t]*\r?\n", re.DOTALL | re.MULTILINE)


class PromptSettings(BaseModel):
    """The front matter of a template."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float | None = Field(None, ge=0, le=2)
    max_words: int = Field(220, ge=30, le=1000)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt for one call: instructions (stable on a topic, so a provider can cache them), then the material."""

    instructions: str
    material: str


def shipped() -> Path:
    """The folder of the templates that come with Crux: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "prompts"
    return inside if inside.is_dir() else package.parent / "prompts"


class Prompts:
    """All templates, read and compiled once.

    Args:
        overrides: the operator's folder, or None.

    Raises:
        PromptError: a template is missing or unsound; the message names file, line and remedy.
    """

    def __init__(self, overrides: Path | None = None) -> None:
        if overrides is not None and not overrides.is_dir():
            raise PromptError(f"{overrides}: there is no such folder; correct CRUX_PROMPTS or leave it unset.")
        self._files = _Files(tuple(folder for folder in (overrides, shipped()) if folder is not None))
        environment = ImmutableSandboxedEnvironment(
            loader=self._files,
            undefined=StrictUndefined,
            finalize=quoted,
            autoescape=False,  # plain text for a model, no HTML; `finalize` fences what is printed
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._by_name = {name: Prompt(name, self._files, environment) for name in NAMES}

    def __getitem__(self, name: str) -> Prompt:
        return self._by_name[name]

    def __iter__(self) -> Iterator[Prompt]:
        return iter(self._by_name.values())


class _Files(BaseLoader):
    """Reads templates from the first folder that has them."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders

    def path(self, name: str) -> Path:
        if Path(name).name != name:
            raise PromptError(f"{name}: not a template's name; include a file of the same folder by its name alone.")
        for folder in self._folders:
            if (folder / name).is_file():
                return folder / name
        raise PromptError(f"{self._folders[-1] / name}: the template is missing; put it back, or install Crux again.")

    def read(self, name: str) -> str:
        path = self.path(name)
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise PromptError(f"{path}: can't be read ({reason}); check the file and its rights.") from error

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:
        return self.read(template), str(self.path(template)), None


class Prompt:
    """One template."""

    def __init__(self, name: str, files: _Files, environment: Environment) -> None:
        self.name = name
        self._file = f"{name}.md"
        self._path = files.path(self._file)
        self._environment = environment
        source = files.read(self._file)
        self.settings, start = self._front_matter(source)
        instructions, material = self._parts(source, start)
        self._included = {part: files.read(part) for part in self._includes(source, files)}
        self._source = source
        self._instructions = self._compile(instructions)
        self._material = self._compile(material)

    @cached_property
    def version(self) -> str:
        """Name and content hash, as `steelman:3f2a1b9c`."""
        digest = hashlib.sha256(self._source.encode())
        for part in sorted(self._included):
            digest.update(f"\0{part}\0{self._included[part]}".encode())
        return f"{self.name}:{digest.hexdigest()[:8]}"

    def render(self, values: Mapping[str, object]) -> Rendered:
        """Fill the template in.

        Raises:
            PromptError: it asks for a value that there isn't, or does what the sandbox forbids.
        """
        try:
            return Rendered(self._instructions.render(values).strip(), _squeezed(self._material.render(values)).strip())
        except UndefinedError as error:
            known = ", ".join(sorted(values))
            raise PromptError(f"{self._path}: {error.message}; a template may use: {known}.") from error
        except SecurityError as error:
            problem = str(error).rstrip(".")
            raise PromptError(
                f"{self._path}: {problem}; templates may only print values and loop over them."
            ) from error
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise PromptError(f"{self._path}: can't be filled in ({error}); correct the template.") from error

    def _front_matter(self, source: str) -> tuple[PromptSettings, int]:
        """The settings, and where the text after them starts."""
        found = _FRONT.match(source)
        if found is None:
            raise PromptError(f"{self._path}:1: no settings; begin the file with `---`, settings, `---`.")
        try:
            return PromptSettings.model_validate(yaml.safe_load(found[1]) or {}), found.end()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = 2 + (mark.line if mark is not None else 0)
            raise PromptError(f"{self._path}:{line}: the settings are not valid YAML; write `name: value`.") from error
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else "settings"
            line = _line_of(found[1], name)
            known = ", ".join(PromptSettings.model_fields)
            raise PromptError(f"{self._path}:{line}: {name}: {first['msg']}; the settings are: {known}.") from error

    def _parts(self, source: str, start: int) -> tuple[str, str]:
        """Instructions and material, each padded with empty lines so that errors name the file's own lines."""
        body = source[start:]
        divider = re.search(rf"^{re.escape(DIVIDER)}[ \t]*$", body, re.MULTILINE)
        if divider is None:
            raise PromptError(
                f"{self._path}:{_lines(source)}: no line `{DIVIDER}`; put it between what stays the same "
                "from call to call and what changes."
            )
        before, after = source[:start], source[: start + divider.end()]
        return "\n" * before.count("\n") + body[: divider.start()], "\n" * after.count("\n") + body[divider.end() :]

    def _includes(self, source: str, files: _Files) -> set[str]:
        """Names of all files that a template includes, directly or not."""
        found: set[str] = set()
        ahead = [(self._path, source)]
        while ahead:
            path, text = ahead.pop()
            for name in meta.find_referenced_templates(self._parse(path, text)):
                if name is None:
                    raise PromptError(f'{path}: include a file by its name in quotes, as {{% include "_rules.md" %}}.')
                if name not in found:
                    found.add(name)
                    ahead.append((files.path(name), files.read(name)))
        return found

    def _parse(self, path: Path, text: str) -> nodes.Template:
        try:
            return self._environment.parse(text)
        except TemplateSyntaxError as error:
            raise PromptError(f"{path}:{error.lineno}: {error.message}; correct the template.") from error

    def _compile(self, text: str) -> Template:
        try:
            return self._environment.from_string(text)
        except TemplateSyntaxError as error:
            raise PromptError(f"{self._path}:{error.lineno}: {error.message}; correct the template.") from error


def _line_of(front: str, name: str) -> int:
    for number, line in enumerate(front.splitlines(), start=2):
        if line.startswith(f"{name}:"):
            return number
    return 1


def _lines(source: str) -> int:
    return source.count("\n") + 1


def _squeezed(text: str) -> str:
    """Without the empty lines that template logic leaves behind."""
    return re.sub(r"\n{3,}", "\n\n", text)
