"""Ask one model about the answers of a comparison: to score them, or to fuse them into one.

The link between comparison and verdict is committed first, then the question goes the way of every other
(`Workspace.ask`): committed, let through by admission control, counted, followed by `look` and ended by `stop`. Nobody
stands in for the model.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from ..records import NOTHING
from ..routing.privacy import is_private, may_reach
from ..store import NotFound
from ..store.verdicts import kept
from ..views.comparison import Kind, Link, Opinion
from ..views.conversation import ConversationView
from .chats import Chats


class Verdicts:
    """What models were asked about the answers of comparisons."""

    def __init__(self, workspace: Chats) -> None:
        self._workspace = workspace

    def ask(
        self,
        owner_id: str,
        request_id: str,
        run_id: str,
        kind: Kind,
        prompt: str,
        answers: Sequence[str],
        model_id: str,
        keys: Mapping[str, str] = NOTHING,
    ) -> str:
        """Put `prompt`, which shows the answers as A, B, C, to a model, once for a request id; the conversation's id.

        NotFound for another owner's comparison, Unavailable while the database is away: then nothing was sent.
        """
        prompt = self._workspace.entry.prompt(prompt)
        verdict_id = kept.create(self._workspace.database, owner_id, request_id, run_id, kind, model_id, answers)
        self._workspace.ask(
            owner_id,
            request_id,
            prompt,
            model_id,
            view=ConversationView(verdict_id, model_id=model_id, lane=True),
            keys=keys,
        )
        return verdict_id

    def may_read(self, owner_id: str, model_id: str, writers: Sequence[str]) -> bool:
        """Whether answers of these models may go to another one unasked: what an own or local provider wrote stays."""
        providers = self._workspace.engine.catalog.providers
        reader, *sources = (providers.get(name.partition("/")[0]) for name in (model_id, *writers))
        private = [source for source in sources if source and is_private(source)]
        if reader is None or not private:
            return not private
        return may_reach(private, reader, self._workspace.consents.given(owner_id, "may_leave"))

    def links(self, owner_id: str, run_id: str, about: Sequence[str]) -> list[Link]:
        """Who was asked about these answers (message ids), the newest first; what is about others too is left out."""
        shown = set(about)
        return [link for link in kept.of_run(self._workspace.database, owner_id, run_id) if set(link.answers) <= shown]

    def opinions(self, owner_id: str, asked: Sequence[Link]) -> list[Opinion]:
        """What they have said so far."""
        return [
            Opinion(
                link.kind,
                link.model_id,
                link.answers,
                _lane(self._workspace.conversation(owner_id, link.conversation_id)),
            )
            for link in asked
        ]

    def fork(self, owner_id: str, opinion: Opinion, question: str) -> str:
        """A chat that goes on from what was said, as an answer to `question`; the same one when it is opened again."""
        turn = opinion.turn
        if turn is None:
            raise NotFound("There is no answer to go on from.")
        return kept.fork(self._workspace.database, owner_id, opinion.view.id, turn.answer_id, question)


def _lane(view: ConversationView) -> ConversationView:
    return dataclasses.replace(view, lane=True)
