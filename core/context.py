"""Estimated token counts, and which turns of a conversation fit a model's window."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .errors import ContextTooLong
from .picture_tokens import media_tokens
from .records import ChatRequest, Message, Model

UNLIMITED = 2**62
MARGIN = 1.15  # how much more than the estimate old turns are taken to cost
USUAL_ANSWER_TOKENS = 1024
TURN_TOKENS = 4  # what chat templates put around each turn
_PIECE = re.compile(
    r" ?(?:[A-Z]?[a-z]{1,9}|[A-Z]{1,3})|\d{1,2}|\n\s*|[^\S\n]{2,}|[\u0370-\u052f]{1,3}"
    r"|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00010000-\U0010ffff]|[^\x00-\x7f]{1,2}|[^\w\s]{1,2}|\S"
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")  # emoji and rare characters: about two tokens
_RUN = re.compile(r"[A-Za-z0-9+/]{40,}|[A-Za-z0-9_-]{60,}")
_ENCODED = re.compile(r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[^0-9]*[0-9]")


@dataclass(frozen=True, slots=True)
class Fitted:
    """The turns to send, and how many older ones were left out."""

    messages: tuple[Message, ...]
    left_out: int


def estimate_tokens(text: str) -> int:
    """About the token count of a current tokenizer; not a model's own count, so show it with a "~".

    Estimate over true count, lowest and highest against four tokenizers (cl100k, o200k, tekken, voyage3; the last two
    spend a token on each digit):

        English, LaTeX      0.95 to 1.1     Chinese, Japanese, Korean       0.8 to 1.5
        code, HTML          1.05 to 1.5     Russian, Arabic                 0.65 to 1.55
        JSON, logs, CSV     0.7 to 1.2      German, French                  0.65 to 1.0
        base64              0.9 to 1.05     Hindi, Thai                     0.4 to 1.2
        bare digits, hex    0.5 to 1.2      nothing but emoji               0.45 to 1.4

    It reads 4 to 16 MB a second.
    """
    pieces = len(_PIECE.findall(text))
    if not text.isascii():
        pieces += len(_ASTRAL.findall(text))
    for run in _RUN.findall(text):
        if _ENCODED.match(run):  # base64 and the like: 0.7 tokens a character, whatever it happens to spell
            pieces += max(0, len(run) * 7 // 10 - len(_PIECE.findall(run)))
    return pieces


def fit(
    messages: Sequence[Message],
    window_tokens: int | None,
    reserve_tokens: int,
    most_turns: int | None = None,
    model_name: str = "",
) -> Fitted:
    """Keep the system turns and the newest others that fit `window_tokens` less `reserve_tokens` for the answer.

    Turns are dropped with their answers, oldest first, so that the rest begins with a user's turn; a margin allows for
    the error of the estimate. Without a window nothing is dropped for length; `most_turns`, system ones included, is
    for servers that accept only so many. Pictures cost what they do for `model_name`. Raises ContextTooLong when the
    system turns and the newest user's turn alone are too long by the plain estimate.
    """
    turns = tuple(messages)
    free = UNLIMITED if window_tokens is None else window_tokens - reserve_tokens
    most_turns = UNLIMITED if most_turns is None else most_turns
    if len(turns) <= most_turns and _most_tokens(turns, model_name) * MARGIN <= free:
        return Fitted(turns, 0)
    costs = [estimate_tokens(turn.text) + media_tokens([turn], model_name) + TURN_TOKENS for turn in turns]
    dialogue = [index for index, turn in enumerate(turns) if turn.role != "system"]
    total, first = sum(costs), 0
    for start in (place for place, index in enumerate(dialogue) if turns[index].role == "user"):
        if total * MARGIN <= free and len(turns) - first <= most_turns:
            break
        total -= sum(costs[index] for index in dialogue[first:start])
        first = start
    if total > free:
        raise ContextTooLong(
            f"The message needs about {total:,} tokens with its instructions; "
            f"the model's window of {window_tokens:,} has room for {max(free, 0):,}."
        )
    dropped = set(dialogue[:first])
    return Fitted(tuple(turn for index, turn in enumerate(turns) if index not in dropped), first)


def reserved(request: ChatRequest, model: Model) -> int:
    """The tokens of a window that are kept free for the answer."""
    return request.max_output_tokens or min(model.max_output_tokens or USUAL_ANSWER_TOKENS, USUAL_ANSWER_TOKENS)


def is_cut(request: ChatRequest, model: Model) -> bool:
    """Whether the conversation is too long for this model's window, so that turns would be dropped."""
    if model.window_tokens is None:
        return False
    turns, free = request.messages, model.window_tokens - reserved(request, model)
    if _most_tokens(turns, model.name) * MARGIN <= free:
        return False
    texts = sum(cached_estimate(turn.text) + TURN_TOKENS for turn in turns)
    return (texts + media_tokens(turns, model.name)) * MARGIN > free


def _most_tokens(turns: Sequence[Message], model_name: str) -> int:
    """More tokens than these turns have: no text has more than two a character."""
    return sum(2 * len(turn.text) + TURN_TOKENS for turn in turns) + media_tokens(turns, model_name)


cached_estimate = lru_cache(maxsize=256)(estimate_tokens)
