"""One Markdown block that grows, rewritten as `safe_markdown` does, but only where something may still change."""

from __future__ import annotations

from operator import or_

from core.safety.markdown import NEW, NO_MARKS, Marks, Scan, State, marks_of, may_fence, safe_markdown


class Growing:
    """`safe_markdown` of a text that grows: what nothing that follows can change is settled and not read again.

    Settled are whole lines in which no code or formula is open, and of the last line all up to its last space, where
    nothing in it is open: no code, formula or bracket.
    """

    def __init__(self) -> None:
        self._settle("", "", NEW)
        self._marks = NO_MARKS
        self._marked = _Marked()

    def update(self, text: str) -> str:
        """Take the whole text so far; one that does not continue the last starts over."""
        if may_fence(text):
            return safe_markdown(text)
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

    def _settle(self, text: str, drawn: str, state: State) -> None:
        self._settled, self._drawn, self._state = text, drawn, state


class _Marked:
    """The marks of a growing text; a line that is whole is read once."""

    def __init__(self) -> None:
        self._text, self._marks = "", NO_MARKS

    def update(self, text: str) -> Marks:
        if "`" not in text:
            return NO_MARKS
        if not text.startswith(self._text):
            self._text, self._marks = "", NO_MARKS
        line = text.rfind("\n") + 1
        if line > len(self._text):
            self._marks = Marks(*map(or_, self._marks, marks_of(text, len(self._text), line)))
            self._text = text[:line]
        return Marks(*map(or_, self._marks, marks_of(text, line)))
