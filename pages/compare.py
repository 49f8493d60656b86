"""One prompt to two to six models, side by side. The line-up and the run stand in the address."""

import streamlit as st

from core.ui import frame
from core.ui.answer import painter
from core.ui.answer.lanes import Lanes
from core.ui.asking import runs
from core.ui.asking.composer import composer
from core.ui.asking.settings import settings
from core.ui.asking.welcome import cards
from core.ui.text import t

frame.open_page("compare", wide=True)
models = runs.lineup()
run = runs.current()
if draft := st.session_state.pop("compare-draft", None):
    st.session_state[runs.ASK] = draft

with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
    st.markdown(f"**{t('Compare')}**", width="content")
    st.caption(t("One prompt to all; each sees only its own answer."), width="stretch")
    settings(runs.wishes(), "compare")
    if run:
        st.button(t("Clear"), icon=":material/delete_sweep:", type="tertiary", key="clear", on_click=runs.forget)
    st.button(
        t("Add a model"),
        icon=":material/add:",
        key="add",
        disabled=len(models) >= runs.MOST,
        on_click=runs.add,
    )

if run:
    with st.container(key="prompt"), st.chat_message("user"):
        painter.draw(st.container(gap="small"), run.prompt)

lanes = Lanes(models, run)
if run is None:
    st.space("small")
    cards(lambda question: runs.ask(models, question))
composer(
    t("Ask all of them"),
    key=runs.ASK,
    send=lambda prompt: runs.ask(models, prompt),
    stop=(lambda: runs.stop(run.running())) if run and lanes.views else None,
    stop_label=t("Stop all"),
)
if run and lanes.views:
    runs.follow(run, lanes.views, lanes.ended)
