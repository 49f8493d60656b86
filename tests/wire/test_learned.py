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
