"""Which language model to call, and how patiently. Light to import: the client itself loads the SDK."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from bot.errors import ConfigurationError
from bot.settings import Settings, StructuredOutput

OPENAI_URL: Final = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model behind an OpenAI-compatible server. Times in seconds; fields as the settings of the same name."""

    model: str
    key: str | None = field(default=None, repr=False)
    url: str = OPENAI_URL
    structured_output: StructuredOutput = StructuredOutput.AUTO
    reasoning_effort: str | None = None
    temperature: float | None = None
    max_output_tokens: int = 2000
    first_token_seconds: float = 20.0
    idle_seconds: float = 10.0
    total_seconds: float = 60.0
    retries: int = 2
    concurrency: int = 4
    breaker_failures: int = 5
    breaker_seconds: float = 60.0

    @classmethod
    def of(cls, settings: Settings) -> Endpoint:
        """The endpoint that the settings name.

        Raises:
            ConfigurationError: CRUX_MODEL_URL is no address.
        """
        return cls(
            model=settings.model,
            key=settings.key.get_secret_value() if settings.key is not None else None,
            url=_checked(settings.model_url) if settings.model_url else OPENAI_URL,
            structured_output=settings.structured_output,
            reasoning_effort=settings.reasoning_effort,
            temperature=settings.temperature,
            max_output_tokens=settings.max_output_tokens,
            first_token_seconds=settings.model_first_token_seconds,
            idle_seconds=settings.model_idle_seconds,
            total_seconds=settings.model_total_seconds,
            retries=settings.model_retries,
            concurrency=settings.model_concurrency,
            breaker_failures=settings.breaker_failures,
            breaker_seconds=settings.breaker_seconds,
        )

    @property
    def is_openai(self) -> bool:
        return urlsplit(self.url).hostname == urlsplit(OPENAI_URL).hostname

    @property
    def host(self) -> str:
        """Host and port for the log: without a user, password or query that the address may carry."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port is not None else str(parts.hostname)


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that don't match, or a port out of range
        sound = False
    if not sound:
        raise ConfigurationError("CRUX_MODEL_URL is no address: write it as http://127.0.0.1:11434/v1.")
    return url
