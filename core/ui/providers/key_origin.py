"""Keys on the Providers page: where each came from, its last four characters, and which one answers."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from ...providers.keys.shapes import Key
from ...records import OWN_KEY, Provider
from .. import session
from ..base.expander import expander
from ..models.key_texts import ending, key_name, source_name
from ..models.names import label
from ..text import plain, t


def origin(key: Key) -> str:
    """Variable, source and last four characters, as Markdown."""
    parts = [plain(key.name)] if key.name else []
    return " · ".join([*parts, plain(source_name(key.source)), *([ending(key)] if key.ending else [])])


def details(provider: Provider, key: Key) -> None:
    """Below the key: sources that hold another one, and the models for which the server's may be used."""
    keyring = session.engine().keyring
    for other in keyring.others(provider, key) if key.is_shared else ():
        st.caption(
            t("{used} is used. {other} holds another key, which is not used.", used=origin(key), other=origin(other))
        )
    allowed = keyring.allowed(provider, session.keys())
    if key.is_shared and allowed:
        st.caption(t("The server's key may be used for: {models}", models=", ".join(map(plain, allowed))))


def choice(provider: Provider) -> None:
    """Which key answers, where there are several; a person's own is never replaced by the server's unasked."""
    pasted = session.keys()
    keys = {key.name or OWN_KEY: key for key in session.engine().keyring.all_of(provider, pasted)}
    if pasted.chosen.get(provider.id) == OWN_KEY and OWN_KEY not in keys:
        keys = {OWN_KEY: Key("", OWN_KEY), **keys}
    if len(keys) < 2:
        return
    answering = session.engine().keyring.find(provider, pasted)
    name = (answering.name or OWN_KEY) if answering else OWN_KEY
    field = f"key-of-{provider.id}"
    st.session_state[field] = name
    st.radio(
        t("Key that answers"),
        list(keys),
        format_func=lambda key: f"{key_name(keys[key])} {ending(keys[key])}".strip(),
        key=field,
        on_change=_chosen,
        args=(provider.id, field),
    )


def _chosen(provider_id: str, field: str) -> None:
    session.choose_key(provider_id, st.session_state[field])


def all_keys() -> None:
    """Every key that is set, in an expander: provider, variable, source, last four characters."""
    rows = list(_rows())
    if rows:
        box = expander(t("Where the keys come from"), key="key-table")
        if box.open:
            with box:
                st.table(rows, border="horizontal")


def _rows() -> Iterator[dict[str, str]]:
    keyring, pasted = session.engine().keyring, session.keys()
    for provider in session.engine().catalog.providers.values():
        answering, usable = keyring.find(provider, pasted), keyring.all_of(provider, pasted)
        for key in [*usable, *(key for key in keyring.held(provider) if key not in usable)]:
            yield _row(provider, key, _use(key, key == answering, key in usable))
            for other in keyring.others(provider, key):
                yield _row(provider, other, t("not used: another source comes first"))


def _row(provider: Provider, key: Key, use: str) -> dict[str, str]:
    return {
        t("Provider"): plain(label(provider)),
        t("Key"): plain(key.name or ""),
        t("Source"): plain(source_name(key.source)),
        t("Ends in"): ending(key),
        t("Use"): use,
    }


def _use(key: Key, answers: bool, usable: bool) -> str:
    if key.fault:
        return t("cannot be a key")
    if answers:
        return t("answers")
    return t("can be chosen") if usable else t("not used: no model of this provider is allowed")
