"""What the words and codes of providers mean. A new word or code is one more word in one of these tables.

`BY_STATUS` decides where nothing else does; `CODES` are everybody's, `CODES_OF` one vendor's, who gives another meaning
to a code that others use too; `WORDS` are sentences, in English and Chinese, which count only under the statuses beside
them: no sentence turns a success or a 401 into anything else. The first match counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ...errors import (
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
    Unreachable,
)
from .lacks import LACKING

Kind = type[LLMError]


@dataclass(frozen=True, slots=True)
class Classification:
    kind: Kind
    retryable: bool | None = None
    tries: int | None = None


BY_STATUS: Mapping[int, Classification] = {
    400: Classification(BadRequest),
    401: Classification(Auth),
    402: Classification(Credits),
    403: Classification(Forbidden),
    404: Classification(ModelNotFound),
    407: Classification(Unreachable, retryable=False),
    408: Classification(Server),
    409: Classification(Server),
    410: Classification(ModelNotFound),
    413: Classification(ContextTooLong),
    424: Classification(Server),
    425: Classification(Server),
    429: Classification(RateLimited),
    451: Classification(Forbidden),
    498: Classification(Overloaded),
    499: Classification(Server),
    500: Classification(Server),
    501: Classification(Server, retryable=False),
    502: Classification(Server),
    503: Classification(Overloaded),
    504: Classification(Server),
    511: Classification(Unreachable, retryable=False),
    529: Classification(Overloaded),
}

CODES: Mapping[Kind, str] = {
    Credits: """insufficient_quota insufficient_balance insufficient_balance_error insufficient_credits
        insufficient_funds billing_error billing_hard_limit_reached billing_not_active payment_required
        payment_method_required exceeded_current_quota_error budget_exceeded arrearage accountoverdueerror
        account_overdue accountarrears operationdenied.serviceoverdue prepaidbilloverdue postpaidbilloverdue
        failedoperation.servicestoparrears failedoperation.servicestop resourceinsufficient.chargeresourceexhaust
        failedoperation.resourcepackexhausted insufficient_user_quota pre_consume_token_quota_failed 1113 1309
        30001 30011""",
    QuotaSpent: """allocationquota.freetieronly freetieronly failedoperation.freeresourcepackexhausted
        setlimitexceeded quotaexceeded usage_limit_reached usage_limit_exceeded daily_limit_exceeded
        1304 1308 1310 3036 4006 11201""",
    ContextTooLong: """context_length_exceeded exceed_context_size_error model_context_window_exceeded
        request_too_large string_above_max_length outofcontexterror context_window_exceeded characters_too_long 1261
        10907""",
    Filtered: """content_filter content_filtered content_policy_violation data_inspection_failed datainspectionfailed
        moderation_blocked prompt_blocked sensitivecontentdetected inputtextsensitivecontentdetected
        outputtextsensitivecontentdetected inputtextriskdetection
        outputtextriskdetection censorship_blocked 1301 10013 10014""",
    Auth: """invalid_api_key api_key_invalid authentication_error incorrect_api_key_error wrong_api_key
        invalid_iam_token unauthenticated access_token_type_unsupported invalidapikey authenticationerror
        authfailure no_db_connection token_not_found_in_db expired_key auth_error
        1000 1001 1002 1003 1004 11200 30014""",
    Forbidden: """permission_error permission_denied access_denied accessdenied
        unsupported_country_region_territory request_forbidden account_deactivated account_suspended
        organization_restricted model_permission_blocked_org model_permission_blocked_project modelnotopen
        operationdenied.servicenotopen operationdenied commoditynotpurchased account_disabled unpurchased""",
    ModelNotFound: """model_not_found model_decommissioned not_found_error not_found unknown_model model_deprecated
        model_retired invalid_model model_not_available unavailable_model
        invalidendpointormodel invalidendpoint github_models_retirement_brownout
        modelnotfound 1211 1221 1222 20012 30003""",
    Overloaded: """overloaded_error overloaded engine_overloaded_error unavailable unavailable_error
        service_unavailable serveroverloaded modelloadingerror
        resourceinsufficient 1305 1312 3040 10007""",
    RateLimited: """rate_limit_exceeded rate_limit_error rate_limit_reached_error rpm_rate_limit_exceeded
        tpm_rate_limit_exceeded too_many_requests_error resource_exhausted throttling throttling.ratequota
        throttling.allocationquota throttling.burstrate ratelimitreached ratelimitexceeded requestlimitexceeded
        queue_exceeded token_quota_exceeded limitexceeded limitexceeded.concurrent
        failedoperation.engineserverlimitexceeded 1302 1303 11202 11203""",
    Server: """server_error api_error internal internal_error internal_server_error internalserviceerror timeout_error
        deadline_exceeded""",
    BadRequest: """invalid_request_error invalid_argument unsupported_parameter unsupported_value validation
        failed_precondition tool_use_failed json_validate_failed invalidparameter missingparameter 1210""",
}
# One vendor's own meaning of a code; the provider's id or the shape of the body shows the vendor.
CODES_OF: Mapping[str, Mapping[Kind, str]] = {
    "dashscope": {RateLimited: "insufficient_quota"},  # its limit a minute; the sentence is OpenAI's for no credit
    "minimax": {
        RateLimited: "1002 1039 1041 2045",
        Auth: "1004 2049",
        Credits: "1008",
        QuotaSpent: "2056",
        Filtered: "1026 1027",
        BadRequest: "1042 2013",
        Server: "1000 1001 1013 1024 1033",
    },
    "qianfan": {
        Forbidden: "336101 6",
        RateLimited: "4 18 336501 336502",
        QuotaSpent: "17 19 336503",
        Auth: "13 14 100 110 111",
        Overloaded: "336100 2",
        ContextTooLong: "336007 336103",
        Filtered: "336104 336006",
    },
}


def _by_code(table: Mapping[Kind, str]) -> Mapping[str, Kind]:
    return {code: kind for kind, codes in table.items() for code in codes.split()}


KIND_OF = _by_code(CODES)
KIND_OF_VENDOR = {vendor: _by_code(table) for vendor, table in CODES_OF.items()}
# What a 401 may mean beside a bad key: no money, or a key of LiteLLM's that is good for other models.
KIND_AT_401 = _by_code(
    {
        Credits: CODES[Credits],
        Forbidden: """key_model_access_denied team_model_access_denied user_model_access_denied
        org_model_access_denied""",
    }
)
GENERAL = (BadRequest, Server, Forbidden)  # what such a code says, the status says as well or better
SETTLED = frozenset({401, 402, 407, 410, 511})  # here the status says all

Words = tuple[Collection[int | None], Kind, str]
# Statuses, meaning, words (a regular expression). None stands for a failure inside a reply that began well.
WORDS: tuple[Words, ...] = (
    (
        (400, 404, 415, 422, 500, 501, None),
        BadRequest,
        "|".join(pattern.pattern for _, pattern in LACKING),
    ),
    (
        (400, 403, None),
        Auth,
        r"api key not valid|api key (is )?(expired|invalid|missing|required)|missing authentication|"
        r"(invalid|incorrect|bad) api[ _-]?key|unregistered callers|no api key|authentication failed|"
        r"api[ _-]?key .{0,24}(leaked|revoked|disabled|deleted)|"
        r"api ?key (error|rejected|disabled)|signature (expired|mismatch|does not match)|invalid signature|"
        r"签名(错误|不匹配|过期|校验失败)|未提供(令牌|密钥|api ?key)|"
        r"security token .{0,40}(invalid|expired)|not authenticated|token (is )?invalid|invalid token|"
        r"(令牌|密钥|api ?key|鉴权|身份验证|认证).{0,8}(无效|错误|不正确|不合法|非法|已?过期|失败|不存在)",
    ),
    (  # before money: a place that is not served is often told together with how to pay
        (403, 404, 400, 422, None),
        Forbidden,
        r"location is not supported|(not|un)[ -]?(available|supported) .{0,24}(country|region|location|territor)|"
        r"(country|region|territor(y|ies))\b.{0,40}(not|un)[ -]?(supported|available|allowed)|"
        r"(region|country|location|jurisdiction|territor(y|ies))\b.{0,16}(restricted|denied|blocked|not permitted)|"
        r"(unavailable|not (available|supported)) in (your|this) area|"
        r"(restricted|denied|blocked|not (allowed|permitted)|unavailable)\b.{0,30} "
        r"(region|country|location|jurisdiction)|"
        r"(国家|地区|区域).{0,10}(不支持|不可用|受限|未开放|无法)|不支持.{0,8}(国家|地区|区域)",
    ),
    (
        (401,),  # the keys of new-api and one-api, each with an allowance of its own
        Credits,
        r"(令牌|密钥)(可用|剩余)?额度.{0,4}(不足|耗尽|用完|用尽)|TokenStatusExhausted|token quota (exhausted|used up)",
    ),
    (
        (400, 403, 429),
        QuotaSpent,
        r"free[ -](allocated )?(tier|quota|usage|trial)\b.{0,60}(exhausted|used up|exceeded|spent|expired|run out)|"
        r"(exhausted|used up|exceeded|reached) .{0,20}free[ -](tier|quota|usage|trial)|"
        r"used all your free |exceeded (today's|your (daily|weekly|monthly)) (quota|limit)|"
        r"(reached|exceeded|hit|used up) .{0,40}(usage|daily|weekly|monthly|hourly|session|hour) (usage )?"
        r"(limit|quota|cap)|(hourly|daily|weekly|monthly) (usage )?(limit|quota)\b.{0,12}(reached|exceeded)|"
        r"limit exceeded \((hourly|daily|weekly|monthly)|spend(ing)? (limit|cap) (has been |was )?(reached|exceeded)|"
        r"免费.{0,12}(用完|用尽|耗尽|用光|已?达|超出|到期|不足)|(今|当|本|每)(日|天|周|月).{0,12}(用完|用尽|耗尽|用光)",
    ),
    (
        (400, 403, 404, 412, 429, 500, 503, None),
        Credits,
        r"used all (available |your )?credits|(not|n't) have (any|enough) (credit|balance)|requires more credits|"
        r"credits? .{0,16}(depleted|exhausted|used up)|no (remaining |available )balance|no credits|"
        r"payment (is )?required|(trial|subscription) (has |is )?(ended|over|expired|lapsed)|failure to pay|"
        r"add a payment method(?!.{0,60}(increase|raise|higher))|"
        r"billing (is |has )?(not|n't) (been )?(enabled|active|set)|"
        r"insufficient (user |token |account )?quota|quota (is )?(not enough|insufficient)|"
        r"(用户|账户|账号|剩余|可用|订阅)额度.{0,4}(不足|: ?[-0]|：[-0]|为[0负零])|无可用额度|预扣费|"
        r"资源包.{0,6}(用尽|用完|耗尽|不足)|(套餐|代金券|(赠送|赠金|体验金)(额度|余额)?).{0,12}(到期|过期)|"
        r"credit balance|(insufficient|not enough|no|low) (account )?(balance|credit|fund)|out of credits|"
        r"balance is (too low|insufficient|not enough)|recharge|overdue[ -](balance|payment|bill)|"
        r"account is in good standing|in arrears|arrearage|"
        r"(crossed|exceeded|over) (the |your |its )?budget|budget (has been |was |is )?(exceeded|crossed|exhausted)|"
        r"\b(no|any|all) ((of )?your |its |the )?((available|remaining|prepaid|purchased) )?credits\b|"
        r"credits? (is |are |has |have |been ){0,3}(expired|insufficient)|"
        r"(credit|key) limit (exceeded|reached)|credits? (have |has )?run out|"
        r"no active (subscription|plan)|balance (is |has been )?(exhausted|used up|empty|zero)|"
        r"enable billing|extra usage is required|"
        r"billing to be (enabled|active|set up)|payment method (is )?(required|needed|missing)|"
        r"\btop(ping)?[ -]?up\b(?!.{0,60}(increase|raise|higher))|(unpaid|past[ -]due|overdue) (invoice|account)|"
        r"ExceededBudget|(余额|余量).{0,4}(不足|耗尽|为负|为零|用完|用尽)|欠费|充值|续费|账单.{0,6}逾期|"
        r"(用户|[账帐]户|[账帐]号|令牌)(可用|剩余)?额度.{0,4}(不足|耗尽|用完|用尽)",
    ),
    (
        (400, 403, 429, 500, None),
        Forbidden,
        r"[账帐][户号].{0,20}(限制访问|封禁|冻结|锁定)|fair[ -]us(e|age) polic|"
        r"(plan|subscription) .{0,20}(not|n't) .{0,12}(include|provide|support|cover|access)|"
        r"公平使用|(套餐|订阅).{0,12}(未开放|不支持|不包含)",
    ),
    (
        (429, None),
        QuotaSpent,
        r"today's (quota|limit|allowance)|(for|of) (today|the day)\b|try again tomorrow|billing period|"
        r"日.{0,2}(调用|请求|使用|用量).{0,6}超(限|出)|"
        r"spend(ing)? limit|window limit|(今|当|本)(日|天|周|月|小时).{0,10}(超出|超过|达到).{0,4}(限额|上限|配额)|"
        r"次数.{0,4}(用完|用尽|耗尽|上限)|exhausted your (capacity|quota)|per 86400 ?s|"
        r"\b(hour|day|week|month) (allocated )?quota|"
        r"per[ _-]?(day|week|month)|/ ?(day|week|month)\b|free-models-per-day|\b(daily|weekly|monthly|yearly)\b|"
        r"\b[rt]pd\b|\blimit: ?0(?![\d.]*\d)|limit (is )?exhausted|"
        r"(hourly|session|\d+[ -]?(hour|day|h)s?) (usage|limit|quota)|usage (limit|quota|cap)s?\b|"
        r"limit (reached|exceeded) for \d+ (hour|day)|spending (cap|limit)|"
        r"(使用|用量|额度|限额|配额).{0,4}(上限|用完|用尽|耗尽|已满)|每(日|天|周|月).{0,12}(上限|限额|用完|限制)|"
        r"今(日|天).{0,12}(上限|用完|耗尽)",
    ),
    (
        (403, 404, 400, 422, None),
        Forbidden,
        r"(account|organi[sz]ation|workspace|team|consumer) .{0,48}"
        r"(suspended|banned|disabled|deactivated|frozen|restricted|blocked)|real-?name|"
        r"access (has been|was|is) (suspended|revoked|disabled|terminated)|"
        r"blocked at the (project|organi[sz]ation) level|"
        r"(organi[sz]ation|account) .{0,12}(must be|not|n't) (yet )?verified|"
        r"requires? (a |an )?(paid |active )?subscription|"
        r"(账号|账户|帐号|帐户).{0,14}(冻结|封禁|停用|禁用|受限|锁定)|实名|未(开通|激活|订阅)",
    ),
    (
        (400, 403, 404, 422, None),
        ModelNotFound,
        r"(engine|deployment) .{0,60}not found|model .{0,60}is (currently |temporarily )?disabled|"
        r"(找不到|没有找到|不存在)该?模型|"
        r"models?\b(?!.{0,120}\bparam).{0,120}(does not exist|not exist|not found|"
        r"decommissioned|deprecated|retired|discontinued|"
        r"no longer (available|supported|served|offered|accessible|exists?|active)|shut ?down|sunset|"
        r"(been|was) (removed|archived)|end of (its |their )?life|no provider|not supported (for|by any provider)|"
        r"on-demand throughput isn't supported)|does(n't| not) support (chat|generate)\b|unavailable model|"
        r"unable to access non-serverless model|"
        r"(end[ -]of[ -]life|retired|decommissioned)\b.{0,40}model|"
        r"model (is )?not supported\b|not a valid model|unknown model|no such model|"
        r"invalid model (name|id)|invalid model\W*['\"`:]|"
        r"model (identifier|id|name) .{0,40}\binvalid|unsupported model\W*['\"`:]|no endpoints found for|"
        r"supported api model names|"
        r"模型.{0,40}(不存在|已?下线|已?停用|已?下架|已?退役|不可用|停止服务|找不到|已?弃用|已?废弃|未上线|已?停服)|"
        r"模型(名称|ID|编码).{0,4}(错误|无效|不正确)|不支持的?模型",
    ),
    (
        (503,),  # a gateway of which no server offers the model
        ModelNotFound,
        r"无可用渠道|no available channel",
    ),
    (
        (400, 413, 422, 500, None),
        ContextTooLong,
        r"context[ _-]?(length|size|window)|maximum (context|input|number of tokens)|too many (input )?tokens|"
        r"(prompt|input|message|request)s? (is |are )?too (long|large)|too large for model|reduce the length|"
        r"(?<!max_)(?<!completion_)(?<!output_)(?<!new_)tokens? .{0,40}exceeds?|model token limit|"
        r"max(imum)? prompt length|string too long|must (have less|be <=?|be less) .{0,30}tokens|`?inputs`? tokens|"
        r"prompt_tokens .{0,30}must be less|max_seq_len|range of input length|input length .{0,24}(exceed|should be)|"
        r"exceeds? .{0,24}(maximum|max) .{0,12}(length|tokens)|"
        r"conversation (is )?too long|max_model_len|tokens? (count )?\d+ (is )?(over|above|beyond|larger)\b|"
        r"tokens?.{0,6}(数量|数).{0,4}超(过|出)|上下文.{0,4}超限|"
        r"length of .{0,16}exceeds?|input token limit|messages?\b.{0,40} at most \d+ characters|"
        r"(消息|输入|文本|内容|对话|提示词|prompt).{0,6}(长度|字数|字符数|token ?数).{0,6}(超|不[能得可].{0,2}[超大])|"
        r"(输入|上下文|提示词|文本|内容|prompt).{0,12}(过长|太长|超长|超出|超过)|超(过|出).{0,12}(上下文|最大长度|token)",
    ),
    (
        (400, 403, 422, 451, None),
        Filtered,
        r"\bunsafe\b|high risk|violates? .{0,24}(rules|terms)|"
        r"content[ _-]?(management )?(policy|filter)|safety|moderation|flagged|inappropriate content|"
        r"violates? .{0,30}(usage|guidelines|policy)|responsible ai|data may contain inappropriate|"
        r"guardrail|prohibited content|content exists? risk|违禁|"
        r"内容.{0,4}违反|审核.{0,4}(未|不)通过|敏感|违规|不安全|内容安全|安全(审核|策略)|不当内容",
    ),
    (
        (400, 403, 500, 503, None),
        RateLimited,
        r"too many requests|rate limit|concurren(t|cy) .{0,24}(limit|exceed)|too many concurrent|"
        r"(simultaneous|parallel) requests|\b(rpm|tpm|qps) (limit|exceed)|(qps|rpm|tpm) ?超限|速率.{0,4}(超|限制)|"
        r"(请求|调用).{0,4}(过于|太)频繁|频率.{0,6}(限制|过高|超)|并发.{0,8}(上限|限制|超)|限流",
    ),
    (
        (400, 403, 429, 500, None),
        Overloaded,
        r"high (demand|load|traffic)|at (full |max(imum)? )?capacity|算力不足|负载.{0,2}(较|太|很)高|"
        r"\boverloaded\b|capacity (temporarily )?exceeded|(server|system|service) (is )?(too )?busy|"
        r"访问量过大|负载.{0,6}(饱和|过高)|"
        r"(服务|系统|模型).{0,6}(繁忙|过载|拥挤)",
    ),
)
PATTERNS: tuple[tuple[Collection[int | None], Kind, re.Pattern[str]], ...] = tuple(
    (statuses, kind, re.compile(words, re.IGNORECASE)) for statuses, kind, words in WORDS
)
