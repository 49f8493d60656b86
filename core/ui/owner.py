"""Whose conversations these are: a random name that this browser keeps. No account, no address, no fingerprint.

The name is a cookie that comes with the first HTML reply, so a visitor's first script run has it already. Where cookies
do not arrive (a plain script, a host that passes only its own), the browser's local storage keeps the name: a component
without a face tells it after the first run. A client that has neither owns what its session made.

Only a name of ours is obeyed (`core.ui.seal`), or one for which something is kept, since older ones have no seal;
whatever else a browser brings, somebody may have put there, so a new name replaces it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path

import streamlit as st

from ..errors import LLMError
from . import app_state, seal

COOKIE = "roundtable"
LASTS_S = 400 * 24 * 3600  # the longest that browsers accept
REMEMBERED = 10_000
_NAME = re.compile(r"[0-9a-f]{32}")
_SENT = re.compile(rf"(?:^|;)\s*{COOKIE}=([0-9a-f]{{32}})\s*(?=;|$)")
_TELL_NAME = """
export default function ({ data, setStateValue }) {
  let name = data.fresh;
  try {
    const kept = localStorage.getItem("roundtable");
    if (kept !== null && kept !== data.refused) name = kept;
    localStorage.setItem("roundtable", name);
  } catch { /* storage is switched off: the session is the owner */ }
  setStateValue("name", name);
}
"""

_new: OrderedDict[str, None] = OrderedDict()
_kept: OrderedDict[str, None] = OrderedDict()


def mint() -> str:
    """A name for a new visitor."""
    return _remember(seal.new_name(_folder()))


def is_ours(name: str) -> bool:
    """Whether we gave this name to a visitor. One without our seal may wait for the database to open and answer."""
    if not _NAME.fullmatch(name):
        return False
    return name in _new or seal.is_ours(name, _folder()) or _is_kept(name)


def brought(cookies: str) -> str | None:
    """The name of ours in a Cookie header, even where somebody put another value of the same cookie beside it."""
    names = sorted(_SENT.findall(cookies), key=lambda name: not seal.is_ours(name, _folder()))
    return next(filter(is_ours, names), None)


def _is_kept(name: str) -> bool:
    """A name from before there was a seal, or of a secret that is lost; obeyed, too, while nobody can tell."""
    if name in _kept:
        return True
    try:
        known = app_state.get().workspace.of(_owner(name)).history.has_anything()
    except LLMError:
        return True
    if known:
        _remember(name, _kept)
    return known is not False


def current() -> str:
    """The owner of this session's conversations. The cookie itself stays out of the database: only its hash goes in."""
    return _owner(_name())


def by_cookie() -> bool:
    """Whether this session's name is the one that its browser's cookie tells every address of this server."""
    return brought(_cookies()) == _name()


def of_cookies(cookies: str) -> str | None:
    """The owner whom a Cookie header names; None without a name of ours. Waits for the database as `is_ours` does."""
    name = brought(cookies)
    return _owner(name) if name else None


def _owner(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:32]


def _name() -> str:
    held: str | None = st.session_state.get("owner")
    if held is None:
        st.session_state["owner"] = held = brought(_cookies()) or mint()
    return held


def _cookies() -> str:
    return str(st.context.headers.get("Cookie") or "")


def _folder() -> Path:
    try:
        settings = app_state.get().engine.settings
    except LLMError:
        return Path("data")
    return Path(settings.folder / settings.data_folder)


def settle() -> None:
    """Hear the name that this browser keeps, where its cookie does not arrive; the first line of every page.

    A visitor who comes with an address waits one run for it, because what stands there may be theirs.
    """
    if st.session_state.get("owner-told") or brought(_cookies()):
        return
    asked_before = st.session_state.setdefault("owner-asked", 0)
    st.session_state["owner-asked"] = asked_before + 1
    teller = st.components.v2.component("roundtable-owner", js=_TELL_NAME)
    told = teller(
        key="owner-name",
        data={"fresh": _name(), "refused": st.session_state.get("owner-refused")},
        default={"name": None},
        height=0,
        on_name_change=lambda: None,
    )
    name = str(told.get("name") or "")
    if is_ours(name):
        st.session_state.update({"owner": name, "owner-told": True})
    elif name and name != st.session_state.get("owner-refused"):
        st.session_state["owner-refused"] = name
        st.rerun()
    elif not asked_before and {"c", "run", "batch"} & set(st.query_params):
        st.stop()


def is_new() -> bool:
    """Whether this visitor came to this process for the first time, and so has nothing in the database yet."""
    return _name() in _new


def _remember(name: str, names: OrderedDict[str, None] = _new) -> str:
    names[name] = None
    while len(names) > REMEMBERED:
        names.popitem(last=False)
    return name
