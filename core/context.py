"""How many tokens a text has, roughly, and which turns of a conversation fit a model's window."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import ContextTooLong
from core.records import Message

UNLIMITED = 2**62
TURN_TOKENS = 4  # what chat templates put around each turn
_PIECE = re.compile(
    r" ?[A-Za-z][a-z]{0,8}|\d{1,3}|\n\s*|[^\S\n]{2,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\x00-\x7f]{1,2}"
    r"|[^\w\s]{1,2}|\S"
)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The turns to send, and how many older ones were left out."""

    messages: tuple[Message, ...]
    left_out: int


def estimate_tokens(text: str) -> int:
    return len(_PIECE.findall(text))


def fit(
    messages: Sequence[Message], window_tokens: int | None, reserve_tokens: int, most_turns: int | None = None
) -> Fitted:
    """Keep the system turns and the newest others that fit `window_tokens` less `reserve_tokens` for the answer.

    Turns go in pairs, oldest first, so that what stays begins with a user's turn. No window means no
    cutting; `most_turns` is for servers that take only so many.
    Raises ContextTooLong when the system turns and the newest turn alone are too long.
    """
    turns = tuple(messages)
    window_tokens = UNLIMITED if window_tokens is None else window_tokens
    if window_tokens == UNLIMITED and (most_turns is None or len(turns) <= most_turns):
        return Fitted(turns, 0)
    costs = [estimate_tokens(turn.text) + TURN_TOKENS for turn in turns]
    free = window_tokens - reserve_tokens
    free -= sum(cost for turn, cost in zip(turns, costs, strict=True) if turn.role == "system")
    talk = [index for index, turn in enumerate(turns) if turn.role != "system"]
    total = sum(costs[index] for index in talk)
    starts = [place for place, index in enumerate(talk) if turns[index].role == "user" or place == len(talk) - 1]
    first = 0
    for start in [0, *starts]:
        total -= sum(costs[index] for index in talk[first:start])
        first = start
        if total <= free and (most_turns is None or len(turns) - first <= most_turns):
            break
    if total > free:
        raise ContextTooLong(
            f"The newest message needs about {total:,} tokens; {max(free, 0):,} of the model's "
            f"{window_tokens:,} are free for it."
        )
    dropped = set(talk[:first])
    return Fitted(tuple(turn for index, turn in enumerate(turns) if index not in dropped), len(dropped))
