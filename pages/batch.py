"""Batch: many prompts to several models in one job."""

import streamlit as st

from core.ui import layout
from core.ui.base import lasting
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.batch import board, form, library, moving, rehearsal_results, results, source
from core.ui.text import plain, t

layout.open_page("batch")
batch = board.current()

about = "" if batch else t("Run many prompts on several models. It continues when you leave the page.")
with head(plain(batch.name) if batch else t("Batch"), about):
    if batch:
        st.button(
            t("All batches"), icon=":material/arrow_back:", type="tertiary", key="batch-leave", on_click=board.leave
        )
    else:
        library.button()
show_flash()

source.keep_typed(shown=batch is None)
if batch is None:
    lasting.note()
    form.form()
    board.listing()
else:
    with st.container(key="batch-wide"):
        board.board(batch)
        if batch.rehearsal:
            rehearsal_results.draw(batch)
            moving.panel(batch.rehearsal.model_id, batch.model_ids)
        else:
            results.results(batch)
