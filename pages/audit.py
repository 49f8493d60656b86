"""Audit, for the administrator: every call with who, when, which model, settings, outcome, tokens and money."""

import streamlit as st

from core.store import StoreError
from core.ui import layout
from core.ui.admin import audit, login
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.text import t

layout.open_page("audit")
with head(t("Audit"), t("Every call to a model, newest first.")):
    if st.session_state.get("admin"):
        st.button(t("Close"), icon=":material/lock:", type="tertiary", key="admin-leave", on_click=login.log_out)
show_flash()

if not login.is_possible():
    login.disabled()
elif not login.is_logged_in():
    login.login_form()
else:
    audit.about()
    try:
        audit.calls(audit.filters())
    except StoreError:
        st.caption(t("The calls cannot be loaded right now."))
