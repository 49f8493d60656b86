"""A question as it is sent: what stands above it in its branch, its files, the person's wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..records import ChatRequest, Message
from ..store import NotFound, Unavailable, tree
from ..store.database import Database
from ..views.conversation import ConversationView, GenerationSettings, Turn, asked, pairs


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
    """Without any key "auto" is simulated in a chat, and marked as such."""
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
    )


def above(
    database: Database, owner_id: str, conversation_id: str, parent_id: str | None, view: ConversationView | None
) -> list[Message]:
    """The branch that leads to an answer, as messages; what the page shows of it while the database is away."""
    if parent_id is None:
        return []
    if view and database.overlay.is_partial(conversation_id):
        return view.messages()
    try:
        said = tree.history(database, owner_id, conversation_id, parent_id)
    except (Unavailable, NotFound):
        return view.messages() if view else []
    talk: list[tuple[str, str, str | None]] = []
    for message in said:
        if message.role == "user":
            talk.append((message.text, "", None))
        elif talk:
            talk[-1] = (talk[-1][0], message.text, message.model_id)
    return pairs(talk)


def asked_again(database: Database, owner_id: str, turn: Turn) -> Message:
    """The question of a turn with the files that went with it, meant for the model that was asked it last."""
    files = tree.files(database, owner_id, turn.question_id) if turn.attached else []
    return replace(asked(turn.prompt, files), model_id=turn.named)
