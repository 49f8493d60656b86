"""An error body in any of its shapes: message, code and request id."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import LLMError
from ..framing import END, Framer, parse
from ..shape import fields, items

MAX_MESSAGE = 2_000
MAX_PAGE_TEXT = 200
REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-ds-trace-id", "cf-ray")
MESSAGES = (
    *("message", "detail", "error_description", "error_msg", "error_message", "errorMessage", "status_msg", "errmsg"),
    *("msg", "result_msg", "title", "reason", "error"),
)
CODES = ("code", "error_code", "errcode", "err_code", "errorCode", "ret", "result_code")
FAILED = ("error", "err", "fail", "failed", "failure")
GOOD_CODES = ("", "0", "200", "success", "succeeded", "ok", "none", "null")


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """`body` is the whole parsed body (None if it was no JSON), `error` the object that holds the failure.

    `dialect` is the vendor whose codes these are, where the shape of the body tells it. `is_inner`: these are the words
    of a server behind the one that replied, and so is `status`.
    """

    message: str = ""
    code: str | None = None
    type: str | None = None
    status: int | None = None
    request_id: str | None = None
    param: str | None = None
    dialect: str = ""
    is_inner: bool = False
    error: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    @property
    def label(self) -> str | None:
        """The most specific short name: a bare HTTP number says less than a type or a status word."""
        if self.code and not _is_http(self.code):
            return self.code
        return self.type or self.code

    @property
    def raw(self) -> str:
        """The unchanged message of the provider behind a gateway."""
        raw = fields(self.error.get("metadata")).get("raw")
        return raw if isinstance(raw, str) else ""

    @property
    def is_chinese(self) -> bool:
        """Whether its code is one of a vendor whose times are Beijing's."""
        return self.dialect == "minimax" or bool(re.fullmatch(r"1[0-3]\d\d", self.code or ""))


def read(status: int, headers: Mapping[str, str], body: bytes) -> ErrorBody:
    request_id = next((headers[name].strip() for name in REQUEST_IDS if headers.get(name, "").strip()), None)
    frame = _first_frame(body)
    error_body = ErrorBody(message=_plain(status, body)) if frame is None else of_frame(frame)
    return error_body if request_id is None else replace(error_body, request_id=request_id)


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


def of_frame(frame: Any) -> ErrorBody:
    """Arrays hold the error first (Gemini), envelopes hold it in `errors` (Cloudflare), some have no wrapper at all."""
    if isinstance(frame, str):
        return ErrorBody(message=_short(frame), body=frame)
    body = fields(frame[0] if isinstance(frame, list) and frame else frame)
    error = _error_object(body)
    message = _message(error)
    if isinstance(raw := fields(error.get("metadata")).get("raw"), str) and raw.strip() and _GATEWAY.search(message):
        message = raw.strip()
    if inner := _forwarded_error(message):
        request_id = inner.request_id or _word(body.get("request_id"))
        return replace(inner, request_id=request_id, error={**error, **inner.error}, body=frame, is_inner=True)
    code = _word(next((error[name] for name in CODES if name in error), None))
    return ErrorBody(
        message=_short(message),
        code=code,
        dialect=_dialect(body, error),
        type=_word(error.get("type")) or _status_word(error) or _word(error.get("error_type")),
        status=_status(error, code),
        request_id=_word(body.get("request_id")) or _word(error.get("request_id")) or _word(body.get("id")),
        param=_word(error.get("param")),
        error=error,
        body=frame,
    )


_GATEWAY = re.compile(r"^\W*(the )?(provider|upstream)\b.{0,24}\b(returned|error|failed)", re.IGNORECASE)


def _forwarded_error(message: str) -> ErrorBody | None:
    """The error that a gateway forwards as text inside its own message; the innermost one."""
    start, end = message.find("{"), message.rfind("}")
    if start < 0 or end < start:
        return None
    text = message[start : end + 1]
    try:
        frame = parse(text.encode())
    except ValueError:
        try:
            frame = ast.literal_eval(text)  # servers in Python hand on a dict as they print it
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return None
    if not isinstance(frame, dict) or not any(name in frame for name in ("error", "errors", "message", "base_resp")):
        return None
    inner = of_frame(frame)
    return inner if inner.message and inner.message != text else None


