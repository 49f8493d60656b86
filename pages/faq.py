"""Questions that are answered alike for everybody, from the cache: for the administrator alone."""

import streamlit as st

from core.store import StoreError
from core.ui import frame, here, runtime
from core.ui.admin import door, questions
from core.ui.asking.state import said
from core.ui.text import t

frame.open_page("faq")
with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
    st.markdown(f"**{t('Questions for everybody')}**", width="content")
    st.caption(t("Answered once, then from the cache for whoever asks."), width="stretch")
    if door.is_open():
        st.button(t("Close"), icon=":material/lock:", type="tertiary", key="admin-leave", on_click=door.leave)
said()

settings = here.engine().settings
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
            "punctuation do not matter), gets the answer kept for the same model and settings, marked as such; the "
            "first who asks it lets it be made. “Answer again” always asks."
        )
    )
    questions.undo()
    questions.add()
    try:
        questions.listing(runtime.get().desk.reuse.questions())
    except StoreError:
        st.caption(t("The list cannot be read now."))
