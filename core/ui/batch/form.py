"""The form for a new batch: prompts, columns, models, rule, price, start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from ...batch.table import Form, Table, form_of
from ...encodings import NAMES
from ...errors import BlockedInput
from ...insight.expected import Rule
from ...store import StoreError
from ...views.batches import BatchPlan
from .. import session, uploads
from ..base.flash import blocked, flash
from ..base.time_zone import zone
from ..chat import unsaved_fields
from ..chat.settings import keep_system, settings
from ..models.choices import all_options
from ..models.names import label
from ..text import plain, t, tn, whole
from . import draft, words
from .draft import Checked, Draft

ENDINGS = ["csv", "tsv", "jsonl", "ndjson", "json", "txt"]
MOST_MODELS, PREVIEW, CELL = 8, 5, 90
SOURCE, PASTED, FORM, MODELS = "batch-source", "batch-pasted", "batch-form", "batch-models"
FORMS = ("lines", "csv", "jsonl")


def form() -> None:
    """The form; each part appears when the ones before are valid."""
    held_draft = _source()
    if held_draft is None:
        return
    if held_draft.wrong is not None or held_draft.table is None:
        if held_draft.wrong is not None:
            st.error(words.wrong(held_draft.wrong), icon=":material/error:")
            if held_draft.wrong.code == "encoding":
                _encoding(held_draft)
        return
    prompt_column, expected_column, rule = _columns(held_draft, held_draft.table)
    checked = draft.check(held_draft, prompt_column, expected_column, rule, str(draft.generation().get("system") or ""))
    _preview(held_draft.table, prompt_column, expected_column, checked)
    if not checked.sound:
        return
    models = _models()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="batch-ways"):
        when_spent: str = st.segmented_control(
            t("When a model's quota is used up"),
            ["wait", "skip"],
            default="wait",
            required=True,
            format_func=lambda option: t("Wait for the reset") if option == "wait" else t("Skip its remaining rows"),
            key="batch-when-spent",
        )
        settings(draft.generation(), "batch", draft.wish)
    if models:
        _price(models, checked, when_spent)
    _start(held_draft, checked, models, rule if expected_column else None, when_spent)


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
    from ...batch import example as example_batch

    draft.renew()
    draft.hold("example", name, example_batch.data, "csv")
    st.session_state[MODELS] = list(example_batch.MODELS)
    st.session_state["batch-example"] = True


def _source() -> Draft | None:
    if st.session_state.get("batch-example"):
        with st.container(horizontal=True, vertical_alignment="center", key="batch-example-row"):
            st.markdown(t("Example: twelve prompts in two languages, each with an expected word."), width="stretch")
            st.button(t("Use my own"), icon=":material/close:", type="tertiary", key="own", on_click=_own)
        return draft.current()
    st.session_state.setdefault(SOURCE, "file")
    source: str | None = st.segmented_control(
        t("Prompts"),
        ["file", "paste"],
        required=True,
        format_func=lambda option: t("From a file") if option == "file" else t("Pasted"),
        key=SOURCE,
        label_visibility="collapsed",
    )
    held_draft = _file() if source == "file" else _pasted()
    if held_draft is None:
        with st.container(horizontal=True, vertical_alignment="center", key="batch-try"):
            st.button(
                t("Try the example"), icon=":material/science:", key="example", on_click=example, args=(t("Example"),)
            )
            st.caption(t("Twelve prompts on simulated models: no key needed, no cost."))
    return held_draft


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
    kinds = dict(zip(FORMS, (t("One prompt per line"), "CSV", "JSONL"), strict=True))
    text = st.text_area(
        t("Prompts"),
        key=PASTED,
        height=160,
        placeholder=t("One prompt per line"),
        label_visibility="collapsed",
    )
    st.session_state.setdefault(FORM, "lines")
    kind: Any = st.segmented_control(
        t("Format"),
        list(kinds),
        required=True,
        format_func=kinds.__getitem__,
        key=FORM,
        label_visibility="collapsed",
    )
    if not (text or "").strip():
        return None
    return draft.hold(f"pasted-{hash(text)}", t("Pasted prompts"), lambda: text, kind, _names_in_first_row(kind))


def _names_in_first_row(kind: Form) -> bool | None:
    """Whether the first row of a CSV has the column names; None: guess."""
    if kind != "csv":
        return None
    choice: bool | None = st.session_state.get(f"named-{draft.nonce()}")
    return choice


def _chosen_encoding() -> str | None:
    chosen: str | None = st.session_state.get(f"encoding-{draft.nonce()}")
    return chosen


def _encoding(held_draft: Draft) -> None:
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


def _columns(held_draft: Draft, table: Table) -> tuple[str, str | None, Rule | None]:
    """The columns of prompt and expected answer, and the rule for checking."""
    if len(table.columns) < 2 and not table.delimiter:
        if not table.sure or held_draft.encoding:
            _encoding(held_draft)
        return table.columns[0], None, None
    columns, number = list(table.columns), {name: position for position, name in enumerate(table.columns)}
    left, right = st.columns(2)
    prompt_column = left.selectbox(
        t("Prompt"),
        columns,
        index=number[table.prompt_column],
        format_func=_column,
        key=f"prompt-{held_draft.key}-{hash(table.columns)}",
    )
    guess = table.expected_column
    expected_column = right.selectbox(
        t("Expected answer"),
        columns,
        index=number[guess] if guess else None,
        format_func=_column,
        placeholder=t("None (answers are not checked)"),
        key=f"expected-{held_draft.key}-{hash(table.columns)}",
    )
    if not table.sure or held_draft.encoding:
        _encoding(held_draft)
    if table.delimiter and not st.session_state.get("batch-example"):
        st.toggle(t("The first row is a header"), value=table.named, key=f"named-{draft.nonce()}")
    return prompt_column, expected_column, _rule() if expected_column else None


def _column(name: str) -> str:
    return t("Column {number}", number=name) if name.isdigit() else name


def _rule() -> Rule | None:
    kinds = {
        "contains": t("contains it"),
        "equals": t("equals it"),
        "regex": t("matches the pattern"),
        "number": t("ends in the number"),
    }
    kind: str = st.segmented_control(
        t("An answer is correct when it"),
        list(kinds),
        default="contains",
        required=True,
        format_func=kinds.__getitem__,
        key="batch-rule",
    )
    if kind == "number":
        tolerance = st.number_input(
            t("Tolerance"), min_value=0.0, value=0.0, format="%g", key="batch-tolerance", width=180
        )
        st.caption(t("The last number in the answer is checked."))
        return draft.rule_of(kind, True, tolerance)
    exact = st.toggle(t("Case-sensitive"), key="batch-exact")
    if kind == "equals":
        st.caption(t("Spaces and a final period are ignored."))
    return draft.rule_of(kind, not exact, 0.0)


def _preview(table: Table, prompt_column: str, expected_column: str | None, checked: Checked) -> None:
    if checked.wrong is not None:
        st.error(words.wrong(checked.wrong), icon=":material/error:")
        return
    if checked.faulty:
        st.error(words.faulty(*checked.faulty), icon=":material/error:")
        return
    facts = [tn("**{number}** prompt", "**{number}** prompts", len(checked.prompts))]
    if expected_column:
        facts.append(t("{number} with an expected answer", number=whole(checked.expecting)))
    signs = {",": t("comma"), ";": t("semicolon"), "\t": t("tab"), "|": t("vertical bar")}
    facts += [fact for fact in (table.encoding, signs.get(table.delimiter, "")) if fact]
    st.markdown(" · ".join(facts))
    head = [t("Prompt"), *([t("Expected answer")] if expected_column else [])]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for prompt, expected in checked.prompts[:PREVIEW]:
        cells = [prompt, *([expected or ""] if expected_column else [])]
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    with st.container(key="batch-preview"):
        st.markdown("\n".join(lines))
    if len(checked.prompts) > PREVIEW:
        st.caption(t("and {number} more", number=whole(len(checked.prompts) - PREVIEW)))


def _cell(text: str) -> str:
    return plain(text if len(text) <= CELL else text[: CELL - 1] + "…") or " "


def _models() -> list[str]:
    options = all_options(session.engine(), session.keys(), session.listed_models(), session.running_servers())
    choices = [option for option in options if option.ready]
    labels = {option.model.id: f"{option.model.name} · {label(option.provider)}" for option in choices}
    chosen_before = [name for name in st.session_state.get(MODELS, ()) if name in labels]
    if MODELS in st.session_state:
        st.session_state[MODELS] = chosen_before
    else:
        st.session_state[MODELS] = [session.default_model()] if session.default_model() in labels else []
    chosen: list[str] = st.multiselect(
        t("Models"),
        list(labels),
        format_func=labels.__getitem__,
        max_selections=MOST_MODELS,
        placeholder=t("Choose up to eight"),
        key=MODELS,
        persist_state="session",
    )
    return chosen


def _price(models: Sequence[str], checked: Checked, when_spent: str) -> None:
    """The price, a line per model."""
    limit: Any = draft.generation().get("max_output_tokens")
    try:
        fits = session.person().batches.fits(models, len(checked.prompts), checked.tokens, limit)
    except StoreError:
        st.caption(t("The remaining quota cannot be loaded right now."))
        return
    now = datetime.now(UTC)
    with st.container(key="batch-price", gap="xxsmall"):
        for fit in fits:
            st.caption(words.fit(fit, when_spent, now, zone()))
        if total := words.total(fits):
            st.caption(total)


def _start(held_draft: Draft, checked: Checked, models: Sequence[str], rule: Rule | None, when_spent: str) -> None:
    calls = len(checked.prompts) * len(models)
    st.button(
        tn("Start: {number} call", "Start: {number} calls", calls),
        type="primary",
        icon=":material/play_arrow:",
        key="batch-start",
        disabled=not models,
        on_click=_begin,
        args=(draft.nonce(), held_draft.name, checked, tuple(models), rule, when_spent),
    )


def _begin(
    nonce: str, name: str, checked: Checked, models: Sequence[str], rule: Rule | None, when_spent: str
) -> None:  # fmt: skip
    """Create the batch and open it; `nonce` makes a second click do nothing."""
    generation = {field: value for field, value in draft.generation().items() if value is not None}
    batches = session.person().batches
    plan = BatchPlan(
        name=name,
        model_ids=models,
        prompts=checked.prompts,
        system=str(generation.pop("system", "") or ""),
        settings=generation,
        rule=rule.plain() if rule else None,
        when_spent=when_spent,
        pasted=batches.pasted(models),
    )
    try:
        batch_id = batches.start(nonce, plan)
    except BlockedInput as error:
        flash(blocked(error), warning=True)
        return
    except StoreError:
        flash(t("Not started: nothing can be saved right now. Try again when the database is back."), warning=True)
        return
    draft.renew()
    if not st.session_state.pop("batch-example", None) and st.session_state.get(SOURCE) == "paste":
        unsaved_fields.used(PASTED)
    st.query_params["batch"] = batch_id
