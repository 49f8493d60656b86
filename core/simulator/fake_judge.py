"""A simulated model as a judge or a merger: it replies in the requested form, and judges nothing.

Scores are drawn from the text of each answer, so the same answer always has the same ones; the merged text is the
beginnings of the answers in turn. Both say that they are simulated.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence

_PART = re.compile(r"\[\[(QUESTION|ANSWER ([A-Z])) ([0-9a-f]{8})\]\]\n(.*?)\n\[\[END \3\]\]", re.DOTALL)
_CRITERIA = ("correctness", "completeness", "clarity")
_REASON = {
    False: "Simulated: this score was drawn by chance, nothing was judged.",
    True: "模拟评分：随机得出，没有进行评判。",
}
_WISH = '{"scores":'
PARAGRAPHS = 2


def reply(prompt: str, chinese: bool, notices: Sequence[str]) -> str | None:
    """The reply to a prompt with lettered answers, None for any other. `notices` are not copied into it."""
    parts = {f"{letter}-{seal}": text for _, letter, seal, text in _PART.findall(prompt) if letter}
    if not parts:
        return None
    if _WISH in prompt.partition("[[QUESTION")[0]:
        return _scores(parts, chinese)
    return _merged(list(parts.values()), notices)


def question(prompt: str) -> str:
    """The question that the lettered answers of a prompt belong to; the prompt itself where there are none."""
    return next((text for kind, _, _, text in _PART.findall(prompt) if kind == "QUESTION"), prompt)


def _scores(parts: dict[str, str], chinese: bool) -> str:
    scores = [
        {"answer": label, **{name: {"score": _drawn(text, name), "reason": _REASON[chinese]} for name in _CRITERIA}}
        for label, text in parts.items()
    ]
    return f"```json\n{json.dumps({'scores': scores}, ensure_ascii=False, indent=1)}\n```"


def _drawn(text: str, criterion: str) -> int:
    return 5 + hashlib.sha256(f"{criterion}\n{text}".encode("utf-8", "replace")).digest()[0] % 5


def _merged(answers: Sequence[str], notices: Sequence[str]) -> str:
    """Two paragraphs of each answer in turn, none twice."""
    picked: dict[str, None] = {}
    for text in answers:
        paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip() not in ("", *notices)]
        whole = [part for part in paragraphs if "```" not in part]
        picked.update(dict.fromkeys(whole[:PARAGRAPHS]))
    return "\n\n".join(picked)
