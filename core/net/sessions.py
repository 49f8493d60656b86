"""Sessions of the requests library that read no `.netrc` and connect to no denied address."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from . import forbidden, trust
from .forbidden import Denied
from .proxies import proxy_for


def open_session(
    url: str, denied: Denied, environ: Mapping[str, str] | None = None, context: ssl.SSLContext | None = None
) -> requests.Session:
    """A session for `url`, with the proxies and certificates of `environ`; the caller closes it.

    Raises `Unreachable` where the address is known to be denied before anything is connected.
    """
    environ = os.environ if environ is None else environ
    proxy = proxy_for(url, environ)
    forbidden.check_url(url, denied, proxied=proxy is not None)
    session = requests.Session()
    session.trust_env = False
    session.proxies = {"http": proxy, "https": proxy} if proxy else {}
    adapter = _Adapter(denied, context or trust.context(environ))
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _Adapter(HTTPAdapter):
    """Connects, to the server or to an HTTP proxy, by one look-up that is checked."""

    def __init__(self, denied: Denied, context: ssl.SSLContext) -> None:
        self._denied = denied
        self._context = context
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, ssl_context=self._context)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return self._watch(super().proxy_manager_for(proxy, **options, ssl_context=self._context))

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Without requests' own list of authorities: only the context decides which are trusted."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {
            **{name: value for name, value in pool.items() if name != "ca_certs"},
            "ssl_context": self._context,
        }

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"

    def _watch(self, manager: Any) -> Any:
        pools = manager.pool_classes_by_scheme
        manager.pool_classes_by_scheme = {scheme: _watched(pool, self._denied) for scheme, pool in pools.items()}
        return manager


def _watched(pool: Any, denied: Denied) -> Any:
    """urllib3's own pool with connections that connect to the addresses that were checked, not to the name again."""

    class Connection(pool.ConnectionCls):  # type: ignore[misc]
        _dns_host: str

        def _new_conn(self) -> socket.socket:
            name = self._dns_host
            failed: Exception = OSError("the name has no address")
            try:
                for address in forbidden.look_up(name.strip("[]"), self.port, denied):
                    self._dns_host = address
                    try:
                        return super()._new_conn()  # type: ignore[no-any-return]
                    except Exception as error:
                        failed = error
            finally:
                self._dns_host = name
            raise failed

    return type("Watched", (pool,), {"ConnectionCls": Connection})
