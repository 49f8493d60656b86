"""Which base URLs may be called. Pure text: the transport asks `denied` again about each resolved address.

The grammar is narrower than the standard on purpose: an address that two parsers could read differently
(user@host, backslashes, percent signs, hosts written as one number) is refused before anybody parses it.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_SHAPE = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9_.-]{1,253})(?::(?P<port>\d{1,5}))?"
    r"(?P<path>(?:/[A-Za-z0-9@._~:+,=-]*)*)"
)
_NEVER_V4 = ("169.254.0.0/16", "100.100.100.200/32", "0.0.0.0/8", "224.0.0.0/3", "192.0.0.192/32")
_NEVER_V6 = ("fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128", "ff00::/8", "::/128")
_NEVER = tuple(ip_network(block) for block in (*_NEVER_V4, *_NEVER_V6))
_NAT64 = ip_network("64:ff9b::/96")
_PRIVATE_V4 = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
_PRIVATE = tuple(ip_network(block) for block in (*_PRIVATE_V4, "::1/128", "fc00::/7"))
_METADATA_NAMES = ("metadata.google.internal", "metadata.goog", "metadata", "instance-data")
_PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_PORTS = {"https": 443, "http": 80}


def fault(url: str, *, operator: bool = False, local: bool = False) -> str | None:
    """Why this base URL is refused, as the end of a sentence, or None.

    `operator`: it was set by whoever runs the program (providers.toml, environment); `local`: a server on this
    computer. Only these may use http, and only to a private or loopback host.
    """
    shape = _SHAPE.fullmatch(url)
    if shape is None or ".." in url:
        return "must look like https://host/path, without user, query, spaces or percent signs"
    if shape["port"] and not 0 < int(shape["port"]) < 65536:
        return "has a port outside 1 to 65535"
    host = shape["host"].strip("[]").rstrip(".").lower()
    address = _number(host)
    if address is None and (_ends_in_number(host) or ":" in host):
        return "names its host by a number that is not a plain IP address"
    if host in _METADATA_NAMES or (address is not None and denied(host)):
        return "points at an address that must never be called (metadata or link-local)"
    if shape["scheme"] == "https":
        return None
    if not (operator or local):
        return "must start with https://"
    return None if _is_private(host, address) else "may use http only for this computer or a private network"


def denied(address: str) -> bool:
    """Whether a resolved IP address is metadata, link-local, multicast or unspecified: refused whoever asks."""
    number = _number(address)
    if number is None:
        return True
    seen = [number, *_inside(number)]
    return any(one in block for one in seen for block in _NEVER if block.version == one.version)


def _inside(number: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses an IPv6 address can carry: mapped, 6to4 and NAT64."""
    if isinstance(number, IPv4Address):
        return []
    carried = [number.ipv4_mapped, number.sixtofour]
    carried.append(IPv4Address(int(number) & 0xFFFF_FFFF) if number in _NAT64 else None)
    return [one for one in carried if one is not None]


def is_private(url: str) -> bool:
    """Whether this base URL names this computer or a private network."""
    shape = _SHAPE.fullmatch(url)
    host = shape["host"].strip("[]").rstrip(".").lower() if shape else "."
    return _is_private(host, _number(host))


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL: what a key is bound to. Raises ValueError on a bad port."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme, 0)


def _number(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _ends_in_number(host: str) -> bool:
    return re.fullmatch(r"\d+|0[xX][0-9a-fA-F]*", host.rsplit(".", 1)[-1]) is not None


def _is_private(host: str, address: IPv4Address | IPv6Address | None) -> bool:
    if address is not None:
        return any(address in block for block in _PRIVATE if block.version == address.version)
    return "." not in host or host.endswith(_PRIVATE_ENDINGS)
