"""A model writes one answer out of all of them; it streams, stops and is kept like any other answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.ui import here
from core.ui.answer.view import View
from core.ui.asking.follow import Watch
from core.ui.base.buttons import copy_button, icon_button
from core.ui.compare.analysis import actions, asking
from core.ui.compare.analysis.answers import Panel
from core.ui.models.marks import who
from core.ui.text import t

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.desk.verdicts import Opinion
    from core.records import Completion


def draw(panel: Panel) -> list[Watch]:
    """The offer, then what was merged, the newest first; the watches of those still written."""
    found = actions.opinions(panel, "merge")
    st.caption(
        t(
            "A model reads the answers as A, B, C in a chance order, without names, and writes one answer out of them."
            " It is kept with this comparison."
        )
    )
    asking.offer(panel, "merge", busy=any(opinion.sheet.running() for opinion in found))
    return _all(panel, found)


def said(panel: Panel) -> None:
    """What was merged in an earlier turn."""
    _all(panel, actions.opinions(panel, "merge"))


def _all(panel: Panel, found: Sequence[Opinion]) -> list[Watch]:
    watches = []
    for number, opinion in enumerate(found):
        if number:
            st.divider()
        watches += _opinion(panel, opinion, f"merge-{number}-{panel.name}")
    return watches


def _opinion(panel: Panel, opinion: Opinion, name: str) -> list[Watch]:
    turn = opinion.turn
    if turn is None:
        return []
    speaker = who(opinion.model_id, here.engine().catalog.providers)
    merged = ", ".join(answer.face.label for answer in panel.answers if answer.turn.answer_id in opinion.answers)
    st.markdown(t("{model} merged {columns}", model=f"{speaker.mark} **{speaker.model_name}**", columns=merged))
    status: DeltaGenerator | None = None
    if turn.completion is None:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{name}-state"):
            status = st.empty()
            status.caption(f":shimmer[{t('Sent')}]")
            icon_button("stop_circle", t("Stop"), f"{name}-stop", actions.stop, turn)
    view = View(st.container(gap="small"), speaker, name, status)
    if turn.completion is None:
        return [Watch(turn, view.show)]

    def buttons(place: DeltaGenerator, completion: Completion) -> None:
        with place:
            copy_button(completion.text, name)
            if not panel.earlier:
                icon_button("refresh", t("Merge again"), f"again-{name}", actions.again, panel, opinion)
            if completion.text.strip() and st.button(
                t("Open in Chat"), icon=":material/chat_bubble:", key=f"chat-{name}", type="tertiary"
            ):
                actions.open_in_chat(panel, opinion)

    retry = None if panel.earlier else lambda: actions.again(panel, opinion)
    view.finish(turn.completion, buttons, retry, state=turn.state)
    return []
