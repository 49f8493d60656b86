"""Sentences of refusals, by what they mean: the words decide under the status beside them, in English and Chinese."""

from __future__ import annotations

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
)
from core.wire import failure
from tests.wire.refusals import error, read

SAID: dict[type[LLMError], str] = {
    Forbidden: """
        400 Access from your country is not permitted
        400 This service is unavailable in your area
        403 当前服务暂未对您所在区域开放
        403 Your account has been flagged for abuse and is temporarily blocked.
        400 Your API access has been suspended due to terms violations
        403 您的账号已被限制使用，请联系管理员
    """,
    ModelNotFound: """
        400 engine x not found
        400 The model x is currently disabled
        400 没有找到该模型: x
        400 模型 x 未上线或已停服
        400 模型已废弃
        404 model `x` reached end-of-life on 2025-07-21
    """,
    Credits: """
        400 Your trial credits have run out
        403 No active subscription found.
        403 Your prepaid balance is exhausted
        403 Token 余量不足，请购买
        429 您的账户余额不足以支付本次调用
    """,
    QuotaSpent: """
        429 Your account has reached its spend limit. Please raise it in billing.
        403 Spending limit reached for this API key
        429 rolling window limit reached for this 5h window
        429 您本月的调用量已超出限额
        429 本小时额度已用完
        429 You have hit the 3-hour cap.
    """,
    RateLimited: """
        403 Too many simultaneous requests
        400 maximum number of parallel requests exceeded
        400 QPS 超限
        403 接口调用过于频繁
        400 请求速率超过限制
        403 RPM limit exceeded
        503 Concurrent request limit exceeded
        429 Slow down. 20 per 1 minute
    """,
    Overloaded: """
        400 当前模型负载较高，请稍后再试
        500 The system is experiencing high demand. Please retry.
        429 Model is at capacity, try again later
        429 算力不足，请稍后再试
    """,
    ContextTooLong: """
        400 Conversation too long; start a new one
        400 token count 40000 over model limit 32768
        400 Prompt tokens 40000 larger than max_model_len 32768
        400 请求的 tokens 数量超过了模型的上限
        400 上下文超限
    """,
    BadRequest: """
        400 max_tokens must be at most 8192
        400 Invalid max_tokens value, the valid range of max_tokens is [1, 8192]
        400 temperature must be between 0 and 2
        400 Message role must alternate between user and assistant
    """,
    Filtered: """
        400 Request blocked by guardrail
        403 prompt contains prohibited content
        400 内容违反了相关规定
        400 输入包含违禁词
        400 内容审核未通过
    """,
    Auth: """
        400 apikey error
        403 签名错误
        400 API Key 不合法
        403 未提供令牌
        403 Signature expired
    """,
}
LINES = [(kind, line.strip()) for kind, lines in SAID.items() for line in lines.strip().splitlines()]


@pytest.mark.parametrize(("kind", "line"), LINES)
def test_a_sentence_decides(kind: type[LLMError], line: str) -> None:
    status, _, sentence = line.partition(" ")
    assert type(read(int(status), error(sentence))) is kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"ret": -1, "msg": "账户欠费"}, Credits),
        ({"result_code": "500", "result_msg": "系统繁忙"}, Overloaded),
        ({"status": "error", "message": "Quota exceeded for today"}, QuotaSpent),
    ],
)
def test_a_failure_in_a_200_is_known_by_still_other_names(body: dict[str, object], kind: type[LLMError]) -> None:
    assert failure.is_error(body)
    assert type(failure.error_in(body)) is kind


@pytest.mark.parametrize("body", [{"ret": 0, "msg": "ok"}, {"result_code": "0", "result_msg": "success"}])
def test_a_code_of_success_is_none(body: dict[str, object]) -> None:
    assert not failure.is_error(body)
