"""The section that says which model to use for which kind of question, in a dense table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ...store import StoreError
from .. import session
from ..routing import advice as words
from ..routing.vote_words import topic_name, with_interval
from ..text import seconds, sentences, t
from .words import model_name

if TYPE_CHECKING:
    from ...insight.use_for import Contender, UseFor
    from ...workspace.use_for import Advice


def draw() -> None:
    """Nothing without votes. Opens the database."""
    from ...insight.use_for import ENOUGH

    try:
        advice = session.person().recommendations.now()
    except StoreError:
        return  # the section on votes says so
    if not advice.uses:
        return
    st.subheader(t("What to use for what"), anchor=False)
    sure = [use for use in advice.uses if use.best]
    with st.container(key="use-for-table", gap="xsmall"):
        if sure:
            st.markdown(_table(sure, advice))
        st.caption(sentences(_about(sure, ENOUGH), _not_yet(advice, ENOUGH)))


def _table(sure: list[UseFor], advice: Advice) -> str:
    """A row for each of the best models of a topic; from the second on its first cell says "or"."""
    head = [t("Kind of question"), t("Model"), t("Wins"), t("Votes"), t("Calls left"), t("First token")]
    rows = [
        [_kind(use) if place == 0 else f":gray[{t('or')}]", *_cells(rival, advice)]
        for use in sure
        for place, rival in enumerate(use.best)
    ]
    lines = (head, [":--", ":--", "--:", "--:", ":--", "--:"], *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _kind(use: UseFor) -> str:
    return f"**{topic_name(use.topic) if use.topic else t('All questions')}**"


def _cells(rival: Contender, advice: Advice) -> list[str]:
    offer = advice.offers[rival.model_id]
    return [
        model_name(rival.model_id),
        with_interval(rival.rate),
        str(rival.rate.n),
        (words.left(offer) or "–") if offer.counted else t("no limit"),
        "–" if offer.ttft_ms is None else f"{seconds(offer.ttft_ms)} :gray[:small[{offer.answers}]]",
    ]


def _about(sure: list[UseFor], enough: int) -> str:
    if not sure:
        return t("After {number} votes on one kind of question, this says what to use for it.", number=enough)
    lines = [
        t(
            "By your votes, with 95% intervals; ties count half. Only models with {number} votes or more that can "
            "answer now. First token: median of 30 days, with the number of answers.",
            number=enough,
        )
    ]
    if any(len(use.best) > 1 for use in sure):
        lines.append(t("“or”: the intervals overlap, so your votes do not separate these models."))
    return sentences(*lines)


def _not_yet(advice: Advice, enough: int) -> str:
    """How far the other topics are."""
    far = [use for use in advice.uses if use.topic and use.most < enough]
    if not far:
        return ""
    kinds = t(", ").join(f"{topic_name(use.topic)} {use.most}" for use in far)
    return t("Too few votes so far: {kinds} (needs {number} for one model).", kinds=kinds, number=enough)
