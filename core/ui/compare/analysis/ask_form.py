"""The form to ask a judge or merge model: the model, its price, and the button."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from ....records import Message
from ....views.comparison import Kind
from ...base.time_zone import zone
from ...picker import picker
from ...quota import price_line
from ...text import t
from . import actions
from .answers import Panel


def ask_form(panel: Panel, kind: Kind, *, busy: bool) -> None:
    """Draw the form; the button is disabled while one is running."""
    model_id = actions.model(panel, kind)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{kind}-offer"):
        picker(f"{kind}-model", model_id, lambda chosen: actions.choose(panel, kind, chosen))
        st.button(
            t("Judge answers") if kind == "judge" else t("Merge answers"),
            icon=":material/gavel:" if kind == "judge" else ":material/merge:",
            key=f"{kind}-ask",
            type="primary",
            disabled=busy or not model_id,
            on_click=actions.ask,
            args=(panel, kind, model_id),
        )
    if not model_id:
        st.caption(t("Some answers come from a private provider. Choose which model may read them."))
        return
    price = price_line.line([model_id], [Message("user", actions.prompt(panel, kind))], datetime.now(UTC), zone())
    st.caption(f"{t('One call')} · {price}")
    if kind == "judge" and not panel.named:
        st.caption(t("Whether the judge wrote one of the answers is shown after your vote."))
    elif kind == "judge" and any(answer.turn.model_id == model_id for answer in panel.answers):
        st.caption(f":orange[:material/warning:] {t('This model wrote one of the answers; the result will say so.')}")
