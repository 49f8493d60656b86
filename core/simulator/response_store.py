"""The conversations of the newest responses, so that a request can continue one of them by its id."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from ..records import Message
from .plan import ReplyPlan
from .shapes.ask import ParsedRequest
from .wish import Unreadable

MOST = 1_000


class ResponseStore:
    """Forgets the oldest. Like OpenAI's, instructions are not carried over."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._conversations: OrderedDict[str, tuple[Message, ...]] = OrderedDict()

    def with_history(self, ask: ParsedRequest) -> ParsedRequest:
        """The request with the conversation before it; Unreadable for an unknown id."""
        if not ask.follows:
            return ask
        if ask.follows not in self._conversations:
            raise Unreadable(f"Previous response with id '{ask.follows}' not found.")
        return replace(ask, messages=(*self._conversations[ask.follows], *ask.messages))

    def keep(self, response_id: str, ask: ParsedRequest, made: ReplyPlan) -> None:
        turns = (message for message in ask.messages if message.role != "system")
        self._conversations[response_id] = (*turns, Message("assistant", made.text))
        if len(self._conversations) > self._most:
            self._conversations.popitem(last=False)
