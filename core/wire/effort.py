"""How hard a model should think: what a person asks for, as one of the ways in which this model can be told.

Model.efforts                     the levels that it has, "toggle" (on or off), "budget" (a number of tokens)
efforts_of(provider, model)       the same; of a model that the catalogue does not know, those of its kind; (): unknown
sent(wanted, provider, model)     the nearest to a level or a budget in tokens
planned(request, provider, model) the same for a request, whose tools and longest answer may leave less of it
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from ..records import AskedEffort, ChatRequest, Effort, Model, Provider

LEVELS: tuple[Effort, ...] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
# Tokens of each level, as Google maps them for its own models; a budget above the last is "high".
BUDGETS = {"none": 0, "low": 1_024, "medium": 8_192, "high": 24_576}
_BUDGETED = {  # models of before levels
    "anthropic": re.compile(r"claude-(3|(opus|sonnet|haiku)-4(-[0-5])?(-\d{8})?$)"),
    "gemini": re.compile(r"gemini-(1|2)\b"),
}
_ALWAYS_THINKS = re.compile(r"claude-(fable|mythos|(opus|sonnet|haiku)-5[-.]5)")
# The fewest tokens that a budget may be; Gemini's "pro" models always think.
SHORTEST_ANTHROPIC, SHORTEST_GEMINI_PRO = 1_024, 128


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is sent: a `level`, or `tokens`, or only whether it thinks (`on`). `exact`: just what was asked for."""

    level: Effort | None = None
    tokens: int | None = None
    on: bool = True
    exact: bool = True

    @property
    def word(self) -> str:
        """What a person is told was sent: "low", "8192", "on", "off"."""
        if self.tokens is not None and not self.level:
            return str(self.tokens)
        return self.level or ("on" if self.on else "off")


def efforts_of(provider: Provider, model: Model) -> tuple[Effort, ...]:
    if model.efforts:
        return model.efforts
    budgeted = _BUDGETED.get(provider.wire)
    if budgeted and budgeted.match(model.name):
        return ("budget",)
    match provider.wire:
        case "anthropic":
            levels: tuple[Effort, ...] = ("low", "medium", "high", "xhigh", "max")
            return levels if _ALWAYS_THINKS.search(model.name) else ("none", *levels)
        case "gemini":
            return ("low", "high") if "pro" in model.name else ("minimal", "low", "medium", "high")
        case "cohere":
            return ("budget",)
        case "ollama":
            return ("low", "medium", "high") if "gpt-oss" in model.name else ("toggle",)
    return ("toggle",) if provider.quirks.get("effort") == "thinking" else ()


def sent(wanted: AskedEffort, provider: Provider, model: Model) -> Chosen | None:
    """The nearest to `wanted` that the model has, within the bounds of its provider; None as for `chosen`."""
    nearest = chosen(wanted, efforts_of(provider, model))
    if nearest is None or nearest.tokens is None or "budget" not in efforts_of(provider, model):
        return nearest
    always = provider.wire == "gemini" and "pro" in model.name
    fewest = SHORTEST_GEMINI_PRO if always else SHORTEST_ANTHROPIC if provider.wire == "anthropic" and nearest.on else 0
    if nearest.tokens >= fewest:
        return nearest
    return replace(nearest, tokens=fewest, on=True, exact=False)


def planned(request: ChatRequest, provider: Provider, model: Model) -> Chosen | None:
    """What is sent of the effort that a request asks for; None: nothing.

    Some models do not think with tools, and are told so even where no effort was asked for (quirk `unthinking_tools`:
    how their names begin). A budget of Anthropic's is a part of the longest answer, and none goes with a forced call.
    """
    if request.tools and model.name.startswith(tuple(provider.quirks.get("unthinking_tools", ()))):
        return Chosen("none", 0, on=False, exact=request.effort == "none")
    if request.effort is None:
        return None
    nearest = sent(request.effort, provider, model)
    if provider.wire != "anthropic" or nearest is None or nearest.level or not nearest.tokens:
        return nearest
    most = (request.max_output_tokens or model.max_output_tokens or nearest.tokens + 1) - 1
    if is_forced(request) or most < SHORTEST_ANTHROPIC:
        return None
    return nearest if nearest.tokens <= most else replace(nearest, tokens=most, exact=False)


def is_forced(request: ChatRequest) -> bool:
    """Whether a tool must be called."""
    return bool(request.tools and request.tool_choice not in (None, "auto", "none"))


def chosen(wanted: AskedEffort, efforts: Collection[Effort]) -> Chosen | None:
    """The nearest to `wanted` that a model with these efforts has; of an unknown model: `wanted` itself.

    None: thinking is not asked for, and there is nothing that would switch it off.
    """
    level, tokens = level_of(wanted), tokens_of(wanted)
    thinks = level != "none"
    levels = [effort for effort in LEVELS if effort in efforts]
    if not efforts:
        return Chosen(level, tokens, thinks)
    if isinstance(wanted, int) and "budget" in efforts:
        return Chosen(None, tokens, thinks)
    if level in levels:
        return Chosen(level, tokens, thinks, exact=not isinstance(wanted, int))
    if not thinks and "toggle" in efforts:
        return Chosen(on=False)
    possible = [candidate for candidate in levels if candidate != "none"]
    if possible and (thinks or "budget" not in efforts):
        place = LEVELS.index(level)
        nearest = min(possible, key=lambda candidate: _apart(candidate, place))
        return Chosen(nearest, BUDGETS.get(nearest, tokens), exact=False)
    if "budget" in efforts:
        return Chosen(None, tokens, thinks)
    if "toggle" in efforts:
        return Chosen(on=thinks, exact=False)
    return Chosen("default", None, exact=False) if "default" in efforts else None


def level_of(wanted: AskedEffort) -> Effort:
    """The level that a budget comes nearest to."""
    if not isinstance(wanted, int):
        return wanted
    return next((name for name, most in _UP_TO if wanted <= most), "high")


def tokens_of(wanted: AskedEffort) -> int:
    return wanted if isinstance(wanted, int) else BUDGETS[wanted]


_UP_TO: tuple[tuple[Effort, int], ...] = (("none", 0), ("low", 4_096), ("medium", 16_384))


def _apart(level: Effort, place: int) -> tuple[int, int]:
    """How far from the place that was asked for; of two that are as far the lower one."""
    at = LEVELS.index(level)
    return abs(at - place), at
