"""A person who signed in with an OpenID provider, as Streamlit's login tells it.

Streamlit keeps the claims of the ID token in a signed cookie of 30 days and hands them to the session when its
websocket connects. It checks neither whether they have expired nor whether another tab has signed out since.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http.cookies import SimpleCookie
from typing import Any

import streamlit as st

from ...views.people import Account


@dataclass(frozen=True, slots=True)
class Identity:
    """`owner_id` is a hash of issuer and subject; `sign_in_id` one of this sign-in, shared by all tabs of a browser."""

    account: Account
    issued_at: datetime
    expires_at: datetime
    owner_id: str
    sign_in_id: str


def of_claims(claims: Mapping[str, Any]) -> Identity | None:
    """None for claims that name nobody, or do not say until when they hold."""
    issuer, subject = claims.get("iss"), claims.get("sub")
    times = [claims.get("iat"), claims.get("exp")]
    if not (isinstance(issuer, str) and isinstance(subject, str) and issuer and subject):
        return None
    if not all(isinstance(at, int | float) and not isinstance(at, bool) for at in times):
        return None
    try:
        issued_at, expires_at = (datetime.fromtimestamp(float(at), UTC) for at in times if at is not None)
    except (OverflowError, OSError, ValueError):
        return None
    email = str(claims.get("email") or "") if claims.get("email_verified", True) is True else ""
    name = str(claims.get("name") or claims.get("preferred_username") or email or subject)
    return Identity(
        Account(issuer, subject, name, email.casefold()),
        issued_at,
        expires_at,
        _hash("owner", issuer, subject)[:32],
        _hash("sign-in", issuer, subject, str(claims.get("iat")), str(claims.get("nonce", ""))),
    )


def of_session() -> Identity | None:
    """Who signed in before this session's websocket connected, whether or not that still holds."""
    return of_claims(st.user.to_dict()) if st.user.is_logged_in else None


def of_cookies(cookies: str) -> Identity | None:
    """Whom a Cookie header names, for an address that is no page: from Streamlit's own signed cookie."""
    from streamlit.web.server.starlette import starlette_websocket
    from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

    values = {name: morsel.value for name, morsel in SimpleCookie(cookies).items()}
    with suppress(ValueError, AttributeError):
        signed = starlette_websocket._get_signed_cookie_with_chunks(values, USER_COOKIE_NAME)
        claims = json.loads(signed) if signed else None
        if isinstance(claims, dict) and claims.get("is_logged_in") is True:
            return of_claims(claims)
    return None


def _hash(*parts: str) -> str:
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
