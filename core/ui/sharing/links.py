"""One's own links that work: what each shows, until when, how often it was opened, and the button that ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from ...store import StoreError
from ...views.sharing import SharedLink
from .. import session
from ..base.flash import flash, store_errors_shown
from ..base.lazy_popover import lazy_popover
from ..base.time_zone import zone
from ..history import entries
from ..text import ago, day_and_clock, plain, t, tn

CREATED = "shared-created"  # conversation id -> (link id, address), of this tab


def popover() -> None:
    """On the History page: all links, where there are any."""
    try:
        links = session.person().sharing.links()
    except StoreError:
        return
    if links:
        lazy_popover(t("Shared links"), _all, links, icon="link", key="menu-shared")


def _all(links: Sequence[SharedLink]) -> None:
    rows(links, titled=True)
    if len(links) > 1:
        st.button(
            t("Revoke all links"), icon=":material/link_off:", key="revoke-all", width="stretch", on_click=_revoke
        )


def rows(links: Sequence[SharedLink], *, titled: bool) -> None:
    """A line and a button for each link."""
    for link in links:
        with st.container(key=f"shared-link-{link.id}", gap="xxsmall"):
            if titled:
                title = plain(link.title) or t("Untitled")
                entries.link(title, link.kind, link.conversation_id, icon=entries.icon(link.kind))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(_words(link), width="stretch")
                st.button(
                    t("Revoke"),
                    icon=":material/link_off:",
                    type="tertiary",
                    key=f"revoke-{link.id}",
                    on_click=_revoke,
                    args=(link.id,),
                )


def _words(link: SharedLink) -> str:
    parts = [
        t("made {when}", when=day_and_clock(link.created_at, zone())),
        t("until {when}", when=day_and_clock(link.expires_at, zone())) if link.expires_at else t("never expires"),
        t("with later turns") if link.follows else t("snapshot"),
    ]
    if link.with_files:
        parts.append(t("with files"))
    if link.opened_at is None:
        return " · ".join([*parts, t("not opened yet")])
    opened = tn("opened {number} time", "opened {number} times", link.opened)
    return " · ".join([*parts, t("{opened}, last {when}", opened=opened, when=ago(link.opened_at, datetime.now(UTC)))])


def _revoke(link_id: str | None = None) -> None:
    with store_errors_shown():
        session.person().sharing.revoke(link_id)
        created = st.session_state.get(CREATED, {})
        for name in [name for name, (id_, _) in created.items() if link_id in (None, id_)]:
            del created[name]
        flash(t("The links no longer open.") if link_id is None else t("The link no longer opens."))
