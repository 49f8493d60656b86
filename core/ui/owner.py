"""Whose data a session may read and change: a visitor's, or that of a person who signed in.

`current` is asked before every read and every act, so that whoever is signed out, whose sign-in has expired, or whose
access was withdrawn, can do nothing more in a tab that is still open.
"""

from __future__ import annotations

from . import visitor
from .sign_in import access, identity


def current() -> str:
    """The owner of this session's data. Raises SignedOut where this session may not act."""
    return access.owner_id() if access.mode() == "oidc" else _admitted(visitor.own_id())


def by_cookie() -> bool:
    """Whether plain HTTP requests of this browser name the same owner."""
    if access.mode() == "oidc":
        return identity.of_session() is not None
    return visitor.by_cookie()


def of_cookies(cookies: str) -> str | None:
    """The owner whom a Cookie header names, or None, also where they may not act. May wait for the database."""
    if access.mode() == "oidc":
        signed_in = identity.of_cookies(cookies)
        return signed_in.owner_id if signed_in and access.refusal(signed_in) is None else None
    owner_id = visitor.owner_of_cookies(cookies)
    return owner_id if owner_id and access.has_passcode(owner_id) else None


def _admitted(owner_id: str) -> str:
    if not access.has_passcode(owner_id):
        raise access.SignedOut("passcode")
    return owner_id
