"""People's messages, checked before anything is sent: an empty or an overlong message costs no request."""

from __future__ import annotations

import re

from ..errors import BlockedInput

MOST_FILES = 10
MOST_FILE_BYTES = 200_000  # of a text that is decoded at once; a longer one is read as a document
MOST_READ_CHARS = 4_000_000  # of all documents of a question; which model takes them, its window says
MOST_NAME_CHARS = 240

_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]+"
)


def is_blank(text: str) -> bool:
    """Whether nothing in it can be seen."""
    return not text or bool(_INVISIBLE.fullmatch(text))


def clean_prompt(text: str, max_chars: int) -> str:
    """The text as it may be stored and sent: without NUL, lone surrogates as U+FFFD, all else as it was written.

    Raises BlockedInput, with code `empty` or `too_long`, when nothing in it can be seen or it has more than
    `max_chars` characters.
    """
    text = text.replace("\x00", "")
    if _SURROGATE.search(text):
        text = _SURROGATE_PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
        text = _SURROGATE.sub("\ufffd", text)
    if is_blank(text):
        raise BlockedInput("The message is empty: write something to send.", code="empty")
    if len(text) > max_chars:
        message = f"The message has {len(text):,} characters; at most {max_chars:,} can be sent."
        raise BlockedInput(message, code="too_long")
    return text
