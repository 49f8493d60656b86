"""The vocabulary: values that travel between rooms. Units live in names, `None` is unknown and never 0.

ChatRequest -> HttpRequest -> bytes -> Delta | Reasoning | Usage | Finish ... -> Completion
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from core.errors import LLMError

Role = Literal["system", "user", "assistant"]
Size = Literal["small", "big"]
State = Literal["live", "trial", "retired"]
Reason = Literal["stop", "length", "filter", "refusal", "stopped", "truncated", "unknown"]
Framing = Literal["sse", "ndjson", "json"]
Unit = Literal["requests", "tokens", "input_tokens", "output_tokens", "usd", "neurons"]
Per = Literal["second", "minute", "hour", "day", "month", "once", "at_once"]
NOTHING: Mapping[str, Any] = MappingProxyType({})
Wanted = Literal["auto", "small", "big"]
# Model ids that leave the choice to the router, and the size each asks for.
AUTO: Mapping[str, Wanted] = MappingProxyType({"auto": "auto", "auto/small": "small", "auto/big": "big"})


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `text` is stored raw and made safe only when drawn. `model_id`: who was asked for it by name."""

    role: Role
    text: str
    model_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a person asks. Sampling fields are sent only when they are not None.
    `substitute`: another model may answer when this one cannot, and says so; `may_leave`: ids of providers whose text
    may then go on to weaker privacy. `reuse`: a kept answer may be given, and this one kept; None: only one kept for
    everybody. `waits`: a limit that is soon free is waited for. `insist`: a person asks again, so that a model which
    rests is asked once. `demo`: "auto" may be simulated without a key.
    """

    messages: Sequence[Message]
    model_id: str | None = None
    size: Wanted = "auto"
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    conversation_id: str | None = None
    run_id: str | None = None
    request_id: str | None = None
    substitute: bool = False
    reuse: bool | None = False
    waits: bool = True
    insist: bool = False
    may_leave: Sequence[str] = ()
    demo: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "messages", tuple(self.messages))


@dataclass(frozen=True, slots=True)
class Limit:
    """One published limit. `amount` None: its size is not published. `firm`: set by the operator, never exceeded."""

    pool: Literal["account", "project", "model", "ip", "key"]
    unit: Literal["requests", "tokens", "usd", "neurons"]
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
    """Whether the free tier trains on the text (None: unknown), what it asks of a person, where it runs."""

    trains: bool | None = None
    card: bool | None = None
    phone: bool | None = None
    region: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A model as one provider serves it; `id` is "provider/name", prices are USD per million tokens."""

    id: str
    name: str
    provider_id: str
    size: Size | None = None
    window_tokens: int | None = None
    max_output_tokens: int | None = None
    usd_per_million_in: Decimal | None = None
    usd_per_million_out: Decimal | None = None
    free: bool | None = None
    reasoning: bool = False
    listed: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who can be called. `base_url` may hold `{account}`-like fields filled from `options`.

    `needs` maps an option name to the environment variable that fills it. `quirks` are small facts about how it departs
    from its wire format (`no_stream_options`, `max_tokens_name`). `own`: the address is the operator's (a gateway, an
    endpoint, a private network).
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
    docs: str = ""
    checked: date | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One exchange before it is signed: `headers` hold no key; `body` is sent as JSON."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None
    framing: Framing


@dataclass(frozen=True, slots=True)
class Delta:
    """Answer text, `at_ms` after the request was sent (monotonic, read where bytes arrive)."""

    text: str
    at_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Reasoning text, apart from the answer."""

    text: str
    at_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Reclassified:
    """The answer's text so far was reasoning: it ended with a closing tag that no opening tag had announced."""

    at_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Unshown:
    """A part of the answer that is no text: a picture, a sound, a call of a tool. `detail` is the tool's name."""

    kind: Literal["picture", "sound", "video", "file", "tool_call"]
    detail: str = ""
    at_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as one snapshot: a newer one replaces the fields it names, never adds.

    `input_tokens` is all that was read, cached tokens included; `output_tokens` all that was written, with reasoning.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: Decimal | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Finish:
    """Why the answer ended, in our words and (`raw`) in the provider's; `unknown` where we do not know its word."""

    reason: Reason
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """`ttft_ms` first token of any kind, `first_answer_ms` first token of the answer, `last_ms` the last token.

    `waited_ms` is time between attempts. `chunks` counts pieces of text: one means "not streamed". `arrivals` counts
    the moments at which text came: pieces that lie in one read came together.
    """

    started_at: datetime
    ttft_ms: float | None = None
    first_answer_ms: float | None = None
    last_ms: float | None = None
    total_ms: float | None = None
    waited_ms: float = 0.0
    chunks: int = 0
    arrivals: int | None = None
    streamed: bool | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one model; `outcome` is "ok" or the kind of the error; `wait_s` is the pause that follows it.

    `of` is the number that the last attempt at this model may have, where another one follows. `cold`: nothing had been
    heard from that host since this process began. `simulated`: no model answered, but the simulator.
    `sent`: False where we refused it ourselves.
    """

    provider_id: str
    model_id: str
    n: int
    outcome: str
    ms: float
    wait_s: float | None = None
    of: int | None = None
    cold: bool | None = None
    simulated: bool | None = None
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know about an answer: `kind` is a code, `detail` its variable part.

    Kinds: `parameter_dropped` (the parameter's name), `turns_left_out` (how many), `output_capped` (tokens),
    `failed_over` (the model asked first), `too_large` and `beyond_credit` (the same, where its limit or the credit is
    too small for the question), `kept_private` (the provider whose text stays), `routed` ("big · proof, code": tier,
    reasons), `difficulty` ("0.73", beside `routed`), `passed_over` ("id (rests), id (limit)"), `tier_fell` ("big ·
    small": wanted and found), `cached` (its age in seconds), `edited` (by the administrator), `unshown` ("picture",
    "sound", "video", "file", "tool_call · name": parts that are no text), `ended` (the provider's word for an end that
    we do not know).
    """

    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """The whole answer, or what there is of it. A provider's failure is in `error`, never raised."""

    model_id: str
    text: str
    reasoning: str
    usage: Usage | None
    finish: Finish | None
    timing: Timing
    cost_usd: Decimal | None = None
    cached: bool = False
    attempts: tuple[Attempt, ...] = ()
    notes: tuple[Note, ...] = ()
    error: LLMError | None = None


WireEvent = Delta | Reasoning | Reclassified | Unshown | Usage | Finish
Event = WireEvent | Completion


@dataclass(frozen=True, slots=True)
class Seen:
    """What a provider said about one of its limits, in the unit's own numbers. None: it did not say. `remaining` is
    what was left when it spoke, the call it answered included; `model` the model it named."""

    unit: Unit
    per: Per
    limit: Decimal | None = None
    remaining: Decimal | None = None
    resets_at: datetime | None = None
    source: Literal["header", "error"] = "header"
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """One counter as it stands: what is counted together (`pool`, `scope`, `key_hash`), in which unit, until when.
    `limit` and `remaining` None: unknown, never full. `reserved` is held by calls on their way. `source` of
    `remaining`: the provider's header or error (`seen_at` says when), our own count, or only the catalogue.
    """

    id: str
    provider_id: str
    pool: str
    scope: str
    key_hash: str
    unit: Unit
    per: Per
    limit: Decimal | None
    used: Decimal
    reserved: Decimal
    remaining: Decimal | None
    starts_at: datetime | None
    resets_at: datetime | None
    source: Literal["header", "error", "counted", "documented"]
    seen_at: datetime | None = None
    zone: str = "UTC"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers of a reply; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
