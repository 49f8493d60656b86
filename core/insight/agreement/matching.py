"""Which statements of different answers are about the same, by the terms they share, rare terms counting more.

A term weighs ln(1 + statements / statements with the term). Two statements are on one subject when the terms they share
are a quarter of the shorter one's at least and weigh half of both together (Dice), or all that the lighter one weighs,
or four fifths of it where they are three or more. Numbers and years that both say count as terms where that brings them
nearer; a measure that both give (three digits or more with a unit) is enough. The same terms are always on one subject.

Only pairs that share a telling (rare) term are looked at, and a term in more than `CROWD` statements tells nothing: so
the cost grows with the length, not with its square.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .reading import Statement

DICE = 0.5
CONTAINED = 0.8
CONTAINED_TERMS = 3
TELLING = 0.5
CROWD = 100


@dataclass(frozen=True, slots=True)
class Likeness:
    """A statement of another answer on the same subject. `dice` is 1.0 for the same terms."""

    other: int
    dice: float


def on_one_subject(statements: Sequence[Statement]) -> list[dict[int, list[Likeness]]]:
    """For each statement the others on its subject, by answer, the most alike first."""
    weights = weights_of(statements)
    totals = [sum(map(weights.__getitem__, statement.terms)) for statement in statements]
    matches: list[dict[int, list[Likeness]]] = [defaultdict(list) for _ in statements]
    for number, others in _pairs(statements, weights, totals).items():
        for other in others:
            dice = likeness(statements[number], statements[other], weights, totals[number], totals[other])
            if dice:
                matches[number][statements[other].lane].append(Likeness(other, dice))
                matches[other][statements[number].lane].append(Likeness(number, dice))
    for lanes in matches:
        for alike in lanes.values():
            if len(alike) > 1:
                alike.sort(key=lambda near: (-near.dice, statements[near.other].text))
    return matches


def weights_of(statements: Sequence[Statement]) -> Mapping[str, float]:
    """The weight of each term."""
    seen: dict[str, int] = defaultdict(int)
    for statement in statements:
        for term in (*statement.terms, *statement.values):
            seen[term] += 1
    return {term: math.log(1 + len(statements) / count) for term, count in seen.items()}


def likeness(
    statement: Statement, other: Statement, weights: Mapping[str, float], of_one: float, of_other: float
) -> float:
    """How alike two statements are, 0.0 when they are not on one subject."""
    shared = statement.terms & other.terms
    measured = DICE if statement.measures & other.measures else 0.0
    if not shared:
        return measured
    if len(shared) == len(statement.terms) == len(other.terms):
        return 1.0
    if 4 * len(shared) < min(len(statement.terms), len(other.terms)):
        return measured
    weight = sum(map(weights.__getitem__, shared))
    dice = 2 * weight / (of_one + of_other)
    contained = weight / min(of_one, of_other)
    if dice >= DICE or contained > 0.999 or (contained >= CONTAINED and len(shared) >= CONTAINED_TERMS):
        return dice
    if values := statement.values & other.values:
        weight += sum(weights[value] for value in values)
        both = sum(weights[value] for value in (*statement.values, *other.values))
        dice = 2 * weight / (of_one + of_other + both)
        return dice if dice >= DICE else measured
    return measured


def _pairs(
    statements: Sequence[Statement], weights: Mapping[str, float], totals: Sequence[float]
) -> Mapping[int, set[int]]:
    """Pairs of different answers, each once: those that share a telling term of the lighter one, or all their terms.

    Half of the lighter one's weight must be shared, so that one of the terms that make up its first half is.
    """
    by_term: dict[str, list[int]] = defaultdict(list)
    for number, statement in enumerate(statements):
        for term in (*statement.terms, *statement.measures):
            by_term[term].append(number)
    pairs = _alike_in_all(statements)
    for number, statement in enumerate(statements):
        lane, total = statement.lane, totals[number]
        for term in _telling(statement, weights, total, by_term):
            for other in by_term[term]:
                if totals[other] >= total and statements[other].lane != lane:
                    pairs[min(number, other)].add(max(number, other))
    return pairs


def _telling(
    statement: Statement, weights: Mapping[str, float], total: float, by_term: Mapping[str, Sequence[int]]
) -> Iterator[str]:
    """Its measures, then its rarest terms until they make up more than half of its weight."""
    yield from (measure for measure in statement.measures if len(by_term[measure]) <= CROWD)
    heard = 0.0
    for term in sorted(statement.terms, key=lambda term: (-weights[term], term)):
        if heard > TELLING * total or len(by_term[term]) > CROWD:
            return
        heard += weights[term]
        yield term


def _alike_in_all(statements: Sequence[Statement]) -> dict[int, set[int]]:
    """Each statement with one of every other answer that has exactly its terms."""
    by_terms: dict[frozenset[str], list[int]] = defaultdict(list)
    for number, statement in enumerate(statements):
        by_terms[statement.terms].append(number)
    pairs: dict[int, set[int]] = defaultdict(set)
    for same in by_terms.values():
        one_of_each = {statements[number].lane: number for number in reversed(same)}.values()
        for member in same if len(one_of_each) > 1 else ():
            for other in one_of_each:
                if statements[member].lane != statements[other].lane:
                    pairs[min(member, other)].add(max(member, other))
    return pairs
