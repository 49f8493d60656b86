"""The form for a rehearsal: own earlier questions to a model that ends, for models that could answer instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

from ...batch.size import input_tokens
from ...records import Model, Provider
from ...store import StoreError
from ...views.batches import BatchPlan, PastQuestion, Rehearsal
from ...views.conversation import asked_with
from .. import session
from ..base.time_zone import zone
from ..chat.state import GenerationValues
from ..models import life
from ..models.marks import speaker_of
from ..models.names import label, named
from ..text import day_and_clock, plain, sentences, t, tn, whole
from . import draft, form_notes, model_choice, moving, row_files, row_findings, words
from .source import REHEARSE, SOURCE

MODEL, MOST, KIND, QUESTIONS = "rehearse-model", "rehearse-most", "rehearse-kind", "rehearse-questions"
FINDINGS, TOKENS = "rehearse-findings", "rehearse-tokens"
FEWEST_ASKED, USUAL, MOST_ROWS = 1, 20, 100
MOST_COUNTED = 1000
CELL, NAME = 120, 80


def follow_link() -> None:
    """Open this form for the model in the address, once."""
    model_id = st.query_params.get(REHEARSE)
    if model_id and st.session_state.get(REHEARSE) != model_id:
        st.session_state.update({REHEARSE: model_id, SOURCE: "own", MODEL: model_id})
        st.session_state.pop(QUESTIONS, None)


def form() -> None:
    """Each part appears when the ones before are valid."""
    try:
        names = session.person().rehearsals.models()
        if unknown := _unknown_model(names):
            sentence = t("There is no model {model}, and you never asked one of that name.", model=plain(unknown))
            st.warning(sentences(sentence, t("Choose one that you have asked.")) if names else sentence)
        model_id = _model(names)
        if model_id is None:
            st.caption(t("You have not asked any model yet. Your questions to it will be listed here."))
            return
        past = _past(model_id)
        if past:
            _questions(model_id, past)
        else:
            st.caption(t("You asked it nothing yet, so there is nothing to try."))
        moving.panel(model_id)
    except StoreError:
        st.caption(t("Your questions cannot be loaded right now. Nothing is lost."))


def _unknown_model(names: Sequence[str]) -> str:
    """The model in the address if there is none of that name, cut to a line; "" else."""
    linked = st.query_params.get(REHEARSE, "")
    if not linked or linked in names or _exists(linked):
        return ""
    if st.session_state.get(MODEL) == linked:
        del st.session_state[MODEL]
    return words.cut(linked, NAME)


def _exists(model_id: str) -> bool:
    """Whether the catalogue or the provider's own list has it."""
    provider, model = _speaker(model_id)
    if provider is None:
        return False
    listing = session.engine().directory.life(provider, session.keys()).listing
    return model in provider.models or (listing is not None and model.name in listing.names)


def _model(asked_before: Sequence[str]) -> str | None:
    """The model whose questions are used: those that end or have ended come first."""
    linked = st.session_state.get(MODEL)
    names = sorted({*asked_before, *([linked] if linked else [])}, key=lambda name: (not _ending(name), name))
    if not names:
        return None
    chosen: str = st.selectbox(
        t("Questions to"), names, format_func=_label, key=MODEL, persist_state="session", on_change=_unlink
    )
    return chosen


def _unlink() -> None:
    """Another model was chosen than the address names."""
    st.query_params.pop(REHEARSE, None)


def _speaker(model_id: str) -> tuple[Provider | None, Model]:
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    return speaker.provider, speaker.model


def _ending(model_id: str) -> str:
    return life.ending(*_speaker(model_id))


def _label(model_id: str) -> str:
    provider, model = _speaker(model_id)
    ending = _ending(model_id)
    name = f"{model.name} · {label(provider)}" if provider else model_id
    return name + (f" ({ending})" if ending else "")


