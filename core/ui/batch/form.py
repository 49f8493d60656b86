"""The form for a new batch: prompts, columns, models, rule, price, start."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...batch.expected_fields import ExpectedFields
from ...context import estimate_tokens
from ...insight.expected import Rule
from ...views.batches import BatchPlan
from .. import default_model, session
from ..chat import unsaved_fields
from ..chat.settings import settings
from ..text import t
from . import columns, draft, form_notes, library, model_choice, rehearsal_form, row_files, row_findings, source, words
from .draft import Checked, Draft
from .source import MODELS, PASTED, SOURCE


def form() -> None:
    """The form; each part appears when the ones before are valid."""
    rehearsal_form.follow_link()
    if source.choose() == "own":
        rehearsal_form.form()
        return
    held_draft = source.hand_in()
    if held_draft is None:
        return
    if held_draft.wrong is not None or held_draft.table is None:
        if held_draft.wrong is not None:
            st.error(words.wrong(held_draft.wrong), icon=":material/error:")
            if held_draft.wrong.code == "encoding":
                source.encoding(held_draft)
        return
    prompt_column, expected_column, rule = columns.choose(held_draft, held_draft.table)
    files, may_start = row_files.choose(held_draft, held_draft.table, prompt_column)
    system = str(draft.generation().get("system") or "")
    library.show(held_draft.table, prompt_column)
    checked = draft.check(
        held_draft, prompt_column, expected_column, rule, system, library.chosen(), files.files if files else ()
    )
    columns.preview(held_draft.table, prompt_column, expected_column, checked)
    if not checked.sound or not may_start:
        return
    models = _models()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="batch-ways"):
        when_spent = model_choice.when_spent_choice()
        settings(draft.generation(), "batch", draft.wish, models=models)
    _findings(checked, models, system)
    row_files.warn(files.files if files else (), models)
    answer_form = form_notes.form_of(draft.generation())
    may_begin = form_notes.draw(held_draft.expected_fields, answer_form, models)
    if models:
        tokens = checked.tokens
        tokens += len(checked.prompts) * estimate_tokens(answer_form.schema_json) if answer_form else 0
        model_choice.price(models, len(checked.prompts), tokens, when_spent, draft.generation())
    if may_begin:
        _start(held_draft, checked, models, rule if expected_column else None, when_spent)


def _findings(checked: Checked, models: Sequence[str], system: str) -> None:
    rows = checked.findings
    sent = rows.personal if draft.generation().get("personal_data") == "send" else ()
    row_findings.draw(rows, models, sent=sent, system=system)


def _models() -> list[str]:
    labels = model_choice.ready_labels()
    chosen_before = [name for name in st.session_state.get(MODELS, ()) if name in labels]
    if MODELS in st.session_state:
        st.session_state[MODELS] = chosen_before
    else:
        st.session_state[MODELS] = [default_model.current()] if default_model.current() in labels else []
    chosen: list[str] = st.multiselect(
        t("Models"),
        list(labels),
        format_func=labels.__getitem__,
        max_selections=model_choice.MOST_MODELS,
        placeholder=t("Choose up to eight"),
        key=MODELS,
        persist_state="session",
    )
    return chosen


def _start(held_draft: Draft, checked: Checked, models: Sequence[str], rule: Rule | None, when_spent: str) -> None:
    calls = len(checked.prompts) * len(models)
    begins = (draft.nonce(), held_draft, checked, tuple(models), rule, when_spent)
    model_choice.start(calls, models, _begin, *begins)


def _begin(
    nonce: str, held_draft: Draft, checked: Checked, models: Sequence[str], rule: Rule | None, when_spent: str
) -> None:
    """Create the batch and open it; `nonce` makes a second click do nothing."""
    generation = {field: value for field, value in draft.generation().items() if value is not None}
    batches = session.person().batches
    has_form = form_notes.form_of(draft.generation()) is not None
    expected = held_draft.expected_fields if has_form else ExpectedFields()
    plan = BatchPlan(
        name=held_draft.name,
        model_ids=models,
        prompts=checked.prompts,
        system=str(generation.pop("system", "") or ""),
        settings=generation,
        rule=rule.plain() if rule else None,
        when_spent=when_spent,
        pasted=batches.pasted(models),
        files=checked.files,
        fields=expected.names,
        expected_fields=expected.rows,
    )
    if not model_choice.begin(nonce, plan):
        return
    draft.renew()
    if not st.session_state.pop("batch-example", None) and st.session_state.get(SOURCE) == "paste":
        unsaved_fields.used(PASTED)
