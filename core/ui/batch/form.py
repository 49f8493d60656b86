"""The form for a new batch: prompts, columns, models, rule, price, start."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from ...errors import BlockedInput
from ...insight.expected import Rule
from ...store import StoreError
from ...views.batches import BatchPlan
from .. import session
from ..base.flash import blocked, flash
from ..base.time_zone import zone
from ..chat import unsaved_fields
from ..chat.settings import settings
from ..models.choices import all_options
from ..models.names import label
from ..text import t, tn
from . import columns, draft, source, words
from .draft import Checked, Draft
from .source import MODELS, PASTED, SOURCE

MOST_MODELS = 8


def form() -> None:
    """The form; each part appears when the ones before are valid."""
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
    checked = draft.check(held_draft, prompt_column, expected_column, rule, str(draft.generation().get("system") or ""))
    columns.preview(held_draft.table, prompt_column, expected_column, checked)
    if not checked.sound:
        return
    models = _models()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="batch-ways"):
        when_spent: str = st.segmented_control(
            t("When a model's quota is used up"),
            ["wait", "skip"],
            default="wait",
            required=True,
            format_func=lambda option: t("Wait for the reset") if option == "wait" else t("Skip its remaining rows"),
            key="batch-when-spent",
        )
        settings(draft.generation(), "batch", draft.wish)
    if models:
        _price(models, checked, when_spent)
    _start(held_draft, checked, models, rule if expected_column else None, when_spent)


def _models() -> list[str]:
    options = all_options(session.engine(), session.keys(), session.listed_models(), session.running_servers())
    choices = [option for option in options if option.ready]
    labels = {option.model.id: f"{option.model.name} · {label(option.provider)}" for option in choices}
    chosen_before = [name for name in st.session_state.get(MODELS, ()) if name in labels]
    if MODELS in st.session_state:
        st.session_state[MODELS] = chosen_before
    else:
        st.session_state[MODELS] = [session.default_model()] if session.default_model() in labels else []
    chosen: list[str] = st.multiselect(
        t("Models"),
        list(labels),
        format_func=labels.__getitem__,
        max_selections=MOST_MODELS,
        placeholder=t("Choose up to eight"),
        key=MODELS,
        persist_state="session",
    )
    return chosen


def _price(models: Sequence[str], checked: Checked, when_spent: str) -> None:
    """The price, a line per model."""
    limit: Any = draft.generation().get("max_output_tokens")
    try:
        fits = session.person().batches.fits(models, len(checked.prompts), checked.tokens, limit)
    except StoreError:
        st.caption(t("The remaining quota cannot be loaded right now."))
        return
    now = datetime.now(UTC)
    with st.container(key="batch-price", gap="xxsmall"):
        for fit in fits:
            st.caption(words.fit(fit, when_spent, now, zone()))
        if total := words.total(fits):
            st.caption(total)


def _start(held_draft: Draft, checked: Checked, models: Sequence[str], rule: Rule | None, when_spent: str) -> None:
    calls = len(checked.prompts) * len(models)
    st.button(
        tn("Start: {number} call", "Start: {number} calls", calls),
        type="primary",
        icon=":material/play_arrow:",
        key="batch-start",
        disabled=not models,
        on_click=_begin,
        args=(draft.nonce(), held_draft.name, checked, tuple(models), rule, when_spent),
    )


def _begin(
    nonce: str, name: str, checked: Checked, models: Sequence[str], rule: Rule | None, when_spent: str
) -> None:  # fmt: skip
    """Create the batch and open it; `nonce` makes a second click do nothing."""
    generation = {field: value for field, value in draft.generation().items() if value is not None}
    batches = session.person().batches
    plan = BatchPlan(
        name=name,
        model_ids=models,
        prompts=checked.prompts,
        system=str(generation.pop("system", "") or ""),
        settings=generation,
        rule=rule.plain() if rule else None,
        when_spent=when_spent,
        pasted=batches.pasted(models),
    )
    try:
        batch_id = batches.start(nonce, plan)
    except BlockedInput as error:
        flash(blocked(error), warning=True)
        return
    except StoreError:
        flash(t("Not started: nothing can be saved right now. Try again when the database is back."), warning=True)
        return
    draft.renew()
    if not st.session_state.pop("batch-example", None) and st.session_state.get(SOURCE) == "paste":
        unsaved_fields.used(PASTED)
    st.query_params["batch"] = batch_id
