"""Above the box: the chosen model cannot see the pictures of this question or conversation, and one that can."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ...views.conversation import File, Turn
from ..models import sight
from ..text import sentences, t
from . import held_back

Choose = Callable[[str], None]
ASK = "ask"


def pictures(waiting: Sequence[File], turns: Sequence[Turn]) -> tuple[bool, bool]:
    """Whether pictures go with the next question, and whether there are some in the conversation."""
    now = any(file.is_picture for file in waiting)
    return now, any(file.media_type.startswith("image/") for turn in turns for file in turn.attached)


def draw(model_id: str, choose: Choose, *, now: bool, earlier: bool) -> None:
    """`now`: pictures go with the next question, which is not sent to a model that cannot see them; `earlier`: there
    are some in the conversation, which such a model is asked without."""
    sees = sight.sees(model_id)
    if not now or sees is not False:
        held_back.forget(ASK)
    if not (now or earlier):
        return
    if sees is True or (sees is None and not now):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="sight"):
        if sees is None:
            st.caption(f":material/image: {t('It is not known whether this model sees pictures.')}", width="content")
            return
        if now:
            reason(ASK, sight.sentence(model_id), ":material/hide_image:")
        else:
            left_out = t("It is asked without the pictures of this conversation.")
            st.caption(f":material/hide_image: {sight.sentence(model_id)} {left_out}", width="content")
        able = next(iter(sight.able()), None)
        if able is None:
            st.caption(t("None of the models that you can use is known to see them."), width="content")
            st.page_link("pages/providers.py", label=t("Open Providers"), icon=":material/key:")
            return
        st.button(
            t("Switch to {model}", model=sight.named(able)),
            icon=":material/swap_horiz:",
            key="sight-switch",
            type="primary" if now and held_back.is_noted(ASK) else "secondary",
            on_click=choose,
            args=(able.model.id,),
        )


def reason(box: str, words: str, icon: str) -> None:
    """Why the question cannot go, and that Enter has not sent it."""
    if held_back.is_noted(box):
        with st.container(width="content", key="sight-held"):
            st.warning(sentences(t("Not sent yet."), words), icon=icon)
    else:
        st.markdown(f":orange[{icon}] {words}", width="content")
