"""Builds the request of a question: its branch, its files, the generation settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..records import ChatRequest, Message
from ..store import NotFound, Unavailable, tree
from ..store.database import Database
from ..tools import CALCULATOR
from ..views.conversation import ConversationView, GenerationSettings, Turn, asked_with


def request_for(
    request_id: str,
    conversation_id: str,
    model_id: str,
    messages: Sequence[Message],
    generation: GenerationSettings,
    *,
    lane: bool = False,
    insist: bool = False,
) -> ChatRequest:
    """`demo` is set, so that without any key "auto" answers with a simulated model, marked as such."""
    system = [Message("system", generation.system)] if generation.system.strip() else []
    return ChatRequest(
        messages=[*system, *messages],
        model_id=model_id,
        temperature=generation.temperature,
        top_p=generation.top_p,
        seed=generation.seed,
        max_output_tokens=generation.max_output_tokens,
        conversation_id=conversation_id,
        request_id=request_id,
        substitute=not lane and not generation.never_substitute,
        reuse=bool(generation.reuse) if lane else generation.reuse,
        insist=insist,
        demo=True,
        personal="allow" if generation.personal_data == "send" else generation.personal_data,
        decided=True,
        effort=generation.effort,
        response_format=generation.form(),
        stop=generation.stop or (),
        tools=[CALCULATOR.tool] if generation.calculator and not lane else (),
    )


def history_above(
    database: Database, owner_id: str, conversation_id: str, parent_id: str | None, view: ConversationView | None
) -> list[Message]:
    """The branch that leads to an answer, as messages; the page's part of it while the database is unavailable."""
    if parent_id is None:
        return []
    if view and database.overlay.is_partial(conversation_id):
        return view.messages()
    try:
        history = tree.history(database, owner_id, conversation_id, parent_id)
    except (Unavailable, NotFound):
        return view.messages() if view else []
    return paired(history)


def paired(history: Sequence[Message]) -> list[Message]:
    """The questions that were answered, each with its answer."""
    turns: list[list[Message]] = []
    for message in history:
        if message.role == "user":
            turns.append([message])
        elif turns:
            turns[-1].append(message)
    return [message for turn in turns if len(turn) > 1 and not turn[-1].is_empty for message in turn]


def question_of(database: Database, owner_id: str, turn: Turn) -> Message:
    """The question of a turn with its files, addressed to the model that was asked last."""
    files = tree.files(database, owner_id, turn.question_id) if turn.attached else []
    return replace(asked_with(turn.prompt, files), model_id=turn.named)
