"""Reasoning that a model writes into its answer's text, taken out while the text arrives in pieces.

Only an answer that begins with a tag (blanks aside) has reasoning inside tags, in one section or in several that follow
each other: a tag further on is text or code. A tag may have attributes, and blanks before its end. Some servers drop
the opening tag; then everything before a lone closing tag was reasoning, and a `Reclassified` says so, because by then
it has been passed on as text. A tag inside code does not count.

Another model's tag is one more line of `TAGS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from ..records import Delta, Reasoning, Reclassified

TAGS: Mapping[str, str] = MappingProxyType(
    {
        "<think>": "</think>",  # DeepSeek R1, Qwen and most others
        "<thinking>": "</thinking>",
        "<thought>": "</thought>",  # Exaone, Gemma
        "<thoughts>": "</thoughts>",
        "<reason>": "</reason>",
        "<reflection>": "</reflection>",
        "<scratchpad>": "</scratchpad>",
        "<inner_monologue>": "</inner_monologue>",
        "<internal_monologue>": "</internal_monologue>",
        "<inner_thoughts>": "</inner_thoughts>",
        "<antthinking>": "</antthinking>",
        "<reasoning>": "</reasoning>",
        "<cot>": "</cot>",
        "<chain_of_thought>": "</chain_of_thought>",
        "<longcat_think>": "</longcat_think>",
        "<seed:think>": "</seed:think>",  # Seed-OSS
        "<mm:think>": "</mm:think>",  # MiniMax
        "[think]": "[/think]",  # Magistral
        "◁think▷": "◁/think▷",  # Kimi
        "<|thinking|>": "<|/thinking|>",
        "<|think|>": "<|/think|>",
        "<|begin_of_thought|>": "<|end_of_thought|>",  # Sky-T1, OpenThinker
        "<|begin|>assistant<|think|>": "<|end|>",  # Solar
        "<|start_thinking|>": "<|end_thinking|>",  # Command A Reasoning
        "<unused94>thought": "<unused95>",  # MedGemma
        "<|channel>thought": "<channel|>",  # Gemma 4
        "<|channel|>thought": "<channel|>",
        "<|channel|>analysis<|message|>": "<|end|>",  # gpt-oss, its channels not taken apart by the server
        "<|channel|>commentary<|message|>": "<|end|>",
        "<|start|>assistant<|channel|>analysis<|message|>": "<|end|>",
        "<|start|>assistant<|channel|>commentary<|message|>": "<|end|>",
    }
)
BARE, BARE_END = "analysis", "assistantfinal"  # gpt-oss after the server dropped its marks: a capital follows at once
CLOSE_OF: Mapping[str, str] = MappingProxyType({**TAGS, BARE: BARE_END})
EITHER = ("<think>", "<thinking>")  # models mix the two up: either end tag ends both
# Marks around the answer itself: what begins it, and what may end it.
GPT_OSS_ENDS = ("<|return|>", "<|end|>")
ANSWERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "<|start|>assistant<|channel|>final<|message|>": GPT_OSS_ENDS,
        "<|channel|>final<|message|>": GPT_OSS_ENDS,
        "<|channel|>final <|constrain|>json<|message|>": GPT_OSS_ENDS,
        "<|start|>assistant<|channel|>final <|constrain|>json<|message|>": GPT_OSS_ENDS,
        "<|begin|>assistant<|content|>": ("<|end|>",),
        "<|begin_of_solution|>": ("<|end_of_solution|>",),
        "<|start_response|>": ("<|end_response|>",),
    }
)
# The same after reasoning; elsewhere such a tag is text.
AFTER_REASONING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {**ANSWERS, "<answer>": ("</answer>",), "<response>": ("</response>",)}
)
LONE = tuple(close for close in TAGS.values() if close != "<|end|>")
QUOTES = ("`", "'", '"')
STARTS = ("<", "[", "◁")  # no tag begins with anything else
LONGEST = max(map(len, (*TAGS, *AFTER_REASONING)))
LONGEST_ATTRIBUTES = 200
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")

Piece = Delta | Reasoning | Reclassified


def _any_of(tags: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_loose, tags)), re.IGNORECASE)


def _loose(tag: str) -> str:
    """A tag in HTML's looser spellings too: `<think time="3">`, `</ think >`."""
    if match := re.fullmatch(r"<(/?)([\w:]+)>", tag):
        attributes = rf"(?:\s[\w:-]+\s*=[^<>]{{0,{LONGEST_ATTRIBUTES}}})?"
        return rf"<\s*/\s*{match[2]}\s*>" if match[1] else rf"<{match[2]}\s*{attributes}>"
    return rf"(?-i:{tag}(?=[A-Z]))" if tag == BARE else re.escape(tag)


