"""Whether a person must decide before a question is sent: on a secret, or on personal data for a model that trains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ..errors import BlockedInput
from ..records import AUTO, Owner
from ..routing.privacy import takes_personal_data
from ..safety.injection import Hint, hints_in, is_pasted
from ..safety.rows import RowFindings
from ..safety.rows import findings as rows_findings
from ..safety.screening import WARNED, Alarm, alarm, stopped
from ..store import Unavailable, tree
from ..views.comparison import Comparison
from ..views.conversation import ConversationView, Decision, File, GenerationSettings, Turn, asked_with
from .shared import Shared

UNSET = GenerationSettings()


class Outgoing:
    """What one person's questions hold, by the options `secrets`, `personal_data` and `personal_data_for`."""

    def __init__(self, shared: Shared, owner: Owner) -> None:
        self._engine = shared.engine
        self._database = shared.database
        self._owner = owner

    def takes_personal_data(self, model_id: str) -> bool:
        """Whether this model gets personal data as it is. "auto" does if all that it may choose do."""
        providers = [self._engine.catalog.providers.get(model_id.partition("/")[0])]
        if model_id in AUTO:
            providers = [choice.provider for choice in self._engine.directory.choices(self._owner.keys)]
        named = self._engine.settings.personal_data_for
        return all(takes_personal_data(provider, named) for provider in providers if provider)

    def of_chat(
        self,
        prompt: str,
        model_id: str,
        *,
        view: ConversationView | None = None,
        generation: GenerationSettings = UNSET,
        files: Sequence[File] = (),
    ) -> Alarm:
        """What the person must decide on before this is sent; false if nothing."""
        history = [message.text for message in view.messages()] if view else ()
        return self._alarm(asked_with(prompt, files).texts(), [model_id], generation, history)

    def of_comparison(
        self,
        prompt: str,
        model_ids: Sequence[str],
        *,
        comparison: Comparison | None = None,
        generation: GenerationSettings = UNSET,
        apart: Mapping[int, Mapping[str, Any]] | None = None,
        files: Sequence[File] = (),
    ) -> Alarm:
        """The same for all lanes together; `apart` are the settings in which lanes of a new comparison differ."""
        lanes = comparison.lanes if comparison else ()
        systems = [str(wishes.get("system") or "") for wishes in (apart or {}).values()]
        systems += [lane.generation.system for lane in lanes]
        history = [message.text for lane in lanes for message in lane.messages()]
        chosen = comparison.generation if comparison else generation
        return self._alarm([*asked_with(prompt, files).texts(), *dict.fromkeys(systems)], model_ids, chosen, history)

    def hints(self, turn: Turn) -> Mapping[str, tuple[Hint, ...]]:
        """Whether a pasted text ("") or a file (its name) of this question may try to instruct the model; without the
        files while they cannot be read."""
        texts = [("", turn.prompt)] if is_pasted(turn.prompt) else []
        if turn.attached:
            with suppress(Unavailable):
                stored = tree.files(self._database, self._owner.id, turn.question_id)
                texts += [(file.name, file.text) for file in stored]
        return {name: hints for name, text in texts if (hints := hints_in(text))}

    def of_rows(self, rows: Sequence[Sequence[str]]) -> RowFindings:
        """What the rows of a batch hold, each a list of texts."""
        return rows_findings(rows, self._engine.redactor(self._owner.keys).values)

    def _alarm(
        self, texts: Iterable[str], model_ids: Sequence[str], generation: GenerationSettings, history: Iterable[str]
    ) -> Alarm:
        """`history` are the conversation's texts: what was sent as it is once is not asked about again."""
        settings = self._engine.settings
        warns = settings.personal_data == "warn" and generation.personal_data != "mask"
        return alarm(
            [*texts, generation.system],
            secrets=settings.secrets == "stop",
            personal=warns and not all(map(self.takes_personal_data, model_ids)),
            values=self._engine.redactor(self._owner.keys).values,
            already=[*history, generation.system] if generation.personal_data == "send" else (),
        )

    def decided(self, alarmed: Alarm, decision: Decision, generation: GenerationSettings) -> GenerationSettings:
        """The settings with the person's decision, which holds for the conversation from now on.

        Raises BlockedInput, code `secrets` or `personal_data`, where it is missing; a secret can only be masked.
        """
        if decision == "decided":
            return generation
        if alarmed.secrets and decision != "mask":
            raise stopped()
        if not alarmed.personal:
            return generation
        if decision == "ask":
            raise BlockedInput(
                "The text contains personal data, and this model's provider may train on it: mask it, or say that it "
                "may be sent.",
                code=WARNED,
                param="prompt",
            )
        return replace(generation, personal_data=decision)
