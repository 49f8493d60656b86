"""What one script run shows of a chat, and what a tab remembers beside the database: nothing that must not be lost.

A `Chat` is a plain value made anew in every run. Its `nonce` names the drawing: what is sent twice from one drawing (a
double click, Enter twice) has one request id, so it is asked once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.errors import BlockedInput
from core.safety.incoming import MOST_FILES, MOST_NAME_CHARS
from core.store import NotFound, StoreError
from core.ui import here, runtime
from core.ui.text import plain, t

if TYPE_CHECKING:
    from core.desk import Sheet, Turn, Wishes
    from core.desk.archive import Waiting

Wished = Mapping[str, Any]


@dataclass(frozen=True)
class Chat:
    """`sheet` is None until something was asked; `wishes` are the system prompt and what is set of the sampling.

    `editing`: the last question is reworked. `marked`: the message that the address leads to. `behind`: another tab
    went on along another branch.
    """

    sheet: Sheet | None
    model_id: str
    wishes: Wished
    waiting: Waiting | None = None
    editing: Turn | None = None
    marked: str | None = None
    behind: bool = False
    nonce: str = field(default_factory=runtime.new_id)

    @property
    def name(self) -> str:
        """For the names of widgets."""
        return self.sheet.id if self.sheet else "draft"

    @property
    def turns(self) -> tuple[Turn, ...]:
        return self.sheet.turns if self.sheet else ()

    def running(self) -> Turn | None:
        return self.sheet.running() if self.sheet else None

    def request_id(self, act: str, *about: str) -> str:
        """The same for the same act on this drawing, another one for everything else."""
        return f"{self.nonce}-{sha256(chr(0).join((act, *about)).encode('utf-8', 'replace')).hexdigest()[:16]}"


def wished(wishes: Wishes) -> Wished:
    """As plain values, which need no database to be imported."""
    return {"system": wishes.system, **wishes.sampling()}


def any_wish(wishes: Wished) -> bool:
    return any(str(value).strip() for value in wishes.values() if value is not None)


def say(sentence: str, *, warning: bool = False) -> None:
    """One sentence for the top of the next drawing."""
    st.session_state["said"] = (sentence, warning)


@contextmanager
def told() -> Iterator[None]:
    """Say in a sentence that an act could not be done, and go on."""
    try:
        yield
    except BlockedInput as error:
        say(blocked(error), warning=True)
    except NotFound:
        say(t("It is not there any more."))
    except StoreError:
        say(t("That cannot be saved now. Try again when the database is back."), warning=True)


def blocked(error: BlockedInput) -> str:
    """Why something that a person handed in was not taken, and what to do."""
    if error.code == "empty":
        return t("There is nothing to send: write a question.")
    if error.code == "too_many":
        return t("At most {number} files go with one question.", number=MOST_FILES)
    what = {
        "prompt": t("Your text"),
        "files": t("Your text with its files"),
        "system": t("The system prompt"),
        "model": t("The name of the model"),
        "row": t("Row {row}", row=error.param[4:] if error.param else ""),
    }.get((error.param or "").partition(" ")[0], plain(error.param or ""))
    most = MOST_NAME_CHARS if error.param == "model" else here.engine().settings.max_prompt_chars
    return t(
        "{what} is too long: shorten it to {most} characters. Nothing was sent or kept.", what=what, most=f"{most:,}"
    )


def said() -> None:
    """Draw what was said, once."""
    sentence, warning = st.session_state.pop("said", ("", False))
    if sentence:
        (st.warning if warning else st.info)(sentence, icon=":material/warning:" if warning else ":material/info:")


def leaves(conversation_id: str) -> list[str]:
    """The answers that this tab has shown as the last one of a conversation, the newest last."""
    known: dict[str, list[str]] = st.session_state.setdefault("leaves", {})
    return known.setdefault(conversation_id, [])


def note_leaf(conversation_id: str, answer_id: str | None) -> None:
    known = leaves(conversation_id)
    if answer_id and (not known or known[-1] != answer_id):
        known.append(answer_id)
        del known[:-50]
