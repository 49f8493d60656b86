"""What people and groups may use of the server's keys: the forms of the People page."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from ... import events
from ...views.people import KeyRule, PersonRule
from .. import session
from ..base.expander import expander
from ..base.flash import flash, store_errors_shown
from ..text import plain, t
from . import login

NEW = "new-group"
NO_MODEL = "none"


def groups_section(groups: dict[str, KeyRule], wider: KeyRule) -> None:
    """All groups, each with its rule, and a form for another one."""
    box = expander(t("Groups"), key="key-groups")
    if not box.open:
        return
    with box:
        st.caption(
            t(
                "What the people of a group may use of the server's keys. An empty field: as for everybody. What is "
                "set for a person comes first."
            )
        )
        for name, rule in groups.items():
            with st.container(border=True, key=f"group-{name}"):
                st.markdown(f"**{plain(name)}**")
                _fields(f"group-{name}", rule, wider)
                with st.container(horizontal=True):
                    st.button(t("Save"), key=f"save-group-{name}", on_click=_save_group, args=(name,))
                    st.button(
                        t("Remove"), key=f"drop-group-{name}", type="tertiary", on_click=_remove_group, args=(name,)
                    )
        with st.container(border=True, key=NEW):
            st.text_input(t("New group"), key="group-name", max_chars=80)
            _fields(NEW, KeyRule(), wider)
            st.button(t("Add group"), key="add-group", icon=":material/group_add:", on_click=_add_group)


def popover(person_id: str, rule: PersonRule, groups: dict[str, KeyRule], options: KeyRule) -> None:
    """What is set for one person."""
    is_set = rule != PersonRule()
    box = st.popover(
        plain(rule.group) or (t("Own limits") if is_set else t("Limits")),
        icon=":material/tune:",
        type="secondary" if is_set else "tertiary",
        key=f"limits-{person_id}",
        on_change="rerun",
    )
    if not box.open:
        return
    with box:
        names = ["", *groups]
        st.selectbox(
            t("Group"),
            names,
            index=names.index(rule.group) if rule.group in names else 0,
            format_func=lambda name: plain(name) or t("no group"),
            key=f"group-of-{person_id}",
        )
        _fields(person_id, rule.own, groups.get(rule.group, KeyRule()).before(options))
        st.button(t("Save"), type="primary", key=f"save-{person_id}", on_click=_save_person, args=(person_id,))


def _fields(name: str, rule: KeyRule, wider: KeyRule) -> None:
    st.text_input(
        t("Models"),
        value=_models_text(rule.models),
        placeholder=_models_text(wider.models) or t("as for everybody"),
        key=f"rule-models-{name}",
        help=t("provider/model, separated by spaces; * stands for any characters: groq/*. “none”: no model."),
    )
    with st.container(horizontal=True, gap="small"):
        labels = {"requests": t("Requests per day"), "tokens": t("Tokens per day")}
        for field, label in labels.items():
            st.number_input(
                label,
                min_value=0,
                max_value=10**12,
                value=getattr(rule, field),
                placeholder=_placeholder(getattr(wider, field)),
                key=f"rule-{field}-{name}",
            )
        st.number_input(
            t("USD per day"),
            min_value=0.0,
            max_value=1e6,
            step=0.1,
            value=None if rule.usd is None else float(rule.usd),
            placeholder=_placeholder(wider.usd),
            key=f"rule-usd-{name}",
        )


def _placeholder(amount: int | Decimal | None) -> str:
    return t("no limit") if amount is None else f"{amount:,f}" if isinstance(amount, Decimal) else f"{amount:,}"


def _models_text(models: tuple[str, ...] | None) -> str:
    return "" if models is None else " ".join(models) or NO_MODEL


def _entered(name: str) -> KeyRule | None:
    """The rule as typed; None, with a message, where a model is none."""
    text = str(st.session_state.get(f"rule-models-{name}") or "").strip()
    from ...workspace.key_rules import BadPatterns, patterns  # which brings SQL

    try:
        models = None if not text else () if text.casefold() == NO_MODEL else patterns(text)
    except BadPatterns:
        flash(
            t("Not saved: models are written as groq/* or groq/openai/gpt-oss-20b, separated by spaces."), warning=True
        )
        return None
    usd = st.session_state.get(f"rule-usd-{name}")
    return KeyRule(
        models,
        st.session_state.get(f"rule-requests-{name}"),
        st.session_state.get(f"rule-tokens-{name}"),
        None if usd is None else Decimal(str(usd)),
    )


def _save_person(person_id: str) -> None:
    rule = _entered(person_id) if login.is_logged_in() else None
    if rule is None:
        return
    with store_errors_shown():
        group = str(st.session_state.get(f"group-of-{person_id}") or "")
        session.key_rules().set_person(person_id, PersonRule(group, rule))
        _log(person_id)
        flash(t("Saved. It holds from the next question on."))


def _save_group(name: str, form: str = "") -> None:
    rule = _entered(form or f"group-{name}") if login.is_logged_in() else None
    if rule is None:
        return
    with store_errors_shown():
        session.key_rules().set_group(name, rule)
        _log("")
        flash(t("Saved. It holds from the next question on."))


def _add_group() -> None:
    name = str(st.session_state.get("group-name") or "").strip()
    if not name:
        flash(t("Not saved: the group needs a name."), warning=True)
        return
    _save_group(name, NEW)


def _remove_group(name: str) -> None:
    if not login.is_logged_in():
        return
    with store_errors_shown():
        session.key_rules().remove_group(name)
        _log("")


def _log(person_id: str) -> None:
    person = events.person(person_id) or None
    events.log("key_rule_changed", level=20, person=person, by=session.log_name())
