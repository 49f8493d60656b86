"""Which error it is. The status decides; codes and the few known sentences refine what one status means twice.

A text is believed only under the statuses named beside it: no sentence turns a success or a 401 into anything else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from core.errors import (
    Auth,
    BadReply,
    BadRequest,
    ContextTooLong,
    Credits,
    Filtered,
    Forbidden,
    LLMError,
    NotFound,
    Overloaded,
    QuotaSpent,
    RateLimited,
    Server,
    Unreachable,
)
from core.wire.failure.words import Said
from core.wire.shape import fields, items

Kind = type[LLMError]


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: Kind
    retryable: bool | None = None
    tries: int | None = None


BY_STATUS: Mapping[int, Verdict] = {
    400: Verdict(BadRequest),
    401: Verdict(Auth),
    402: Verdict(Credits),
    403: Verdict(Forbidden),
    404: Verdict(NotFound),
    407: Verdict(Unreachable, retryable=False),
    408: Verdict(Server),
    409: Verdict(Server),
    410: Verdict(NotFound),
    413: Verdict(ContextTooLong),
    424: Verdict(Server),
    425: Verdict(Server),
    429: Verdict(RateLimited),
    451: Verdict(Forbidden),
    498: Verdict(Overloaded),
    499: Verdict(Server),
    500: Verdict(Server),
    501: Verdict(Server, retryable=False),
    502: Verdict(Server),
    503: Verdict(Overloaded),
    504: Verdict(Server),
    511: Verdict(Unreachable, retryable=False),
    529: Verdict(Overloaded),
}

CODES: Mapping[Kind, str] = {
    Credits: """insufficient_quota insufficient_balance insufficient_credits insufficient_funds billing_error
        billing_hard_limit_reached billing_not_active payment_required payment_method_required
        exceeded_current_quota_error arrearage 1113 30001 30011""",
    QuotaSpent: "1304 1308 1310 3036 4006 11201",
    ContextTooLong: """context_length_exceeded exceed_context_size_error model_context_window_exceeded
        request_too_large string_above_max_length 1261 10907""",
    Filtered: """content_filter content_filtered content_policy_violation data_inspection_failed datainspectionfailed
        moderation_blocked prompt_blocked 1301 10013 10014""",
    Auth: """invalid_api_key api_key_invalid authentication_error incorrect_api_key_error wrong_api_key
        invalid_iam_token unauthenticated access_token_type_unsupported invalidapikey 1000 1001 1002 1003 1004 11200
        30014""",
    Forbidden: "permission_error permission_denied access_denied",
    NotFound: """model_not_found model_decommissioned not_found_error not_found unknown_model
        github_models_retirement_brownout modelnotfound 1211 20012""",
    Overloaded: """overloaded_error overloaded engine_overloaded_error unavailable unavailable_error
        service_unavailable 1305 1312 3040 10007""",
    RateLimited: """rate_limit_exceeded rate_limit_error rate_limit_reached_error rpm_rate_limit_exceeded
        tpm_rate_limit_exceeded too_many_requests_error resource_exhausted throttling throttling.ratequota
        throttling.allocationquota ratelimitreached queue_exceeded token_quota_exceeded 1302 1303 11202 11203""",
    Server: "server_error api_error internal internal_error internal_server_error timeout_error deadline_exceeded",
    BadRequest: """invalid_request_error invalid_argument unsupported_parameter unsupported_value validation
        failed_precondition tool_use_failed json_validate_failed invalidparameter 1210""",
}
KIND_OF: Mapping[str, Kind] = {code: kind for kind, codes in CODES.items() for code in codes.split()}
GENERAL = (BadRequest, Server, Forbidden)  # what such a code says, the status says as well or better
SETTLED = frozenset({401, 402, 404, 407, 410, 511})  # here the status says all

TRAPS: tuple[tuple[Collection[int], Kind, re.Pattern[str]], ...] = tuple(
    (statuses, kind, re.compile(words, re.IGNORECASE))
    for statuses, kind, words in (
        (
            (400, 403),
            Auth,
            r"api key not valid|api key (is )?(expired|invalid|missing|required)|missing authentication|"
            r"(invalid|incorrect|bad) api[ _-]?key|unregistered callers|no api key",
        ),
        (
            (400, 403, 429),
            Credits,
            r"credit balance|(insufficient|not enough|no|low) (account )?(balance|credit|fund)|out of credits|"
            r"balance is (too low|insufficient|not enough)|recharge",
        ),
        (
            (429,),
            QuotaSpent,
            r"per[ _-]?(day|month)|/ ?(day|month)\b|free-models-per-day|\b(daily|monthly)\b|\b[rt]pd\b|"
            r"\blimit: ?0(?![\d.]*\d)",
        ),
        (
            (400, 413, 422, 500),
            ContextTooLong,
            r"context[ _-]?(length|size|window)|maximum (context|input|number of tokens)|too many (input )?tokens|"
            r"(prompt|input|message)s? (is |are )?too (long|large)|too large for model|reduce the length|"
            r"tokens? .{0,40}exceeds?|must (have less|be <=?|be less) .{0,30}tokens|`?inputs`? tokens",
        ),
        (
            (400, 403, 422),
            Filtered,
            r"content[ _-]?(management )?(policy|filter)|safety|moderation|flagged|inappropriate content|"
            r"violates? .{0,30}(usage|guidelines|policy)|responsible ai",
        ),
        (
            (400, 422),
            NotFound,
            r"models? .{0,120}(does not exist|not exist|not found|decommissioned|no longer|not supported for)|"
            r"not a valid model|unknown model|no such model|supported api model names",
        ),
    )
)

PARAMS: Mapping[str, str] = {
    **{name: name for name in ("temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty")},
    "topP": "top_p",
    "topK": "top_k",
    "p": "top_p",
    "k": "top_k",
    "random_seed": "seed",
    **{name: name for name in ("max_tokens", "max_completion_tokens", "maxOutputTokens", "max_new_tokens")},
    **{name: name for name in ("stream_options", "reasoning_effort", "stop", "n")},
}
_PARAM = re.compile(
    rf"(?<![\w-])({'|'.join(sorted((n for n in PARAMS if len(n) > 3), key=len, reverse=True))})(?![\w-])"
)


def judge(status: int | None, said: Said) -> Verdict:
    if status is not None and 300 <= status < 400:
        return Verdict(BadReply, retryable=False)
    coded = next((KIND_OF[word] for word in _codes(said) if word in KIND_OF), None)
    if status in SETTLED:
        return _by_status(status)
    if status == 413 and coded in (RateLimited, QuotaSpent):
        return Verdict(RateLimited, retryable=False)
    if (status == 429 or coded is RateLimited) and _is_daily(said):
        return Verdict(QuotaSpent)
    if status == 403 and fields(said.error.get("metadata")).get("reasons"):
        return Verdict(Filtered)
    trapped = _trapped(status, said)
    if trapped and coded in (None, *GENERAL, RateLimited):
        return Verdict(trapped)
    if coded and (status is None or status < 400 or coded not in GENERAL):
        return Verdict(coded)
    return _by_status(status)


def _by_status(status: int | None) -> Verdict:
    if status is None or status < 400:
        return Verdict(Server)
    return BY_STATUS.get(status) or (Verdict(BadRequest) if status < 500 else Verdict(Server, tries=2))


def _codes(said: Said) -> list[str]:
    reasons = [fields(detail).get("reason") for detail in items(said.error.get("details"))]
    inner = fields(said.error.get("innererror")).get("code")
    details = said.error.get("details")
    nested = fields(details).get("error_code")
    return [str(word).lower() for word in (*reasons, nested, inner, said.code, said.type) if word]


def _is_daily(said: Said) -> bool:
    """Gemini names the spent quota by an id; a daily one among several is the one that lasts."""
    for detail in map(fields, items(said.error.get("details"))):
        for violation in map(fields, items(detail.get("violations"))):
            if "PerDay" in str(violation.get("quotaId", "")) or str(violation.get("quotaValue")) == "0":
                return True
    return False


def _trapped(status: int | None, said: Said) -> Kind | None:
    text = f"{said.message} {said.raw}"
    return next((kind for statuses, kind, words in TRAPS if status in statuses and words.search(text)), None)


def param(kind: Kind, said: Said) -> str | None:
    """The parameter a 400 refuses, by our name where it is one of ours."""
    if kind is not BadRequest:
        return None
    if said.param:
        name = said.param.rsplit(".", 1)[-1]
        return PARAMS.get(name, said.param)
    named = _PARAM.search(said.message)
    return PARAMS[named[1]] if named else None


def sentence(status: int | None, said: Said) -> str:
    """A failure without words, told by its status and code."""
    if status is None:
        return f"the provider reported an error ({said.label})" if said.label else "the provider reported an error"
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    return f"HTTP {status}: {phrase}" + (f" ({said.label})" if said.label else "")
