"""The batch being created: the prompts in this session, parsed once per file, not in every run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import streamlit as st

from ...batch import table as tables
from ...batch import template
from ...batch.expected_fields import ExpectedFields, of_table
from ...batch.table import BadTable, Form, Table, prompts
from ...context import estimate_tokens
from ...insight.expected import Rule, fault
from ...picture_tokens import media_tokens
from ...safety.rows import RowFindings
from ...views.conversation import File, asked_with
from ...views.prompts import LibraryPrompt
from .. import session, uploads
from ..chat.state import GenerationValues

DRAFT = "batch-draft"
FILES = ("batch-files", "batch-files-read")
CHECKED = "batch-checked"


class Draft:
    """The input: a table, or why there is none. `named` and `encoding` are the options it was parsed with.

    `key` identifies the input independently of these options, so that chosen columns stay chosen.
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

    @cached_property
    def expected_fields(self) -> ExpectedFields:
        return of_table(self.table) if self.table else ExpectedFields()


def current() -> Draft | None:
    draft: Draft | None = st.session_state.get(DRAFT)
    return draft


def forget() -> None:
    for name in (DRAFT, CHECKED, *FILES):
        st.session_state.pop(name, None)


def nonce() -> str:
    """Identifies this draft, so that pressing Start twice creates one batch."""
    name: str = st.session_state.setdefault("batch-nonce", session.new_id())
    return name


def renew_nonce() -> None:
    """The next click is a new one, with the same draft."""
    st.session_state["batch-nonce"] = session.new_id()


def renew() -> None:
    if draft := current():
        uploads.free(draft.key.partition("|")[0])
    renew_nonce()
    forget()


def hold(
    key: str,
    name: str,
    read: Callable[[], bytes | str],
    form: Form,
    named: bool | None = None,
    encoding: str | None = None,
) -> Draft:
    """Parse the input, unless it is parsed already. `named`, `encoding` None: guess."""
    key = f"{key}|{form}"
    draft = current()
    if draft is None or (draft.key, draft.named, draft.encoding) != (key, named, encoding):
        if draft and draft.key == key and draft.table and named == draft.table.named and encoding == draft.encoding:
            draft.named = named  # the switch now shows the guess: nothing has changed
            return draft
        try:
            table_ = tables.read(read(), form, named=named, encoding=encoding)
            draft = Draft(key, name, table_, None, named, encoding)
        except BadTable as error:
            draft = Draft(key, name, None, error, named, encoding)
        st.session_state[DRAFT] = draft
        st.session_state.pop(CHECKED, None)
    return draft


class Checked:
    """The prompts of a draft and their total tokens; or what is wrong with one of them."""

    def __init__(
        self,
        prompts: list[tuple[str, str | None]],
        tokens: int,
        wrong: BadTable | None,
        faulty: tuple[int, str] | None,
        files: Sequence[tuple[File, ...]] = (),
    ) -> None:
        self.prompts = prompts
        self.tokens = tokens
        self.wrong = wrong
        self.faulty = faulty
        self.files = files

    @property
    def sound(self) -> bool:
        return self.wrong is None and not self.faulty

    @cached_property
    def findings(self) -> RowFindings:
        return session.person().outgoing.of_rows(
            [
                (prompt, *(text for file in files for text in (file.name, file.text)))
                for (prompt, _), files in zip(self.prompts, self.files or [()] * len(self.prompts), strict=True)
            ]
        )

    @property
    def expecting(self) -> int:
        return sum(expected is not None for _, expected in self.prompts)


def check(
    draft: Draft,
    prompt_column: str,
    expected_column: str | None,
    rule: Rule | None,
    system: str,
    prompt: LibraryPrompt | None = None,
    files: Sequence[tuple[File, ...]] = (),
) -> Checked:
    """Check every row, once per choice of columns and rule. `prompt`: of the library, which the rows fill in;
    `files`: of each row."""
    assert draft.table
    key = (draft.key, draft.named, draft.encoding, prompt_column, expected_column, rule, system, prompt, tuple(files))
    stored = st.session_state.get(CHECKED)
    if stored is None or stored[0] != key:
        stored = (key, _checked(draft.table, prompt_column, expected_column, rule, system, prompt, files))
        st.session_state[CHECKED] = stored
    checked: Checked = stored[1]
    return checked


def _checked(
    table: Table,
    prompt_column: str,
    expected_column: str | None,
    rule: Rule | None,
    system: str,
    prompt: LibraryPrompt | None,
    files: Sequence[tuple[File, ...]],
) -> Checked:
    most_chars = session.engine().settings.max_prompt_chars
    try:
        if prompt:
            prompt_rows = template.prompts(prompt, table, prompt_column, expected_column, most_chars=most_chars)
        else:
            prompt_rows = prompts(table, prompt_column, expected_column, most_chars=most_chars)
    except BadTable as error:
        return Checked([], 0, error, None)
    tokens = sum(estimate_tokens(prompt) for prompt, _ in prompt_rows) + len(prompt_rows) * estimate_tokens(system)
    tokens += sum(_tokens(file) for of_row in files for file in of_row)
    for (_, expected), line in zip(prompt_rows, table.lines, strict=True):
        code = fault(rule, expected) if rule and expected else ""
        if code:
            return Checked(prompt_rows, tokens, None, (line, code))
    return Checked(prompt_rows, tokens, None, None, files)


def _tokens(file: File) -> int:
    """About what it costs; a picture as most vendors count."""
    return media_tokens([asked_with("", [file])]) + estimate_tokens(file.text)


def generation() -> GenerationValues:
    """System prompt and sampling of the next batch in this session."""
    values: GenerationValues = st.session_state.setdefault("batch-wishes", {})
    return values


def wish(name: str, value: object) -> None:
    st.session_state["batch-wishes"] = {**generation(), name: value}


def rule_of(kind: str | None, ignore_case: bool, tolerance: float) -> Rule | None:
    """The rule from the widgets' values."""
    rule_kind: Any = kind
    return Rule(rule_kind, ignore_case, Decimal(str(tolerance))) if kind else None
