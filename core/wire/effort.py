"""How hard a model should think: what a person asks for, as one of the ways in which this model can be told.

asked            level, or a budget in tokens
Model.efforts    the levels that the model has, "toggle" (on or off), "budget" (a number of tokens); (): unknown
chosen(...)      the nearest it has
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..records import AskedEffort, Effort

LEVELS: tuple[Effort, ...] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
# Tokens of each level, as Google maps them for its own models; a budget above the last is "high".
BUDGETS = {"none": 0, "low": 1_024, "medium": 8_192, "high": 24_576}


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
