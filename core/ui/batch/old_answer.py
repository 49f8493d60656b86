"""In a row that is shown whole: what the old model answered, and where a new answer contradicts it."""

from __future__ import annotations

import streamlit as st

from ...insight.agreement import agree
from ...safety.exact import exact
from ...views.batches import Item
from ..answer import painter
from ..compare.analysis.agreement import kind
from ..text import t, tn
from . import form_words, words


def draw(model_id: str, reference: str, above: int, old: Item | None = None) -> None:
    """In the row that is shown whole, what the old model answered."""
    checked = form_words.badges(old) if old else ""
    st.markdown(f"{words.name_of(model_id)} · {t('old answer')} {checked}")
    if above:
        st.caption(tn("after {number} earlier message", "after {number} earlier messages", above))
    painter.draw(st.container(gap="small"), reference)


def contradictions(reference: str, answer: str) -> None:
    """Where the two contradict each other."""
    for clash in agree([reference, answer]).clashes:
        texts = [f"{(t('old'), t('new'))[claim.lane]}: {exact(claim.value or claim.text)}" for claim in clash.claims]
        st.markdown(f":orange-badge[{kind(clash)}] {' · '.join(texts)}")
