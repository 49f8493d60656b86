"""Who answered, as a reply tells it: in its frames, by the names of each format, and in its headers.

Not told by Cohere's and Dialogflow's own replies, nor by text generation (`inputs`): there the address says it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ..records import Served
from .shape import fields

LONGEST_NAME = 200
NOBODY = Served()
HOSTS = ("x-inference-provider",)  # Hugging Face's router


def of_chat(frame: Any) -> Served:
    """`model` beside the choices (or inside `message`, `response`, `result`); OpenRouter adds the `provider`."""
    inner = frame if "model" in frame else fields(frame.get("message") or frame.get("response") or frame.get("result"))
    return Served(_name(inner.get("model")), _name(frame.get("provider")), _name(frame.get("system_fingerprint")))


def of_gemini(frame: Any) -> Served:
    """The spelling of either of Google's serialisers."""
    return Served(_name(frame.get("modelVersion") or frame.get("model_version")))


def of_ollama(frame: Any) -> Served:
    """A model of Ollama's cloud that is asked through this computer is named with its host."""
    host = urlsplit(_name(frame.get("remote_host"))).netloc
    told = of_chat(frame)
    return replace(told, response_model=_name(frame.get("remote_model")) or told.response_model, served_by=host)


def of_head(headers: Mapping[str, str]) -> Served:
    """What the headers of a reply tell; their names are in small letters."""
    return Served(served_by=next((_name(headers[name]) for name in HOSTS if name in headers), ""))


def newest(told: Iterable[Served]) -> Served:
    """One out of several, later words over earlier ones."""
    found = NOBODY
    for one in told:
        found = newer(found, one)
    return found


def newer(old: Served, new: Served) -> Served:
    """`old` with what `new` names."""
    named = {field.name: value for field in fields_of(Served) if (value := getattr(new, field.name))}
    return replace(old, **named) if named else old


def _name(value: object) -> str:
    """A name in one line, "" for what cannot be one."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not value.isprintable():
        return ""
    return value.strip()
