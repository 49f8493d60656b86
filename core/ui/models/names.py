"""Names of providers and models: labels in the reader's language, and search words."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ...records import Provider
from ..text import language, plain

_JOINTS = re.compile(r"[\s._/-]+")
TABLE = Path(__file__).with_name("names.toml")


def label(provider: Provider) -> str:
    """Its name in the reader's language, not escaped. A label set by the operator is kept."""
    entry = _providers().get(provider.id, {})
    return entry.get(language(), provider.label) if _is_shipped(provider) else provider.label


def named(provider: Provider) -> str:
    """`label` escaped for Markdown."""
    return plain(label(provider))


def names(provider: Provider, model_name: str) -> Iterator[str]:
    """Every name of a provider and of one of its models, in any language."""
    yield provider.label
    if provider.simulated:
        return  # its search words describe it and may occur in any of its answers
    entry = _providers().get(provider.id, {})
    yield from f"{entry.get('zh', '')} {entry.get('words', '')} {_model_words(model_name)}".split()


def matches(words: str, provider: Provider, models: Iterable[str]) -> bool:
    """Whether every word occurs in a name of the provider or of one of these models, in any language."""
    entry = _providers().get(provider.id, {})
    provider_text = " ".join((provider.id, provider.label, *entry.values()))
    model_text = " ".join(f"{provider.id}/{name} {_model_words(name)}" for name in models)
    text = unicodedata.normalize("NFKC", f"{provider_text} {model_text}").casefold()
    joined = _JOINTS.sub("", text)
    return all(
        word in text or ((squeezed := _JOINTS.sub("", word)) and squeezed in joined)
        for word in unicodedata.normalize("NFKC", words).casefold().split()
    )


def _is_shipped(provider: Provider) -> bool:
    return provider.label == _shipped_labels().get(provider.id)


@cache
def _shipped_labels() -> Mapping[str, str]:
    table = tomllib.loads(Path(__file__).parents[2].joinpath("providers", "catalog.toml").read_text(encoding="utf-8"))
    return {provider_id: fields["label"] for provider_id, fields in table.items()}


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def _providers() -> Mapping[str, Mapping[str, str]]:
    providers: Mapping[str, Mapping[str, str]] = _tables()["providers"]
    return providers


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), str(words)) for pattern, words in _tables()["models"].items())


@cache
def _model_words(name: str) -> str:
    return " ".join(words for pattern, words in _patterns() if pattern.search(name.casefold()))
