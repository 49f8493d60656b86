"""What a page shows of a conversation or a comparison: plain values, read in one go."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict

from core.records import Completion, Finish, Timing
from core.store import tree
from core.views.comparison import Comparison
from core.views.conversation import Turn

HELD = 500


class Known:
    """Comparisons as this process last saw them, for as long as the database is away."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], Comparison] = OrderedDict()

    def keep(self, owner_id: str, comparison: Comparison) -> None:
        self._seen[owner_id, comparison.id] = comparison
        self._seen.move_to_end((owner_id, comparison.id))
        while len(self._seen) > HELD:
            self._seen.popitem(last=False)

    def get(self, owner_id: str, run_id: str) -> Comparison | None:
        return self._seen.get((owner_id, run_id))

    def of(self, owner_id: str) -> list[Comparison]:
        return [run for (owner, _), run in self._seen.items() if owner == owner_id]


def turns_of(branch: tree.Branch) -> tuple[Turn, ...]:
    """The branch's messages, two by two; a question whose answer is not there (an import) has an empty answer."""
    out: list[Turn] = []
    for message in branch.turns:
        if message.role == "user":
            out.append(_asked(message))
        elif message.role == "assistant" and out and out[-1].answer_id == "":
            out[-1] = _answered(out[-1], message)
        elif message.role == "assistant":
            out.append(_answered(Turn("", "", "", "", "", "done"), message))
    return tuple(out)


def _asked(message: tree.Turn) -> Turn:
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


def _answered(turn: Turn, message: tree.Turn) -> Turn:
    return dataclasses.replace(
        turn,
        answer_id=message.id,
        model_id=message.model_id or "",
        request_id=message.request_id or "",
        state=message.state,
        completion=message.completion or _bare(message),
        answer_siblings=message.siblings,
    )


def _bare(message: tree.Turn) -> Completion | None:
    """An answer of which only the text is known: it came in by import."""
    if message.state == "running":
        return None
    finish = Finish("truncated" if message.state == "interrupted" else "stop")
    return Completion(message.model_id or "", message.text, "", None, finish, Timing(message.created_at))
