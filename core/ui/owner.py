"""Whose conversations these are: a random name in a cookie of this browser. No account, no address, no fingerprint.

The cookie comes with the first HTML reply, so a visitor's first script run has it already. Where cookies do not arrive
(a plain script, a host that passes only its own) the session is the owner, and a reload starts a new one.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from hashlib import sha256
from secrets import token_hex

import streamlit as st

COOKIE = "roundtable"
LASTS_S = 400 * 24 * 3600  # the longest that browsers accept
REMEMBERED = 10_000
_NAME = re.compile(r"[0-9a-f]{32}")

_new: OrderedDict[str, None] = OrderedDict()


def mint() -> str:
    """128 random bits for a new visitor."""
    return _remember(token_hex(16))


def is_name(value: str) -> bool:
    """Whether this is a cookie as we make them."""
    return bool(_NAME.fullmatch(value))


def current() -> str:
    """The owner of this session's conversations. The cookie itself stays out of the database: only its hash goes in."""
    held: str | None = st.session_state.get("owner")
    if held is None:
        name = str(st.context.cookies.get(COOKIE, ""))
        st.session_state["owner"] = held = name if is_name(name) else mint()
    return sha256(held.encode()).hexdigest()[:32]


def is_new() -> bool:
    """Whether this visitor came to this process for the first time, and so has nothing in the database yet."""
    current()
    return st.session_state["owner"] in _new


def _remember(name: str) -> str:
    _new[name] = None
    while len(_new) > REMEMBERED:
        _new.popitem(last=False)
    return name
