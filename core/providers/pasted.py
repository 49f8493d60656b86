"""Keys and addresses as people paste them, without what came along: quotes, invisible characters, a name before the
key, a full stop after an address, full-width signs of an input method. Pure text.
"""

from __future__ import annotations

import re

from . import addresses

_INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u2060\u00ad\u202a-\u202e]")
_QUOTES = " \t\r\n\u00a0\u3000\"'`“”‘’„«»「」『』<>《》"
_PUNCTUATION = ",;，。；、"
# `export GROQ_API_KEY=`, `x-api-key:`, `密钥：` and the like, where a key can still follow.
_NAMED = re.compile(
    r"(?:(?:export|set|setx)\s+|\$env:|[{\"'\s]+)?[\w-]*(?:key|token|authorization|密钥|令牌)[\w-]*[\"'\s]*[=:](?=.{8})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"bearer\s+", re.IGNORECASE)
_HALF_WIDTH = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)


def bare(text: str) -> str:
    """The text without quotes and punctuation around it, in half-width letters."""
    text = _INVISIBLE.sub("", text)
    return text.translate(_HALF_WIDTH).strip(_QUOTES + _PUNCTUATION)


def key(text: str) -> str:
    """The key alone."""
    value = bare(text)
    for prefix in (_NAMED, _BEARER):
        if match := prefix.match(value):
            value = bare(value[match.end() :])
    return value


def address(text: str) -> str:
    """The address alone; one without a scheme is http on a private network and https elsewhere."""
    url = re.sub(r"(?<=\w)。(?=\w)", ".", bare(text)).partition("#")[0].rstrip("?")
    url = _SCHEME.sub(lambda scheme: scheme[0].lower(), url, count=1)
    if re.match(r"[\w.-]+(?::\d+)?(?:[/?]|\Z)", url):
        url = f"{'http' if addresses.is_private(f'http://{url}') else 'https'}://{url}"
    return re.sub(r"(?<!:)//+", "/", url)
