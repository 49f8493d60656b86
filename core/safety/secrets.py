"""Secrets in a text that is about to be sent: vendors' keys, private keys, tokens, passwords. Pure.

    secrets_in("export GROQ_API_KEY=gsk_...")    [Finding(19, 75, "key", "Groq")]

Keys without a shape of their own (Mistral, Cohere, Azure, an AWS secret) are found by the name they are assigned to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .findings import Finding, apart
from .key_shapes import JWT, PRIVATE_KEY, keys_in

_NAMED = re.compile(
    r"(?P<name>(?i:api[-_ ]?key|apikey|api[-_ ]?secret|api[-_ ]?token|secret[-_ ]?key|access[-_ ]?key|account[-_ ]?key|"
    r"subscription[-_ ]?key|private[-_ ]?token|access[-_ ]?token|auth[-_ ]?token|refresh[-_ ]?token|bot[-_ ]?token|"
    r"client[-_ ]?secret|app[-_ ]?secret|signing[-_ ]?secret|bearer|(?<![a-z])token|"
    r"(?P<password>password|passwd|passphrase|(?<![a-z])pwd|密码|口令))|密钥|令牌)"
    r"(?i:[-_ ]?id)?[\"'”’]?(?:\s{0,4}(?:=>|:=|[:=：＝]|是|为|is)\s{0,4}|\s(?<=[rR]\s))(?:(?i:bearer)\s)?[\"'“‘]?"
    r"(?P<value>[A-Za-z0-9_.~+/=!@#$%^&*?-]{8,512})(?P<after>[(\[<{]?)"
)
_NAMES = ("key", "token", "secret", "passw", "passphr", "pwd", "bearer", "密码", "口令", "密钥", "令牌")
_CONNECTION = re.compile(
    r"(?<=://)(?P<user>[^\s/@:\"'<>{}$]{0,128}):(?P<password>[^\s/@\"'<>{}]{1,256})(?=@[A-Za-z0-9\[_.-])"
)
_USUAL = frozenset({"user", "username", "name"}), frozenset({"password", "pass", "passwd", "pw", "pwd", "secret"})
_STAND_IN = re.compile(
    r"(?i)\$.*|%\w.*|.*\b(?:your|my|example|placeholder|change[-_]?me|insert|redacted|dummy)\b.*|.*your[-_].*|"
    r"(?:[x*._-]|\.{3})*|(.)\1*|(?:sk|key|token|pk)[-_]?(?:x|\*|\.)*"
)
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\.?|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:_[a-z]+)+\d?")
_URL = re.compile(r"(?i)https?:|/")
_KINDS = {JWT: "token", PRIVATE_KEY: "private_key"}
_LEAST_KEY = 16
_LEAST_KINDS = 8  # different characters of a value that is called a key


def secrets_in(text: str, values: Iterable[str] = ()) -> list[Finding]:
    """The secrets by place, without overlaps. `values` are keys to be found as they are."""
    return apart([*_by_value(text, values), *_keys(text), *_connections(text), *_assigned(text)])


def _by_value(text: str, values: Iterable[str]) -> Iterator[Finding]:
    for value in values:
        at = text.find(value) if value else -1
        while at >= 0:
            yield Finding(at, at + len(value), "key")
            at = text.find(value, at + len(value))


def _keys(text: str) -> Iterator[Finding]:
    for key in keys_in(text):
        kind = _KINDS.get(key.vendor, "key")
        yield Finding(key.start, key.end, kind, key.vendor if kind == "key" else "")


def _connections(text: str) -> Iterator[Finding]:
    """The password of an address; the address itself tells the model what it is about."""
    if "://" not in text or "@" not in text:
        return
    for match in _CONNECTION.finditer(text):
        users, passwords = _USUAL
        usual = match["user"].lower() in users and match["password"].lower() in passwords
        if not usual and not _STAND_IN.fullmatch(match["password"]):
            yield Finding(match.start("password"), match.end("password"), "connection")


def _assigned(text: str) -> Iterator[Finding]:
    """Values by the name in front of them."""
    lowered = text.lower()
    if not any(name in lowered for name in _NAMES):
        return
    for match in _NAMED.finditer(text):
        value = match["value"].rstrip(".,;:!?") if not match["password"] else match["value"].rstrip(".,")
        called = "password" if match["password"] else "key"
        if match["after"] or _STAND_IN.fullmatch(value) or _DOTTED.fullmatch(value) or _URL.match(value):
            continue
        if _is_password(value) if called == "password" else _is_key(value):
            yield Finding(match.start("value"), match.start("value") + len(value), called)


def _is_password(value: str) -> bool:
    letters = any(sign.isalpha() for sign in value)
    return len(value) >= 8 and letters and any(not sign.isalpha() for sign in value) and len(set(value)) >= 5


def _is_key(value: str) -> bool:
    letters, digits = any(sign.isalpha() for sign in value), any(sign.isdigit() for sign in value)
    return len(value) >= _LEAST_KEY and letters and digits and len(set(value)) >= _LEAST_KINDS
