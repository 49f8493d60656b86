"""Below the form of a batch: how many rows are sent with placeholders, as nobody can be asked about each, and which may
try to instruct the model.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from ...safety.rows import RowFindings
from .. import session
from ..answer import hints
from ..text import sentences, t, tn, whole

SHOWN = 5


def draw(rows: RowFindings, models: Sequence[str], *, sent: Collection[int] = (), system: str = "") -> None:
    """`sent`: the rows whose personal data goes out as it is because a person said so; `system`: of all rows."""
    masked = [*_of_secrets(rows, system), *_of_personal_data(rows, models, sent)]
    if masked:
        st.caption(f":material/shield: {sentences(*masked)}")
    numbers = sorted({number for of_hint in rows.hints.values() for number in of_hint})
    if numbers:
        rows_named, kinds = _listed(numbers), hints.listed(rows.hints)
        hints.label(
            t("Row {numbers} may try to instruct the model: {what}", numbers=rows_named, what=kinds)
            if len(numbers) == 1
            else t("Rows {numbers} may try to instruct the model: {what}", numbers=rows_named, what=kinds)
        )


def _of_secrets(rows: RowFindings, system: str) -> list[str]:
    if session.engine().settings.secrets == "allow":
        return []
    parts = []
    if number := len(rows.secrets):
        parts.append(
            tn(
                "{number} row contains a secret; it is sent with placeholders.",
                "{number} rows contain secrets; they are sent with placeholders.",
                number,
            )
        )
    if system and session.person().outgoing.of_rows([(system,)]).secrets:
        parts.append(t("The system prompt contains a secret; it is sent with placeholders."))
    return parts


def _of_personal_data(rows: RowFindings, models: Sequence[str], sent: Collection[int]) -> list[str]:
    options, outgoing = session.engine().settings, session.person().outgoing
    if options.personal_data == "allow" or all(map(outgoing.takes_personal_data, models)):
        return []
    as_written = [number for number in rows.personal if number in sent and options.personal_data == "warn"]
    parts = (
        (len(rows.personal) - len(as_written), t("models that may be trained on it get placeholders.")),
        (len(as_written), t("it is sent as written.")),
    )
    return [
        f"{tn('{number} row contains personal data;', '{number} rows contain personal data;', number)} {then}"
        for number, then in parts
        if number
    ]


def _listed(numbers: Sequence[int]) -> str:
    """`3, 7, 12 + 40 more`."""
    first = t(", ").join(map(whole, numbers[:SHOWN]))
    rest = len(numbers) - SHOWN
    return f"{first} {tn('+ {number} more', '+ {number} more', rest)}" if rest > 0 else first
