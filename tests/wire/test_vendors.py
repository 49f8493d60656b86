"""Refusals in the words and codes of many vendors, English and Chinese, and the sentences inside sentences."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import (
    Auth,
    BadRequest,
    ContextTooLong,
    Credits,
    Filtered,
    Forbidden,
    LLMError,
    ModelNotFound,
    Overloaded,
    QuotaSpent,
    RateLimited,
    Server,
)
from core.wire import failure
from tests.wire.refusals import NOW, error, read

FREE_TIER_ONLY = error("The free tier of the model has been exhausted.", code="AllocationQuota.FreeTierOnly")
SPENT = "You exceeded your current quota, please check your plan and billing details."


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        # a place that is not served
        (400, error("User location is not supported for the API use.", status="FAILED_PRECONDITION"), Forbidden),
        (400, error("The free tier is not available in your country."), Forbidden),
        (400, error("The free tier is not available in your country. Please enable billing."), Forbidden),
        (403, error("该地区不支持此服务，请充值"), Forbidden),
        (403, error("Your account is suspended due to insufficient balance"), Credits),
        (403, error("x", code="unsupported_country_region_territory", type="request_forbidden"), Forbidden),
        (404, error("This model is not available in your region."), Forbidden),
        (400, error("您所在的地区暂不支持该服务"), Forbidden),
        (400, error("Invalid value at 'location'", status="INVALID_ARGUMENT"), BadRequest),
        # an account, a subscription
        (400, error("Your account has been suspended."), Forbidden),
        (404, error("账号已被冻结"), Forbidden),
        (404, error("Your account 21 has not activated the model x.", code="ModelNotOpen"), ModelNotFound),
        (403, error("this model requires a subscription"), Forbidden),
        # keys of LiteLLM's proxy: one it does not know, told by what it lacks to look it up, and one for other models
        (400, error("No connected db.", type="no_db_connection", param=None, code="400"), Auth),
        (401, error("Authentication Error, No api key passed in.", type="auth_error", code="401"), Auth),
        (400, error("Authentication Error - Expired Key.", type="expired_key", code="400"), Auth),
        (
            401,
            error("key not allowed to access model. It can only access models=['a'].", type="key_model_access_denied"),
            Forbidden,
        ),
        (401, error("no", type="team_model_access_denied", param="model", code="401"), Forbidden),
        # a model that is gone
        (400, error("The model `x` has been retired."), ModelNotFound),
        (
            400,
            error("Invalid model name passed in model=x. Call `/v1/models` to view available models."),
            ModelNotFound,
        ),
        (403, error("模型 x 已下线"), ModelNotFound),
        (404, error("No endpoints found for x."), ModelNotFound),
        # money
        (429, error("User=u crossed budget. Spend=1, Budget=0.5"), Credits),
        (400, error("Budget has been exceeded! Current cost: 1.0, Max budget: 0.5", type="budget_exceeded"), Credits),
        (
            403,
            error("your account has an overdue balance.", code="AccountOverdueError"),
            Credits,
        ),
        (403, error("账户已欠费，请充值"), Credits),
        (400, error("余额不足"), Credits),
        (500, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, Credits),
        (500, {"type": "error", "error": {"type": "insufficient_balance_error", "message": "no (1008)"}}, Credits),
        (200, {"Response": {"Error": {"Code": "FailedOperation.ServiceStopArrears", "Message": "欠费停服"}}}, Credits),
        # an allowance that is spent
        *((status, FREE_TIER_ONLY, QuotaSpent) for status in (400, 403, 429)),
        (429, error("you have reached your weekly usage limit, upgrade for higher limits"), QuotaSpent),
        (429, error("you have reached your session usage limit"), QuotaSpent),
        (429, error("You have exceeded the 5-hour usage quota."), QuotaSpent),
        (429, error("Weekly/Monthly Limit Exhausted."), QuotaSpent),
        (429, error("已达到 5 小时的使用上限。"), QuotaSpent),
        (403, error("您的免费额度已用完"), QuotaSpent),
        # too fast, too busy
        (429, error("too many requests, slow down"), RateLimited),
        (400, error("请求过于频繁，请稍后再试"), RateLimited),
        (429, error("x", code="RateLimitExceeded.EndpointRPMExceeded"), RateLimited),
        (429, {**error(SPENT, code="insufficient_quota", type="insufficient_quota"), "request_id": "r"}, RateLimited),
        (429, error(SPENT, code="insufficient_quota", type="insufficient_quota"), Credits),
        (500, error("当前访问量过大，请您稍后再试"), Overloaded),
        # too long, not allowed
        (400, error("length of prompt_tokens (41000) must be less than max_seq_len (32768)."), ContextTooLong),
        (400, error("Range of input length should be [1, 30720]", code="InvalidParameter"), ContextTooLong),
        (400, error("输入内容过长，超出上下文长度"), ContextTooLong),
        (400, error("输入内容包含敏感信息"), Filtered),
        (400, error("x", code="InputTextSensitiveContentDetected.Violence"), Filtered),
        # a key
        (403, error("令牌无效"), Auth),
        (400, {"errors": {"message": "api key invalid"}}, Auth),
        # a key, an allowance, a plan, in other words
        (403, error('BedrockException - {"message":"The security token is invalid."}'), Auth),
        (401, error(SPENT, code=401, type="insufficient_quota"), Credits),
        (403, {"code": "no permission", "error": "Your team has used all available credits."}, Credits),
        (429, {"code": "exhausted", "error": "Your team has used all available credits."}, Credits),
        (403, error("This request requires more credits, or fewer max_tokens."), Credits),
        (403, error("预扣费额度失败, 用户剩余额度: 0"), Credits),
        (429, error("用户额度不足"), Credits),
        (412, error("Account x is suspended, possibly due to failure to pay past invoices."), Credits),
        (429, error("您的套餐已到期", code="1309"), Credits),
        (429, error("当前订阅套餐暂未开放 GLM-5 权限", code="1311"), Forbidden),
        (429, {"errors": {"message": "You have exceeded today's quota, please try again tomorrow"}}, QuotaSpent),
        (403, {"errors": {"message": "当前模型今日调用额度已用尽"}}, QuotaSpent),
        (429, error("You've used all your free requests for today"), QuotaSpent),
        (429, error("Rate limit reached. Upgrade to Dev Tier today."), RateLimited),
        (429, error("Limit: 3 / min. Add a payment method to your account to increase your rate limit."), RateLimited),
        (429, error("当前分组上游负载已饱和，请稍后再试"), Overloaded),
        (429, {"Response": {"Error": {"Code": "LimitExceeded", "Message": "请求限频"}}}, RateLimited),
        # a place, an account, a model, a length
        (400, error("Access from your region is restricted"), Forbidden),
        (400, error("您的账户因违规行为已被锁定", code="1121"), Forbidden),
        (400, error("Invalid model 'x'. Permitted models are listed", code=400, type="invalid_model"), ModelNotFound),
        (
            400,
            error('BedrockException - {"message":"This model version has reached the end of its life."}'),
            ModelNotFound,
        ),
        (400, {"errors": {"message": "Model id: x , has no provider supported"}}, ModelNotFound),
        (400, error("不支持的模型：x"), ModelNotFound),
        (403, {"code": 30003, "message": "Model disabled.", "data": None}, ModelNotFound),
        (400, error("This model no longer supports temperature"), BadRequest),
        (400, error("For this model the parameter max_tokens is deprecated"), BadRequest),
        (400, error("Your request exceeded model token limit: 8192", type="invalid_request_error"), ContextTooLong),
        (400, error("max_tokens (9000) exceeds what this model can write"), BadRequest),
        (451, error("blocked", code="censorship_blocked"), Filtered),
        (400, error("Input text may violate platform rules", code="InputTextRiskDetection"), Filtered),
        # a failure inside a 200
        (200, {"success": False, "message": "Rate limit exceeded"}, RateLimited),
        (200, {"status": "error", "error_message": "insufficient balance"}, Credits),
        (200, {"status": "failed", "message": "model overloaded"}, Overloaded),
        (200, {"code": 401, "msg": "token invalid", "data": None}, Auth),
        (200, {"errcode": 40001, "errmsg": "invalid token"}, Auth),
        (200, {"header": {"code": 10007, "message": "busy"}}, Overloaded),
        (200, {"Response": {"Error": {"Code": "RequestLimitExceeded", "Message": "x"}}}, RateLimited),
        (200, {"statusCode": 429, "message": "slow down"}, RateLimited),
        (200, {"detail": "Not authenticated"}, Auth),
        # a key, an organisation, a plan, a subscription, in the words of still others
        (403, error("Your API key was reported as leaked. Please use another API key."), Auth),
        (401, error("该令牌额度已用尽 TokenStatusExhausted[sk-x]", type="new_api_error"), Credits),
        (401, error("该令牌状态不可用", type="one_api_error"), Auth),
        (403, error("订阅额度不足或未配置订阅"), Credits),
        (403, error("赠送额度已过期"), Credits),
        (400, error("Your subscription has expired. Renew to continue."), Credits),
        (429, error("Extra usage is required for long context requests.", type="rate_limit_error"), Credits),
        (400, error("Access denied, please make sure your account is in good standing."), Credits),
        (400, error("Your organization must be verified to stream this model.", code="unsupported_value"), Forbidden),
        (400, error("This organization has been disabled.", type="invalid_request_error"), Forbidden),
        (400, error("Organization has been restricted.", code="organization_restricted"), Forbidden),
        (400, error("The model `x` is blocked at the project level."), Forbidden),
        (429, error("您的账户因违反使用政策已被限制访问", code="1121"), Forbidden),
        (500, error("your current token plan not support model, x (2061)", type="api_error"), Forbidden),
        # an allowance of an hour, a session, a week, a month, a day
        (400, error("You have reached your specified API usage limits.", type="invalid_request_error"), QuotaSpent),
        (403, error("You've reached your usage limit for this billing cycle."), QuotaSpent),
        (403, error("You've reached the 5-hour usage limit.", type="provider.auth_error"), QuotaSpent),
        (403, error("Key limit exceeded (daily limit). Manage it using the settings", code=403), QuotaSpent),
        (403, error("Key limit exceeded (total limit). Manage it using the settings", code=403), Credits),
        (429, error("You have exhausted your capacity on this model."), QuotaSpent),
        (429, error("Rate limit of 150 per 86400s exceeded for UserByModelByDay."), QuotaSpent),
        (429, error("体验次数已用完，请升级套餐"), QuotaSpent),
        *(
            (
                429,
                {**error(f"{span} allocated quota exceeded.", code="insufficient_quota", type="x"), "request_id": "r"},
                QuotaSpent,
            )
            for span in ("hour", "week", "month")
        ),
        # too long, too busy, gone, not allowed
        (400, error("the length of messages exceed 20000 chars", code="characters_too_long"), ContextTooLong),
        (200, {"base_resp": {"status_code": 2013, "status_msg": "context window exceeds limit"}}, ContextTooLong),
        (200, {"base_resp": {"status_code": 2013, "status_msg": "invalid params"}}, BadRequest),
        (400, error("EngineInternalError, message: input token limit is 97280", code="10012"), ContextTooLong),
        (422, {"detail": [{"loc": ["messages", 0], "msg": "should have at most 32000 characters"}]}, ContextTooLong),
        (400, error("消息总长度不能超过 28000 个字符"), ContextTooLong),
        (400, error("prompt长度超过限制"), ContextTooLong),
        (200, {"code": 11210, "message": "concurrent limit exceeded"}, RateLimited),
        (429, {"object": "error", "message": "Service tier capacity exceeded for this model."}, Overloaded),
        (400, {"error": "The requested model 'x' is not supported by any provider you have enabled."}, ModelNotFound),
        (400, error("Unable to access non-serverless model x.", code="model_not_available"), ModelNotFound),
        (400, error("Unavailable model: x", code="unavailable_model"), ModelNotFound),
        (400, {"message": "Invocation of model ID x with on-demand throughput isn't supported."}, ModelNotFound),
        (400, {"error": '"x" does not support chat'}, ModelNotFound),
        (503, error("当前分组 default 下对于模型 x 无可用渠道"), ModelNotFound),
        (400, error("Content Exists Risk"), Filtered),
        # nothing of the kind
        (500, error("an error in the safety of the weekly region"), Server),
    ],
)
def test_a_refusal_is_understood_by_words_and_codes(status: int, body: Any, kind: type[LLMError]) -> None:
    failed = read(status, body) if status >= 400 else failure.error_in(body)
    assert status >= 400 or failure.is_error(body)
    assert type(failed) is kind
    assert failed.message


@pytest.mark.parametrize(
    ("code", "vendor", "kind"),
    [
        ("insufficient_quota", "dashscope", RateLimited),
        ("insufficient_quota", "openai", Credits),
        ("1008", "minimax", Credits),
        ("1002", "minimax", RateLimited),
        ("1002", "zhipu", Auth),
        ("17", "qianfan", QuotaSpent),
    ],
)
def test_a_code_means_what_its_vendor_means(code: str, vendor: str, kind: type[LLMError]) -> None:
    assert type(failure.read(429, {}, json.dumps(error("x", code=code)).encode(), NOW, vendor)) is kind


RAW = {"raw": "x is temporarily rate-limited upstream.", "provider_name": "Base"}
RAW_JSON = {"raw": '{"error":{"message":"At most 1 image.","type":"invalid_request_error"}}'}


@pytest.mark.parametrize(
    ("status", "body", "message", "kind"),
    [
        (429, error("Provider returned error", metadata=RAW), RAW["raw"], RateLimited),
        (400, error("Provider returned error", metadata=RAW_JSON), "At most 1 image.", BadRequest),
        (
            500,
            error('{"error":{"message":"top_p is 2.","code":400}}'),
            "top_p is 2.",
            BadRequest,
        ),
        (
            400,
            error("Error code: 400 - {'error': {'message': 'no such model'}}"),
            "no such model",
            ModelNotFound,
        ),
        (400, error('{"error":"{\\"error\\":{\\"message\\":\\"deep\\"}}"}'), "deep", BadRequest),
        (400, error('invalid JSON: {"a": 1}'), 'invalid JSON: {"a": 1}', BadRequest),
        (400, {"errors": {"message": "Model not supported: x"}}, "Model not supported: x", ModelNotFound),
    ],
)
def test_the_innermost_sentence_is_shown(status: int, body: Any, message: str, kind: type[LLMError]) -> None:
    failed = read(status, body)
    assert (failed.message, type(failed)) == (message, kind)


def test_what_a_gateway_wraps_keeps_its_waits() -> None:
    headers = {"X-RateLimit-Reset": str(int(NOW.timestamp() * 1000) + 9_000)}
    failed = read(429, error("Provider returned error", metadata={**RAW_JSON, "headers": headers}))
    assert failed.retry_after_s == 9.0


def test_the_parameter_of_an_inner_refusal_is_named() -> None:
    assert read(500, error('{"error":{"message":"top_p is 2.","code":400}}')).param == "top_p"


def test_a_server_that_knows_no_details_is_asked_without() -> None:
    assert read(422, error("unknown field details", param="details")).param == "details"
    assert read(422, {"error": "`details` is not a valid parameter"}).param == "details"
