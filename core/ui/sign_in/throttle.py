"""Passwords, tried at most as often as the address they come from may."""

from __future__ import annotations

import hmac
import ipaddress
import logging
from hashlib import sha256

import streamlit as st

from ... import events
from .. import app_state, signed_names


def wait_s() -> float:
    """For how many seconds this browser's address has to wait. Raises Unavailable."""
    return app_state.get().people.wait_s(_address())


def refusal(password: str, expected: str, role: str, person: str) -> str | None:
    """None for the right password, else the id of the log line. Wrong ones are counted over all replicas.

    Compares in constant time. Raises Unavailable.
    """
    people, address = app_state.get().people, _address()
    if not people.count_try(address):
        return events.log(
            "login_failed", role=role, person=person, address=address[:10], locked_s=round(people.wait_s(address))
        )
    if not hmac.compare_digest(_digest(password), _digest(expected)):
        return events.log("login_failed", role=role, person=person, address=address[:10])
    people.succeed(address)
    events.log("login", level=logging.INFO, role=role, person=person, address=address[:10])
    return None


def link_wait_s() -> float:
    """For how many seconds this browser's address has to wait after wrong links. Raises Unavailable."""
    return app_state.get().people.wait_s(_address("links"))


def count_wrong_link() -> None:
    """Count a link that never was one, over all replicas; apart from passwords. Raises Unavailable."""
    address = _address("links")
    app_state.get().people.count_try(address)
    events.log("link_refused", address=address[:10])


def _address(purpose: str = "address") -> str:
    """A keyed hash of the address that the browser came from; of IPv6 the network that one customer has."""
    return signed_names.keyed_hash(purpose, network_of(_sent_address()), app_state.get().data_folder)


def _sent_address() -> str:
    proxies = app_state.get().engine.settings.trusted_proxies
    if proxies:
        entries = [entry.strip() for entry in str(st.context.headers.get("X-Forwarded-For") or "").split(",")]
        if len(entries) >= proxies:
            return entries[-proxies]
    return str(st.context.ip_address or "")


def network_of(text: str) -> str:
    """The address; its /64 if it is of version 6; "" for anything else, which all share."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if mapped or address.version == 4:
        return str(mapped or address)
    return str(ipaddress.ip_network((address, 64), strict=False))


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
