"""`build`, `open_workspace` and `open_log`: the only place that chooses concrete parts, reads files and environment.

`build` opens nothing; `open_workspace` opens the database, and only then imports SQL.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import events
from .call_log import CallLog
from .engine import Engine
from .errors import Setup
from .net.google_token import GoogleTokens
from .net.retry import Policy
from .net.transport import Sending, Streaming, Timeouts
from .options import Settings, load
from .providers import addresses, catalog
from .providers.environ import Environ
from .providers.keys import Keyring, allowance
from .providers.keys.aws import AwsSecrets
from .providers.keys.sources import KeySource, KeySources
from .providers.listings import Listings
from .records import NOTHING, UNFILTERED, InputFilter
from .transports import Transports

if TYPE_CHECKING:
    from .catalog_feed import CatalogFeed
    from .log_data.database import DatabaseLog
    from .simulator.transport import Simulator
    from .workspace import Workspace

AT_ONCE = Timeouts(connect_s=0.3, answer_s=1.0)
LISTED_WITHIN_S = 15
MODELS_FILE = "models.json"
FEED_FILE = "catalog_feed.json"
DATABASE_FILE = "roundtable.db"  # as in store.opening, whose import brings SQL
LOG_PACKAGES = ("sqlalchemy", "alembic")


def build(
    settings: Settings | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    secrets: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None = None,
    folder: Path | None = None,
    policy: Policy | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    options: Mapping[str, Any] = NOTHING,
    key_sources: Sequence[KeySource | Mapping[str, str]] = (),
    screen: InputFilter = UNFILTERED,
    log: str | Path | None = None,
) -> Engine:
    """Make an engine. `folder` holds `.env` and `.streamlit/providers.toml` (default: the current one). Keys are read
    again when their files change, secrets where they are a function, and AWS in the background.

    `options` are those of `.env.example` by their names, such as `{"attempts": 5}`, and `key_sources` are asked for
    keys before the environment, strongest first: mappings, or sources such as `KeyFolder` and `AwsSecrets`. `screen`
    is done with each question before it is sent. `log` is a SQLite file in which each call is written down, made where
    it is missing; it needs the extra "log".

    Raises `Setup`, naming every fault at once, when an option is wrong.
    """
    folder = folder or Path(".")
    if settings and (options or key_sources):
        raise TypeError("options and key_sources belong to settings that are still to be read: leave settings out")
    settings = settings or load(environ, secrets, folder, options, key_sources)
    if settings.metrics_port and find_spec("prometheus_client") is None:
        raise Setup('ROUNDTABLE_METRICS_PORT needs a package: pip install ".[metrics]" in the project\'s folder')
    timeouts = _timeouts(settings)
    provider_catalog = catalog.load(settings.environ, folder)
    key_names = [name for provider in provider_catalog.providers.values() for name in provider.key_names]
    return Engine(
        settings=settings,
        catalog=provider_catalog,
        keyring=Keyring(
            _key_sources(settings),
            key_names,
            GoogleTokens(denied=addresses.denied, environ=settings.environ),
            allowance.read(settings.shared_key_models),
        ),
        transports=_transports(settings, timeouts),
        timeouts=timeouts,
        policy=policy or _policy(settings),
        clock=time.monotonic,
        listings=Listings(settings.folder / settings.data_folder / MODELS_FILE, now),
        now=now,
        feed=_feed(settings, provider_catalog, timeouts, now),
        input_filter=screen,
        log=_call_log(Path(log)) if log else None,
    )


def _call_log(path: Path) -> CallLog:
    """Raises Setup where the file cannot be used."""
    if missing := [name for name in LOG_PACKAGES if find_spec(name) is None]:
        raise Setup(
            f'The log needs {missing[0]}, which is not installed: pip install ".[log]" in the project\'s folder'
        )

    from .store import StoreError
    from .store.script_log import open_script_log

    try:
        return CallLog(open_script_log(path))
    except StoreError as error:
        raise Setup(str(error)) from None


def _key_sources(settings: Settings) -> KeySources | Environ:
    """The sources of the settings, AWS added, being watched from now on."""
    sources = settings.sources
    if sources is None:
        return settings.environ
    if names := tuple(settings.keys_aws_secrets.replace(",", " ").split()):
        sources.add(AwsSecrets(names, settings.environ, settings.keys_refresh_s))
    sources.watch()
    return sources


def open_workspace(engine: Engine, keys_of: Callable[[str], Mapping[str, str]] = lambda owner_id: NOTHING) -> Workspace:
    """The workspace over the configured database, with its background work begun. A database that must not be used is
    left alone: then everything stays in memory, and the workspace's `health` says why. `keys_of`: a person's pasted
    keys, for questions that are sent while nobody looks.
    """
    from .store import Refused
    from .store.blob_places import place_of
    from .store.opening import memory_database, open_database
    from .workspace import Workspace

    settings = engine.settings
    try:
        opened = open_database(settings.database_url, settings.folder / settings.data_folder, lease_s=settings.lease_s)
    except Refused as error:
        opened = memory_database(str(error))
    place = settings.files_place
    if place and not place.startswith("s3://"):
        place = str(settings.folder / place)
    opened.blob_place = place_of(place, settings.files_s3_endpoint, settings.environ)
    workspace = Workspace(engine, opened, keys_of)
    workspace.begin_work()
    if settings.metrics_port:
        _serve_metrics(engine, workspace, settings.metrics_host, settings.metrics_port)
    return workspace


def open_log(
    where: str | Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    secrets: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> DatabaseLog:
    """The log of the configured database, or of the one at `where`: a SQLite file, or the URL of a PostgreSQL."""
    from .log_data.database import open_database_log

    place = where
    if place is None:
        settings = load(environ, secrets, folder or Path("."))
        place = settings.database_url or settings.folder / settings.data_folder / DATABASE_FILE
    if isinstance(place, str) and "://" in place and not place.startswith("sqlite:"):
        return open_database_log(place, Path())
    return open_database_log(None, Path(str(place).removeprefix("sqlite:///")).absolute())


def _serve_metrics(engine: Engine, workspace: Workspace, host: str, port: int) -> None:
    """A port that is taken is logged, and the app goes on without figures."""
    from .metrics import Metrics
    from .workspace.gauges import readings

    providers = engine.catalog.providers
    models = [model.id for provider in providers.values() for model in provider.models]
    metrics = Metrics(list(providers), models, lambda: readings(workspace))
    try:
        metrics.serve(host, port)
    except OSError as error:
        events.log("metrics_failed", level=logging.ERROR, error=error, host=host, port=port)
        return
    engine.runner.observe = metrics.observe
    workspace.closing.append(metrics.close)


def _feed(
    settings: Settings, provider_catalog: catalog.Catalog, timeouts: Timeouts, now: Callable[[], datetime]
) -> CatalogFeed | None:
    """The operator's feed of facts. Raises Setup where its address must not be called."""
    if not settings.catalog_url:
        return None
    if says := addresses.fault(settings.catalog_url, operator=True):
        raise Setup(f"ROUNDTABLE_CATALOG_URL {says}")

    from .catalog_feed import CatalogFeed
    from .providers.feed import MOST_BYTES

    @cache
    def transport() -> Sending:
        from .net.sending import Requests

        bounds = replace(timeouts, answer_s=LISTED_WITHIN_S, answer_bytes=MOST_BYTES + 1, media_bytes=0)
        return Requests(bounds, addresses.denied, environ=settings.environ)

    return CatalogFeed(
        settings.catalog_url, provider_catalog, transport, settings.folder / settings.data_folder / FEED_FILE, now
    )


