"""The fields of the answers of a batch: a column each in the table, and a row's fields beside what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ...batch import expected_fields, form_check
from ...records import Completion, Finish, Timing
from ...schemas.fields import MISSING
from ...views.batches import Batch, BatchRow, Item
from ...views.conversation import GenerationSettings
from ..answer import structured
from ..text import plain, t
from . import form_words, words

ANSWER_CHARS = 20_000  # of an answer whose fields are read for a page of the table
CELL = 160


def names(batch: Batch) -> tuple[str, ...]:
    return expected_fields.shown(batch)


def cells(batch: Batch, place: int, item: Item | None) -> dict[str, object]:
    """The fields of an answer, and of one that is checked whether it fits; empty where there are none."""
    fields = names(batch)
    of_answer: dict[str, object] = {f"m{place}-{number}": "" for number in range(len(fields))}
    if item is None or not is_formed(item):
        return of_answer
    of_answer[f"m{place}"] = words.cut(form_words.status(item), CELL)
    if item.form not in ("valid", "invalid"):
        return of_answer
    values, marks = form_check.values(item, fields), form_check.marked(item, batch.fields)
    for number, name in enumerate(fields):
        is_cut = not values and len(item.text) >= ANSWER_CHARS
        text = "…" if is_cut else form_words.cell(values.get(name, MISSING), marks.get(name))
        of_answer[f"m{place}-{number}"] = words.cut(text, CELL)
    return of_answer


def widths(batch: Batch, place: int, label: str) -> dict[str, Any]:
    """The columns of a model; with several models a field's column names the model too."""
    text = st.column_config.TextColumn
    several = len(batch.model_ids) > 1
    model = f" · {words.distinct_names(batch.model_ids)[place]}" if several else ""
    fields = {f"m{place}-{number}": text(f"{name}{model}", width=130) for number, name in enumerate(names(batch))}
    return {f"m{place}": text(label, width=180), **fields}


def is_formed(item: Item) -> bool:
    return item.state == "done" and item.form is not None


def draw_answer(batch: Batch, line: BatchRow, item: Item, name: str) -> bool:
    """An answer in its form, as in Chat, with its fields beside what was expected. False: it has no form."""
    setup = line.setup or {}
    form = batch.form or GenerationSettings.of("", setup.get("settings", {})).form()
    if form is None or not is_formed(item) or not item.text.strip():
        return False
    completion = Completion(
        batch.model_ids[item.place],
        item.text,
        "",
        None,
        Finish("stop"),
        Timing(batch.created_at),
        response_format=form,
    )
    structured.draw(st.container(gap="small"), completion, name)
    if item.repaired:
        st.caption(t("In the results it counts as repaired: without {what}.", what=form_words.repaired(item)))
    if line.expected_fields:
        _compared(form_check.values(item, list(line.expected_fields)), form_check.marked(item, batch.fields), line)
    return True


def _compared(values: dict[str, Any], marks: dict[str, bool], line: BatchRow) -> None:
    head = [t("Field"), t("Answer"), t("Expected answer")]
    rows = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for name, expected in line.expected_fields.items():
        cell = form_words.cell(values.get(name, MISSING), marks.get(name))
        rows.append(f"| {' | '.join(_cells((name, cell, expected)))} |")
    st.markdown("\n".join(rows))


def _cells(texts: Sequence[str]) -> list[str]:
    return [plain(words.cut(text, CELL)).replace("|", "\\|") or " " for text in texts]
