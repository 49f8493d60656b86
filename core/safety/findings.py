"""What was found in a text on its way out, and where: secrets and personal data alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

SECRET = frozenset({"key", "private_key", "token", "connection", "password"})
PERSONAL = frozenset({"mail", "phone", "id", "card", "iban", "ip"})


class Finding(NamedTuple):
    """One piece of a text. `kind` is one of `SECRET` or `PERSONAL`; `vendor` names whose key it is, "" if unknown."""

    start: int
    end: int
    kind: str
    vendor: str = ""


def apart(findings: Iterable[Finding]) -> list[Finding]:
    """By place, without overlaps: those that overlap become one, a secret if one of them is."""
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda each: (each.start, -each.end)):
        if not merged or finding.start >= merged[-1].end:
            merged.append(finding)
            continue
        last = merged[-1]
        leading = finding if finding.kind in SECRET and (last.kind not in SECRET or not last.vendor) else last
        merged[-1] = leading._replace(start=last.start, end=max(last.end, finding.end))
    return merged


def counts(findings: Iterable[Finding]) -> Mapping[str, int]:
    """How many there are of each kind, the most first."""
    return dict(Counter(finding.kind for finding in findings).most_common())


def pieces(text: str, findings: Sequence[Finding]) -> Iterator[tuple[str, Finding | None]]:
    """The text cut into what is between the findings (None) and the findings, in order."""
    edges = [0, *(edge for finding in findings for edge in (finding.start, finding.end)), len(text)]
    for number, (start, end) in enumerate(pairwise(edges)):
        yield text[start:end], findings[number // 2] if number % 2 else None
