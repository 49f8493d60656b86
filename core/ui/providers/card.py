"""One provider on the Providers page, below its row: key, limits, privacy and models."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from ...errors import LLMError
from ...providers import models_dev
from ...records import Model, Provider
from .. import layout, session
from ..answer import painter
from ..base.flash import flash
from ..base.time_zone import zone
from ..failures import failure, own_messages
from ..model_equality import hosts
from ..models import facts, life, refused
from ..models.choices import models_of
from ..models.key_texts import lost_key_text, storage_note
from ..models.names import named
from ..quota.words import moment
from ..text import language, noted, plain, t, tn
from . import checking, consent, evidence, filters, key_origin, tested, trial

SHOWN_MODELS = 30


def card(provider: Provider) -> None:
    """What an open row of the table shows."""
    if provider.state == "retired":
        _retired(provider)
    else:
        _open(provider, session.engine().directory.is_ready(provider, session.keys()))


def _retired(provider: Provider) -> None:
    st.markdown(t("Retired on {date}; no longer available.", date=provider.retired_on or t("an unknown date")))
    if provider.reason:
        painter.draw(st.container(), noted(provider.reason))
    _links(provider)


def _open(provider: Provider, ready: bool) -> None:
    if provider.note:
        st.caption(plain(noted(provider.note)))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _key(provider)
        _actions(provider, ready)
        _limits(provider)
        hosts.section(provider.id, [model.id for model in _offered(provider)], filters.opened(), ready=ready)
    with right:
        _privacy(provider)
        _models(provider)
    _links(provider)


def _key(provider: Provider) -> None:
    if provider.auth == "none":
        return
    pasted = session.keys()
    key = session.engine().keyring.find(provider, pasted)
    st.markdown(f"**{t('Key')}**")
    if key is not None and key.fault:
        st.markdown(f":orange[:material/warning: {plain(own_messages.translated(key.fault, 'local', zone()))}]")
    elif key is not None:
        st.markdown(f":green[:material/key: {t('found')}] :gray[({key_origin.origin(key)})]")
        key_origin.details(provider, key)
    else:
        optional = t("none; not required") if provider.auth == "optional" else t("none yet")
        st.markdown(f":gray[:material/key_off: {optional}]")
    key_origin.choice(provider)
    standing = session.standing(provider)
    if standing.at and (
        last_call := facts.last_call(provider, standing, moment(standing.at, datetime.now(UTC), zone()))
    ):
        st.caption(last_call)
    missing = [name for option, name in provider.needs.items() if not provider.options.get(option)]
    if missing:
        st.markdown(t("Also set in the environment: {names}", names=", ".join(map(plain, missing))))
    if provider.id in pasted.pasted:
        st.caption(storage_note())
    elif provider.id in session.lost_keys():
        st.caption(f":orange[:material/warning: {lost_key_text([provider])}]")
    _paste(provider, pasted=provider.id in pasted.pasted)
    if key is None and provider.auth != "optional":
        consent.without_key(provider)


def _paste(provider: Provider, *, pasted: bool) -> None:
    field = f"paste-{provider.id}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.text_input(
            t("Paste a key (kept in memory only)"),
            type="password",
            key=field,
            autocomplete="off",
            placeholder=plain(provider.key_names[0]).replace("\\", "") if provider.key_names else "",
            on_change=_pasted,
            args=(provider.id, field),
        )
        if pasted:
            st.button(t("Remove"), key=f"forget-{provider.id}", on_click=forget, args=(provider.id,))
        elif provider.key_url:
            st.link_button(t("Get a key"), provider.key_url, icon=":material/open_in_new:")


def _pasted(provider_id: str, field: str) -> None:
    value = str(st.session_state.get(field) or "").strip()
    if value:
        if not session.paste(provider_id, value):
            flash(t("This is too long to be a key. It was not saved."), warning=True)
        checking.start(session.engine().catalog.providers[provider_id])
    st.session_state[field] = ""


def forget(*provider_ids: str) -> None:
    """Remove pasted keys. For callbacks."""
    session.forget_keys(*provider_ids)
    for provider_id in provider_ids:
        checking.forget(provider_id)


def _actions(provider: Provider, ready: bool) -> None:
    keyring, keys = session.engine().keyring, session.keys()
    models = [model for model in _offered(provider) if keyring.may_use(provider, model, keys)]
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            t("Test"),
            icon=":material/network_check:",
            key=f"test-{provider.id}",
            disabled=not (ready and models) or trial.running(provider.id),
            help=t("Sends one short request"),
            on_click=trial.start,
            args=(provider.id, models[0].id if models else ""),
        )
        if st.button(t("Refresh models"), icon=":material/refresh:", key=f"refresh-{provider.id}", disabled=not ready):
            _refresh(provider)
        if models and session.standing(provider).state == "works":
            _chat(provider)
    tested.result(provider)


def _chat(provider: Provider) -> None:
    """A button that opens a new chat with the provider's first model."""
    models = session.engine().directory.models(provider, session.keys())
    if models and st.button(t("Start a chat"), icon=":material/chat:", type="primary", key=f"chat-{provider.id}"):
        st.session_state["model"] = models[0].id
        st.session_state.pop("conversation", None)
        layout.go("chat")


