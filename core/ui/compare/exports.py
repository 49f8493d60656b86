"""Exports of a comparison, generated on click."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from ...report import answer_html, tables
from ...report.columns import ReportColumn, Words
from ...report.files import ReportFiles, wanted
from ...report.page import page
from ...views.comparison import Comparison
from .. import session
from ..answer import data_block, diagram_pictures
from ..base.lazy_popover import lazy_popover
from ..history.files import file_name
from ..text import language, t
from . import labels
from .analysis import assessments
from .board import Board, ColumnSlot


def popover(board: Board) -> None:
    """A popover with four download buttons; nothing before the first question."""
    if board.run:
        lazy_popover(t("Export"), _buttons, board, board.run, icon="download", key="export", tip=t("Export"))


def _buttons(board: Board, run: Comparison) -> None:
    diagrams = diagram_pictures.drawn(list(answer_html.diagrams(_answers(run))), "file-diagrams")
    for name, label, ending, media_type, make in _forms(board, run, diagrams or {}):
        st.download_button(
            label,
            make,
            file_name=f"{file_name(run.title)}.{ending}",
            mime=media_type,
            icon=":material/download:",
            key=f"file-{name}",
            on_click="ignore",
            width="stretch",
            disabled=name == "html" and diagrams is None,
        )
    if diagrams is None:
        st.caption(f":shimmer[{t('Drawing the diagrams of the HTML page')}]")


def _answers(run: Comparison) -> list[str]:
    turns = (turn for lane in (*run.lanes, *run.removed) for turn in lane.turns)
    return [turn.completion.text for turn in turns if turn.completion]


def _forms(
    board: Board, run: Comparison, diagrams: Mapping[str, str]
) -> list[tuple[str, str, str, str, Callable[[], bytes]]]:
    columns, words, reader = _columns(board), _words(), language()
    context = assessments.ComparisonContext(
        session.person(), run, {column.lane_id: column.label for column in columns}, _namer()
    )

    def markdown() -> bytes:
        return tables.markdown(run, columns, words, assessments.assessments(context)).encode("utf-8", "replace")

    def table() -> bytes:
        return tables.table(run, columns, assessments.assessments(context)).encode("utf-8", "replace")

    def whole() -> bytes:
        files = ReportFiles(context.person.comparisons.files(run))
        return tables.whole(run, columns, assessments.assessments(context), files).encode("utf-8", "replace")

    def html() -> bytes:
        read = context.person.files.read
        data_of = {sha256: data for sha256 in wanted(run) if (data := read(sha256))}
        files = ReportFiles(context.person.comparisons.files(run), data_of, diagrams)
        written = page(run, columns, words, reader, assessments.assessments(context), files)
        return written.encode("utf-8", "replace")

    return [
        ("markdown", t("Markdown table"), "md", "text/markdown", markdown),
        ("csv", "CSV", "csv", "text/csv", table),
        ("json", "JSON", "json", "application/json", whole),
        ("html", t("HTML page"), "html", "text/html", html),
    ]


def _columns(board: Board) -> list[ReportColumn]:
    """The columns with the page's labels: what the page hides, a file hides too."""
    columns = []
    for slot in board.places:
        column_label = labels.label_of(board, slot)
        models = _models(slot) if column_label.named else None
        columns.append(
            ReportColumn(slot.lane.id if slot.lane else "", _label(column_label), models, column_label.figures)
        )
    return columns


def _label(column_label: labels.ColumnLabel) -> str:
    return f"{column_label.letter} · {column_label.speaker.model.name}" if column_label.named else column_label.letter


def _models(slot: ColumnSlot) -> dict[str, str]:
    """Names of the models that were asked, and of those that answered, in a column."""
    name_of, turns = _namer(), slot.lane.turns if slot.lane else ()
    return {model_id: name_of(model_id) for turn in turns for model_id in (turn.model_id, turn.answered_by)}


def _namer() -> Callable[[str], str]:
    """Returns a function that names a model, usable after the page run too."""
    providers = session.engine().catalog.providers

    def name_of(model_id: str) -> str:
        provider_id, _, name = model_id.partition("/")
        return f"{providers[provider_id].label if provider_id in providers else provider_id} · {name}"

    return name_of


def _words() -> Words:
    return Words(
        turn=t("Turn"),
        went_on=t("All continued from"),
        not_asked=t("Not asked in this turn"),
        answered_by=t("answered by"),
        vote=t("Vote"),
        tie=t("Tie"),
        all_bad=t("All bad"),
        judged=t("Judged by"),
        merged=t("Merged by"),
        criteria=f"{t('Correctness')} · {t('Completeness')} · {t('Clarity')}",
        diagram=t("Diagram"),
        code=t("Code"),
        column=data_block.unnamed(),
        back=t("Back to the text"),
        all_lines=t("Show all {number} lines", number="{number}"),
        part=t(
            "The first {shown} of {number} rows. The code has them all.",
            shown="{shown}",
            number="{number}",
        ),
        pages=t("pages {pages}", pages="{pages}"),
        states={
            "stopped": t("Stopped"),
            "failed": t("Failed"),
            "interrupted": t("Interrupted"),
            "running": t("Still answering"),
            "scheduled": t("Waiting"),
        },
    )
