"""The state of the Compare page in one script run: columns from left to right and rounds, read from the address.

Before the first question the address holds the models (`m`, repeated) and optionally a draft of the prompt (`q`).
After that it holds only the run, so that it names no model of a comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import streamlit as st

from ...records import AUTO
from ...store import NotFound, Unavailable
from ...views.comparison import Comparison, Round
from ...views.conversation import ConversationView, Turn
from .. import session
from ..base import lasting
from ..base.flash import flash
from ..chat import drafts
from ..chat.state import GenerationValues, generation_values
from ..models.default_selection import FEWEST, USUAL, default_selection
from ..text import t
from . import blind

MOST = 8
ASK = "ask-all"
DRAFT = "q"
LATER = "compare"  # the name of the switch that lets columns wait


@dataclass(frozen=True)
class ColumnSlot:
    """One column: `number` counts from the left, `model_id` answers next, `lane` is None before the first question."""

    number: int
    model_id: str
    lane: ConversationView | None = None


@dataclass(frozen=True)
class Board:
    """`nonce` identifies this page run: an action sent twice from it has the same request id."""

    places: tuple[ColumnSlot, ...]
    run: Comparison | None
    nonce: str

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(slot.model_id for slot in self.places)

    @property
    def is_blind(self) -> bool:
        """Whether models must not be identifiable: blind before the vote, or not picked yet."""
        return self.run.blind if self.run else blind.by_lot()

    @property
    def newest(self) -> Round | None:
        return self.run.rounds[-1] if self.run and self.run.rounds else None

    def turn(self, slot: ColumnSlot, round_: Round | None = None) -> Turn | None:
        """The column's turn in a round (None: the newest); None if it was not asked."""
        round_ = round_ or self.newest
        return self.run.turn(slot.lane, round_) if self.run and slot.lane and round_ else None

    def newest_turns(self) -> list[Turn]:
        """What the columns answer to the newest prompt."""
        return [turn for slot in self.places if (turn := self.turn(slot))]

    def running(self) -> list[Turn]:
        """The running turns of all lanes, shown or not."""
        return self.run.running() if self.run else []

    def request_id(self, act: str, *about: str) -> str:
        """The same id for the same action in this page run, a different one for any other."""
        return f"{self.nonce}-{sha256(chr(0).join((act, *about)).encode('utf-8', 'replace')).hexdigest()[:16]}"


def board() -> Board:
    """From the run or the models in the address, else the session's models, else the default selection."""
    _take_draft()
    run = _current()
    if run:
        lanes = run.lanes
        places = tuple(ColumnSlot(number, lane.model_id, lane) for number, lane in enumerate(lanes))
        _hold(blind.chosen() if run.blind else [slot.model_id for slot in places], run.id)
        return Board(places, run, session.new_id())
    requested = [name for name in st.query_params.get_all("m") if "/" in name and name not in AUTO][:MOST]
    models: list[str] = requested or list(st.session_state.get("line-up", {}).get("m", ()))
    for name in default_selection():
        if len(models) >= (FEWEST if requested else USUAL):
            break
        if name not in models:
            models.append(name)
    _hold(models, None)
    return Board(tuple(ColumnSlot(number, name) for number, name in enumerate(models)), None, session.new_id())


def generation(board: Board) -> GenerationValues:
    """System prompt and sampling of all columns, for the next question."""
    if board.run:
        return generation_values(board.run.generation)
    values: GenerationValues = st.session_state.setdefault("compare-wishes", {})
    return values


def remember(models: Sequence[str], run_id: str | None) -> None:
    """Write the models or the run into the address, only if changed, so that Back does not lead here again."""
    _hold(models, run_id)
    if run_id:
        st.query_params.pop("m", None)
        if st.query_params.get("run") != run_id:
            st.query_params["run"] = run_id
        return
    st.query_params.pop("run", None)
    if not blind.by_lot() and st.query_params.get_all("m") != list(models):
        st.query_params["m"] = list(models)


def _hold(models: Sequence[str], run_id: str | None) -> None:
    """Keep models and run in the session, and the part of them that links back to this page may contain."""
    st.session_state["line-up"] = {"m": list(models)} | ({"run": run_id} if run_id else {})
    link = {"run": run_id} if run_id else {} if blind.by_lot() else {"m": list(models)}
    st.session_state["line-up-link"] = link
    if "m" not in link:
        st.query_params.pop("m", None)


def _current() -> Comparison | None:
    """The run in the address, if it is this visitor's."""
    if st.query_params.pop("c", None):  # after Back from a chat that was opened here, the address holds that chat
        remembered = st.session_state.get("line-up", {}).get("run")
        if remembered and "run" not in st.query_params:
            st.query_params["run"] = remembered
    name = st.query_params.get("run")
    if not name:
        return None
    try:
        return session.person().comparisons.get(name)
    except NotFound:
        flash(lasting.gone(t("That comparison was deleted or belongs to another browser. This is a new one.")))
        del st.query_params["run"]
    except Unavailable:
        flash(t("That comparison cannot be loaded: the database is unavailable. Reload when it is back."), warning=True)
    return None


def _take_draft() -> None:
    """Put a prompt from the address or from the chat into the box, without sending it."""
    draft = st.session_state.pop("compare-draft", None) or st.query_params.get(DRAFT)
    if draft:
        st.query_params.pop(DRAFT, None)
        drafts.put(ASK, draft)
