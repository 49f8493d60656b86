"""What a server said: its message, code and request id out of every shape an error body comes in."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import LLMError
from core.wire.framing import END, Framer, parse
from core.wire.shape import fields, items

MAX_MESSAGE = 2_000
MAX_PAGE_TEXT = 200
REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-ds-trace-id", "cf-ray")
MESSAGES = ("message", "detail", "error_description", "error_msg", "msg", "title", "reason", "error")
GOOD_CODES = ("", "0", "200", "success", "ok")


@dataclass(frozen=True, slots=True)
class Said:
    """`body` is the whole parsed body (None if it was no JSON), `error` the object that holds the failure."""

    message: str = ""
    code: str | None = None
    type: str | None = None
    status: int | None = None
    request_id: str | None = None
    param: str | None = None
    error: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    @property
    def label(self) -> str | None:
        """The most telling short name: a bare HTTP number says less than a type or a status word."""
        if self.code and not _is_http(self.code):
            return self.code
        return self.type or self.code

    @property
    def raw(self) -> str:
        """What the provider behind a gateway said, as it came."""
        raw = fields(self.error.get("metadata")).get("raw")
        return raw if isinstance(raw, str) else ""


def read(status: int, headers: Mapping[str, str], body: bytes) -> Said:
    given = next((headers[name].strip() for name in REQUEST_IDS if headers.get(name, "").strip()), None)
    frame = _first_frame(body)
    said = Said(message=_plain(status, body)) if frame is None else of_frame(frame)
    return said if given is None else replace(said, request_id=given)


def _first_frame(body: bytes) -> Any:
    """The body's JSON, be it whole or the first event of a stream; None if there is none."""
    try:
        return parse(body.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        pass
    framer = Framer("sse", max_line_bytes=len(body) + 1)
    try:
        return next((frame for frame in (*framer.feed(body), *framer.close()) if frame is not END), None)
    except LLMError:
        return None


def of_frame(frame: Any) -> Said:
    """Arrays hold the error first (Gemini), envelopes hold it in `errors` (Cloudflare), some have no wrapper at all."""
    if isinstance(frame, str):
        return Said(message=_short(frame), body=frame)
    body = fields(frame[0] if isinstance(frame, list) and frame else frame)
    error = _error_object(body)
    code = _word(error.get("code", error.get("error_code")))
    return Said(
        message=_short(_message(error)),
        code=code,
        type=_word(error.get("type")) or _status_word(error) or _word(error.get("error_type")),
        status=_status(error, code),
        request_id=_word(body.get("request_id")) or _word(error.get("request_id")) or _word(body.get("id")),
        param=_word(error.get("param")),
        error=error,
        body=frame,
    )


def found(frame: Any) -> bool:
    """Whether a frame of a 200 tells of a failure: an error object or text, or a code that is not zero."""
    if frame.get("error"):
        return True
    if "code" in frame and str(frame["code"] or "").lower() not in GOOD_CODES and "message" in frame:
        return True
    if frame.get("object") == "error" or frame.get("type") == "error" or frame.get("error_code"):
        return True
    return bool(frame.get("errors")) and frame.get("success") is not True and not frame.get("choices")


def _error_object(body: Mapping[str, Any]) -> Mapping[str, Any]:
    match body.get("error"):
        case dict() as error:
            return error
        case str() as text if text:
            return {**body, "message": body.get("error_description") or _inner(text), "error": None}
        case list() as rows if rows:
            return fields(rows[0]) or {"message": str(rows[0])}
    rows = items(body.get("errors"))
    if rows:
        return fields(rows[0]) or {"message": str(rows[0])}
    return body


def _inner(text: str) -> str:
    """An error text that is itself JSON (gateways do that) gives its message."""
    if text[:1] == "{":
        try:
            return _message(_error_object(fields(parse(text.encode())))) or text
        except ValueError:
            pass
    return text


def _message(error: Any) -> str:
    match error:
        case str():
            return error.strip()
        case list():
            return "; ".join(filter(None, map(_message, error[:5])))
        case {"loc": list(place), "msg": str(text)}:
            return f"{'.'.join(map(str, place))}: {text}"
        case dict():
            return next((text for name in MESSAGES if (text := _message(error.get(name)))), "")
    return ""


def _plain(status: int, body: bytes) -> str:
    """The words of a body that is no JSON. A web page is told in one sentence and never handed on as markup."""
    text = body[:65_536].decode("utf-8", "replace").replace("\x00", "").strip()
    if not re.match(r"(?is)<(!doctype|html|head|body|\?xml|center|h1|title|!--)", text):
        return _short(text)
    text = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|$)|<!--.*?(-->|$)", " ", text)
    title = re.search(r"(?is)<(title|h1)\b[^>]*>(.*?)</\1", text)
    seen = html.unescape(re.sub(r"<[^>]*>?", " ", title[2] if title else text))
    seen = re.sub(r"[\s<>]+", " ", seen).strip()[:MAX_PAGE_TEXT]
    return f"a web page came in place of an answer (HTTP {status})" + (f": {seen}" if seen else "")


def _short(text: str) -> str:
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"


def _word(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)[:200] or None


def _status_word(error: Mapping[str, Any]) -> str | None:
    value = error.get("status")
    return value if isinstance(value, str) and value else None


def _status(error: Mapping[str, Any], code: str | None) -> int | None:
    """The HTTP status an error object names for itself, under any of its names."""
    for value in (*(error.get(name) for name in ("status_code", "http_status", "raw_status_code", "status")), code):
        word = _word(value)
        if word and _is_http(word):
            return int(word)
    return None


def _is_http(word: str) -> bool:
    return len(word) == 3 and word.isdecimal() and word[0] in "45"
