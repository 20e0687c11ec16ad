"""Every setting, read from the environment (`CRUX_…`) and from a `.env` file in the current folder.

`describe` lists them with where each value comes from; the meaning of a setting is its `description` and nowhere else.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import ConfigurationError


class EncoderKind(StrEnum):
    BUNDLED = "bundled"
    ENDPOINT = "endpoint"
    NONE = "none"


class StructuredOutput(StrEnum):
    AUTO = "auto"
    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class Settings(BaseSettings):
    """Crux's settings; the defaults run a debate in the terminal with no key and no server."""

    model_config = SettingsConfigDict(
        env_prefix="CRUX_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
    )

    # where things are
    data_dir: Path = Field(
        Path("~/.local/share/crux"), description="Folder for the database, its backups and the console's history."
    )
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL or SQLite address, as postgresql://user:password@host/crux; "
        "an SQLite file in the data folder when unset.",
    )
    seeds: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="Further folders or files of argument maps, comma-separated; a topic id replaces a shipped one."
    )
    prompts: Path | None = Field(
        None, description="Folder whose templates take the place of the shipped ones of the same name."
    )
    topic: str = Field("mechanistic-interpretability", description="Topic of a channel that has not chosen one.")
    language: Literal["en", "de", "fr"] = Field(
        "en", description="Language of the bot's own words in a channel that has not chosen one."
    )

    # retrieval
    encoder: EncoderKind = Field(
        EncoderKind.BUNDLED,
        description="What compares meanings: bundled (MiniLM, runs here), endpoint (/v1/embeddings), "
        "or none (words alone).",
    )
    encoder_url: str | None = Field(None, description="Base URL of the embeddings endpoint, ending in /v1.")
    encoder_model: str = Field("text-embedding-3-small", description="Model name for the embeddings endpoint.")
    encoder_key: SecretStr | None = Field(
        None, description="Key for the embeddings endpoint; the model's key when unset."
    )
    sure_above: float | None = Field(
        None, ge=0, le=1, description="Retrieval confidence from which Crux answers; calibrated per encoder when unset."
    )
    nothing_below: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Retrieval confidence below which Crux says that the map has nothing; calibrated when unset.",
    )

    # the language model
    model_key: SecretStr | None = Field(
        None,
        validation_alias="CRUX_MODEL_KEY",
        description="Key for the language model; OPENAI_API_KEY works too. "
        "Without key and URL the outline writer answers.",
    )
    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="Used when CRUX_MODEL_KEY is unset."
    )
    model_url: str | None = Field(
        None, description="Base URL of any OpenAI-compatible server, ending in /v1; OpenAI's own when unset."
    )
    model: str = Field("gpt-6-luna", description="Model that writes the replies.")
    reasoning_effort: str | None = Field(
        None,
        description="How much a thinking model thinks first (none, low, medium, ...); when unset, low at OpenAI and "
        "the server's own elsewhere.",
    )
    structured_output: StructuredOutput = Field(
        StructuredOutput.AUTO,
        description="How a judgement is asked for: auto tries json_schema, then json_object, then text.",
    )
    model_first_token_seconds: float = Field(
        20.0, gt=0, description="How long to wait for the model's first token before the outline writer takes over."
    )
    model_idle_seconds: float = Field(10.0, gt=0, description="Longest pause inside a stream before it counts as cut.")
    model_total_seconds: float = Field(60.0, gt=0, description="Longest time for one reply, repairs included.")
    model_retries: int = Field(2, ge=0, le=10, description="Further tries after a failure that may pass.")
    model_concurrency: int = Field(4, ge=1, description="Calls to the model at the same time.")
    breaker_failures: int = Field(
        5, ge=1, description="Failures in a row after which the model is left alone for a while."
    )
    breaker_seconds: float = Field(60.0, gt=0, description="How long the model is then left alone.")
    temperature: float | None = Field(
        None, ge=0, le=2, description="Sampling temperature; the server's own when unset."
    )
    max_output_tokens: int = Field(2000, ge=100, description="Upper limit of tokens for one reply, thinking included.")
    member_tokens_per_day: int = Field(
        100_000, ge=0, description="Model tokens that one member may use a day; 0 for no limit."
    )
    workspace_tokens_per_day: int = Field(
        1_000_000, ge=0, description="Model tokens that a workspace may use a day; 0 for no limit."
    )
    judge: bool = Field(
        False, description="Let the model judge sentences that the support check can't decide; costs tokens."
    )
    reply_words: int = Field(220, ge=60, le=400, description="Upper limit of words for a steelman or counterargument.")

    # Discord
    discord_token: SecretStr | None = Field(
        None, description="Token of the bot in Discord; `crux run` serves Discord when it is set."
    )
    discord_guild: int | None = Field(
        None, description="Id of a server for development, which alone gets the commands, and at once; all when unset."
    )
    discord_message_content: bool = Field(
        False, description="Hear plain messages in threads that Crux opened; needs the message-content intent."
    )
    discord_shards: str | None = Field(
        None, description="Shards of this process as first-last/total, as 0-3/8; Discord's advice for one when unset."
    )
    discord_api_url: str | None = Field(None, description="Base URL of Discord's API; Discord's own when unset.")

    # who may do what
    organisers: Annotated[tuple[str, ...], NoDecode] = Field(
        ("you",),
        description="Names in the terminal, comma-separated, of those who approve proposals, amend the maps, ask "
        "claims and set schedules; on a chat platform its own roles say who does.",
    )

    # schedules
    time_zone: str = Field(
        "UTC", description="IANA time zone, as Europe/Berlin, of a channel's first schedule where it names none."
    )

    # prompts
    prompt_hours: float = Field(
        48.0,
        gt=0,
        le=24 * 365,
        description="Hours for which a claim is put to the group, before Crux says what changed.",
    )
    prompt_again_days: float = Field(
        21.0,
        ge=0,
        le=3650,
        description="Days before a claim is put to the group again, and one passed over comes again.",
    )

    prompt_grace_hours: float = Field(
        3.0, ge=0, description="Hours after which a scheduled prompt that was missed is no longer posted."
    )
    digest_grace_hours: float = Field(
        48.0, ge=0, description="Hours after which a scheduled digest that was missed is no longer posted."
    )

    # Slack
    slack_bot_token: SecretStr | None = Field(
        None, description="Token of the app's installation in one Slack workspace, xoxb-…; `crux run` then serves it."
    )
    slack_app_token: SecretStr | None = Field(
        None, description="App-level token, xapp-…, for Socket Mode; without it Slack is served over HTTP."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="The app's signing secret, by which requests over HTTP are told to be Slack's."
    )
    slack_client_id: str | None = Field(
        None, description="The app's client id, for workspaces that install it from the page /slack/install."
    )
    slack_client_secret: SecretStr | None = Field(None, description="The app's client secret, for the same.")
    slack_authorize_url: str = Field(
        "https://slack.com/oauth/v2/authorize", description="Slack's page where an installation is agreed to."
    )
    slack_sockets: int = Field(1, ge=1, le=10, description="Sockets that one process opens in Socket Mode.")
    slack_streaming: bool = Field(True, description="Whether answers in threads are streamed where Slack can.")
    slack_url: str = Field("https://slack.com/api/", description="Base URL of Slack's Web API.")

    # operation
    lease_seconds: float = Field(
        90.0, gt=0, description="How long a process may work on one command before another may take it up."
    )
    log_level: str = Field(
        "WARNING", description="DEBUG, INFO, WARNING or ERROR; `crux run` begins at INFO unless this is set."
    )
    log_format: LogFormat = Field(LogFormat.TEXT, description="text for people, json for machines: a line an event.")
    http_host: str = Field("127.0.0.1", description="Address that `crux run` listens on.")
    http_port: Annotated[int, Field(ge=0, le=65535)] | Literal["off"] = Field(
        8080, description="Port of /healthz, /readyz and /metrics; 0 takes a free one, off has none."
    )
    stop_seconds: float = Field(
        20.0, ge=0, description="How long what is begun may take to end once `crux run` is told to stop."
    )
    keep_days: float = Field(
        90.0, ge=3, description="Days for which posts that were sent, and due times that are done with, are remembered."
    )

    # workspaces
    workspace_days: float = Field(
        30.0,
        ge=0,
        le=36500,
        description="Days after which all data of a workspace is deleted that has removed the bot; until then it may "
        "come back to it.",
    )

    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        description="Keys under which tokens of installations are kept, comma-separated, newest first; those in "
        "secrets.key in the data folder when unset.",
    )

    @field_validator("seeds", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("organisers", "secret_keys", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("discord_shards")
    @classmethod
    def _shard_range(cls, value: str | None) -> str | None:
        if value is None:
            return None
        found = re.fullmatch(r"(\d{1,5})-(\d{1,5})/(\d{1,5})", value.strip())
        if found is None or not int(found[1]) <= int(found[2]) < int(found[3]):
            message = "name a range of shards as first-last/total, like 0-3/8"
            raise PydanticCustomError("shards", message)
        return value.strip()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, LookupError):  # no such name, a folder's name, a path
            message = "there is no such time zone, name one like Europe/Berlin"
            raise PydanticCustomError("time_zone", message) from None
        return value

    @field_validator("data_dir", "prompts")
    @classmethod
    def _expand(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value is not None else None

    @property
    def key(self) -> SecretStr | None:
        """The language model's key, wherever it was set."""
        return self.model_key or self.openai_api_key

    @property
    def has_model(self) -> bool:
        """Whether a language model is configured: a key, or the address of a server that needs none."""
        return self.key is not None or self.model_url is not None


def load(**overrides: object) -> Settings:
    """Read the settings.

    Raises:
        ConfigurationError: a value is not usable; the message names the setting and says what it takes.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        variable = name if name.isupper() else f"CRUX_{name.upper()}"
        raise ConfigurationError(f"{variable} is not usable: {first['msg']}.") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(f"The file .env in this folder can't be read ({reason}); correct it.") from error


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as an operator sees it; `value` and `default` are masked where they are secret."""

    variable: str
    value: str
    source: str
    """default, environment or .env."""
    meaning: str
    default: str


def describe(settings: Settings) -> list[Described]:
    """Every setting, its value, where the value comes from, and what it means."""
    environment = {name.upper() for name, value in os.environ.items() if value}
    file = {name.upper() for name, value in dotenv_values(".env", encoding="utf-8").items() if value}
    described = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias if isinstance(alias, str) else f"CRUX_{name.upper()}"
        source = "environment" if variable in environment else ".env" if variable in file else "default"
        described.append(
            Described(variable, _shown(getattr(settings, name)), source, field.description or "", _shown(field.default))
        )
    return described


def _shown(value: object) -> str:
    match value:
        case None | ():
            return ""
        case SecretStr():
            return "(set, hidden)"
        case (SecretStr(), *_):
            return "(set, hidden)"
        case tuple():
            return ",".join(str(part) for part in value)
        case bool():
            return str(value).lower()
        case _:
            return _CREDENTIALS.sub(r"\1(hidden)@", str(value))


_CREDENTIALS = re.compile(r"(\w+://)[^/@\s]+@")
