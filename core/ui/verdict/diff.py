"""Two answers word by word: what only the left one says is struck through, what only the right one says is bold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import streamlit as st

from core.insight.differences import Kind, Piece, differences
from core.safety.exact import exact
from core.ui.text import t
from core.ui.verdict.agreement import percent
from core.ui.verdict.answers import Answer

_EDGES = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)
BREAK_MARK = "¶"


def draw(given: Sequence[Answer]) -> None:
    letters = [answer.letter for answer in given]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="diff-of"):
        left = _side(t("Left"), letters, letters[0], "diff-left")
        right = _side(t("Right"), letters, letters[1], "diff-right")
        view = st.segmented_control(
            t("Form"),
            ["inline", "beside"],
            default="inline",
            required=True,
            format_func=lambda name: {"inline": t("In one text"), "beside": t("Side by side")}[name],
            key="diff-form",
        )
    one, other = given[left], given[right]
    if one is other:
        st.caption(t("Choose two different answers."))
        return
    found = differences(one.text, other.text)
    both = "" if found.alike is None else " · " + t("{share} % of the words are in both", share=percent(found.alike))
    gone = f":red-background[~~{t('only in {column}', column=one.letter)}~~]"
    new = f":green-background[**{t('only in {column}', column=other.letter)}**]"
    st.markdown(f"**{one.face.label}** → **{other.face.label}** · {gone} · {new}{both}")
    if found.cut:
        st.caption(f":material/content_cut: {t('An answer is very long: its end was not read.')}")
    if all(piece.kind == "same" for piece in found.pieces):
        st.markdown(f":green[:material/check:] {t('The two are the same, word for word.')}")
    if view == "beside":
        columns = st.columns(2, border=True, gap="small")
        _paint(columns[0], [piece for piece in found.pieces if piece.kind != "new"])
        _paint(columns[1], [piece for piece in found.pieces if piece.kind != "gone"])
    else:
        _paint(st.container(key="diff-text"), found.pieces)


def _side(label: str, letters: Sequence[str], usual: str, key: str) -> int:
    if st.session_state.get(key) not in letters:
        st.session_state[key] = usual
    return letters.index(st.segmented_control(label, letters, key=key, required=True) or usual)


def _paint(place: st.delta_generator.DeltaGenerator, pieces: Sequence[Piece]) -> None:
    place.markdown(markdown(pieces))


def markdown(pieces: Iterable[Piece]) -> str:
    """The pieces as paragraphs of exactly these characters, an empty line where the text has one."""
    lines = "".join(_marked(piece.kind, part) for piece in pieces for part in _parts(piece.text)).split("\n")
    return "  \n".join(line if line.strip() else "\u00a0" for line in lines).strip()


def _parts(text: str) -> list[str]:
    """Line by line, each newline a part of its own, so that no mark reaches over a line's end."""
    return [part for part in re.split(r"(\n)", text) if part]


def _marked(kind: Kind, text: str) -> str:
    if kind == "same":
        return text if text == "\n" else exact(text)
    if text == "\n":
        return (_mark(kind, BREAK_MARK) + "\n") if kind == "new" else _mark(kind, BREAK_MARK)
    edges = _EDGES.fullmatch(text)
    assert edges
    if not edges[2]:
        return exact(text)
    return f"{exact(edges[1])}{_mark(kind, exact(edges[2]))}{exact(edges[3])}"


def _mark(kind: Kind, safe: str) -> str:
    return f":red-background[~~{safe}~~]" if kind == "gone" else f":green-background[**{safe}**]"
