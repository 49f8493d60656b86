"""Our own idea of a token: a word of up to eight letters with its space, a CJK character, a mark, a line break.

The same split cuts the answer into pieces and counts prompt and answer, so usage always agrees with what was sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..records import Message
from .attached import tokens_of

MESSAGE_OVERHEAD = 4
PIECE = re.compile(
    r"[ ]?[A-Za-z\u00c0-\u024f]{1,8}"  # a word, or eight letters of a long one
    r"|[ ]?[0-9]{1,3}"
    r"|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    r"|\n+|[ \t]+"
    r"|[ ]?[^\sA-Za-z0-9\u00c0-\u024f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,2}"
    r"|\s",
)


def split(text: str) -> list[str]:
    """Cut `text` into tokens; joined again they are `text`."""
    return PIECE.findall(text)


def count(text: str) -> int:
    return len(split(text))


def count_prompt(messages: Sequence[Message]) -> int:
    """Tokens a model reads: every message with its wrapping, and the start of the answer."""
    return 3 + sum(MESSAGE_OVERHEAD + count(message.text) + tokens_of(message) for message in messages)
