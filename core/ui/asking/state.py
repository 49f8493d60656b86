"""What one script run shows of a chat, and what a tab remembers beside the database: nothing that must not be lost.

A `Chat` is a plain value made anew in every run. Its `nonce` names the drawing: what is sent twice from one drawing (a
double click, Enter twice) has one request id, so it is asked once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import streamlit as st

from ...views.conversation import ConversationView, GenerationSettings, PendingQuestion, Turn
from .. import session

GenerationValues = Mapping[str, Any]
DRAFT = "draft"  # the name of a chat that nothing was asked in


@dataclass(frozen=True)
class Chat:
    """`view` is None until something was asked; `generation` are the system prompt and what is set of the sampling.

    `editing`: the last question is reworked. `marked`: the message that the address leads to. `diverged`: another tab
    went on along another branch.
    """

    view: ConversationView | None
    model_id: str
    generation: GenerationValues
    waiting: PendingQuestion | None = None
    editing: Turn | None = None
    marked: str | None = None
    diverged: bool = False
    nonce: str = field(default_factory=session.new_id)

    @property
    def name(self) -> str:
        """For the names of widgets."""
        return self.view.id if self.view else DRAFT

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.view.turns if self.view else ()

    def running(self) -> Turn | None:
        return self.view.running() if self.view else None

    def request_id(self, act: str, *about: str) -> str:
        """The same for the same act on this drawing, another one for everything else."""
        return f"{self.nonce}-{sha256(chr(0).join((act, *about)).encode('utf-8', 'replace')).hexdigest()[:16]}"


def generation_values(generation: GenerationSettings) -> GenerationValues:
    """As plain values, which need no database to be imported."""
    return {"system": generation.system, **generation.sampling()}


def any_set(generation: GenerationValues) -> bool:
    return any(str(value).strip() for value in generation.values() if value is not None)


def leaves(conversation_id: str) -> list[str]:
    """The answers that this tab has shown as the last one of a conversation, the newest last."""
    known: dict[str, list[str]] = st.session_state.setdefault("leaves", {})
    return known.setdefault(conversation_id, [])


def note_leaf(conversation_id: str, answer_id: str | None) -> None:
    known = leaves(conversation_id)
    if answer_id and (not known or known[-1] != answer_id):
        known.append(answer_id)
        del known[:-50]
