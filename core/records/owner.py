"""Who acts: the value that is bound once, where a person is recognised, and that nothing below has to be told again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .catalog import NOTHING

Consent = Literal["may_leave", "without_key"]  # what a person may allow for a provider


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose rows are read and written, and whose pasted keys (by provider id) pay. "" owns what a script asks."""

    id: str
    keys: Mapping[str, str] = field(default_factory=lambda: NOTHING, repr=False)
