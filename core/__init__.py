"""Roundtable's library: ask one model or many, and learn when each piece of the answer arrived.

from roundtable import build, ChatRequest, Message

engine = build()
print(engine.complete(ChatRequest([Message("user", "Hello")], model_id="sim/quick")).text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import LLMError
from .records import (
    Attempt,
    ChatRequest,
    Completion,
    Delta,
    Event,
    Finish,
    Message,
    Model,
    Note,
    Provider,
    Reasoning,
    Routing,
    Timing,
    Usage,
)

if TYPE_CHECKING:
    from .config import Settings
    from .engine import Engine

__version__ = "0.1.0"
__all__ = [
    "Attempt",
    "ChatRequest",
    "Completion",
    "Delta",
    "Event",
    "Finish",
    "LLMError",
    "Message",
    "Model",
    "Note",
    "Provider",
    "Reasoning",
    "Routing",
    "Timing",
    "Usage",
    "build",
]


def build(settings: Settings | None = None, **options: Any) -> Engine:
    """Make an engine from `settings`, or from the environment, `.env` and `.streamlit/providers.toml`."""
    from .assemble import build as assemble

    return assemble(settings, **options)
