"""Passwords, tried at most as often as the address they come from may."""

from __future__ import annotations

import hmac
import logging
from hashlib import sha256

import streamlit as st

from ... import events
from .. import addresses, app_state


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
    """A keyed hash of the address that the browser came from."""
    forwarded_for = str(st.context.headers.get("X-Forwarded-For") or "")
    proxies = app_state.get().engine.settings.trusted_proxies
    address = addresses.sent_by(str(st.context.ip_address or ""), forwarded_for, proxies)
    return addresses.hashed(address, purpose)


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
