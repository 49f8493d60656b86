"""The popover with the library: the list, a prompt with its variables, the editor, and files.

What is chosen is put into the box of the page and not sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from ...store import StoreError
from ...views.prompts import LibraryPrompt, variables
from .. import session
from ..answer import hints
from ..base.buttons import icon_button
from ..base.flash import store_errors_shown
from ..text import plain, t
from . import built_in, editor, files

Insert = Callable[[str, str], None]
UseForRows = Callable[[LibraryPrompt], None]


@dataclass(frozen=True)
class Destination:
    """The page that a prompt goes to: `name` is unique; `insert` gets the filled text and system prompt. `for_rows`:
    each row of a batch fills in the text, and the system prompt alone is filled in here."""

    name: str
    insert: Insert
    for_rows: UseForRows | None = None

    @property
    def key(self) -> str:
        return f"prompts-{self.name}"


def popover(target: Destination) -> None:
    """The button and, while it is open, what is behind it."""
    box = st.popover(
        t("Prompts"), icon=":material/library_books:", type="tertiary", key=target.key, on_change="rerun"
    )  # fmt: skip
    if not box.open:
        return
    with box, st.container(key=f"library-{target.name}", gap="small"):
        try:
            own = session.person().prompts.all()
        except StoreError:
            st.caption(t("Your prompts cannot be loaded right now. Try again when the database is back."))
            own = []
        view, prompt_id = _view(target)
        chosen = next((prompt for prompt in [*own, *built_in.prompts()] if prompt.id == prompt_id), None)
        leave = (target, "list")
        if view == "edit" and (chosen or not prompt_id):
            editor.draw(target.name, chosen or LibraryPrompt("", "", ""), lambda: _go(*leave))
        elif view == "use" and chosen:
            _use(target, chosen)
        elif view == "files":
            files.draw(target.name, own, lambda: _go(*leave))
        else:
            _list(target, own)


def _list(target: Destination, own: list[LibraryPrompt]) -> None:
    words = st.text_input(
        t("Search prompts"),
        key=f"{target.key}-find",
        type="search",
        live="200ms",
        placeholder=t("Search prompts"),
        icon=":material/search:",
        label_visibility="collapsed",
    )
    query = (words or "").strip().casefold()
    groups = [(t("Mine"), own), (t("Built in"), list(built_in.prompts()))]
    with st.container(height=300, border=False, gap="xxsmall", key=f"{target.key}-list"):
        for heading, prompts in groups:
            matching = [each for each in prompts if query in f"{each.title}\n{each.text}\n{each.system}".casefold()]
            if matching:
                st.caption(heading)
            for prompt in matching:
                _row(target, prompt, editable=prompts is own)
    _undo(target)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            t("New prompt"), icon=":material/add:", key=f"{target.key}-new", on_click=_go, args=(target, "edit")
        )  # fmt: skip
        st.button(
            t("Import, export"),
            icon=":material/swap_vert:",
            type="tertiary",
            key=f"{target.key}-files",
            on_click=_go,
            args=(target, "files"),
        )


def _row(target: Destination, prompt: LibraryPrompt, *, editable: bool) -> None:
    key = f"{target.key}-{prompt.id}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"prompt-row-{key}"):
        st.button(
            f"**{plain(prompt.title)}**  \n:gray[:small[{plain(' '.join(prompt.text.split())[:70])}]]",
            key=f"prompt-use-{key}",
            type="tertiary",
            width="stretch",
            on_click=_go,
            args=(target, "use", prompt.id),
        )
        if editable:
            icon_button("edit", t("Edit"), f"prompt-edit-{key}", _go, target, "edit", prompt.id)
            icon_button("delete", t("Delete"), f"prompt-delete-{key}", _remove, target, prompt)


def _use(target: Destination, prompt: LibraryPrompt) -> None:
    _head(target, prompt.title)
    if prompt.from_file:
        hints.draw_text(f"prompt-{prompt.id}-{hash((prompt.text, prompt.system))}", f"{prompt.text}\n{prompt.system}")
    names = variables(prompt.system) if target.for_rows else prompt.variables
    for name in names:
        st.text_area(
            plain(name), value=prompt.defaults.get(name, ""), key=_field(target, prompt, name), height="content"
        )  # fmt: skip
    with st.expander(t("Show the prompt"), expanded=not names):
        if prompt.system:
            st.caption(t("System prompt"))
            st.text(prompt.system)
            st.caption(t("Prompt"))
        st.text(prompt.text)
    if target.for_rows and variables(prompt.text):
        columns = t(", ").join(f"**{plain(name)}**" for name in variables(prompt.text))
        st.caption(t("Columns with these names fill it in for each row: {columns}", columns=columns))
    missing = st.session_state.get(f"{target.key}-missing")
    if missing and missing[0] == prompt.id:
        st.error(t("Fill in {names} first.", names=t(", ").join(f"**{plain(name)}**" for name in missing[1])))
    st.button(
        t("Use for every row") if target.for_rows else t("Insert"),
        icon=":material/input:",
        type="primary",
        key=f"{target.key}-insert",
        on_click=_insert,
        args=(target, prompt, names),
    )


def _head(target: Destination, title: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        icon_button("arrow_back", t("All prompts"), f"{target.key}-back", _go, target, "list")
        st.markdown(f"**{plain(title)}**")


def _insert(target: Destination, prompt: LibraryPrompt, names: tuple[str, ...]) -> None:
    values = {name: str(st.session_state.get(_field(target, prompt, name)) or "") for name in names}
    missing = [name for name in prompt.unfilled(values) if name in names]
    # A default that was deleted is meant to be empty, which is no value either.
    missing += [name for name in names if not values[name].strip() and name not in missing]
    if missing:
        st.session_state[f"{target.key}-missing"] = (prompt.id, missing)
        return
    text, system = prompt.filled(values)
    if target.for_rows:
        target.for_rows(LibraryPrompt(prompt.id, prompt.title, prompt.text, system, prompt.defaults))
    else:
        target.insert(text, system)
    _go(target, "list")
    st.session_state[target.key] = False


def _remove(target: Destination, prompt: LibraryPrompt) -> None:
    with store_errors_shown():
        session.person().prompts.remove(prompt.id)
        st.session_state[f"{target.key}-deleted"] = prompt


def _undo(target: Destination) -> None:
    deleted: LibraryPrompt | None = st.session_state.get(f"{target.key}-deleted")
    if deleted:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(t("Deleted: {title}", title=f"**{plain(deleted.title)}**"), width="content")
            st.button(t("Undo"), icon=":material/undo:", key=f"{target.key}-undo", on_click=_restore, args=(target,))


def _restore(target: Destination) -> None:
    deleted: LibraryPrompt | None = st.session_state.pop(f"{target.key}-deleted", None)
    if deleted:
        with store_errors_shown():
            prompt = LibraryPrompt("", deleted.title, deleted.text, deleted.system, deleted.defaults, deleted.from_file)
            session.person().prompts.save(prompt)


def _field(target: Destination, prompt: LibraryPrompt, name: str) -> str:
    return f"{target.key}-value-{prompt.id}-{name}"


def _view(target: Destination) -> tuple[str, str]:
    view: tuple[str, str] = st.session_state.get(f"{target.key}-view", ("list", ""))
    return view


def _go(target: Destination, view: str, prompt_id: str = "") -> None:
    st.session_state[f"{target.key}-view"] = (view, prompt_id)
    st.session_state.pop(f"{target.key}-missing", None)
    if view != "list":
        st.session_state.pop(f"{target.key}-deleted", None)
