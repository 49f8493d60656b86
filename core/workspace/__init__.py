"""What people do with conversations and comparisons. Every act is committed before anything is sent to a provider.

    sheet, comparison          what a page shows, from the database, or as last seen while it is away
    ask, again, go_on          a question, another answer to it, the rest of an answer that was cut
    compare                    one prompt to several models, each lane a conversation of its own
    look, stop                 an answer in progress, whichever process carries it

Nobody but the owner finds anything here. No screen: pages and scripts call this room alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..engine import Engine
from ..records import NOTHING
from ..store.database import Database
from ..store.latency.read import Measurements
from ..store.votes import blind as blinding
from ..views.comparison import Comparison, Round
from ..views.conversation import CONTINUE, ConversationView, File, GenerationSettings, Turn
from .chats import NO_WISHES, Chats
from .lanes import Lanes
from .routing_feedback import RoutingFeedback
from .verdicts import Verdicts
from .votes import Votes

__all__ = ["CONTINUE", "Comparison", "ConversationView", "File", "GenerationSettings", "Round", "Turn", "Workspace"]


class Workspace(Chats):
    """One for a process: conversations, and comparisons of several. Raises what `Chats` raises."""

    def __init__(self, engine: Engine, database: Database) -> None:
        super().__init__(engine, database)
        self.lanes = Lanes(self)
        self.votes = Votes(self)
        self.verdicts = Verdicts(self)
        self.routing_feedback = RoutingFeedback(self)

    def measurements(self, owner_id: str) -> Measurements:
        """How fast the owner's answers came."""
        return Measurements(self.database, owner_id)

    def compare(
        self,
        owner_id: str,
        request_id: str,
        prompt: str,
        model_ids: Sequence[str],
        *,
        generation: GenerationSettings = NO_WISHES,
        apart: Mapping[int, Mapping[str, Any]] | None = None,
        blind: bool = False,
        keys: Mapping[str, str] = NOTHING,
    ) -> str:
        """Put one prompt to several models at once; the id of the comparison, which is in the history from now on.

        `apart` is what lanes, by their place, are asked with otherwise than all. `blind` shuffles the lanes, asks all
        alike, and hides who they are until there is a vote.
        """
        if blind:
            model_ids, apart = blinding.shuffled(model_ids, request_id), None
        return self.lanes.compare(
            owner_id, request_id, prompt, model_ids, generation=generation, apart=apart, blind=blind, keys=keys
        )

    def comparison(self, owner_id: str, run_id: str) -> Comparison:
        """A comparison with what each lane has so far. NotFound for another owner's."""
        return self.lanes.comparison(owner_id, run_id)
