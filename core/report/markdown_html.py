"""Markdown of an answer as HTML that a file may hold: no tag of its own, no picture, no address but of the web, mail or
a footnote.

Three fences, each enough by itself: `safety.outgoing` takes raw HTML, pictures and disguised links out of the text, the
parser knows no HTML and asks `shown_address` about every address, and only these tokens are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from ..safety.address import shown_address
from ..safety.direction import has_right_to_left
from ..safety.maths import DISPLAY, FORMULA, is_formula

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

LOWEST_HEADING = 6
BELOW = 3  # h1 is the report's title, h2 a turn, h3 a column
_PICTURE = re.compile(r"!\\?\[([^\]\n]{0,300})\\?\]\\?\((https?://[^\s()]{1,2000})\)")  # as `for_file` leaves it
_BARE = re.compile(r"https?://[^\s<>\"'`“”‘’（）()\[\]，。；、！？]+(?<![.,;:!?*_~])")
_FOOTNOTE = re.compile(r"#(?P<kind>note|mark)-(?P<name>[\w-]+)")  # the addresses of safety.footnotes
_ALIGNED = re.compile(r"text-align:(left|center|right)")


_RUNNING = ("paragraph", "heading", "bullet_list", "ordered_list", "list_item", "blockquote", "td", "th")


def html(text: str, marked: set[str] | None = None) -> str:
    """A block's HTML: whole elements, all of them closed. Headings begin below those of the report.

    `marked`: footnotes that a mark before this block leads to; those of the block are added.
    """
    rendered: str = _parser().render(text, {"marked": set() if marked is None else marked})
    return rendered


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # of the extra "app", as all that draws

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    parser.disable(["html_block", "html_inline", "image"])
    parser.validateLink = _is_allowed  # type: ignore[method-assign]
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("escape", "picture", _picture)
    parser.block.ruler.before("fence", "formula", _formula_block, {"alt": ["paragraph", "blockquote", "list"]})
    parser.core.ruler.push("plain", _plain)
    parser.core.ruler.push("direction", _direction)
    for name, rule in {"formula": _as_formula, "fence": _as_code, "code_block": _as_code}.items():
        parser.add_render_rule(name, rule)
    parser.add_render_rule("table_open", lambda *_: '<div class="table" tabindex="0"><table>\n')
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return parser


def _is_allowed(url: str) -> bool:
    return shown_address(url) is not None or _FOOTNOTE.fullmatch(url) is not None


def _direction(state: StateCore) -> None:
    """Each element runs the way its own first letter does; a text of one direction needs no word about it."""
    if not has_right_to_left(state.src):
        return
    for token in state.tokens:
        if token.nesting == 1 and token.type.removesuffix("_open") in _RUNNING:
            token.attrSet("dir", "auto")


def _formula(state: StateInline, silent: bool) -> bool:
    """`$x_1$` and `$$x$$` keep their marks: no viewer of the file draws formulas, and `_` and `*` are no emphasis."""
    if state.src[state.pos] != "$":
        return False
    match = DISPLAY.match(state.src, state.pos) or FORMULA.match(state.src, state.pos)
    if match is None or (match.re is FORMULA and not is_formula(match, state.src[max(state.pos - 1, 0) : state.pos])):
        return False
    if not silent:
        state.push("formula", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`$$` on a line of its own, up to the next: what is between are no lists or headings."""

    def line(number: int) -> str:
        return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].strip()

    if line(start) != "$$":
        return False
    closing = next((at for at in range(start + 1, end) if line(at) == "$$"), None)
    if closing is None:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.block = True
        token.content = state.getLines(start, closing + 1, state.blkIndent, False)
        token.map = [start, closing + 1]
    state.line = closing + 1
    return True


def _picture(state: StateInline, silent: bool) -> bool:
    """A picture is a link that names it: opening the report loads nothing."""
    if state.src[state.pos] != "!":
        return False
    match = _PICTURE.match(state.src, state.pos)
    if match is None or shown_address(match[2]) is None:
        return False
    if not silent:
        words = match[1].replace("\\", "").strip() or match[2]
        if state.linkLevel:
            state.push("text", "", 0).content = words
        else:
            state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(match[2])}
            state.push("text", "", 0).content = words
            state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def _plain(state: StateCore) -> None:
    """Attributes that a report needs and no others; headings below its own. The item of a list that leads back to a
    mark is its note."""
    item = None
    for token in state.tokens:
        _bare(token)
        if token.type == "list_item_open":
            item = token
        if token.children:
            token.children = list(_linked(token.children))
            for child in token.children:
                footnote = _FOOTNOTE.fullmatch(str(child.attrs.get("href", "")))
                if footnote is None:
                    _bare(child)
                elif footnote["kind"] == "mark":
                    child.attrs = {**child.attrs, "class": "back"}
                    if item:
                        item.attrs = {"id": f"note-{footnote['name']}"}
                else:
                    child.attrs = {**child.attrs, "class": "mark"}
                    if footnote["name"] not in state.env["marked"]:
                        child.attrs["id"] = f"mark-{footnote['name']}"
                    state.env["marked"].add(footnote["name"])
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + BELOW, LOWEST_HEADING)}"


def _linked(tokens: Sequence[Token]) -> Iterator[Token]:
    """The same with addresses that stand in the text as links, as a browser's page would draw them."""
    from markdown_it.token import Token

    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if depth or token.type != "text":
            yield token
            continue
        at = 0
        for match in _BARE.finditer(token.content):
            if shown_address(match[0]) is None:
                continue
            yield Token("text", "", 0, content=token.content[at : match.start()])
            yield Token("link_open", "a", 1, attrs={"href": match[0]}, markup="autolink")
            yield Token("text", "", 0, content=match[0])
            yield Token("link_close", "a", -1)
            at = match.end()
        yield Token("text", "", 0, content=token.content[at:])


def _bare(token: Token) -> None:
    attributes: dict[str, Any] = {}
    if token.type == "link_open":
        attributes = {"href": token.attrs.get("href", ""), "rel": "noopener noreferrer", "target": "_blank"}
        if token.markup == "autolink":
            attributes["class"] = "address"
    elif token.type == "ordered_list_open" and "start" in token.attrs:
        attributes = {"start": int(token.attrs["start"])}
    elif token.type in ("th_open", "td_open") and (side := _ALIGNED.search(str(token.attrs.get("style", "")))):
        attributes = {"class": side[1]}
    token.attrs = attributes


def _as_formula(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    token = tokens[at]
    tag = "pre" if token.block else "span"
    return f'<{tag} class="formula">{escape(token.content)}</{tag}>' + ("\n" if token.block else "")


def _as_code(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    """Reachable by the keyboard, which scrolls a long line."""
    return f'<pre tabindex="0"><code>{escape(tokens[at].content.strip(chr(10)))}</code></pre>\n'
