"""The model that answered, as a reply names it: in its frames, by the fields of each format, and in its headers.

Cohere's and Dialogflow's own replies do not name it, nor does text generation (`inputs`): there the URL does.
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
    """A model of Ollama's cloud that is called through this computer is named with its host."""
    host = urlsplit(_name(frame.get("remote_host"))).netloc
    named = of_chat(frame)
    return replace(named, response_model=_name(frame.get("remote_model")) or named.response_model, served_by=host)


def of_head(headers: Mapping[str, str]) -> Served:
    """The host that the headers of a reply name; header names in lower case."""
    return Served(served_by=next((_name(headers[name]) for name in HOSTS if name in headers), ""))


def newest(all_served: Iterable[Served]) -> Served:
    """Several merged into one, later values over earlier ones."""
    merged = NOBODY
    for served in all_served:
        merged = newer(merged, served)
    return merged


def newer(old: Served, new: Served) -> Served:
    """`old`, updated with the values that `new` has."""
    named = {field.name: value for field in fields_of(Served) if (value := getattr(new, field.name))}
    return replace(old, **named) if named else old


def _name(value: object) -> str:
    """A name on one line; "" for anything that cannot be one."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not value.isprintable():
        return ""
    return value.strip()
