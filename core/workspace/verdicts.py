"""Ask one model about the answers of a comparison: to score them, or to fuse them into one.

The link between comparison and verdict is committed first, then the question goes the way of every other
(`Chats.ask`): committed, let through by admission control, counted, followed by `progress` and ended by `stop`. Nobody
stands in for the model.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from ..records import Owner
from ..routing.privacy import is_private, may_reach
from ..store import NotFound
from ..store.verdicts import kept
from ..views.comparison import Kind, Link, Opinion
from ..views.conversation import ConversationView
from .chats import Chats
from .settings import PersonalSettings
from .shared import Shared


class Verdicts:
    """What a person had models say about the answers of their comparisons."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._shared = shared
        self._database = shared.database
        self._owner_id = owner.id
        self._chats = Chats(shared, owner)
        self._settings = PersonalSettings(shared, owner)

    def ask(
        self,
        request_id: str,
        run_id: str,
        kind: Kind,
        prompt: str,
        answers: Sequence[str],
        model_id: str,
    ) -> str:
        """Put `prompt`, which shows the answers as A, B, C, to a model, once for a request id; the conversation's id.

        NotFound for another owner's comparison, Unavailable while the database is away: then nothing was sent.
        """
        prompt = self._shared.entry.prompt(prompt)
        verdict_id = kept.create(self._database, self._owner_id, request_id, run_id, kind, model_id, answers)
        self._chats.ask(
            request_id,
            prompt,
            model_id,
            view=ConversationView(verdict_id, model_id=model_id, lane=True),
        )
        return verdict_id

    def may_read(self, model_id: str, writers: Sequence[str]) -> bool:
        """Whether answers of these models may go to another one unasked: what an own or local provider wrote stays."""
        providers = self._shared.engine.catalog.providers
        reader, *sources = (providers.get(name.partition("/")[0]) for name in (model_id, *writers))
        private = [source for source in sources if source and is_private(source)]
        if reader is None or not private:
            return not private
        return may_reach(private, reader, self._settings.consents("may_leave"))

    def links(self, run_id: str, about: Sequence[str]) -> list[Link]:
        """Who was asked about these answers (message ids), the newest first; what is about others too is left out."""
        shown = set(about)
        return [link for link in kept.of_run(self._database, self._owner_id, run_id) if set(link.answers) <= shown]

    def opinions(self, asked: Sequence[Link]) -> list[Opinion]:
        """What they have said so far."""
        return [
            Opinion(
                link.kind,
                link.model_id,
                link.answers,
                _lane(self._chats.get(link.conversation_id)),
            )
            for link in asked
        ]

    def fork(self, opinion: Opinion, question: str) -> str:
        """A chat that goes on from what was said, as an answer to `question`; the same one when it is opened again."""
        turn = opinion.turn
        if turn is None:
            raise NotFound("There is no answer to go on from.")
        return kept.fork(self._database, self._owner_id, opinion.view.id, turn.answer_id, question)


def _lane(view: ConversationView) -> ConversationView:
    return dataclasses.replace(view, lane=True)
