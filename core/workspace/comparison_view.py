"""A stored comparison as pages read it."""

from __future__ import annotations

from collections.abc import Callable

from ..store import tree
from ..store.rounds import whole
from ..store.votes import blind as blinding
from ..views.comparison import Comparison, Round
from ..views.conversation import ConversationView, GenerationSettings
from .branches import turns_of


def comparison_of(stored: whole.StoredComparison, live: Callable[[ConversationView], ConversationView]) -> Comparison:
    """The comparison; `live` brings each lane up to what this process knows of it."""
    generation = GenerationSettings.of(stored.system, stored.settings or stored.options)
    views = {lane.conversation_id: live(_view_of(lane, generation)) for lane in stored.lanes}
    return Comparison(
        id=stored.id,
        title=stored.title,
        prompt=str(stored.options.get("prompt", "")) or (stored.rounds[0].prompt if stored.rounds else ""),
        generation=generation,
        lanes=tuple(views[lane.conversation_id] for lane in stored.lanes if lane.removed_at is None),
        rounds=tuple(
            Round(round_.number, round_.prompt, round_.questions, round_.follows, round_.created_at)
            for round_ in stored.rounds
        ),
        removed=tuple(views[lane.conversation_id] for lane in stored.lanes if lane.removed_at is not None),
        apart={lane.conversation_id: lane.wishes for lane in stored.lanes if lane.wishes},
        pinned=stored.pinned,
        blind=blinding.hides(stored.options),
    )


def _view_of(lane: whole.StoredLane, generation: GenerationSettings) -> ConversationView:
    lane_branch = tree.Branch(lane.conversation_id, lane.turns, 0, None, lane.version)
    return ConversationView(
        id=lane.conversation_id,
        title=lane.title,
        model_id=lane.model_id,
        generation=generation.with_apart(lane.wishes),
        turns=turns_of(lane_branch),
        version=lane.version,
        lane=True,
    )
