"""Strengths of the models of a league, from choices among sets of models, with 95 % intervals.

The model is Bradley and Terry's in Luce's form: among the models shown, one is chosen with a probability proportional
to exp(strength). For two it is the Bradley-Terry model; for more it needs no splitting into pairs, which would count
one click several times. Strengths are log odds; the average of a league is 0.

    maximum   of the likelihood times Jeffreys' prior (Firth's correction): finite also for who won every time
    interval  where twice the fall of that profile stays below 3.84; unlike "estimate +- 1.96 errors" it may lean to
              one side, as it must when somebody won nine of ten
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..intervals import Z

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[Any]

CLOSE = 4e-3  # of the bound, in standard errors
STEPS, BOUNDS = 60, 40
LONGEST = 1.5  # a step in strengths: beyond it the quadratic picture does not hold
CELLS = 2_000_000  # of one array at a time
MANY = 40  # votes won and lost: from here on estimate +- 1.96 errors is as good as the profile, and quick


@dataclass(frozen=True, slots=True)
class Strength:
    """A model's strength and its interval, in log odds against the average of its league."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Choices:
    """Rows are the different sets that were shown: their members as columns, padded with `models`, which is no model;
    how often each member was chosen, and how often any."""

    models: int
    members: Floats
    chosen: Floats

    @property
    def number(self) -> Floats:
        totals: Floats = self.chosen.sum(axis=1, keepdims=True)
        return totals

    @property
    def cells(self) -> int:
        return max(int(self.members.size) * int(self.members.shape[1]), self.models**2)

    def sums(self, each: Floats) -> Floats:
        """Sums by member, or by pair of members, of what is given for each place (or pair of places) of each set."""
        import numpy as np

        rows, width = len(each), self.models + 1
        by = self.members if each.ndim == 3 else self.members[:, :, None] * width + self.members[:, None, :]
        size = width ** (each.ndim - 2)
        index = np.arange(rows).reshape(-1, *(1,) * by.ndim) * size + by
        flat = np.bincount(index.ravel(), each.ravel(), rows * size)
        shaped: Floats = flat.reshape(rows, *(width,) * (each.ndim - 2))
        return shaped[:, :-1] if each.ndim == 3 else shaped[:, :-1, :-1]


def strengths(models: int, shown: Mapping[tuple[int, ...], Sequence[float]]) -> list[Strength]:
    """One for each model, 0 to `models` - 1: `shown` holds, for each set shown, how often each member was chosen.

    Every model must be linked with every other by sets with a choice.
    """
    import numpy as np

    data = _choices(models, shown)
    best, top = _climb(data, np.zeros((1, models)), None)
    _value, _score, information = _look(data, best)
    spread = np.sqrt(np.diagonal(np.linalg.inv(information[0] + 1.0 / models)) - 1.0 / models)
    reach = np.tile(Z * spread, (2, 1))
    target, below = np.tile(_leaning(data), 2), np.repeat([0, 1], len(_leaning(data)))
    side = np.where(below == 1, -1.0, 1.0)
    if len(target):
        reach[below, target] = _reach(data, best[0], float(top[0]), target, side, spread[target])
    return [
        Strength(*map(float, triple)) for triple in zip(best[0], best[0] - reach[1], best[0] + reach[0], strict=True)
    ]


def _choices(models: int, shown: Mapping[tuple[int, ...], Sequence[float]]) -> Choices:
    import numpy as np

    widest = max(map(len, shown))
    members, chosen = np.full((len(shown), widest), models), np.zeros((len(shown), widest))
    for row, (names, counts) in enumerate(shown.items()):
        members[row, : len(names)], chosen[row, : len(names)] = names, counts
    return Choices(models, members, chosen)


def _leaning(data: Choices) -> Floats:
    """The models whose profile is not yet a parabola, because they were rarely chosen or rarely passed over."""
    import numpy as np

    wins = data.sums(data.chosen[None])[0]
    losses = data.sums(np.where(data.members < data.models, data.number - data.chosen, 0.0)[None])[0]
    indices: Floats = np.flatnonzero(np.minimum(wins, losses) < MANY)
    return indices


