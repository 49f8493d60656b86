"""Whose conversations these are: a random name that this browser keeps. No account, no address, no fingerprint.

The name is a cookie that comes with the first HTML reply, so a visitor's first script run has it already. Where cookies
do not arrive (a plain script, a host that passes only its own), the browser's local storage keeps the name: a component
without a face tells it after the first run. A client that has neither owns what its session made.
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
_TELL_NAME = """
export default function ({ data, setStateValue }) {
  let name = data.fresh;
  try {
    name = localStorage.getItem("roundtable") ?? name;
    localStorage.setItem("roundtable", name);
  } catch { /* storage is switched off: the session is the owner */ }
  setStateValue("name", name);
}
"""

_new: OrderedDict[str, None] = OrderedDict()


def mint() -> str:
    """128 random bits for a new visitor."""
    return _remember(token_hex(16))


def is_name(value: str) -> bool:
    """Whether this is a cookie as we make them."""
    return bool(_NAME.fullmatch(value))


def current() -> str:
    """The owner of this session's conversations. The cookie itself stays out of the database: only its hash goes in."""
    return sha256(_name().encode()).hexdigest()[:32]


def _name() -> str:
    held: str | None = st.session_state.get("owner")
    if held is None:
        cookie = str(st.context.cookies.get(COOKIE, ""))
        st.session_state["owner"] = held = cookie if is_name(cookie) else mint()
    return held


def settle() -> None:
    """Hear the name that this browser keeps, where its cookie does not arrive; the first line of every page.

    A visitor who comes with an address waits one run for it, because what stands there may be theirs.
    """
    if is_name(str(st.context.cookies.get(COOKIE, ""))) or st.session_state.get("owner-told"):
        return
    asked_before = st.session_state.setdefault("owner-asked", 0)
    st.session_state["owner-asked"] = asked_before + 1
    teller = st.components.v2.component("roundtable-owner", js=_TELL_NAME)
    told = teller(
        key="owner-name",
        data={"fresh": _name()},
        default={"name": None},
        height=0,
        on_name_change=lambda: None,
    )
    name = str(told.get("name") or "")
    if is_name(name):
        st.session_state.update({"owner": name, "owner-told": True})
    elif not asked_before and {"c", "run", "batch"} & set(st.query_params):
        st.stop()


def is_new() -> bool:
    """Whether this visitor came to this process for the first time, and so has nothing in the database yet."""
    return _name() in _new


def _remember(name: str) -> str:
    _new[name] = None
    while len(_new) > REMEMBERED:
        _new.popitem(last=False)
    return name
