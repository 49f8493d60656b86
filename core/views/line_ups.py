"""A line-up: the models of a comparison under a name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineUp:
    """`model_ids` from left to right."""

    id: str
    name: str
    model_ids: tuple[str, ...]
