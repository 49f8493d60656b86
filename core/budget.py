"""Remaining quota and the estimated cost of a prompt before it is sent. Keys are hashed here.

    price(model_ids, text, keys)    estimated usage of these calls against the remaining quota
    how_many(...)                   how often they could be made
    windows(keys)                   the current quota windows of every provider that can be asked

Read-only, but for `forget`. When the database is unavailable the remaining quota is unknown; no error is raised.
Token estimates are cached per text: a conversation is drawn again and again, and estimating dominates the cost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from .context import estimate_tokens
from .engine import Engine
from .errors import LLMError
from .picture_tokens import media_tokens
from .providers.keys import Key
from .providers.limits import PlannedCall, Price, how_many, key_hash
from .providers.shares import Sharer
from .records import AUTO, NOTHING, ChatRequest, Message, Model, Provider, Window
from .store.database import Database
from .store.quota import ledger, view

USUAL_TOKENS = 400
USUAL_THINKING_TOKENS = 1_600
REMEMBERED = 20_000


class Budget:
    """Quota of one engine's providers."""

    def __init__(
        self, engine: Engine, database: Database, sharer: Callable[[str], Sharer | None] = lambda owner_id: None
    ) -> None:
        self._engine = engine
        self._database = database
        self._sharer = sharer

    def price(
        self,
        model_ids: Sequence[str],
        prompt: str | Sequence[Message],
        keys: Mapping[str, str] = NOTHING,
        *,
        max_output_tokens: int | None = None,
        owner_id: str = "",
    ) -> list[Price]:
        """Estimated usage of one call to each model, summed per provider. Models that cannot be asked are left out."""
        asks = self.asks(model_ids, prompt, keys, max_output_tokens=max_output_tokens, owner_id=owner_id)
        return view.prices(self._database, asks)

    def how_many(
        self,
        model_ids: Sequence[str],
        prompt: str | Sequence[Message],
        keys: Mapping[str, str] = NOTHING,
        *,
        max_output_tokens: int | None = None,
    ) -> int | None:
        """How often this prompt fits the remaining quota of all these models; None when no limit is known."""
        asks = self.asks(model_ids, prompt, keys, max_output_tokens=max_output_tokens)
        return how_many(asks, view.of_asks(self._database, asks))

    def windows(self, keys: Mapping[str, str] = NOTHING, owner_id: str = "") -> list[Window]:
        """The quota windows of every provider that is ready to be called with these keys; none for the simulator. Those
        of shared keys with the owner's share."""
        ready = [
            (provider, self._engine.keyring.find(provider, keys))
            for provider in self._engine.catalog.providers.values()
            if not provider.simulated and self._engine.directory.is_ready(provider, keys)
        ]
        sharer = self._sharer(owner_id)
        sharers = {provider.id: sharer for provider, key in ready if sharer and is_shared(provider, key)}
        return view.windows(
            self._database, [(provider, hash_of(provider, key)) for provider, key in ready], sharers=sharers
        )

    def forget(self, meter_id: str) -> bool:
        """Discard what a provider reported for a meter; False if it had reported nothing. Raises `StoreError`."""
        return ledger.forget(self._database, meter_id)

    def simulated(self) -> list[str]:
        """Ids of the simulated providers."""
        return [provider.id for provider in self._engine.catalog.providers.values() if provider.simulated]

    def asks(
        self,
        model_ids: Sequence[str],
        prompt: str | Sequence[Message],
        keys: Mapping[str, str] = NOTHING,
        *,
        max_output_tokens: int | None = None,
        owner_id: str = "",
    ) -> list[PlannedCall]:
        """The planned calls, one per model; models that cannot be asked and simulated ones are left out."""
        sharer = self._sharer(owner_id)
        messages = [Message("user", prompt)] if isinstance(prompt, str) else prompt
        made, read = [], sum(tokens_of(message.text) for message in messages)
        for requested_id in model_ids:
            model_id = requested_id
            try:
                if model_id in AUTO:
                    route = self._engine.router.route(ChatRequest(messages, model_id=model_id), keys, learn=False)
                    model_id = route.models[0].model.id
                provider, model = self._engine.catalog.find(model_id)
            except LLMError:
                continue
            if not provider.simulated and self._engine.directory.is_ready(provider, keys):
                limit = max_output_tokens
                if limit is None and provider.quirks.get("counts_max_tokens"):
                    limit = self._engine.settings.default_max_output_tokens
                tokens = read + media_tokens(messages, model.name)
                made.append(ask_for(provider, model, self._engine.keyring.find(provider, keys), tokens, limit, sharer))
        return made


def read_tokens(messages: Sequence[Message], model_name: str = "") -> int:
    """Estimated input tokens of these messages, of their pictures too, as this model counts them."""
    return sum(tokens_of(message.text) for message in messages) + media_tokens(messages, model_name)


def ask_for(
    provider: Provider,
    model: Model,
    key: Key | None,
    input_tokens: int,
    max_output_tokens: int | None,
    sharer: Sharer | None = None,
) -> PlannedCall:
    """One call as the quota ledger counts it. Some providers reserve all of `max_output_tokens` in advance. `sharer`:
    who asks, where people have fair shares; with an own key it counts for nobody's."""
    usual = USUAL_THINKING_TOKENS if model.reasoning else USUAL_TOKENS
    wrote = min(usual, max_output_tokens or usual)
    if provider.quirks.get("counts_max_tokens") and max_output_tokens is not None:
        wrote = max_output_tokens
    return PlannedCall(
        provider,
        model,
        hash_of(provider, key),
        input_tokens=input_tokens,
        output_tokens=wrote,
        own=key is not None and key.source == "session",
        sharer=sharer if is_shared(provider, key) else None,
    )


def is_shared(provider: Provider, key: Key | None) -> bool:
    """Whether people share the limits of this key: one of the server's, or none, where its address is counted."""
    return not provider.local and (key is None or key.is_shared)


def hash_of(provider: Provider, key: Key | None) -> str:
    """The hash under which calls with this key are counted."""
    return key_hash(provider.id, key.value if key else None)


_token_counts: dict[tuple[int, int], int] = {}
_lock = threading.Lock()


def tokens_of(text: str) -> int:
    """`estimate_tokens`, cached for the 20,000 latest texts; keyed by length and hash so that no text is kept."""
    key = (len(text), hash(text))
    count = _token_counts.get(key)
    if count is None:
        count = estimate_tokens(text)
        with _lock:
            _token_counts[key] = count
            while len(_token_counts) > REMEMBERED:
                del _token_counts[next(iter(_token_counts))]
    return count


def forget_tokens() -> None:
    """Empty the cache of token estimates."""
    with _lock:
        _token_counts.clear()
