"""Batches that wait until an administrator approves them: who, which models, how many calls, what they would take."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from ...views.batches import Approval, WaitingBatch
from .. import session
from ..admin import login
from ..base.flash import flash, store_errors_shown
from ..base.time_zone import zone
from ..text import count, day_and_clock, t, tn
from . import words


def listing(names_of_people: Callable[[], Mapping[str, str]]) -> None:
    """The waiting batches, the oldest first; nothing where none waits. The names are by id, as Markdown."""
    waiting = session.batch_approvals().waiting()
    if not waiting:
        return
    names = names_of_people()
    st.markdown(f"**{t('Batches that wait for approval')}**")
    for batch in waiting:
        _row(batch, names.get(batch.person_id) or t("Visitor {id}", id=f"`{batch.person_id[:8]}`"))


def _row(batch: WaitingBatch, name: str) -> None:
    with st.container(border=True, key=f"approval-{batch.id}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(name, width="stretch")
            st.caption(t("asked {when}", when=day_and_clock(batch.approval.asked_at, zone())), width="content")
        st.markdown(" · ".join(map(words.name_of, batch.model_ids)))
        st.caption(price(batch.approval))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(
                t("Reason"),
                key=f"reason-{batch.id}",
                max_chars=1000,
                placeholder=t("Reason, shown to the person (optional)"),
                label_visibility="collapsed",
            )
            for approved, label, icon in (
                (True, t("Approve"), ":material/check:"),
                (False, t("Decline"), ":material/block:"),
            ):
                st.button(
                    label,
                    icon=icon,
                    type="primary" if approved else "secondary",
                    key=f"{'approve' if approved else 'decline'}-{batch.id}",
                    on_click=_decide,
                    args=(batch.id, approved),
                )


def price(approval: Approval) -> str:
    """ "1,200 calls with the server's keys · ~40k→480k tok · about 0.12 USD"."""
    calls = tn("{number} call with the server's keys", "{number} calls with the server's keys", approval.calls)
    tokens = t("~{read}→{wrote} tok", read=count(approval.input_tokens), wrote=count(approval.output_tokens))
    return " · ".join((calls, tokens, _cost(approval)))


def _cost(approval: Approval) -> str:
    if not approval.cost_usd:
        return t("price unknown") if approval.unpriced else t("free")
    cost = words.money(approval.cost_usd)
    return t("more than {cost}", cost=cost) if approval.unpriced else t("about {cost}", cost=cost)


def _decide(batch_id: str, approved: bool) -> None:
    if not login.is_logged_in():
        return
    reason = str(st.session_state.get(f"reason-{batch_id}") or "")
    with store_errors_shown():
        approvals = session.batch_approvals()
        decide = approvals.approve if approved else approvals.decline
        if not decide(batch_id, reason, by=session.log_name()):
            flash(t("It does not wait any more: it was withdrawn, or another administrator decided."))
