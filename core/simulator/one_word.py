"""A simulated language model that answers with one word at temperature 0, and the same model served in other ways.

For each question the model has a logit for each of a few words and answers with the highest. Hosts add what real ones
add: rounding that stays the same at a host (other kernels, other hardware), and rounding that differs from call to call
(other batches). `int4` and `fp8` weights add errors of quantisation; `small` is another model, related to the first.
Standard deviations are in logits; those of the model itself are 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import shake_128
from math import sqrt
from random import Random
from struct import unpack
from types import MappingProxyType

NAME = "oneword"
WORDS = """
    amber anchor apple autumn basil beacon birch bridge cedar cloud clover copper coral cotton ember falcon fern
    flint garden ginger harbor hazel heron indigo island ivory jasmine juniper kettle lantern lemon lilac linen
    maple marble meadow mint moss nectar oak olive onyx opal orchid otter pearl pebble pepper pine plum poppy
    quartz raven ribbon river robin sable saffron sage salt silver slate spruce stone sugar thistle thunder tiger
    tulip umber valley velvet violet walnut willow winter wren yarrow zephyr zinc
"""
CANDIDATES = 12  # words that have a chance, a question
WEIGHTS_AT: Mapping[str, str] = MappingProxyType({"south": "int4"})  # hosts that do not serve the model's own weights
HOST_SPREAD = 0.012
CALL_SPREAD = 0.025
QUANTISED: Mapping[str, float] = MappingProxyType({"int4": 0.6, "fp8": 0.06})
SMALL_LIKENESS = 0.5  # correlation of the small model's logits with the large one's


def answer(question: str, *, seed: int = 0, host: str = "", weights: str = "", attempt: int = 1) -> str:
    """The word that a host answers the `attempt`-th time. `weights`: "", "int4", "fp8" or "small"."""
    logits = _sum(_logits(question, seed, host, weights), CALL_SPREAD, question, seed, host, weights, attempt)
    return _candidates(question)[logits.index(max(logits))]


def at_host(model: str, host: str) -> str:
    """The model's name with the host as an option, and the weights that are served there; other names unchanged."""
    if model.rpartition("/")[2] != NAME:
        return model
    return f"{model}:{'+'.join(filter(None, (host, WEIGHTS_AT.get(host))))}"


def reply(question: str, option: str, seed: int, attempt: int) -> str:
    """`answer` for the option of a model's name, such as "int4", "north" or "south+int4"."""
    parts = option.split("+")
    weights = next((part for part in parts if part in (*QUANTISED, "small")), "")
    host = next((part for part in parts if part != weights), "")
    return answer(question, seed=seed, host=host, weights=weights, attempt=attempt)


@lru_cache(maxsize=256)
def _candidates(question: str) -> Sequence[str]:
    return Random(question).sample(WORDS.split(), CANDIDATES)  # noqa: S311 - a simulated model, no secrets


@lru_cache(maxsize=4096)
def _logits(question: str, seed: int, host: str, weights: str) -> Sequence[float]:
    """The candidates' logits at this host."""
    logits: Sequence[float] = _normal(question, seed)
    if weights == "small":
        own = sqrt(1 - SMALL_LIKENESS**2)
        logits = _sum([SMALL_LIKENESS * logit for logit in logits], own, question, seed, weights)
    elif weights:
        logits = _sum(logits, QUANTISED[weights], question, seed, weights)
    return _sum(logits, HOST_SPREAD, question, seed, "host", host)


def _sum(logits: Sequence[float], spread: float, *parts: object) -> list[float]:
    return [logit + spread * error for logit, error in zip(logits, _normal(*parts), strict=True)]


def _normal(*parts: object) -> list[float]:
    """Nearly normal numbers, one a candidate, the same for the same parts on every computer."""
    drawn = unpack(f"<{4 * CANDIDATES}H", shake_128(repr(parts).encode()).digest(8 * CANDIDATES))
    return [(sum(drawn[at : at + 4]) - 2 * 65_535) / (65_536 / sqrt(3)) for at in range(0, len(drawn), 4)]
