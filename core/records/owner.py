"""The identity of the person a call acts for: bound once when the person is recognised, then passed along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .catalog import NOTHING

Consent = Literal["may_leave", "without_key"]  # what a person may allow for a provider


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of the rows that are read and written, and their pasted keys by provider id. Scripts use the id ""."""

    id: str
    keys: Mapping[str, str] = field(default_factory=lambda: NOTHING, repr=False)


NIGHTLY = Owner("nightly-probe")  # of the nightly probe's calls: nobody's, and with the keys of the environment
