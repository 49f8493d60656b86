"""Who answered, by every capture and every recording: `python -m tests.wire.served_table` prints the table.

The captures are read here, by the reader that reads replies; what the recordings name is kept below, and
`tests/wire/test_served.py` reads them again where they are.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.wire.replay import stream
from tests.wire.test_recordings import EXPECTED, wire_of

FOLDER = Path(__file__).parent / "captures"
HEAD = "| wire | reply | model | host | fingerprint |\n|---|---|---|---|---|"
NAMELESS = {"cohere", "dialogflow"}  # their own formats name nobody

# A recording, the model it names, the host behind a gateway, the fingerprint; "-": not told.
RECORDED = """
openai/03_stream_gpt35_two_choices gpt-3.5-turbo-0125 - -
openai/04_stream_length_all_reasoning gpt-5-mini-2025-08-07 - -
openai/05_stream_refusal gpt-4o-2024-08-06 - fp_deacdd5f6f
openai/08_chat_gpt35 gpt-3.5-turbo-0125 - -
openai/09_chat_length gpt-4o-2024-08-06 - fp_ff5f7093b3
azure/02_chat_content_filter gpt-35-turbo - -
anthropic/01_stream_basic claude-sonnet-4-5-20250929 - -
anthropic/03_stream_thinking claude-haiku-4-5-20251001 - -
anthropic/04_stream_redacted_thinking claude-sonnet-4-5-20250929 - -
anthropic/06_stream_max_tokens claude-3-opus-20240229 - -
anthropic/08_stream_cache_read claude-sonnet-4-20250514 - -
anthropic/09_stream_unicode claude-3-5-haiku-20241022 - -
anthropic/10_chat_basic claude-sonnet-5 - -
anthropic/11_chat_max_tokens claude-sonnet-4-5-20250929 - -
gemini/01_stream_sse_chunked gemini-2.0-flash - -
gemini/03_stream_max_tokens_only_thoughts gemini-2.5-flash-lite - -
gemini/04_stream_json_array_no_sse gemini-3.6-flash - -
gemini/05_stream_int_enums gemini-1.5-flash - -
gemini/06_stream_long_text gemini-2.0-flash - -
gemini/07_stream_reasoning_unicode gemini-3.5-flash - -
gemini/09_chat_max_tokens_empty gemini-2.5-pro - -
gemini/10_chat_safety_block gemini-1.5-flash - -
cohere/02_stream_v2_max_tokens - - -
cohere/04_chat_v2_unicode - - -
cohere/05_chat_v2_thinking - - -
cohere/06_chat_v2_stop_sequence - - -
cohere/07_stream_v1_ndjson - - -
groq/01_stream_usage_choices_empty llama-3.1-8b-instant - fp_020e283281
groq/03_stream_xgroq_usage_only llama3-8b-8192 - fp_179b0f92c9
groq/05_stream_arabic_length allam-2-7b - fp_REDACTED_1
groq/06_chat_basic llama3-8b-8192 - fp_179b0f92c9
groq/08_stream_error_event openai/gpt-oss-120b - fp_c82faf3ca0
mistral/01_stream_length mistral-large-latest - -
mistral/04_chat_length mistral-large-latest - -
mistral/05_stream_emoji mistral-large-latest - -
mistral/06_stream_two_choices mistral-small-latest - -
huggingface/01_router_stream moonshotai/kimi-k2-instruct-0905 - fp_05df423bab
huggingface/02_router_stream_no_done llama3.1-8b cerebras fp_2df2c50ce520692a7dce
huggingface/05_tgi_stream_nospace - - -
huggingface/08_tgi_generate - - -
huggingface/10_tgi_chat_stream_nospace HuggingFaceH4/zephyr-7b-beta - 1.4.3-sha-e6bb3ff
huggingface/12_endpoint_generate - - -
sambanova/01_stream Meta-Llama-3.1-8B-Instruct - fastcoe
openrouter/01_stream_comments_usage deepseek/deepseek-chat-v3-0324 SambaNova fastcoe
openrouter/05_stream_chunked deepseek/deepseek-chat-v3-0324 Novita -
openrouter/07_chat_reasoning_cost openai/gpt-oss-120b OpenInference -
openrouter/08_chat_finish_reason_null deepseek/deepseek-r1 Nebius -
openrouter/09_chat_content_filter openai/gpt-4.1 OpenAI -
deepseek/01_stream_reasoning deepseek-v4-pro - fp_9954b31ca7_prod0820_fp8_kvcache_20260402
deepseek/03_chat_reasoning deepseek-v4-flash - fp_REDACTED_1
cerebras/01_stream_reasoning_no_done gpt-oss-120b - fp_c5eb0443f84076c16415
cerebras/04_chat_reasoning gpt-oss-120b - fp_c5eb0443f84076c16415
cerebras/05_chat llama-3.3-70b - fp_39d7524db11a51c65436
together/01_stream_eos Qwen/Qwen2.5-72B-Instruct-Turbo - -
together/04_stream_stop meta-llama/Llama-3.3-70B-Instruct-Turbo - -
ollama/01_stream_chat_ndjson llama3 - -
ollama/02_stream_generate_ndjson llama3 - -
ollama/04_stream_emoji gemma3:1b - -
llamacpp/02_stream_reasoning openai/gpt-oss-20b - b7010-c27efd2bd
vllm/02_chat meta-llama/Llama-3.2-1B-Instruct - -
zai/01_stream_midline_chunks glm-4.5-flash - -
zai/02_stream_glm47_all_reasoning glm-4.7 - -
dashscope/02_chat_chinese qwen-plus - -
dashscope/03_stream_compat qwen-turbo - -
dashscope/04_stream_native_sse - - -
cloudflare/01_stream @cf/meta/llama-3.3-70b-instruct-fp8-fast - -
ai21/01_chat_jamba_via_bedrock jamba-1.5-mini - -
_reported/01_ai21_chat_sdk_fixture - - -
_reported/04_anthropic_stream_overloaded_midway claude-sonnet-4-5-20250929 - -
_reported/19_spark_chat_chinese - - -
_reported/20_spark_stream_last_chunk - - -
_reported/21_dialogflow-cx_detect_intent - - -
_reported/22_dialogflow-es_detect_intent - - -
"""


def main() -> None:
    """Print the table as Markdown, "-" for what a reply does not tell."""
    print(HEAD)
    for folder in sorted(FOLDER.iterdir()):
        expected = json.loads((folder / "text.json").read_text(encoding="utf-8"))
        served = stream(expected["wire"], expected["framing"], (folder / "body.txt").read_bytes()).answer.served
        fields = (served.response_model, served.served_by, served.system_fingerprint)
        _print(expected["wire"], f"captures/{folder.name}", *(field or "-" for field in fields))
    for row in RECORDED.strip().splitlines():
        name, *cells = row.split()
        recorded = EXPECTED.get(f"{name}.json")  # not everybody has the recordings
        _print(wire_of(recorded) if recorded else "-", f"recordings/{name}", *cells)


def _print(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
