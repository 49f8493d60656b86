"""A word diff of two answers: words only on the left are struck through, words only on the right are bold."""

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
    answers = panel.answers
    letters = [answer.letter for answer in answers]
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
    first, second = answers[left], answers[right]
    if first is second:
        st.caption(t("Choose two different answers."))
        return
    diff = differences(first.text, second.text)
    both_text = "" if diff.alike is None else " · " + t("{share} of the words are in both", share=percent(diff.alike))
    removed_text = f":red-background[~~{t('only in {column}', column=first.letter)}~~]"
    added_text = f":green-background[**{t('only in {column}', column=second.letter)}**]"
    st.markdown(
        f"**{first.column_label.label}** → **{second.column_label.label}** · {removed_text} · {added_text}{both_text}"
    )
    if diff.cut:
        st.caption(f":material/content_cut: {t('One answer is very long; its end was not analysed.')}")
    if all(piece.kind == "same" for piece in diff.pieces):
        st.markdown(f":green[:material/check:] {t('The two answers are identical.')}")
    if view == "beside":
        columns = st.columns(2, border=True, gap="small")
        _paint(columns[0], [piece for piece in diff.pieces if piece.kind != "new"])
        _paint(columns[1], [piece for piece in diff.pieces if piece.kind != "gone"])
    else:
        _paint(st.container(key="diff-text"), diff.pieces)


def _side(label: str, letters: Sequence[str], usual: str, key: str) -> int:
    if st.session_state.get(key) not in letters:
        st.session_state[key] = usual
    return letters.index(st.segmented_control(label, letters, key=key, required=True) or usual)


def _paint(place: st.delta_generator.DeltaGenerator, pieces: Sequence[DiffPiece]) -> None:
    place.markdown(markdown(pieces))


def markdown(pieces: Iterable[DiffPiece]) -> str:
    """The pieces as escaped Markdown. A newline alone that only one side has is shown as ¶."""
    text = "".join(_marked(piece.kind, part) for piece in pieces for part in _parts(piece))
    return "  \n".join(line if line.strip() else HARD for line in text.split("\n")).strip()


def _parts(piece: DiffPiece) -> list[str]:
    """Split at newlines, so that no markup spans lines."""
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
