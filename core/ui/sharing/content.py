"""The turns of a shared chat or comparison, drawn as their owner's page draws them, without anything to press."""

from __future__ import annotations

import streamlit as st

from ...views.conversation import CONTINUE
from ...views.sharing import SharedContent, SharedReply, SharedTurn
from .. import session
from ..answer.typed import typed
from ..answer.view import AnswerView
from ..base.buttons import copy_button
from ..compare.columns import end_words, grid
from ..compare.labels import letter
from ..models.marks import Speaker, speaker_of
from ..text import t, tn
from . import files


def draw(shared: SharedContent, *, may_copy: bool) -> int | None:
    """All turns; returns the column that the reader wants to continue in a chat of their own, if they pressed that."""
    last = len(shared.turns) - 1
    for number, turn in enumerate(shared.turns):
        with st.container(gap="medium"):
            _question(shared, turn, number)
            if shared.kind == "chat":
                if turn.answers[0]:
                    with st.chat_message("assistant"):
                        _answer(shared, turn.answers[0], str(number), figures=True)
            else:
                _columns(shared, turn, "lanes" if number == last else f"lanes-{number}", number)
    return _continue(shared) if may_copy and not shared.blind else None


def _question(shared: SharedContent, turn: SharedTurn, number: int) -> None:
    row = st.container(horizontal=True, horizontal_alignment="right", key=f"asked-{number}")
    if turn.prompt == CONTINUE:
        row.caption(f":material/subdirectory_arrow_right: {t('Continued')}", width="content")
        return
    with row, st.chat_message("user", width="content"):
        if turn.prompt:
            typed(st.container(gap="small"), turn.prompt)
        files.draw(turn.files, shared.link_id, number)
        if turn.left_out:
            words = tn("{number} file is not shared", "{number} files are not shared", turn.left_out)
            st.caption(f":material/description: {words}")


def _columns(shared: SharedContent, turn: SharedTurn, name: str, number: int) -> None:
    cells = grid(len(shared.columns), name)
    for place, answer in enumerate(turn.answers):
        with cells.cell():
            model_id = answer.model_id if answer else shared.columns[place]
            speaker = _speaker(model_id, place)
            label = letter(place) if shared.blind else f"{letter(place)} {speaker.mark} {speaker.model_name}"
            won = turn.vote and turn.vote.column == place
            st.markdown(f"**{label}**" + (f" :green-badge[:material/check: {t('best answer')}]" if won else ""))
            if answer is None:
                st.caption(t("Not asked in this turn"))
                continue
            if answer.completion:
                st.caption(end_words(answer.completion, fastest=False, figures=not shared.blind))
            _answer(shared, answer, f"{number}-{place}", figures=not shared.blind, place=place)
    if turn.vote and turn.vote.column is None and turn.vote.outcome != "winner":
        words = t("Tie") if turn.vote.outcome == "tie" else t("All bad")
        st.caption(f":material/how_to_vote: {t('Vote')}: {words}")


def _answer(shared: SharedContent, answer: SharedReply, name: str, *, figures: bool, place: int = 0) -> None:
    completion = answer.completion
    if completion is None:
        st.caption(t("Waiting") if answer.state == "scheduled" else t("Still answering"))
        return
    if answer.state == "failed" and not completion.text.strip():
        st.caption(t("This model could not answer."))
        return
    speaker, source = _speaker(answer.model_id, place), files.source(shared.link_id)
    view = AnswerView(st.container(gap="small"), speaker, name, figures=figures, source=source)
    view.finish(completion, lambda spot, ended: _copy(spot, ended.text, name), state=answer.state)


def _copy(spot: st.delta_generator.DeltaGenerator, text: str, name: str) -> None:
    with spot:
        copy_button(text, name)


def _speaker(model_id: str, place: int) -> Speaker:
    return speaker_of(model_id or letter(place), session.engine().catalog.providers)


def _continue(shared: SharedContent) -> int | None:
    """The buttons below: one for a chat, one for each column that has an answer."""
    if shared.kind == "chat":
        words, columns = t("Continue in my own chat"), [0] if shared.turns else []
    else:
        words = ""
        columns = [place for place in range(len(shared.columns)) if any(turn.answers[place] for turn in shared.turns)]
        st.caption(t("Continue in my own chat"))
    wanted = None
    with st.container(horizontal=True, gap="xsmall", key="continue-own"):
        for place in columns:
            label = words or f"{letter(place)} · {_speaker(shared.columns[place], place).model_name}"
            if st.button(label, icon=":material/forum:", key=f"continue-{place}"):
                wanted = place
    return wanted
