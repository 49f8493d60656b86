"""The vocabulary: values that travel between rooms. Units live in names, `None` is unknown and never 0.

ChatRequest -> HttpRequest -> bytes -> Delta | Reasoning | Usage | Finish ... -> Completion
"""

from .catalog import NOTHING, Ability, Limit, ListedModel, Modality, Model, Per, Pool, Privacy, Provider, Size, State
from .chat import (
    AUTO,
    Attempt,
    ChatRequest,
    Completion,
    Delta,
    Event,
    Finish,
    Message,
    Note,
    Reason,
    Reasoning,
    Reclassified,
    Role,
    Served,
    Timing,
    Unshown,
    Usage,
    Wanted,
    WireEvent,
)
from .http import Framing, Head, HttpRequest
from .owner import NIGHTLY, OWN_KEY, Consent, Owner, PersonalKeys
from .quota import RateLimitReading, Unit, Window
from .routing import Routing, routing_of

__all__ = [
    "AUTO",
    "NIGHTLY",
    "NOTHING",
    "OWN_KEY",
    "Ability",
    "Attempt",
    "ChatRequest",
    "Completion",
    "Consent",
    "Delta",
    "Event",
    "Finish",
    "Framing",
    "Head",
    "HttpRequest",
    "Limit",
    "ListedModel",
    "Message",
    "Modality",
    "Model",
    "Note",
    "Owner",
    "Per",
    "PersonalKeys",
    "Pool",
    "Privacy",
    "Provider",
    "RateLimitReading",
    "Reason",
    "Reasoning",
    "Reclassified",
    "Role",
    "Routing",
    "Served",
    "Size",
    "State",
    "Timing",
    "Unit",
    "Unshown",
    "Usage",
    "Wanted",
    "Window",
    "WireEvent",
    "routing_of",
]
