"""What one server takes of the chat-completions request, learned from its refusals.

Servers that call themselves compatible differ: OpenAI's thinking models refuse `max_tokens` and `temperature`, others
know no `max_completion_tokens`, no `stream_options`, no `json_schema`, or no system role. Each optional part is a
ladder, best form first; a refusal that names the part moves down one rung, for as long as the client lives. Ladders
only go down, so the tries are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict

from bot.settings import StructuredOutput
from bot.writing.endpoint import Endpoint

_LADDER: Final[tuple[StructuredOutput, ...]] = (
    StructuredOutput.JSON_SCHEMA,
    StructuredOutput.JSON_OBJECT,
    StructuredOutput.TEXT,
)


class ChatMessage(TypedDict):
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(slots=True)
class Dialect:
    """The rungs that a server is on."""

    limits: list[str]
    """Names for the limit of output tokens that are left to try."""
    formats: list[StructuredOutput]
    """Ways to ask for JSON that are left to try."""
    effort: str | None = None
    temperature: bool = True
    usage: bool = True
    system: bool = True
    """The model's chat template knows a system role."""
    refused: list[str] = field(default_factory=list)
    """What the server turned down so far, for the log."""

    @classmethod
    def of(cls, endpoint: Endpoint) -> Dialect:
        """Where to start: at OpenAI with its newest names, elsewhere with those that servers have known longest."""
        limits = ["max_completion_tokens", "max_tokens"]
        wanted = endpoint.structured_output
        formats: list[StructuredOutput] = list(_LADDER) if wanted is StructuredOutput.AUTO else [wanted]
        # Replies are short and wait for a reader: little thinking, unless the operator wants more.
        effort = endpoint.reasoning_effort or ("low" if endpoint.is_openai else None)
        return cls(limits if endpoint.is_openai else limits[::-1], formats, effort)

    def parameters(
        self, max_tokens: int, temperature: float | None, schema: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """The optional parameters of a request."""
        found: dict[str, Any] = {}
        if self.limits:
            found[self.limits[0]] = max_tokens
        if self.temperature and temperature is not None:
            found["temperature"] = temperature
        if self.effort is not None:
            found["reasoning_effort"] = self.effort
        if self.usage:
            found["stream_options"] = {"include_usage": True}
        if schema is not None and self.formats[0] is StructuredOutput.JSON_SCHEMA:
            wrapped = {"name": "answer", "strict": True, "schema": schema}
            found["response_format"] = {"type": "json_schema", "json_schema": wrapped}
        elif schema is not None and self.formats[0] is StructuredOutput.JSON_OBJECT:
            found["response_format"] = {"type": "json_object"}
        return found

    def arranged(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """The conversation as the server takes it: instructions in front of the first question, if need be."""
        first, *rest = messages
        if self.system or first["role"] != "system" or not rest:
            return list(messages)
        return [{"role": rest[0]["role"], "content": f"{first['content']}\n\n{rest[0]['content']}"}, *rest[1:]]

    def give_up(self, complaint: str, sent: Mapping[str, Any]) -> str | None:
        """Stop using the parameter that a refusal names; returns its name, None where it names none that was sent.

        `sent` is what the refused request carried: another call may have moved a rung down meanwhile, in which case
        trying again is all there is to do.
        """
        text = complaint.lower()
        for name in (n for n in ("max_completion_tokens", "max_tokens") if n in sent):
            if name in text:
                if self.limits and self.limits[0] == name:
                    self.limits.pop(0)
                return self._noted(name)
        if "temperature" in sent and "temperature" in text:
            self.temperature = False
            return self._noted("temperature")
        if "reasoning_effort" in sent and any(word in text for word in ("reasoning", "thinking", "effort")):
            self.effort = None
            return self._noted("reasoning_effort")
        if "stream_options" in sent and any(word in text for word in ("stream_options", "include_usage")):
            self.usage = False
            return self._noted("stream_options")
        if self.system and "system" in text and any(word in text for word in ("role", "message", "prompt")):
            self.system = False
            return self._noted("system role")
        return self._give_up_format(text, sent)

    def _give_up_format(self, text: str, sent: Mapping[str, Any]) -> str | None:
        asked = sent.get("response_format")
        words = ("response_format", "json_schema", "json_object", "json schema", "json mode", "structured", "grammar")
        if not isinstance(asked, dict) or not any(word in text for word in words):
            return None
        form = StructuredOutput(asked["type"])
        if self.formats[0] is form:
            if len(self.formats) == 1:
                return None  # the operator insists on this form
            self.formats.pop(0)
        return self._noted(form.value)

    def _noted(self, name: str) -> str:
        if name not in self.refused:
            self.refused.append(name)
        return name