def _transports(settings: Settings, timeouts: Timeouts) -> Transports:
    closing: list[Callable[[], Awaitable[None]]] = []

    @cache
    def streaming() -> Streaming:
        from .net.streaming import Aiohttp

        transport = Aiohttp(timeouts, addresses.denied, settings.environ)
        closing.append(transport.close)
        return transport

    @cache
    def sending() -> Sending:
        from .net.sending import Requests

        return Requests(timeouts, addresses.denied, environ=settings.environ)

    @cache
    def local() -> Sending:
        from .net.sending import Requests

        return Requests(AT_ONCE, addresses.denied, environ=settings.environ)

    @cache
    def listing() -> Sending:
        from .net.sending import Requests

        within_s = min(timeouts.answer_s, LISTED_WITHIN_S)
        return Requests(replace(timeouts, answer_s=within_s), addresses.denied, environ=settings.environ)

    @cache
    def simulator() -> Simulator:
        from .simulator.transport import Simulator

        return Simulator(seed=settings.simulator_seed, speed=settings.simulator_speed)

    return Transports(streaming, sending, local, listing, simulator, closing)


def _policy(settings: Settings) -> Policy:
    return Policy(
        attempts=settings.attempts,
        longest_wait_s=settings.longest_wait_s,
        deadline_s=settings.question_deadline_s,
        first_backoff_s=settings.first_backoff_s,
        longest_backoff_s=settings.longest_backoff_s,
    )


def _timeouts(settings: Settings) -> Timeouts:
    return Timeouts(
        connect_s=settings.connect_timeout_s,
        headers_s=settings.headers_timeout_s,
        first_token_s=settings.first_token_timeout_s,
        reasoning_first_token_s=settings.reasoning_first_token_timeout_s,
        gap_s=settings.gap_timeout_s,
        answer_s=settings.answer_timeout_s,
        line_bytes=settings.max_line_bytes,
        answer_bytes=settings.max_answer_bytes,
        media_bytes=settings.max_media_bytes,
        error_bytes=settings.max_error_bytes,
    )
