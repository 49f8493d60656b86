"""One Markdown block rewritten so that Streamlit can draw it: nothing loads, nothing hides, prices stay prices.

Three rules hold whatever the browser's parser makes of the text: `![` never leaves this room, every link that leaves it
was written by us, and HTML, definitions and directives are escaped. Inline code is kept as it was written only while
our reading of the backticks cannot differ from the browser's: in one line and one table cell, outside bare addresses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple

from .address import BREAK, as_text, has_userinfo, shown_address, undisguised
from .lines import DocumentContext, closers_of, marks_of, with_line_ends
from .maths import DISPLAY, FORMULA, display, in_maths, is_formula, with_environments

_FENCE = re.compile(r"^([ \t>*+\-\d.)]*+(?:`{3,}+|~{3,}+))(?=[^\n]*(?:mermaid|[&\\]))", re.MULTILINE | re.IGNORECASE)
_TOKEN = re.compile(
    r"""
    (?=[\\:`$!\[\]<~*])(?:
    (?P<emoji>(?<!:)\\?:++(?: (?=[\w+\\-]{0,60}[A-Za-z])(?=(?:\\?[\w+-]){1,60}\\?:) | (?=[+-]1:|100:|1234:)
      | (?=material[/\\_]) ))
  | (?P<colons>(?<!:)\\?:++(?=[^\W\d_])|(?<=\]):++)
  | (?P<round>\\\((?P<round_body>(?:\\\\|(?!\\[()\[\]]|[$`]|\n[ \t>]*\n)[\s\S]){1,1000})\\\))
  | (?P<square>\\\[(?P<square_body>(?:\\\\|(?!\\[()\[\]]|[$`]|\n[ \t>]*\n)[\s\S]){1,4000})\\\])
  | (?P<escape>\\[!-/:-@\[-`{-~])
  | (?P<ticks>`++)
  | (?P<dollars>\$++)
  | (?P<image>!\[)
  | (?P<link>\[(?P<label>(?:[^\[\]\n\\]|\\.|\[(?:[^\[\]\n\\]|\\.){0,200}\]){1,500}+)\]
      \((?P<to>(?:https?://|mailto:)(?:[^\s<>()\[\]`|\\"]|\([^\s<>()\[\]`|\\"]{0,300}\)){1,2000}+)
      (?:[ \t]+(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'))?[ \t]*\))
  | (?P<closing>\](?=\())
  | (?P<autolink><(?:https?://|mailto:)[^\s<>`|\\]{1,2000}>)
  | (?P<angle><(?=[A-Za-z/!?]))
  | (?P<address>(?<=http|ttps)://[^\s<>\[\](){}`$\\|"'*!]{1,2000}+)
  | (?P<tildes>~++)
  | (?P<stars>\*{1,3}+(?!\*))
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_BREAK_TAG = re.compile(r"<\s*/?\s*br\s*/?\s*>", re.IGNORECASE)
_OPEN_BREAK_TAG = re.compile(r"<[\s/br]*+\Z", re.IGNORECASE)
_TAG = re.compile(
    r"<(?P<tag>sub|sup|kbd|b|strong|i|em|u|ins|mark|s|del|small)>(?P<body>[^<>\n`|]{1,300})</(?P=tag)>", re.IGNORECASE
)
_SUBSCRIPT = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_SUPERSCRIPT = str.maketrans("0123456789+-=()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "s": "~~", "del": "~~"}
# Letters of scripts that are written without spaces, beside which CommonMark takes emphasis for plain stars.
_CJK = re.compile(
    r"[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff10-\uff5a]"
)
# What ends a bare address in running text of these scripts; a browser takes all up to a space.
_FULL_WIDTH_END = re.compile(r"[，。；：！？、（）「」『』《》〈〉【】〔〕“”‘’…—～]")
HAIR = "\u200a"  # the thinnest of spaces: it ends an address and is hardly seen
_NO_FORMULA = re.compile(r"[$`\n]")  # after a `$` that opened no formula none can open
_SPECIAL = re.compile(r"[\\:`$!\[\]<~*]")  # what every token begins with
_TICKS = re.compile(r"\\.|`++")
_SHORTCODE = re.compile(r":(?:(?=[\w+-]{0,60}[A-Za-z])[\w+-]{1,60}:|[+-]1:|100:|1234:|material[/_])")
_DIRECTIVE = re.compile(r":(?=[^\W\d_])")
_BRACKET = re.compile(r"[\[\]]")
_SPACE = re.compile(r"\s")
_LINE_END = re.compile(r"[ \t]*+(?:\n|\Z)")
_EMPTY_LINE = re.compile(r"\n[ \t>]*\n")


def safe_markdown(text: str) -> str:
    """`text`, already cleaned of control characters, ready for `st.markdown` with default flags."""
    text = with_line_ends(with_environments(undisguised(text)))
    if may_fence(text):
        text = _FENCE.sub(rf"\g<1>{BREAK}", text)
    return Scan(text, marks_of(text)).run(0, len(text)).replace("![", "!\\[")


class ScanState(NamedTuple):
    """The state from which another scan continues."""

    trusted: bool = True
    open_brackets: int = 0
    counted: int = 0


NEW = ScanState()


def may_fence(text: str) -> bool:
    return "```" in text or "~~~" in text


class Scan:
    """One pass from left to right; each kind of token has a method that returns its replacement and where to go on.

    `final` becomes False where text that is still to come may change what was passed.
    """

    def __init__(self, text: str, marks: DocumentContext, inside_link: bool = False, state: ScanState = NEW) -> None:
        self.text = text
        self.inside_link = inside_link
        self.closers: Mapping[int, int | None] = {}
        self.marks = marks
        self.trusted = state.trusted and not marks.glued
        self.address_end = 0  # of the bare address read last: the browser may take all up to a space for it
        self.open_brackets, self.counted = state.open_brackets, state.counted
        self.final = True
        self.settling = self.in_line = False

    def settle(self, at: int, until: int) -> str | None:
        """What `run` gives, or None where text that is still to come may change it. `until` is behind white space."""
        self.settling, self.in_line = True, self.text[until - 1] != "\n"
        drawn = self.run(at, until)
        return drawn if self.final else None

    def run(self, at: int, until: int) -> str:
        text, out = self.text, []
        self.closers = closers_of(text, at)
        special = _SPECIAL.search(text, at, until)  # it finds the first much faster than the whole grammar does
        token = _TOKEN.search(text, special.start()) if special else None
        while token is not None and token.start() < until and (self.final or not self.settling):
            out.append(text[at : token.start()])
            if self.in_line and "[" in out[-1]:
                self.final = False
            piece, at = _KINDS[token.lastgroup or ""](self, token)
            out.append(piece)
            token = _TOKEN.search(text, at)
        out.append(text[at:until])
        if at > until or (self.in_line and "[" in out[-1]):
            self.final = False
        return "".join(out)

    def state(self, at: int) -> ScanState:
        self._count_brackets(at)
        return ScanState(self.trusted, self.open_brackets, self.counted)

    def emoji(self, token: re.Match[str]) -> tuple[str, int]:
        return token[0].lstrip("\\") + BREAK, token.end()

    def escape(self, token: re.Match[str]) -> tuple[str, int]:
        self.final = self.final and token[0] not in ("\\(", "\\[")
        return ("&lt;" if token[0] == "\\<" else token[0]), token.end()

    def image(self, token: re.Match[str]) -> tuple[str, int]:
        return "!\\[", token.end()

    def closing(self, token: re.Match[str]) -> tuple[str, int]:
        return "]\\", token.end()

    def colons(self, token: re.Match[str]) -> tuple[str, int]:
        return "\\:" * len(token[0].lstrip("\\")), token.end()

    def angle(self, token: re.Match[str]) -> tuple[str, int]:
        """The few tags that have a Markdown equivalent; any other is shown literally."""
        if tag := _BREAK_TAG.match(self.text, token.start()):
            self.final = self.final and not self.in_line
            return self._line_break(tag.start(), tag.end()), tag.end()
        if (tag := _TAG.match(self.text, token.start())) is None:
            if self.in_line or _OPEN_BREAK_TAG.match(self.text, token.start()):
                self.final = False
            return "&lt;", token.end()
        return self._tagged(tag["tag"].lower(), tag["body"]), tag.end()

    def _line_break(self, start: int, end: int) -> str:
        """A line break; Markdown cannot break a cell, so there it is the character, which the style sheet shows."""
        if self.marks.cells or self.inside_link:
            return "&#10;"
        if _LINE_END.match(self.text, end):
            return "" if self.text[end : end + 1] == " " else "  "
        line = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        return " " if line.lstrip().startswith("#") else "  \n"

    def _tagged(self, tag: str, body: str) -> str:
        if tag in ("sub", "sup"):
            raised = body.translate(_SUBSCRIPT if tag == "sub" else _SUPERSCRIPT)
            complete = all(old != new or old.isspace() for old, new in zip(body, raised, strict=True))
            return raised if complete else ("\\_(" if tag == "sub" else "^(") + _inner(body, self.inside_link) + ")"
        if tag == "kbd":
            return f"`{body.strip()}`" if body.strip() and "![" not in body else _inner(body, self.inside_link)
        mark = _MARKS.get(tag, "") if body == body.strip() else ""
        return f"{mark}{_inner(body, self.inside_link)}{mark}"

    def stars(self, token: re.Match[str]) -> tuple[str, int]:
        start, end = token.span()
        drawn = self._emphasis(token[0], start, end)
        if drawn == token[0] or len(token[0]) > 1:
            return drawn, end
        self.final = self.final and not self.in_line
        return (drawn if self._is_pair(start) else token[0]), end

    def _emphasis(self, marks: str, start: int, end: int) -> str:
        """Markers between punctuation and a letter of a script without spaces, where CommonMark sees plain stars."""
        before, after = self.text[start - 1 : start] if start else "", self.text[end : end + 1]
        if not before.strip() or not after.strip():
            return marks
        if _is_punctuation(after) and not _is_punctuation(before) and _CJK.match(before):
            return marks + BREAK
        if _is_punctuation(before) and not _is_punctuation(after) and _CJK.match(after):
            return BREAK + marks
        return marks

    def _is_pair(self, start: int) -> bool:
        """Whether a single star and another one enclose a phrase, rather than being multiplication signs."""
        line = self.text[self.text.rfind("\n", 0, start) + 1 :].partition("\n")[0]
        return len(re.findall(r"(?<![*\\])\*(?!\*)", line)) == 2 and not re.search(r"\d\*|\*\d", line)

    def tildes(self, token: re.Match[str]) -> tuple[str, int]:
        return ("\\~" if token[0] == "~" else self._emphasis(token[0], *token.span())), token.end()

    def address(self, token: re.Match[str]) -> tuple[str, int]:
        if token.end() > self.address_end:
            space = _SPACE.search(self.text, token.end())
            self.address_end = space.start() if space else len(self.text)
        if has_userinfo(f"https{token[0]}"):
            return as_text(token[0]), token.end()
        if ended := _FULL_WIDTH_END.search(token[0]):
            self.address_end = token.start() + ended.start()
            return self._address_before(token, ended.start())
        if code := _SHORTCODE.search(token[0], 1):
            return token[0][: code.start()], token.start() + code.start()
        if self._read_as_text(token.start()):
            return _DIRECTIVE.sub(r"\\:", token[0]), token.end()
        return token[0], token.end()

    def _address_before(self, token: re.Match[str], end: int) -> tuple[str, int]:
        part, stop = token[0][:end], token.start() + end
        if self._read_as_text(token.start()) or _SHORTCODE.search(part, 1):
            return _DIRECTIVE.sub(r"\\:", part), stop
        return part + HAIR, stop

    def _read_as_text(self, colon: int) -> bool:
        """Whether the browser takes a bare address for ordinary text: after an ASCII letter or inside an open `[`."""
        self._count_brackets(colon)
        scheme = 4 if self.text[colon - 1] in "pP" else 5
        before = self.text[max(colon - scheme - 1, 0) : colon - scheme]
        return self.open_brackets > 0 or (before.isascii() and before.isalpha())

    def _count_brackets(self, to: int) -> None:
        for bracket in _BRACKET.finditer(self.text, self.counted, to):
            self.open_brackets = max(0, self.open_brackets + (1 if bracket[0] == "[" else -1))
        self.counted = to

    def autolink(self, token: re.Match[str]) -> tuple[str, int]:
        if self.inside_link or shown_address(token[0][1:-1]) is None or _SHORTCODE.search(token[0]):
            return "&lt;", token.start() + 1
        return token[0], token.end()

    def link(self, token: re.Match[str]) -> tuple[str, int]:
        label, to = token["label"], token["to"]
        shown = shown_address(to)
        if self.inside_link or shown is None or not self._holds_its_code(*token.span("label")):
            return "[", token.start() + 1
        marks = marks_of(label)._replace(cells=self.marks.cells)
        inner = Scan(label, marks, inside_link=True, state=ScanState(self.trusted))
        drawn = re.sub(r"(?<!\\)((?:\\\\)*)([\[\]])", r"\1\\\2", inner.run(0, len(label)))
        self.trusted = inner.trusted
        named = label.strip().rstrip("/").casefold()
        plain = (to, shown, to.partition("//")[2], to.removeprefix("mailto:"))
        note = "" if named in {address.rstrip("/").casefold() for address in plain} else f" ({_unlinked(shown)})"
        return f"[{drawn}]({to}){note}", token.end()

    def _holds_its_code(self, start: int, end: int) -> bool:
        """Whether every code span that begins in a link's label also ends there."""
        while (run := _TICKS.search(self.text, start, end)) is not None:
            start = run.end()
            if run[0][0] == "`":
                start = self.closers.get(run.start()) or end + 1
        return start <= end

    def ticks(self, token: re.Match[str]) -> tuple[str, int]:
        start = token.start()
        closer = self.closers.get(start)
        if start not in self.closers or start < self.address_end:
            self.trusted = False
        if self.trusted and closer in (None, len(self.text)):
            self.final = False
        if closer is None or not self.trusted:
            return token[0], token.end()
        span = self.text[start:closer]
        if "\n" in span or (self.marks.cells and "|" in span.replace("\\|", "")):
            self.trusted = False
            return token[0], token.end()
        if "]:" in span and self.marks.defines:
            return token[0], token.end()
        return span.replace("![", f"!{BREAK}["), closer

    def dollars(self, token: re.Match[str]) -> tuple[str, int]:
        text, start = self.text, token.start()
        shown = DISPLAY.match(text, start) if len(token[0]) == 2 else None
        if len(token[0]) == 2 and (self.in_line or shown is None or shown.end() == len(text)):
            self.final = False
        if shown and shown[1].strip():
            alone = self._alone(start, shown.end())
            if alone is not None or not _EMPTY_LINE.search(shown[1]):
                return display(shown[1], alone), shown.end()
        if (
            len(token[0]) == 1
            and (formula := FORMULA.match(text, start))
            and is_formula(formula, text[max(start - 1, 0) : start])
        ):
            return f"${in_maths(formula[1])}$", formula.end()
        if self.in_line and _NO_FORMULA.search(text, token.end()) is None:
            self.final = False
        return "\\$" * len(token[0]), token.end()

    def round(self, token: re.Match[str]) -> tuple[str, int]:
        body = token["round_body"].strip()
        if not body or re.search(r"\n[ \t]*>", body):
            return "\\(", token.start() + 2
        return f"${in_maths(' '.join(body.split()))}$", token.end()

    def square(self, token: re.Match[str]) -> tuple[str, int]:
        body = token["square_body"]
        self.final = self.final and not self.in_line
        if not body.strip() or re.fullmatch(r"[\s\d,]*", body):
            return "\\[", token.start() + 2
        return display(body, self._alone(token.start(), token.end())), token.end()

    def _alone(self, start: int, end: int) -> str | None:
        """What precedes a formula on its line when it has the line to itself (spaces, quote marks), else None."""
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        after = _LINE_END.match(self.text, end)
        return before if after and not before.strip(" \t>") else None


_KINDS: Mapping[str, Callable[[Scan, re.Match[str]], tuple[str, int]]] = {
    "emoji": Scan.emoji,
    "round": Scan.round,
    "square": Scan.square,
    "escape": Scan.escape,
    "ticks": Scan.ticks,
    "dollars": Scan.dollars,
    "image": Scan.image,
    "link": Scan.link,
    "closing": Scan.closing,
    "colons": Scan.colons,
    "autolink": Scan.autolink,
    "angle": Scan.angle,
    "address": Scan.address,
    "tildes": Scan.tildes,
    "stars": Scan.stars,
}


def _inner(text: str, inside_link: bool) -> str:
    return Scan(text, marks_of(text), inside_link).run(0, len(text))


def _is_punctuation(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS"


def _unlinked(address: str) -> str:
    return re.sub(r"([_*~@\\]|(?<=www)\.)", r"\\\1", address)
