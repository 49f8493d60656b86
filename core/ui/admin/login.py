"""The administrator's login: with ROUNDTABLE_ADMIN_PASSWORD, for this tab, until it is closed or reloaded.

Without that option there is no administrator.
"""

from __future__ import annotations

import logging

import streamlit as st

from ... import events
from .. import session
from ..base.flash import flash
from ..failures import error_id
from ..text import t, wait

FIELD = "admin-password"


def is_logged_in() -> bool:
    """Whether this tab is logged in. Check before every action."""
    return bool(session.engine().settings.admin_password) and st.session_state.get("admin") is True


def login_form() -> None:
    """The login form; disabled while locked."""
    closed_s = session.login_throttle().locked_s()
    if closed_s:
        st.warning(
            t("Too many wrong passwords. Try again in {time}.", time=wait(closed_s)), icon=":material/lock_clock:"
        )
    with st.form("admin-door", border=False, width=420):
        st.text_input(t("Administrator password"), type="password", key=FIELD, autocomplete="current-password")
        st.form_submit_button(t("Sign in"), on_click=_log_in, disabled=bool(closed_s))


def log_out() -> None:
    """Log out. For callbacks."""
    st.session_state.pop("admin", None)


def _log_in() -> None:
    password, expected = str(st.session_state.get(FIELD, "")), session.engine().settings.admin_password
    st.session_state[FIELD] = ""
    if not expected or not password:
        return
    if session.login_throttle().is_right(password, expected):
        st.session_state["admin"] = True
        events.log("login", level=logging.INFO, role="admin", person=session.log_name())
        return
    locked_s = session.login_throttle().locked_s()
    event_id = events.log("login_failed", role="admin", person=session.log_name(), locked_s=round(locked_s) or None)
    if not locked_s:
        flash(error_id.after(t("Wrong password."), event_id), warning=True)
