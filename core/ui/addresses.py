"""The network address that a browser comes from, behind as many proxies as the operator trusts."""

from __future__ import annotations

import ipaddress

from starlette.types import Scope

from . import app_state, signed_names


def sent_by(peer: str, forwarded_for: str, trusted_proxies: int) -> str:
    """The network of the browser: of the entry that the first trusted proxy added to X-Forwarded-For, else of the peer.

    "" where it is not known.
    """
    entries = [entry.strip() for entry in forwarded_for.split(",")] if forwarded_for else []
    return network_of(entries[-trusted_proxies] if 0 < trusted_proxies <= len(entries) else peer)


def of_scope(scope: Scope, trusted_proxies: int) -> str:
    peer, _port = scope.get("client") or ("", 0)
    forwarded = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    return sent_by(peer, ",".join(forwarded), trusted_proxies)


def hashed(address: str, purpose: str = "address") -> str:
    """What is stored and logged of an address: a keyed hash, another one for each purpose."""
    return signed_names.keyed_hash(purpose, address, app_state.get().data_folder)


def network_of(text: str) -> str:
    """The address; its /64 if it is of version 6, as one customer has; "" for anything else, which all share."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped or address.version == 4:
        return str(mapped or address)
    return str(ipaddress.ip_network((address, 64), strict=False))
