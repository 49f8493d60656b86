"""Which models may be used with the server's keys. Keys that people paste are free of this."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

PATTERN = re.compile(r"[a-z0-9*-]+/\S+")


@dataclass(frozen=True)
class Allowance:
    """`patterns` are models as "provider/model", where `*` stands for any characters; None: every model."""

    patterns: tuple[str, ...] | None = None

    def allows(self, model_id: str) -> bool:
        return self.patterns is None or any(fnmatchcase(model_id, pattern) for pattern in self.patterns)

    def any_of(self, provider_id: str) -> bool:
        """Whether a model of the provider may be used."""
        return self.patterns is None or any(fnmatchcase(provider_id, name) for name in self._providers)

    def of(self, provider_id: str) -> tuple[str, ...]:
        """The patterns that concern a provider, without its name."""
        parts = [pattern.partition("/") for pattern in self.patterns or ()]
        return tuple(model for provider, _slash, model in parts if fnmatchcase(provider_id, provider))

    @cached_property
    def _providers(self) -> tuple[str, ...]:
        return tuple(pattern.partition("/")[0] for pattern in self.patterns or ())


EVERYTHING = Allowance()


def read(text: str) -> Allowance:
    """The allowance in an option: patterns separated by spaces; without any, every model."""
    return _of(text.replace(",", " ").split())


def _of(patterns: Iterable[str]) -> Allowance:
    unique = tuple(dict.fromkeys(patterns))
    return Allowance(unique) if unique else EVERYTHING
