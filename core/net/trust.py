"""Which certificates are trusted: one context for every connection of both libraries.

The system's store, or `SSL_CERT_FILE` and `SSL_CERT_DIR` instead; in addition `REQUESTS_CA_BUNDLE` and
`CURL_CA_BUNDLE` (a file or a folder); certifi's list where the system has no store.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

REPLACE = ("SSL_CERT_FILE", "SSL_CERT_DIR")
ADD = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
# What OpenSSL's verification says of a certificate (X509_V_ERR_...).
SELF_SIGNED = (18, 19, 20, 21)
EXPIRED = (9, 10)
OTHER_NAME = (62, 64)


def context(environ: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """A client's context. An unreadable file is left out: the failed connection then names the variable."""
    environ = os.environ if environ is None else environ
    named = {name: environ.get(name, "").strip() for name in (*REPLACE, *ADD)}
    return _context(tuple((name, path, _changed(path)) for name, path in named.items() if path))


@lru_cache(maxsize=4)
def _context(named: tuple[tuple[str, str, int], ...]) -> ssl.SSLContext:
    """Reading the system's store takes tens of milliseconds: one context serves all connections."""
    paths = {name: path for name, path, _ in named}
    if any(name in paths for name in REPLACE):
        ssl_context, has_store = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), False
        ssl_context.verify_flags |= ssl.VERIFY_X509_TRUSTED_FIRST
    else:
        ssl_context = ssl.create_default_context()
        has_store = any(path and Path(path).exists() for path in ssl.get_default_verify_paths()[:2])
    for path in paths.values():
        has_store |= _load(ssl_context, path)
    if not has_store:
        import certifi

        _load(ssl_context, certifi.where())
    return ssl_context


def _changed(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


def explain(error: BaseException) -> str:
    """Why a certificate was not trusted, and what to do: a sentence."""
    code = next((code for link in _chain(error) if (code := getattr(link, "verify_code", None))), None)
    if code in SELF_SIGNED:
        return (
            "The server's certificate was signed by an unknown authority. If the server (or a proxy in between) "
            "is your own, set SSL_CERT_FILE to a PEM file with its certificate."
        )
    if code in EXPIRED:
        return "The server's certificate has expired or is not valid yet. Check the clock of this computer."
    if code in OTHER_NAME:
        return "The server's certificate was made for another name. Check the base URL."
    return "The server's certificate could not be verified. Does the base URL begin with http:// instead?"


def _chain(error: BaseException) -> list[BaseException]:
    """The error and all errors that it wraps, in any of the libraries' ways."""
    seen: list[BaseException] = []
    pending: list[object] = [error]
    while pending and len(seen) < 20:
        link = pending.pop(0)
        if isinstance(link, BaseException) and link not in seen:
            seen.append(link)
            pending += [link.__cause__, link.__context__, *link.args]
            pending += [getattr(link, name, None) for name in ("reason", "certificate_error", "os_error")]
    return seen


def _load(ssl_context: ssl.SSLContext, path: str) -> bool:
    try:
        if Path(path).is_dir():
            ssl_context.load_verify_locations(capath=path)
        else:
            ssl_context.load_verify_locations(cafile=path)
    except (OSError, ValueError):
        return False
    return True
