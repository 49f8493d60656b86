"""What a session sees that may not act yet, or no more; and the way out."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from ...store import StoreError, Unavailable
from .. import app_state, visitor
from ..base.flash import flash, show_flash
from ..failures import error_id
from ..keyboard import component
from ..sign_in import access, identity, throttle
from ..sign_in.access import SignedOut, Why
from ..text import plain, t, wait

FIELD = "passcode"


def require() -> None:
    """Stop the run with the page to sign in, unless this session may act. Before anything of a person is read."""
    mode = access.mode()
    if mode == "open":
        return
    if mode == "passcode":
        if not access.has_passcode(visitor.own_id()):
            show("passcode")
            st.stop()
        return
    person = identity.of_session()
    if why := access.refusal(person):
        show(why)
        st.stop()
    if person and st.session_state.get("noted") != person.sign_in_id:
        st.session_state["noted"] = person.sign_in_id
        with suppress(Unavailable):
            access.note()


def show(why: Why) -> None:
    """The page to sign in."""
    component.draw("sign-in")
    with st.container(horizontal_alignment="center"), st.container(key="sign-in", width=420):
        st.space("large")
        st.markdown("# Roundtable", text_alignment="center")
        st.caption(t("Every free model in one place."), text_alignment="center")
        show_flash()
        if why == "passcode":
            _passcode()
        elif why == "blocked":
            st.warning(t("Your access was withdrawn. Ask your administrator."), icon=":material/block:")
            st.button(t("Sign out"), icon=":material/logout:", key="sign-out", on_click=_sign_out)
        else:
            if why == "expired":
                st.info(
                    t("Your sign-in has expired. What you typed is kept in this browser."),
                    icon=":material/schedule:",
                )
            _providers()


def shown_for(error: Exception) -> bool:
    """Draw the page where an act was refused; False for any other error."""
    if isinstance(error, SignedOut):
        show(error.why)
    return isinstance(error, SignedOut)


def account() -> None:
    """For the sidebar: who is signed in, and the way out."""
    if access.mode() != "oidc" or not (person := identity.of_session()):
        return
    with st.container(key="account", horizontal=True, vertical_alignment="center", gap="xxsmall"):
        st.caption(plain(person.account.name), width="stretch", help=plain(person.account.email) or None)
        st.button(t("Sign out"), icon=":material/logout:", type="tertiary", key="sign-out", on_click=_sign_out)
    if app_state.get().engine.settings.audit_text == "text":
        st.caption(t("The administrator of this server can read your questions."))
    else:
        st.caption(t("Administrators see how much you use, not what you write."))


def _providers() -> None:
    for name, label in app_state.get().oidc.items():
        text = t("Sign in with {name}", name=plain(label)) if label else t("Sign in")
        st.button(
            text,
            icon=":material/login:",
            type="primary",
            key=f"sign-in-{name}",
            width="stretch",
            on_click=st.login,
            args=(name,) if name else (),
        )


def _passcode() -> None:
    try:
        waiting_s = throttle.wait_s()
    except StoreError:
        st.warning(t("The passcode cannot be checked right now. Try again in a minute."), icon=":material/cloud_off:")
        return
    if waiting_s:
        st.warning(
            t("Too many wrong passwords. Try again in {time}.", time=wait(waiting_s)), icon=":material/lock_clock:"
        )
    with st.form("passcode-form", border=False):
        st.text_input(t("Passcode of this server"), type="password", key=FIELD, autocomplete="current-password")
        st.form_submit_button(t("Continue"), type="primary", on_click=_give_passcode, disabled=bool(waiting_s))


def _give_passcode() -> None:
    passcode, st.session_state[FIELD] = str(st.session_state.get(FIELD, "")), ""
    expected = app_state.get().engine.settings.passcode
    if not passcode or not expected:
        return
    try:
        event_id = throttle.refusal(passcode, expected, "visitor", access.visitor_log_name())
        if event_id is None:
            access.keep_passcode(visitor.own_id())
        elif not throttle.wait_s():
            flash(error_id.after(t("Wrong passcode."), event_id), warning=True)
    except StoreError:
        flash(t("The passcode cannot be checked right now. Try again in a minute."), warning=True)


def _sign_out() -> None:
    with suppress(StoreError):  # the cookie goes in any case
        access.sign_out()
    st.logout()
