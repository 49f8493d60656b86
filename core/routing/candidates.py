"""Which model to ask: a tier by difficulty and its models (`route`), or the substitutes for a model (`successors`).

Pure: ready models, open circuit breakers and measured speeds are arguments. Faster models go first; those never
measured go last, in the catalogue's order. A simulated model never replaces a real one.
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
    """The models to ask, in order, and how they were chosen."""

    routing: Routing
    models: tuple[Choice, ...] = ()


def successors(
    requested: Choice,
    ready: Sequence[Choice],
    speeds: Mapping[str, float] = NOTHING,
    *,
    why: LLMError | type[LLMError] = MissingKey,
) -> list[Choice]:
    """The models that may answer instead: the same model elsewhere, then one of its size elsewhere, then at its
    provider.

    `why` is the failure: if it concerns the provider, its other models are left out; if it concerns money, its paid
    ones. Agents and endpoints neither have a substitute nor are one. A router is no substitute
    either; its own question, which is for any model, may be answered by a model of any size.
    """
    if requested.provider.simulated or not (requested.model.router or is_model(requested)):
        return []
    others = [choice for choice in fastest(ready, speeds) if choice.model.id != requested.model.id and is_model(choice)]
    elsewhere = [choice for choice in others if choice.provider.id != requested.provider.id]
    same = [choice for choice in elsewhere if family(choice.model.name) == family(requested.model.name)]
    same_size = [choice for choice in elsewhere if choice not in same and _same_size(choice, requested)]
    same_provider = [
        choice for choice in others if choice.provider.id == requested.provider.id and _same_size(choice, requested)
    ]
    at_provider = {"model": same_provider, "paid": [choice for choice in same_provider if choice.model.free]}.get(
        why.scope, []
    )
    return _first_per_provider([*same, *same_size]) + at_provider


def missing_abilities(wanted: Model, other: Model) -> int:
    """How many modalities and abilities of the one the other is known to lack."""
    pairs = ((wanted.input, other.input), (wanted.abilities, other.abilities))
    return sum(len({*needed} - {*offered}) for needed, offered in pairs if offered)


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
    """The route of the last of `texts`, a person's questions in one conversation. `size` overrules the difficulty.

    A difficulty of `middle` or more asks for a big model.

    `left_out` holds why some models should not be asked now; they come after all others, of any size.

    A conversation with a hard question among its last ones stays with the big models: a short "and why?" belongs to
    that question. The first turn that leaves them again has the reason "long_ago".
    """
    estimate = rated(texts[-1]) if texts else DifficultyEstimate(0.0, "open", ())
    tier, reasons = _tier(estimate, texts[:-1], size, middle)
    ordered = fastest(ready, speeds)
    sized = [choice for choice in sorted(ordered, key=lambda choice: choice.model.size != tier) if choice.model.size]
    available = [choice for choice in sized if choice.model.id not in left_out]
    passed_over = [choice for choice in sized if choice.model.id in left_out]
    models = (*available, *passed_over)
    answering: Size = models[0].model.size or tier if models else tier
    reasons_left_out = tuple(
        (choice.model.id, left_out[choice.model.id]) for choice in passed_over if choice.model.size == tier
    )
    return Route(Routing(answering, tier, reasons, round(estimate.difficulty, 3), reasons_left_out), models)


def fastest(choices: Sequence[Choice], speeds: Mapping[str, float]) -> list[Choice]:
    """Sorted by tokens per second, fastest first; those never measured last, otherwise in the given order."""
    return sorted(choices, key=lambda choice: -speeds.get(choice.model.id, 0.0))


@lru_cache(maxsize=256)
def rated(text: str) -> DifficultyEstimate:
    """The difficulty with its reasons; cached, because each new question rates the conversation's earlier ones
    again."""
    return explain(text)


def was_hard(texts: Sequence[str], middle: float = MIDDLE) -> bool:
    """Whether one of the last questions of a conversation asked for a big model, which the next one then keeps."""
    return any(rated(text).difficulty >= middle for text in texts[-LOOKED_BACK:])


def _tier(
    estimate: DifficultyEstimate, earlier: Sequence[str], size: str, middle: float
) -> tuple[Size, tuple[str, ...]]:
    if size in ("small", "big"):
        return ("small" if size == "small" else "big"), ("chosen",)
    hard = estimate.difficulty >= middle
    if not hard and was_hard(earlier, middle):
        return "big", ("conversation",)
    reasons = [name for name, share in estimate.reasons if (share > 0) == hard]
    if not hard and was_hard(earlier[:-1], middle):  # the turn before was still big for the conversation's sake
        reasons.insert(0, "long_ago")
    return ("big" if hard else "small"), tuple(reasons[:MOST_REASONS])


def _same_size(choice: Choice, requested: Choice) -> bool:
    return requested.model.router or (requested.model.size is not None and choice.model.size == requested.model.size)


def _first_per_provider(choices: Sequence[Choice]) -> list[Choice]:
    """The first of each provider."""
    by_provider: dict[str, Choice] = {}
    for choice in choices:
        by_provider.setdefault(choice.provider.id, choice)
    return list(by_provider.values())
