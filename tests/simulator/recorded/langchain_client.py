# mypy: ignore-errors
"""Ask the simulator through LangChain and print what it heard, one JSON line a case; for `record.py` alone."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from typing import Any

from langchain_anthropic import ChatAnthropic
from langchain_cohere import ChatCohere
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_groq import ChatGroq
from langchain_mistralai import ChatMistralAI
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI

KEY, MOST = "any-key", 12
PACKAGES = {
    "openai": "langchain-openai",
    "responses": "langchain-openai",
    "anthropic": "langchain-anthropic",
    "google": "langchain-google-genai",
    "ollama": "langchain-ollama",
    "mistral": "langchain-mistralai",
    "groq": "langchain-groq",
    "cohere": "langchain-cohere",
}


def chat(name: str, url: str, model: str) -> Any:
    match name:
        case "openai" | "responses":
            responses = name == "responses"
            return ChatOpenAI(model=model, base_url=f"{url}/v1", api_key=KEY, max_tokens=MOST, max_retries=0,
                              stream_usage=True, use_responses_api=responses)  # fmt: skip
        case "anthropic":
            return ChatAnthropic(model=model, base_url=url, api_key=KEY, max_tokens=MOST, max_retries=0)
        case "google":
            return ChatGoogleGenerativeAI(
                model=model, base_url=url, google_api_key=KEY, max_output_tokens=MOST, max_retries=1
            )
        case "ollama":
            return ChatOllama(model=model, base_url=url, num_predict=MOST, reasoning=True)
        case "mistral":
            return ChatMistralAI(model=model, endpoint=f"{url}/mistral/v1", api_key=KEY, max_tokens=MOST, max_retries=1)
        case "groq":
            return ChatGroq(model=model, base_url=url, api_key=KEY, max_tokens=MOST, max_retries=0)
        case _:
            return ChatCohere(model=model, base_url=url, cohere_api_key=KEY)


def heard(client: Any, prompt: str, stream: bool) -> dict[str, Any]:
    message = None
    for piece in client.stream(prompt) if stream else [client.invoke(prompt)]:
        message = piece if message is None else message + piece
    usage = message.usage_metadata or {}
    blocks = [block for block in message.content_blocks if block["type"] == "reasoning"]
    thoughts = [block.get("reasoning") or "".join(part["text"] for part in block["summary"]) for block in blocks]
    return {
        "text": message.text,
        "reasoning": "".join(thoughts),
        "read": usage.get("input_tokens"),
        "wrote": usage.get("output_tokens"),
    }


def main(url: str) -> None:
    number = 0
    for name, package in PACKAGES.items():
        for model, stream in (("quick", False), ("quick", True), ("thinker", True), ("nobody", False)):
            prompt = f"How do bees find flowers, LangChain's {name} asks, {'piece by piece' if stream else 'at once'}?"
            case = {"client": f"{package} {metadata.version(package)}", "model": model, "prompt": prompt}
            try:
                reply = heard(chat(name, f"{url}/{number}", model), prompt, stream)
            except Exception as error:  # which class it is, is what is recorded
                reply = {"error": type(error).__name__}
            print(json.dumps({**case, "most": None if name == "cohere" else MOST, "heard": reply}))
            number += 1


main(sys.argv[1])
