"""Judge and merge: ask one model to score the answers of a comparison, or to merge them into one.

The link between comparison and verdict is committed first; then the question is handled like any other (`Chats.ask`),
but without fallback.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from ..records import Owner
from ..routing.privacy import is_private, may_reach
from ..store import NotFound, verdicts
from ..views.comparison import Kind, Link, Opinion
from ..views.conversation import ConversationView
from .chats import Chats
from .settings import PersonalSettings
from .shared import Shared


class Verdicts:
    """A person's judgements and merges."""

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
        """Send `prompt`, which labels the answers A, B, C, to a model, once per request id; returns the conversation's
        id. NotFound for another owner's comparison; Unavailable while the database is, and then nothing is sent.
        """
        prompt = self._shared.input_limits.prompt(prompt)
        self._chats.admit(request_id)
        verdict_id = verdicts.create(self._database, self._owner_id, request_id, run_id, kind, model_id, answers)
        self._chats.ask(
            request_id,
            prompt,
            model_id,
            view=ConversationView(verdict_id, model_id=model_id, lane=True),
        )
        return verdict_id

    def may_read(self, model_id: str, writers: Sequence[str]) -> bool:
        """Whether this model may be sent answers of these models without asking: not those of an own or local
        provider."""
        providers = self._shared.engine.catalog.providers
        reader, *sources = (providers.get(name.partition("/")[0]) for name in (model_id, *writers))
        private = [source for source in sources if source and is_private(source)]
        if reader is None or not private:
            return not private
        return may_reach(private, reader, self._settings.consents("may_leave"))

    def links(self, run_id: str, about: Sequence[str]) -> list[Link]:
        """Judgements and merges of only these answers (message ids), newest first."""
        shown = set(about)
        return [link for link in verdicts.of_run(self._database, self._owner_id, run_id) if set(link.answers) <= shown]

    def opinions(self, links: Sequence[Link]) -> list[Opinion]:
        """The opinions so far."""
        return [
            Opinion(
                link.kind,
                link.model_id,
                link.answers,
                _lane(self._chats.get(link.conversation_id)),
            )
            for link in links
        ]

    def fork(self, opinion: Opinion, question: str) -> str:
        """A chat that continues from the opinion, as an answer to `question`; the same one each time."""
        turn = opinion.turn
        if turn is None:
            raise NotFound("There is no answer to go on from.")
        return verdicts.fork(self._database, self._owner_id, opinion.view.id, turn.answer_id, question)


def _lane(view: ConversationView) -> ConversationView:
    return dataclasses.replace(view, lane=True)
