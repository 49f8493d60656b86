"""An answer in a fixed form: checked, drawn as a table or a tree with its text one click away, repaired on request."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...records import Completion, ResponseFormat
from ...safety import data_shapes
from ...schemas import repair
from ...schemas.checking import CheckedAnswer, check
from .. import schema_words
from ..text import t
from . import data_block, painter

SHOWN = 500_000  # characters; a longer answer stays text


def is_structured(completion: Completion) -> bool:
    form = completion.response_format
    return form is not None and form.kind != "text" and bool(completion.text.strip())


def growing(text: str) -> str:
    """The answer while it is written: code, which half of it is too."""
    return text if text.lstrip().startswith("```") else f"```json\n{text}"


def draw(place: DeltaGenerator, completion: Completion, name: str, ask: Callable[[str], None] | None = None) -> None:
    """`ask` sends a question to the same model; `name` prefixes widget keys."""
    form = completion.response_format or ResponseFormat("json")
    checked = checked_answer(completion.text, form.schema_json)
    mended = f"mended-{name}-{hash(completion.text)}"
    repaired = _repaired(completion.text) if checked.state == "not_json" else None
    if repaired and st.session_state.get(mended):
        checked = checked_answer(repaired.text, form.schema_json)
        _value(place, checked, repaired.text)
        place.caption(schema_words.verdict(checked, with_schema=bool(form.schema_json)))
        removed = schema_words.repaired(repaired.done)
        place.caption(t("Removed here: {what}. The answer itself is unchanged.", what=removed))
    else:
        _value(place, checked, completion.text)
        place.caption(schema_words.verdict(checked, with_schema=bool(form.schema_json)))
    with place.container(horizontal=True, gap="small", key=f"mend-{name}"):
        if repaired:
            _switch(mended, name, schema_words.repaired(repaired.done))
        if ask and checked.state in ("invalid", "not_json"):
            st.button(
                t("Ask the model to correct it"),
                icon=":material/build:",
                key=f"correct-{name}",
                help=t("Sends one question with the problems"),
                on_click=ask,
                args=(_question(checked, form),),
            )


@lru_cache(maxsize=64)
def checked_answer(text: str, schema_json: str) -> CheckedAnswer:
    """The check of an answer, made once however often it is drawn."""
    return check(text, schema_json)


@lru_cache(maxsize=64)
def _repaired(text: str) -> repair.Repaired | None:
    return repair.locally(text)


def _value(place: DeltaGenerator, checked: CheckedAnswer, text: str) -> None:
    if checked.is_json and isinstance(checked.value, dict | list) and checked.value and len(text) <= SHOWN:
        data_block.draw(place, data_shapes.of_value(checked.value, data_block.unnamed()), text, "json")
    elif checked.is_json and checked.value is not None:
        place.code(text[:SHOWN], language="json")
    else:
        painter.draw(place.container(gap="small"), text)


def _switch(mended: str, name: str, removable: str) -> None:
    if st.session_state.get(mended):
        original = t("Show the original")
        st.button(original, icon=":material/undo:", key=f"unmend-{name}", on_click=_set, args=(mended, False))
    else:
        st.button(
            t("Remove {what}", what=removable),
            icon=":material/build:",
            key=f"clean-{name}",
            help=t("Only the view changes; the answer is kept as it is"),
            on_click=_set,
            args=(mended, True),
        )


def _set(mended: str, value: bool) -> None:
    st.session_state[mended] = value


def _question(checked: CheckedAnswer, form: ResponseFormat) -> str:
    if checked.state == "not_json":
        problems = [f"it is not JSON: {checked.problem} in line {checked.line}" if checked.line else "it is not JSON"]
    else:
        problems = [repair.in_english(each) for each in checked.problems]
    return repair.question(problems, form.schema_json)
