"""What is handed in for a batch: a file, pasted prompts or the example, kept in this tab until the batch starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from ...batch import example as example_batch
from ...batch.pasted_form import form_of_pasted
from ...batch.table import Form, form_of
from ...encodings import NAMES
from .. import uploads
from ..base.segments import segments
from ..chat import unsaved_fields
from ..chat.settings import keep_system
from ..text import t
from . import draft
from .draft import Draft

ENDINGS = ["csv", "tsv", "jsonl", "ndjson", "json", "txt"]
SOURCE, PASTED, FORM, MODELS = "batch-source", "batch-pasted", "batch-form", "batch-models"
FORMS = ("lines", "csv", "jsonl")
REHEARSE = "rehearse"  # in the address: the model whose end is rehearsed


def choose() -> str:
    """Where the prompts come from: "example", "file", "paste", or "own" for earlier questions to a model."""
    if st.session_state.get("batch-example"):
        return "example"
    st.session_state.setdefault(SOURCE, "file")
    labels = {"file": t("From a file"), "paste": t("Pasted"), "own": t("My earlier questions")}
    return segments(t("Prompts"), labels, SOURCE, on_change=_unlink)


def _unlink() -> None:
    """Another source was chosen than the address asks for."""
    st.query_params.pop(REHEARSE, None)
    st.session_state.pop(REHEARSE, None)


def hand_in() -> Draft | None:
    """A file, pasted prompts or the example; None while there is nothing."""
    if st.session_state.get("batch-example"):
        with st.container(horizontal=True, vertical_alignment="center", key="batch-example-row"):
            st.markdown(t("Example: twelve prompts in two languages, each with an expected word."), width="stretch")
            st.button(t("Use my own"), icon=":material/close:", type="tertiary", key="own", on_click=_own)
        return draft.current()
    held_draft = _file() if st.session_state[SOURCE] == "file" else _pasted()
    if held_draft is None:
        with st.container(horizontal=True, vertical_alignment="center", key="batch-try"):
            st.button(
                t("Try the example"), icon=":material/science:", key="example", on_click=example, args=(t("Example"),)
            )
            st.caption(t("Twelve prompts on demo models (simulated): no key needed, no cost."))
    return held_draft


def keep_typed(*, shown: bool) -> None:
    """Keep pasted prompts and the system prompt in this tab until Start. `shown`: the form is on this page."""
    pasted = bool(st.session_state.get(PASTED))
    more = {"form": st.session_state.get(FORM, "lines")}
    unsaved_fields.keep(PASTED, _paste_again, shown=shown, held=pasted, more=more)
    keep_system("batch", draft.generation(), draft.wish, shown=shown)


def _paste_again(text: str, more: Mapping[str, Any]) -> None:
    form = more.get("form")
    st.session_state.update({PASTED: text, SOURCE: "paste", FORM: form if form in FORMS else "lines"})


def example(name: str) -> None:
    """Fill the form with the example and models that need no key. For callbacks."""
    draft.renew()
    draft.hold("example", name, example_batch.data, "csv")
    st.session_state[MODELS] = list(example_batch.MODELS)
    st.session_state["batch-example"] = True


def _own() -> None:
    st.session_state.pop("batch-example", None)
    draft.renew()


def _file() -> Draft | None:
    st.caption(
        t(
            "CSV (with or without a header), JSON, JSONL, or one prompt per line; up to 10,000 rows and {size} MB.",
            size=uploads.table_mb(),
        )
    )
    upload = st.file_uploader(
        t("File"),
        type=ENDINGS,
        key=f"upload-{draft.nonce()}",
        max_upload_size=uploads.table_mb(),
        label_visibility="collapsed",
    )
    if upload is None:
        return None
    if refusal := uploads.refusal(upload):
        st.error(refusal, icon=":material/error:")
        return None
    kind = form_of(upload.name)
    return draft.hold(upload.file_id, upload.name, upload.getvalue, kind, _names_in_first_row(kind), _chosen_encoding())


def _pasted() -> Draft | None:
    kinds: dict[Form, str] = {"lines": t("One prompt per line"), "csv": "CSV", "jsonl": "JSONL"}
    text = st.text_area(
        t("Prompts"),
        key=PASTED,
        height=160,
        placeholder=t("One prompt per line, or a table with expected answers, as a spreadsheet copies it"),
        label_visibility="collapsed",
        on_change=_recognise_form,
    )
    st.session_state.setdefault(FORM, "lines")
    kind = segments(t("Format"), kinds, FORM)
    if not (text or "").strip():
        return None
    return draft.hold(f"pasted-{hash(text)}", t("Pasted prompts"), lambda: text, kind, _names_in_first_row(kind))


def _recognise_form() -> None:
    st.session_state[FORM] = form_of_pasted(str(st.session_state.get(PASTED) or ""))


def _names_in_first_row(kind: Form) -> bool | None:
    """Whether the first row of a CSV has the column names; None: guess."""
    if kind != "csv":
        return None
    choice: bool | None = st.session_state.get(f"named-{draft.nonce()}")
    return choice


def _chosen_encoding() -> str | None:
    chosen: str | None = st.session_state.get(f"encoding-{draft.nonce()}")
    return chosen


def encoding(held_draft: Draft) -> None:
    """A choice of the encoding if the file does not declare it; the preview shows whether the guess is right."""
    guess = held_draft.table.encoding if held_draft.table else None
    names = list(NAMES)
    st.selectbox(
        t("Encoding"),
        names,
        index=names.index(guess) if guess in names else None,
        key=f"encoding-{draft.nonce()}",
        help=t("The file does not declare its encoding. If the text below looks wrong, choose another one."),
        width=240,
    )
