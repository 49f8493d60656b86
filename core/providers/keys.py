"""Keys: found by name, bound to their provider's host, added to a request last. A value is never in repr or message.

pasted in the session > environment > .env > secrets
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..errors import MissingKey, Setup
from ..records import NOTHING, HttpRequest, Provider
from . import addresses, pasted
from .catalog import missing_options
from .environ import Environ

_AUTH_HEADERS = {"authorization", "x-api-key", "x-goog-api-key", "api-key"}
_SHORTEST, _LONGEST = 8, 512
_LONGEST_ACCOUNT = 20_000
_SHORTEST_GUESS = 12
_PATH = re.compile(r"(?:~|\.{0,2})/[\w./ -]*\.json$|[A-Za-z]:\\")
_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as found. `name` is its variable (None when pasted); `fault` says why it cannot be used, if so."""

    value: str = field(repr=False)
    source: str
    name: str | None = None
    fault: str | None = None


class Keyring:
    """Finds and applies keys.

    `names` are the catalogue's key names, for `values`. `google_token` turns a service account (JSON text or the
    path of its file) into an access token; it may wait for the network, so `sign` for auth "google" belongs in a
    thread.
    """

    def __init__(
        self,
        environ: Mapping[str, str] = NOTHING,
        names: Iterable[str] = (),
        google_token: Callable[[str], str] | None = None,
    ) -> None:
        self._environ = environ
        self._names = frozenset(names)
        self._google_token = google_token

    def __repr__(self) -> str:
        return "Keyring()"

    def find(self, provider: Provider, session: Mapping[str, str] = NOTHING) -> Key | None:
        """The strongest key of a provider, stripped, or None. Raises nothing: a bad key says so in `fault`."""
        if own := _stripped_key(session.get(provider.id) or "", provider):
            return Key(own, "session", None, _fault(own, "you pasted", provider))
        for name in provider.key_names:
            if value := _stripped_key(self._environ.get(name, ""), provider):
                return Key(value, self._source(name), name, _fault(value, f"in {name}", provider))
        return None

    def is_ready(self, provider: Provider, session: Mapping[str, str] = NOTHING) -> bool:
        """Whether a call can be made: not retired, options filled, a usable key found or none needed."""
        if provider.state == "retired" or missing_options(provider):
            return False
        if provider.auth == "none":
            return True
        key = self.find(provider, session)
        return provider.auth == "optional" if key is None else key.fault is None

    def values(self) -> tuple[str, ...]:
        """Every configured value that is or may be a secret, for the redactor."""
        secrets = set()
        for name, value in self._environ.items():
            text = value.strip()
            is_key_name = name in self._names
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

    def _source(self, name: str) -> str:
        return (self._environ.source(name) if isinstance(self._environ, Environ) else None) or "environment"


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


def _stripped_key(value: str, provider: Provider) -> str:
    """The key without what was pasted around it; a service account, which is JSON, as it is."""
    return value.strip("\ufeff \t\r\n") if provider.auth == "google" else pasted.key(value)


def _fault(value: str, where: str, provider: Provider) -> str | None:
    if provider.auth == "google":
        return None if len(value) <= _LONGEST_ACCOUNT else f"The service account {where} is too long to be one."
    if not all("!" <= character <= "~" for character in value):
        return f"The key {where} has a character that no key has (a space, line break or accent); copy it again."
    if "***" in value or "..." in value:
        return f"The key {where} is hidden in part behind stars or dots; copy the whole key."
    shortest = 1 if provider.own or provider.local else _SHORTEST  # EMPTY, ollama, x: a server of one's own takes any
    if not shortest <= len(value) <= _LONGEST:
        return f"The key {where} is not {shortest} to {_LONGEST} characters long; copy it again."
    return None
