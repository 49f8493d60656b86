"""The section about "auto": which sizes it chose, and how often they were judged wrong."""

from __future__ import annotations

import streamlit as st

from ...routing.candidates import MIDDLE
from ...routing.feedback import FeedbackSummary, SizeRow
from ...store import StoreError
from .. import session
from ..routing.words import size_name
from ..text import t


def draw() -> None:
    """This visitor's table, or a sentence if there is nothing to count. Opens the database."""
    st.subheader(t("Did Auto choose the right size?"), anchor=False)
    try:
        summary = session.person().routing_feedback.tally()
    except StoreError:
        st.caption(t("The answers cannot be counted now: the database is away."))
        return
    if not any(line.answers for line in summary.lines):
        st.caption(
            t("No answer yet came from a model that Auto chose. Pick Auto above a chat, and it is counted here.")
        )
        return
    st.markdown(table(summary))
    st.caption(" ".join((t("An answer that nobody judged counts as right."), threshold(summary))))


def table(summary: FeedbackSummary) -> str:
    """A Markdown table with a row per size."""
    head = [t("Size"), t("Answers"), t("Judged wrong"), t("Share, 95 % interval")]
    rows = [[size_name(line.tier), f"{line.answers:,}", f"{line.wrong:,}", _share(line)] for line in summary.lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, [":--", "--:", "--:", "--:"], *rows))


def threshold(summary: FeedbackSummary) -> str:
    """The current threshold between small and big, and the one that the feedback suggests."""
    default, now, better = (f"{value:.2f}" for value in (MIDDLE, summary.threshold, summary.suggested or 0.0))
    sentence = t("Questions rated {now} or more go to a big model.", now=now)
    if summary.suggested is None:
        return f"{sentence} {t('From five verdicts on, they move that number a little.')}"
    if better == default:
        return f"{sentence} {t('Your verdicts agree with that.')}"
    if better == now:
        return f"{sentence} {t('Your verdicts moved that number; it was {usual}.', usual=default)}"
    suggestion = t(
        "Your verdicts suggest {better}; they may move it from {usual} by 0.1.", better=better, usual=default
    )
    return f"{sentence} {suggestion}"


def _share(line: SizeRow) -> str:
    if line.share is None or line.low is None or line.high is None:
        return "–"
    return f"{line.share:.0%} ({line.low:.0%}–{line.high:.0%})"
