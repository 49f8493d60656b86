"""A box for keys: one, some, or a whole `.env`. It finds whose they are, tests them, and offers what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from ...providers.keys.recognition import Unclear, recognise, takes_key
from ...records import Provider
from .. import layout, session
from ..base.flash import flash
from ..models.key_texts import storage_note
from ..models.marks import speaker_of
from ..models.names import label, named
from ..text import plain, t
from . import checking, tested, trial

STATE = "pasted-text"
LONGEST = 100_000  # characters of a pasted text
COMPARED = 3


@dataclass
class Pasted:
    """What the last text held: the providers whose keys are stored now, and keys whose provider is not known."""

    provider_ids: list[str] = field(default_factory=list)
    unclear: list[Unclear] = field(default_factory=list)
    options: tuple[str, ...] = ()


def box(place: str) -> None:
    """The box and, below it, what came of the last text. `place` prefixes widget keys."""
    with st.container(key=f"{place}-paste", gap="xsmall"):
        _box(place)


def _box(place: str) -> None:
    st.chat_input(
        t("Paste a key or a whole .env file, then press Enter"),
        key=f"{place}-keys",
        max_chars=LONGEST,
        on_submit=_read,
        args=(f"{place}-keys",),
    )
    st.caption(storage_note())
    pasted = _last()
    if pasted is None:
        return
    with st.container(key=f"{place}-found", gap="xsmall"):
        for number, unclear in enumerate(pasted.unclear):
            _whose(unclear, number, place)
        _results(pasted, place)


def popover(*, demo: bool) -> None:
    """A button that opens the box, with the way to free keys: where demo models answer (`demo`), and as long as there
    is something to say about what was pasted."""
    if not demo and _last() is None:
        return
    add = st.popover(
        t("Add a key to use real models"), icon=":material/key:", type="tertiary", key="add-key", on_change="rerun"
    )
    if not add.open:
        return
    with add, st.container(key="paste", width=440):
        box("welcome")
        link = t("No key yet? Free ones, by what they give")
        st.page_link("pages/providers.py", label=link, icon=":material/hub:", width="content")


def follow() -> None:
    """Wait for running tests of pasted keys, then rerun. For the end of a page with a box; returns at once without."""
    if _last() is not None:
        checking.follow()
        trial.follow()


def take(text: str) -> Pasted:
    """Store the keys that this text holds and test each. For callbacks."""
    seen = recognise(text, session.engine().catalog.providers)
    pasted = st.session_state[STATE] = Pasted([], list(seen.unclear), seen.options)
    for provider_id, key in seen.keys.items():
        _keep(pasted, provider_id, key)
    return pasted


def _last() -> Pasted | None:
    pasted: Pasted | None = st.session_state.get(STATE)
    return pasted


def _read(key: str) -> None:
    value = st.session_state.get(key)
    text = value if isinstance(value, str) else str(getattr(value, "text", "") or "")
    pasted = take(text)
    if not pasted.provider_ids and not pasted.unclear:
        flash(t("There is no key in this text. Paste the key itself, or lines such as GROQ_API_KEY=…"), warning=True)


def _keep(pasted: Pasted, provider_id: str, key: str) -> None:
    if not session.paste(provider_id, key):
        flash(t("This is too long to be a key. It was not saved."), warning=True)
        return
    pasted.provider_ids.append(provider_id)
    checking.start(session.engine().catalog.providers[provider_id])


def _whose(unclear: Unclear, number: int, place: str) -> None:
    """One click says whose key it is; the likely providers stand as buttons, all others in a list."""
    providers = session.engine().catalog.providers
    ending = f"…{plain(unclear.value[-4:])}"
    sentence = t("Whose key is {ending}? Several providers have keys of this shape.", ending=ending)
    if not unclear.candidates:
        sentence = t("Whose key is {ending}? Its shape is not known here.", ending=ending)
    st.markdown(sentence)
    with st.container(horizontal=True, gap="xsmall"):
        for provider_id in unclear.candidates:
            st.button(
                label(providers[provider_id]),
                key=f"{place}-whose-{number}-{provider_id}",
                on_click=_decide,
                args=(unclear, provider_id),
            )
        others = [id_ for id_, each in providers.items() if takes_key(each) and id_ not in unclear.candidates]
        field_key = f"{place}-other-{number}"
        st.selectbox(
            t("Another provider"),
            others,
            index=None,
            key=field_key,
            format_func=lambda provider_id: label(providers[provider_id]),
            placeholder=t("Another provider"),
            label_visibility="collapsed",
            width=220,
            on_change=_decide_listed,
            args=(unclear, field_key),
        )


def _decide_listed(unclear: Unclear, field_key: str) -> None:
    if provider_id := st.session_state.get(field_key):
        _decide(unclear, provider_id)


def _decide(unclear: Unclear, provider_id: str) -> None:
    pasted = _last()
    if pasted and unclear in pasted.unclear:
        pasted.unclear.remove(unclear)
        _keep(pasted, provider_id, unclear.value)


def _results(pasted: Pasted, place: str) -> None:
    providers = session.engine().catalog.providers
    stored = [providers[id_] for id_ in pasted.provider_ids if id_ in session.keys().pasted]
    for provider in stored:
        missing = [name for option, name in provider.needs.items() if not provider.options.get(option)]
        if missing:
            names = ", ".join(map(plain, missing))
            st.markdown(
                t("{provider} also needs {names} in the environment.", provider=f"**{named(provider)}**", names=names)
            )
        elif checking.last(provider.id) is None:
            st.markdown(f"**{named(provider)}**")
        tested.result(provider)
    working = [provider for provider in stored if session.standing(provider).state == "works"]
    if not working:
        return
    first = next((provider for provider in working if provider.free), working[0])
    with st.container(horizontal=True, gap="xsmall"):
        _chat(first, place)
        _compare(first, place)


def _chat(provider: Provider, place: str) -> None:
    models = session.engine().directory.models(provider, session.keys())
    if models and st.button(
        t("Chat with {provider}", provider=label(provider)),
        icon=":material/chat:",
        type="primary",
        key=f"{place}-chat",
    ):
        st.session_state["model"] = models[0].id
        st.session_state.pop("conversation", None)
        st.session_state.pop(STATE, None)
        layout.go("chat")


def _compare(provider: Provider, place: str) -> None:
    """Three models that cost nothing: of this provider, of each other that is ready, then further ones."""
    model_ids = free_models(provider)
    if len(model_ids) < COMPARED:
        return
    names = ", ".join(speaker_of(model_id, session.engine().catalog.providers).model_name for model_id in model_ids)
    if st.button(t("Compare three free ones"), icon=":material/view_column:", key=f"{place}-compare", help=names):
        st.session_state.pop(STATE, None)
        st.session_state["line-up"] = {"m": model_ids}
        st.session_state["line-up-link"] = {"m": model_ids}
        layout.go("compare")


def free_models(first: Provider) -> list[str]:
    """At most three ids of free models that can be asked now, of as many providers as there are, `first` leading."""
    choices = session.engine().directory.choices(session.keys())
    by_provider: dict[str, list[str]] = {}
    for choice in choices:
        if choice.provider.free and choice.model.free is not False:
            by_provider.setdefault(choice.provider.id, []).append(choice.model.id)
    groups = sorted(by_provider.items(), key=lambda item: item[0] != first.id)
    ids = [models[0] for _, models in groups] + [model for _, models in groups for model in models[1:]]
    return ids[:COMPARED]