OPENING, CLOSING, BEFORE_ANSWER = _any_of(tuple(CLOSE_OF)), _any_of(LONE), _any_of(tuple(ANSWERS))
BEHIND_REASONING = re.compile("|".join(map(re.escape, AFTER_REASONING)), re.IGNORECASE)
_NAMES = "|".join(tag[1:-1] for tag in TAGS if re.fullmatch(r"<[\w:]+>", tag))
_ATTRIBUTES = re.compile(rf"<(?:{_NAMES})\s[^<>]{{0,{LONGEST_ATTRIBUTES}}}", re.IGNORECASE)


def has_start(text: str) -> bool:
    """Whether a text may contain a tag or the beginning of one."""
    return "<" in text or "[" in text or "◁" in text


class Splitter:
    """Pieces of text in; text and reasoning out, without a time.

    `answer_parts` is the answer's text so far. While `is_plain`, a piece without `has_start` may be appended to it and
    passed on as it is.
    """

    def __init__(self) -> None:
        self.answer_parts: list[str] = []
        self._step: Callable[[], Iterator[Piece]] = self._begin
        self._held = ""
        self._tag, self._close = "", CLOSING
        self._before = ""  # the last character of the reasoning passed on
        self._unclosed = 0  # opening tags inside the reasoning
        self._alone = True  # a closing tag may come without an opening one
        self._apart = False  # reasoning came outside the text
        self._end_marks: tuple[str, ...] = ()  # what may stand behind the answer

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
            for mark in self._end_marks:
                held = re.sub(rf"\s*{re.escape(mark)}\s*\Z", "", held, flags=re.IGNORECASE)
            yield from self._text(held.lstrip() if step == self._skip else held)

    def reasoned(self) -> None:
        """Note that reasoning came apart from the text: a longer text before a closing tag is then the answer."""
        self._apart = True

    def _text(self, text: str) -> Iterator[Piece]:
        if text:
            self.answer_parts.append(text)
            yield Delta(text)

    def _reasoning(self, text: str) -> Iterator[Piece]:
        if text:
            self._before = text[-1]
            self._unclosed += text.lower().count(self._tag) if self._tag != BARE else 0
            yield Reasoning(text)

    def _begin(self) -> Iterator[Piece]:
        start = self._held.lstrip()
        if match := OPENING.match(start):
            self._open(match)
        elif match := BEFORE_ANSWER.match(start):
            self._enter(match)
        elif match := CLOSING.match(start):
            self._held, self._step = start[match.end() :], self._skip
            self._alone = False
        elif not _may_begin(start, (*(TAGS if self._apart else CLOSE_OF), *ANSWERS, *LONE)):
            self._step = self._watch
        return iter(())

    def _open(self, match: re.Match[str]) -> None:
        self._tag = re.sub(r"\s[^<>]*>$", ">", match[0].lower())
        self._close = _any_of(tuple(CLOSE_OF[tag] for tag in (EITHER if self._tag in EITHER else (self._tag,))))
        self._held, self._step, self._before = match.string[match.end() :], self._reason, ""
        self._alone = False

    def _enter(self, match: re.Match[str]) -> None:
        self._end_marks = AFTER_REASONING[match[0].lower()]
        self._held, self._step, self._alone = match.string[match.end() :], self._start_answer, False

    def _start_answer(self) -> Iterator[Piece]:
        self._held = self._held.lstrip()
        self._step = self._watch if self._held else self._step
        return iter(())

    def _reason(self) -> Iterator[Piece]:
        held = self._held
        for match in self._close.finditer(held):
            before = (held[: match.start()] or self._before)[-1:]
            if before in QUOTES and match.end() == len(held):
                cut = match.start()  # the next character tells
                break
            if not (before in QUOTES and held[match.end()] == before):
                self._held, self._step = held[match.end() :], self._skip
                yield from self._reasoning(held[: match.start()])
                return
        else:
            cut = _end(held, (self._tag, *(CLOSE_OF[tag] for tag in (*EITHER, self._tag))))
        self._held = held[cut:]
        yield from self._reasoning(held[:cut])

    def _skip(self) -> Iterator[Piece]:
        """Skip blanks and channel marks between reasoning and answer; more reasoning may follow."""
        rest = self._held.lstrip()
        if not self._unclosed and (match := OPENING.match(rest)):
            self._open(match)
        elif match := BEHIND_REASONING.match(rest):
            self._enter(match)
        elif rest and not _may_begin(rest, (*TAGS, *AFTER_REASONING)):
            self._held, self._step = rest, self._watch
        return iter(())

    def _watch(self) -> Iterator[Piece]:
        """Text that a closing tag may still turn into reasoning."""
        if not (self._alone or self._unclosed):
            self._step = self._pass
            return
        while (match := CLOSING.search(self._held)) and match.end() < len(self._held):
            before, self._held = self._held[: match.start()], self._held[match.end() :]
            yield from self._text(before)
            if self._ends_reasoning(match[0], self._held[0]):
                self._alone, self._unclosed = False, max(0, self._unclosed - 1)
                self.answer_parts.clear()
                self._step = self._skip
                yield Reclassified()
                return
            yield from self._text(match[0])
        cut = match.start() if match else _end(self._held, LONE)
        text, self._held = self._held[:cut], self._held[cut:]
        yield from self._text(text)

    def _pass(self) -> Iterator[Piece]:
        cut = len(self._held)
        if self._end_marks:
            at = self._held.rfind("<")
            rest = self._held[at:].rstrip().lower() if at >= 0 else ""
            begins = bool(rest) and any(mark.startswith(rest) for mark in self._end_marks)
            cut = len((self._held[:at] if begins else self._held).rstrip())
        text, self._held = self._held[:cut], self._held[cut:]
        yield from self._text(text)

    def _ends_reasoning(self, tag: str, following: str) -> bool:
        """Whether a closing tag here ends reasoning: it is not in code, and comes where a thought can end."""
        before = "".join(self.answer_parts)
        if len(FENCE.findall(before)) % 2 or before.rpartition("\n")[2].count("`") % 2:
            return False
        if self._unclosed or not before.strip():
            return True
        if re.sub(r"[/\s>]", "", tag.lower()) in before.lower():  # it was opened further on: an element of the text
            return False
        is_short = "\n\n" not in before.strip()
        if before.endswith("\n"):
            return is_short or not self._apart
        return is_short and (following in "\r\n" or before.rstrip().endswith(SENTENCE_ENDS))


def _may_begin(start: str, tags: tuple[str, ...]) -> bool:
    return _may_become(start, tags) or _ATTRIBUTES.fullmatch(start) is not None


def _may_become(start: str, tags: tuple[str, ...]) -> bool:
    bare = re.sub(r"(?<=[</])\s+|\s+\Z", "", start.lower()) if start[:1] == "<" else start.lower()
    if len(start) > LONGEST:
        return False
    return any(tag.startswith(bare if tag[0] in STARTS else start) for tag in tags)


def _end(text: str, tags: tuple[str, ...]) -> int:
    """The length of the text that cannot be the beginning of a tag."""
    at = max(text.rfind(start) for start in STARTS)
    if at >= 0 and _may_become(text[at:], tags):
        return at
    words = [tag for tag in tags if tag[0] not in STARTS]
    held = [size for word in words for size in range(1, len(word)) if text.endswith(word[:size])]
    return len(text) - max(held, default=0)
