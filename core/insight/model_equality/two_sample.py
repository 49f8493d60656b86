"""The two-sample test: each host against a reference host, with an exact binomial tail and Holm's correction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import comb
from typing import Literal

from .samples import Sample, Samples, share_one, vary

ALPHA = 0.01  # of one check, however many hosts it compares
TOLERATED = 0.02  # share of the questions on which hosts of one model may differ, by rounding alone
FEWEST = 10  # questions that both hosts answered
SAME_SHARE = 0.6  # a host that begins more of its answers alike does not answer the questions
UNSTEADY_SHARE, UNSTEADY_LEAST = 0.5, 4  # of the repeated questions, and at least so many

VerdictKind = Literal["reference", "no_difference", "different", "too_few", "no_answers", "unsteady"]
Questions = Sequence[Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one host compares with the reference.

    `reference`: the others are compared with it. `too_few`: fewer than `FEWEST` questions can be compared.
    `no_answers`: most answers begin alike, whatever was asked. `unsteady`: it contradicts itself.
    `different` of `compared` questions stayed different; `p_value` is the probability of so many or more in one model
    (None: not tested). Of `repeated` questions that were asked again, `varied` got another answer from the same host.
    """

    kind: VerdictKind
    answered: int
    compared: int = 0
    different: int = 0
    p_value: float | None = None
    repeated: int = 0
    varied: int = 0


@dataclass(frozen=True, slots=True)
class Distance:
    compared: int
    different: int

    @property
    def share(self) -> float:
        return self.different / self.compared if self.compared else 1.0


def verdicts(samples: Samples, *, alpha: float = ALPHA, tolerated: float = TOLERATED) -> dict[str, Verdict]:
    """A verdict for each host, in the order given. Without two hosts that can be compared there is no reference."""
    results = {host: _alone(questions) for host, questions in samples.items()}
    able = [host for host, verdict in results.items() if verdict.kind == "no_difference"]
    distances = {(a, b): distance(samples, a, b) for a in able for b in able if a != b}
    reference = _reference(able, distances)
    p_values: dict[str, float] = {}
    for host in able:
        if host == reference:
            results[host] = replace(results[host], kind="reference")
            continue
        apart = distances[reference, host] if reference else Distance(0, 0)
        results[host] = replace(results[host], compared=apart.compared, different=apart.different)
        if apart.compared < FEWEST:
            results[host] = replace(results[host], kind="too_few")
        else:
            p_values[host] = tail(apart.compared, apart.different, tolerated)
    rejected = holm(p_values, alpha)
    for host, p_value in p_values.items():
        kind: VerdictKind = "different" if host in rejected else "no_difference"
        results[host] = replace(results[host], kind=kind, p_value=p_value)
    return results


def distance(samples: Samples, first: str, second: str) -> Distance:
    """The Hamming distance of two hosts. A question counts as different only where each of both answers came twice."""
    compared = different = 0
    for number, (a, b) in enumerate(zip(samples[first], samples[second], strict=True)):
        if not a or not b or a[0].is_reasoning != b[0].is_reasoning:
            continue
        compared += 1
        if not share_one(a, b):
            everybody = [sample for questions in samples.values() for sample in questions[number]]
            different += _is_confirmed(a, everybody) and _is_confirmed(b, everybody)
    return Distance(compared, different)


@lru_cache(maxsize=1024)
def tail(n: int, least: int, share: float) -> float:
    """The probability of `least` or more among `n`, when each has the probability `share`."""
    return min(1.0, sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(least, n + 1)))


def holm(p_values: Mapping[str, float], alpha: float) -> frozenset[str]:
    """The hypotheses rejected by Holm's step-down procedure at a familywise error rate of `alpha`."""
    rejected = set()
    for place, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        if p_values[name] > alpha / (len(p_values) - place):
            break
        rejected.add(name)
    return frozenset(rejected)


def _alone(questions: Questions) -> Verdict:
    """What can be told of a host without the others; `no_difference` where it can be compared."""
    answered = [samples for samples in questions if samples]
    repeated = [samples for samples in answered if len(samples) > 1]
    varied = sum(map(vary, repeated))
    verdict = Verdict("no_difference", len(answered), repeated=len(repeated), varied=varied)
    if len(answered) < FEWEST:
        return replace(verdict, kind="too_few")
    if max(Counter(samples[0] for samples in answered).values()) > SAME_SHARE * len(answered):
        return replace(verdict, kind="no_answers")
    if varied >= UNSTEADY_LEAST and varied > UNSTEADY_SHARE * len(repeated):
        return replace(verdict, kind="unsteady")
    return verdict


def _reference(able: Sequence[str], distances: Mapping[tuple[str, str], Distance]) -> str | None:
    """The host closest to all others (the medoid), of those that can be compared with most; None for less than two."""

    def rank(host: str) -> tuple[int, float]:
        others = [distances[host, other] for other in able if other != host]
        comparable = [apart for apart in others if apart.compared >= FEWEST]
        return -len(comparable), sum(apart.share for apart in comparable)

    best = min(able, key=rank, default=None)
    return best if best is not None and rank(best)[0] < 0 else None


def _is_confirmed(samples: Sequence[Sample], everybody: Sequence[Sample]) -> bool:
    """Whether what a host answered came more than once: again from itself, or from another host."""
    return len(samples) > 1 or sum(share_one([sample], samples) for sample in everybody) > 1
