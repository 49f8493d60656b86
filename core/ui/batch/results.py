"""The answers of a batch: a table by pages, filters, one row in full, and downloads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from ...batch.files import Form
from ...routing.served import is_quantised
from ...store import NotFound, StoreError
from ...views.batches import Batch, BatchRow, Item, Which
from .. import attached_files, session
from ..answer import hints, painter, served
from ..answer.typed import typed
from ..base.time_zone import zone
from ..compare.analysis.agreement import percent
from ..failures import own_messages
from ..text import language, plain, seconds, t
from . import field_columns, form_words, old_answer, words

ROWS, EVERY_S, CELL = 25, 4.0, 160
SIGNS = re.compile(r"[*_`#]{1,3}")
MARKS = {True: "✓ ", False: "✗ ", None: ""}


def results(batch: Batch) -> None:
    """The table with filters and downloads, refreshed by a timer while the batch runs."""
    live = batch.state == "running"
    st.fragment(_results, run_every=EVERY_S if live else None)(batch)


def _results(batch: Batch) -> None:
    try:
        which = _which(batch)
        number = session.person().batches.number(batch.id, which)
        _page(batch, which, number)
    except NotFound:
        st.rerun()  # the page says that it is gone
    except StoreError:
        st.caption(t("The answers cannot be loaded right now. Nothing is lost."))


def _which(batch: Batch) -> Which:
    kinds = {"all": t("All rows"), "answered": t("Answered"), "failed": t("Failed")}
    if batch.rule:
        kinds["wrong"] = t("Wrong")
    if batch.form or batch.rehearsal:
        kinds["misfit"] = t("Not valid")
    if batch.fields:
        kinds["wrong_field"] = t("Wrong field")
    if batch.rehearsal:
        kinds["clashing"] = t("Contradicting")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="batch-which-row"):
        chosen: Any = st.segmented_control(
            t("Show"),
            list(kinds),
            default="all",
            required=True,
            format_func=kinds.__getitem__,
            key="batch-which",
            label_visibility="collapsed",
        )
        if field_columns.names(batch):
            labels = {"fields": t("Fields"), "answers": t("Whole answers")}
            st.segmented_control(
                t("Columns"),
                list(labels),
                default="fields",
                required=True,
                format_func=labels.__getitem__,
                key="batch-columns",
                label_visibility="collapsed",
            )
        st.space("stretch")
        _downloads(batch)
    which: Which = chosen
    return which


def _downloads(batch: Batch) -> None:
    """Downloads of the whole batch, generated on click."""
    batches = session.person().batches
    reader_zone, reader_language = zone(), language()  # the file is made later, beside the page

    def say(item: Item) -> str:
        return own_messages.translated(item.error, item.origin, reader_zone, reads=reader_language) or item.error_kind

    def making(form: Form) -> Callable[[], bytes]:
        return lambda: batches.download(batch.id, form, say)

    name = "".join(sign if sign.isalnum() else "-" for sign in batch.name).strip("-")[:60] or "batch"
    notes: dict[Form, str] = {
        "csv": t("In the CSV, cells that a spreadsheet would run as a formula start with an apostrophe."),
        "jsonl": t("Unchanged text, one row per line."),
    }
    media: dict[Form, str] = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
    for form, note in notes.items():
        st.download_button(
            form.upper(),
            making(form),
            file_name=f"{name}.{form}",
            mime=media[form],
            icon=":material/download:",
            key=f"batch-{form}",
            help=note,
            on_click="ignore",
        )
    st.download_button(
        t("Summary"),
        lambda: batches.summary(batch.id),
        file_name=f"{name}-summary.csv",
        mime="text/csv",
        icon=":material/download:",
        key="batch-summary",
        help=t("The results by model as CSV: shares with their intervals, times, tokens and costs."),
        on_click="ignore",
    )


def _page(batch: Batch, which: Which, number: int) -> None:
    pages = max(-(-number // ROWS), 1)
    page_number = min(int(st.session_state.get(f"batch-page-{which}", 1)), pages)
    by_field = bool(field_columns.names(batch)) and st.session_state.get("batch-columns") != "answers"
    lines = session.person().batches.page(
        batch.id,
        which,
        first=(page_number - 1) * ROWS,
        most=ROWS,
        **({"answer_chars": field_columns.ANSWER_CHARS} if by_field else {}),
    )
    if not lines:
        session.person().batches.get(batch.id)  # which another tab may have deleted
        st.caption(t("No such row."))
        return
    table, widths = [_cells(batch, line, by_field) for line in lines], _widths(batch, by_field)
    chosen = st.dataframe(
        table,
        hide_index=True,
        row_height=38,
        column_config=widths,
        column_order=[key for key in widths if any(key in cells for cells in table)],
        on_select="rerun",
        selection_mode="single-row",
        key=f"batch-table-{batch.id}-{which}-{page_number}",
    )
    if pages > 1:
        st.pagination(pages, key=f"batch-page-{which}")
    picked = chosen["selection"]["rows"]
    if picked and picked[0] < len(lines):
        _full_row(batch, lines[picked[0]].n)
    else:
        st.caption(t("Select a row at its left edge to read it in full."))


def _cells(batch: Batch, line: BatchRow, by_field: bool) -> dict[str, object]:
    cells: dict[str, object] = {"n": line.n, "prompt": _cut(line.prompt)}
    if batch.has_files:
        cells["files"] = _cut("; ".join(file.name for file in line.files))
    if batch.rule:
        cells["expected"] = _cut(line.expected or "")
    if batch.rehearsal:
        cells["old"] = _cut(SIGNS.sub("", line.reference or ""))
    for place, model_id in enumerate(batch.model_ids):
        item = line.items.get(place)
        cells[f"m{place}"] = _cell_text(item, model_id) if item else ""
        if by_field:
            cells |= field_columns.cells(batch, place, item)
        if item and (answerer := _answerer(model_id, item)):
            cells[f"s{place}"] = answerer.replace("\\", "")
    return cells


def _cell_text(item: Item, model_id: str) -> str:
    """The beginning of an answer with its mark, or its state."""
    match item.state:
        case "waiting":
            return "…"
        case "asking":
            return t("in progress")
        case "done":
            text = item.text
            if _simulated(model_id) and text.startswith("*"):  # its first line says so, as the head of the column does
                text = text.partition("\n")[2]
            if why := form_words.reason(item):
                text = f"[{why}] {text}"
            return MARKS[item.passed] + _alike(item) + _cut(text if item.form else SIGNS.sub("", text))
        case "skipped":
            return f"— {t('skipped')}"
    sentence = words.failed(model_id, item.error_kind, has_part=bool(item.text.strip())).replace("\\", "")
    return f"! {_cut(sentence or own_messages.translated(item.error, item.origin, zone()) or item.error_kind)}"


def _alike(item: Item) -> str:
    """How much an answer has in common with the old one, before its beginning."""
    if item.likeness is None:
        return ""
    return f"{percent(item.likeness)}{' ≠' if item.clashes else ''} · "


def _simulated(model_id: str) -> bool:
    provider = session.engine().catalog.providers.get(model_id.partition("/")[0])
    return provider is not None and provider.simulated


def _cut(text: str) -> str:
    return words.cut(text, CELL)


def _widths(batch: Batch, by_field: bool) -> dict[str, Any]:
    text = st.column_config.TextColumn
    columns: dict[str, Any] = {
        "n": st.column_config.NumberColumn("#", width=50),
        "prompt": text(t("Prompt"), width=230),
    }
    if batch.has_files:
        columns["files"] = text(t("Files"), width=140)
    if batch.rule:
        columns["expected"] = text(t("Expected answer"), width=120)
    if batch.rehearsal:
        columns["old"] = text(t("Old answer"), width=230)
    for place, model_id in enumerate(batch.model_ids):
        name = f"{model_id} ({t('simulated')})" if _simulated(model_id) else model_id
        own = field_columns.widths(batch, place, name) if by_field else {f"m{place}": text(name, width=260)}
        columns |= {**own, f"s{place}": text(t("answered by"), width=160)}
    return columns


def _full_row(batch: Batch, n: int) -> None:
    """One row with its complete answers."""
    line = session.person().batches.line(batch.id, n)
    with st.container(border=True, key="batch-row-whole"):
        with st.chat_message("user"):
            attached_files.draw(line.files, f"{batch.id}-{n}")
            typed(st.container(gap="small"), line.prompt)
            hints.draw_text(f"{batch.id}-{n}", line.prompt)
        if line.expected:
            st.caption(t("Expected: {text}", text=plain(line.expected)))
        if batch.rehearsal and line.reference:
            above = len((line.setup or {}).get("above", ()))
            old_answer.draw(batch.rehearsal.model_id, line.reference, above, line.old)
        for place in range(len(batch.model_ids)):
            item = line.items.get(place)
            if item:
                _answer(batch, line, item)
                if line.reference and item.clashes:
                    old_answer.contradictions(line.reference, item.text)


def _answerer(model_id: str, item: Item) -> str:
    """Who answered instead of the model that was asked, or as which build of it; "" where nobody did."""
    if (name := item.response_model) and is_quantised(item.served_model_id or model_id, name):
        return plain(name)
    return served.answerer(model_id, item.served_model_id, item.served_by)


def _answer(batch: Batch, line: BatchRow, item: Item) -> None:
    model_id = batch.model_ids[item.place]
    answerer = _answerer(model_id, item)
    by = f" · {t('answered by')} {answerer}" if answerer else ""
    st.markdown(f"{words.name_of(model_id)}{by} {_facts(item)}")
    if item.state == "failed":
        error_text = plain(own_messages.translated(item.error, item.origin, zone()))
        has_part = bool(item.text.strip())
        st.warning(words.failed(model_id, item.error_kind, has_part=has_part) or error_text, icon=":material/error:")
        st.caption(error_text)
    elif item.state == "skipped":
        reason = words.failed(model_id, item.error_kind)
        st.caption(f"{t('skipped')}: {reason}" if reason else t("skipped"))
    elif item.state in ("waiting", "asking"):
        st.caption(t("No answer yet."))
    name = f"result-{item.place}"
    if not field_columns.draw_answer(batch, line, item, name) and item.text:
        painter.draw(st.container(gap="small"), item.text, name)


def _facts(item: Item) -> str:
    marks = []
    if item.passed is not None:
        marks.append(f":green-badge[✓ {t('as expected')}]" if item.passed else f":red-badge[✗ {t('not as expected')}]")
    if item.likeness is not None:
        marks.append(f":gray-badge[{t('{share} alike', share=percent(item.likeness))}]")
    if item.again:
        marks.append(f":orange-badge[{t('retried after a restart')}]")
    if item.finish == "length":
        marks.append(f":orange-badge[{t('length limit reached')}]")
    if item.total_ms is not None:
        marks.append(f":gray[{seconds(item.total_ms)}]")
    return " ".join(marks)