def _reach(data: Choices, best: Floats, top: float, target: Floats, side: Floats, spread: Floats) -> Floats:
    """How far from the top, in the direction `side` of each target, the profile has fallen enough: false position."""
    import numpy as np

    room = max(1, CELLS // data.cells)
    if len(target) > room:
        parts = np.array_split(np.arange(len(target)), -(-len(target) // room))
        return np.concatenate([_reach(data, best, top, target[p], side[p], spread[p]) for p in parts])
    away = _alone(target, len(best)) * side[:, None]
    near, under = np.zeros(len(target)), np.full(len(target), -Z)
    far, over = np.full(len(target), np.inf), np.full(len(target), Z)
    now, at = Z * spread, best + away * (Z * spread)[:, None]
    for _ in range(BOUNDS):
        at, value = _climb(data, at, target)
        miss = np.sqrt(np.maximum(2 * (top - value), 0.0)) - Z
        short = miss < 0
        over = np.where(short, over / np.where(np.isinf(far), 1, 2), miss)
        under = np.where(short, miss, under / 2)
        near, far = np.where(short, now, near), np.where(short, far, now)
        if np.all(np.abs(miss) < CLOSE):
            break
        between = near + (far - near) * np.clip(-under / (over - under), 0.05, 0.95)
        further = now * np.clip(Z / np.maximum(miss + Z, 1e-9), 1.02, 2)
        then = np.where(np.abs(miss) < CLOSE, now, np.where(np.isinf(far), further, between))
        at, now = at + away * (then - now)[:, None], then
    return now


def _alone(target: Floats, models: int) -> Floats:
    """The direction that moves one strength and keeps the sum: the others share the opposite move."""
    import numpy as np

    away: Floats = np.full((len(target), models), -1.0 / (models - 1))
    away[np.arange(len(target)), target] = 1.0
    return away


def _climb(data: Choices, at: Floats, fixed: Floats | None) -> tuple[Floats, Floats]:
    """From each row of `at` to the maximum, with the strength of column `fixed` held: its place and its height."""
    import numpy as np

    rows, models = at.shape
    held = np.ones((rows, 1, models))
    if fixed is not None:
        held = np.concatenate([held, np.eye(models)[fixed][:, None, :]], axis=1)
    size = models + held.shape[1]
    system = np.zeros((rows, size, size))
    system[:, :models, models:], system[:, models:, :models] = held.transpose(0, 2, 1), held
    for _ in range(STEPS):
        _value, score, system[:, :models, :models] = _look(data, at)
        right = np.concatenate([score, np.zeros((rows, size - models))], axis=1)
        step = np.linalg.solve(system, right[:, :, None])[:, :models, 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        at = at + step * np.minimum(1.0, LONGEST / np.maximum(longest, 1e-12))
        if longest.max() < 1e-4:
            break
    return at, _look(data, at)[0]


def _look(data: Choices, at: Floats) -> tuple[Floats, Floats, Floats]:
    """Height, slope and information at each row of `at`, all with Jeffreys' prior, which acts like extra choices."""
    import numpy as np

    rows, models = at.shape
    power = np.concatenate([at, np.full((rows, 1), -np.inf)], axis=1)[:, data.members]
    power = power - power.max(axis=2, keepdims=True)
    whole = np.exp(power).sum(axis=2, keepdims=True)
    chance = np.exp(power) / whole
    heavy = chance * data.number
    full = _information(data, heavy, chance) + 1.0 / models  # strengths have no origin: fill that direction
    inverse = np.zeros((rows, models + 1, models + 1))
    inverse[:, :-1, :-1] = np.linalg.inv(full)
    seen = (inverse[:, data.members[:, :, None], data.members[:, None, :]] * chance[:, :, None, :]).sum(axis=3)
    leverage = inverse[:, data.members, data.members] - 2 * seen + (seen * chance).sum(axis=2, keepdims=True)
    weight = (heavy * leverage).sum(axis=2, keepdims=True)
    score = data.sums(data.chosen - heavy + (heavy * leverage - chance * weight) / 2)
    log_likelihood = data.chosen * (np.where(np.isfinite(power), power, 0.0) - np.log(whole))
    height = log_likelihood.sum(axis=(1, 2)) + np.linalg.slogdet(full)[1] / 2
    return height, score, _information(data, heavy + chance * weight, chance)


def _information(data: Choices, heavy: Floats, chance: Floats) -> Floats:
    import numpy as np

    both = data.sums(heavy[:, :, :, None] * chance[:, :, None, :])
    alone: Floats = data.sums(heavy)[:, :, None] * np.eye(data.models)
    return alone - both
