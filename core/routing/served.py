"""Which model answered: the requested one, the one behind a router or an alias, or another one.

    relation(model, "gpt-4o-2024-08-06")                "same", "alias" or "another"
    counted_for(provider, model, response_model)        the id of the model that the answer counts for

Providers spell a model's name in many ways, so names are compared by their words and numbers. A dated snapshot of the
requested name is the requested model; with two different dates it is another one. `-latest` is an alias. A quantised
model counts as the one that it was made of, and `is_quantised` tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from ..records import Model, Provider
from .family import NO_MODEL, bare, flavoured

Relation = Literal["same", "alias", "another"]
YEAR, MONTH, DAY = r"20[2-9]\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
DATE = re.compile(
    rf"(?<![\d.])(?:{YEAR}[-.]?{MONTH}[-.]?{DAY}|{MONTH}[-.]{DAY}[-.]{YEAR}|{YEAR}[-.]{MONTH}|{MONTH}[-.]{YEAR}"
    rf"|2[3-9]{MONTH}{DAY}|2[3-9]{MONTH}|{MONTH}{DAY}|(?<=preview-){MONTH}-{DAY})(?![\d.])"
)
BUILD = re.compile(r"-(00\d)$|(?<=-\d)-0$")  # gemini-2.0-flash-001, claude-opus-4-0
SIZE = re.compile(r"(?<![\d.])\d+(?:[.p]\d+)?b(?![a-z])")  # 8b, 0.6b; as 0p6b
WORD, NUMBER = re.compile(r"[a-z]+"), re.compile(r"\d+")
# Below 16 bits a weight; a format of files (gguf) tells nothing of that.
QUANTISED = re.compile(r"[-_.:]((?:fp|int|mxfp|nvfp)[48]|i?q[1-8]|awq|gptq|[2-8]bit|w[48]a\d+|exl\d)(?![a-z\d])")
UNFINISHED = frozenset(["preview", "exp", "experimental", "beta"])
ROUTERS = NO_MODEL | {"router", "model-router", "tgi"}
PRESET, FREE = "@preset/", "/free"  # OpenRouter: an account's own routing rules; any free model


@dataclass(frozen=True, slots=True)
class _Name:
    """A model's name, parsed for comparison: its words sorted, its sizes, its other numbers joined, its date and build
    as digits or ""."""

    words: tuple[str, ...]
    sizes: tuple[str, ...]
    digits: str
    date: str = ""
    build: str = ""


def relation(model: Model, response_model: str) -> Relation:
    """How the model that a reply names relates to the requested one."""
    if _is_same(model.name, response_model):
        moving = "latest" in WORD.findall(bare(model.name)) and _read(model.name) != _read(response_model)
        return "alias" if moving else "same"
    if (
        is_router(model)
        or (model.alias_of and _is_same(model.alias_of, response_model))
        or _is_latest(model.name, response_model)
    ):
        return "alias"
    return "another"


def counted_for(provider: Provider, model: Model, response_model: str) -> str:
    """The id of the model that an answer counts for, given the name in the reply.

    The requested model's own if that answered; else that of the catalogue's row for it, else one made of the name.
    """
    if relation(model, response_model) == "same":
        return model.id
    name = response_model.removeprefix("models/")
    listed = [row for row in provider.models if not (row.router or row.alias_of)]
    matches = [row.id for row in listed if row.name.casefold() == name.casefold()]
    matches += [row.id for row in listed if relation(row, name) == "same"]
    return matches[0] if matches else f"{provider.id}/{name}"


def is_quantised(model_id: str, response_model: str) -> bool:
    """Whether the reply names a quantisation of the model that it counts for, which the name of that does not."""
    return not _quantisations(response_model) <= _quantisations(model_id)


def _quantisations(name: str) -> set[str]:
    return set(QUANTISED.findall(name.casefold().rpartition("/")[2]))


def is_router(model: Model) -> bool:
    """Whether the provider picks a model for each call under this name: the catalogue says so, or the name does."""
    return model.router or is_router_name(model.name)


def is_router_name(name: str) -> bool:
    """The same by the name alone, for models that are in no catalogue."""
    name = name.casefold()
    return name.rpartition("/")[2] in ROUTERS or name.startswith(PRESET) or name.endswith(FREE)


def _is_same(requested: str, responded: str) -> bool:
    if requested.casefold() == responded.casefold():
        return True
    request_parts, response_parts = _read(requested), _read(responded)
    if replace(request_parts, date="", build="") != replace(response_parts, date="", build=""):
        return False
    if request_parts.build and response_parts.build and request_parts.build != response_parts.build:
        return False
    return request_parts.date.endswith(response_parts.date) or response_parts.date.endswith(request_parts.date)


def _is_latest(requested: str, responded: str) -> bool:
    """Whether `responded` may be the current version of a moving name such as gemini-flash-latest."""
    if "latest" not in WORD.findall(bare(requested)):
        return False
    request_parts, response_parts = _read(requested), _read(responded)
    words = tuple(word for word in response_parts.words if word not in UNFINISHED)
    left = iter(response_parts.digits)
    has_version = all(digit in left for digit in request_parts.digits)
    same_size = request_parts.sizes in ((), response_parts.sizes)
    return request_parts.words == words and same_size and has_version


@lru_cache(maxsize=1024)
def _read(name: str) -> _Name:
    plain = bare(name)
    date = "".join(NUMBER.findall(" ".join(DATE.findall(plain)[-1:])))
    undated = DATE.sub("", plain).rstrip("-_.@")
    build = BUILD.search(undated)
    plain = BUILD.sub("", undated)
    words = sorted(word for word in flavoured(plain) if not word.isdigit())
    digits = "".join(NUMBER.findall(SIZE.sub("", plain)))
    return _Name(tuple(words), tuple(SIZE.findall(plain)), digits, _year_first(date), (build and build[1]) or "")


def _year_first(date: str) -> str:
    """032025 (March 2025) as 202503, so that equal dates are equal strings."""
    return date[-4:] + date[:-4] if len(date) in (6, 8) and date[-4:-2] == "20" and not date.startswith("20") else date
