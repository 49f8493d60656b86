"""Whether an answer names a model or its maker, as some do when they speak of themselves. Pure.

    names_a_model(text, ("quick", "Groq"))    the further names are those of this comparison

Families and makers are recognised anywhere; a further name counts only where the answer introduces itself with it,
since many are ordinary words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

FAMILIES = re.compile(
    r"(?<![a-z0-9])(?:chat-?gpt|gpt-?\d\w*|gpt-oss|openai|anthropic|claude|gemini|gemma|deepmind|llama[ -]?\d?|"
    r"mistral|mixtral|qwen\w*|deepseek|moonshot|kimi|glm-?\d|zhipu|ernie|doubao|hunyuan|grok|cohere|command[ -]?r\+?|"
    r"phi-\d|minimax|nemotron|groq|cerebras|openrouter|hugging ?face|ollama)(?![a-z0-9])"
    r"|通义|千问|深度求索|月之暗面|智谱|文心一言|豆包|混元|讯飞星火",
    re.IGNORECASE,
)
SELF = (
    r"(?:\bi am|\bi['’]m|\bmy name is|\bthis is|\bcalled|\b(?:made|built|created|developed|trained|hosted) by|"
    r"我是|我叫|名叫|我由|来自|我是由)\W{0,3}(?:the |an? )?\W{0,3}"
)


def names_a_model(text: str, further: Iterable[str] = ()) -> bool:
    """True for "I am Claude"; also where another model is named, which may mislead as much."""
    if FAMILIES.search(text):
        return True
    words = [_word(name.strip()) for name in further if name.strip()]
    return bool(words and re.search(rf"{SELF}(?:{'|'.join(words)})", text, re.IGNORECASE))


def _word(name: str) -> str:
    """A pattern for the name as a word of its own; Chinese has no gaps between words."""
    return re.escape(name) + (r"(?![a-z0-9_])" if name.isascii() else "")