def _past(model_id: str) -> list[PastQuestion]:
    """The last questions, as many and of the kind that is chosen."""
    rehearsals = session.person().rehearsals
    number = rehearsals.number(model_id)
    from_batches = rehearsals.questions(model_id, MOST_ROWS, "batch")
    if not number and not from_batches:
        return []
    st.caption(_facts(model_id, number, len(from_batches)))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="rehearse-which"):
        most = int(st.number_input(t("Last questions"), FEWEST_ASKED, MOST_ROWS, USUAL, key=MOST, width=160))
        kind = "chat" if number else "batch"
        if number and from_batches:
            labels = {"chat": t("Chats and comparisons"), "batch": t("Batches")}
            kind = st.segmented_control(
                t("From"), list(labels), default="chat", required=True, format_func=labels.__getitem__, key=KIND
            )
    if kind == "batch":
        return from_batches[:most]
    key = (model_id, most, number)
    stored: Any = st.session_state.get(QUESTIONS)
    if stored is None or stored[0] != key:
        stored = st.session_state[QUESTIONS] = (key, rehearsals.questions(model_id, most))
    questions: list[PastQuestion] = stored[1]
    return questions


def _facts(model_id: str, number: int, from_batches: int) -> str:
    """ "gemini-2.5-flash ends in 3 days. You asked it 212 questions." """
    _provider, model = _speaker(model_id)
    parts = []
    if ending := _ending(model_id):
        parts.append(f":orange[{t('{model} {ends}.', model=plain(model.name), ends=ending)}]")
    if number > MOST_COUNTED:
        parts.append(t("You asked it more than {number} questions.", number=whole(MOST_COUNTED)))
    elif number:
        parts.append(tn("You asked it {number} question.", "You asked it {number} questions.", number))
    if from_batches:
        parts.append(
            tn(
                "{number} row of your batches has an expected answer.",
                "{number} rows of your batches have an expected answer.",
                from_batches,
            )
        )
    return sentences(*parts)


def _questions(model_id: str, past: Sequence[PastQuestion]) -> None:
    """The questions to choose from, whom to ask, the price, the start."""
    chosen = _chosen(model_id, past)
    models = _models(model_id)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="batch-ways"):
        when_spent = model_choice.when_spent_choice()
    blind = st.toggle(
        t("Vote blind first"),
        key="rehearse-blind",
        help=t("You see old and new answers side by side without names, and vote. The names are shown at the end."),
    )
    if chosen:
        _findings(chosen, models)
        row_files.warn([question.files for question in chosen], models)
    for form in dict.fromkeys(filter(None, (form_notes.form_of(question.settings) for question in chosen))):
        form_notes.lacks(form, models)
    if models and chosen:
        model_choice.price(models, len(chosen), _tokens(chosen), when_spent, _usual(chosen))
    calls = len(chosen) * len(models)
    model_choice.start(calls, models, _begin, draft.nonce(), model_id, chosen, tuple(models), when_spent, blind)


def _findings(chosen: Sequence[PastQuestion], models: Sequence[str]) -> None:
    key = tuple((question.source, question.id) for question in chosen)
    stored: Any = st.session_state.get(FINDINGS)
    if stored is None or stored[0] != key:
        texts = [
            (question.prompt, question.system, *(text for _, text in question.above), *row_files.texts(question.files))
            for question in chosen
        ]
        stored = st.session_state[FINDINGS] = (key, session.person().outgoing.of_rows(texts))
    sent = [number for number, question in enumerate(chosen, 1) if question.settings.get("personal_data") == "send"]
    row_findings.draw(stored[1], models, sent=sent)


def _chosen(model_id: str, past: Sequence[PastQuestion]) -> list[PastQuestion]:
    is_filled = {
        "expected": any(question.expected or question.expected_fields for question in past),
        "files": any(question.files for question in past),
    }
    table = [
        {
            "at": day_and_clock(question.asked_at, zone()),
            "prompt": words.cut(question.prompt, CELL),
            "files": words.cut("; ".join(file.name for file in question.files), CELL),
            "above": len(question.above),
            "answer": words.cut(question.answer, CELL),
            "expected": words.cut(_expected(question), CELL),
        }
        for question in past
    ]
    text = st.column_config.TextColumn
    widths: dict[str, Any] = {
        "at": text(t("Asked"), width=130),
        "prompt": text(t("Question"), width=320),
        "files": text(t("Files"), width=140),
        "above": st.column_config.NumberColumn(t("Messages above"), width=130),
        "answer": text(t("Old answer"), width=320),
        "expected": text(t("Expected answer"), width=120),
    }
    selected = st.dataframe(
        table,
        hide_index=True,
        row_height=38,
        height=min(38 * (len(table) + 1) + 3, 300),
        column_config=widths,
        column_order=[name for name in widths if is_filled.get(name, True)],
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": list(range(len(table)))}},
        key=f"rehearse-table-{model_id}-{past[0].source}-{past[0].id}-{len(past)}",
    )
    st.caption(
        t(
            "Deselect what should not be sent. Each question is sent as it was: with the conversation above it (the "
            "last 40 messages), its system prompt and settings, and its files. Of the files above it only the text is "
            "sent."
        )
    )
    return [past[row] for row in sorted(selected["selection"]["rows"]) if row < len(past)]


