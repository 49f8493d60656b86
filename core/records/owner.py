"""The identity of the person a call acts for: bound once when the person is recognised, then passed along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .catalog import NOTHING

OWN_KEY = "session"  # the source of a pasted key, and the choice of it
Consent = Literal["may_leave", "without_key"]  # what a person may allow for a provider


class PersonalKeys(Mapping[str, str]):
    """The pasted keys that answer for a person, by provider id.

    `pasted` are all that the person pasted; `chosen` says by provider id which key the person chose: the variable of a
    shared one, or "session" for the pasted one alone. A pasted key is set aside where a shared one was chosen.
    `models` are patterns of the models for which the person may use shared keys; None: those that all may use.
    """

    def __init__(
        self,
        pasted: Mapping[str, str] = NOTHING,
        chosen: Mapping[str, str] = NOTHING,
        models: tuple[str, ...] | None = None,
    ) -> None:
        self.pasted = dict(pasted)
        self.chosen = dict(chosen)
        self.models = models
        self._used = {name: key for name, key in pasted.items() if chosen.get(name, OWN_KEY) == OWN_KEY}

    @classmethod
    def with_models(cls, keys: Mapping[str, str], models: tuple[str, ...] | None) -> Mapping[str, str]:
        """The same keys, with these patterns."""
        if isinstance(keys, PersonalKeys):
            return keys if keys.models == models else cls(keys.pasted, keys.chosen, models)
        return keys if models is None else cls(keys, models=models)

    def __getitem__(self, provider_id: str) -> str:
        return self._used[provider_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._used)

    def __len__(self) -> int:
        return len(self._used)

    def __repr__(self) -> str:
        return f"PersonalKeys({len(self)} keys)"


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of the rows that are read and written, and their pasted keys by provider id. Scripts use the id ""."""

    id: str
    keys: Mapping[str, str] = field(default_factory=lambda: NOTHING, repr=False)


NIGHTLY = Owner("nightly-probe")  # of the nightly probe's calls: nobody's, and with the keys of the environment
