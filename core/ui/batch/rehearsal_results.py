"""The results of a rehearsal: blind votes on old and new answers, how the votes went, what agreement means."""

from __future__ import annotations

import streamlit as st

from ...insight.topics import topic
from ...store import StoreError
from ...views.batches import Batch
from ...views.rehearsals import AnswerPair, Tally
from .. import attached_files, session
from ..answer import painter
from ..answer.typed import typed
from ..base.flash import store_errors_shown
from ..text import t, tn, whole
from . import results, words

EVERY_S = 4.0
SKIPPED = "rehearse-skipped"
CHOICES = {"0": 0, "1": 1, "tie": "tie", "bad": "bad"}


def draw(batch: Batch) -> None:
    """Votes until the names are shown, then the table."""
    if batch.rehearsal and batch.rehearsal.blind:
        st.fragment(_votes, run_every=EVERY_S if batch.state == "running" else None)(batch)
        return
    _tallies(batch)
    st.caption(
        t(
            "“Alike” is how much of both texts, by their words, the other has too. It knows no synonyms: a low share "
            "means different words, not a worse answer, and the old answer may itself be wrong. A contradiction is a "
            "place to look, not proof."
        )
    )
    results.results(batch)


def _tallies(batch: Batch) -> None:
    try:
        tallies = session.person().rehearsals.tallies(batch)
    except StoreError:
        st.caption(t("Votes cannot be saved right now: the database is unavailable."))
        return
    for tally in tallies:
        st.markdown(f"{words.name_of(batch.model_ids[tally.place])} · {_outcome(tally)}")


def _outcome(tally: Tally) -> str:
    parts = [
        t("better than the old answer in {number}", number=whole(tally.better)) if tally.better else "",
        t("worse in {number}", number=whole(tally.worse)) if tally.worse else "",
        t("tied in {number}", number=whole(tally.tie)) if tally.tie else "",
        t("both bad in {number}", number=whole(tally.bad)) if tally.bad else "",
    ]
    total = tally.better + tally.worse + tally.tie + tally.bad
    return f"{t(', ').join(filter(None, parts))} :gray[({tn('{number} vote', '{number} votes', total)})]"


def _votes(batch: Batch) -> None:
    """The next pair without a vote."""
    try:
        rehearsals = session.person().rehearsals
        open_pairs = rehearsals.open_pairs(batch)
        skipped: set[tuple[int, int]] = st.session_state.setdefault(f"{SKIPPED}-{batch.id}", set())
        waiting = [pair for pair in open_pairs if pair not in skipped]
        pair = rehearsals.pair(batch, *waiting[0]) if waiting else None
    except StoreError:
        st.caption(t("The answers cannot be loaded right now. Nothing is lost."))
        return
    with st.container(border=True, gap="small", key="rehearse-votes"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="rehearse-votes-head"):
            st.markdown(f"**{t('Which answer is better?')}**", width="content")
            left = tn("{number} pair left", "{number} pairs left", len(waiting))
            st.caption(left if waiting else "", width="stretch")
            st.button(
                t("Show the names and all answers"),
                icon=":material/visibility:",
                type="primary" if not waiting and batch.state != "running" else "tertiary",
                key="rehearse-reveal",
                on_click=_reveal,
                args=(batch,),
            )
        if pair:
            _pair(batch, waiting[0], pair)
        elif batch.state == "running":
            st.caption(t("The next answers are on their way."))
        else:
            st.caption(t("There is no further pair to vote on."))


def _pair(batch: Batch, key: tuple[int, int], pair: AnswerPair) -> None:
    with st.chat_message("user"):
        attached_files.draw(pair.files, f"rehearse-{key[0]}-{key[1]}")
        typed(st.container(gap="small"), pair.prompt)
        if pair.above:
            st.caption(tn("after {number} earlier message", "after {number} earlier messages", pair.above))
    cells = st.grid(2, min_column_width=300, gap="medium", key=f"rehearse-pair-{key[0]}-{key[1]}")
    for letter, text in zip("AB", pair.texts, strict=True):
        with cells.cell():
            st.markdown(f"**{letter}**")
            painter.draw(st.container(gap="small"), text)
    row, place = key
    labels = {"0": "A", "1": "B", "tie": t("Tie"), "bad": t("Both bad")}
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="rehearse-vote-buttons"):
        for name, label in labels.items():
            # its key names the pair, so that a second click on a button that is gone does not vote on the next one
            st.button(label, key=f"vote-{name}-{row}-{place}", on_click=_vote, args=(batch, key, pair.prompt, name))
        st.button(t("Skip"), type="tertiary", key=f"skip-{row}-{place}", on_click=_skip, args=(batch, key))


def _vote(batch: Batch, key: tuple[int, int], prompt: str, name: str) -> None:
    with store_errors_shown():
        session.person().rehearsals.vote(batch, *key, CHOICES[name], topic(prompt))  # type: ignore[arg-type]


def _skip(batch: Batch, key: tuple[int, int]) -> None:
    st.session_state[f"{SKIPPED}-{batch.id}"].add(key)


def _reveal(batch: Batch) -> None:
    with store_errors_shown():
        session.person().batches.reveal(batch.id)
    st.session_state["batch-acted"] = True
