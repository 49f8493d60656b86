"""Regular expressions that a stranger may write: no pattern and no text can keep the program busy.

    Pattern(r"(a+)+b", ignore_case=False).found_in("aaaa…")      False, in steps that grow with the length only

Python's own `re` tries one way after another and may need longer than the age of the universe; here all ways are walked
at once, and a search that comes to too many steps ends as `TooMuch`. What needs backtracking (backreferences, looking
ahead and behind) is refused. Single characters and classes are still `re`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

LONGEST = 500
MOST_STATES = 2_000
MOST_REPEATS = 200
MOST_STEPS = 500_000
DEEPEST = 20
SIMPLE = re.compile(r"\\(?:[dDwWsSnrtfv]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^\w])")
COUNTED = re.compile(r"\{(\d{1,4})?(,)?(\d{1,4})?\}")
FLAGS = re.compile(r"\(\?([aimsu]+)\)")
GROUP = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")
ANCHORS = {"^": "start", "$": "end", "\\A": "first", "\\Z": "last", "\\b": "edge", "\\B": "no edge"}
CHAR, SPLIT, ANCHOR, MATCH = "char", "split", "anchor", "match"


class BadPattern(ValueError):
    """A pattern that cannot be used. Its message is a code:

    long, large (more states than we make), deep, opens, closes, class (an open one), characters (a class that is none),
    nothing (is repeated), twice, often, bounds, looks (ahead or behind), backslash (one that is not supported).
    """


class TooMuch(Exception):
    """The search came to more steps than it may take."""


@dataclass(slots=True)
class State:
    """One place of the machine and the ways out of it. `accepts` tells whether a character leads on."""

    kind: str
    accepts: Callable[[str], bool] | None = None
    anchor: str = ""
    ways: list[int] = field(default_factory=list)


class Pattern:
    """A compiled pattern. Raises `BadPattern`."""

    def __init__(self, source: str, *, ignore_case: bool = False) -> None:
        machine = _Parser(source, ignore_case)
        self._states, self._start, self._lines = machine.states, machine.start, machine.lines

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere. Raises `TooMuch`."""
        steps, now = 0, set[int]()
        for at in range(len(text) + 1):
            now, matched, walked = self._closed({*now, self._start}, text, at)
            steps += walked
            if matched:
                return True
            if steps > MOST_STEPS:
                raise TooMuch
            if at < len(text):
                now = set(self._after(now, text[at]))
        return False

    def _after(self, states: Iterable[int], character: str) -> Iterable[int]:
        for number in states:
            state = self._states[number]
            if state.accepts is not None and state.accepts(character):
                yield state.ways[0]

    def _closed(self, states: set[int], text: str, at: int) -> tuple[set[int], bool, int]:
        """The states that wait for a character, reached without reading one; whether the pattern is complete."""
        seen, waiting, open_ones = set(states), set[int](), list(states)
        while open_ones:
            number = open_ones.pop()
            state = self._states[number]
            if state.kind == MATCH:
                return waiting, True, len(seen)
            if state.kind == CHAR:
                waiting.add(number)
            elif state.kind == SPLIT or _holds(state.anchor, text, at, self._lines):
                fresh = [way for way in state.ways if way not in seen]
                seen.update(fresh)
                open_ones += fresh
        return waiting, False, len(seen)


def _holds(anchor: str, text: str, at: int, lines: bool) -> bool:
    match anchor:
        case "start":
            return at == 0 or (lines and text[at - 1] == "\n")
        case "end":
            return at == len(text) or text[at:] == "\n" or (lines and text[at] == "\n")
        case "first":
            return at == 0
        case "last":
            return at == len(text)
    before, after = at > 0 and _is_word(text[at - 1]), at < len(text) and _is_word(text[at])
    return (before != after) == (anchor == "edge")


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()


