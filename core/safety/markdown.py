"""One Markdown block rewritten so that Streamlit can draw it: nothing loads, nothing hides, prices stay prices.

Three rules hold whatever the browser's parser makes of the text: `![` never leaves this room, every link that leaves it
was written by us, and HTML, definitions and directives are escaped. Inline code is kept as it was written only while
our reading of the backticks cannot differ from the browser's: in one line and one table cell, outside bare addresses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from core.safety.address import BREAK, as_text, has_userinfo, shown_address, undisguised

_FENCE = re.compile(r"^([ \t>*+\-\d.)]*+(?:`{3,}+|~{3,}+))(?=[^\n]*(?:mermaid|[&\\]))", re.MULTILINE | re.IGNORECASE)
_TABLE = re.compile(r"^(?=[^\n]*[|:])(?=[^\n]*-)[ \t>*+\d.)|:-]++$", re.MULTILINE)
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
_FORMULA = re.compile(r"\$(?![\s$])((?:[^$\n`]{0,999}[^\s$`\\])?)\$(?![\d$])")
_DISPLAY = re.compile(r"\$\$((?:[^$`\\]|\\[\s\S]|\$(?!\$)){1,4000}?)\$\$(?!\$)")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}|[^\x00-\x7f\u0370-\u03ff\u2200-\u22ff]")
_TEXT_IN_MATHS = re.compile(r"\\(?:text\w*|mathrm|mathbf|mathit|operatorname\*?|mbox)\s*\{[^{}]*\}")
_BREAK_TAG = re.compile(r"<\s*/?\s*br\s*/?\s*>", re.IGNORECASE)
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
# A line that begins a block of its own, or underlines the one above.
_BLOCK = re.compile(
    r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)|\#{1,6}(?:[ \t]|$)|[>|]|`{3}|~{3}|=+[ \t]*$|-+[ \t]*$|\[\^?[^\]]+\]:)"
    r"|[-*_ \t]{3,}$"
)
WRAPPED_CHARS = 66  # a line that is longer was wrapped by its writer's editor, not ended
_MARKUP = re.compile(r"!(?=\[)|\](?=[(:])|<(?=[A-Za-z/!?])|:(?=[^\W\d_])")
_SHELL = re.compile(r"[A-Z_][A-Z0-9_]+\W*\Z|\{[^}]*\}\W*\Z")
_TICKS = re.compile(r"\\.|`++")
_SHORTCODE = re.compile(r":(?:(?=[\w+-]{0,60}[A-Za-z])[\w+-]{1,60}:|[+-]1:|100:|1234:|material[/_])")
_DIRECTIVE = re.compile(r":(?=[^\W\d_])")
_BRACKET = re.compile(r"[\[\]]")
_SPACE = re.compile(r"\s")
_GLUED = re.compile(r"(?<!`)www\.[^\s`]*`", re.IGNORECASE)
_DEFINING = re.compile(r"^[ \t>*+\-\d.)]*+\[", re.MULTILINE)
_LINE_END = re.compile(r"[ \t]*+(?:\n|\Z)")
_EMPTY_LINE = re.compile(r"\n[ \t>]*\n")


def safe_markdown(text: str) -> str:
    """`text`, already cleaned of control characters, ready for `st.markdown` with default flags."""
    text = undisguised(text)
    return _Scan(_FENCE.sub(rf"\g<1>{BREAK}", _with_line_ends(text))).run().replace("![", "!\\[")


def _with_line_ends(text: str) -> str:
    """A verse, an address or a list without marks keeps its lines: where a short line ends, Markdown breaks it too."""
    if "\n" not in text or _TABLE.search(text):
        return text
    lines = text.split("\n")
    in_maths = False
    for at, line in enumerate(lines[:-1]):
        in_maths ^= line.count("$$") % 2 == 1 or (line.count("\\[") != line.count("\\]"))
        if in_maths or not line.strip() or not lines[at + 1].strip() or line.endswith(("  ", "\\")):
            continue
        if line.lstrip().startswith("#") or _BLOCK.match(lines[at + 1]) or len(line.rstrip()) > WRAPPED_CHARS:
            continue
        lines[at] = f"{line.rstrip()}  "
    return "\n".join(lines)


class _Scan:
    """One pass from left to right; each kind of token has a method that returns its replacement and where to go on."""

    def __init__(self, text: str, inside_link: bool = False) -> None:
        self.text = text
        self.inside_link = inside_link
        self.closers = _closers(text)
        self.cells = _TABLE.search(text) is not None
        self.trusted = _GLUED.search(text) is None
        self.defines = _DEFINING.search(text) is not None
        self.address_end = 0  # of the bare address read last: the browser may take all up to a space for it
        self.open_brackets = self.counted = 0

    def run(self) -> str:
        text, at, out = self.text, 0, []
        while (token := _TOKEN.search(text, at)) is not None:
            out.append(text[at : token.start()])
            piece, at = _KINDS[token.lastgroup or ""](self, token)
            out.append(piece)
        out.append(text[at:])
        return "".join(out)

    def emoji(self, token: re.Match[str]) -> tuple[str, int]:
        return token[0].lstrip("\\") + BREAK, token.end()

    def escape(self, token: re.Match[str]) -> tuple[str, int]:
        return ("&lt;" if token[0] == "\\<" else token[0]), token.end()

    def image(self, token: re.Match[str]) -> tuple[str, int]:
        return "!\\[", token.end()

    def closing(self, token: re.Match[str]) -> tuple[str, int]:
        return "]\\", token.end()

    def colons(self, token: re.Match[str]) -> tuple[str, int]:
        return "\\:" * len(token[0].lstrip("\\")), token.end()

    def angle(self, token: re.Match[str]) -> tuple[str, int]:
        """The few tags that mean something without HTML; any other is shown as it is written."""
        if found := _BREAK_TAG.match(self.text, token.start()):
            return self._line_break(found.start(), found.end()), found.end()
        if (found := _TAG.match(self.text, token.start())) is None:
            return "&lt;", token.end()
        return self._tagged(found["tag"].lower(), found["body"]), found.end()

    def _line_break(self, start: int, end: int) -> str:
        """A line ends here; a cell cannot be broken by Markdown, so it gets the character, which the style draws."""
        if self.cells or self.inside_link:
            return "&#10;"
        if _LINE_END.match(self.text, end):
            return "" if self.text[end : end + 1] == " " else "  "
        line = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        return " " if line.lstrip().startswith("#") else "  \n"

    def _tagged(self, tag: str, body: str) -> str:
        if tag in ("sub", "sup"):
            raised = body.translate(_SUBSCRIPT if tag == "sub" else _SUPERSCRIPT)
            known = all(old != new or old.isspace() for old, new in zip(body, raised, strict=True))
            return raised if known else ("\\_(" if tag == "sub" else "^(") + _inner(body, self.inside_link) + ")"
        if tag == "kbd":
            return f"`{body.strip()}`" if body.strip() and "![" not in body else _inner(body, self.inside_link)
        mark = _MARKS.get(tag, "") if body == body.strip() else ""
        return f"{mark}{_inner(body, self.inside_link)}{mark}"

    def stars(self, token: re.Match[str]) -> tuple[str, int]:
        start, end = token.span()
        if len(token[0]) == 1 and not self._is_pair(start):
            return token[0], end
        return self._emphasis(token[0], start, end), end

    def _emphasis(self, marks: str, start: int, end: int) -> str:
        """Marks beside punctuation and a letter of a script without spaces; CommonMark sees plain stars there."""
        before, after = self.text[start - 1 : start] if start else "", self.text[end : end + 1]
        if not before.strip() or not after.strip():
            return marks
        if _is_punctuation(after) and not _is_punctuation(before) and _CJK.match(before):
            return marks + BREAK
        if _is_punctuation(before) and not _is_punctuation(after) and _CJK.match(after):
            return BREAK + marks
        return marks

    def _is_pair(self, start: int) -> bool:
        """Whether a lone star stands with another one around a phrase, and not between factors."""
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
        """Whether the browser takes a bare address for ordinary text: inside a word or after a `[` still open."""
        for bracket in _BRACKET.finditer(self.text, self.counted, colon):
            self.open_brackets = max(0, self.open_brackets + (1 if bracket[0] == "[" else -1))
        self.counted = colon
        scheme = 4 if self.text[colon - 1] in "pP" else 5
        return self.open_brackets > 0 or self.text[max(colon - scheme - 1, 0) : colon - scheme].isalpha()

    def autolink(self, token: re.Match[str]) -> tuple[str, int]:
        if self.inside_link or shown_address(token[0][1:-1]) is None or _SHORTCODE.search(token[0]):
            return "&lt;", token.start() + 1
        return token[0], token.end()

    def link(self, token: re.Match[str]) -> tuple[str, int]:
        label, to = token["label"], token["to"]
        shown = shown_address(to)
        if self.inside_link or shown is None or not self._holds_its_code(*token.span("label")):
            return "[", token.start() + 1
        inner = _Scan(label, inside_link=True)
        inner.trusted, inner.cells = inner.trusted and self.trusted, self.cells
        drawn = re.sub(r"(?<!\\)((?:\\\\)*)([\[\]])", r"\1\\\2", inner.run())
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
        if closer is None or not self.trusted:
            return token[0], token.end()
        span = self.text[start:closer]
        if "\n" in span or (self.cells and "|" in span.replace("\\|", "")):
            self.trusted = False
            return token[0], token.end()
        if "]:" in span and self.defines:
            return token[0], token.end()
        return span.replace("![", f"!{BREAK}["), closer

    def dollars(self, token: re.Match[str]) -> tuple[str, int]:
        text, start = self.text, token.start()
        if len(token[0]) == 2 and (shown := _DISPLAY.match(text, start)) and shown[1].strip():
            alone = self._alone(start, shown.end())
            if alone is not None or not _EMPTY_LINE.search(shown[1]):
                return _display(shown[1], alone), shown.end()
        if (
            len(token[0]) == 1
            and (formula := _FORMULA.match(text, start))
            and _is_formula(formula, text[max(start - 1, 0) : start])
        ):
            return f"${_in_maths(formula[1])}$", formula.end()
        return "\\$" * len(token[0]), token.end()

    def round(self, token: re.Match[str]) -> tuple[str, int]:
        body = token["round_body"].strip()
        if not body or re.search(r"\n[ \t]*>", body):
            return "\\(", token.start() + 2
        return f"${_in_maths(' '.join(body.split()))}$", token.end()

    def square(self, token: re.Match[str]) -> tuple[str, int]:
        body = token["square_body"]
        if not body.strip() or re.fullmatch(r"[\s\d,]*", body):
            return "\\[", token.start() + 2
        return _display(body, self._alone(token.start(), token.end())), token.end()

    def _alone(self, start: int, end: int) -> str | None:
        """What precedes a formula on its line when it has the line to itself (spaces, quote marks), else None."""
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        after = _LINE_END.match(self.text, end)
        return before if after and not before.strip(" \t>") else None


_KINDS: Mapping[str, Callable[[_Scan, re.Match[str]], tuple[str, int]]] = {
    "emoji": _Scan.emoji,
    "round": _Scan.round,
    "square": _Scan.square,
    "escape": _Scan.escape,
    "ticks": _Scan.ticks,
    "dollars": _Scan.dollars,
    "image": _Scan.image,
    "link": _Scan.link,
    "closing": _Scan.closing,
    "colons": _Scan.colons,
    "autolink": _Scan.autolink,
    "angle": _Scan.angle,
    "address": _Scan.address,
    "tildes": _Scan.tildes,
    "stars": _Scan.stars,
}


def _closers(text: str) -> dict[int, int | None]:
    """Where each run of backticks would end its code span: start of the run -> end of the next run of that length."""
    found: dict[int, int | None] = {}
    later: dict[int, int] = {}
    for run in reversed(list(re.finditer("`+", text))):
        length = run.end() - run.start()
        found[run.start()] = later.get(length)
        later[length] = run.end()
    return found


def _is_formula(formula: re.Match[str], before: str) -> bool:
    """Whether `$...$` is maths. `$5 and $7`, `$HOME/$USER` and `5$-7$` are not; `$2x+1$` and `$n$th` are."""
    body = formula[1]
    if not body or (_SHELL.match(body) and "\\" not in body):
        return False
    if before.isdigit() and "\\" not in body:
        return False
    if body[0].isdigit():
        spoken = _TEXT_IN_MATHS.sub("\\\\text", body)
        lone = " " not in body or re.search(r"[A-Za-z\\^_{}=+*/<>|-]", spoken)
        return bool(lone) and not _WORD.search(spoken) and body[-1] not in "+-*/=,;:(<>&|"
    return True


def _in_maths(body: str) -> str:
    """Formula text that stays harmless even where the browser does not take it for a formula; spaces mean nothing."""
    return _MARKUP.sub(r"\g<0> ", body)


def _display(body: str, alone: str | None) -> str:
    """A formula on lines of its own where it had its line to itself; `alone` is what those lines begin with."""
    if alone is None:
        return f"$${_in_maths(' '.join(body.split()))}$$"
    lines = [re.sub(r"^[ \t>]*", "", line) if ">" in alone else line.strip() for line in body.strip().split("\n")]
    return "\n".join(["$$", *(alone + _in_maths(line) for line in lines), f"{alone}$$"])


def _inner(text: str, inside_link: bool) -> str:
    return _Scan(text, inside_link).run()


def _is_punctuation(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS"


def _unlinked(address: str) -> str:
    return re.sub(r"([_*~@\\]|(?<=www)\.)", r"\\\1", address)
