"""Addresses that no request goes to, whatever name resolves to them: metadata services, link-local.

Each transport checks the very address that it connects to, so a name that resolves differently between two look-ups
gains nothing. Behind a proxy, which resolves names itself, the name is looked up here as well.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from ..errors import Unreachable

Denied = Callable[[str], bool]
LOOK_UP_S = 2.0


def nothing(_address: str) -> bool:
    """Denies no address."""
    return False


def check(addresses: Iterable[str], denied: Denied) -> None:
    """Raises `Unreachable`, unsent, where one of these IP addresses is denied."""
    if any(map(denied, addresses)):
        error = Unreachable(
            "The provider's name leads to an address that is never called (metadata or link-local). "
            "Check its base URL and the name server of this network.",
            retryable=False,
        )
        error.sent = False
        raise error


def look_up(host: str, port: int, denied: Denied) -> list[str]:
    """All addresses of `host`. Raises `Unreachable` where one is denied, OSError where there are none."""
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in infos))
    check(addresses, denied)
    return addresses


def check_url(url: str, denied: Denied, *, proxied: bool) -> None:
    """Refuse what is known before connecting: an address written as a number and, behind a proxy, those of the name.

    May wait `LOOK_UP_S` for a look-up; a name that does not resolve here is left to the proxy.
    """
    host = urlsplit(url).hostname or ""
    if _is_number(host):
        check([host], denied)
    elif proxied:
        addresses: list[str] = []
        asking = threading.Thread(target=_look_up_quietly, args=(host, addresses), daemon=True)
        asking.start()
        asking.join(LOOK_UP_S)
        check(list(addresses), denied)


def _look_up_quietly(host: str, addresses: list[str]) -> None:
    try:
        addresses += look_up(host, 0, nothing)
    except (OSError, UnicodeError):
        return


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
