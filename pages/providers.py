"""Providers: state, key, limits, privacy and models of every provider."""

import streamlit as st

from core.ui import layout, session
from core.ui.base.flash import show_flash
from core.ui.failures.own_messages import configured, translated
from core.ui.models.key_texts import lost_key_text, storage_note
from core.ui.providers import checking, strip, trial
from core.ui.providers.card import card, forget
from core.ui.providers.groups import groups, sorting
from core.ui.text import plain, t

if layout.open_page("providers"):
    st.session_state["sorted-by"] = sorting()  # so that pasting or testing a key does not move its card
engine = session.engine()
providers = engine.catalog.providers

with st.container(key="head", horizontal=True, vertical_alignment="center", gap="xsmall"):
    ready = sum(
        session.standing(provider).may_be_asked and (not provider.local or provider.id in session.running_servers())
        for provider in providers.values()
    )
    st.markdown(f"**{t('Providers')}**", width="content")
    st.caption(t("{ready} of {all} ready to use", ready=ready, all=len(providers)), width="stretch")
    if engine.settings.local_servers and st.button(
        t("Find local servers"), icon=":material/search:", type="tertiary", key="look"
    ):
        with st.spinner(t("Searching")):
            session.look_around()

show_flash()
if session.keys():
    with st.container(key="pasted", horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f":material/key: {storage_note()}", width="stretch")
        st.button(t("Remove my keys"), type="tertiary", key="forget-all", on_click=forget, args=(*session.keys(),))
if lost := session.lost_keys() & providers.keys():
    st.warning(lost_key_text([providers[name] for name in sorted(lost)]), icon=":material/key_off:")

problems = [
    configured(problem)
    for problem in (*engine.settings.option_problems, *engine.keyring.problems(), *engine.catalog.problems)
]
if engine.feed and engine.feed.problem:
    problems.append(translated(engine.feed.problem, "local", None))
if problems:
    lines = "\n".join(f"- {plain(problem)}" for problem in problems)
    st.warning(lines, icon=":material/warning:", title=t("Configuration"))

strip.life_cycle()
words = st.text_input(
    t("Search providers and models"),
    key="search",
    type="search",
    live="200ms",
    placeholder=t("Search providers and models"),
    icon=":material/search:",
    label_visibility="collapsed",
)
kinds = {
    "ready": t("Ready to use"),
    "free": t("Free tier"),
    "trial": t("Trial"),
    "local": t("On this computer"),
    "retired": t("Retired"),
}
kind = st.pills(
    t("Filter"), list(kinds), format_func=lambda name: kinds[name], key="kind", label_visibility="collapsed"
)

keyed, refused = st.session_state["sorted-by"]
grouped = groups(engine, keyed, refused, words or "", kind)
for title, members in grouped:
    st.markdown(f"###### {title} :gray[{len(members)}]", anchors=False)
    with st.container(gap="xsmall"):
        for provider in members:
            card(provider)
if not grouped:
    st.caption(t("No matching provider."))
checking.follow()
trial.follow()
