"""What can be asked of a model: what its format can say, its provider passes on, and it is known to take.

    takes("picture", provider, model)    True, False, or None where nobody knows; what is unknown is tried
    carries("picture", provider)         whether it can be said to this provider at all
    refused("picture", model)            when its provider refused it lately, which is believed for a while
    ignored(request, provider, model)    the settings of a request that would have no effect, or be refused
    form_or_tools(provider, model)       whether the form of an answer cannot be asked for together with tools

The format (`CARRIES`), the provider (quirks `lacks` and `ignores`) and the model (`input`, `abilities`, `lacks`,
`efforts`) may each lack something. What is sent instead: `fitting`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from ..records import Ability, ChatRequest, Modality, Model, Provider
from . import effort

Feature = Literal["picture", "document", "sound", "tools", "tool_choice", "json", "schema", "effort", "stop"]


# What each format can say at all. A document is a file sent as it is: its text always goes.
CARRIES: Mapping[str, frozenset[Feature]] = MappingProxyType(
    {
        "openai": frozenset(
            ("picture", "document", "sound", "tools", "tool_choice", "json", "schema", "effort", "stop")
        ),
        "anthropic": frozenset(("picture", "document", "tools", "tool_choice", "schema", "effort", "stop")),
        "gemini": frozenset(
            ("picture", "document", "sound", "tools", "tool_choice", "json", "schema", "effort", "stop")
        ),
        "cohere": frozenset(("picture", "tools", "tool_choice", "json", "schema", "effort", "stop")),
        "ollama": frozenset(("picture", "tools", "json", "schema", "effort", "stop")),
        "huggingface": frozenset(("stop",)),
        "dialogflow": frozenset(),
    }
)
# Fields of a request that a format does not have.
MISSING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"anthropic": ("seed",), "dialogflow": ("temperature", "top_p", "seed", "max_output_tokens")}
)
# Models that take no sampling: Claude from 4.7 on refuses it, Gemini from 3.6 on ignores it.
_UNSAMPLED: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "anthropic": re.compile(r"claude-(?!v?[123]|instant|(opus|sonnet|haiku)-4(?!-[7-9]))"),
        "gemini": re.compile(r"gemini-(3\.[6-9]|[4-9])"),
    }
)
_CALLS_OR_FORM = re.compile(r"gemini-[12]\b")
MOST_STOPS: Mapping[str, int] = MappingProxyType({"openai": 4, "gemini": 5, "cohere": 5, "huggingface": 4})
_MODALITY: Mapping[str, Modality] = MappingProxyType({"picture": "image", "document": "pdf", "sound": "audio"})
_ABILITY: Mapping[str, Ability] = MappingProxyType(
    {"tools": "tools", "tool_choice": "tools", "schema": "json_schema", "effort": "reasoning_effort"}
)


def takes(feature: Feature, provider: Provider, model: Model) -> bool | None:
    """Whether this model, asked through this provider, can have it; None: unknown."""
    if not carries(feature, provider) or refused(feature, model):
        return False
    if modality := _MODALITY.get(feature):
        return modality in model.input if model.input else None
    if ability := _ABILITY.get(feature):
        if ability in model.lacks:
            return False
        is_able = ability in model.abilities or (feature == "effort" and bool(model.efforts))
        return True if is_able else None
    return True if feature == "stop" else None


def refused(feature: str, model: Model) -> datetime | None:
    """When its provider last refused it for this model; None: not lately."""
    return next((refusal.at for refusal in model.refused if refusal.feature == feature), None)


def carries(feature: Feature, provider: Provider) -> bool:
    if feature not in CARRIES.get(provider.wire, ()) or feature in provider.quirks.get("lacks", ()):
        return False
    return feature != "document" or provider.wire != "openai" or bool(provider.quirks.get("pdf"))


def form_or_tools(provider: Provider, model: Model) -> bool:
    """As Cohere, Gemini before 3, and the quirk of this name have it."""
    older_gemini = provider.wire == "gemini" and _CALLS_OR_FORM.match(model.name)
    return provider.wire == "cohere" or bool(older_gemini or provider.quirks.get("form_or_tools"))


def ignored(ask: ChatRequest, provider: Provider, model: Model) -> tuple[str, ...]:
    """The settings that were made and have no effect: the format lacks them, the quirk `ignores` names them, or the
    model takes no sampling, as older models of Anthropic do not while they think."""
    names = dict.fromkeys((*MISSING.get(provider.wire, ()), *provider.quirks.get("ignores", ())))
    unsampled = _UNSAMPLED.get(provider.wire)
    if (unsampled and unsampled.match(model.name)) or (provider.wire == "anthropic" and _thinks(ask, provider, model)):
        names |= dict.fromkeys(("temperature", "top_p"))
    return tuple(name for name in names if getattr(ask, name, None) is not None)


def _thinks(ask: ChatRequest, provider: Provider, model: Model) -> bool:
    planned = effort.planned(ask, provider, model)
    return planned is not None and planned.on and not effort.is_forced(ask)
