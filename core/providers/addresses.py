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
    r"(?P<path>(?:/[A-Za-z0-9@._~:+,=-]*)*)(?P<query>\?[A-Za-z0-9._~&=-]{1,200})?"
)
# Link-local, "this network" and multicast; then metadata of Alibaba, Volcengine, Oracle and Azure's host.
_METADATA_V4 = ("100.100.100.200/32", "100.96.0.96/32", "192.0.0.192/32", "168.63.129.16/32")
_NEVER_V4 = ("169.254.0.0/16", "0.0.0.0/8", "224.0.0.0/3", *_METADATA_V4)
# Link-local and site-local, multicast, unspecified; then metadata of Amazon, Google, Oracle, Scaleway and Linode.
_NEVER_V6 = ("fe80::/10", "fec0::/10", "ff00::/8", "::/128")
_METADATA_V6 = ("fd00:ec2::/32", "fd20:ce::/32", "fd00:c1::/32", "fd00:42::/32", "fd00:a9fe:a9fe::/48")
_NEVER = tuple(ip_network(block) for block in (*_NEVER_V4, *_NEVER_V6, *_METADATA_V6))
# Prefixes of IPv6 addresses that end in an IPv4 address: compatible, translated, NAT64.
_BEFORE_V4 = tuple(ip_network(block) for block in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96"))
_NAT64_LOCAL = ip_network("64:ff9b:1::/48")
_PRIVATE_V4 = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
_PRIVATE = tuple(ip_network(block) for block in (*_PRIVATE_V4, "::1/128", "fc00::/7"))
_METADATA_NAME = re.compile(
    r"metadata(?:(?:\.google|\.azure)?\.internal|\.goog|\.tencentyun\.com)?|instance-data(?:\.(?:.+\.)?internal)?"
)
_PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_SECRET = re.compile(r"key|token|secret|sig|pass|auth|credential", re.IGNORECASE)
_PORTS = {"https": 443, "http": 80}


def fault(url: str, *, operator: bool = False, local: bool = False) -> str | None:
    """Why this base URL is refused, as the end of a sentence, or None.

    `operator`: it was set by whoever runs the program (providers.toml, environment); `local`: a server on this
    computer. Only these may use http, and only to a private or loopback host.
    """
    shape = _SHAPE.fullmatch(url)
    if shape is None or ".." in url:
        return "must look like https://host/path, without user, spaces or percent signs"
    if shape["query"] and (not operator or _SECRET.search(shape["query"])):
        return "must not have a query that may hold a key; only an operator may add one, such as ?api-version=…"
    if shape["port"] and not 0 < int(shape["port"]) < 65536:
        return "has a port outside 1 to 65535"
    host = shape["host"].strip("[]").rstrip(".").lower()
    address = _number(host)
    if address is None and (_ends_in_number(host) or ":" in host):
        return "names its host by a number that is not a plain IP address"
    if _METADATA_NAME.fullmatch(host) or (address is not None and denied(host)):
        return "points at an address that must never be called (metadata or link-local)"
    if shape["scheme"] == "https":
        return None
    if not (operator or local):
        return "must start with https://"
    return None if _is_private(host, address) else "may use http only for this computer or a private network"


def hosts(base_url: str) -> set[str]:
    """The host of an address, in lower case, as a set of one; empty where an option fills it in."""
    host = (urlsplit(base_url).hostname or "").lower()
    return {host} if host and "{" not in host else set()


def is_loopback(host: str) -> bool:
    """Whether a host's name or number is this computer."""
    host = host.strip("[]").rstrip(".").lower()
    address = _number(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


def denied(address: str) -> bool:
    """Whether a resolved IP address is metadata, link-local, multicast or unspecified: refused for everybody."""
    number = _number(address)
    if number is None:
        return True
    candidates = [number, *_embedded_v4(number)]
    return any(candidate in block for candidate in candidates for block in _NEVER if block.version == candidate.version)


def _embedded_v4(number: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses an IPv6 address can carry: mapped, 6to4, Teredo's two, ISATAP, and those it ends in."""
    if isinstance(number, IPv4Address):
        return []
    bits = int(number)
    carried = [number.ipv4_mapped, number.sixtofour, *(number.teredo or ())]
    if (bits > 1 and any(number in block for block in _BEFORE_V4)) or (bits >> 32) & 0xFDFF_FFFF == 0x5EFE:
        carried.append(IPv4Address(bits & 0xFFFF_FFFF))
    if number in _NAT64_LOCAL:
        carried += _nat64_v4(bits)
    return [address for address in carried if address is not None]


def is_private(url: str) -> bool:
    """Whether this base URL names this computer or a private network."""
    shape = _SHAPE.fullmatch(url)
    host = shape["host"].strip("[]").rstrip(".").lower() if shape else "."
    return _is_private(host, _number(host))


def _nat64_v4(bits: int) -> list[IPv4Address]:
    """The IPv4 address behind a prefix of 48, 56, 64 or 96 bits, where bits 64 to 71 are left out (RFC 6052)."""
    without = (bits >> 64 << 56) | (bits & (1 << 56) - 1)
    candidates = (without >> 40, without >> 32, without >> 24, bits)
    return [IPv4Address(candidate & 0xFFFF_FFFF) for candidate in candidates if candidate & 0xFF00_0000]


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
