"""Whom to ask: a tier by difficulty and the models of that tier (`route`), or who stands in for a model (`successors`).

Pure: what is ready, what rests and how fast each model was measured are given. Faster goes first; what was never
measured goes last, in the catalogue's order. Nothing simulated ever stands in for a real model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..errors import LLMError, MissingKey
from ..records import NOTHING, Model, Provider, Routing, Size
from . import DifficultyEstimate, explain
from .family import family
from .privacy import names_a_model
from .served import is_router

MIDDLE = 0.5
MOST_REASONS = 3
LOOKED_BACK = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """A model that could be asked."""

    provider: Provider
    model: Model


@dataclass(frozen=True, slots=True)
class Route:
    """Whom to ask, in order, and how that was decided."""

    routing: Routing
    models: tuple[Choice, ...] = ()


def successors(
    asked: Choice,
    ready: Sequence[Choice],
    speeds: Mapping[str, float] = NOTHING,
    *,
    why: LLMError | type[LLMError] = MissingKey,
) -> list[Choice]:
    """Who may answer instead: the same model elsewhere, then one of its size elsewhere, then at the same provider.

    `why` is the failure: where it is the provider's own, its other models are left out; where it is about money, those
    that are not free. An agent or endpoint has no substitute and is none.
    """
    if not is_model(asked):
        return []
    others = [one for one in fastest(ready, speeds) if one.model.id != asked.model.id and is_model(one)]
    elsewhere = [one for one in others if one.provider.id != asked.provider.id]
    same = [one for one in elsewhere if family(one.model.name) == family(asked.model.name)]
    alike = [one for one in elsewhere if one not in same and _same_size(one, asked)]
    here = [one for one in others if one.provider.id == asked.provider.id and _same_size(one, asked)]
    others_here = {"model": here, "paid": [one for one in here if one.model.free]}.get(why.scope, [])
    return _one_each([*same, *alike]) + others_here


def is_model(choice: Choice) -> bool:
    """Whether it is a real model, neither simulated nor a router, an agent or an endpoint without a name of its own."""
    named = names_a_model(choice.provider, choice.model.name) and not is_router(choice.model)
    return named and not choice.provider.simulated


def route(
    texts: Sequence[str],
    ready: Sequence[Choice],
    speeds: Mapping[str, float] = NOTHING,
    left_out: Mapping[str, str] = NOTHING,
    size: str = "auto",
    middle: float = MIDDLE,
) -> Route:
    """Whom to ask the last of `texts`, a person's questions in one conversation. `size` overrules the difficulty.

    A difficulty of `middle` or more asks for a big model.

    `left_out` tells why some should not be asked now; they are asked only after all others, of any size.

    A conversation that was hard within its last questions stays with the big models: a short "and why?" is part of its
    question. The turn that leaves them again has the reason "long_ago".
    """
    verdict = rated(texts[-1]) if texts else DifficultyEstimate(0.0, "open", ())
    tier, reasons = _tier(verdict, texts[:-1], size, middle)
    ordered = fastest(ready, speeds)
    sized = [one for one in sorted(ordered, key=lambda one: one.model.size != tier) if one.model.size]
    awake = [one for one in sized if one.model.id not in left_out]
    last = [one for one in sized if one.model.id in left_out]
    models = (*awake, *last)
    found: Size = models[0].model.size or tier if models else tier
    named = tuple((one.model.id, left_out[one.model.id]) for one in last if one.model.size == tier)
    return Route(Routing(found, tier, reasons, round(verdict.difficulty, 3), named), models)


def fastest(choices: Sequence[Choice], speeds: Mapping[str, float]) -> list[Choice]:
    """The faster first by tokens a second, what was never measured last, else as they came."""
    return sorted(choices, key=lambda one: -speeds.get(one.model.id, 0.0))


@lru_cache(maxsize=256)
def rated(text: str) -> DifficultyEstimate:
    """The difficulty with its reasons; a conversation's questions are looked at again with each new one."""
    return explain(text)


def was_hard(texts: Sequence[str], middle: float = MIDDLE) -> bool:
    """Whether one of the last questions of a conversation asked for a big model, which the next one then keeps."""
    return any(rated(text).difficulty >= middle for text in texts[-LOOKED_BACK:])


def _tier(
    verdict: DifficultyEstimate, earlier: Sequence[str], size: str, middle: float
) -> tuple[Size, tuple[str, ...]]:
    if size in ("small", "big"):
        return ("small" if size == "small" else "big"), ("chosen",)
    hard = verdict.difficulty >= middle
    if not hard and was_hard(earlier, middle):
        return "big", ("conversation",)
    named = [name for name, share in verdict.reasons if (share > 0) == hard]
    if not hard and was_hard(earlier[:-1], middle):  # the turn before was still big for the conversation's sake
        named.insert(0, "long_ago")
    return ("big" if hard else "small"), tuple(named[:MOST_REASONS])


def _same_size(choice: Choice, asked: Choice) -> bool:
    return asked.model.size is not None and choice.model.size == asked.model.size


def _one_each(choices: Sequence[Choice]) -> list[Choice]:
    """The first of each provider."""
    found: dict[str, Choice] = {}
    for one in choices:
        found.setdefault(one.provider.id, one)
    return list(found.values())
