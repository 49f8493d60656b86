"""Which provider's text may go to which other. Pure: text meant for one goes to another only if that promises as much.

Own and local providers promise most, and share with nobody; then come those that do not train on text, those of which
nothing is known, those that train. A known region is a promise too. A person may allow more for a provider.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..records import Provider
from .family import NO_MODEL


def is_private(provider: Provider) -> bool:
    """Whether its questions stay with the operator."""
    return provider.own or provider.local


def promise(provider: Provider) -> int:
    """How well text is kept: 3 own or local, 2 no training, 1 unknown, 0 trains on it."""
    if is_private(provider):
        return 3
    return {False: 2, None: 1, True: 0}[provider.privacy.trains]


def takes_personal_data(provider: Provider, applies_to: str) -> bool:
    """Whether personal data may go there as it is: the option `personal_data_for` does not name this provider."""
    if is_private(provider):
        return True
    return applies_to != "all" and provider.privacy.trains is not True


def may_pass(source: Provider, other: Provider) -> bool:
    """Whether text meant for `source` may go to `other` without asking the person."""
    if source.id == other.id or source.simulated:
        return True
    if is_private(source):
        return False
    own_region, other_region = source.privacy.region, other.privacy.region
    return promise(other) >= promise(source) and (own_region is None or own_region == other_region or is_private(other))


def may_reach(sources: Iterable[Provider], other: Provider, may_leave: Collection[str] = ()) -> bool:
    """The same for several sources; those in `may_leave` (ids) do not count."""
    return all(may_pass(source, other) for source in sources if source.id not in may_leave)


def names_a_model(provider: Provider, name: str) -> bool:
    """False for an agent or an endpoint: two of them are never the same, and neither can replace a model."""
    return provider.wire != "dialogflow" and name.casefold() not in NO_MODEL
