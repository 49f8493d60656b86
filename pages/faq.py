"""FAQ, for the administrator: questions whose approved answers everybody gets from the cache."""

import streamlit as st

from core.store import StoreError
from core.ui import layout, session
from core.ui.admin import answers, login, questions
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.text import t

layout.open_page("faq")
with head(t("FAQ cache"), t("Answered once, approved by you, then reused for everyone who asks.")):
    if st.session_state.get("admin"):
        st.button(t("Close"), icon=":material/lock:", type="tertiary", key="admin-leave", on_click=login.log_out)
show_flash()

settings = session.engine().settings
if not login.is_possible():
    login.disabled()
elif not login.is_logged_in():
    login.login_form()
else:
    if settings.cache == "off":
        st.warning(t("ROUNDTABLE_CACHE is off, so this list is not used."), icon=":material/warning:")
    st.caption(
        t(
            "Anyone who asks one of these questions as the first message gets the answer that you approved for "
            "the same model and settings, marked as cached. Case, spaces, letter width and the final punctuation "
            "do not matter. The first person who asks, if not with their own key, creates the answer; nobody "
            "else sees it before you approve it. “Retry” always calls the model."
        )
    )
    questions.undo()
    questions.add()
    try:
        faq = session.person().faq
        answers.waiting(faq.proposed())
        questions.listing(faq.questions())
        answers.approved(faq.approved())
    except StoreError:
        st.caption(t("The list cannot be loaded right now."))
