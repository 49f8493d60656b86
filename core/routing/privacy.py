"""Whose text may go where. Pure: what was asked of one provider reaches another only if that promises no less.

An own or local provider promises most, and to nobody else; then comes one that does not train on text, one of which
nothing is known, one that trains. A region that is known is a promise too. A person may allow more for a provider.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..records import Provider
from .family import NO_MODEL


def is_private(provider: Provider) -> bool:
    """Whether what it is asked stays in the operator's hands."""
    return provider.own or provider.local


def promise(provider: Provider) -> int:
    """How well text is kept: 3 own or local, 2 no training, 1 unknown, 0 trains on it."""
    if is_private(provider):
        return 3
    return {False: 2, None: 1, True: 0}[provider.privacy.trains]


def may_pass(source: Provider, other: Provider) -> bool:
    """Whether text of `source` may reach `other` without being asked for."""
    if source.id == other.id or source.simulated:
        return True
    if is_private(source):
        return False
    here, there = source.privacy.region, other.privacy.region
    return promise(other) >= promise(source) and (here is None or here == there or is_private(other))


def may_reach(sources: Iterable[Provider], other: Provider, may_leave: Collection[str] = ()) -> bool:
    """The same for text of several; those in `may_leave` (ids) bind nobody."""
    return all(may_pass(source, other) for source in sources if source.id not in may_leave)


def names_a_model(provider: Provider, name: str) -> bool:
    """False for an agent or an endpoint: two of them are never the same, and neither stands in for a model."""
    return provider.wire != "dialogflow" and name.casefold() not in NO_MODEL
