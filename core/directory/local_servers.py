"""The servers on this computer (Ollama, llama.cpp, LM Studio, vLLM) that answer at once, and their models.

servers.look_around()       look now; a second caller waits for the first one's result
servers.look_soon()         look in the background, unless that was done a moment ago
servers.models              names by provider id
servers.details             what the lists tell beside the names, such as whether a model sees pictures, by provider id
servers.locked              ids of those that run here and list nothing without another key
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Literal

from ..errors import LLMError, Unreachable
from ..providers.catalog import Catalog
from ..providers.keys import Keyring
from ..providers.limits import key_hash
from ..providers.standing import LastCallStore, standing
from ..records import ListedModel, Provider
from ..transports import Transports
from .lister import ModelLister

LOOK_EVERY_S = 30.0


class LocalServers:
    """One per engine, thread-safe. `enabled` False: nothing is looked for; `last_calls`: how they ended, by key."""

    def __init__(
        self,
        catalog: Catalog,
        keyring: Keyring,
        transports: Transports,
        lister: ModelLister,
        last_calls: Callable[[], LastCallStore],
        *,
        enabled: bool,
    ) -> None:
        self.enabled = enabled
        self.models: Mapping[str, Sequence[str]] = {}
        self.details: dict[str, Mapping[str, ListedModel]] = {}
        self.locked: frozenset[str] = frozenset()
        self._catalog = catalog
        self._keyring = keyring
        self._transports = transports
        self._lister = lister
        self._last_calls = last_calls
        self._looking = threading.Lock()
        self._looked_at = -LOOK_EVERY_S

    @property
    def running(self) -> frozenset[str]:
        """Ids of the servers that run, those that want a key included."""
        return self.locked.union(self.models)

    def look_soon(self) -> None:
        """Look on a thread of its own, at most every `LOOK_EVERY_S` seconds; returns at once."""
        if not self.enabled or time.monotonic() - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = time.monotonic()
        threading.Thread(target=self.look_around, name="local-servers", daemon=True).start()

    def look_around(self) -> Mapping[str, Sequence[str]]:
        """Model names by provider id, for each server that answers at once. A busy server keeps its last state."""
        providers = [provider for provider in self._catalog.providers.values() if provider.local and self.enabled]
        with self._looking:
            if providers:
                with ThreadPoolExecutor(len(providers), thread_name_prefix="local-servers") as threads:
                    listed = list(threads.map(self._list, providers))
                results = {provider.id: names for provider, names in zip(providers, listed, strict=True)}
                self.models = {name: names for name, names in results.items() if isinstance(names, list | tuple)}
                self.locked = frozenset(name for name, names in results.items() if names == "locked")
            self._looked_at = time.monotonic()
            return self.models

    def _list(self, provider: Provider) -> Sequence[str] | Literal["locked"] | None:
        """The names a server lists; "locked": it wants a key; None: it does not run."""
        key = self._keyring.find(provider)
        unsigned = replace(provider, auth="none") if key and key.fault else provider
        key_of_last_call = provider.id, key_hash(provider.id, key.value if key else None)
        try:
            names, details = self._lister.fetch(unsigned, self._transports.local())
        except LLMError as error:
            if error.key_state in ("refused", "forbidden"):
                if key:
                    self._last_calls().note(*key_of_last_call, error)
                return "locked"
            if isinstance(error, Unreachable) or not error.sent:
                self.details.pop(provider.id, None)
                return None
            return "locked" if provider.id in self.locked else self.models.get(provider.id)
        if key and standing(self._last_calls().get(*key_of_last_call)).state == "refused":
            self._last_calls().note(*key_of_last_call, None)
        self.details[provider.id] = {model.name: model for model in details}
        return names
