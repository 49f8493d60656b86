"""Settings: every option once, with its doc and bounds. `load` reads environment, `.env` and secrets.

An option `gap_timeout_s` is the variable `ROUNDTABLE_GAP_TIMEOUT_S`. Durations are seconds, sizes bytes unless named.
Importing this module imports pydantic; nothing imports it before an engine is built.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import ConfigDict, Field, ValidationError, field_validator

from . import option_rules
from .call_options import CallOptions
from .errors import Setup
from .operator_options import OperatorOptions
from .providers.environ import Environ, problem
from .providers.keys.allowance import PATTERN
from .providers.keys.files import DotenvFile, KeyFolder, SecretsFile
from .providers.keys.sources import FixedSource, KeySource, KeySources
from .providers.shares import read_weights
from .records import NOTHING

PREFIX = "ROUNDTABLE_"
LOCALE = Path(__file__).with_name("locale")  # a file a language, beside English
_INTERNAL = ("environ", "problems", "folder", "sources", "option_problems")
_HOST = re.compile(r"\*|(?:\*\.)?[\w.-]+(?::\d{1,5})?")
_FRAME = re.compile(r"'none'|'self'|\*|(?:https?://)?[\w*.-]+(?::(?:\d{1,5}|\*))?")


class Settings(OperatorOptions, CallOptions):
    """How this program behaves. No option holds a key; keys stay in `environ`, which never prints its values."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    environ: Environ = Field(default_factory=Environ, repr=False, exclude=True)
    sources: KeySources | None = Field(default=None, repr=False, exclude=True)
    problems: tuple[str, ...] = Field(default=(), description="What could not be read, one sentence each, no values.")
    option_problems: tuple[str, ...] = Field(default=(), description="Those of them that only a restart can change.")
    folder: Path = Field(default=Path("."), description="Where `.env` and `.streamlit/providers.toml` are.")

    max_prompt_chars: int = Field(default=200_000, ge=1, le=10_000_000, description="One message a person may send.")
    default_max_output_tokens: int = Field(
        default=2048,
        ge=1,
        le=1_000_000,
        description="Asked for when a request names none. Modest: Groq and Cerebras count it against the minute's "
        "tokens before they run, so a large default fails every call of a free plan.",
    )

    default_model: str | None = Field(
        default=None,
        max_length=240,
        pattern=r"^(auto|[a-z0-9-]+/\S+)$",
        description='Asked when a request names none: "provider/model" or "auto"; unset: the program chooses.',
    )
    language: str | None = Field(default=None, description="Of the pages; unset: the browser's.")
    catalog_url: str | None = Field(
        default=None,
        max_length=600,
        description="A file of facts about providers and their models, fetched once a day (docs/catalogue.md).",
    )
    local_servers: bool = Field(default=True, description="Look for Ollama, llama.cpp, LM Studio and vLLM here.")
    nightly_probe: bool = Field(
        default=False,
        description="Ask every model for one token each night with the keys of this installation, so that its state "
        "and its first token are known. The Latency page tells beforehand what a night costs.",
    )
    nightly_probe_zone: str | None = Field(
        default=None, description="The zone of that night, such as Europe/Berlin; unset: this computer's."
    )
    database_url: str | None = Field(
        default=None,
        repr=False,
        exclude=True,
        max_length=2000,
        description="PostgreSQL for conversations (postgresql://user:password@host/name), which several copies of the "
        "app may share; DATABASE_URL is read too. Unset: a SQLite file in the data folder.",
    )
    data_folder: Path = Field(default=Path("data"), description="Where the SQLite file is, and what waits to be saved.")
    lease_s: float = Field(
        default=30, ge=1, le=3600, description="An answer whose process gave no sign for so long counts as interrupted."
    )
    undo_minutes: float = Field(
        default=60,
        ge=0,
        le=525_600,
        description="How long a deleted chat or comparison can be brought back; then it is deleted for good.",
    )
    keys_folder: str = Field(
        default="",
        max_length=1000,
        description="A folder of files, one for each key, named like its variable: /run/secrets with Docker, a mounted "
        "volume with Kubernetes.",
    )
    keys_aws_secrets: str = Field(
        default="",
        max_length=4000,
        description="Secrets of AWS Secrets Manager, by name or ARN, separated by spaces: a secret holds many keys as "
        "JSON, or one key and is named like its variable; roundtable/* is every secret that begins so. Needs boto3 "
        "(requirements-aws.lock).",
    )
    keys_refresh_s: float = Field(
        default=60, ge=5, le=86_400, description="How often keys are read again from AWS; files are within a second."
    )
    shared_key_models: str = Field(
        default="",
        max_length=8000,
        description="Models for which the server's keys may be used, as provider/model separated by spaces; * stands "
        "for any characters: groq/* mistral/mistral-small-latest. Others need a key of one's own. Unset: all.",
    )
    keep_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="Chats, comparisons and batches without a change for so many days are deleted for good, pinned "
        "ones too; the History page says so. 0: they are kept until somebody deletes them.",
    )
    pasted_keys_hours: float = Field(
        default=12,
        gt=0,
        le=720,
        description="How long a key that a visitor pasted is kept without use; in memory, never on disk.",
    )
    scheduled_questions: int = Field(
        default=20,
        ge=0,
        le=1000,
        description="How many questions of one person may wait for a limit to reset, to be sent by themselves; "
        "0: none.",
    )
    import_mb: int = Field(
        default=4000, ge=1, le=100_000, description="The largest file that may be imported into the history."
    )
    cache: Literal["off", "on", "faq"] = Field(
        default="on",
        description="Answers given again to the same question. on: to a person who wants that in a chat's settings, "
        "and to everybody for the questions that the administrator marked; faq: only those; off: none.",
    )
    cache_max_age_hours: float = Field(default=168, gt=0, le=8760, description="How long an answer may be given again.")
    cache_owner_bytes: int = Field(
        default=20_000_000, ge=0, le=10_000_000_000, description="Kept answers of one person; the oldest used go first."
    )
    cache_max_bytes: int = Field(
        default=1_000_000_000, ge=0, le=1_000_000_000_000, description="Kept answers of all people together."
    )
    admin_password: str | None = Field(
        default=None,
        repr=False,
        exclude=True,
        min_length=10,
        max_length=200,
        description="Opens the page on which questions are marked as answered alike for everybody; unset: nobody can. "
        "At least 10 characters.",
    )
    passcode: str | None = Field(
        default=None,
        repr=False,
        exclude=True,
        min_length=10,
        max_length=200,
        description="Asked of every visitor once in 30 days; unset: nobody is asked. At least 10 characters. Not used "
        "where people sign in with accounts ([auth] in Streamlit's secrets).",
    )
    admins: str = Field(
        default="",
        max_length=4000,
        description="Mail addresses of people who administer after they signed in, separated by spaces; only addresses "
        "that their OpenID provider verified count. A subject (sub) is accepted, too.",
    )
    sign_in_hours: float = Field(
        default=0,
        ge=0,
        le=720,
        description="How long a sign-in holds; 0: for as long as the OpenID provider's token, often an hour.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        description="How many proxies in front of this server add to X-Forwarded-For; by the entry before them wrong "
        "passwords, tabs and uploads are counted. 0: by the address that connects.",
    )
    secrets: Literal["stop", "mask", "allow"] = Field(
        default="stop", description="A question with keys or passwords: stop and ask, mask them, or send as written."
    )
    personal_data: Literal["warn", "mask", "allow"] = Field(
        default="warn", description="A question with mail addresses, phone, identity or card numbers: the same choice."
    )
    personal_data_for: Literal["training", "all"] = Field(
        default="training", description="Models to which that applies: whose provider trains on text, or all but own."
    )
    hosts: str = Field(
        default="",
        max_length=4000,
        description="Names under which browsers reach this server, separated by spaces: chat.example.org, "
        "*.example.org, chat.example.org:8443; * answers to every name. Without them it answers to localhost, to "
        "addresses written as numbers, to this computer's own name, and on known hosting services to the name there.",
    )
    upload_mb: int = Field(
        default=200,
        ge=1,
        le=4000,
        description="Largest file that can be handed in on a page (attachments, batch files), in MB, and all files of "
        "one visitor together; they are held in memory. What is imported into the history is bounded by import_mb. A "
        "proxy in front must let as much pass (nginx: client_max_body_size).",
    )
    uploads_mb: int = Field(
        default=600,
        ge=1,
        le=100_000,
        description="Files of all visitors together, in MB; what has no room is refused. One network address may hold "
        "half of it.",
    )
    file_mb: int = Field(
        default=25,
        ge=1,
        le=1_000,
        description="Largest picture, document or recording that is kept with a question, in MB.",
    )
    files_owner_mb: int = Field(
        default=500,
        ge=1,
        le=1_000_000,
        description="All of these of one person, in MB; what has no room is refused.",
    )
    frame_ancestors: str = Field(
        default="",
        max_length=4000,
        description="Sites that may show the pages in a frame, separated by spaces, such as "
        "https://intranet.example.org; * for all, 'none' for none at all; unset: only itself.",
    )
    simulator_seed: int = Field(default=1, ge=0, le=2**63 - 1, description="Same seed, same simulated answers.")
    simulator_speed: float = Field(default=1, gt=0, le=1_000_000, description="2: simulated answers twice as fast.")

    @field_validator(
        "default_model",
        "language",
        "database_url",
        "cache",
        "hosts",
        "frame_ancestors",
        "nightly_probe_zone",
        "person_day_zone",
        "shared_key_models",
        mode="before",
    )
    @classmethod
    def _trimmed(cls, value: Any) -> Any:
        return value.strip() if isinstance(value, str) else value

    @field_validator("language")
    @classmethod
    def _language(cls, value: str | None) -> str | None:
        languages = ["en", *sorted(path.stem for path in LOCALE.glob("*.po"))]
        if value is not None and value not in languages:
            raise ValueError(f"must be one of {', '.join(languages)}")
        return value

    @field_validator("nightly_probe_zone", "person_day_zone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError("must be a time zone such as UTC or America/Los_Angeles")
        return value

    @field_validator("hosts")
    @classmethod
    def _names(cls, value: str) -> str:
        """Separated by spaces; of a URL that was pasted, its host."""
        words = [re.sub(r"^https?://([^/]+).*", r"\1", word) for word in re.split(r"[\s,]+", value) if word]
        if not all(map(_HOST.fullmatch, words)):
            raise ValueError("must be names such as chat.example.org or *.example.org, separated by spaces")
        return " ".join(words)

    @field_validator("frame_ancestors")
    @classmethod
    def _sites(cls, value: str) -> str:
        words = [word.rstrip("/") for word in re.split(r"[\s,]+", value) if word]
        alone = len(words) > 1 and {"*", "'none'"} & set(words)
        if alone or not all(map(_FRAME.fullmatch, words)):
            raise ValueError("must be sites such as https://intranet.example.org, separated by spaces, or * or 'none'")
        return " ".join(words)

    @field_validator("fair_share_weights")
    @classmethod
    def _weights(cls, value: str) -> str:
        if read_weights(value) is None:
            raise ValueError("must be name=weight with weights from 1 to 100, separated by spaces, such as admins=2")
        return value

    @field_validator("shared_key_models")
    @classmethod
    def _models(cls, value: str) -> str:
        words = value.replace(",", " ").split()
        if not all(map(PATTERN.fullmatch, words)):
            raise ValueError("must be models such as groq/* or groq/openai/gpt-oss-20b, separated by spaces")
        return " ".join(words)


OPTIONS: tuple[str, ...] = tuple(name for name in Settings.model_fields if name not in _INTERNAL)


def load(
    environ: Mapping[str, str] | None = None,
    secrets: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None = None,
    folder: Path = Path("."),
    options: Mapping[str, Any] = NOTHING,
    key_sources: Sequence[KeySource | Mapping[str, str]] = (),
) -> Settings:
    """Read every source but AWS. Raises one Setup with a line per option that is out of bounds; other faults are
    `problems` here and of the sources. `secrets` as a function is called again to see changes. `options` by name, such
    as `attempts`, come before all others, and so do `key_sources`, strongest first."""
    if unknown := sorted(options.keys() - set(OPTIONS)):
        raise Setup(f"There is no option {', '.join(unknown)}; .env.example lists all, as ROUNDTABLE_ and the name.")
    load_secrets = secrets if callable(secrets) else lambda: secrets
    sources = KeySources(
        [
            *(FixedSource("arguments", each) if isinstance(each, Mapping) else each for each in key_sources),
            FixedSource("environment", os.environ if environ is None else environ),
            DotenvFile(folder / ".env"),
            SecretsFile(load_secrets, folder / ".streamlit" / "secrets.toml"),
        ]
    )
    if keys_folder := sources.environ.get(f"{PREFIX}KEYS_FOLDER", "").strip():
        sources.add(KeyFolder(folder / Path(keys_folder).expanduser()))
    merged = sources.environ
    problems: list[str] = []
    values: dict[str, Any] = {"database_url": merged["DATABASE_URL"]} if "DATABASE_URL" in merged else {}
    for name in sorted(name for name in merged if name.startswith(PREFIX)):
        option = name.removeprefix(PREFIX).lower()
        if option_rules.is_service_link(name, merged[name]):
            continue
        if option in OPTIONS and name == PREFIX + option.upper():
            values[option] = merged[name].strip()
        else:
            problems.append(problem(f"{name} ({merged.source(name)})", "is not an option; see .env.example"))
    values |= options
    try:
        return Settings(
            environ=merged,
            sources=sources,
            problems=(*(sentence for name, sentence in sources.faults if not name), *problems),
            option_problems=tuple(problems),
            folder=folder,
            **values,
        )
    except ValidationError as error:
        raise Setup(option_rules.faults(error, Settings.model_fields, merged, PREFIX)) from None
