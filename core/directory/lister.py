"""A provider's own list of its models, read now."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..net import exchange
from ..net.transport import Sending
from ..providers.keys import Keyring
from ..records import NOTHING, ListedModel, Provider
from ..safety.redact import Redactor
from ..wire import FORMATS, listed

Keys = Mapping[str, str]


class ModelLister:
    """Asks providers for their models, with the key that a call would use."""

    def __init__(self, keyring: Keyring, redactor: Callable[[Keys], Redactor]) -> None:
        self._keyring = keyring
        self._redactor = redactor

    def fetch(
        self, provider: Provider, transport: Sending, keys: Keys = NOTHING
    ) -> tuple[list[str], list[ListedModel]]:
        """The names, without "provider/", and what the list tells beside them; both empty for a format without a list.
        Raises `LLMError`."""
        wire = FORMATS[provider.wire]
        request = wire.models_request(provider)
        if request is None:
            return [], []
        signed = self._keyring.sign(request, provider, self._keyring.find(provider, keys))
        fetched = exchange.fetch(transport, signed, redactor=self._redactor(keys), vendor=provider.id)
        return wire.decode_models(fetched), listed.details(fetched)
