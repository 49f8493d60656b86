"""What the reader asks about: a topic a line, with example questions on click."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from ...insight.log_findings import LogFindings, Topic
from ...insight.prompt_log import LoggedQuestion
from ...insight.question_topics import FEWEST
from ..base.expander import expander
from ..history import entries
from ..text import count, plain, sentences, t, tn

SHOWN_CHARACTERS = 110


def draw(findings: LogFindings) -> None:
    st.subheader(t("What you ask about"), anchor=False)
    if not findings.topics:
        st.caption(t("Topics appear after {number} questions that differ and have words in common.", number=FEWEST))
        return
    with st.container(key="topics", gap="xxsmall"):
        for number, topic in enumerate(findings.topics):
            box = expander(_label(topic, findings.questions), key=f"topic-{number}-{'-'.join(topic.terms)[:40]}")
            if box.open:
                with box:
                    for question in topic.examples:
                        link(question, findings.texts)
    st.caption(_about(findings))


def _label(topic: Topic, questions: int) -> str:
    question_part = tn("{number} question", "{number} questions", topic.n, number=count(topic.n))
    return f"**{plain(' · '.join(topic.terms))}** :gray[{question_part} · {topic.n / questions:.0%}]"


def link(question: LoggedQuestion, texts: Mapping[str, str]) -> None:
    """A link to the conversation at this question; nothing if it is gone."""
    text = texts.get(question.id)
    if text is None:
        return
    kind, entry_id = ("comparison", question.run_id) if question.run_id else ("chat", question.conversation_id)
    entries.link(shortened(text), kind, entry_id, at=question.id, icon=entries.icon(kind))


def shortened(text: str) -> str:
    """One line of Markdown."""
    line = " ".join(text[: 4 * SHOWN_CHARACTERS].split())
    line = line if len(line) <= SHOWN_CHARACTERS else f"{line[: SHOWN_CHARACTERS - 1]}…"
    return plain(line) or t("Untitled")


def _about(findings: LogFindings) -> str:
    rest = findings.without_topic
    words = t(
        "By the words that occur together ({method}); each question counts for one topic at most.",
        method="TF-IDF, NMF" if findings.by_library else "TF-IDF, k-means",
    )
    if rest:
        none = tn(
            "{number} question, {share}, belongs to none.",
            "{number} questions, {share}, belong to none.",
            rest,
            number=count(rest),
            share=f"{rest / findings.questions:.0%}",
        )
        return sentences(words, none)
    return words
