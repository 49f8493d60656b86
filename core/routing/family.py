"""Which names mean the same model: providers spell one model in many ways.

family("openai/gpt-oss-120b") == family("@cf/openai/gpt-oss-120b") == family("gpt-oss:120b") == "gpt oss 120 b"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ..records import Model, Size

PARTS = re.compile(r"[a-z]+|\d+")
PACKED = re.compile(
    r"[-_.:](?:ud-)?(?:fp|bf|int|i?q|mxfp|nvfp)\d+\w*(?:[-_]dynamic)?"
    r"|[-_.:](?:awq|gptq|gguf|\d+bit|mlx|bnb|w\d+a\d+|exl\d|quanti[sz]ed)\b|:\d+$"
)
CHOSEN = re.compile(r":[a-z-]+$")  # a tag without a number: a price, a host, a way of serving
HOSTED = re.compile(r"^(?:(?:us|eu|apac|global)\.)?[a-z][a-z0-9]*\.(?=[a-z])|-v\d+:\d+$")  # Bedrock's way of naming
WORDS_APART = frozenset(["instruct", "it", "versatile", "free", "latest", "cloud", "meta", "hf"])
# Ways of serving a model whose size is in its name (llama-3.3-70b-fast); elsewhere a model of its own (grok-4-fast).
FLAVOURS = frozenset(["fast", "turbo", "instant", "chat"])
BILLIONS = re.compile(r"(?<![a-z\d.])(\d+(?:\.\d+)?)b(?![a-z])")
BIG_BILLIONS = 27
SMALL_WORDS = frozenset(
    ["mini", "nano", "small", "lite", "tiny", "flash", "turbo", "haiku", "fast", "instant", "air", "speed"]
)
BIG_WORDS = frozenset(["max", "large", "plus", "pro", "opus", "sonnet", "ultra", "reasoner", "thinking", "medium"])
NO_CHAT = re.compile(
    r"embed|rerank|whisper|\btts\b|-tts|\basr\b|-asr|speech|voice|audio|realtime|transcri|livetranslate|-mt-|image|flux"
    r"|diffusion|dall-e|imagen|video|sora|veo\b|\bwan\d|t2v|i2v|t2i|\bocr\b|-ocr|moderation|guard|\bbge\b|clip\b|wordart"
)
DATED = re.compile(r"\d{4}|preview|exp\b|latest")
NO_MODEL = frozenset(["", "agent", "default", "auto", "endpoint"])  # whatever a provider puts there


def family(name: str) -> str:
    """The model's bare name: without vendor, quantisation, numeric tag, price and differences of spelling."""
    return " ".join(flavoured(bare(name)))


def bare(name: str) -> str:
    """The name in small letters, without vendor, quantisation and tags that tell no size."""
    last = name.casefold().replace("\\", "/").rpartition("/")[2]
    return CHOSEN.sub("", PACKED.sub("", HOSTED.sub("", last)))


def flavoured(bare_name: str) -> list[str]:
    """The words and numbers of a bare name, without those that tell how it is served or that it follows instructions.

    "chat" before a version is one of those too: deepseek-chat-v3 is deepseek-v3, but gpt-5-chat is not gpt-5.
    """
    parts = PARTS.findall(bare_name)
    sized = bool(BILLIONS.search(bare_name))
    last_number = max((place for place, part in enumerate(parts) if part.isdigit()), default=-1)
    remaining = [
        part
        for place, part in enumerate(parts)
        if part not in WORDS_APART and not (part in FLAVOURS and (sized or (part == "chat" and place < last_number)))
    ]
    return remaining or parts


def families(models: Iterable[Model]) -> Mapping[str, list[Model]]:
    """Models by family: of each provider the first model of the family. Routers are of none."""
    by_family: dict[str, dict[str, Model]] = {}
    for model in (model for model in models if not model.router):
        by_family.setdefault(family(model.name), {}).setdefault(model.provider_id, model)
    return {name: list(by_provider.values()) for name, by_provider in by_family.items() if name not in NO_MODEL}


def elsewhere(model_id: str, models: Iterable[Model]) -> list[Model]:
    """The same model at other providers, in the order given."""
    provider_id, _, name = model_id.partition("/")
    same = families(models).get(family(name), [])
    return [model for model in same if model.provider_id != provider_id]


def size_of(name: str) -> Size | None:
    """The size by a model's name: its billions of parameters, else its words. None where neither says anything."""
    bare = name.casefold().rpartition("/")[2]
    billions = [float(number) for number in BILLIONS.findall(bare)]
    if billions:
        return "big" if max(billions) >= BIG_BILLIONS else "small"
    words = set(PARTS.findall(bare))
    if words & SMALL_WORDS:
        return "small"
    return "big" if words & BIG_WORDS else None


def is_chat_model(name: str) -> bool:
    """Whether a model of that name answers in text: providers also list embeddings, images and voices."""
    return not NO_CHAT.search(name.casefold())


def chat_models(names: Iterable[str]) -> list[str]:
    """The chat models, plain names first: providers list a model again with its date, its quantisation, its preview."""
    return sorted(filter(is_chat_model, names), key=lambda name: (bool(DATED.search(name)), len(name), name))
