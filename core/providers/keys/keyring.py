"""The keyring: finds the key of a provider, bound to the provider's host, and adds it to a request last."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ...errors import LLMError, MissingKey, Setup
from ...records import NOTHING, OWN_KEY, HttpRequest, Model, PersonalKeys, Provider
from .. import addresses, pasted
from ..catalog import missing_options
from ..environ import Environ
from . import shapes
from .allowance import EVERYTHING, Allowance
from .shapes import Key
from .sources import FixedSource, KeySources

_AUTH_HEADERS = {"authorization", "x-api-key", "x-goog-api-key", "api-key"}
_SHORTEST_GUESS = 12
_PATH = re.compile(r"(?:~|\.{0,2})/[\w./ -]*\.json$|[A-Za-z]:\\")
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_LABEL = re.compile(r"[A-Z0-9]{1,20}")
_NO_LABELS = {"FILE", "URL", "ID", "NAME"}  # GROQ_API_KEY_FILE is no second key


class Keyring:
    """Finds and applies keys.

    `names` are the catalogue's key names, for `values`. `google_token` turns a service account (JSON text or the
    path of its file) into an access token; it may wait for the network, so `sign` for auth "google" belongs in a
    thread.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | KeySources = NOTHING,
        names: Iterable[str] = (),
        google_token: Callable[[str], str] | None = None,
        allowance: Allowance = EVERYTHING,
    ) -> None:
        self.sources = environ if isinstance(environ, KeySources) else _fixed(environ)
        self._names = frozenset(names)
        self._google_token = google_token
        self._allowance = allowance
        self._held: tuple[Environ | None, dict[str, tuple[Provider, list[Key]]]] = (None, {})
        self._labelled: tuple[Environ | None, Mapping[str, tuple[str, ...]]] = (None, NOTHING)

    def __repr__(self) -> str:
        return "Keyring()"

    def find(self, provider: Provider, session: Mapping[str, str] = NOTHING) -> Key | None:
        """The key that answers: the one that the person chose, else the first of `all_of`; None without one.

        Raises nothing: a bad key says so in `fault`.
        """
        if own := shapes.read(session.get(provider.id) or "", OWN_KEY, None, provider):
            return own
        choice = session.chosen.get(provider.id) if isinstance(session, PersonalKeys) else None
        if choice == OWN_KEY:  # a private key that is gone is not replaced by that of the server
            return None
        shared = self.shared(provider, session)
        return next((key for key in shared if key.name == choice), shared[0] if shared else None)

    def all_of(self, provider: Provider, session: Mapping[str, str] = NOTHING) -> list[Key]:
        """Every key from which a person can choose: the pasted one, the server's, then those with a label."""
        texts = session.pasted if isinstance(session, PersonalKeys) else session
        own = shapes.read(texts.get(provider.id) or "", OWN_KEY, None, provider)
        return [*([own] if own else []), *self.shared(provider, session)]

    def shared(self, provider: Provider, session: Mapping[str, str] = NOTHING) -> list[Key]:
        """The server's keys of a provider: the first of its names that is set, then those with a label, such as
        GROQ_API_KEY_WORK. None where the person may use no model of the provider with them."""
        return self.held(provider) if self._allowance_of(session).any_of(provider.id) else []

    def held(self, provider: Provider) -> list[Key]:
        """The same, whether they may be used or not; read once for each state of the sources."""
        environ, held = self.sources.environ, self._held
        if held[0] is not environ:
            held = self._held = environ, {}
        before, keys = held[1].get(provider.id, (None, []))
        if before is not provider:
            keys = self._read(environ, provider)
            held[1][provider.id] = provider, keys
        return keys

    def _read(self, environ: Environ, provider: Provider) -> list[Key]:
        labelled = self._labels(environ)
        keys = [self._key(environ, name, provider) for name in provider.key_names]
        more = [
            self._key(environ, full_name, provider, full_name.removeprefix(f"{name}_"))
            for name in provider.key_names
            for full_name in labelled.get(name, ())
        ]
        return [*[key for key in keys if key][:1], *(key for key in more if key)]

    def others(self, provider: Provider, key: Key) -> list[Key]:
        """Keys with another value in weaker sources, and under another name of the provider: they are not used."""
        names = (key.name,) if key.label or not key.name else provider.key_names
        held = [
            other
            for name in names
            for source, value in self.sources.environ.holders(name or "")
            if (other := shapes.read(value, source, name, provider))
        ]
        return [other for other in held if other.value != key.value]

    def refusal(
        self, provider: Provider, model: Model, key: Key | None, session: Mapping[str, str] = NOTHING
    ) -> LLMError | None:
        """Why this key may not be sent for this model; None: it may."""
        allowance = self._allowance_of(session)
        if key and key.is_shared and not allowance.allows(model.id):
            return Setup(
                f"The server's key for {provider.label} may not be used for {model.name}. Choose another model, or "
                f"paste a key of your own for {provider.label}."
            )
        if key is None and provider.auth not in ("none", "optional"):
            if isinstance(session, PersonalKeys) and session.chosen.get(provider.id) == OWN_KEY:
                return MissingKey(f"Your key for {provider.label} is gone. Paste it again, or choose the server's key.")
            if provider.key_names and not allowance.any_of(provider.id):
                return MissingKey(f"{provider.label} can be used with a key of your own only; paste one.")
        return None

    def may_use(self, provider: Provider, model: Model, session: Mapping[str, str] = NOTHING) -> bool:
        """Whether the model may be asked with the key that answers. Does not say whether there is one."""
        allowance = self._allowance_of(session)
        if allowance is EVERYTHING:
            return True
        key = self.find(provider, session)
        return key is None or not key.is_shared or allowance.allows(model.id)

    def allowed(self, provider: Provider, session: Mapping[str, str] = NOTHING) -> tuple[str, ...]:
        """The patterns of models for which the person may use the provider's shared keys; () where all may be used."""
        return self._allowance_of(session).of(provider.id)

    def _allowance_of(self, session: Mapping[str, str]) -> Allowance:
        """The person's, else what holds for all."""
        models = session.models if isinstance(session, PersonalKeys) else None
        return self._allowance if models is None else Allowance(models)

    def is_ready(self, provider: Provider, session: Mapping[str, str] = NOTHING) -> bool:
        """Whether a call can be made: not retired, options filled, a usable key found or none needed."""
        if provider.state == "retired" or missing_options(provider):
            return False
        if provider.auth == "none":
            return True
        key = self.find(provider, session)
        return provider.auth == "optional" if key is None else key.fault is None

    def problems(self) -> tuple[str, ...]:
        """What cannot be read of the sources now, one sentence each; files that hold no key of ours are left out."""
        return tuple(sentence for name, sentence in self.sources.faults if not name or self._is_ours(name))

    def values(self) -> tuple[str, ...]:
        """Every configured value that is or may be a secret, for the redactor, also those of the last day that are
        gone."""
        secrets = set()
        for name, value in [leaf for pair in self.sources.secrets() for leaf in _leaves(*pair)]:
            text = value.strip()
            is_key_name = self._base_name(name) in self._names
            looks_secret = (
                _SECRET_NAME.search(name) and len(text) >= _SHORTEST_GUESS and not name.startswith("ROUNDTABLE_")
            )
            if (is_key_name or looks_secret) and not _PATH.match(text):
                secrets |= {text, pasted.key(text)} if is_key_name else {text}
        return tuple(sorted(secrets))

    def sign(self, request: HttpRequest, provider: Provider, key: Key | None) -> HttpRequest:
        """The request with its key. Raises Setup for another host or an unusable key, MissingKey for none."""
        if not _same_host(request.url, provider):
            raise Setup(f"{provider.label}'s key goes to {provider.label}'s own host only; the request names another.")
        if provider.auth == "none" or (key is None and provider.auth == "optional"):
            return request
        if key is None:
            raise MissingKey(how_to_get(provider))
        if key.fault:
            raise Setup(key.fault)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _AUTH_HEADERS}
        return replace(request, headers={**headers, **self._headers(provider, key)})

    def _headers(self, provider: Provider, key: Key) -> dict[str, str]:
        if provider.auth in ("x-api-key", "x-goog-api-key"):
            return {provider.auth: key.value}
        if provider.auth == "google":
            return {"Authorization": f"Bearer {self._access_token(key)}"}
        return {"Authorization": f"Bearer {key.value}"}

    def _access_token(self, key: Key) -> str:
        if self._google_token is None:
            raise Setup("Google service accounts are not switched on in this program.")
        return self._google_token(key.value)

    def _key(self, environ: Environ, name: str, provider: Provider, label: str = "") -> Key | None:
        value = environ.get(name)
        return shapes.read(value, environ.source(name) or "", name, provider, label) if value else None

    def _labels(self, environ: Environ) -> Mapping[str, tuple[str, ...]]:
        """The names of keys with a label by the name without it, found once for each state of the sources."""
        labelled_in, labelled = self._labelled
        if labelled_in is not environ:
            found_names: dict[str, tuple[str, ...]] = {}
            for name in sorted(environ):
                if (base := self._base_name(name)) != name:
                    found_names[base] = (*found_names.get(base, ()), name)
            labelled = found_names
            self._labelled = environ, labelled
        return labelled

    def _base_name(self, name: str) -> str:
        """GROQ_API_KEY for GROQ_API_KEY_WORK; any other name as it is."""
        base, _, label = name.rpartition("_")
        is_labelled = base in self._names and name not in self._names and label not in _NO_LABELS
        return base if is_labelled and _LABEL.fullmatch(label) else name

    def _is_ours(self, name: str) -> bool:
        return self._base_name(name) in self._names or name.startswith("ROUNDTABLE_")