def _dialect(body: Mapping[str, Any], error: Mapping[str, Any]) -> str:
    """The vendor whose codes these are, where the shape of the body shows it."""
    if "status_code" in fields(body.get("base_resp")) or "status_msg" in error:
        return "minimax"
    if error is not body and isinstance(body.get("request_id"), str) and "type" in error:
        return "dashscope"
    if "error_code" in body and "error_msg" in body:
        return "qianfan"
    if "Response" in body:
        return "tencent"
    return ""


def is_error(frame: Any) -> bool:
    """Whether a frame of a 200 reply reports a failure: an error object or text, or a code that is not zero."""
    if error := frame.get("error"):
        return not (isinstance(error, dict) and _is_good(error.get("code")) and not _message(error))
    if not _is_good(next((frame[name] for name in CODES if name in frame), None)) and _has_message(frame):
        return True
    if not frame.get("choices") and _reports_failure(frame):
        return True
    if frame.get("object") == "error" or frame.get("type") == "error" or frame.get("error_code"):
        return True
    if fields(frame.get("base_resp")).get("status_code"):  # MiniMax
        return True
    return bool(frame.get("errors")) and frame.get("success") is not True and not frame.get("choices")


def _is_good(code: object) -> bool:
    return str(code or "").lower() in GOOD_CODES


def _has_message(frame: Mapping[str, Any]) -> bool:
    """Whether it holds a message other than "ok"."""
    return any(name in frame and str(frame[name]).lower() not in ("ok", "success") for name in MESSAGES)


def _reports_failure(frame: Mapping[str, Any]) -> bool:
    """Failures without an error object: a flag, a word, an HTTP status, or a lone `detail`."""
    if frame.get("success") is False or str(frame.get("status")).lower() in FAILED:
        return _has_message(frame) or "errors" in frame
    if any(_is_http(str(frame.get(name))) for name in ("status", "statusCode", "status_code")):
        return _has_message(frame)
    if fields(fields(frame.get("Response")).get("Error")) or not _is_good(fields(frame.get("header")).get("code")):
        return True
    return set(frame) == {"detail"}


def _error_object(body: Mapping[str, Any]) -> Mapping[str, Any]:
    match body.get("error"):
        case dict() as error:
            return error
        case str() as text if text:
            return {**body, "message": body.get("error_description") or text, "error": None}
        case list() as rows if rows:
            return fields(rows[0]) or {"message": str(rows[0])}
    rows = items(body.get("errors"))
    if rows:
        return fields(rows[0]) or {"message": str(rows[0])}
    if not _is_good((header := fields(body.get("header"))).get("code")):  # Spark
        return header
    if base := fields(body.get("base_resp")):  # MiniMax
        return {**base, "code": base.get("status_code"), "message": base.get("status_msg")}
    inner = fields(body.get("errors")) or fields(fields(body.get("Response")).get("Error"))  # ModelScope, Tencent
    return {str(name).lower(): value for name, value in inner.items()} or body


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
    """The message of a body that is not JSON. A web page becomes one sentence without markup."""
    text = body[:65_536].decode("utf-8", "replace").replace("\x00", "").strip()
    if not re.match(r"(?is)<(!doctype|html|head|body|\?xml|center|h1|title|!--)", text):
        return _short(text)
    text = re.sub(r"(?is)<(script|style)\b.*?(</\1\s*>|$)|<!--.*?(-->|$)", " ", text)
    title = re.search(r"(?is)<(title|h1)\b[^>]*>(.*?)</\1", text)
    excerpt = html.unescape(re.sub(r"<[^>]*>?", " ", title[2] if title else text))
    excerpt = re.sub(r"[\s<>]+", " ", excerpt).strip()[:MAX_PAGE_TEXT]
    return f"received a web page instead of an answer (HTTP {status})" + (f": {excerpt}" if excerpt else "")


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
    """The HTTP status that an error object states, under any of its names."""
    for value in (
        *(error.get(name) for name in ("status_code", "http_status", "statusCode", "raw_status_code", "status")),
        code,
    ):
        word = _word(value)
        if word and _is_http(word):
            return int(word)
    return None


def _is_http(word: str) -> bool:
    return len(word) == 3 and word.isdecimal() and word[0] in "45"
