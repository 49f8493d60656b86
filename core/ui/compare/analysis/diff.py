"""Two answers word by word: what only the left one says is struck through, what only the right one says is bold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import streamlit as st

from ....insight.differences import DiffPiece, Kind, differences
from ....safety.exact import HARD, exact
from ...text import t
from .agreement import percent
from .answers import Panel

_EDGES = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)
BREAK_MARK = "¶"


def draw(panel: Panel) -> None:
    given = panel.answers
    letters = [answer.letter for answer in given]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="diff-of"):
        left = _side(t("Left"), letters, letters[0], "diff-left")
        right = _side(t("Right"), letters, letters[1], "diff-right")
        view = st.segmented_control(
            t("Format"),
            ["inline", "beside"],
            default="inline",
            required=True,
            format_func=lambda name: {"inline": t("Inline"), "beside": t("Side by side")}[name],
            key="diff-form",
        )
    one, other = given[left], given[right]
    if one is other:
        st.caption(t("Choose two different answers."))
        return
    found = differences(one.text, other.text)
    both = "" if found.alike is None else " · " + t("{share} of the words are in both", share=percent(found.alike))
    gone = f":red-background[~~{t('only in {column}', column=one.letter)}~~]"
    new = f":green-background[**{t('only in {column}', column=other.letter)}**]"
    st.markdown(f"**{one.column_label.label}** → **{other.column_label.label}** · {gone} · {new}{both}")
    if found.cut:
        st.caption(f":material/content_cut: {t('One answer is very long; its end was not analysed.')}")
    if all(piece.kind == "same" for piece in found.pieces):
        st.markdown(f":green[:material/check:] {t('The two answers are identical.')}")
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


def _paint(place: st.delta_generator.DeltaGenerator, pieces: Sequence[DiffPiece]) -> None:
    place.markdown(markdown(pieces))


def markdown(pieces: Iterable[DiffPiece]) -> str:
    """The pieces as lines of exactly these characters. A newline that only one has, without any word, is a ¶."""
    text = "".join(_marked(piece.kind, part) for piece in pieces for part in _parts(piece))
    return "  \n".join(line if line.strip() else HARD for line in text.split("\n")).strip()


def _parts(piece: DiffPiece) -> list[str]:
    """Line by line, each newline a part of its own, so that no mark reaches over a line's end."""
    if piece.kind != "same" and "\n" in piece.text and not piece.text.strip():
        return [BREAK_MARK, *(["\n"] if piece.kind == "new" else [])]
    return [part for part in re.split(r"(\n)", piece.text) if part]


def _marked(kind: Kind, text: str) -> str:
    if text == "\n":
        return text
    edges = _EDGES.fullmatch(text)
    if kind == "same" or not edges or not edges[2]:
        return exact(text)
    mark = ":red-background[~~{}~~]" if kind == "gone" else ":green-background[**{}**]"
    return f"{exact(edges[1])}{mark.format(exact(edges[2]))}{exact(edges[3])}"
