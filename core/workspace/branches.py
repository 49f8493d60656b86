"""Builds turns from the messages of a branch."""

from __future__ import annotations

import dataclasses

from ..records import Completion, Finish, Timing
from ..store import tree
from ..views.conversation import Turn


def turns_of(branch: tree.Branch) -> tuple[Turn, ...]:
    """The branch's messages in pairs; a question without an answer (from an import) has an empty one."""
    out: list[Turn] = []
    for message in branch.turns:
        if message.role == "user":
            out.append(_question(message))
        elif message.role == "assistant" and out and out[-1].answer_id == "":
            out[-1] = _answered(out[-1], message)
        elif message.role == "assistant":
            out.append(_answered(Turn("", "", "", "", "", "done"), message))
    return tuple(out)


def _question(message: tree.BranchMessage) -> Turn:
    return Turn(
        question_id=message.id,
        prompt=message.text,
        answer_id="",
        model_id="",
        request_id="",
        state="done",
        parent_id=message.parent_id,
        asked_at=message.created_at,
        question_siblings=message.siblings,
        attached=message.attached,
    )


def _answered(turn: Turn, message: tree.BranchMessage) -> Turn:
    return dataclasses.replace(
        turn,
        answer_id=message.id,
        model_id=message.model_id or "",
        request_id=message.request_id or "",
        state=message.state,
        completion=message.completion or _bare(message),
        answer_siblings=message.siblings,
    )


def _bare(message: tree.BranchMessage) -> Completion | None:
    """The completion of an imported answer, of which only the text is known."""
    if message.state in ("running", "scheduled"):
        return None
    finish = Finish("truncated" if message.state == "interrupted" else "stop")
    return Completion(message.model_id or "", message.text, "", None, finish, Timing(message.created_at))
