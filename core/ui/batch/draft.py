"""The batch that is being made: what was handed in, as this session holds it. Read once for a file, not each click."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import streamlit as st

from ...batch import table as tables
from ...batch.table import BadTable, Form, Table, prompts
from ...context import estimate_tokens
from ...insight.expected import Rule, fault
from .. import session, uploads
from ..asking.state import GenerationValues

HELD = "batch-draft"
CHECKED = "batch-checked"


class Draft:
    """What was handed in under a name: a table, or why there is none. `named` and `encoding` are how it was read.

    `key` names what was handed in, however it is read: what a person chose of its columns stays chosen.
    """

    def __init__(
        self,
        key: str,
        name: str,
        table: Table | None,
        wrong: BadTable | None,
        named: bool | None = None,
        encoding: str | None = None,
    ) -> None:
        self.key = key
        self.named = named
        self.encoding = encoding
        self.name = name
        self.table = table
        self.wrong = wrong


def current() -> Draft | None:
    held: Draft | None = st.session_state.get(HELD)
    return held


def forget() -> None:
    for name in (HELD, CHECKED):
        st.session_state.pop(name, None)


def nonce() -> str:
    """Names this draft: Start pressed twice makes one batch."""
    name: str = st.session_state.setdefault("batch-nonce", session.new_id())
    return name


def renew() -> None:
    if held := current():
        uploads.free(held.key.partition("|")[0])
    st.session_state["batch-nonce"] = session.new_id()
    forget()


def hold(
    key: str,
    name: str,
    read: Callable[[], bytes | str],
    form: Form,
    named: bool | None = None,
    encoding: str | None = None,
) -> Draft:
    """Read what was handed in, unless it is what is held already. None: as it was guessed."""
    key = f"{key}|{form}"
    held = current()
    if held is None or (held.key, held.named, held.encoding) != (key, named, encoding):
        if held and held.key == key and held.table and named == held.table.named and encoding == held.encoding:
            held.named = named  # the person sees the guess in a switch now: nothing has changed
            return held
        try:
            found = tables.read(read(), form, named=named, encoding=encoding)
            held = Draft(key, name, found, None, named, encoding)
        except BadTable as error:
            held = Draft(key, name, None, error, named, encoding)
        st.session_state[HELD] = held
        st.session_state.pop(CHECKED, None)
    return held


class Checked:
    """The prompts of a draft, and how many tokens they are together; or what is wrong with one of them."""

    def __init__(
        self, prompts: list[tuple[str, str | None]], tokens: int, wrong: BadTable | None, faulty: tuple[int, str] | None
    ) -> None:
        self.prompts = prompts
        self.tokens = tokens
        self.wrong = wrong
        self.faulty = faulty

    @property
    def sound(self) -> bool:
        return self.wrong is None and not self.faulty

    @property
    def expecting(self) -> int:
        return sum(expected is not None for _, expected in self.prompts)


def check(draft: Draft, prompt_column: str, expected_column: str | None, rule: Rule | None, system: str) -> Checked:
    """Look at every row, once for each choice of columns and rule."""
    assert draft.table
    key = (draft.key, draft.named, draft.encoding, prompt_column, expected_column, rule, system)
    held = st.session_state.get(CHECKED)
    if held is None or held[0] != key:
        held = (key, _checked(draft.table, prompt_column, expected_column, rule, system))
        st.session_state[CHECKED] = held
    found: Checked = held[1]
    return found


def _checked(
    table: Table, prompt_column: str, expected_column: str | None, rule: Rule | None, system: str
) -> Checked:  # fmt: skip
    try:
        found = prompts(
            table, prompt_column, expected_column, most_chars=session.engine().settings.max_prompt_chars
        )  # fmt: skip
    except BadTable as error:
        return Checked([], 0, error, None)
    tokens = sum(estimate_tokens(prompt) for prompt, _ in found) + len(found) * estimate_tokens(system)
    for (_, expected), line in zip(found, table.lines, strict=True):
        code = fault(rule, expected) if rule and expected else ""
        if code:
            return Checked(found, tokens, None, (line, code))
    return Checked(found, tokens, None, None)


def generation() -> GenerationValues:
    """System prompt and sampling of the next batch of this session."""
    held: GenerationValues = st.session_state.setdefault("batch-wishes", {})
    return held


def wish(name: str, value: object) -> None:
    st.session_state["batch-wishes"] = {**generation(), name: value}


def rule_of(kind: str | None, ignore_case: bool, tolerance: float) -> Rule | None:
    """The rule that the boxes say."""
    known: Any = kind
    return Rule(known, ignore_case, Decimal(str(tolerance))) if kind else None
