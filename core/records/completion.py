"""The whole answer: text, usage, timing, attempts and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ..errors import LLMError
from .message import Message
from .parts import Part, Text, Thought
from .routing import Routing
from .stream import Finish, ToolStep, Usage, WireEvent
from .tools import AskedEffort, ResponseFormat


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

    `of` is the highest `n` allowed for this model, where another attempt follows. `cold`: this process had not yet
    received anything from that host. `simulated`: the simulator answered, not a model. `sent`: False where we refused
    it ourselves.
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
    """Something a reader should know about an answer: `kind` is a code, `detail` its variable part.

    Kinds: `parameter_dropped` (the parameter's name), `turns_left_out` (how many), `output_capped` (tokens),
    `failed_over` (the model asked first), `too_large` and `beyond_credit` (the same, where its limit or the credit is
    too small for the question), `another_model` (the name of one that answered although another was asked), `served_as`
    (the name of a quantised build of the model, which answered), `kept_private` (the provider whose text stays),
    `cached` (its age in seconds), `edited` (by the administrator), `unshown` ("picture", "sound", "video", "file",
    "tool_call · name": parts that are no text), `ended` (the provider's word for an end that we do not know), `masked`
    and `personal_sent` (kinds and numbers: what was replaced before the question was sent, and what personal data went
    out), `effort_sent` (the effort that a model has in place of the one asked for), `form_in_prompt` ("json", "schema":
    asked for in words; "with_tools": because of them), `document_as_text`, `pictures_left_out`, `sounds_left_out` (how
    many), `stops_sent` (how many of them), `injection` (the kinds of hints that an `InputFilter` found), `tool_rounds`
    (the most rounds of tools that there may be, all used). Stored answers also hold the notes of their `Routing`.
    """

    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the log of calls keeps of a question: the settings that were sent (None: left to the provider), and the
    SHA-256 of the text of its last message. `response_format` is "json" or "schema", `tools` the names of the tools
    that could be called, with spaces between."""

    prompt_hash: str
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_output_tokens: int | None = None
    effort: AskedEffort | None = None
    response_format: str | None = None
    tools: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerRound:
    """One request of an answer that took several, because tools were called."""

    usage: Usage | None = None
    cost_usd: Decimal | None = None
    ttft_ms: float | None = None
    total_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """The whole answer, or what there is of it. A provider's failure is in `error`, never raised.

    `model_id` was asked, and its limits paid. `served_model_id` is whom the answer counts for: the same id where the
    reply names that model, another one behind a router or an alias, or where a provider answers with another model;
    None: the reply does not tell. `response_model`, `served_by`, `system_fingerprint` as in `Served`, None: not told.
    `routing` tells how "auto" came to the model; None where a person named it. `parts` are what the answer has beside
    its text: pictures, calls of tools, thoughts to be sent back. `steps`: the calls of tools and their results that
    came before it; usage, cost and attempts are then those of all `rounds`. `effort` is the one that was sent;
    `response_format` is what was asked for, even where the model was told it in words only.
    """

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
    routing: Routing | None = None
    served_model_id: str | None = None
    response_model: str | None = None
    served_by: str | None = None
    system_fingerprint: str | None = None
    facts: CallFacts | None = field(default=None, compare=False)  # not stored with the answer
    parts: tuple[Part, ...] = ()
    steps: tuple[Message, ...] = ()
    rounds: tuple[AnswerRound, ...] = ()
    effort: AskedEffort | None = None
    response_format: ResponseFormat | None = None

    @property
    def answered_by(self) -> str:
        """The id of the model that this answer counts for."""
        return self.served_model_id or self.model_id

    def message(self) -> Message:
        """The answer as a turn to be sent back: its thoughts, its text, then the rest."""
        thoughts = [part for part in self.parts if isinstance(part, Thought)]
        rest = [part for part in self.parts if not isinstance(part, Thought)]
        texts = [Text(self.text)] if self.text or not self.parts else []
        return Message("assistant", [*thoughts, *texts, *rest], self.model_id)

    def stored_notes(self) -> list[Note]:
        """The notes that are stored with the answer, those of its routing first."""
        routing = self.routing.notes() if self.routing else ()
        return [*(Note(kind, detail) for kind, detail in routing), *self.notes]


Event = WireEvent | ToolStep | Completion
