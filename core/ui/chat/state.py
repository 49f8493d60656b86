"""The state of the chat in one script run, and what a tab remembers besides the database.

A `Chat` is created in every run. Its `nonce` identifies the run: an action sent twice from it (a double click, Enter
twice) has the same request id, so it is done once.
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
DRAFT = "draft"  # the name of a new chat


@dataclass(frozen=True)
class Chat:
    """`view` is None until the first question; `generation` has the system prompt and the sampling that is set.

    `editing`: the last question, while it is edited. `marked`: the message in the address. `diverged`: another tab has
    continued on a different branch.
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
        """A prefix for widget keys."""
        return self.view.id if self.view else DRAFT

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.view.turns if self.view else ()

    def running(self) -> Turn | None:
        return self.view.running() if self.view else None

    def request_id(self, act: str, *about: str) -> str:
        """The same id for the same action in this page run, a different one for any other."""
        return f"{self.nonce}-{sha256(chr(0).join((act, *about)).encode('utf-8', 'replace')).hexdigest()[:16]}"


def generation_values(generation: GenerationSettings) -> GenerationValues:
    """The settings as plain values."""
    return {"system": generation.system, **generation.sampling()}


def any_set(generation: GenerationValues) -> bool:
    return any(str(value).strip() for value in generation.values() if value is not None)


def leaves(conversation_id: str) -> list[str]:
    """The answers that this tab has shown as the last of a conversation, newest last."""
    by_conversation: dict[str, list[str]] = st.session_state.setdefault("leaves", {})
    return by_conversation.setdefault(conversation_id, [])


def note_leaf(conversation_id: str, answer_id: str | None) -> None:
    shown_leaves = leaves(conversation_id)
    if answer_id and (not shown_leaves or shown_leaves[-1] != answer_id):
        shown_leaves.append(answer_id)
        del shown_leaves[:-50]
