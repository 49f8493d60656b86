"""Who uses this server, and how much: for administrators. Nothing here shows what anybody wrote."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from ...views.people import PersonUsage, Role
from .. import session
from ..base.flash import store_errors_shown
from ..base.time_zone import zone
from ..sign_in import access, identity
from ..text import date_of, plain, t, tn, whole
from . import login

WITHIN = timedelta(days=30)
SHOWN = 50


def listing() -> None:
    """People with accounts, and visitors, most requests first."""
    everyone = session.people().everybody(WITHIN)
    words = ""
    if len(everyone) > 10:
        words = st.text_input(t("Find"), key="people-find", placeholder=t("Name or mail"), label_visibility="collapsed")
    matches = [person for person in everyone if (words or "").casefold() in _search_text(person)]
    shown = matches[: st.session_state.get("people-shown", SHOWN)]
    st.caption(tn("{shown} of {number} person", "{shown} of {number} people", len(everyone), shown=len(shown)))
    for person in shown:
        _row(person)
    if len(shown) < len(matches):
        st.button(t("Show more"), key="people-more", on_click=_more)


def _search_text(person: PersonUsage) -> str:
    profile = person.profile
    return f"{profile.name} {profile.email}".casefold() if profile else person.owner_id


def _row(person: PersonUsage) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", border=True, key=f"person-{person.owner_id}"
    ):
        st.markdown(_who(person), width="stretch")
        st.caption(_usage(person), width="content")
        if person.profile and person.owner_id != _own_id():
            _role(person)


def _who(person: PersonUsage) -> str:
    if person.profile is None:
        return t("Visitor {id}", id=f"`{person.owner_id[:8]}`")
    badge = {"admin": f" :blue-badge[{t('administrator')}]", "blocked": f" :red-badge[{t('blocked')}]"}
    email = f"  \n:small[{plain(person.profile.email)}]" if person.profile.email else ""
    return f"**{plain(person.profile.name)}**{badge.get(person.role, '')}{email}"


def _usage(person: PersonUsage) -> str:
    parts = [
        tn("{number} request", "{number} requests", person.requests),
        t("{number} tokens", number=whole(person.tokens)),
    ]
    if person.failures:
        parts.append(t("{number} failed", number=whole(person.failures)))
    if person.last_at:
        parts.append(t("last here {day}", day=date_of(person.last_at.astimezone(zone()).date())))
    return " · ".join(parts)


def _role(person: PersonUsage) -> None:
    roles: dict[Role, str] = {"": t("Member"), "admin": t("Administrator"), "blocked": t("Blocked")}
    st.selectbox(
        t("Role"),
        list(roles),
        index=list(roles).index(person.role),
        format_func=lambda role: roles[role],
        key=f"role-{person.owner_id}",
        label_visibility="collapsed",
        width=170,
        on_change=_change_role,
        args=(person.owner_id,),
    )


def _own_id() -> str:
    person = identity.of_session() if access.mode() == "oidc" else None
    return person.owner_id if person else ""


def _change_role(owner_id: str) -> None:
    if not login.is_logged_in():
        return
    with store_errors_shown():
        session.people().set_role(owner_id, st.session_state[f"role-{owner_id}"])
        access.roles_changed()


def _more() -> None:
    st.session_state["people-shown"] = st.session_state.get("people-shown", SHOWN) + SHOWN
