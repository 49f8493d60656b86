"""The newest result for each model, and what each host answered."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st

from ...insight.model_equality import QUESTIONS
from ...store import StoreError
from ...views.model_equality import CheckedHost, EqualityCheck
from .. import session
from ..models.names import label
from ..text import plain, t, tn
from . import words

QUESTION_PX = 200  # so that a phone shows a host beside it


def newest(model_ids: Iterable[str]) -> list[EqualityCheck]:
    """Of each family the newest check that includes one of these models, rather one with a result; [] before the
    database is open."""
    if not session.is_open():
        return []
    names = set(model_ids)
    by_family: dict[str, EqualityCheck] = {}
    with suppress(StoreError):
        for check in session.person().equality_checks.recent():
            is_better = check.family not in by_family or (check.has_result and not by_family[check.family].has_result)
            if is_better and any(host.model_id in names for host in check.hosts):
                by_family[check.family] = check
    return list(by_family.values())


def line(check: EqualityCheck) -> None:
    """The result in a line, and a button that shows the answers."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{words.model_name(check)}**{t(': ')}{words.summary(check, datetime.now(UTC))}", width="stretch")
        if st.button(t("Show answers"), icon=":material/table_rows:", type="tertiary", key=f"equality-{check.id}"):
            st.dialog(t("What each host answered"), width="large")(_answers)(check)


def _answers(check: EqualityCheck) -> None:
    """What each host answered, the questions that stayed different first."""
    for host in check.hosts:
        parts = [f"**{words.provider_name(host)}**{t(': ')}{words.verdict(host)}"]
        if host.compared:
            parts.append(
                t("{different} of {compared} stayed different", different=host.different, compared=host.compared)
            )
        parts.append(tn("{number} call", "{number} calls", host.calls))
        if host.repeated:
            parts.append(
                t("{varied} of {repeated} repeated answers changed", varied=host.varied, repeated=host.repeated)
            )
        if host.answered_by:
            parts.append(t("answered by {model}", model=plain(host.answered_by.partition("/")[2])))
        st.caption(" · ".join(parts))
    numbers = sorted(range(check.questions), key=lambda number: not _differs(check, number))
    columns = {t("Question"): [QUESTIONS[number] if number < len(QUESTIONS) else "" for number in numbers]}
    for host in check.hosts:
        answers = [*host.answers, *([] for _ in range(check.questions - len(host.answers)))]
        columns[_column(check, host)] = [", ".join(answers[number]) for number in numbers]
    widths = {t("Question"): st.column_config.TextColumn(width=QUESTION_PX)}
    st.dataframe(columns, hide_index=True, width="stretch", column_config=widths)
    st.caption(
        t("A difference can come from quantisation, a system prompt or another model. No difference is no proof.")
    )


def _differs(check: EqualityCheck, number: int) -> bool:
    heard = [set(host.answers[number]) for host in check.hosts if number < len(host.answers) and host.answers[number]]
    return bool(heard) and not set.intersection(*heard)


def _column(check: EqualityCheck, host: CheckedHost) -> str:
    """The provider's name, or the model's id where one provider is asked twice."""
    provider_id = host.model_id.partition("/")[0]
    is_alone = sum(other.model_id.startswith(f"{provider_id}/") for other in check.hosts) == 1
    provider = session.engine().catalog.providers.get(provider_id)
    return label(provider) if is_alone and provider else host.model_id
