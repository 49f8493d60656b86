"""A Mermaid block as a diagram, with its source one click away (static/diagram.js, drawn in `diagram_frame`).

A directive or a header of the source could change how Mermaid works, so they are taken out before it sees them; the
frame refuses them once more, and neither has a network.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ..text import language, t
from . import diagram_frame

MOST_CHARS = 20_000
STATIC = Path(__file__).parents[1] / "static"
_HTML = '<figure class="roundtable-diagram"></figure>'
_DIRECTIVE = re.compile(r"%%\{.*?\}%%", re.DOTALL)
_HEADER = re.compile(r"\s*---[ \t]*\n(?P<lines>.*?)\n[ \t]*---[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^[ \t]*title[ \t]*:[ \t]*(?P<title>\S[^\n]{0,300})$", re.MULTILINE)


def drawable(text: str) -> bool:
    return bool(diagram_frame.address()) and bool(text.strip())


def draw(place: DeltaGenerator, text: str, key: str) -> None:
    """`key` is unique on the page and the same in every run, so that what is drawn stays."""
    if len(text) > MOST_CHARS:
        box = place.container(gap="xsmall")
        box.code(text, language="mermaid")
        box.caption(t("This diagram is too large to be drawn."))
        return
    component = st.components.v2.component(
        f"roundtable-diagram-{language()}", html=_HTML, js=script("diagram.js"), isolate_styles=False
    )
    diagram = {
        "source": text,
        "drawn": harmless(text),
        "address": diagram_frame.address(),
        "labels": _labels(),
    }
    with place:
        component(key=key, data=[diagram])  # in a list: see chat/drafts.py


def harmless(source: str) -> str:
    """The source without directives, and of its header only the title."""
    source = _DIRECTIVE.sub("", source)
    if header := _HEADER.match(source):
        title = _TITLE.search(header["lines"])
        words = title["title"].strip().strip("\"'") if title else ""
        title_only = f"---\ntitle: {json.dumps(words, ensure_ascii=False)}\n---\n" if words else ""
        source = title_only + source[header.end() :]
    return source.replace("%%{", "%% {").strip()


def _labels() -> dict[str, str]:
    return {
        "alt": t("Diagram"),
        "source": t("Show the source"),
        "diagram": t("Show the diagram"),
        "large": t("Enlarge"),
        "svg": t("Download as SVG"),
        "png": t("Download as PNG"),
        "close": t("Close"),
        "wrong": t("The source has an error, so the diagram cannot be drawn."),
        "line": t("The source has an error in line {line}, so the diagram cannot be drawn.", line="{line}"),
        "much": t("This diagram is too large to be drawn."),
        "slow": t("Drawing this diagram took too long."),
        "unloaded": t("What draws diagrams could not be loaded. Reload the page to try again."),
        "unsaved": t("The browser could not make a PNG. SVG may work."),
    }


@cache
def script(name: str) -> str:
    """A component's script, with what draws put before it: a component has one script."""
    return "\n".join((STATIC / file).read_text(encoding="utf-8") for file in ("drawer.js", name))
