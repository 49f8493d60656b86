"""Whose answer a reply is: the model that was asked, the one behind a router or an alias, or another one.

    relation(model, "gpt-4o-2024-08-06")      "same", "alias" or "another"
    counted_for(provider, model, told)        the id of the model that the answer counts for

Providers write one model in many ways, so names are compared by their words and numbers. A dated snapshot of the name
that was asked is the model that was asked; of two different dates it is another one. `-latest` is an alias.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ..records import Model, Provider
from .family import NO_MODEL, bare, flavoured

Relation = Literal["same", "alias", "another"]
YEAR, MONTH, DAY = r"20[2-9]\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
DATE = re.compile(
    rf"(?<![\d.])(?:{YEAR}[-.]?{MONTH}[-.]?{DAY}|{MONTH}[-.]{DAY}[-.]{YEAR}|{YEAR}[-.]{MONTH}|{MONTH}[-.]{YEAR}"
    rf"|2[3-9]{MONTH}|{MONTH}{DAY}|(?<=preview-){MONTH}-{DAY})(?![\d.])"
)
BUILD = re.compile(r"-00\d$|(?<=-\d)-0$")  # gemini-2.0-flash-001, claude-opus-4-0
WORD, NUMBER = re.compile(r"[a-z]+"), re.compile(r"\d+")
UNFINISHED = frozenset(["preview", "exp", "experimental", "beta"])
ROUTERS = NO_MODEL | {"router", "model-router", "tgi"}
PRESET, FREE = "@preset/", "/free"  # OpenRouter: a person's own routing rules; any free model


@dataclass(frozen=True, slots=True)
class _Name:
    """A model's name as it is compared: its words in order, its numbers as one, its date as digits ("" without)."""

    words: tuple[str, ...]
    digits: str
    date: str = ""


def relation(model: Model, told: str) -> Relation:
    """Whether the model that a reply names is the one that was asked."""
    if _is_same(model.name, told):
        moving = "latest" in WORD.findall(bare(model.name)) and _read(model.name) != _read(told)
        return "alias" if moving else "same"
    if is_router(model) or (model.alias_of and _is_same(model.alias_of, told)) or _is_latest(model.name, told):
        return "alias"
    return "another"


def counted_for(provider: Provider, model: Model, told: str) -> str:
    """The id of the model that an answer counts for, given the name that the reply tells.

    The asked model's own where that is the one; else that of the catalogue's row for it, else of the name as told.
    """
    if relation(model, told) == "same":
        return model.id
    name = told.removeprefix("models/")
    known = [row for row in provider.models if not (row.router or row.alias_of)]
    found = [row.id for row in known if row.name.casefold() == name.casefold()]
    found += [row.id for row in known if relation(row, name) == "same"]
    return found[0] if found else f"{provider.id}/{name}"


def is_router(model: Model) -> bool:
    """Whether the provider picks a model for each call under this name: the catalogue says so, or the name does."""
    return model.router or is_router_name(model.name)


def is_router_name(name: str) -> bool:
    """The same by the name alone, for models that are in no catalogue."""
    name = name.casefold()
    return name.rpartition("/")[2] in ROUTERS or name.startswith(PRESET) or name.endswith(FREE)


def _is_same(asked: str, told: str) -> bool:
    if asked.casefold() == told.casefold():
        return True
    one, other = _read(asked), _read(told)
    if (one.words, one.digits) != (other.words, other.digits):
        return False
    return one.date.endswith(other.date) or other.date.endswith(one.date)


def _is_latest(asked: str, told: str) -> bool:
    """Whether `told` is what a moving name such as gemini-flash-latest stands for now: its words, with a version."""
    if "latest" not in WORD.findall(bare(asked)):
        return False
    one, other = _read(asked), _read(told)
    words = tuple(word for word in other.words if word not in UNFINISHED)
    left = iter(other.digits)
    has_version = all(digit in left for digit in one.digits)
    return one.words == words and has_version


@lru_cache(maxsize=1024)
def _read(name: str) -> _Name:
    plain = bare(name)
    date = "".join(NUMBER.findall(" ".join(DATE.findall(plain)[-1:])))
    plain = BUILD.sub("", DATE.sub("", plain).rstrip("-_.@"))
    words = sorted(word for word in flavoured(plain) if not word.isdigit())
    return _Name(tuple(words), "".join(NUMBER.findall(plain)), _year_first(date))


def _year_first(date: str) -> str:
    """032025 (March 2025) as 202503, so that one date is written in one way."""
    return date[-4:] + date[:-4] if len(date) in (6, 8) and date[-4:-2] == "20" and not date.startswith("20") else date
