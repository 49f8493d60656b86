"""Sessions of requests that read no `.netrc` and connect to no address that is denied."""

from __future__ import annotations

import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from core.net import forbidden
from core.net.forbidden import Denied


def open_session(url: str, denied: Denied) -> requests.Session:
    """A session for `url`, with the proxies of the environment; the caller closes it.

    Raises `Unreachable` where the address is known to be denied before anything is connected.
    """
    proxies = requests.utils.get_environ_proxies(url)
    forbidden.check_url(url, denied, proxied=requests.utils.select_proxy(url, proxies) is not None)
    session = requests.Session()
    session.trust_env = False
    session.proxies = proxies
    session.mount("http://", _Adapter(denied))
    session.mount("https://", _Adapter(denied))
    return session


class _Adapter(HTTPAdapter):
    """Connects, to the server or to an HTTP proxy, by one look-up that is checked."""

    def __init__(self, denied: Denied) -> None:
        self._denied = denied
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        return manager if proxy.lower().startswith("socks") else self._watch(manager)

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