def _fixed(environ: Mapping[str, str]) -> KeySources:
    """Sources that never change, with the layers of an `Environ` as they are."""
    if not isinstance(environ, Environ):
        return KeySources([FixedSource("environment", environ)])
    return KeySources(FixedSource(source, values) for source, values in environ.layers)


def _leaves(name: str, value: str) -> Iterator[tuple[str, str]]:
    """The pair itself, and the texts in it where it is a table of secrets: ("client_secret", "…") of `[auth]`."""
    yield name, value
    if value.startswith("{"):
        with suppress(ValueError, RecursionError):
            yield from _texts(json.loads(value))


def _texts(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, dict):
            yield from _texts(value)


def credentials(request: HttpRequest) -> list[str]:
    """The secrets that a signed request holds."""
    values = [value for name, value in request.headers.items() if name.lower() in _AUTH_HEADERS]
    return [value.removeprefix("Bearer ") for value in values]


def how_to_get(provider: Provider) -> str:
    """Which variable to set, and where keys are made."""
    name = provider.key_names[0] if provider.key_names else "its key"
    where = f" Keys are made at {provider.key_url}." if provider.key_url else ""
    return f"{provider.label} needs a key: set {name}." + where


def _same_host(url: str, provider: Provider) -> bool:
    base = provider.base_url
    for option, value in provider.options.items():
        base = base.replace(f"{{{option}}}", value)
    try:
        return "@" not in url.split("/")[2] and addresses.origin(url) == addresses.origin(base)
    except (ValueError, IndexError):
        return False
