"""The proxy of a request, by the usual variables: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in any case.

What stays on this computer or in a private network is never sent to a proxy, whatever the variables say. A SOCKS proxy
is refused in one sentence: neither transport speaks it.
"""

from __future__ import annotations

import ipaddress
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlsplit

from ..errors import Unreachable

PRIVATE_ENDINGS = (".localhost", ".local", ".lan", ".internal", ".intranet", ".home.arpa", ".localdomain")


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """The proxy's address, with user and password where it has them; None: go directly. Raises `Unreachable`."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    if is_private(host):
        return None
    named = {name.lower(): value.strip() for name, value in environ.items() if name.lower().endswith("_proxy")}
    named |= {name: environ[name].strip() for name in environ if name.islower() and name.endswith("_proxy")}
    if not any(named.get(f"{kind}_proxy") for kind in ("http", "https", "all")):
        named = {f"{kind}_proxy": address for kind, address in urllib.request.getproxies().items()}
    address = named.get(f"{parts.scheme}_proxy") or named.get("all_proxy")
    if not address or _is_listed(host, named.get("no_proxy", "")):
        return None
    if "://" not in address:
        address = f"http://{address}"
    if urlsplit(address).scheme.lower() not in ("http", "https"):
        error = Unreachable(
            "The proxy variables of this computer name a SOCKS proxy, which is not supported. "
            "Set HTTPS_PROXY to an HTTP proxy, or list this host in NO_PROXY.",
            retryable=False,
        )
        error.sent = False
        raise error
    return address


def is_private(host: str) -> bool:
    """Whether a host is this computer or in a private network, as far as its name or number tells."""
    host = host.lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(PRIVATE_ENDINGS)
    return address.is_loopback or address.is_private or address.is_link_local


def _is_listed(host: str, no_proxy: str) -> bool:
    """`*`, a host, a domain (with or without its first dot), or a network such as 10.0.0.0/8."""
    names = [name.strip().lower() for name in no_proxy.split(",") if name.strip()]
    for name in names:
        domain = name.removeprefix("*").strip(".").partition(":")[0]
        if name == "*" or (domain and (host == domain or host.endswith(f".{domain}"))):
            return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for name in names if (network := _network(name)))


def _network(name: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(name, strict=False) if "/" in name else None
    except ValueError:
        return None
