"""Text of models and people, cut into blocks that are safe to draw: Markdown for `st.markdown`, code for `st.code`.

Code is cut out here, so that the rest can be escaped without knowing what is code; a wrong cut is harmless either way.
An answer may be cut while it still grows: every block but the last is final, so a page draws it once.

    painter = Blocks()
    first, blocks = painter.update(text_so_far)      # blocks[first:] are new or changed
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from .characters import cleaned
from .growing import Growing
from .lines import BLOCK
from .markdown import safe_markdown

__all__ = ["Block", "Blocks", "blocks", "cleaned", "first_difference"]

FOLD_CHARS = 20_000  # a run without white space longer than this is folded
FOLDED_CHARS = 2_000  # to this
NESTING = ("markdown", "md", "mdx", "rmd", "qmd", "readme", "text", "txt", "plaintext", "")  # may hold fences
MATHS_LINES = 60  # `$$` that is still open after so many lines is not a formula

_FENCE = re.compile(r"(?P<quote>(?: {0,3}> ?)*+)(?P<indent>[ \t]*)(?P<run>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)")
_MARKED_FENCE = re.compile(r"(?P<marker> *(?:[-*+]|\d{1,9}[.)]) +)(?P<rest>(?:`{3,}|~{3,}).*)")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_MAYBE_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)]?)?$")
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)")
_NESTED = re.compile(r"(?: {2}| ?\t)")
_NOTE = re.compile(r" {0,3}\[\^(?P<label>[\w.-]{1,60})\]:(?:[ \t]+(?P<rest>.*))?")
_SETTLED = re.compile(
    r"[ \t]*\S+[ \t]+[^-=_* \t]"
)  # half a line whose first word is read as it will be in the whole one
_QUOTES = re.compile(r" {0,3}>(?: {0,3}>)*+ ?")


@dataclass(frozen=True, slots=True)
class Block:
    """`text` is ready to draw. `closed` is False while a code fence is open, `folded` says that text was cut short.

    `note` is the label of the footnote that it belongs to, without its mark; the first of a note `begins` it.
    """

    kind: Literal["markdown", "code"]
    text: str
    language: str = ""
    closed: bool = True
    folded: bool = False
    note: str = ""
    begins: bool = False

    @property
    def is_diagram(self) -> bool:
        """Whether it is the whole source of one."""
        return self.kind == "code" and self.closed and self.language in ("mermaid", "mmd")


def blocks(text: str) -> list[Block]:
    """All blocks of a text; for an unfinished one, all but the last stay as they are whatever follows."""
    return Blocks().update(text)[1]


def for_file(text: str) -> str:
    """The text as Markdown for a file that any viewer may draw: as on the page no picture loads and no HTML is left."""
    if any(len(run[0]) > FOLD_CHARS for run in re.finditer(r"\S+", text)):
        return fenced(text.strip("\n"))  # the page would fold it, a file keeps all of it
    return "\n\n".join(
        fenced(block.text, block.language) if block.kind == "code" else with_label(block) for block in blocks(text)
    )


def with_label(block: Block) -> str:
    """Its text, with the mark of the note that it begins: no link definition, whatever reads it."""
    return f"[^{block.note}]\\: {block.text}" if block.begins else block.text


def title_for_file(text: str) -> str:
    """A title or a name: the same for one line."""
    return safe_markdown(cleaned(" ".join(text.split()))[0]) or "Conversation"


def fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any in the text."""
    longest = max((len(run[0]) for run in re.finditer("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


class Blocks:
    """The blocks of one growing text; each update reads only what came after the last whole line.

    `removed` counts the characters that were left out because they hide or reorder text.
    """

    def __init__(self) -> None:
        self.removed = 0
        self._read = ""
        self._removed = 0
        self._clean = ""  # so much of the unfinished line was found clean
        self._done: list[Block] = []
        self._draft = _Draft()
        self._growing = Growing()
        self._shown: list[Block] = []

    def update(self, text: str) -> tuple[int, list[Block]]:
        """Take the whole text so far; give the index of the first block that is new or changed, and all blocks.

        A text that does not continue the last one starts over. The index equals the length when nothing changed.
        """
        if not text.startswith(self._read):
            self._read, self._removed, self._done, self._draft = "", 0, [], _Draft()
        whole = text.rfind("\n") + 1
        if whole > len(self._read):
            part, removed = cleaned(text[len(self._read) : whole])
            for line in part[:-1].split("\n"):
                self._draft.take(line, self._done)
            self._read, self._removed = text[:whole], self._removed + removed
        clean_chars = len(self._clean) if text.startswith(self._clean, whole) else 0
        last, removed = cleaned(text[whole:], clean_chars)
        self._clean = "" if removed else last[: last.rfind(" ") + 1]
        self.removed = self._removed + removed
        current, draft = self._done.copy(), self._draft.copy()
        draft.take(last, current, partial=True)
        draft.finish(current, drawn=self._growing.update)
        before, self._shown = self._shown, current
        return first_difference(before, current), current


@dataclass(slots=True)
class _Draft:
    """The block being read. Only white space, a fence or an indented line can end it, never half a line."""

    kind: Literal["text", "fence", "indented"] = "text"
    lines: list[str] = field(default_factory=list)
    in_list: bool = False
    in_maths: int = 0  # lines since `$$` opened, 0 when none is open
    run: str = ""
    language: str = ""
    indent: int = 0
    quoted: bool = False
    inner: int = 0  # fences that stand open inside a fence of Markdown
    cut: bool = False  # a fence inside a list ended the block before: what follows is drawn apart from its item
    note: str = ""  # the footnote that is being read
    begins: bool = False  # and nothing of it is done yet

    def copy(self) -> _Draft:
        return replace(self, lines=self.lines.copy())

    def take(self, line: str, done: list[Block], *, partial: bool = False) -> None:
        """Add one line without its newline, moving what it ends to `done`; `partial`: the line may still grow."""
        if self.kind == "fence":
            self._take_code(line, done, partial)
        elif self.kind == "indented":
            self._take_indented(line, done, partial)
        elif not line.strip():
            if self.lines:
                self.lines.append("")
        elif "[^" in line and (note := _NOTE.fullmatch(line)) and not 0 < self.in_maths <= MATHS_LINES:
            self._begin_note(note, done, partial)
        elif self.note and self._leaves_note(line, partial):
            self._end_note(done)
            self.take(line, done, partial=partial)
        elif (marked := _MARKED_FENCE.fullmatch(line)) and not partial and "`" not in marked["rest"].lstrip("`"):
            if marked["marker"].strip()[0].isdigit():  # a lone bullet would underline the line above it
                self._take_text(marked["marker"].rstrip(), done, partial)
            self.in_list = True
            self.take(" " * len(marked["marker"]) + marked["rest"], done)
        elif (fence := self._fence(line)) and not (partial and fence["run"][0] == "`" and self._goes_on(line, True)):
            self._open_fence(fence, done)
        else:
            self._take_text(line, done, partial)

    def finish(self, done: list[Block], *, closed: bool = False, drawn: Callable[[str], str] = safe_markdown) -> None:
        """Move the block read so far to `done` and begin an empty one; list context stays."""
        text = "\n".join(self.lines).strip("\n")
        before = len(done)
        if self.kind == "text":
            if text or self.begins:
                done.append(_markdown(_outdented(text) if self.cut else text, drawn))
                self.cut = False
        elif self.kind == "indented":
            done.append(_code(text, "", True))
        else:
            done.append(_code("\n".join(self.lines), self.language, closed))
            self.cut = self.in_list
        if self.note and len(done) > before:
            done[-1] = replace(done[-1], note=self.note, begins=self.begins)
            self.begins = False
        self.kind, self.lines, self.in_maths, self.inner = "text", [], 0, 0

    def _begin_note(self, note: re.Match[str], done: list[Block], partial: bool) -> None:
        """A note goes on like an item of a list: below a blank line as far as it is indented."""
        self.finish(done)
        self.note, self.begins, self.in_list, self.cut = note["label"], True, True, False
        rest = note["rest"] or ""
        if not partial and (fence := self._fence(f"    {rest}")):
            self._open_fence(fence, done)
        elif rest.strip():
            self.lines = [rest]
            self._count_maths(rest)

    def _end_note(self, done: list[Block]) -> None:
        self.finish(done)
        self.note, self.begins, self.in_list, self.cut = "", False, False, False

    def _leaves_note(self, line: str, partial: bool) -> bool:
        if _NESTED.match(line):
            return False
        if not self.lines or not self.lines[-1]:
            return not 0 < self.in_maths <= MATHS_LINES
        return BLOCK.match(line) is not None and (not partial or _SETTLED.match(line) is not None)

    def _fence(self, line: str) -> re.Match[str] | None:
        fence = _FENCE.fullmatch(line)
        if fence is None or (len(fence["indent"].expandtabs(4)) > 3 and not self.in_list and not fence["quote"]):
            return None
        return fence

    def _open_fence(self, fence: re.Match[str], done: list[Block]) -> None:
        self.finish(done)
        info = fence["info"].split()
        self.kind, self.run, self.quoted = "fence", fence["run"], bool(fence["quote"])
        self.indent = len(fence["indent"].expandtabs(4))
        self.language = re.sub(r"[^\w+#.-]", "", info[0]).lower()[:40] if info else ""

    def _take_code(self, line: str, done: list[Block], partial: bool) -> None:
        if self.quoted:
            quote = _QUOTES.match(line)
            if quote is None:
                if line or not partial:
                    self.finish(done, closed=True)
                    self.take(line, done, partial=partial)
                return
            line = line[quote.end() :]
        bare = line.strip(" \t")
        if self.language in NESTING and self._is_inner(bare):
            self.lines.append(line[min(self.indent, _indent(line)) :])
        elif bare and set(bare) == {self.run[0]} and len(bare) >= len(self.run) and _indent(line) <= self.indent + 3:
            self.finish(done, closed=True)
        elif line or not partial:
            self.lines.append(line[min(self.indent, _indent(line)) :])

    def _is_inner(self, bare: str) -> bool:
        """Whether a line opens or closes a fence inside a file of Markdown, whose own fence is no longer than that."""
        run = len(bare) - len(bare.lstrip(self.run[0]))
        if run < len(self.run):
            return False
        info = bare[run:].strip()
        if info and self.run[0] not in info:
            self.inner += 1
            return True
        if info or not self.inner:
            return False
        self.inner -= 1
        return True

    def _take_indented(self, line: str, done: list[Block], partial: bool) -> None:
        if not line.strip() or _INDENTED.match(line):
            self.lines.append(line.expandtabs(4)[4:])
        else:
            self.finish(done)
            self.take(line, done, partial=partial)

    def _goes_on(self, line: str, partial: bool) -> bool:
        """Whether a line that is not blank belongs to the block read so far."""
        if not self.lines or self.lines[-1]:
            return bool(self.lines)
        if 0 < self.in_maths <= MATHS_LINES:
            return True
        return self.in_list and bool(_NESTED.match(line) or _ITEM.match(line) or (partial and _MAYBE_ITEM.match(line)))

    def _take_text(self, line: str, done: list[Block], partial: bool) -> None:
        item = _ITEM.match(line) is not None
        if not self._goes_on(line, partial):
            if self.lines:
                self.finish(done)
            if not item and not self.in_list and _INDENTED.match(line):
                self.kind, self.lines = "indented", [line.expandtabs(4)[4:]]
                return
            self.in_list = item or (self.in_list and _NESTED.match(line) is not None)
        self.in_list = self.in_list or item
        if self.note:
            line = line.expandtabs(4)[min(4, _indent(line.expandtabs(4))) :]
        self.lines.append(line)
        self._count_maths(line)

    def _count_maths(self, line: str) -> None:
        if self.in_maths:
            self.in_maths = 0 if "$$" in line else self.in_maths + 1
        elif line.lstrip(" \t>").startswith("$$") and line.count("$$") % 2:
            self.in_maths = 1


def _outdented(text: str) -> str:
    """Without the indentation of its list."""
    lines = text.split("\n")
    width = _indent(lines[0].expandtabs(4))
    if width < 2:
        return text
    widths = (min(width, _indent(line.expandtabs(4))) for line in lines)
    return "\n".join(line.expandtabs(4)[cut:] for line, cut in zip(lines, widths, strict=True))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def first_difference(before: list[Block], now: list[Block]) -> int:
    """The index of the first block that is new or changed; the length of the shorter list where none is."""
    for index, (old, new) in enumerate(zip(before, now, strict=False)):
        if old is not new and old != new:
            return index
    return min(len(before), len(now))


def _markdown(text: str, drawn: Callable[[str], str]) -> Block:
    part = _folded(text)
    if part is not text:
        return Block("code", part, folded=True)
    return Block("markdown", drawn(text))


def _code(text: str, language: str, closed: bool) -> Block:
    part = _folded(text)
    return Block("code", part, language, closed, folded=part is not text)


def _folded(text: str) -> str:
    """The same text, or a copy in which each giant run without white space is cut short."""
    if len(text) <= FOLD_CHARS or not any(len(run[0]) > FOLD_CHARS for run in re.finditer(r"\S+", text)):
        return text
    return re.sub(r"\S+", lambda run: run[0] if len(run[0]) <= FOLD_CHARS else run[0][:FOLDED_CHARS] + "…", text)
