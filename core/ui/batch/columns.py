"""Which columns of a batch hold what, how answers are checked, and the first rows as they will be asked."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import streamlit as st

from ...batch.table import Table
from ...insight.expected import Rule
from ..text import plain, t, tn, whole
from . import draft, words
from .draft import Checked, Draft
from .source import encoding

PREVIEW, CELL = 5, 90


def choose(held_draft: Draft, table: Table) -> tuple[str, str | None, Rule | None]:
    """The columns of prompt and expected answer, and the rule for checking."""
    if len(table.columns) < 2 and not table.delimiter:
        if not table.sure or held_draft.encoding:
            encoding(held_draft)
        return table.columns[0], None, None
    columns, number = list(table.columns), {name: position for position, name in enumerate(table.columns)}
    left, right = st.columns(2)
    prompt_column = left.selectbox(
        t("Prompt"),
        columns,
        index=number[table.prompt_column],
        format_func=_column,
        key=f"prompt-{held_draft.key}-{hash(table.columns)}",
    )
    guess = table.expected_column
    expected_column = right.selectbox(
        t("Expected answer"),
        columns,
        index=number[guess] if guess else None,
        format_func=_column,
        placeholder=t("None (answers are not checked)"),
        key=f"expected-{held_draft.key}-{hash(table.columns)}",
    )
    if not table.sure or held_draft.encoding:
        encoding(held_draft)
    if table.delimiter and not st.session_state.get("batch-example"):
        st.toggle(t("The first row is a header"), value=table.named, key=f"named-{draft.nonce()}")
    return prompt_column, expected_column, _rule(held_draft, table, expected_column) if expected_column else None


def _column(name: str) -> str:
    return t("Column {number}", number=name) if name.isdigit() else name


def _usual_rule(table: Table, expected_column: str) -> str:
    """Numbers are compared as numbers: 4 is no part of 14."""
    place = table.columns.index(expected_column)
    wanted = [row[place].strip() for row in table.rows if place < len(row) and row[place].strip()]
    return "number" if wanted and all(map(_is_number, wanted)) else "contains"


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.replace(",", "")).is_finite()
    except InvalidOperation:
        return False


def _rule(held_draft: Draft, table: Table, expected_column: str) -> Rule | None:
    guessed_for = f"{held_draft.key}-{expected_column}"
    if st.session_state.get("batch-rule-for") != guessed_for:
        st.session_state.update({"batch-rule-for": guessed_for, "batch-rule": _usual_rule(table, expected_column)})
    kinds = {
        "contains": t("contains it"),
        "equals": t("equals it"),
        "regex": t("matches the pattern"),
        "number": t("ends in the number"),
    }
    kind: Any = st.segmented_control(
        t("An answer is correct when it"),
        list(kinds),
        required=True,
        format_func=kinds.__getitem__,
        key="batch-rule",
    )
    if kind == "number":
        tolerance = st.number_input(
            t("Tolerance"), min_value=0.0, value=0.0, format="%g", key="batch-tolerance", width=180
        )
        st.caption(t("The last number in the answer is checked."))
        return draft.rule_of(kind, True, tolerance)
    exact = st.toggle(t("Case-sensitive"), key="batch-exact")
    if kind == "equals":
        st.caption(t("Spaces and a final period are ignored."))
    return draft.rule_of(kind, not exact, 0.0)


def preview(table: Table, prompt_column: str, expected_column: str | None, checked: Checked) -> None:
    if checked.wrong is not None:
        st.error(words.wrong(checked.wrong), icon=":material/error:")
        return
    if checked.faulty:
        st.error(words.faulty(*checked.faulty), icon=":material/error:")
        return
    facts = [tn("**{number}** prompt", "**{number}** prompts", len(checked.prompts))]
    if expected_column:
        facts.append(t("{number} with an expected answer", number=whole(checked.expecting)))
    signs = {",": t("comma"), ";": t("semicolon"), "\t": t("tab"), "|": t("vertical bar")}
    facts += [fact for fact in (table.encoding, signs.get(table.delimiter, "")) if fact]
    st.markdown(" · ".join(facts))
    head = [t("Prompt"), *([t("Expected answer")] if expected_column else [])]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for prompt, expected in checked.prompts[:PREVIEW]:
        cells = [prompt, *([expected or ""] if expected_column else [])]
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    with st.container(key="batch-preview"):
        st.markdown("\n".join(lines))
    if len(checked.prompts) > PREVIEW:
        st.caption(t("and {number} more", number=whole(len(checked.prompts) - PREVIEW)))


def _cell(text: str) -> str:
    return plain(text if len(text) <= CELL else text[: CELL - 1] + "…") or " "
