"""Where several answers to one question agree, and where they contradict each other; no model is asked.

    agree(answers) -> Agreement      shared and lone statements, contradictions, how alike any two are

Statements of two answers are the same when they are on one subject (see `matching`) and neither their numbers, nor
their dates, nor a "not" in one of them stand against it. A contradiction is a pair that is surely on one subject whose
numbers of a unit, or whose dates, differ, each saying one that the other does not, while no other statement of that
answer agrees; or of which one negates what the other says in nearly the same terms; or code of one language whose
lines differ; or answers of which one opens with yes and another with no.

How alike two answers are is the share of what both say, by terms and lines of code, that the other says too.
"""

from __future__ import annotations

from collections.abc import Sequence

from .findings import Findings
from .records import Agreement, Claim, Clash, Kind, SharedClaim

__all__ = ["Agreement", "Claim", "Clash", "Kind", "SharedClaim", "agree"]


def agree(answers: Sequence[str]) -> Agreement:
    """Compare two or more answers. Any text will do; an empty one has nothing to compare."""
    return Findings(answers).all()
