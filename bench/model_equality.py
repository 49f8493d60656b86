"""How often the model equality test is wrong, on simulated hosts.

`python -m bench.model_equality` prints the tables of docs/same_model.md: false alarms for one model at several hosts,
and how often other weights are noticed. Each run simulates another model. Nothing is sent.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

from core.insight.model_equality import FEWEST, QUESTIONS, SIZES, TOLERATED, Sample, to_repeat, verdicts
from core.insight.model_equality.two_sample import ALPHA, tail
from core.simulator import one_word

RUNS = 1000
SHARES = (0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)


def check(weights: Sequence[str], *, seed: int, questions: int = SIZES[0]) -> tuple[dict[str, str], int]:
    """One check of as many hosts as there are weights: the kind of each verdict, and the calls of all hosts."""
    hosts = {f"host {place}": kind for place, kind in enumerate(weights)}
    samples: dict[str, list[list[Sample]]] = {host: [[] for _ in range(questions)] for host in hosts}
    calls = 0
    wanted = {host: list(range(questions)) for host in hosts}
    while wanted:
        for host, numbers in wanted.items():
            for number in numbers:
                heard = samples[host][number]
                word = one_word.answer(
                    QUESTIONS[number], seed=seed, host=host, weights=hosts[host], attempt=len(heard) + 1
                )
                heard.append(Sample(word))
                calls += 1
        wanted = to_repeat(samples)
    return {host: verdict.kind for host, verdict in verdicts(samples).items()}, calls


def alarms(weights: Sequence[str], runs: int = RUNS, *, questions: int = SIZES[0]) -> tuple[int, float]:
    """In how many runs a host was said to differ, and the calls per host."""
    results = [check(weights, seed=seed, questions=questions) for seed in range(runs)]
    calls = sum(number for _, number in results) / (runs * len(weights))
    return sum("different" in kinds.values() for kinds, _ in results), calls


def exact(runs: int, weights: Sequence[str], *, questions: int = SIZES[0]) -> int:
    """In how many runs the hosts with other weights, and only those, were told from the first."""
    right = 0
    for seed in range(runs):
        kinds, _ = check(weights, seed=seed, questions=questions)
        others = {host for host, kind in zip(kinds, weights, strict=True) if kind}
        right += {host for host, kind in kinds.items() if kind == "different"} == others
    return right


def changed(weights: str, runs: int = 200) -> float:
    """The share of the questions that other weights answer otherwise, one answer each."""
    numbers = Counter(
        one_word.answer(question, seed=seed, host="a")
        != one_word.answer(question, seed=seed, host="b", weights=weights)
        for seed in range(runs)
        for question in QUESTIONS
    )
    return numbers[True] / numbers.total()


def power(share: float, questions: int, hosts: int) -> float:
    """The probability that a host that answers this share of the questions otherwise is told from the reference, where
    it is the only one of `hosts`."""
    needed = next(k for k in range(questions + 1) if tail(questions, k, TOLERATED) <= ALPHA / (hosts - 1))
    return tail(questions, needed, share)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    runs = parser.parse_args().runs
    print(f"{runs} runs each, alpha {ALPHA}, tolerated {TOLERATED:.0%}, at least {FEWEST} questions\n")
    print("| hosts | questions | said to differ | calls a host |\n|---|---|---|---|")
    cases = (("", ""), ("",) * 5, ("", "int4"), ("", "small"), ("", "", "int4"), ("", "fp8"))
    for questions in SIZES:
        for weights in cases:
            number, calls = alarms(weights, runs, questions=questions)
            names = " + ".join(kind or "same" for kind in weights)
            print(f"| {names} | {questions} | {100 * number / runs:.1f}% | {calls:.1f} |")
    print("\n| weights | questions answered otherwise |\n|---|---|")
    for kind in ("", "fp8", "int4", "small"):
        print(f"| {kind or 'the same, at another host'} | {changed(kind):.1%} |")
    print("\n| answered otherwise | " + " | ".join(f"{q} questions, {h} hosts" for q in SIZES for h in (2, 5)) + " |")
    print("|---" * (1 + 2 * len(SIZES)) + "|")
    for share in SHARES:
        print(f"| {share:.0%} | " + " | ".join(f"{power(share, q, h):.1%}" for q in SIZES for h in (2, 5)) + " |")
    print("\nthree hosts, one of them int4: exactly that one named in", exact(runs, ("", "", "int4")), "of", runs)


if __name__ == "__main__":
    main()
