"""A person deletes all of theirs, for good: the box, and what their browser kept of it."""

from __future__ import annotations

import streamlit as st

from ...store import Changed
from .. import session, transfers
from ..admin import login
from ..base import lasting
from ..base.flash import flash, store_errors_shown
from ..file_route import thumbnails
from ..sign_in import access
from ..text import t, tn

_CLEAR = """
export default function ({ data: [id] }) {
  if (sessionStorage.getItem("roundtable-cleared") === id) return;
  for (const storage of [localStorage, sessionStorage])
    for (const key of Object.keys(storage)) if (key.startsWith("roundtable-draft-")) storage.removeItem(key);
  sessionStorage.setItem("roundtable-cleared", id);
}
"""
_FORGET = """
export default function ({ parentElement }) {
  const address = new URL("forget", document.baseURI);
  fetch(address, { method: "POST", headers: { "x-roundtable": "forget" } }).then(() => {
    for (const storage of [localStorage, sessionStorage])
      for (const key of Object.keys(storage)) if (key.startsWith("roundtable")) storage.removeItem(key);
    location.assign(new URL(".", document.baseURI));
  });
}
"""
CLEARED = "browser-cleared"  # the id of an erasure that this tab has to follow


def box() -> None:
    """The popover with the confirmation, and how long anything is kept here."""
    popover = st.popover(
        t("Erase all"), icon=":material/delete_forever:", type="tertiary", key="menu-erase", on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        st.markdown(
            t(
                "Deletes everything that is stored of you: chats, comparisons, batches, votes, settings, statistics, "
                "pasted keys and drafts. This cannot be undone; a ZIP of it is under Export all."
            )
        )
        if login.is_possible():
            st.caption(t("The operator keeps the number of calls and tokens of shared keys, without text and name."))
        sure = st.checkbox(t("Delete everything for good"), key="erase-sure")
        st.button(
            t("Erase all"),
            icon=":material/delete_forever:",
            type="primary",
            key="erase",
            disabled=not sure,
            on_click=_erase,
        )
        _forget_browser()


def _forget_browser() -> None:
    """The other way out, on a computer that others use too: the data stays, the browser loses the key to it. Who has an
    account signs out instead."""
    if not transfers.served() or access.mode() == "oidc":
        return
    st.divider()
    st.caption(
        t(
            "On a computer that others use: what is stored stays on the server, but nobody can open it from here any "
            "more, you included. Export it first if you need it."
        )
    )
    st.button(t("Forget this browser"), icon=":material/logout:", key="forget-browser", on_click=_forgotten)
    if st.session_state.get("forgotten"):
        st.components.v2.component("roundtable-forget", js=_FORGET)(key="forget-me", height=0)


def _forgotten() -> None:
    session.forget_keys(*session.keys().pasted)
    st.session_state["forgotten"] = True


def kept_for() -> None:
    """How long this server keeps anything, where it has a limit; and who else may read it."""
    settings = session.engine().settings
    lasting.note()
    if login.is_possible() and settings.audit_text == "text":
        st.caption(t("The administrator of this server can read your questions."))
    if days := settings.keep_days:
        st.caption(
            tn(
                "This server deletes what was not changed for {number} day, pinned and imported entries too.",
                "This server deletes what was not changed for {number} days, pinned and imported entries too.",
                days,
            )
        )


def clear_browser() -> None:
    """Drop the drafts in the browser, once after an erasure."""
    if erasure := st.session_state.get(CLEARED):
        st.components.v2.component("roundtable-clear", js=_CLEAR)(key="clear-browser", height=0, data=[erasure])


def _erase() -> None:
    if not st.session_state.get("erase-sure"):
        return
    with store_errors_shown():
        try:
            session.person().history.erase_everything()
            thumbnails.clear()
        except Changed:
            flash(t("An import is just being completed. Try again in a minute."), warning=True)
            return
        session.forget_keys(*session.keys().pasted)
        session.forget_key_choices()
        for name in list(st.session_state):
            if name not in ("owner", "owner-told", "owner-asked", "admin"):
                del st.session_state[name]
        st.session_state[CLEARED] = session.new_id()
        flash(t("Everything of yours was erased."))
