"""Why an answer ended: the words of every provider, in any case and spelling, as one of our reasons.

A new word is one more word in `WORDS`; a compound that is not there is judged by its parts (`PARTS`). Any other word is
`unknown`: it may be an ordinary end or a failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..records import NOTHING, Finish, Reason

WORDS: Mapping[Reason, str] = {
    "stop": """stop stopped_naturally eos eos_token end end_turn end_of_turn stop_sequence stop_token complete completed
        finish finished done success normal natural ended endoftext end_of_text eot eot_id im_end hit_eos
        end_of_sequence stop_str stop_string stop_word stop_words matched_stop eos_found
        load tool_calls tool_call tool_use tool function_call pause_turn""",
    "length": """length max_tokens max_token max_length max_output_tokens max_completion_tokens max_new_tokens
        model_length token_limit length_limit error_limit context_length context_length_exceeded
        model_context_window_exceeded token_limit_reached tokens_limit max_tokens_reached max_tokens_exceeded
        output_limit output_token_limit token_budget_exceeded max_seq_len max_seq_length context_limit length_capped
        truncated_by_length context_window_exceeded max_context_length limit out_of_context context_full
        max_output_reached""",
    "filter": """filter content_filter content_filtered safety sensitive moderation blocked blocklist censored
        prohibited_content recitation spii language guardrail guardrail_intervened error_toxic model_armor image_safety
        image_prohibited_content image_recitation content_policy content_policy_violation data_inspection_failed
        policy_violation safety_filter safety_check blocked_by_safety content_moderation moderated output_moderated risk
        risk_control high_risk illegal copyright harmful inappropriate""",
    "refusal": "refusal refused refuse",
    "truncated": """error network_error abort aborted cancel canceled cancelled user_cancel interrupted timeout
        timed_out insufficient_system_resource unload incomplete failed failure other server_error internal_error
        malformed_function_call malformed_response unexpected_tool_call too_many_tool_calls missing_thought_signature
        no_image image_other repetition repetition_truncation repeat repeated engine_error upstream_error model_error
        connection_error connection_closed disconnect disconnected server_disconnect client_disconnect preempted
        stopped_by_user user_stop user_stopped overloaded rate_limit rate_limited no_response""",
}
# Meanings of the parts of a compound finish reason; the first match counts.
PARTS: Mapping[Reason, str] = {
    "filter": "filter filtered safety sensitive moderation risk policy prohibited guardrail censored unsafe",
    "truncated": """error abort aborted cancel canceled cancelled timeout network interrupted unavailable insufficient
        unloaded disconnected failed failure rate deadline exception user""",
    "length": "length tokens context capped limit cache budget",
    "stop": "stop stopped eos finished normally completed eot",
}
_REASON_OF: Mapping[str, Reason] = {word: reason for reason, words in WORDS.items() for word in words.split()}
BY_STOP_SEQUENCE = frozenset({"stop_sequence", "stop_token"})
SILENT = ("", "null", "none", "unspecified")


def reason(word: str) -> Reason:
    """Our reason for a provider's word."""
    normalized = normal(word)
    if known_reason := _REASON_OF.get(normalized):
        return known_reason
    parts = normalized.split("_") if "_" in normalized else []
    return next((reason for reason, words in PARTS.items() if not set(parts).isdisjoint(words.split())), "unknown")


def finish(raw: object, native: object = None, words: Mapping[str, Reason] = NOTHING) -> Iterator[Finish]:
    """No event while the reason is null, empty or the word "null".

    `native` is the reason of the provider behind a gateway: it counts where the gateway reports an ordinary end
    instead. `words` are a format's own, in normal spelling.
    """
    word = normal(raw)
    if word in SILENT:
        return
    own, upstream = words.get(word) or reason(word), reason(str(native))
    if own in ("stop", "unknown") and upstream not in ("stop", "unknown"):
        yield Finish(upstream, str(native))
    else:
        yield Finish(own, str(raw))


def normal(raw: object) -> str:
    """`MAX_TOKENS`, `maxTokens` and `max-tokens` are one word."""
    if raw is None or isinstance(raw, bool | dict | list):
        return ""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(raw).strip()[:200])
    return re.sub(r"[\W_]+", "_", text.rpartition(".")[2]).strip("_").lower().removeprefix("finish_reason_")
