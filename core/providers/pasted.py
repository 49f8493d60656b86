"""Keys and addresses as people paste them, without what came along: quotes, marks that nobody sees, the name before a
key, a full stop behind an address, full-width signs of an input method. Pure text.
"""

from __future__ import annotations

import re

from . import addresses

_UNSEEN = re.compile("[\ufeff\u200b-\u200f\u2060\u00ad\u202a-\u202e]")
_AROUND = " \t\r\n\u00a0\u3000\"'`“”‘’„«»「」『』<>《》"
_BEHIND = ",;，。；、"
# `export GROQ_API_KEY=`, `x-api-key:`, `密钥：` and the like, where a key can still follow.
_NAMED = re.compile(
    r"(?:(?:export|set|setx)\s+|\$env:|[{\"'\s]+)?[\w-]*(?:key|token|authorization|密钥|令牌)[\w-]*[\"'\s]*[=:](?=.{8})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"bearer\s+", re.IGNORECASE)
_HALF_WIDTH = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)


def bare(text: str) -> str:
    """The text without what stands around it, in half-width letters."""
    text = _UNSEEN.sub("", text)
    return text.translate(_HALF_WIDTH).strip(_AROUND + _BEHIND)


def key(text: str) -> str:
    """The key alone."""
    found = bare(text)
    for around in (_NAMED, _BEARER):
        if before := around.match(found):
            found = bare(found[before.end() :])
    return found


def address(text: str) -> str:
    """The address alone; one without a scheme is http on a private network and https elsewhere."""
    found = re.sub(r"(?<=\w)。(?=\w)", ".", bare(text)).partition("#")[0].rstrip("?")
    found = _SCHEME.sub(lambda scheme: scheme[0].lower(), found, count=1)
    if re.match(r"[\w.-]+(?::\d+)?(?:[/?]|\Z)", found):
        found = f"{'http' if addresses.is_private(f'http://{found}') else 'https'}://{found}"
    return re.sub(r"(?<!:)//+", "/", found)