def _refresh(provider: Provider) -> None:
    try:
        with st.spinner(t("Asking {provider}", provider=named(provider))):
            names = session.engine().directory.list_models(provider.id, session.keys())
    except LLMError as error:
        st.warning(failure.sentence(error, named(provider), ""))
        return
    st.toast(
        tn(
            "{provider} lists {number} model",
            "{provider} lists {number} models",
            len(names),
            provider=named(provider),
        )
    )
    st.rerun()


def _limits(provider: Provider) -> None:
    st.markdown(f"**{t('Limits')}**")
    lines = list(facts.limits(provider, evidence.limit_teller(provider)))
    for line in lines:
        st.markdown(line)
    if not lines:
        unlimited = provider.local or provider.simulated
        st.caption(t("none (runs on this computer)") if unlimited else t("unknown"))


def _privacy(provider: Provider) -> None:
    st.markdown(f"**{t('Privacy')}**")
    st.markdown("  \n".join(f":gray[{question}:] {answer}" for question, answer in facts.privacy(provider.privacy)))
    if provider.privacy.note:
        st.caption(plain(noted(provider.privacy.note)))
    if not provider.simulated:
        consent.may_leave(provider)


def _models(provider: Provider) -> None:
    models = _offered(provider)
    unlisted = [model for model in provider.models if model not in models]
    st.markdown(f"**{t('Models')}** :gray[{len(models)}]")
    shown = [*models, *unlisted][:SHOWN_MODELS]
    if shown:
        st.markdown("\n".join(f"- {_line(provider, model, offered=model in models)}" for model in shown))
    else:
        st.caption(t("No models listed. Refresh, or type {provider}/name in the picker.", provider=provider.id))
    if fault := session.engine().directory.fault(provider, session.keys()):
        st.caption(f":orange[:material/warning: {facts.not_listed(provider, fault)}]")
    if session.life(provider).refused:
        st.button(
            t("Ask again for what was refused"),
            icon=":material/restart_alt:",
            key=f"forget-refused-{provider.id}",
            help=t(
                "What a provider refuses for a model is left out of questions to it for two weeks. This forgets it "
                "now, for all models of this provider with this key."
            ),
            on_click=refused.forget,
            args=(provider,),
        )
    if (more := len(models) + len(unlisted) - SHOWN_MODELS) > 0:
        st.caption(t("{number} more in the model picker.", number=more))
    evidence.facts_known(provider)


def _offered(provider: Provider) -> list[Model]:
    """The models that can be chosen now, those of the catalogue first."""
    models = models_of(provider, session.listed_models())
    life_of = session.life(provider)
    return [model for model in models if life_of.is_offered(model)]


def _line(provider: Provider, model: Model, *, offered: bool) -> str:
    row, story = models_dev.filled(model, provider), life.story(provider, model)
    line = facts.model_line(row, story, life.standing(provider, model), offered=offered)
    if refusals := session.life(provider).refused.get(model.name):
        line += f" :orange[:small[{t('refused: {features}', features=refused.dated(refusals))}]]"
    return line


def _links(provider: Provider) -> None:
    parts = []
    docs = provider.docs_zh if provider.docs_zh and language() == "zh" else provider.docs
    if docs.startswith("https://"):
        parts.append(f"[{t('Documentation')}]({docs})")
    if provider.key_url.startswith("https://"):
        parts.append(f"[{t('API keys')}]({provider.key_url})")
    if provider.checked:
        parts.append(t("checked on {date}", date=provider.checked))
    if provider.source:
        parts.append(plain(provider.source))
    if parts:
        st.caption(" · ".join(parts))
