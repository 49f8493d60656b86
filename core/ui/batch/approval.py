"""A batch that an administrator has to approve, as its owner sees it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...store import StoreError
from ...views.batches import Batch
from .. import session
from ..admin import login
from ..text import plain, sentences, t, whole


def is_asked(models: Sequence[str], calls: int) -> bool:
    """Whether a batch of so many calls to these models asks an administrator first."""
    try:
        return bool(models) and session.person().batches.needs_approval(models, calls // len(models))
    except StoreError:
        return False


def why() -> str:
    """Why an administrator is asked, and how to go on without."""
    most = whole(session.engine().settings.batch_approval_calls or 0)
    sentence = t(
        "More than {number} calls with the server's keys: an administrator has to approve it. It is saved and then "
        "starts by itself. With a key of your own it starts at once.",
        number=most,
    )
    return sentence if login.is_possible() else f"{sentence} {_nobody()}"


def notice(batch: Batch) -> None:
    """Where a batch stands with the administrator; nothing where none is asked."""
    approval = batch.approval
    if approval is None:
        return
    reason = t("Reason: {reason}", reason=plain(approval.reason)) if approval.reason else ""
    if batch.state == "approval":
        st.info(
            t("An administrator has been asked. The batch starts by itself once approved; you can leave the page.")
            if login.is_possible()
            else _nobody(),
            icon=":material/hourglass_top:",
        )
    elif batch.state == "declined":
        st.warning(
            sentences(t("An administrator declined this batch. Nothing was sent."), reason),
            icon=":material/block:",
        )
    elif batch.is_approved:
        st.caption(sentences(t("Approved by an administrator."), reason))


def _nobody() -> str:
    return t(
        "This server has no administrator yet: whoever runs it sets ROUNDTABLE_ADMINS or ROUNDTABLE_ADMIN_PASSWORD."
    )
