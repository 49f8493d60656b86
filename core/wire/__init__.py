"""Wire formats: records in, requests out; bytes in, events out. No key, socket, clock or random number here.

    framing.py   bytes -> frames          openai anthropic gemini cohere ollama huggingface dialogflow
    reader.py    frames -> events          one file per format: encode, decode, decode_whole, served, models
    failure/     replies -> errors         shape.py   what the formats share       served.py   who answered
    capabilities.py  what formats and models can have      fitting.py   what is sent instead of what they cannot
    effort.py    how hard to think
    chat_body.py messages of parts, tools and the like, as chat completions write them
    base64_media.py   base64 out of bytes, and back      closed_schema.py   schemas as Anthropic enforces them

A new format is one file and one line below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from ..records import ChatRequest, HttpRequest, Model, Provider, Served, WireEvent
from . import anthropic, cohere, dialogflow, gemini, huggingface, ollama, openai
from .capabilities import CARRIES, Feature, ignored, takes
from .fitting import FittedRequest, Lack, fitted, lacking

__all__ = ["CARRIES", "FORMATS", "Feature", "FittedRequest", "Format", "Lack", "fitted", "ignored", "lacking", "takes"]


class Format(Protocol):
    """The interface of a format module. `decode` and `decode_whole` raise LLMError for an error in a 200 reply."""

    def encode(self, ask: ChatRequest, provider: Provider, model: Model, *, stream: bool) -> HttpRequest:
        """The unsigned request."""
        ...

    def decode(self, frame: Any) -> Iterator[WireEvent]:
        """Events of one parsed frame of a stream; `at_ms` is left at 0."""
        ...

    def decode_whole(self, body: Any) -> Iterator[WireEvent]:
        """The same events of a whole parsed reply."""
        ...

    def served(self, frame: Any) -> Served:
        """Who answers, as far as one parsed frame, or a whole reply, tells."""
        ...

    def models_request(self, provider: Provider) -> HttpRequest | None:
        """Asks for the models a key can use; None where there is no such listing."""
        ...

    def decode_models(self, body: Any) -> list[str]:
        """Model names, each to be used after `provider/`."""
        ...


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "openai": openai,
        "anthropic": anthropic,
        "gemini": gemini,
        "cohere": cohere,
        "ollama": ollama,
        "huggingface": huggingface,
        "dialogflow": dialogflow,
    }
)
