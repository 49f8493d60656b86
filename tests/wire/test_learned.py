"""What a refusal teaches: the parameter or the part that a model was found not to have."""

from __future__ import annotations

import pytest

from tests.wire.refusals import error, read


@pytest.mark.parametrize(
    ("status", "body", "param"),
    [
        (400, error("Unrecognized request argument supplied: reasoning_effort"), "effort"),
        (400, error("no", param="reasoning_effort", code="unsupported_value"), "effort"),
        (400, error("`reasoning_effort` must be one of `low`, `medium`, or `high`"), "effort"),
        (400, {"error": '"gemma3" does not support thinking'}, "effort"),
        (400, error("thinking is not supported by this model"), "effort"),
        (400, error("Invalid parameter: 'response_format' of type 'json_schema' is not supported."), "response_format"),
        (400, error("This response_format type is unavailable now"), "response_format"),
        (400, error("JSON mode is not enabled for models/gemma-4"), "response_format"),
        (400, {"error": "registry.ollama.ai/library/gemma:2b does not support tools"}, "tools"),
        (400, error("`tool calling` is not supported with this model"), "tools"),
        (400, error("Function calling is not enabled for models/gemma-4"), "tools"),
        (404, error("No endpoints found that support tool use. Try disabling it."), "tools"),
        (404, error("No endpoints found that support image input"), "picture"),
        (400, error("This model does not support image inputs"), "picture"),
        (500, error("image input is not supported - hint: you may need to provide the mmproj", code=500), "picture"),
        (
            500,
            error(
                "litellm.InternalServerError: InternalServerError: OpenAIException - image input is not supported - "
                "hint: if this is unexpected, you may need to provide the mmproj\n\n"
                "LiteLLM: model group 'tiny' failed with the error above. No fallback was attempted.",
                type="internal_server_error",
                param=None,
                code="500",
            ),
            "picture",
        ),  # LiteLLM 1.108.7 in front of llama.cpp
        (400, error("no", param="messages[0].content[1].image_url"), "picture"),
        (400, error("Unsupported parameter: 'stop' is not supported with this model.", param="stop"), "stop"),
        (400, error("no", param="temperature"), "temperature"),
        (400, error("This model does not support the effort parameter."), "effort"),
        (400, error("Thinking level is not supported for this model."), "effort"),
        (400, {"error": "Argument not supported on this model: reasoning_effort"}, "effort"),
        (400, {"error": "Model grok-4 does not support parameter reasoningEffort."}, "effort"),
        (400, {"error": 'think value "high" is not supported for this model'}, "effort"),
        (400, error("Reasoning is mandatory for this endpoint and cannot be disabled."), "effort"),
        (400, error("'claude-3-5-haiku' does not support output format."), "response_format"),
        (400, error("output_config.format.schema: 'additionalProperties' must be false"), "response_format"),
        (400, error("Invalid content type. image_url is only supported by certain models.", param="no"), "picture"),
        (400, error("Image input modality is not enabled for models/gemma-3-1b-it"), "picture"),
        (400, error("messages[0]: unknown variant `image_url`, expected `text` at line 1 column 9"), "picture"),
        (400, error("'messages.0' : for 'role:user' ['messages.0.content' : value must be a string]"), "picture"),
        (400, error("Qwen/Qwen3-8B is not a multimodal model"), "picture"),
        (400, error("At most 0 image(s) may be provided in one request."), "picture"),
        (400, {"code": 20041, "message": "The model is not a VLM (Vision Language Model)."}, "picture"),
        (400, {"error": {"code": "1210", "message": "messages.content.type 参数非法，取值范围 ['text']"}}, "picture"),
        (500, {"error": "Failed to process inputs: this model is missing data required for image input"}, "picture"),
        (400, error("Audio input modality is not enabled for models/gemma-4"), "sound"),
        (404, error("No endpoints found that support input audio"), "sound"),
        (404, error("No endpoints found that support the provided 'tool_choice' value."), "tool_choice"),
        (400, error('tool_choice: type "tool" and "any" are not supported for this model.'), "tool_choice"),
        (400, error('"thinking.type.disabled" is not supported for this model.'), "effort"),
        (400, error('"auto" tool choice requires --enable-auto-tool-choice to be set'), "tools"),
        (500, error("tools param requires --jinja flag", code=500), "tools"),
        (
            400,
            error(
                "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different "
                "conversation. Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior`."
            ),
            "thoughts",
        ),  # claude-sonnet-5-5: pydantic/pydantic-ai, test_thinking_block_binding, MIT
        (400, error("Corrupted thought signature."), "thoughts"),
        (400, error("Thought signature is not valid."), "thoughts"),
        (400, error("response_format` does not support streaming", type="invalid_request_error"), "stream"),
        (400, error("json mode cannot be combined with tool/function calling"), "form_or_tools"),
        (
            400,
            error("Function calling with a response mime type: 'application/json' is unsupported"),
            "form_or_tools",
        ),
        (400, {"message": '"tools" is incompatible with "response_format"', "param": "tools"}, "form_or_tools"),
        (
            400,
            error(
                "Function tools with reasoning_effort are not supported for gpt-6-luna in /v1/chat/completions. To use "
                "function tools, use /v1/responses or set reasoning_effort to 'none'.",
                param="reasoning_effort",
            ),
            "unthinking_tools",
        ),
        (422, {"detail": [{"loc": ["body", "random_seed"], "msg": "Extra inputs are not permitted"}]}, "seed"),
    ],
)
def test_a_refusal_names_what_the_model_does_not_have(status: int, body: object, param: str) -> None:
    failed = read(status, body)
    assert (failed.kind, failed.param) == ("bad_request", param)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, error("This model's maximum context length is 8192 tokens, with tools and images"), "context_too_long"),
        (404, error("The model `gpt-7` does not exist"), "not_found"),
        (429, error("Rate limit reached for images"), "rate_limited"),
        (401, error("Function calling is not enabled for this key"), "auth"),
        (400, error("Image exceeds the maximum size of 5 MB"), "bad_request"),
    ],
)
def test_other_refusals_stay_what_they_were(status: int, body: object, kind: str) -> None:
    failed = read(status, body)
    assert failed.kind == kind
    assert failed.param not in ("tools", "picture", "effort")