class _Parser:
    """Builds the machine backwards: each piece is told where it leads to."""

    def __init__(self, source: str, ignore_case: bool) -> None:
        if len(source) > LONGEST:
            raise BadPattern("long")
        self.states: list[State] = []
        self._source, self._at, self._depth = source, 0, 0
        self._flags = re.IGNORECASE if ignore_case else re.NOFLAG
        self.lines = False
        if flags := FLAGS.match(source):
            self._at = flags.end()
            self._flags |= (re.IGNORECASE * ("i" in flags[1])) | (re.DOTALL * ("s" in flags[1]))
            self.lines = "m" in flags[1]
        tree = self._choice()
        if self._at < len(source):
            raise BadPattern("closes")
        self.start = tree(self._add(State(MATCH)))

    def _choice(self) -> Callable[[int], int]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadPattern("deep")
        ways = [self._sequence()]
        while self._take("|"):
            ways.append(self._sequence())
        self._depth -= 1
        if len(ways) == 1:
            return ways[0]
        return lambda after: self._add(State(SPLIT, ways=[way(after) for way in ways]))

    def _sequence(self) -> Callable[[int], int]:
        pieces: list[Callable[[int], int]] = []
        while self._at < len(self._source) and self._source[self._at] not in "|)":
            pieces.append(self._repeated(self._atom()))

        def build(after: int) -> int:
            for piece in reversed(pieces):
                after = piece(after)
            return after

        return build

    def _repeated(self, piece: Callable[[int], int]) -> Callable[[int], int]:
        bounds = self._bounds()
        if bounds is None:
            return piece
        least, most = bounds
        self._take("?")  # a lazy one finds the same
        if self._at < len(self._source) and (self._source[self._at] in "*+?" or COUNTED.match(self._source, self._at)):
            raise BadPattern("twice")

        def build(after: int) -> int:
            if most is None:
                loop = self._add(State(SPLIT))
                self.states[loop].ways = [piece(loop), after]
                after = loop
            for _ in range((most or least) - least):
                after = self._add(State(SPLIT, ways=[piece(after), after]))
            for _ in range(least):
                after = piece(after)
            return after

        return build

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                return bounds
        found = COUNTED.match(self._source, self._at)
        if found is None or not (found[1] or found[3]):
            return None
        self._at = found.end()
        least = int(found[1] or 0)
        most = int(found[3]) if found[3] else None if found[2] else least
        if max(least, most or 0) > MOST_REPEATS:
            raise BadPattern("often")
        if most is not None and most < least:
            raise BadPattern("bounds")
        return least, most

    def _atom(self) -> Callable[[int], int]:
        source, at = self._source, self._at
        if source[at] == "(":
            return self._group()
        for sign, anchor in ANCHORS.items():
            if source.startswith(sign, at):
                self._at += len(sign)
                return lambda after: self._add(State(ANCHOR, anchor=anchor, ways=[after]))
        if source[at] in "*+?":
            raise BadPattern("nothing")
        accepts = _accepting(self._one(), self._flags)
        return lambda after: self._add(State(CHAR, accepts=accepts, ways=[after]))

    def _group(self) -> Callable[[int], int]:
        opened = GROUP.match(self._source, self._at)
        if opened is None:
            raise BadPattern("looks")
        self._at = opened.end()
        inside = self._choice()
        if not self._take(")"):
            raise BadPattern("opens")
        return inside

    def _one(self) -> str:
        """The source of one character: itself, an escape or a class."""
        source, at = self._source, self._at
        if source[at] == "\\":
            found = SIMPLE.match(source, at)
            if found is None:
                raise BadPattern("backslash")
            self._at = found.end()
            return found[0]
        if source[at] == "[":
            self._at, one = _class(source, at)
            return one
        self._at += 1
        return source[at] if source[at] == "." else re.escape(source[at])

    def _take(self, sign: str) -> bool:
        found = self._source.startswith(sign, self._at)
        self._at += len(sign) * found
        return found

    def _add(self, state: State) -> int:
        if len(self.states) >= MOST_STATES:
            raise BadPattern("large")
        self.states.append(state)
        return len(self.states) - 1


def _class(source: str, at: int) -> tuple[int, str]:
    """Where a class ends, and its text with the signs escaped that `re` keeps for later uses."""
    end, text = at + 1, "["
    if source.startswith("^", end):
        end, text = end + 1, "[^"
    if source.startswith("]", end):
        end, text = end + 1, text + "\\]"
    while end < len(source) and source[end] != "]":
        sign = source[end : end + 2] if source[end] == "\\" else source[end]
        special = sign in "[&|~" or (sign == "-" and text[-1] == "-")
        end, text = end + len(sign), text + ("\\" + sign if special else sign)
    if end >= len(source):
        raise BadPattern("class")
    return end + 1, text + "]"


@lru_cache(maxsize=2000)
def _accepting(one: str, flags: int) -> Callable[[str], bool]:
    try:
        match = re.compile(one, flags).fullmatch
    except re.error:
        raise BadPattern("characters") from None
    known: dict[str, bool] = {}

    def accepts(character: str) -> bool:
        if character not in known:
            if len(known) > 5000:
                known.clear()
            known[character] = match(character) is not None
        return known[character]

    return accepts
