"""The section about "auto": which sizes it chose, and how often they were judged wrong."""

from __future__ import annotations

import streamlit as st

from ...routing.candidates import MIDDLE
from ...routing.feedback import FeedbackSummary, SizeRow
from ...store import StoreError
from .. import session
from ..routing.words import size_name
from ..text import sentences, t, whole


def draw() -> None:
    """This visitor's table, or a sentence if there is nothing to count. Opens the database."""
    st.subheader(t("Did Auto choose the right model size?"), anchor=False)
    try:
        summary = session.person().routing_feedback.tally()
    except StoreError:
        st.caption(t("The answers cannot be counted right now: the database is unavailable."))
        return
    if not any(line.answers for line in summary.lines):
        st.caption(t("No answers by Auto yet. Choose Auto above a chat, and its answers are counted here."))
        return
    st.markdown(table(summary))
    st.caption(sentences(t("Answers without a rating count as right."), threshold(summary)))


def table(summary: FeedbackSummary) -> str:
    """A Markdown table with a row per size."""
    head = [t("Size"), t("Answers"), t("Rated wrong"), t("Share, 95% CI")]
    rows = [[size_name(line.tier), whole(line.answers), whole(line.wrong), _share(line)] for line in summary.lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, [":--", "--:", "--:", "--:"], *rows))


def threshold(summary: FeedbackSummary) -> str:
    """The current threshold between small and big, and the one that the feedback suggests."""
    default, now, better = (f"{value:.2f}" for value in (MIDDLE, summary.threshold, summary.suggested or 0.0))
    sentence = t("Questions with a difficulty of {now} or more go to a big model.", now=now)
    if summary.suggested is None:
        return sentences(sentence, t("After five ratings, they adjust this threshold slightly."))
    if better == default:
        return sentences(sentence, t("Your ratings agree with this threshold."))
    if better == now:
        return sentences(sentence, t("Your ratings changed this threshold; it was {usual}.", usual=default))
    suggestion = t(
        "Your ratings suggest {better}; they can change it by at most 0.1 from {usual}.", better=better, usual=default
    )
    return sentences(sentence, suggestion)


def _share(line: SizeRow) -> str:
    if line.share is None or line.low is None or line.high is None:
        return "–"
    return f"{line.share:.0%} ({line.low:.0%}–{line.high:.0%})"
