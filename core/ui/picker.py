"""The model picker: a button with the model's name that opens a search, filters and one line per model."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ..engine import Engine
from . import session
from .models import facts, favourites, fit, life, rehearsal_link, sight
from .models.choices import ModelOption, all_options, matching, typed_model_id
from .models.fit import Load
from .models.marks import ROUTER, mark, speaker_of
from .models.names import label as label_of
from .models.names import named
from .routing import words
from .text import count, plain, t

SHOWN = 40
NOTHING = Load()
Pick = Callable[[str], None]


def picker(
    name: str,
    model_id: str,
    pick: Pick,
    *,
    stretch: bool = False,
    note: bool = True,
    auto: bool = False,
    load: Load = NOTHING,
) -> None:
    """`name` is unique on the page; `pick` gets the chosen model id. The list is drawn only while open.

    `auto`: offer the router's options too. `load`: what goes with the question; models that cannot see or read it, or
    have no room for it, are dimmed and come last.
    """
    speaker = speaker_of(model_id, session.engine().catalog.providers)
    label = f"{speaker.mark} **{speaker.model_name}**" + (f" :gray[{speaker.provider_name}]" if note else "")
    label += life.badge(speaker.provider, speaker.model)
    if words.is_auto(model_id):
        label = f"{ROUTER} **{words.offers()[model_id][0]}**"
    if not model_id:
        label = f"**{t('Choose a model')}**"
    box = st.popover(label, key=f"pick-{name}", on_change="rerun", width="stretch" if stretch else "content")
    if box.open:
        with box:
            _list(name, model_id, pick, auto, load)


def _list(name: str, current: str, pick: Pick, auto: bool, load: Load) -> None:
    engine = session.engine()
    _ending(name, current)
    typed_in = st.text_input(
        t("Search models"),
        key=f"find-{name}",
        type="search",
        live="200ms",
        placeholder=t("Search, or type provider/model"),
        label_visibility="collapsed",
        icon=":material/search:",
    )
    chips = {"free": t("Free"), "ready": t("Ready to use"), "sees": t("Sees pictures")}
    if favourites.names():
        chips = {"starred": t("Favourites"), **chips}
    choices = all_options(engine, session.keys(), session.listed_models(), session.running_servers())
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        filters = st.pills(
            t("Filter"),
            list(chips),
            selection_mode="multi",
            format_func=lambda chip: chips[chip],
            key=f"chips-{name}",
            label_visibility="collapsed",
        )
        provider_id = _provider_filter(name, choices)
    options = matching(
        choices, typed_in or "", free="free" in filters, ready="ready" in filters, provider_id=provider_id
    )
    if "sees" in filters:
        options = [each for each in options if sight.of(each.provider, each.model)]
    starred = favourites.names()
    options = [each for each in favourites.first(options) if "starred" not in filters or each.model.id in starred]
    if load:
        options.sort(key=lambda each: fit.lack(each.provider, each.model, load) is not None)
    typed_model = typed_model_id(typed_in or "", engine.catalog.providers, choices)
    with st.container(height=340, border=False, gap="xxsmall", key=f"models-{name}"):
        auto_shown = False
        if auto and provider_id is None and "starred" not in filters:
            auto_shown = _offers(name, current, typed_in or "", pick)
        if typed_model:
            _typed_row(name, typed_model, pick)
        for choice in options[:SHOWN]:
            _row(name, choice, choice.model.id == current, pick, load)
        _end(options, nothing=not (options or typed_model or auto_shown))
    _not_listed(engine)


def _ending(name: str, current: str) -> None:
    """When the current model ends, and a link to try its successors."""
    speaker = speaker_of(current, session.engine().catalog.providers)
    if ending := life.ending(speaker.provider, speaker.model):
        st.caption(f":orange[{speaker.model_name} {ending}]")
        rehearsal_link.link(current, f"picker-{name}")


def _not_listed(engine: Engine) -> None:
    """Say which providers' models are missing because they could not be listed."""
    for provider_id in sorted(engine.directory.local.locked):
        provider = engine.catalog.providers[provider_id]
        if session.standing(provider).state == "no_key":
            sentence = t(
                "{provider} is running on this computer and needs a key. Paste it on the Providers page.",
                provider=named(provider),
            )
            st.caption(f":orange[:material/key: {sentence}]")
    for provider in engine.directory.real(session.keys()):
        fault = engine.directory.fault(provider, session.keys())
        if fault and not engine.directory.models(provider, session.keys()):
            st.caption(f":orange[:material/warning: {facts.not_listed(provider, fault)}]")


