"""Whom "auto" would ask now: one model for an easy question, one for a hard one, or only one where that is settled."""

from __future__ import annotations

from collections.abc import Sequence

from ...records import ChatRequest, Message
from .. import session
from ..models.marks import who
from ..text import t


def prospects(model_id: str, history: Sequence[Message]) -> dict[str, str]:
    """(model id -> words that lead to its price) in a chat where this was said; {} where nobody can be asked."""
    request = ChatRequest(history, model_id=model_id, demo=True)
    if session.is_open():
        ways = session.person().chats.prospects(request)
    else:  # nobody waits for the database to learn what was allowed in it
        ways = session.engine().router.prospects(request, session.keys())
    first = {size: way.models[0].model.id for size, way in ways.items()}
    if len(set(first.values())) == 1:
        return {model_id: t("currently {model}", model=_name(model_id)) for model_id in first.values()}
    return {
        model_id: t("easy: {model}", model=_name(model_id))
        if size == "small"
        else t("hard: {model}", model=_name(model_id))
        for size, model_id in first.items()
    }


def _name(model_id: str) -> str:
    return who(model_id, session.engine().catalog.providers).model_name
