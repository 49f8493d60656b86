"""Which models "auto" would ask now: for an easy and for a hard question, or one if that is settled."""

from __future__ import annotations

from collections.abc import Sequence

from ...records import ChatRequest, Message
from .. import session
from ..models.marks import speaker_of
from ..text import t


def prospects(model_id: str, history: Sequence[Message]) -> dict[str, str]:
    """Model id -> label for its price, in a chat with this history; {} if no model can be asked."""
    request = ChatRequest(history, model_id=model_id, demo=True)
    if session.is_open():
        routes = session.person().chats.prospects(request)
    else:  # nobody waits for the database to learn what was allowed in it
        routes = session.engine().router.prospects(request, session.keys())
    first_choices = {size: route.models[0].model.id for size, route in routes.items()}
    if len(set(first_choices.values())) == 1:
        return {model_id: t("currently {model}", model=_name(model_id)) for model_id in first_choices.values()}
    return {
        model_id: t("easy: {model}", model=_name(model_id))
        if size == "small"
        else t("hard: {model}", model=_name(model_id))
        for size, model_id in first_choices.items()
    }


def _name(model_id: str) -> str:
    return speaker_of(model_id, session.engine().catalog.providers).model_name
