"""What a server says when it declines, and the policy that follows from it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import (
    Auth,
    BadReply,
    BadRequest,
    ContextTooLong,
    Credits,
    Filtered,
    Forbidden,
    LLMError,
    ModelNotFound,
    Overloaded,
    Oversize,
    QuotaSpent,
    RateLimited,
    Server,
    Unreachable,
)
from core.wire import failure
from tests.wire.refusals import NOW, RETRY_INFO, error, read
from tests.wire.replay import UNTIMED


def quota(*ids: str) -> dict[str, Any]:
    violations = [{"quotaId": name, "quotaValue": "20"} for name in ids]
    return error(code=429, status="RESOURCE_EXHAUSTED", details=[{"violations": violations}, RETRY_INFO])


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, BadReply),
        (307, BadReply),
        (400, BadRequest),
        (401, Auth),
        (402, Credits),
        (403, Forbidden),
        (404, ModelNotFound),
        (405, BadRequest),
        (407, Unreachable),
        (408, Server),
        (409, Server),
        (410, ModelNotFound),
        (413, ContextTooLong),
        (418, BadRequest),
        (422, BadRequest),
        (425, Server),
        (429, RateLimited),
        (498, Overloaded),
        (500, Server),
        (502, Server),
        (503, Overloaded),
        (504, Server),
        (511, Unreachable),
        (529, Overloaded),
        (599, Server),
    ],
)
def test_the_status_alone_decides(status: int, kind: type[LLMError]) -> None:
    for body in ("", "plain words", "{}", "[]", "null", "{broken", "<html><title>Bad</title></html>"):
        failed = read(status, body)
        assert type(failed) is kind
        assert failed.status == status
        assert failed.message
        assert failed.retryable == (kind.retryable and status not in (301, 307, 407, 511))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, error("API key not valid. Please pass a valid API key.", status="INVALID_ARGUMENT"), Auth),
        (400, error(details=[{"reason": "API_KEY_INVALID"}]), Auth),
        (400, {"detail": "Bad request: bad or missing authentication."}, Auth),
        (403, error("Method doesn't allow unregistered callers (callers without established identity)."), Auth),
        (400, error("Your credit balance is too low to access the Anthropic API."), Credits),
        (400, error(code="Arrearage"), Credits),
        (403, error("Your account has insufficient balance"), Credits),
        (429, error("You exceeded your current quota", code="insufficient_quota"), Credits),
        (429, error(type="exceeded_current_quota_error"), Credits),
        (429, error(code="1113"), Credits),
        (403, {"code": 30011, "message": "paid", "data": None}, Credits),
        (403, {"code": 30001, "message": "balance", "data": None}, Credits),
        (402, error("This request requires more credits, or fewer max_tokens"), Credits),
        (403, {"code": "no permission", "error": "Your team doesn't have any credits yet."}, Credits),
        (429, {"code": "exhausted", "error": "Your team has used all available credits."}, Credits),
        (429, error("Your prepayment credits are depleted.", status="RESOURCE_EXHAUSTED"), Credits),
        (403, error("This method requires billing to be enabled.", status="PERMISSION_DENIED"), Credits),
        (412, error("The account is suspended, possibly for failure to pay past invoices"), Credits),
        (429, error("No available credits. Please top up your account"), Credits),
        (403, error("用户额度不足, 剩余额度: 0", code="insufficient_user_quota", type="new_api_error"), Credits),
        (403, error("账户已停服，请及时续费"), Credits),
        (403, error("资源包余量不足"), Credits),
        (429, error("预付费余额已用完"), Credits),
        (429, error("免费额度不足"), QuotaSpent),
        (429, error("Too many requests. Top up to get a higher limit."), RateLimited),
        (429, error("You exceeded your current quota, check your plan", code=429), RateLimited),
        (429, quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"), RateLimited),
        (429, quota("TokensPerModelPerMinute", "GenerateRequestsPerDayPerProjectPerModel-FreeTier"), QuotaSpent),
        (429, error("Quota exceeded for metric: free_tier_requests, limit: 0, model: gemini"), QuotaSpent),
        (429, error("Quota exceeded for metric: free_tier_requests, limit: 20, model: gemini"), RateLimited),
        (429, error("Rate limit reached on tokens per day (TPD): Limit 100"), QuotaSpent),
        (429, error("Rate limit reached on tokens per minute (TPM): Limit 100"), RateLimited),
        (429, {"message": "You are using a Trial key, limited to 1000 API calls / month."}, QuotaSpent),
        (429, {"message": "You are using a Trial key, limited to 20 API calls / minute."}, RateLimited),
        (429, error("Rate limit exceeded: free-models-per-day"), QuotaSpent),
        (429, error("Rate limit exceeded: free-models-per-min. "), RateLimited),
        (429, {"errors": [{"code": 4006, "message": "you have used up your allocation"}]}, QuotaSpent),
        *((429, error(code=code), QuotaSpent) for code in ("1304", "1308", "1310", "11201")),
        (429, error(code="1302"), RateLimited),
        (429, error(code="1305"), Overloaded),
        (429, error(type="engine_overloaded_error"), Overloaded),
        (413, error("Request too large on tokens per minute", code="rate_limit_exceeded"), RateLimited),
        (413, error(type="request_too_large"), ContextTooLong),
        (400, error(code="context_length_exceeded"), ContextTooLong),
        (400, error("This model's maximum context length is 4096 tokens"), ContextTooLong),
        (400, error("prompt is too long: 210000 tokens > 200000 maximum"), ContextTooLong),
        (400, error("The input token count (9) exceeds the maximum number of tokens allowed (8)"), ContextTooLong),
        (400, error("request (9 tokens) exceeds the available context size (8 tokens)"), ContextTooLong),
        (400, error(code="1261"), ContextTooLong),
        (422, {"error": "Input validation error: `inputs` must have less than 1024 tokens. Given: 9"}, ContextTooLong),
        (400, error("blocked", code="content_filter"), Filtered),
        (400, error("The response was filtered by Azure OpenAI's content management policy."), Filtered),
        (400, error(code="1301"), Filtered),
        (403, error("Input flagged", metadata={"reasons": ["violence"], "flagged_input": "x"}), Filtered),
        (403, error("Provider returned error", metadata={"raw": "Content violates usage guidelines."}), Filtered),
        (400, error("The model `x` has been decommissioned", code="model_decommissioned"), ModelNotFound),
        (400, {"code": 20012, "message": "Model does not exist.", "data": None}, ModelNotFound),
        (403, error("You are not allowed to sample from this model", code=None), Forbidden),
        (401, error("Insufficient balance daily quota content policy"), Auth),
        (500, error("prompt is too long"), ContextTooLong),
        (503, error("Loading model", code=503, type="unavailable_error"), Overloaded),
    ],
)
def test_known_traps(status: int, body: Any, kind: type[LLMError]) -> None:
    assert type(read(status, body)) is kind


def test_a_request_over_the_minute_is_not_worth_repeating() -> None:
    failed = read(413, error("Request too large", code="rate_limit_exceeded"))
    assert not failed.retryable
    assert failed.failover


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (error("Unsupported value", param="temperature", code="unsupported_value"), "temperature"),
        (error("`temperature` is deprecated for this model."), "temperature"),
        (error("`top_p` cannot be specified", type="invalid_request_error"), "top_p"),
        (error("Unknown name", param="generationConfig.topP"), "top_p"),
        ({"detail": [{"loc": ["body", "random_seed"], "msg": "Extra inputs are not permitted"}]}, "seed"),
        (error("Unsupported parameter: 'max_tokens', use another", param="max_tokens"), "max_tokens"),
        (error("Unrecognized request argument supplied: stream_options"), "stream_options"),
        (error("something else"), None),
        (error("My temperature-controlled topping"), None),
    ],
)
def test_a_refused_parameter_is_named(body: Any, param: str | None) -> None:
    failed = read(400, body)
    assert type(failed) is BadRequest
    assert failed.param == param


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (error("one"), "one"),
        ({"error": "two"}, "two"),
        ({"error": {"error": "inner"}}, "inner"),
        ({"error": ["listed"]}, "listed"),
        ({"error": '{"error": {"message": "wrapped"}}'}, "wrapped"),
        ({"message": "three"}, "three"),
        ({"message": {"detail": [{"loc": ["body", "n"], "msg": "bad"}]}}, "body.n: bad"),
        ({"detail": "four"}, "four"),
        ({"detail": {"message": "five"}}, "five"),
        ({"detail": [{"msg": "a"}, {"msg": "b"}]}, "a; b"),
        ({"errors": [{"code": 1, "message": "six"}]}, "six"),
        ({"errors": ["seven"]}, "seven"),
        ([error("eight")], "eight"),
        ({"title": "nine", "status": 429}, "nine"),
        ({"error_code": 17, "error_msg": "ten"}, "ten"),
        ({"error": "invalid_grant", "error_description": "eleven"}, "eleven"),
        ('"twelve"', "twelve"),
        ("thirteen\n", "thirteen"),
        ('event: error\ndata: {"code":"X","message":"fourteen"}\n\n', "fourteen"),
        ({"error": {"code": "gone"}}, "HTTP 429: Too Many Requests (gone)"),
        ("", "HTTP 429: Too Many Requests"),
    ],
)
def test_the_message_is_found_in_every_shape(body: Any, message: str) -> None:
    assert read(429, body).message == message


def test_a_web_page_is_told_in_a_sentence() -> None:
    page = "<!DOCTYPE html><html><head><title>502 &lt;b&gt; Bad\nGateway</title><script>alert(1)</script></head></html>"
    assert read(502, page).message == "received a web page instead of an answer (HTTP 502): 502 b Bad Gateway"
    long = read(502, "<html><body><script>var x</script>" + "<p>wait</p>" * 500)
    assert len(long.message) < 300
    assert not set("<>") & set(long.message)
    assert "var" not in long.message


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (error(code="rate_limit_exceeded", type="tokens"), "rate_limit_exceeded"),
        (error(code="1302"), "1302"),
        (error(code=20012), "20012"),
        (error(code=429), "429"),
        (error(code=429, status="RESOURCE_EXHAUSTED"), "RESOURCE_EXHAUSTED"),
        (error(code=None, type="api_error"), "api_error"),
        ({"error": "x", "error_type": "overloaded"}, "overloaded"),
        ({"errors": [{"code": 4006}]}, "4006"),
        ("text", None),
    ],
)
def test_the_code_is_a_string(body: Any, code: str | None) -> None:
    assert read(429, body).code == code


def test_the_request_id_is_found() -> None:
    assert read(500, "", x_request_id="a").request_id == "a"
    assert read(500, error(), request_id="b", cf_ray="c").request_id == "b"
    assert read(500, {"type": "error", **error(), "request_id": "d"}).request_id == "d"
    assert read(500, {"id": "e", "message": "no"}).request_id == "e"
    assert read(500, error()).request_id is None


def test_a_server_may_forbid_the_retry_but_not_widen_it() -> None:
    assert not read(500, "", x_should_retry="false").retryable
    assert not read(400, "", x_should_retry="true").retryable
    assert read(500, "", x_should_retry="true").retryable


@pytest.mark.parametrize(
    ("frame", "kind", "status"),
    [
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, Overloaded, None),
        ({"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}, RateLimited, None),
        (error("bad", code=502), Server, 502),
        (error("no", code=429), RateLimited, 429),
        (error("x", status_code=400, type="invalid_request_error", code="tool_use_failed"), BadRequest, 400),
        ({"error": "something broke"}, Server, None),
        ({"code": 10007, "message": "busy"}, Overloaded, None),
        ({"code": 11200, "message": "no"}, Auth, None),
        ({"error_code": 17, "error_msg": "Open api daily request limit reached"}, QuotaSpent, None),
        ({"object": "error", "message": "too long", "code": 400}, BadRequest, 400),
    ],
)
def test_an_error_inside_a_good_reply(frame: dict[str, Any], kind: type[LLMError], status: int | None) -> None:
    assert failure.is_error(frame)
    failed = failure.error_in(frame)
    assert (type(failed), failed.status) == (kind, status)
    assert failed.message


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"error": None},
        {"error": {"code": 0, "message": ""}},
        {"code": 0, "message": "Success"},
        {"code": 20000, "message": "ok"},
        {"code": "", "message": ""},
        {"choices": []},
        {"success": True, "message": "done"},
        {"status": "completed", "message": "done"},
        {"status": 200, "message": "done"},
    ],
)
def test_an_ordinary_frame_is_no_error(frame: dict[str, Any]) -> None:
    assert not failure.is_error(frame)


@UNTIMED
@given(st.integers(300, 599), st.binary(max_size=200), st.dictionaries(st.sampled_from(["retry-after"]), st.text()))
def test_any_failure_becomes_an_error_that_can_travel(status: int, body: bytes, headers: dict[str, str]) -> None:
    failed = failure.read(status, headers, body, NOW)
    assert failed.message
    assert pickle.loads(pickle.dumps(failed)).message == failed.message
    assert failed.retry_after_s is None or 0 <= failed.retry_after_s <= 86_400


def _credit(needed: int | None, affords: int) -> Oversize:
    return Oversize(needed, affords, per="credit")


@pytest.mark.parametrize(
    ("status", "message", "size"),
    [
        (413, "on tokens per minute (TPM): Limit 8000, Requested 14100", Oversize(14_100, 8_000, "tokens", "minute")),
        (429, "on tokens per min (TPM): Limit 30,000, Requested 45,000.", Oversize(45_000, 30_000, "tokens", "minute")),
        (429, "on tokens per day (TPD): Limit 100, Used 90, Requested 710.", Oversize(710, 100, "tokens", "day")),
        (429, "Requested tokens 9000 exceed the limit of 8000", Oversize(9_000, 8_000)),
        (413, "Request body too large for gpt-4o model. Max size: 8000 tokens.", Oversize(None, 8_000)),
        (402, "You requested up to 8192 tokens, but can only afford 2666. To increase, add", _credit(8_192, 2_666)),
        (402, "Prompt tokens limit exceeded: you can only afford 1,200 tokens", _credit(None, 1_200)),
        (402, "Can afford 500 tokens; this request needs 4,000", _credit(4_000, 500)),
        (402, "You requested up to 8192 tokens, but can only afford 0.", None),
        (402, "Insufficient credits to pay for 900 tokens", None),
        (429, "on tokens per day (TPD): Limit 100000, Used 99922, Requested 710.", None),
        (429, "on requests per minute (RPM): Limit 3, Requested 4", None),
        (429, "Rate limit reached", None),
    ],
)
def test_what_is_too_large_for_its_limit_is_told_apart(status: int, message: str, size: Oversize | None) -> None:
    failed = read(status, error(message, code="rate_limit_exceeded"), retry_after="30")
    assert failed.oversize == size
    assert failed.origin == "provider"
    if size:
        assert (failed.retryable, failed.retry_after_s) == (False, None)
