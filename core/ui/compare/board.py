"""What one script run shows of a comparison: its columns from left to right and its rounds, out of the address.

Before the first question the address holds the line-up (`m`, one for each model) and perhaps a draft of the prompt
(`q`). From then on it holds the run alone, which knows everything else: an address names no model of a comparison.
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
from ..asking import drafts
from ..asking.state import GenerationValues, generation_values
from ..base.flash import flash
from ..models.line_up import FEWEST, USUAL, usual
from ..text import t
from . import blind

MOST = 8
ASK = "ask-all"
DRAFT = "q"


@dataclass(frozen=True)
class ColumnSlot:
    """One column: `number` counts from the left, `model_id` answers next in it, `lane` is None before anything was
    asked."""

    number: int
    model_id: str
    lane: ConversationView | None = None


@dataclass(frozen=True)
class Board:
    """`nonce` names this drawing: what is sent twice from it has one request id."""

    places: tuple[ColumnSlot, ...]
    run: Comparison | None
    nonce: str

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(place.model_id for place in self.places)

    @property
    def is_blind(self) -> bool:
        """Whether nothing may tell one model from another: blind before the vote, or before the lot is drawn."""
        return self.run.blind if self.run else blind.by_lot()

    @property
    def newest(self) -> Round | None:
        return self.run.rounds[-1] if self.run and self.run.rounds else None

    def turn(self, place: ColumnSlot, asked: Round | None = None) -> Turn | None:
        """What a column was asked and answered in a round, the newest if none is named; None where it was not."""
        asked = asked or self.newest
        return self.run.turn(place.lane, asked) if self.run and place.lane and asked else None

    def running(self) -> list[Turn]:
        """Of all lanes of the run, shown or not."""
        return self.run.running() if self.run else []

    def request_id(self, act: str, *about: str) -> str:
        """The same for the same act on this drawing, another one for everything else."""
        return f"{self.nonce}-{sha256(chr(0).join((act, *about)).encode('utf-8', 'replace')).hexdigest()[:16]}"


def board() -> Board:
    """Of the run in the address, else of the line-up in it, else of this session's, else four that answer at once."""
    _take_draft()
    run = _current()
    if run:
        lanes = run.lanes
        places = tuple(ColumnSlot(number, lane.model_id, lane) for number, lane in enumerate(lanes))
        _hold(blind.chosen() if run.blind else [place.model_id for place in places], run.id)
        return Board(places, run, session.new_id())
    asked = [name for name in st.query_params.get_all("m") if "/" in name and name not in AUTO][:MOST]
    known: list[str] = asked or list(st.session_state.get("line-up", {}).get("m", ()))
    for name in usual():
        if len(known) >= (FEWEST if asked else USUAL):
            break
        if name not in known:
            known.append(name)
    _hold(known, None)
    return Board(tuple(ColumnSlot(number, name) for number, name in enumerate(known)), None, session.new_id())


def generation(shown: Board) -> GenerationValues:
    """System prompt and sampling of all columns, for the next question."""
    if shown.run:
        return generation_values(shown.run.generation)
    held: GenerationValues = st.session_state.setdefault("compare-wishes", {})
    return held


def remember(models: Sequence[str], run_id: str | None) -> None:
    """Write line-up or run into the address; only after a change, so that Back does not lead here again."""
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
    """Keep line-up and run, and what of them the links that lead back here may tell."""
    st.session_state["line-up"] = {"m": list(models)} | ({"run": run_id} if run_id else {})
    told = {"run": run_id} if run_id else {} if blind.by_lot() else {"m": list(models)}
    st.session_state["line-up-link"] = told
    if "m" not in told:
        st.query_params.pop("m", None)


def _current() -> Comparison | None:
    """The run in the address, if it is this visitor's."""
    if st.query_params.pop("c", None):  # Back from a chat that was opened here leads to an address that holds the chat
        remembered = st.session_state.get("line-up", {}).get("run")
        if remembered and "run" not in st.query_params:
            st.query_params["run"] = remembered
    name = st.query_params.get("run")
    if not name:
        return None
    try:
        return session.person().comparisons.get(name)
    except NotFound:
        flash(t("That comparison was deleted or belongs to another browser. This is a new one."))
        del st.query_params["run"]
    except Unavailable:
        flash(t("That comparison cannot be loaded: the database is unavailable. Reload when it is back."), warning=True)
    return None


def _take_draft() -> None:
    """A prompt in the address, or brought along from the chat, stands in the box, not sent."""
    draft = st.session_state.pop("compare-draft", None) or st.query_params.get(DRAFT)
    if draft:
        st.query_params.pop(DRAFT, None)
        drafts.put(ASK, draft)
