"""Which error it is. The status decides; codes and known sentences refine a status that means several things."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from ...errors import BadReply, BadRequest, Filtered, QuotaSpent, RateLimited, Server
from ..shape import fields, items
from .lacks import LACKING
from .table import (
    BY_STATUS,
    GENERAL,
    KIND_AT_401,
    KIND_OF,
    KIND_OF_VENDOR,
    PATTERNS,
    SETTLED,
    Classification,
    Kind,
)
from .words import ErrorBody

PARAMS: Mapping[str, str] = {
    **{name: name for name in ("temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty")},
    "topP": "top_p",
    "topK": "top_k",
    "p": "top_p",
    "k": "top_k",
    "random_seed": "seed",
    **{name: name for name in ("max_tokens", "max_completion_tokens", "maxOutputTokens", "max_new_tokens")},
    **{name: name for name in ("stream_options", "n")},
    "details": "details",
    **dict.fromkeys(
        (
            *("reasoning_effort", "reasoning", "thinking", "thinking_budget", "enable_thinking", "output_config"),
            *(
                "thinkingConfig",
                "thinking_config",
                "thinkingLevel",
                "thinking_level",
                "thinkingBudget",
                "budget_tokens",
            ),
            *("chat_template_kwargs", "effort", "think"),
        ),
        "effort",
    ),
    **dict.fromkeys(
        (
            *(
                "response_format",
                "responseMimeType",
                "response_mime_type",
                "responseJsonSchema",
                "response_json_schema",
            ),
            *("json_schema", "output_format", "format", "output_config.format"),
        ),
        "response_format",
    ),
    **dict.fromkeys(("tools", "functionDeclarations", "function_declarations"), "tools"),
    **dict.fromkeys(("tool_choice", "toolConfig", "tool_config"), "tool_choice"),
    **dict.fromkeys(("stop", "stop_sequences", "stopSequences"), "stop"),
    **dict.fromkeys(("image_url", "images", "inlineData", "inline_data"), "picture"),
    **dict.fromkeys(("input_audio",), "sound"),
    **dict.fromkeys(("file_data", "document_url"), "document"),
}
# Names that are words of English too: they count only as the parameter that a server names, not within a sentence.
_WORDS = {"reasoning", "thinking", "effort", "think", "format", "tools", "images"}
_PARAM = re.compile(
    rf"(?<![\w-])({'|'.join(sorted((n for n in PARAMS if len(n) > 3 and n not in _WORDS), key=len, reverse=True))})"
    r"(?![\w-])"
)


def judge(status: int | None, error_body: ErrorBody, vendor: str = "") -> Classification:
    """`vendor`: the provider's id where it is known; the shape of the body tells some."""
    if status is not None and 300 <= status < 400:
        return Classification(BadReply, retryable=False)
    if status in SETTLED:
        kind = _coded(error_body, KIND_AT_401) or _worded(status, error_body)
        return Classification(kind) if status == 401 and kind else _by_status(status)
    own = _coded(error_body, KIND_OF_VENDOR.get(vendor) or KIND_OF_VENDOR.get(error_body.dialect, {}))
    coded = own or _coded(error_body, KIND_OF)
    if status == 413 and coded in (RateLimited, QuotaSpent):
        return Classification(RateLimited, retryable=False)
    if (status == 429 or coded is RateLimited) and _is_daily(error_body):
        return Classification(QuotaSpent)
    if status == 403 and fields(error_body.error.get("metadata")).get("reasons"):
        return Classification(Filtered)
    worded = _worded(status, error_body)
    if worded and coded in (None, *GENERAL, RateLimited):
        return Classification(worded)
    if own:
        return Classification(own)
    if status == 404:
        return _by_status(status)
    if coded and (status is None or status < 400 or coded not in GENERAL):
        return Classification(coded)
    return _by_status(status)


def _coded(error_body: ErrorBody, kind_of: Mapping[str, Kind]) -> Kind | None:
    """What its codes mean; `RateLimitExceeded.EndpointRPMExceeded` is looked up as a whole, then by its first part."""
    codes = _codes(error_body)
    return next((kind_of[word] for code in codes for word in (code, code.partition(".")[0]) if word in kind_of), None)


def _by_status(status: int | None) -> Classification:
    if status is None or status < 400:
        return Classification(Server)
    return BY_STATUS.get(status) or (Classification(BadRequest) if status < 500 else Classification(Server, tries=2))


def _codes(error_body: ErrorBody) -> list[str]:
    reasons = [fields(detail).get("reason") for detail in items(error_body.error.get("details"))]
    inner = fields(error_body.error.get("innererror")).get("code")
    details = error_body.error.get("details")
    nested = fields(details).get("error_code")
    return [str(word).lower() for word in (*reasons, nested, inner, error_body.code, error_body.type) if word]


def _is_daily(error_body: ErrorBody) -> bool:
    """Gemini names the spent quota by an id; a daily one among several is the one that lasts."""
    for detail in map(fields, items(error_body.error.get("details"))):
        for violation in map(fields, items(detail.get("violations"))):
            if "PerDay" in str(violation.get("quotaId", "")) or str(violation.get("quotaValue")) == "0":
                return True
    return False


def _worded(status: int | None, error_body: ErrorBody) -> Kind | None:
    text = f"{error_body.message} {error_body.raw}"
    error_status = status if status is None or status >= 400 else None
    return next((kind for statuses, kind, words in PATTERNS if error_status in statuses and words.search(text)), None)


def param(kind: Kind, error_body: ErrorBody) -> str | None:
    """The parameter that a 400 refuses, under our name where it is one of ours."""
    if kind is not BadRequest:
        return None
    if lacking := next((name for name, words in LACKING if words.search(error_body.message)), None):
        return lacking
    if error_body.param:
        names = [name for name in re.split(r"[.\[\]]+", error_body.param) if name in PARAMS]
        exact = next((name for name in names if name != "output_config"), names[0] if names else None)
        return PARAMS[exact] if exact else error_body.param
    match = _PARAM.search(error_body.message)
    return PARAMS[match[1]] if match else None


def sentence(status: int | None, error_body: ErrorBody) -> str:
    """The sentence for a failure without a message: its status and code."""
    if status is None:
        return (
            f"the provider reported an error ({error_body.label})"
            if error_body.label
            else "the provider reported an error"
        )
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    return f"HTTP {status}: {phrase}" + (f" ({error_body.label})" if error_body.label else "")
