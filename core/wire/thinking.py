"""Reasoning that a model writes into its answer's text, taken out while the text arrives in pieces.

Only an answer that begins with a tag (blanks aside) has reasoning inside tags: a tag further on is text or code. Some
servers swallow the opening tag; then all that stands before a lone closing tag was reasoning, and a `Reclassified` says
so, because it has been passed on as text by then. A tag in code is never one.

Another model's tag is one more line of `TAGS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from core.records import Delta, Reasoning, Reclassified

TAGS: Mapping[str, str] = MappingProxyType(
    {
        "<think>": "</think>",  # DeepSeek R1, Qwen and most others
        "<thinking>": "</thinking>",
        "<thought>": "</thought>",  # Exaone, Gemma
        "<thoughts>": "</thoughts>",
        "<reasoning>": "</reasoning>",
        "<seed:think>": "</seed:think>",  # Seed-OSS
        "<mm:think>": "</mm:think>",  # MiniMax
        "[think]": "[/think]",  # Magistral
        "◁think▷": "◁/think▷",  # Kimi
        "<|begin_of_thought|>": "<|end_of_thought|>",  # Sky-T1, OpenThinker
        "<|start_thinking|>": "<|end_thinking|>",  # Command A Reasoning
        "<unused94>thought": "<unused95>",  # MedGemma
        "<|channel>thought": "<channel|>",  # Gemma 4
        "<|channel|>analysis<|message|>": "<|end|>",  # gpt-oss, its channels not taken apart by the server
    }
)
FINAL = ("<|start|>assistant<|channel|>final<|message|>", "<|channel|>final<|message|>")
LONE = tuple(close for close in TAGS.values() if close != "<|end|>")
STARTS = ("<", "[", "◁")  # no tag begins with anything else
LONGEST = max(map(len, (*TAGS, *FINAL)))
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")

Piece = Delta | Reasoning | Reclassified


def _any_of(tags: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, tags)), re.IGNORECASE)


OPENING, CLOSING, AFTERWARDS = _any_of(tuple(TAGS)), _any_of(LONE), _any_of(FINAL)


def has_start(text: str) -> bool:
    """Whether a text may hold a tag or the beginning of one."""
    return "<" in text or "[" in text or "◁" in text


class Splitter:
    """Pieces of text in; text and reasoning out, without a time.

    `said` is the answer's text so far. While `is_plain`, a piece without `has_start` may be added to it and passed on
    as it is.
    """

    def __init__(self) -> None:
        self.said: list[str] = []
        self._step: Callable[[], Iterator[Piece]] = self._begin
        self._held = ""
        self._tag, self._close = "", CLOSING
        self._before = ""  # the last character of the reasoning that was passed on
        self._unclosed = 0  # opening tags inside the reasoning
        self._alone = True  # a closing tag may come without an opening one
        self._apart = False  # there was reasoning outside the text

    @property
    def is_plain(self) -> bool:
        return not self._held and self._step in (self._watch, self._pass)

    def feed(self, text: str) -> Iterator[Piece]:
        self._held += text
        step = None
        while self._held and step != self._step:
            step = self._step
            yield from step()

    def close(self) -> Iterator[Piece]:
        """What was held back, at the end of the stream."""
        (held, self._held), step, self._step = (self._held, ""), self._step, self._pass
        if step == self._reason:
            yield from self._reasoning(held) if held or self._before else self._text(self._tag)
        else:
            yield from self._text(_after(held) if step == self._skip else held)

    def reasoned(self) -> None:
        """Reasoning came apart from the text: a longer text before a closing tag is the answer."""
        self._apart = True

    def _text(self, text: str) -> Iterator[Piece]:
        if text:
            self.said.append(text)
            yield Delta(text)

    def _reasoning(self, text: str) -> Iterator[Piece]:
        if text:
            self._before = text[-1]
            self._unclosed += text.lower().count(self._tag)
            yield Reasoning(text)

    def _begin(self) -> Iterator[Piece]:
        start = self._held.lstrip()
        if found := OPENING.match(start):
            self._tag = found[0].lower()
            self._close = _any_of((TAGS[self._tag],))
            self._held, self._step = start[found.end() :], self._reason
            self._alone = False
        elif found := CLOSING.match(start):
            self._held, self._step = start[found.end() :], self._skip
            self._alone = False
        elif not _may_become(start, (*TAGS, *LONE)):
            self._step = self._watch
        return iter(())

    def _reason(self) -> Iterator[Piece]:
        held = self._held
        for found in self._close.finditer(held):
            quoted = (held[: found.start()] or self._before).endswith("`")
            if quoted and found.end() == len(held):
                cut = found.start()  # the next character tells
                break
            if not (quoted and held[found.end()] == "`"):
                self._held, self._step = held[found.end() :], self._skip
                yield from self._reasoning(held[: found.start()])
                return
        else:
            cut = _end(held, (self._tag, TAGS[self._tag]))
        self._held = held[cut:]
        yield from self._reasoning(held[:cut])

    def _skip(self) -> Iterator[Piece]:
        """Blanks and channel marks between reasoning and answer belong to neither."""
        rest = _after(self._held)
        if rest and not _may_become(self._held.lstrip(), FINAL):
            self._held, self._step = rest, self._watch
        return iter(())

    def _watch(self) -> Iterator[Piece]:
        """Text, in which a closing tag may show that it was reasoning."""
        if not (self._alone or self._unclosed):
            self._step = self._pass
            return
        while (found := CLOSING.search(self._held)) and found.end() < len(self._held):
            before, self._held = self._held[: found.start()], self._held[found.end() :]
            yield from self._text(before)
            if self._ends_reasoning(self._held[0]):
                self._alone, self._unclosed = False, max(0, self._unclosed - 1)
                self.said.clear()
                self._step = self._skip
                yield Reclassified()
                return
            yield from self._text(found[0])
        cut = found.start() if found else _end(self._held, LONE)
        text, self._held = self._held[:cut], self._held[cut:]
        yield from self._text(text)

    def _pass(self) -> Iterator[Piece]:
        text, self._held = self._held, ""
        yield from self._text(text)

    def _ends_reasoning(self, following: str) -> bool:
        """Whether a closing tag here ends reasoning: it is not in code, and stands where a thought can end."""
        before = "".join(self.said)
        if len(FENCE.findall(before)) % 2 or before.rpartition("\n")[2].count("`") % 2:
            return False
        if self._unclosed or not before.strip():
            return True
        is_short = "\n\n" not in before.strip()
        if before.endswith("\n"):
            return is_short or not self._apart
        return is_short and (following in "\r\n" or before.rstrip().endswith(SENTENCE_ENDS))


def _after(held: str) -> str:
    found = AFTERWARDS.match(held.lstrip())
    return held.lstrip()[found.end() if found else 0 :].lstrip()


def _may_become(start: str, tags: tuple[str, ...]) -> bool:
    return len(start) <= LONGEST and any(tag.startswith(start.lower()) for tag in tags)


def _end(text: str, tags: tuple[str, ...]) -> int:
    """Where the part of a text ends that cannot be the beginning of a tag."""
    at = max(text.rfind(start) for start in STARTS)
    return at if at >= 0 and _may_become(text[at:], tags) else len(text)
