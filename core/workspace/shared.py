"""What all people of a process share: the engine, the database, and the services over them.

Pages do not use it directly: they have a `Person`, whose parts are built on it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import partial

from ..budget import Budget
from ..documents.process import DocumentReader
from ..engine import Engine
from ..input_limits import InputLimits
from ..jobs import Jobs
from ..net.recordings import Recordings
from ..providers.limits import zone_of
from ..providers.shares import read_weights
from ..providers.standing import MemoryLastCalls
from ..store import Unavailable, reindex, running
from ..store.database import Database
from ..store.quota.feature_refusals import FeatureRefusals
from ..views.comparison import Comparison
from ..views.conversation import ConversationView
from ..views.people import KeyRule
from .admission_control import DatabaseAdmissionControl
from .answer_store import DatabaseAnswerStore
from .dictations import Dictations
from .equality_runs import EqualityRunner
from .fair_shares import FairShares
from .file_loading import load_for_sending
from .housekeeping import Housekeeping, KeepingRules
from .insights import InsightReader
from .key_rules import KeyRules
from .nightly import NightlyProbe
from .paced import PacedCalls
from .people import People
from .probe import ProbeRunner
from .recent import Recent
from .reuse import Reuse
from .transfers import FileFolder
from .use_for import RecentAdvice


class Shared:
    """One per process."""

    def __init__(self, engine: Engine, database: Database) -> None:
        settings = engine.settings
        self.engine = engine
        self.database = database
        self.process = running.process_name()
        self._stopping = False
        self.closing: list[Callable[[], None]] = []  # what ends with this process
        self.document_reader = DocumentReader()  # starts nothing before the first document
        self.closing.append(self.document_reader.close)
        self.input_limits = InputLimits(
            settings.max_prompt_chars, lambda: self._stopping, settings.visitor_answers, settings.visitor_batches
        )
        admins = frozenset(settings.admins.casefold().split())
        weights = read_weights(settings.fair_share_weights) or {}
        self.fair_shares = FairShares(database, settings.fair_shares, weights, admins)
        self.budget = Budget(engine, database, self.fair_shares.sharer)
        self.reuse = Reuse(engine, database)
        usd = settings.person_usd_per_day
        options = KeyRule(
            requests=settings.person_requests_per_day,
            tokens=settings.person_tokens_per_day,
            usd=None if usd is None else Decimal(str(usd)),
        )
        engine.runner.load = partial(load_for_sending, database)
        self.key_rules = engine.preparation.personal_models = KeyRules(database, options, settings.person_day_zone)
        self.admission_control = DatabaseAdmissionControl(
            database,
            self.process,
            settings.answer_timeout_s,
            self.reuse,
            self.key_rules.meters,
            sharer=self.fair_shares.sharer,
        )
        engine.guard(self.admission_control)
        if isinstance(engine.directory.last_calls, MemoryLastCalls):
            self.admission_control.standings.adopt(engine.directory.last_calls.all())
        engine.directory.last_calls = self.admission_control.standings
        engine.directory.model_life.states = self.admission_control.model_states
        engine.directory.model_life.refusals = FeatureRefusals(database)
        files = settings.folder / settings.data_folder / "files"
        self.file_folder = FileFolder(files, settings.import_mb * 1_000_000)
        rules = KeepingRules(
            undo_s=settings.undo_minutes * 60,
            keep_days=settings.keep_days or None,
            keep_calls=settings.admin_password is not None or bool(settings.admins),
            longest_answer_s=settings.question_deadline_s,
            audit_days=settings.audit_days,
        )
        self.answer_store = DatabaseAnswerStore(database, self.process, self._look_around)
        self.recordings = Recordings(settings.inspect_kb * 1000, settings.inspect_minutes * 60)
        if settings.inspect_kb:
            engine.runner.recordings = self.recordings
        self.jobs = Jobs(engine, self.answer_store, tick_s=database.lease_s / 3)
        self.paced_calls = PacedCalls(engine, database, self.budget)
        self.prober = ProbeRunner(self.paced_calls, database, self.jobs)
        self.equality_runner = EqualityRunner(self.paced_calls, database, self.jobs)
        self.insight_reader = InsightReader(database)
        self.closing.append(self.insight_reader.close)
        self.people = People(database)
        self.nightly = NightlyProbe(
            self.paced_calls, database, self.budget, self.jobs, self.process,
            enabled=settings.nightly_probe,
            zone=zone_of(settings.nightly_probe_zone) if settings.nightly_probe_zone else None,
        )  # fmt: skip
        self.housekeeping = Housekeeping(
            database,
            self.process,
            rules,
            self.file_folder.tidy,
            self.nightly.tick,
            self.key_rules.tidy,
            self.fair_shares.drop_old,
        )
        self.seen_chats: Recent[ConversationView] = Recent()
        self.seen_comparisons: Recent[Comparison] = Recent()
        self.recent_advice = RecentAdvice()
        self.dictations = Dictations()
        self.scheduled_changed: Callable[[], None] = lambda: None
        self._stop_indexing: Callable[[], None] = lambda: None

    def _look_around(self) -> None:
        self.admission_control.look_around()
        self.housekeeping.tick()

    def begin_work(self) -> None:
        """End the answers of dead processes, and start renewing our own leases."""
        with suppress(Unavailable):  # done later by the timer, once the database is back
            running.at_start(self.database, self.process)
        self.jobs.keep_watch()
        self._stop_indexing = reindex.begin(self.database)

    def wind_up(self) -> None:
        """Take nothing new from now on; what runs goes on."""
        self._stopping = True

    def is_settled(self) -> bool:
        """Whether nothing runs any more."""
        return not self.jobs.running()

    def close(self) -> None:
        """End the answers of this process, keep what came of them, give its leases back; then close the database."""
        for close in self.closing:
            close()
        self.jobs.interrupt()
        with suppress(Unavailable):  # then others notice when the leases run out
            running.give_back(self.database, self.process)
        self._stop_indexing()
        self.engine.keyring.sources.close()
        self.housekeeping.close()
        self.database.close()
