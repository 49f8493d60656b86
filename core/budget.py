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
from contextlib import suppress
from itertools import zip_longest

from .context import estimate_tokens
from .engine import Engine
from .errors import LLMError
from .expected_output import USUAL_TOKENS, expected_output, is_told_by_past, within
from .picture_tokens import media_tokens
from .providers.keys import Key
from .providers.limits import PlannedCall, Price, how_many, key_hash, meters_of
from .providers.shares import Sharer
from .records import AUTO, NOTHING, AskedEffort, ChatRequest, ExpectedOutput, Message, Model, Provider, Window
from .store.database import Database
from .store.past_outputs import PastOutputs
from .store.quota import ledger, view

REMEMBERED = 20_000
Efforts = Sequence[AskedEffort | None]  # one a model; those that are left out are not set


class Budget:
    """Quota of one engine's providers."""

    def __init__(
        self, engine: Engine, database: Database, sharer: Callable[[str], Sharer | None] = lambda owner_id: None
    ) -> None:
        self._engine = engine
        self._database = database
        self._sharer = sharer
        self._past = PastOutputs(database)

    def price(
        self,
        model_ids: Sequence[str],
        prompt: str | Sequence[Message],
        keys: Mapping[str, str] = NOTHING,
        *,
        efforts: Efforts = (),
        max_output_tokens: int | None = None,
        owner_id: str = "",
    ) -> list[Price]:
        """Estimated usage of one call to each model, summed per provider. Models that cannot be asked are left out."""
        asks = self.asks(
            model_ids, prompt, keys, efforts=efforts, max_output_tokens=max_output_tokens, owner_id=owner_id
        )
        return view.prices(self._database, asks)

    def expected(self, model_ids: Sequence[str], efforts: Efforts = (), owner_id: str = "") -> list[ExpectedOutput]:
        """How long the answers will probably be, of each model that the catalogue knows; "auto" is left out."""
        outputs = (
            self.expected_of(model_id, effort, owner_id)
            for model_id, effort in zip_longest(model_ids, efforts[: len(model_ids)])
        )
        return [output for output in outputs if output]

    def expected_of(self, model_id: str, effort: AskedEffort | None, owner_id: str = "") -> ExpectedOutput | None:
        """The same of one model; None where it is not known which one will answer."""
        with suppress(LLMError):
            provider, model = self._engine.catalog.find(model_id)
            return self._expected(provider, model, effort, owner_id)
        return None

    def _expected(self, provider: Provider, model: Model, effort: AskedEffort | None, owner_id: str) -> ExpectedOutput:
        past = self._past.of(owner_id, model.id, effort) if is_told_by_past(effort, model) else ()
        return expected_output(effort, provider, model, past)

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

    def free_of_charge(self) -> list[str]:
        """Ids of the providers whose calls cost nothing, even where nobody says so of the call."""
        providers = self._engine.catalog.providers.values()
        return [provider.id for provider in providers if provider.free or provider.local or provider.simulated]

    def asks(
        self,
        model_ids: Sequence[str],
        prompt: str | Sequence[Message],
        keys: Mapping[str, str] = NOTHING,
        *,
        efforts: Efforts = (),
        max_output_tokens: int | None = None,
        owner_id: str = "",
    ) -> list[PlannedCall]:
        """The planned calls, one per model; models that cannot be asked and simulated ones are left out."""
        sharer = self._sharer(owner_id)
        messages = [Message("user", prompt)] if isinstance(prompt, str) else prompt
        made, read = [], sum(tokens_of(message.text) for message in messages)
        for requested_id, effort in zip_longest(model_ids, efforts[: len(model_ids)]):
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
                key = self._engine.keyring.find(provider, keys)
                expected = self._expected(provider, model, effort, owner_id)
                made.append(ask_for(provider, model, key, tokens, limit, sharer, expected))
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
    expected: ExpectedOutput | None = None,
) -> PlannedCall:
    """One call as the quota ledger counts it. Some providers reserve all of `max_output_tokens` in advance. `sharer`:
    who asks, where people have fair shares; with an own key it counts for nobody's. An estimate of the output never
    makes a call too large for a limit: the answer may well be shorter."""
    hashed = hash_of(provider, key)
    output = within(expected or expected_output(None, provider, model), max_output_tokens)
    output = within(output, _room(provider, model, hashed, input_tokens))
    wrote, reasoned = output.most, output.most_reasoning
    if provider.quirks.get("counts_max_tokens") and max_output_tokens is not None:
        wrote = max_output_tokens
    return PlannedCall(
        provider,
        model,
        hashed,
        input_tokens=input_tokens,
        output_tokens=wrote,
        reasoning_tokens=reasoned,
        own=key is not None and key.source == "session",
        sharer=sharer if is_shared(provider, key) else None,
        expected=output,
    )


def _room(provider: Provider, model: Model, hashed: str, input_tokens: int) -> int | None:
    """The longest answer that a whole window of each of its limits has room for, but a usual one at least."""
    sizes = [
        int(meter.amount) - (input_tokens if meter.unit == "tokens" else 0)
        for meter in meters_of(provider, model.name, hashed)
        if meter.unit in ("tokens", "output_tokens") and meter.amount is not None and meter.per != "at_once"
    ]
    return max(min(sizes), USUAL_TOKENS) if sizes else None


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
