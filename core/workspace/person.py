"""A person: everything that one owner can do. Nothing in it takes an owner or a key again.

person = workspace.of(owner_id, keys)
person.chats.ask("r1", "Explain tides", "sim/quick")
person.chats.progress("r1")            another person's is NotFound, as if it did not exist
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ..batch.batches import Batches
from ..batch.carrier import BatchCarrier
from ..records import NIGHTLY, Owner
from ..store.latency.read import Measurements
from .chats import Chats
from .comparisons import Comparisons
from .documents import Documents
from .equality_runs import EqualityChecks
from .faq import Faq
from .files import Files
from .history import History
from .imported_files import ImportedFiles
from .insights import Insights
from .line_ups import LineUps
from .model_moves import ModelMoves
from .nightly import NightlyProbe
from .outgoing import Outgoing
from .probe import Probes
from .prompts import Prompts
from .quota import PersonalQuota
from .rehearsals import Rehearsals
from .routing_feedback import RoutingFeedback
from .scheduled import ScheduledQuestions
from .settings import PersonalSettings
from .shared import Shared
from .sharing import Sharing
from .transfers import Transfers
from .use_for import Recommendations
from .verdicts import Verdicts
from .voice import Voice
from .votes import Votes


@dataclass(frozen=True, eq=False)
class Person:
    """Create one for each use: it holds the keys as they were then. Its parts raise `StoreError`."""

    owner: Owner
    _shared: Shared = field(repr=False)
    _carrier: BatchCarrier = field(repr=False)

    @cached_property
    def chats(self) -> Chats:
        return Chats(self._shared, self.owner)

    @cached_property
    def comparisons(self) -> Comparisons:
        return Comparisons(self._shared, self.owner)

    @cached_property
    def files(self) -> Files:
        return Files(self._shared, self.owner)

    @cached_property
    def documents(self) -> Documents:
        return Documents(self._shared)

    @cached_property
    def scheduled(self) -> ScheduledQuestions:
        return ScheduledQuestions(self._shared, self.owner)

    @cached_property
    def batches(self) -> Batches:
        return Batches(self._carrier, self._shared.input_limits, self._shared.budget, self.owner)

    @cached_property
    def rehearsals(self) -> Rehearsals:
        return Rehearsals(self._shared, self.owner, self.batches)

    @cached_property
    def line_ups(self) -> LineUps:
        return LineUps(self._shared, self.owner)

    @cached_property
    def prompts(self) -> Prompts:
        return Prompts(self._shared, self.owner)

    @cached_property
    def model_moves(self) -> ModelMoves:
        return ModelMoves(self._shared, self.owner)

    @cached_property
    def outgoing(self) -> Outgoing:
        return Outgoing(self._shared, self.owner)

    @cached_property
    def history(self) -> History:
        return History(self._shared, self.owner)

    @cached_property
    def settings(self) -> PersonalSettings:
        return PersonalSettings(self._shared, self.owner)

    @cached_property
    def voice(self) -> Voice:
        return Voice(self._shared, self.owner)

    @cached_property
    def votes(self) -> Votes:
        return Votes(self._shared.database, self.owner)

    @cached_property
    def verdicts(self) -> Verdicts:
        return Verdicts(self._shared, self.owner)

    @cached_property
    def recommendations(self) -> Recommendations:
        """What to use for which kind of question."""
        shared = self._shared
        return Recommendations(shared.engine, shared.database, shared.budget, shared.recent_advice, self.owner)

    @cached_property
    def routing_feedback(self) -> RoutingFeedback:
        return RoutingFeedback(self._shared.database, self.owner)

    @cached_property
    def quota(self) -> PersonalQuota:
        return PersonalQuota(self._shared.budget, self._shared.database, self._shared.key_rules, self.owner)

    @cached_property
    def measurements(self) -> Measurements:
        """The latency of this person's answers."""
        return Measurements(self._shared.database, self.owner.id)

    @cached_property
    def probes(self) -> Probes:
        return Probes(self._shared.prober, self._shared.input_limits, self.owner)

    @property
    def nightly(self) -> NightlyProbe:
        """The nightly probe, which is everybody's: its price and its last night."""
        return self._shared.nightly

    @cached_property
    def nightly_measurements(self) -> Measurements:
        """The first tokens of the nightly probe, the same for all people."""
        return Measurements(self._shared.database, NIGHTLY.id)

    @cached_property
    def equality_checks(self) -> EqualityChecks:
        shared = self._shared
        return EqualityChecks(shared.equality_runner, shared.database, shared.budget, self.owner)

    @cached_property
    def transfers(self) -> Transfers:
        shared, files = self._shared, self.files
        take = ImportedFiles(files.put, shared.document_reader.read).take
        return Transfers(
            shared.file_folder, shared.database, shared.process, self.owner, files.put, take, files.most_bytes
        )

    @cached_property
    def sharing(self) -> Sharing:
        return Sharing(self._shared, self.owner)

    @cached_property
    def insights(self) -> Insights:
        return Insights(self._shared.insight_reader, self.owner)

    @cached_property
    def faq(self) -> Faq:
        return Faq(self._shared, self.owner)
