"""Before a batch with a form begins: the fields that are compared, columns that name none, models that take no form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import streamlit as st

from ...batch import expected_fields
from ...batch.expected_fields import ExpectedFields
from ...records import ChatRequest, Message, ResponseFormat
from ...schemas.fields import PREFIX
from ...views.conversation import GenerationSettings
from ...wire.fitting import lacking
from .. import session
from ..models.marks import speaker_of
from ..text import plain, t, tn

SHOWN = 12


def form_of(generation: Mapping[str, object]) -> ResponseFormat | None:
    values = {name: value for name, value in generation.items() if name != "system"}
    return GenerationSettings.of("", values).form()


def draw(expected: ExpectedFields, form: ResponseFormat | None, models: Sequence[str]) -> bool:
    """Whether the batch may start."""
    if form:
        lacks(form, models)
    if not expected.names:
        return True
    columns = _listed([f"{PREFIX}{name}" for name in expected.names])
    if form is None:
        st.info(
            t(
                "The columns {columns} expect values of fields, and are compared once the answer has a form: choose "
                "JSON or Schema in Settings.",
                columns=columns,
            ),
            icon=":material/data_object:",
        )
        return True
    if unknown := expected_fields.unknown(expected.names, form):
        st.error(_unknown([f"{PREFIX}{name}" for name in unknown], form), icon=":material/error:")
        return False
    rows = tn("{number} row", "{number} rows", expected.expecting)
    st.caption(t("Compared by fields in {rows}: {fields}", rows=rows, fields=_listed(expected.names)))
    return True


def _unknown(columns: Sequence[str], form: ResponseFormat) -> str:
    names = expected_fields.of_schema(form)
    if not names:
        return t(
            "The answers of this schema have no fields, but there are the columns {columns}.", columns=_listed(columns)
        )
    if len(columns) == 1:
        return t(
            "The column {column} names no field of the schema. Its fields: {fields}",
            column=_listed(columns),
            fields=_listed(names),
        )
    return t(
        "The columns {columns} name no field of the schema. Its fields: {fields}",
        columns=_listed(columns),
        fields=_listed(names),
    )


def lacks(form: ResponseFormat, models: Sequence[str]) -> None:
    """The models that cannot be asked for this form, and what they are asked instead."""
    for sentence in dict.fromkeys(_lacks(form, models)):
        st.caption(f":orange[:material/data_object:] {sentence}")


def _lacks(form: ResponseFormat, models: Sequence[str]) -> Iterator[str]:
    providers = session.engine().catalog.providers
    for model_id in models:
        speaker = speaker_of(model_id, providers)
        if speaker.provider is None:
            continue
        request = ChatRequest([Message("user", "?")], model_id, response_format=form)
        for lack in lacking(request, speaker.provider, speaker.model):
            if lack.instead == "json":
                yield t(
                    "{model} takes no JSON schema: it is asked for JSON, with the schema in words. Its answers are "
                    "checked all the same.",
                    model=speaker.model_name,
                )
            else:
                yield t(
                    "{model} takes no form of the answer: it is asked for in words. Its answers are checked all the "
                    "same.",
                    model=speaker.model_name,
                )


def _listed(names: Sequence[str]) -> str:
    first = t(", ").join(f"**{plain(name)}**" for name in names[:SHOWN])
    rest = len(names) - SHOWN
    return f"{first} {tn('+ {number} more', '+ {number} more', rest)}" if rest > 0 else first
