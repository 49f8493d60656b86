"""The catalogue's records: providers, their models and their published limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

Size = Literal["small", "big"]
State = Literal["live", "trial", "retired"]
Pool = Literal["account", "project", "model", "ip", "ip_model", "key"]
Modality = Literal["text", "image", "audio", "video", "pdf"]
Ability = Literal["tools", "json_schema", "reasoning_effort"]
# How a model's reasoning can be set: by a level, on or off ("toggle"), or by a number of tokens ("budget").
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max", "default", "toggle", "budget"]
Per = Literal["second", "minute", "hour", "day", "month", "once", "at_once"]
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Limit:
    """One published limit. `amount` None: its size is not published. `firm`: set by the operator, never exceeded."""

    pool: Pool
    unit: Literal["requests", "tokens", "usd", "neurons", "audio_seconds"]
    per: Per
    amount: Decimal | None
    models: tuple[str, ...] = ("*",)
    zone: str = "UTC"
    source: str = ""
    checked: date | None = None
    note: str = ""
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Privacy:
    """Whether the free tier trains on the text (None: unknown), whether it asks for a card or a phone, where it
    runs."""

    trains: bool | None = None
    card: bool | None = None
    phone: bool | None = None
    real_name: bool | None = None
    region: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefusedFeature:
    """What a provider refused for a model ("effort", "schema", "tools", "picture" …), and when it last did."""

    feature: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Model:
    """A model as one provider serves it; `id` is "provider/name", prices are USD per million tokens, of a model of
    `Provider.speech` USD per minute of sound.

    `ends_on` is the first day on which it is not served any more, `successor` the name of the model that its provider
    names instead; `input`, `abilities` and `efforts` are empty where nothing is known, and what is not in `abilities`
    is unknown unless it is in `lacks`. `usd_per_million_cached` is for tokens that were read from a cache,
    `usd_per_million_reasoning` for those that were thought: None where they cost what all others do, or it is unknown.
    `router`: a name under which the provider picks a model for each call. `alias_of`: the name, at the same provider,
    of the model that answers to this one. `refused`: what its provider refused lately, with the key that is used.
    """

    id: str
    name: str
    provider_id: str
    size: Size | None = None
    window_tokens: int | None = None
    max_output_tokens: int | None = None
    usd_per_million_in: Decimal | None = None
    usd_per_million_out: Decimal | None = None
    usd_per_audio_minute: Decimal | None = None
    usd_per_million_cached: Decimal | None = None
    usd_per_million_reasoning: Decimal | None = None
    free: bool | None = None
    reasoning: bool = False
    listed: bool = True
    ends_on: date | None = None
    successor: str = ""
    input: tuple[Modality, ...] = ()
    abilities: tuple[Ability, ...] = ()
    efforts: tuple[Effort, ...] = ()
    lacks: tuple[Ability, ...] = ()
    note: str = ""
    router: bool = False
    alias_of: str = ""
    refused: tuple[RefusedFeature, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedModel:
    """What a provider's own list tells of a model; None and empty: nothing."""

    name: str
    ends_on: date | None = None
    successor: str = ""
    window_tokens: int | None = None
    max_output_tokens: int | None = None
    usd_per_million_in: Decimal | None = None
    usd_per_million_out: Decimal | None = None
    usd_per_million_cached: Decimal | None = None
    input: tuple[Modality, ...] = ()
    abilities: tuple[Ability, ...] = ()
    lacks: tuple[Ability, ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that can be called. `base_url` may hold `{account}`-like fields filled from `options`.

    `needs` maps an option name to the environment variable that fills it. `quirks` are small facts about how it departs
    from its wire format (`no_stream_options`, `max_tokens_name`). `own`: the address is the operator's (a gateway, an
    endpoint, a private network). `speech`: its models that write down what is said, and answer nothing else.
    """

    id: str
    label: str
    wire: str
    base_url: str
    auth: Literal["bearer", "x-api-key", "x-goog-api-key", "google", "none", "optional"] = "bearer"
    key_names: tuple[str, ...] = ()
    key_url: str = ""
    state: State = "live"
    retired_on: date | None = None
    reason: str = ""
    local: bool = False
    own: bool = False
    simulated: bool = False
    free: bool | None = None
    zone: str = "UTC"
    needs: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    options: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    quirks: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    limits: tuple[Limit, ...] = ()
    privacy: Privacy = Privacy()
    models: tuple[Model, ...] = ()
    speech: tuple[Model, ...] = ()
    docs: str = ""
    docs_zh: str = ""
    checked: date | None = None
    source: str = ""
    note: str = ""
