"""How many tokens an answer will probably have, its reasoning among them: before it is asked for.

    expected_output(effort, provider, model, past)    -> ExpectedOutput: usual, most, and by what that is known

A budget is a bound that the person set. Else past answers of this model at this effort tell; with fewer than `FEWEST`
of them a level that goes as a budget counts as that, and any other is a guess, which says that it is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from .records import AskedEffort, ExpectedOutput, Model, PastOutput, Provider
from .wire import effort as efforts
from .wire import takes

FEWEST = 5
USUAL_TOKENS = 400
USUAL_THINKING_TOKENS = 1_600
# What a model thinks and writes at a level of which nothing is known here.
GUESSED_TOKENS = {
    "none": 400, "minimal": 500, "low": 800, "medium": 1_600, "high": 4_800, "xhigh": 9_600, "max": 9_600,
}  # fmt: skip


def expected_output(
    effort: AskedEffort | None, provider: Provider, model: Model, past: Sequence[PastOutput] = ()
) -> ExpectedOutput:
    """`past`: of this model at this effort."""
    if effort is not None and takes("effort", provider, model) is False:
        effort = None  # it is left out
    chosen = None if effort is None else efforts.sent(effort, provider, model)
    budget = chosen.tokens if chosen and chosen.on and chosen.level is None else None
    if budget is not None and isinstance(effort, int):
        return _of_budget(budget)
    if len(past) >= FEWEST:
        return _of_past(past)
    if budget is not None:
        return _of_budget(budget)
    if chosen is None:
        tokens = USUAL_THINKING_TOKENS if model.reasoning else USUAL_TOKENS
    elif chosen.level is not None and chosen.level in GUESSED_TOKENS:
        tokens = GUESSED_TOKENS[chosen.level]
    else:
        tokens = USUAL_THINKING_TOKENS if chosen.on else USUAL_TOKENS
    return ExpectedOutput(tokens, tokens, max(tokens - USUAL_TOKENS, 0), max(tokens - USUAL_TOKENS, 0))


def is_told_by_past(effort: AskedEffort | None, model: Model) -> bool:
    """Whether past answers are worth reading: without thinking they are about as long as any."""
    return effort is not None or model.reasoning


def within(expected: ExpectedOutput, most: int | None) -> ExpectedOutput:
    """The same, no longer than `most` tokens; None: any length."""
    if most is None or expected.most <= most:
        return expected
    usual = min(expected.usual, most)
    reasoning, most_reasoning = min(expected.reasoning, usual), min(expected.most_reasoning, most)
    return ExpectedOutput(usual, most, reasoning, most_reasoning, expected.by, expected.n)


def _of_budget(tokens: int) -> ExpectedOutput:
    return ExpectedOutput(tokens + USUAL_TOKENS, tokens + USUAL_TOKENS, tokens, tokens, "budget")


def _of_past(past: Sequence[PastOutput]) -> ExpectedOutput:
    tokens = sorted(output.tokens for output in past)
    reasoning = sorted(output.reasoning_tokens or 0 for output in past)
    usual, most = round(median(tokens)), _high(tokens)
    return ExpectedOutput(
        usual, most, min(round(median(reasoning)), usual), min(_high(reasoning), most), "past", len(past)
    )


def _high(numbers: Sequence[int]) -> int:
    """What nine of ten do not exceed."""
    return numbers[-(-len(numbers) * 9 // 10) - 1]
