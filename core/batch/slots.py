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
    """For one event loop only. The people who want a provider share it evenly, and so do the batches of a person."""

    def __init__(self) -> None:
        self._used: Counter[tuple[str, str]] = Counter()
        self._wanting: dict[str, dict[str, str]] = {}  # by provider: batches, with their owners

    def join(self, provider_id: str, batch_id: str, owner_id: str) -> None:
        self._wanting.setdefault(provider_id, {})[batch_id] = owner_id

    def leave(self, provider_id: str, batch_id: str) -> None:
        self._wanting.get(provider_id, {}).pop(batch_id, None)

    def room(self, provider: Provider, batch_id: str) -> int:
        """How many more questions this batch may send to it now."""
        capacity = lanes_of(provider)
        owners = self._wanting.get(provider.id, {})
        batches = Counter(owners.values())  # by owner
        of_owner = max(capacity // max(len(batches), 1), 1)
        share = max(of_owner // max(batches[owners.get(batch_id, "")], 1), 1)
        used = sum(number for (provider_id, _), number in self._used.items() if provider_id == provider.id)
        own_used = sum(self._used[provider.id, other] for other in owners if owners[other] == owners.get(batch_id))
        return max(min(capacity - used, of_owner - own_used, share - self._used[provider.id, batch_id]), 0)

    def take(self, provider_id: str, batch_id: str) -> None:
        self._used[provider_id, batch_id] += 1

    def give_back(self, provider_id: str, batch_id: str) -> None:
        self._used[provider_id, batch_id] -= 1
        if not self._used[provider_id, batch_id]:
            del self._used[provider_id, batch_id]
