"""Every provider of the catalogue and every wish: it changes what is sent, or a note says that it does not.

A wish that is left out, alone or because of another one, and of which nobody is told, fails here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import pytest

from core.errors import LLMError
from core.providers.catalog import load
from core.records import (
    ChatRequest,
    Document,
    Message,
    Model,
    Picture,
    Provider,
    ResponseFormat,
    Sound,
    Text,
    Tool,
)
from core.wire import CARRIES, FORMATS, fitted, takes
from core.wire.effort import level_of

CATALOG = load()
SCHEMA = (
    '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": false}'
)
PARTS: Mapping[str, Any] = {
    "picture": Picture("image/png", b"\x89PNG\r\n\x1a\npixels", name="a.png"),
    "document": Document("a.pdf", "what was read", "application/pdf", b"%PDF-1.7 x"),
    "sound": Sound("audio/wav", b"RIFF....WAVE"),
}
TOOLS = (Tool("add", "Adds."), Tool("see", "Sees."))
# What may be wished for together, by the field of the request that it sets.
WISHES: Mapping[str, tuple[str, Any]] = {
    "effort none": ("effort", "none"),
    "effort low": ("effort", "low"),
    "effort high": ("effort", "high"),
    "effort 5000": ("effort", 5_000),
    "json": ("response_format", ResponseFormat("json")),
    "schema": ("response_format", ResponseFormat("schema", SCHEMA)),
    "tools": ("tools", TOOLS),
    "no tool": ("tool_choice", "none"),
    "any tool": ("tool_choice", "required"),
    "this tool": ("tool_choice", "see"),
    "stop": ("stop", ("END", "FIN")),
    "temperature": ("temperature", 0.4),
    "top_p": ("top_p", 0.9),
    "seed": ("seed", 7),
    "most tokens": ("max_output_tokens", 700),
    **{name: (name, part) for name, part in PARTS.items()},
}
UNTOLD = ("counts_max_tokens", "lists_without_key", "reasoning_back", "max_messages", "models_path")  # of no wish
# The names under which a lack of a field is told.
FEATURE = {"response_format": ("json", "schema"), "tool_choice": ("tools", "tool_choice")}


def request_for(*wishes: str) -> ChatRequest:
    fields = dict(WISHES[wish] for wish in wishes)
    parts = [fields.pop(name) for name in PARTS if name in fields]
    if "tool_choice" in fields:
        fields["tools"] = TOOLS
    return ChatRequest([Message("user", [Text("Answer with JSON."), *parts])], **fields)


def sent(request: ChatRequest, provider: Provider, model: Model) -> tuple[str, set[str]]:
    """The body, and what was told of it."""
    able = fitted(request, provider, model)
    lacks = {lack.what for lack in able.lacks}
    if able.refused:
        return "refused", lacks
    body = FORMATS[provider.wire].encode(able.request, provider, model, stream=True).body
    return json.dumps(body, sort_keys=True), lacks


def sets() -> Iterator[tuple[str, ...]]:
    """Each wish alone, and each two that can be had together."""
    yield from ((wish,) for wish in WISHES)
    for two in combinations(WISHES, 2):
        fields = {WISHES[wish][0] for wish in two}
        if len(fields) == 2 and fields != {"tools", "tool_choice"}:  # which tool: of the same tools
            yield two


def others(wish: str, wishes: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The same without this wish, and with another value of it."""
    field = WISHES[wish][0]
    for other in (*(name for name in WISHES if WISHES[name][0] == field and name != wish), None):
        yield tuple(other if name == wish else name for name in wishes if name != wish or other)  # type: ignore[misc]


def needs_no_word(wish: str, provider: Provider, model: Model) -> bool:
    """A model that does not think need not be told that it should not."""
    field, value = WISHES[wish]
    return field == "effort" and level_of(value) == "none" and takes("effort", provider, model) is False


def silent(provider: Provider, model: Model) -> Iterator[str]:
    @cache
    def outcome(wishes: tuple[str, ...]) -> tuple[str, set[str]]:
        try:
            return sent(request_for(*wishes), provider, model)
        except LLMError:
            return "refused", set()

    for wishes in sets():
        body, lacks = outcome(wishes)
        if body == "refused":
            continue  # said before anything is sent
        for wish in wishes:
            names = FEATURE.get(WISHES[wish][0], (WISHES[wish][0],))
            if lacks.intersection(names) or needs_no_word(wish, provider, model):
                continue
            for other in others(wish, wishes):
                other_body, other_lacks = outcome(other)
                if other_body == body and not other_lacks.intersection(names):
                    yield f"{model.id}: {' + '.join(wishes)}: {wish} as if {' + '.join(other) or 'nothing'}"


def cases() -> Mapping[str, list[tuple[Provider, Model]]]:
    """By format: each kind of provider and of model once, and models that the catalogue does not know."""
    seen: dict[str, dict[str, tuple[Provider, Model]]] = {}
    for provider in CATALOG.providers.values():
        provider = replace(provider, options=dict.fromkeys(provider.needs, "x") | dict(provider.options))
        names_count = provider.wire != "openai" or "unthinking_tools" in provider.quirks
        for model in (*provider.models, Model(f"{provider.id}/new-model", "new-model", provider.id)):
            facts = (model.input, model.abilities, model.lacks, model.efforts, names_count and model.name)
            quirks = {name: value for name, value in provider.quirks.items() if name not in UNTOLD}
            key = json.dumps([quirks, facts], sort_keys=True)
            seen.setdefault(provider.wire, {}).setdefault(key, (provider, model))
    return {wire: list(of.values()) for wire, of in seen.items() if wire != "dialogflow"}


CASES = cases()


@pytest.mark.parametrize("wire", CASES)
def test_no_wish_is_dropped_in_silence(wire: str) -> None:
    silent_drops = [line for provider, model in CASES[wire] for line in silent(provider, model)]
    assert not silent_drops, "\n".join(silent_drops[:40])


def test_every_format_that_carries_anything_is_asked() -> None:
    assert set(CASES) == {wire for wire, carried in CARRIES.items() if carried}
    assert min(map(len, CASES.values())) >= 1
