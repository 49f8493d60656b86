"""One growing Markdown block, rewritten like `safe_markdown`, but only where something may still change."""

from __future__ import annotations

from .address import UndisguisedSoFar
from .lines import NO_MARKS, LineEndsSoFar, MarksSoFar
from .markdown import NEW, Scan, ScanState, may_fence, safe_markdown
from .maths import has_environment


class Growing:
    """`safe_markdown` of a growing text: what later text cannot change is settled and not read again.

    Settled are whole lines without open code or formula, and the last line up to its last space where no code, formula
    or bracket is open in it.
    """

    def __init__(self) -> None:
        self._settle("", "", NEW)
        self._marks = NO_MARKS
        self._marked = MarksSoFar()
        self._ended = LineEndsSoFar()
        self._undisguised = UndisguisedSoFar()

    def update(self, text: str) -> str:
        """Take the whole text so far; one that does not continue the last starts over."""
        text = self._undisguised.update(text)
        if may_fence(text) or has_environment(text):
            return safe_markdown(text)
        text = self._ended.update(text)
        marks = self._marked.update(text)
        if marks != self._marks or not text.startswith(self._settled):
            self._settle("", "", NEW)
            self._marks = marks
        line = text.rfind("\n") + 1
        if line > len(self._settled):
            self._try(text, line)
        space = text.rfind(" ") + 1
        if line <= len(self._settled) < space:
            self._try(text, space)
        rest = Scan(text, marks, state=self._state).run(len(self._settled), len(text))
        return (self._drawn + rest).replace("![", "!\\[")

    def _try(self, text: str, to: int) -> None:
        scan = Scan(text, self._marks, state=self._state)
        drawn = scan.settle(len(self._settled), to)
        if drawn is not None:
            self._settle(text[:to], self._drawn + drawn, scan.state(to))

    def _settle(self, text: str, drawn: str, state: ScanState) -> None:
        self._settled, self._drawn, self._state = text, drawn, state
