"""What providers refused for their models: believed for two weeks, by key, and at a server of one's own by address too.

    refused_feature(error, request)     the feature that a refusal says the model does not have
    place_of(provider, key)             under what a refusal is kept: nobody with another key or server is told

A refusal of one value ("must be one of low, medium, high"), of one schema, or of two features at once, says nothing
about the feature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from ..errors import BadRequest, LLMError
from ..records import NOTHING, ChatRequest, Document, Picture, Provider, RefusedFeature, Sound
from .limits import key_hash

KEPT = timedelta(days=14)
Place = tuple[str, str]  # a provider's id, and a hash
ByModel = Mapping[str, tuple[RefusedFeature, ...]]
_UNSUPPORTED = re.compile(
    r"(is|are|was|were)(n't| not) (currently |yet )?(supported|available|enabled|allowed|permitted|recogni[sz]ed)|"
    r"(does|do|can)(n't| ?not) (currently |yet )?(support|accept|allow|handle|process)|"
    r"unsupported (parameter|argument|content|input|feature)|"
    r"(unrecogni[sz]ed|unknown|unexpected) (request )?(argument|parameter|field|name|keyword)|"
    r"no endpoints found that support|is unavailable|(is|are) unsupported|only supported (by|for)|unknown variant|"
    r"(argument|parameter)s? not supported|not a (multi-?modal|vision|vlm)\b|at most 0 |requires --|"
    r"content'?( :)?( value)? must be a string|data required for|content\.type 参数非法|不支持|暂未开放",
    re.IGNORECASE,
)
_OF_ONE_VALUE = re.compile(
    r"\bvalues?\b(?! must be a string)|must be(?! a string)|one of|invalid schema|schema (is )?invalid|"
    r"\bin (the )?schema|schema .{0,30}\b(keyword|propert|contains)|too (large|long|many)|exceeds|maximum|"
    r"(?<!参数非法，)取值|参数值|thinking\.type\.|"
    r"\bwith (tools?|rag|functions?|streaming|a response|response_format|json|reasoning|thinking)\b|"
    r"\b(together|combined|combination|same request|when|while|at the same time|in (non-)?thinking mode)\b",
    re.IGNORECASE,
)


class FeatureRefusalStore(Protocol):
    """Where refusals are kept. `of` is quick enough for a page; those older than `KEPT` are not among them."""

    def note(self, place: Place, model: str, feature: str) -> None: ...
    def of(self, place: Place) -> ByModel: ...
    def forget(self, place: Place, model: str | None = None) -> None: ...


class NoRefusals:
    """Remembers nothing: scripts ask anew in each process."""

    def note(self, place: Place, model: str, feature: str) -> None:
        pass

    def of(self, place: Place) -> ByModel:
        return NOTHING

    def forget(self, place: Place, model: str | None = None) -> None:
        pass


def place_of(provider: Provider, key: str | None) -> Place:
    hashed = key_hash(provider.id, key)
    if provider.own or provider.local:
        hashed = sha256(f"{hashed}\n{provider.base_url}".encode()).hexdigest()
    return provider.id, hashed


def refused_feature(error: LLMError, request: ChatRequest) -> str | None:
    """None: it refuses something else, or only how it was asked for."""
    if not isinstance(error, BadRequest) or _OF_ONE_VALUE.search(error.message):
        return None
    features = dict(_features_of(request))
    return features.get(error.param or "") if _UNSUPPORTED.search(error.message) else None


def lately(refusals: ByModel, now: datetime) -> dict[str, tuple[RefusedFeature, ...]]:
    """Those that are still believed."""
    believed = {
        model: tuple(refusal for refusal in refused if now - refusal.at < KEPT) for model, refused in refusals.items()
    }
    return {model: refused for model, refused in believed.items() if refused}


def _features_of(request: ChatRequest) -> Iterator[tuple[str, str]]:
    """(the parameter that a refusal names, the feature) of all that this request asks for."""
    if request.effort is not None:
        yield "effort", "effort"
    if request.response_format and request.response_format.kind != "text":
        yield "response_format", request.response_format.kind
    if request.tools:
        yield "tools", "tools"
    if request.tool_choice:
        yield "tool_choice", "tool_choice"
    if request.stop:
        yield "stop", "stop"
    media = [part for message in request.messages for part in message.media]
    for kind, feature in ((Picture, "picture"), (Sound, "sound"), (Document, "document")):
        if any(isinstance(part, kind) for part in media):
            yield feature, feature
