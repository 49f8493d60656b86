"""The settings of a chat or a comparison: system prompt, sampling (sent only if set), longest answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from .. import session
from ..models import tool_use
from ..text import t
from . import answer_form, effort, unsaved_fields, voice
from .state import GenerationValues, any_set

Change = Callable[[str, object], None]
ASK = "ask"  # the choice that is stored as none
FIELDS = (
    "system", "temperature", "max_output_tokens", "top_p", "seed", "personal_data", "effort", "response_format",
    "schema_json",
)  # fmt: skip


def settings(
    generation: GenerationValues,
    name: str,
    change: Change,
    *,
    models: Sequence[str] = (),
    chat: bool = False,
    model_id: str = "",
) -> None:
    """A popover; `change` gets each change, effective from the next question on. `name` prefixes widget keys.

    `models`: those that are asked. `chat`: offer the settings for fallback, cache and calculator, which comparisons do
    not have. `model_id` is asked next.
    """
    label = t("Settings") + (" :blue[●]" if any_set(generation) else "")
    with st.popover(label, icon=":material/tune:", type="tertiary", key="settings"):
        fields(generation, name, change, models)
        if session.engine().settings.personal_data == "warn":
            _personal_data(generation, name, change)
        voice.settings()
        if chat:
            _switch(generation, name, "never_substitute", t("Don't switch models on failure"), change)
            if session.engine().settings.cache == "on":
                _switch(generation, name, "reuse", t("Reuse cached answers"), change)
            _switch(generation, name, "calculator", t("Let the model calculate"), change)
            if generation.get("calculator") and (sentence := tool_use.sentence(model_id)):
                st.caption(sentence)


def keep_system(name: str, generation: GenerationValues, change: Change, *, shown: bool) -> None:
    """Keep the system prompt in this tab until there is a chat or run to store it. `shown`: there is none yet."""

    def restore(text: str, _: Mapping[str, object]) -> None:
        st.session_state.pop(system_box(name), None)
        change("system", text)

    unsaved_fields.keep(system_box(name), restore, shown=shown, held=bool(generation.get("system")))


def system_box(name: str) -> str:
    return f"set-{name}-system"


def fields(generation: GenerationValues, name: str, change: Change, models: Sequence[str]) -> None:
    """The boxes for system prompt, sampling, effort and the answer format."""
    st.text_area(
        t("System prompt"),
        value=generation.get("system") or "",
        placeholder=t("How the model should behave (optional)"),
        key=system_box(name),
        on_change=_set,
        args=(name, "system", change),
        height=110,
    )
    st.caption(t("Empty settings are not sent; the provider uses its defaults."))
    left, right = st.columns(2)
    with left:
        _number(generation, name, "temperature", t("Temperature"), (0.0, 2.0, 0.1), change)
        _number(generation, name, "max_output_tokens", t("Max output tokens"), (1, 200_000, 256), change)
    with right:
        _number(generation, name, "top_p", t("Top p"), (0.0, 1.0, 0.05), change)
        _number(generation, name, "seed", t("Seed"), (0, 2**31 - 1, 1), change)
    effort.setting(generation.get("effort"), name, change, models)
    answer_form.setting(generation.get("response_format"), generation.get("schema_json"), name, change)


def reset(name: str) -> None:
    """Clear the widget state of these boxes, so that they show the stored values. For callbacks."""
    for field in FIELDS:
        st.session_state.pop(f"set-{name}-{field}", None)
    st.session_state.pop(effort.tokens_key(name), None)


def _personal_data(generation: GenerationValues, name: str, change: Change) -> None:
    choices = {ASK: t("Ask"), "mask": t("Mask"), "send": t("Send as it is")}
    st.segmented_control(
        t("Personal data, if the provider may train on it"),
        list(choices),
        default=generation.get("personal_data") or ASK,
        required=True,
        format_func=lambda choice: f" {choices[choice]}",  # what precedes a space is searched for 5,000 emoji
        key=f"set-{name}-personal_data",
        on_change=_decided,
        args=(name, change),
    )


def _decided(name: str, change: Change) -> None:
    choice = st.session_state[f"set-{name}-personal_data"]
    change("personal_data", None if choice == ASK else choice)


def _switch(generation: GenerationValues, name: str, field: str, label: str, change: Change) -> None:
    key = f"set-{name}-{field}"
    st.toggle(label, value=bool(generation.get(field)), key=key, on_change=_switched, args=(key, field, change))


def _switched(key: str, field: str, change: Change) -> None:
    change(field, True if st.session_state.get(key) else None)


def _number(
    generation: GenerationValues, name: str, field: str, label: str, bounds: tuple[float, float, float], change: Change
) -> None:
    """`bounds`: minimum, maximum, step."""
    least, most, step = bounds
    st.number_input(
        label,
        min_value=least,
        max_value=most,
        value=_fitting(generation.get(field), bounds),
        step=step,
        placeholder=t("not set"),
        key=f"set-{name}-{field}",
        on_change=_set,
        args=(name, field, change),
    )


def _fitting(value: object, bounds: tuple[float, float, float]) -> float | None:
    """The value clamped and converted for the box: an import may be out of bounds, and JSON turns 1.0 into 1."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return type(bounds[0])(min(max(value, bounds[0]), bounds[1]))


def _set(name: str, field: str, change: Change) -> None:
    change(field, st.session_state[f"set-{name}-{field}"])
