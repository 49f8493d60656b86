"""The judge: a model scores the answers without knowing who wrote them; its JSON becomes a table with reasons."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ....insight.judging import HIGHEST, LETTERS, questions
from ....insight.judging.scores import ScoreRow, Scores, scores
from ....records import Completion
from ....safety.exact import exact
from ....views.comparison import Opinion
from ....views.conversation import Turn
from ...answer import painter
from ...answer.view import AnswerView, phase, underline
from ...chat.follow import AnswerFollower
from ...models.marks import Speaker
from ...text import t
from . import opinions
from .answer_labels import in_our_labels
from .answers import ColumnAnswer, Panel

NARROWEST_PX = 230


def draw(panel: Panel) -> list[AnswerFollower]:
    """Draw the form, then the judgements; returns the running ones."""
    intro = t(
        "A model reads the answers as A, B, C, in random order and without model names, and scores correctness, "
        "completeness and clarity from 1 to 10, each with a reason. This is a model's opinion, not a measurement."
    )
    return opinions.draw(panel, "judge", intro, _opinion)


def earlier(panel: Panel) -> None:
    """Judgements of an earlier turn."""
    opinions.earlier(panel, "judge", _opinion)


def _opinion(panel: Panel, opinion: Opinion, turn: Turn, speaker: Speaker, name: str) -> list[AnswerFollower]:
    st.markdown(t("Judged by {model}", model=f"{speaker.mark} **{speaker.model_name}** · {speaker.provider_name}"))
    if turn.completion is None:
        status = opinions.status(turn, name)
        return [AnswerFollower(turn, lambda progress: _show_status(status, phase(progress)))]
    _ended(panel, opinion, turn, turn.completion, speaker, name)
    return []


def _show_status(status: DeltaGenerator, words: str) -> None:
    status.caption(words)


def _ended(panel: Panel, opinion: Opinion, turn: Turn, completion: Completion, speaker: Speaker, name: str) -> None:
    """The scores, what went wrong, and the reply itself in an expander."""
    labels = questions.labels(turn.prompt, len(opinion.answers))
    read = scores(completion.text, labels, turn.prompt)
    if read.rows:
        _table(read, panel, opinion, name)
        _reasons(read, panel, opinion, name)
    if completion.text.strip():
        _fault(read, whole=completion.finish is not None and completion.finish.reason == "stop")
        with st.expander(t("The judge's full reply"), type="compact", expanded=False):
            letters = " · ".join(
                f"{label} = {_label(_answer(label[0], panel, opinion), panel, opinion)}" for label in labels
            )
            st.caption(t("What the judge calls {letters}", letters=letters))
            painter.draw(st.container(gap="small"), completion.text, name)
    if completion.error is not None or not completion.text.strip():
        view = AnswerView(st.container(gap="small"), speaker, name)
        view.finish(replace(completion, text=""), retry=opinions.retry(panel, opinion), state=turn.state)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"line-{name}"):
        underline(st.container(gap=None), completion, speaker, turn.state)
        opinions.again_button(t("Judge again"), panel, opinion, name)


def _fault(read: Scores, *, whole: bool) -> None:
    sentence = ""
    if read.fault == "no_form":
        sentence = t("The reply ended before any scores.")
        if whole:
            sentence = t("The judge's reply has the wrong format, so there are no scores.")
    elif read.fault == "incomplete":
        sentence = t("The reply is incomplete. Missing scores are shown as —.")
    if sentence:
        st.markdown(f":orange[:material/warning:] {sentence}")


def _ranked(read: Scores) -> list[ScoreRow]:
    """The best first, those without a total last."""
    return sorted(read.rows, key=lambda row: (row.total is None, -(row.total or 0.0)))


def _answer(letter: str, panel: Panel, opinion: Opinion) -> ColumnAnswer | None:
    """The answer that the judge saw under this letter."""
    answer_id = opinion.answers[LETTERS.index(letter)]
    return next((answer for answer in panel.answers if answer.turn.answer_id == answer_id), None)


def _label(answer: ColumnAnswer | None, panel: Panel, opinion: Opinion) -> str:
    if answer is None:
        return "—"
    is_own = panel.named and answer.turn.model_id == opinion.model_id
    return answer.column_label.label + (f" :orange-badge[{t('its own answer')}]" if is_own else "")


def _table(read: Scores, panel: Panel, opinion: Opinion, name: str) -> None:
    words = (t("Correctness"), t("Completeness"), t("Clarity"))
    lines = [f"| {t('Answer')} | {' | '.join(words)} | {t('Total')} |", "|:---|---:|---:|---:|---:|"]
    for row in _ranked(read):
        marks = [figure(mark.score) for mark in row.marks]
        total = f"**{figure(row.total)}**\u00a0/\u00a0{HIGHEST * len(row.marks)}"
        lines.append(
            f"| {_label(_answer(row.letter, panel, opinion), panel, opinion)} | {' | '.join(marks)} | {total} |"
        )
    with st.container(key=f"scores-{name}"):
        st.markdown("\n".join(lines))


def _reasons(read: Scores, panel: Panel, opinion: Opinion, name: str) -> None:
    words = (t("Correctness"), t("Completeness"), t("Clarity"))
    rows, letters = _ranked(read), _letters(panel, opinion)
    cells = st.grid(min(len(rows), 4), min_column_width=NARROWEST_PX, border=True, gap="small", key=f"reasons-{name}")
    for row in rows:
        with cells.cell():
            st.markdown(f"**{_label(_answer(row.letter, panel, opinion), panel, opinion)}**")
            for word, mark in zip(words, row.marks, strict=True):
                st.markdown(
                    f"**{figure(mark.score)}** {word}"
                    + (f" :gray[{exact(in_our_labels(mark.reason, letters))}]" if mark.reason else "")
                )


def _letters(panel: Panel, opinion: Opinion) -> list[str]:
    """The columns of the judge's A, B, C; "" for a removed column."""
    answers = [_answer(LETTERS[index], panel, opinion) for index in range(len(opinion.answers))]
    return [answer.letter if answer else "" for answer in answers]


def figure(score: float | None) -> str:
    """Such as 7 or 7.5; — for a missing score."""
    return "—" if score is None else f"{score:g}"
