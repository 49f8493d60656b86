"""The visitor: a random name stored by the browser. No account, no address, no fingerprint.

The name is a cookie set with the first HTML reply, so the first script run has it already. If cookies do not arrive (a
plain script, a host that drops them), the browser's local storage keeps the name, and an invisible component reports it
after the first run. A client with neither owns what its session made.

Only a name signed by us is accepted, or one with stored data, because older names are not signed. Any other may have
been planted, so it is replaced. Over TLS the cookie is called `__Host-roundtable`: browsers take that name only from
this host itself, so no sibling domain and no page without TLS can plant one. It wins over a plain one, whose name it
takes over when a browser comes over TLS for the first time.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from hashlib import sha256
from pathlib import Path

import streamlit as st

from ..errors import LLMError
from . import app_state, signed_names

COOKIE = "roundtable"
HOST_COOKIE = f"__Host-{COOKIE}"
LASTS_S = 400 * 24 * 3600  # the longest that browsers accept
REMEMBERED = 10_000
_NAME = re.compile(r"[0-9a-f]{32}")
_SENT = re.compile(rf"(?:^|;)\s*((?:__Host-)?){COOKIE}=([0-9a-f]{{32}})\s*(?=;|$)")
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

_new_names: OrderedDict[str, None] = OrderedDict()
_known_names: OrderedDict[str, None] = OrderedDict()


def new_name() -> str:
    """A name for a new visitor."""
    return _remember(signed_names.new_name(_folder()))


def is_ours(name: str) -> bool:
    """Whether we issued this name. For an unsigned one this may wait for the database to open."""
    if not _NAME.fullmatch(name):
        return False
    return name in _new_names or signed_names.is_signed(name, _folder()) or _has_data(name)


def name_in(cookies: str) -> str | None:
    """Our name in a Cookie header, even beside another value of the same cookie."""
    cookies_sent = _SENT.findall(cookies)
    cookies_sent.sort(key=lambda cookie: (not cookie[0], not signed_names.is_signed(cookie[1], _folder())))
    return next((name for _, name in cookies_sent if is_ours(name)), None)


def signed_name_in(cookies: str) -> str:
    """The name in a Cookie header if it is signed, else ""; asks no database."""
    names = sorted(_SENT.findall(cookies), key=lambda cookie: not cookie[0])
    return next((name for _, name in names if signed_names.is_signed(name, _folder())), "")


def set_cookies(cookies: str, *, secure: bool) -> list[str]:
    """What a page's reply sets for a browser that sent these cookies: nothing if it has its name already."""
    name = name_in(cookies)
    if name and (not secure or f"{HOST_COOKIE}={name}" in cookies):
        return []
    cookie = HOST_COOKIE if secure else COOKIE
    attributes = f"Path=/; Max-Age={LASTS_S}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
    return [f"{cookie}={name or new_name()}; {attributes}"]


def unset_cookies(*, secure: bool) -> list[str]:
    """What a reply sets for a browser that is to be forgotten."""
    names = (COOKIE, HOST_COOKIE) if secure else (COOKIE,)
    return [f"{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}" for name in names]


def _has_data(name: str) -> bool:
    """A name from before names were signed, or of a lost secret; also accepted while the database cannot tell."""
    if name in _known_names:
        return True
    try:
        has_data = app_state.get().workspace.of(owner_of(name)).history.has_anything()
    except LLMError:
        return True
    if has_data:
        _remember(name, _known_names)
    return has_data is not False


def cookie_name() -> str | None:
    """The name in this session's cookies."""
    return name_in(_cookies())


def by_cookie() -> bool:
    """Whether this session's name is that of the browser's cookie, so that plain HTTP requests carry it too."""
    return cookie_name() == own_name()


def own_id() -> str:
    """A hash of this session's name, so that the cookie itself is not in the database."""
    return owner_of(own_name())


def owner_of_cookies(cookies: str) -> str | None:
    """The owner named by a Cookie header, or None. May wait for the database, as `is_ours` does."""
    cookie = name_in(cookies)
    return owner_of(cookie) if cookie else None


def owner_of(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:32]


def own_name() -> str:
    """The name that this session goes by."""
    name: str | None = st.session_state.get("owner")
    if name is None:
        st.session_state["owner"] = name = name_in(_cookies()) or new_name()
    return name


def _cookies() -> str:
    return str(st.context.headers.get("Cookie") or "")


def _folder() -> Path:
    try:
        settings = app_state.get().engine.settings
    except LLMError:
        return Path("data")
    return Path(settings.folder / settings.data_folder)


def settle() -> None:
    """Read the name from the browser's storage if its cookie does not arrive. Called first by every page.

    A visitor who opens the address of a conversation waits one run for it, because it may be theirs.
    """
    if st.session_state.get("owner-told") or name_in(_cookies()):
        return
    earlier_runs = st.session_state.setdefault("owner-asked", 0)
    st.session_state["owner-asked"] = earlier_runs + 1
    component = st.components.v2.component("roundtable-owner", js=_TELL_NAME)
    state = component(
        key="owner-name",
        data={"fresh": own_name(), "refused": st.session_state.get("owner-refused")},
        default={"name": None},
        height=0,
        on_name_change=lambda: None,
    )
    name = str(state.get("name") or "")
    if is_ours(name):
        st.session_state.update({"owner": name, "owner-told": True})
    elif name and name != st.session_state.get("owner-refused"):
        st.session_state["owner-refused"] = name
        st.rerun()
    elif not earlier_runs and {"c", "run", "batch"} & set(st.query_params):
        st.stop()


def is_new() -> bool:
    """Whether this process has just named the visitor, who therefore has no stored data yet."""
    return own_name() in _new_names


def _remember(name: str, names: OrderedDict[str, None] = _new_names) -> str:
    names[name] = None
    while len(names) > REMEMBERED:
        names.popitem(last=False)
    return name
