"""What providers and models are called: a label in the reader's language, and the words people search them by."""

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
TABLE = Path(__file__).with_name("called.toml")


def label(provider: Provider) -> str:
    """Its name in the reader's language, as it is. One that the operator named otherwise keeps that name."""
    known = _providers().get(provider.id, {})
    return known.get(language(), provider.label) if _is_shipped(provider) else provider.label


def named(provider: Provider) -> str:
    """The same as Markdown that shows exactly these characters."""
    return plain(label(provider))


def names(provider: Provider, model_name: str) -> Iterator[str]:
    """Every name of a provider and of a model of it, in any language, each alone."""
    yield provider.label
    if provider.simulated:
        return  # the words it is searched by say what it is: any answer of it may use them
    known = _providers().get(provider.id, {})
    yield from f"{known.get('zh', '')} {known.get('words', '')} {_model_words(model_name)}".split()


def matches(words: str, provider: Provider, models: Iterable[str]) -> bool:
    """Whether every word is in what the provider, or one of these models of it, is called in any language."""
    known = _providers().get(provider.id, {})
    about = " ".join((provider.id, provider.label, *known.values()))
    called = " ".join(f"{provider.id}/{name} {_model_words(name)}" for name in models)
    text = unicodedata.normalize("NFKC", f"{about} {called}").casefold()
    joined = _JOINTS.sub("", text)
    return all(
        word in text or ((bare := _JOINTS.sub("", word)) and bare in joined)
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
    found: Mapping[str, Mapping[str, str]] = _tables()["providers"]
    return found


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), str(words)) for pattern, words in _tables()["models"].items())


@cache
def _model_words(name: str) -> str:
    return " ".join(words for pattern, words in _patterns() if pattern.search(name.casefold()))