def _offers(name: str, current: str, typed_in: str, pick: Pick) -> bool:
    """The router's options that match the search, above all models. True if there are any."""
    query = typed_in.strip().casefold()
    matches = [offer for offer, texts in words.offers().items() if query in f"{offer} {' '.join(texts)}".casefold()]
    for model_id in matches:
        st.button(
            _offer(model_id) + (" :material/check:" if model_id == current else ""),
            key=f"row-{name}-{model_id}",
            type="tertiary",
            width="stretch",
            on_click=_picked,
            args=(name, model_id, pick),
        )
    return bool(matches)


def _offer(model_id: str) -> str:
    title, description = words.offers()[model_id]
    return f"{ROUTER} **{title}**{t(': ')}:gray[{description}]"


def _provider_filter(name: str, choices: list[ModelOption]) -> str | None:
    labels = {choice.provider.id: label_of(choice.provider) for choice in choices}
    chosen: str | None = st.selectbox(
        t("Provider"),
        list(labels),
        index=None,
        format_func=lambda provider_id: labels.get(provider_id, provider_id),
        placeholder=t("All providers"),
        key=f"from-{name}",
        label_visibility="collapsed",
    )
    return chosen


def _row(name: str, choice: ModelOption, current: bool, pick: Pick, load: Load) -> None:
    dot = mark(choice.provider.id, session.engine().catalog.providers)
    label = f"**{plain(choice.model.name)}** :material/check:" if current else plain(choice.model.name)
    text = f"{dot} {label} :gray[{named(choice.provider)}]{badges(choice)}"
    lacks = bool(load) and fit.lack(choice.provider, choice.model, load) is not None
    if load and (reason := fit.reason(choice.provider, choice.model, load)):
        text += f" :gray-badge[{reason}]"
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        st.button(
            text if choice.ready and not lacks else f":gray[{text}]",
            key=f"row-{name}-{choice.model.id}",
            type="tertiary",
            width="stretch",
            on_click=_picked,
            args=(name, choice.model.id, pick),
        )
        favourites.star(name, choice.model.id)
        if not choice.ready and choice.provider.key_url and not choice.refused:
            st.link_button(
                t("Get a key"), choice.provider.key_url, type="tertiary", key=f"key-{name}-{choice.model.id}"
            )


def badges(choice: ModelOption) -> str:
    """Free, simulated, on this computer, window, no key: what matters for the choice, as badges."""
    marks = []
    if choice.provider.simulated:
        marks.append(f":gray-badge[{t('simulated')}]")
    elif choice.free:
        marks.append(f":green-badge[{t('FREE')}]")
    if choice.alive:
        marks.append(f":blue-badge[{t('running on this computer')}]")
    if choice.model.window_tokens:
        marks.append(f":gray-badge[{count(choice.model.window_tokens)}]")
    if session.life(choice.provider).is_new(choice.model):
        marks.append(f":blue-badge[{t('new')}]")
    if soon := life.badge(choice.provider, choice.model).strip():
        marks.append(soon)
    if choice.refused:
        marks.append(f":red-badge[{t('key rejected')}]")
    elif not choice.allowed:
        marks.append(f":orange-badge[{t('with your own key only')}]")
    elif not choice.ready:
        marks.append(f":orange-badge[{t('no key')}]")
    return "".join(f" {badge}" for badge in marks)


def _typed_row(name: str, model_id: str, pick: Pick) -> None:
    st.button(
        t("Use {model}", model=f"**{plain(model_id)}**"),
        key=f"typed-{name}",
        type="tertiary",
        icon=":material/keyboard_return:",
        on_click=_picked,
        args=(name, model_id, pick),
    )


def _end(options: list[ModelOption], *, nothing: bool) -> None:
    if nothing:
        st.caption(t("No matching model. You can also type a full provider/model name."))
    elif len(options) > SHOWN:
        st.caption(t("{number} more: search to narrow the list.", number=len(options) - SHOWN))


def _picked(name: str, model_id: str, pick: Pick) -> None:
    st.session_state[f"pick-{name}"] = False
    pick(model_id)
