"""Above the box: the chosen model cannot see the pictures of this question or conversation, and one that can."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ...views.conversation import File, Turn
from ..models import sight
from ..text import t

Choose = Callable[[str], None]


def pictures(waiting: Sequence[File], turns: Sequence[Turn]) -> tuple[bool, bool]:
    """Whether pictures go with the next question, and whether there are some in the conversation."""
    now = any(file.is_picture for file in waiting)
    return now, any(file.media_type.startswith("image/") for turn in turns for file in turn.attached)


def draw(model_id: str, choose: Choose, *, now: bool, earlier: bool) -> None:
    """`now`: pictures go with the next question, which is not sent to a model that cannot see them; `earlier`: there
    are some in the conversation, which such a model is asked without."""
    if not (now or earlier):
        return
    sees = sight.sees(model_id)
    if sees is True or (sees is None and not now):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="sight"):
        if sees is None:
            st.caption(f":material/image: {t('It is not known whether this model sees pictures.')}", width="content")
            return
        if now:
            st.markdown(f":orange[:material/hide_image:] {sight.sentence(model_id)}", width="content")
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
            on_click=choose,
            args=(able.model.id,),
        )
