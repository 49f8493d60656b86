"""FAQ, for the administrator: questions whose approved answers everybody gets from the cache."""

import streamlit as st

from core.store import StoreError
from core.ui import layout, session
from core.ui.admin import answers, door, questions
from core.ui.base.flash import show_flash
from core.ui.text import t

layout.open_page("faq")
with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
    st.markdown(f"**{t('Questions for everybody')}**", width="content")
    st.caption(t("Answered once, approved by you, then given to whoever asks."), width="stretch")
    if door.is_open():
        st.button(t("Close"), icon=":material/lock:", type="tertiary", key="admin-leave", on_click=door.leave)
show_flash()

settings = session.engine().settings
if not settings.admin_password:
    st.info(t("There is no administrator here: ROUNDTABLE_ADMIN_PASSWORD is not set."), icon=":material/lock:")
elif not door.is_open():
    door.ask()
else:
    if settings.cache == "off":
        st.warning(t("ROUNDTABLE_CACHE is off: nothing of this list is used."), icon=":material/warning:")
    st.caption(
        t(
            "Whoever asks one of these alone, in nearly these words (case, spaces, width of letters and the last "
            "punctuation do not matter), gets the answer approved for the same model and settings, marked as such. "
            "The first who asks lets it be made, unless they use a key of their own; nobody else gets it before you "
            "approve it. “Answer again” always asks."
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
        st.caption(t("The list cannot be read now."))
