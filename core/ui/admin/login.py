"""Who administers: people by option or role where they sign in with accounts; else whoever knows
ROUNDTABLE_ADMIN_PASSWORD, for this tab, until it is closed or reloaded. Without either there is no administrator.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ...store import StoreError
from .. import session
from ..base.flash import flash
from ..failures import error_id
from ..sign_in import access, identity, throttle
from ..text import t, wait

FIELD = "admin-password"


def is_possible() -> bool:
    """Whether this server can have an administrator."""
    return access.mode() == "oidc" or bool(session.engine().settings.admin_password)


def is_logged_in() -> bool:
    """Whether an administrator looks at this tab. Check before every action."""
    if access.is_admin():
        return True
    return bool(session.engine().settings.admin_password) and st.session_state.get("admin") is True


def held() -> Callable[[], bool]:
    """For a file that is made on click, when no page runs: whether who looks now is still an administrator. With the
    password they are as long as the button is there."""
    person = identity.of_session() if access.mode() == "oidc" else None
    by_password = not access.is_admin() and is_logged_in()
    return lambda: by_password or access.administers(person)


def disabled() -> None:
    """Why an administrator's page is not for anybody here."""
    st.info(
        t("This page is disabled: ROUNDTABLE_ADMIN_PASSWORD or ROUNDTABLE_ADMINS is not set."), icon=":material/lock:"
    )


def login_form() -> None:
    """The login form; disabled while the address has to wait."""
    if not session.engine().settings.admin_password:
        st.info(t("Only administrators can open this page."), icon=":material/lock:")
        return
    try:
        closed_s = throttle.wait_s()
    except StoreError:
        st.warning(t("The password cannot be checked right now. Try again in a minute."), icon=":material/cloud_off:")
        return
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
    try:
        event_id = throttle.refusal(password, expected, "admin", session.log_name())
        if event_id is None:
            st.session_state["admin"] = True
        elif not throttle.wait_s():
            flash(error_id.after(t("Wrong password."), event_id), warning=True)
    except StoreError:
        flash(t("The password cannot be checked right now. Try again in a minute."), warning=True)
