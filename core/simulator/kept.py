"""The conversations behind the newest responses, so that a request can go on from one of them by its id."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from ..records import Message
from .plan import ReplyPlan
from .shapes.ask import ParsedRequest, Unreadable

MOST = 1_000


class ResponseStore:
    """Forgets the oldest. Instructions are not handed on, as OpenAI's are not."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._said: OrderedDict[str, tuple[Message, ...]] = OrderedDict()

    def with_history(self, ask: ParsedRequest) -> ParsedRequest:
        """The request with what was said before it; Unreadable for an id that is not known."""
        if not ask.follows:
            return ask
        if ask.follows not in self._said:
            raise Unreadable(f"Previous response with id '{ask.follows}' not found.")
        return replace(ask, messages=(*self._said[ask.follows], *ask.messages))

    def keep(self, response_id: str, ask: ParsedRequest, made: ReplyPlan) -> None:
        turns = (message for message in ask.messages if message.role != "system")
        self._said[response_id] = (*turns, Message("assistant", made.text))
        if len(self._said) > self._most:
            self._said.popitem(last=False)
