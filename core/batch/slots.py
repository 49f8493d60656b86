"""How many questions of batches may be on their way to a provider at once, for all batches of this process together.

A provider that publishes how many it takes at once is taken at its word; so is one that counts by the second. What it
allows a minute bounds the rest: there is no use in having more on their way than a few seconds' worth.
"""

from __future__ import annotations

from collections import Counter

from ..records import Provider

USUAL, SIMULATED, LOCAL, MOST = 4, 16, 1, 32
A_FEW_SECONDS = 12  # a twelfth of a minute's requests is five seconds' worth


def lanes_of(provider: Provider) -> int:
    """The most questions of batches on their way to this provider."""
    if provider.simulated:
        return SIMULATED
    if provider.local:
        return LOCAL
    bounds = [USUAL]
    for limit in provider.limits:
        if limit.unit == "requests" and limit.amount is not None:
            if limit.per in ("at_once", "second"):
                bounds.append(int(limit.amount))
            elif limit.per == "minute":
                bounds.append(int(limit.amount) // A_FEW_SECONDS)
    return min(max(min(bounds), 1), MOST)


class Slots:
    """Used on one event loop only. A batch gets its fair part of a provider while others want it too."""

    def __init__(self) -> None:
        self._used: Counter[tuple[str, str]] = Counter()
        self._wanting: dict[str, set[str]] = {}

    def join(self, provider_id: str, batch_id: str) -> None:
        self._wanting.setdefault(provider_id, set()).add(batch_id)

    def leave(self, provider_id: str, batch_id: str) -> None:
        self._wanting.get(provider_id, set()).discard(batch_id)

    def room(self, provider: Provider, batch_id: str) -> int:
        """How many more questions this batch may send to it now."""
        capacity = lanes_of(provider)
        sharing = max(len(self._wanting.get(provider.id, ())), 1)
        used = sum(number for (provider_id, _), number in self._used.items() if provider_id == provider.id)
        mine = self._used[provider.id, batch_id]
        return max(min(capacity - used, max(capacity // sharing, 1) - mine), 0)

    def take(self, provider_id: str, batch_id: str) -> None:
        self._used[provider_id, batch_id] += 1

    def give_back(self, provider_id: str, batch_id: str) -> None:
        self._used[provider_id, batch_id] -= 1
        if not self._used[provider_id, batch_id]:
            del self._used[provider_id, batch_id]
