"""The strip above the table: models that end soon, are just gone, or are new this week, in one line each."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...model_life import ProviderLife
from .. import session
from ..models import rehearsal_link
from ..models.names import named
from ..text import plain, t, tn
from .life_cycle import LifeEvent, ending_soon, just_gone, new_this_week

SHOWN = 2
MOST = 60


def life_cycle(lives: Sequence[ProviderLife]) -> None:
    """A line for each of the three; nothing where nothing happens to a model that concerns the reader."""
    has_own = bool(session.engine().directory.real(session.keys()))
    with st.container(key="life-cycle", gap="xxsmall"):
        _line("ends", t("Ends soon"), ending_soon(lives), has_own, rehearse=True)
        _line("gone", t("Just gone"), just_gone(lives), has_own)
        _line("new", t("New this week"), new_this_week(lives), has_own)


def _line(key: str, title: str, events: Sequence[LifeEvent], has_own: bool, *, rehearse: bool = False) -> None:
    """The first events of the reader's own providers, of all while they have no key; the others open on a click.

    `rehearse`: each is followed by a link to try its successors.
    """
    shown = [event for event in events if event.is_own or not has_own][:SHOWN]
    if not events:
        return
    rest = [event for event in events if event not in shown]
    with st.container(key=f"life-{key}", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[**{title}**]", width="content")
        for event in shown:
            st.markdown(f":small[{_words(event)}]", width="content")
            if rehearse:
                rehearsal_link.link(event.model.id, f"strip-{event.model.id}")
        if rest:
            more = tn("+ {number} more", "+ {number} more", len(rest))
            elsewhere = tn("{number} at a provider without a key", "{number} at providers without a key", len(rest))
            with st.popover(more if shown else elsewhere, type="tertiary", key=f"more-{key}"):
                _rest(rest, rehearse=rehearse)


def _rest(events: Sequence[LifeEvent], *, rehearse: bool) -> None:
    if rehearse:
        for event in events:
            st.markdown(_words(event))
            rehearsal_link.link(event.model.id, f"strip-{event.model.id}")
        return
    st.markdown("\n".join(f"- {_words(event)}" for event in events[:MOST]))
    if len(events) > MOST:
        st.caption(tn("and {number} more", "and {number} more", len(events) - MOST))


def _words(event: LifeEvent) -> str:
    return f"{plain(event.model.name)} :gray[{named(event.provider)}] {event.text}".rstrip()
