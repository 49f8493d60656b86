"""How many batch questions may be in flight to a provider at once, for all batches of this process together.

A published limit of concurrent calls or of calls per second is used as it is. For the rest the limit per minute counts:
more than a few seconds' worth in flight is of no use.
"""

from __future__ import annotations

from collections import Counter

from ..records import Provider

USUAL, SIMULATED, LOCAL, MOST = 4, 16, 1, 32
A_FEW_SECONDS = 12  # a twelfth of a minute's requests is five seconds' worth


def lanes_of(provider: Provider) -> int:
    """The most batch questions in flight to this provider."""
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
    """For one event loop only. A batch gets its fair share of a provider while others want it too."""

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
        batch_used = self._used[provider.id, batch_id]
        return max(min(capacity - used, max(capacity // sharing, 1) - batch_used), 0)

    def take(self, provider_id: str, batch_id: str) -> None:
        self._used[provider_id, batch_id] += 1

    def give_back(self, provider_id: str, batch_id: str) -> None:
        self._used[provider_id, batch_id] -= 1
        if not self._used[provider_id, batch_id]:
            del self._used[provider_id, batch_id]
