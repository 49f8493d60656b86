"""A question as it is sent: what stands above it in its branch, its files, the person's wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.records import ChatRequest, Message
from core.store import NotFound, Unavailable, tree
from core.store.database import Database
from core.views.conversation import File, Sheet, Turn, Wishes, pairs


def request_for(
    request_id: str,
    conversation_id: str,
    model_id: str,
    messages: Sequence[Message],
    wishes: Wishes,
    *,
    lane: bool = False,
    insist: bool = False,
) -> ChatRequest:
    """Without any key "auto" is simulated in a chat, and marked as such."""
    system = [Message("system", wishes.system)] if wishes.system.strip() else []
    return ChatRequest(
        messages=[*system, *messages],
        model_id=model_id,
        temperature=wishes.temperature,
        top_p=wishes.top_p,
        seed=wishes.seed,
        max_output_tokens=wishes.max_output_tokens,
        conversation_id=conversation_id,
        request_id=request_id,
        substitute=not lane and not wishes.never_substitute,
        reuse=bool(wishes.reuse) if lane else wishes.reuse,
        insist=insist,
        demo=True,
    )


def above(
    database: Database, owner_id: str, conversation_id: str, parent_id: str | None, sheet: Sheet | None
) -> list[Message]:
    """The branch that leads to an answer, as messages; what the page shows of it while the database is away."""
    if parent_id is None:
        return []
    if sheet and database.overlay.is_partial(conversation_id):
        return sheet.messages()
    try:
        said = tree.history(database, owner_id, conversation_id, parent_id)
    except (Unavailable, NotFound):
        return sheet.messages() if sheet else []
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


def asked_with(prompt: str, files: Sequence[File]) -> Message:
    return asked(prompt, [(file.name, file.text) for file in files])


def asked(prompt: str, files: Sequence[tuple[str, str]]) -> Message:
    return Message("user", prompt + "".join(f"\n\n{name}:\n```\n{text}\n```" for name, text in files))
