"""How long the next answer will probably be, in words: with an effort, what it thinks costs more than what it says."""

from __future__ import annotations

from collections.abc import Sequence

from ...records import AskedEffort, ExpectedOutput
from ..text import t, tn, whole
from . import ledger


def expected(model_ids: Sequence[str], efforts: Sequence[AskedEffort | None]) -> str:
    """ "about 2,100 output tokens, seldom above 6,400 (42 earlier answers)"; "" where no effort is set."""
    if all(effort is None for effort in efforts):
        return ""
    outputs = ledger.expected(model_ids, efforts)
    if len(outputs) == 1:
        return _of_one(outputs[0])
    if not outputs:
        return ""
    tokens = whole(sum(output.usual for output in outputs))
    if any(output.by == "guess" for output in outputs):
        return t("about {tokens} output tokens together, partly guessed", tokens=tokens)
    return t("about {tokens} output tokens together", tokens=tokens)


def _of_one(output: ExpectedOutput) -> str:
    tokens = whole(output.usual)
    match output.by:
        case "budget":
            return t("about {tokens} output tokens if it thinks for its whole budget", tokens=tokens)
        case "past":
            return tn(
                "about {tokens} output tokens, seldom above {most} ({number} earlier answer)",
                "about {tokens} output tokens, seldom above {most} ({number} earlier answers)",
                output.n,
                tokens=tokens,
                most=whole(output.most),
            )
    return t("about {tokens} output tokens (a guess: too few earlier answers at this effort)", tokens=tokens)
