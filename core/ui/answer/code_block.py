"""A code block; a long one is folded, with a line below it that shows all of it or saves it as a file.

What a person watched arrive stays open until they leave, so that nothing jumps when an answer ends.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ..text import language as page_language
from ..text import t, whole

SHOWN_LINES, FOLD_LINES = 25, 32  # as many lines as the stylesheet leaves; a block that is little longer is not folded
MOST_WATCHED = 200
WATCHED = "watched-code"
SCRIPT = Path(__file__).parents[1] / "static" / "code_block.js"
_HTML = '<div class="roundtable-code"></div>'
_AS_NAMED = """
    c cpp cs css csv dart diff dot go graphql html ini java js json jsonl jsx lua md ndjson patch php
    proto py r rb rs scala scss sh sql svelte swift tex toml ts tsv tsx vb vue xml yaml
"""
_ENDINGS = {name: name for name in _AS_NAMED.split()} | {
    "python": "py", "python3": "py", "javascript": "js", "typescript": "ts", "bash": "sh", "shell": "sh", "zsh": "sh",
    "powershell": "ps1", "batch": "bat", "yml": "yaml", "kotlin": "kt", "c++": "cpp", "csharp": "cs", "c#": "cs",
    "rust": "rs", "ruby": "rb", "julia": "jl", "perl": "pl", "haskell": "hs", "elixir": "ex", "erlang": "erl",
    "markdown": "md", "latex": "tex", "hcl": "tf", "terraform": "tf", "mermaid": "mmd", "matlab": "m",
}  # fmt: skip


def is_long(text: str) -> bool:
    return text.count("\n") >= FOLD_LINES


def draw(place: DeltaGenerator, text: str, language: str, key: str, *, watched: bool = False) -> None:
    """A long block. `watched`: it has just arrived before the reader's eyes."""
    seen = st.session_state.setdefault(WATCHED, {})
    mark = blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
    if watched and mark not in seen:
        seen[mark] = None
        if len(seen) > MOST_WATCHED:
            del seen[next(iter(seen))]
    box = place.container(gap=None, key=f"{'open' if mark in seen else 'folded'}-code-{key}")
    box.code(text, language=language or None)
    component = st.components.v2.component(
        f"roundtable-code-{page_language()}", html=_HTML, js=_script(), isolate_styles=False
    )
    labels = {
        "all": t("Show all {number} lines", number=whole(text.count("\n") + 1)),
        "fold": t("Show less"),
        "save": t("Download"),
    }
    with box:
        component(
            key=f"code-{key}", data=[{"labels": labels, "name": file_name(language)}]
        )  # in a list: see chat/drafts.py


def file_name(language: str) -> str:
    return "Dockerfile" if language in ("dockerfile", "docker") else f"code.{_ENDINGS.get(language, 'txt')}"


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")
