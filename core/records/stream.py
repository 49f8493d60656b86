"""What arrives while a model answers, one value after another."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .message import Message
from .parts import Document, Picture, Sound

Reason = Literal["stop", "length", "filter", "refusal", "stopped", "truncated", "unknown"]


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
class ToolCallDelta:
    """A piece of a tool call, the `index`-th of the answer. Texts are what is new, "" where nothing is."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    signature: str = ""
    at_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class ThoughtDelta:
    """A piece of reasoning that must be sent back: the `index`-th `Thought` of the answer. Its readable text arrives
    as `Reasoning` beside it."""

    index: int
    text: str = ""
    signature: str = ""
    encrypted: str = ""
    id: str = ""
    format: str = ""
    at_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class MediaPart:
    """A picture, sound or file of the answer."""

    part: Picture | Sound | Document
    at_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Unshown:
    """A part of the answer that is no text and cannot be shown. `detail` is a tool's name."""

    kind: Literal["picture", "sound", "video", "file", "tool_call"]
    detail: str = ""
    at_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as one snapshot: a newer one replaces the fields it names, never adds.

    `input_tokens` is all that was read, cached tokens included; `output_tokens` all that was written, with reasoning.
    `billed_input_tokens` and `billed_output_tokens`: how many of them are paid for, where a provider says so (Cohere).
    `media_tokens`: those of sounds, read or spoken, and of drawn pictures, which have prices of their own.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: Decimal | None = None
    estimated: bool = False
    billed_input_tokens: int | None = None
    billed_output_tokens: int | None = None
    media_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """Why the answer ended, in our words and (`raw`) in the provider's; `unknown` where we do not know its word."""

    reason: Reason
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """Who answered, in the reply's own words; "" where it does not tell. A newer one replaces the fields it names.

    `response_model` is the model's name as the provider writes it, `served_by` the host behind a gateway,
    `system_fingerprint` the build of the backend.
    """

    response_model: str = ""
    served_by: str = ""
    system_fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class ToolStep:
    """A turn between the rounds of an answer whose tools are run here: the model's calls, then their results."""

    message: Message
    at_ms: float = 0.0


WireEvent = (
    Delta | Reasoning | Reclassified | ToolCallDelta | ThoughtDelta | MediaPart | Unshown | Served | Usage | Finish
)