def _expected(question: PastQuestion) -> str:
    parts = [f"{name}: {value}" for name, value in question.expected_fields.items()]
    return t(", ").join(filter(None, [question.expected or "", *parts]))


def _models(model_id: str) -> list[str]:
    """Whom to ask: proposed are the successors that can be asked, and the old model itself while it can be."""
    labels = model_choice.ready_labels()
    proposed = session.person().rehearsals.proposals(model_id)
    for other in proposed:
        if other.id not in labels:
            _needs_key(other)
    usual = [name for name in (*(other.id for other in proposed), model_id) if name in labels]
    chosen: list[str] = st.multiselect(
        t("Models"),
        list(labels),
        default=usual,
        format_func=labels.__getitem__,
        max_selections=model_choice.MOST_MODELS,
        placeholder=t("Choose up to eight"),
        key=f"rehearse-models-{model_id}",
    )
    if model_id in chosen:
        st.caption(
            t(
                "The old model is asked again too: how far it agrees with its own old answers shows how much answers "
                "vary anyway."
            )
        )
    for provider in _training(model_id, chosen):
        st.caption(f":orange[:material/visibility:] {t('{provider} may train on what you send.', provider=provider)}")
    return chosen


def _needs_key(other: Model) -> None:
    """The named successor cannot be asked: what to do."""
    provider = session.engine().catalog.providers[other.provider_id]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="rehearse-needs-key"):
        st.caption(
            t(
                "{model} is the named successor, but there is no working key for {provider}.",
                model=plain(other.name),
                provider=named(provider),
            ),
            width="content",
        )
        st.page_link("pages/providers.py", label=t("Add a key"), icon=":material/key:", width="content")


def _training(model_id: str, chosen: Sequence[str]) -> list[str]:
    """Providers that may train on the text, where the old model's does not."""
    old = _speaker(model_id)[0]
    if old is not None and old.privacy.trains:
        return []
    providers = [_speaker(name)[0] for name in chosen]
    return list(dict.fromkeys(named(provider) for provider in providers if provider and provider.privacy.trains))


def _tokens(chosen: Sequence[PastQuestion]) -> int:
    key = tuple((question.source, question.id) for question in chosen)
    stored: Any = st.session_state.get(TOKENS)
    if stored is None or stored[0] != key:
        rows = ((asked_with(question.prompt, question.files), question.setup()) for question in chosen)
        stored = st.session_state[TOKENS] = (key, input_tokens(rows, {"system": "", "settings": {}}))
    tokens: int = stored[1]
    return tokens


def _usual(chosen: Sequence[PastQuestion]) -> GenerationValues:
    """The effort and the longest answer that most of them had, by which the length of the new ones is estimated."""
    had = Counter((question.settings.get("effort"), question.settings.get("max_output_tokens")) for question in chosen)
    (effort, max_output_tokens), _ = had.most_common(1)[0]
    return {"effort": effort, "max_output_tokens": max_output_tokens}


def _begin(
    nonce: str, model_id: str, chosen: Sequence[PastQuestion], models: Sequence[str], when_spent: str, blind: bool
) -> None:
    """Create the batch and open it."""
    plan = BatchPlan(
        name=t("Rehearsal: {model}", model=words.short_name(model_id)),
        model_ids=models,
        prompts=[(question.prompt, question.expected) for question in chosen],
        rule=next((question.rule for question in chosen if question.rule), None),
        when_spent=when_spent,
        pasted=session.person().batches.pasted(models),
        rehearsal=Rehearsal(model_id, blind),
        past=chosen,
        files=[question.files for question in chosen] if any(question.files for question in chosen) else (),
        fields=tuple(dict.fromkeys(name for question in chosen for name in question.expected_fields)),
        expected_fields=[question.expected_fields for question in chosen],
    )
    if model_choice.begin(nonce, plan):
        draft.renew()
        st.session_state.pop(QUESTIONS, None)
        st.query_params.pop(REHEARSE, None)
