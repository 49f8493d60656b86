"""Who uses this server, and how much: for administrators. Nothing here shows what anybody wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import streamlit as st

from ...records import Window
from ...views.people import PersonRule, PersonUsage, Role
from .. import session
from ..base.flash import store_errors_shown
from ..base.time_zone import zone
from ..quota.day import left
from ..sign_in import access
from ..text import date_of, plain, t, tn, whole
from . import key_rules, login

WITHIN = timedelta(days=30)
SHOWN = 50


def names() -> dict[str, str]:
    """The names of people by their ids, as Markdown."""
    return {person.id: _name(person) for person in session.people().everybody(WITHIN)}


def listing() -> None:
    """People with accounts, and visitors, most requests first."""
    everyone = session.people().everybody(WITHIN)
    rules = session.key_rules()
    groups, decided = rules.groups(), rules.everybody()
    key_rules.groups_section(groups, rules.options)
    words = ""
    if len(everyone) > 10:
        words = st.text_input(t("Find"), key="people-find", placeholder=t("Name or mail"), label_visibility="collapsed")
    matches = [person for person in everyone if (words or "").casefold() in _search_text(person)]
    shown = matches[: st.session_state.get("people-shown", SHOWN)]
    st.caption(tn("{shown} of {number} person", "{shown} of {number} people", len(everyone), shown=len(shown)))
    days = rules.days(person.id for person in shown)
    for person in shown:
        limits = partial(key_rules.popover, person.id, decided.get(person.id, PersonRule()), groups, rules.options)
        _row(person, days[person.id], limits)
    if len(shown) < len(matches):
        st.button(t("Show more"), key="people-more", on_click=_more)


def _search_text(person: PersonUsage) -> str:
    account = person.account
    return f"{account.name} {account.email}".casefold() if account else person.id


def _row(person: PersonUsage, day: Sequence[Window], limits: Callable[[], None]) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", border=True, key=f"person-{person.id}"
    ):
        st.markdown(_name(person), width="stretch")
        st.caption(" · ".join((_usage(person), *_today(day))), width="content")
        limits()
        if person.account and not access.is_own(person.id):
            _role(person)


def _name(person: PersonUsage) -> str:
    if person.account is None:
        return t("Visitor {id}", id=f"`{person.id[:8]}`")
    badge = {"admin": f" :blue-badge[{t('administrator')}]", "blocked": f" :red-badge[{t('blocked')}]"}
    email = f"  \n:small[{plain(person.account.email)}]" if person.account.email else ""
    return f"**{plain(person.account.name)}**{badge.get(person.role, '')}{email}"


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


def _today(day: Sequence[Window]) -> list[str]:
    """What is left of the person's day with the server's keys."""
    return [t("today: {left}", left=t(", ").join(map(left, day)))] if day else []


def _role(person: PersonUsage) -> None:
    roles: dict[Role, str] = {"": t("Member"), "admin": t("Administrator"), "blocked": t("Blocked")}
    st.selectbox(
        t("Role"),
        list(roles),
        index=list(roles).index(person.role),
        format_func=lambda role: roles[role],
        key=f"role-{person.id}",
        label_visibility="collapsed",
        width=170,
        on_change=_change_role,
        args=(person.id,),
    )


def _change_role(person_id: str) -> None:
    if not login.is_logged_in():
        return
    with store_errors_shown():
        session.people().set_role(person_id, st.session_state[f"role-{person_id}"])
        access.roles_changed()


def _more() -> None:
    st.session_state["people-shown"] = st.session_state.get("people-shown", SHOWN) + SHOWN
