"""Audit, for the administrator: every call with who, when, which model, settings, outcome, tokens and money."""

import streamlit as st

from core.store import StoreError
from core.ui import layout, session
from core.ui.admin import audit, login
from core.ui.base.flash import show_flash
from core.ui.text import t

layout.open_page("audit", wide=True)
with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
    st.markdown(f"**{t('Audit')}**", width="content")
    st.caption(t("Every call to a model, newest first."), width="stretch")
    if login.is_logged_in():
        st.page_link("pages/faq.py", label=t("FAQ cache"), icon=":material/lock:", width="content")
        st.button(t("Close"), icon=":material/lock:", type="tertiary", key="admin-leave", on_click=login.log_out)
show_flash()

if not session.engine().settings.admin_password:
    st.info(t("This page is disabled: ROUNDTABLE_ADMIN_PASSWORD is not set."), icon=":material/lock:")
elif not login.is_logged_in():
    login.login_form()
else:
    audit.about()
    try:
        audit.calls(audit.filters())
    except StoreError:
        st.caption(t("The calls cannot be loaded right now."))
