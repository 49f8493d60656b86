"""Which names mean the same model: providers write one model in many ways, and serve it in many places.

family("openai/gpt-oss-120b") == family("@cf/openai/gpt-oss-120b") == family("gpt-oss:120b") == "gpt oss 120 b"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from core.records import Model

PARTS = re.compile(r"[a-z]+|\d+")
PACKED = re.compile(r"[-_.:](?:fp|bf|int|q)\d+\w*|[-_.:](?:awq|gptq|gguf|nvfp4)\b|:\d+$")
WORDS_APART = frozenset(["instruct", "it", "chat", "versatile", "free", "fast", "latest", "meta", "hf"])
NO_MODEL = frozenset(["", "agent", "default", "auto", "endpoint"])  # whatever a provider puts there


def family(name: str) -> str:
    """The model's own name: without its vendor, its packing, a tag that is only a number, its price, and the ways of
    writing it."""
    bare = PACKED.sub("", name.casefold().rpartition("/")[2])
    parts = PARTS.findall(bare)
    kept = [part for part in parts if part not in WORDS_APART]
    return " ".join(kept or parts)


def families(models: Iterable[Model]) -> Mapping[str, list[Model]]:
    """Models by family, each family as large as providers have it: one model a provider, the first one of it."""
    found: dict[str, dict[str, Model]] = {}
    for model in models:
        found.setdefault(family(model.name), {}).setdefault(model.provider_id, model)
    return {name: list(by_provider.values()) for name, by_provider in found.items() if name not in NO_MODEL}


def elsewhere(model_id: str, models: Iterable[Model]) -> list[Model]:
    """The same model at other providers, in the order given."""
    provider_id, _, name = model_id.partition("/")
    same = families(models).get(family(name), [])
    return [model for model in same if model.provider_id != provider_id]
