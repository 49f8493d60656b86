"""What every form for a batch has: the models that can be asked, what happens without quota, the price, the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from ...errors import BlockedInput
from ...store import StoreError
from ...views.batches import BatchPlan
from .. import session
from ..base.flash import blocked, flash
from ..base.time_zone import zone
from ..chat.state import GenerationValues
from ..models.choices import all_options
from ..models.names import label
from ..quota import day
from ..text import t, tn
from . import approval, words

MOST_MODELS = 8


def ready_labels() -> dict[str, str]:
    """By id, a label of each model that can be asked now."""
    options = all_options(session.engine(), session.keys(), session.listed_models(), session.running_servers())
    return {option.model.id: f"{option.model.name} · {label(option.provider)}" for option in options if option.ready}


def when_spent_choice() -> str:
    chosen: str = st.segmented_control(
        t("When a model's quota is used up"),
        ["wait", "skip"],
        default="wait",
        required=True,
        format_func=lambda option: t("Wait for the reset") if option == "wait" else t("Skip its remaining rows"),
        key="batch-when-spent",
    )
    return chosen


def price(models: Sequence[str], rows: int, tokens: int, when_spent: str, generation: GenerationValues) -> None:
    """The price, a line per model. `tokens`: what all rows together send."""
    limit: Any = generation.get("max_output_tokens")
    effort: Any = generation.get("effort")
    try:
        batches = session.person().batches
        fits = batches.fits(models, rows, tokens, limit, effort)
        waits = batches.needs_approval(models, rows)  # an approved batch does not count against the day
        of_day = "" if waits else day.of_batch(models, rows, tokens, when_spent, datetime.now(UTC), zone())
    except StoreError:
        st.caption(t("The remaining quota cannot be loaded right now."))
        return
    now = datetime.now(UTC)
    with st.container(key="batch-price", gap="xxsmall"):
        for fit in fits:
            st.caption(words.fit(fit, when_spent, now, zone()))
        if total := words.total(fits):
            st.caption(total)
        if of_day:
            st.caption(of_day)


def start(calls: int, models: Sequence[str], begin_: Callable[..., None], *args: object) -> None:
    """The button that begins, with these arguments, or asks an administrator."""
    asks = approval.is_asked(models, calls)
    if asks:
        st.caption(f":material/approval: {approval.why()}")
    st.button(
        tn("Ask for approval: {number} call", "Ask for approval: {number} calls", calls)
        if asks
        else tn("Start: {number} call", "Start: {number} calls", calls),
        type="primary",
        icon=":material/send:" if asks else ":material/play_arrow:",
        key="batch-start",
        disabled=not calls,
        on_click=begin_,
        args=args,
    )


def begin(nonce: str, plan: BatchPlan) -> bool:
    """Create the batch and open it; False, with a message, where that is not possible. `nonce` makes a second click do
    nothing."""
    try:
        st.query_params["batch"] = session.person().batches.start(nonce, plan)
    except BlockedInput as error:
        flash(blocked(error), warning=True)
        return False
    except StoreError:
        flash(t("Not started: nothing can be saved right now. Try again when the database is back."), warning=True)
        return False
    return True
