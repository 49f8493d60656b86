# mypy: ignore-errors
"""Ask the simulator through AI21's own client and print what it heard, one JSON line a case; for `record.py` alone."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from typing import Any

from ai21 import AI21Client
from ai21.models.chat import ChatMessage

MOST = 12


def heard(client: AI21Client, model: str, prompt: str, stream: bool) -> dict[str, Any]:
    body = {"model": model, "messages": [ChatMessage(role="user", content=prompt)], "max_tokens": MOST}
    if not stream:
        reply = client.chat.completions.create(**body)
        text, usage = reply.choices[0].message.content, reply.usage
    else:
        text, usage = "", None
        for chunk in client.chat.completions.create(**body, stream=True):
            text += chunk.choices[0].delta.content or ""
            usage = chunk.usage or usage
    return {"text": text, "reasoning": "", "read": usage.prompt_tokens, "wrote": usage.completion_tokens}


def main(url: str) -> None:
    cases = [("quick", False), ("quick", True), ("thinker", True), ("nobody", False)]
    for number, (model, stream) in enumerate(cases):
        prompt = f"How do bees find flowers, AI21's client asks, {'piece by piece' if stream else 'at once'}?"
        case = {"client": f"ai21 {metadata.version('ai21')}", "model": model, "prompt": prompt, "most": MOST}
        client = AI21Client(api_key="any-key", api_host=f"{url}/{number}/studio/v1", num_retries=0)
        try:
            reply = heard(client, model, prompt, stream)
        except Exception as error:  # which class it is, is what is recorded
            reply = {"error": type(error).__name__}
        print(json.dumps({**case, "heard": reply}))


main(sys.argv[1])
