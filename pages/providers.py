"""Providers: a table of all, a row opens to key, limits, privacy and models."""

import streamlit as st

from core.ui import app_state, layout, session
from core.ui.base.flash import show_flash
from core.ui.base.head import head
from core.ui.failures.own_messages import configured, translated
from core.ui.model_equality import progress
from core.ui.models.key_texts import lost_key_text
from core.ui.providers import checking, filters, key_origin, paste_box, strip, trial
from core.ui.providers.card import card, forget
from core.ui.providers.rows import rows
from core.ui.providers.table import table
from core.ui.text import plain, t

arrived = layout.open_page("providers")
if arrived:
    filters.arrive()
engine = session.engine()
providers = engine.catalog.providers
if engine.directory.real(session.keys()):
    app_state.get().open()  # how their calls ended, and what is left, is in the database

ready = sum(
    session.standing(provider).may_be_asked and (not provider.local or provider.id in session.running_servers())
    for provider in providers.values()
)
with head(t("Providers"), t("{ready} of {all} ready to use", ready=ready, all=len(providers))):
    if engine.settings.local_servers and st.button(
        t("Find local servers"), icon=":material/search:", type="tertiary", key="look"
    ):
        with st.spinner(t("Searching")):
            session.look_around()
            filters.settle_again()

    if session.keys().pasted:
        st.button(
            t("Remove my keys"),
            icon=":material/key_off:",
            type="tertiary",
            key="forget-all",
            on_click=forget,
            args=(*session.keys().pasted,),
        )

show_flash()
paste_box.box("providers")
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

lives = [session.life(provider) for provider in providers.values()]
strip.life_cycle(lives)
all_rows = rows(lives)
view = filters.controls(all_rows)
filters.remember(view, arrived=arrived)
if not progress.place(filters.opened()):
    progress.panel()
if shown := filters.shown(view, all_rows):
    table(shown, view, card, reveal=next(iter(filters.opened()), "") if arrived else "")
else:
    st.caption(t("No matching provider."))
key_origin.all_keys()
checking.follow()
trial.follow()
