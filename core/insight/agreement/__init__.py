"""Where several answers to one question agree, and where they contradict each other; no model is asked.

agree(answers) -> Agreement      shared and single statements, contradictions, similarity of each pair

ements of two answers are the same when they share a subject (see `matching`) and neither their numbers, nor their
s, nor a negation contradict that. A contradiction is a pair that clearly shares a subject and whose numbers of a
 or dates differ, each having one that the other has not, while no other statement of that answer agrees; or of
h one negates the other in nearly the same terms; or code of one language with different lines; or answers of which
opens with yes and another with no.

similarity of two answers is the share of both, by terms and lines of code, that the other has too.
"""

from __future__ import annotations

from collections.abc import Sequence

from .findings import Findings
from .records import Agreement, Claim, Clash, Kind, SharedClaim

__all__ = ["Agreement", "Claim", "Clash", "Kind", "SharedClaim", "agree"]


def agree(answers: Sequence[str]) -> Agreement:
    """Compare two or more answers. Any text will do; an empty one has nothing to compare."""
    return Findings(answers).all()
