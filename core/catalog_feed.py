"""The operator's feed of facts (ROUNDTABLE_CATALOG_URL): asked for once a day, checked, applied, and kept.

A feed that cannot be fetched or read changes nothing: the last good one holds. It is fetched without any key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from .errors import BadReply, LLMError
from .net.transport import Sending
from .providers import feed
from .providers.catalog import Catalog
from .records import NOTHING, HttpRequest

EVERY = timedelta(days=1)
FAILED_FOR = timedelta(hours=1)
log = logging.getLogger("roundtable.providers")


class CatalogFeed:
    """One per engine; `refresh` is for one background thread. `problem`: why the last fetch changed nothing, or ""."""

    def __init__(
        self, url: str, catalog: Catalog, transport: Callable[[], Sending], path: Path, now: Callable[[], datetime]
    ) -> None:
        self._url = url
        self._catalog = catalog
        self._shipped = dict(catalog.providers)
        self._transport = transport
        self._path = path
        self._now = now
        self._kept = feed.Kept.load(path)
        self._failed_at: datetime | None = None
        self.problem = ""
        if self._kept:
            try:
                self._apply(self._kept.text)
            except LLMError:  # written by a later version, or by somebody else
                self._kept = None

    @property
    def added(self) -> Mapping[str, datetime]:
        """The models that only the feed has, by "provider/name", and since when it has them."""
        return self._kept.since if self._kept else NOTHING

    def refresh(self) -> None:
        """Fetch and apply the feed, at most once a day; an hour after a failure."""
        if self._is_settled():
            return
        try:
            self._fetch()
            self.problem, self._failed_at = "", None
        except LLMError as error:
            log.warning("the catalogue feed was not taken: %s", error.message)
            self.problem, self._failed_at = error.message, self._now()

    def _is_settled(self) -> bool:
        fresh = self._kept is not None and self._now() - self._kept.at < EVERY
        return fresh or (self._failed_at is not None and self._now() - self._failed_at < FAILED_FOR)

    def _fetch(self) -> None:
        headers = {"if-none-match": self._kept.etag} if self._kept and self._kept.etag else {}
        head, body = self._transport().send(HttpRequest("GET", self._url, headers, None, "json"))
        if head.status == 304 and self._kept:
            self._keep(replace(self._kept, at=self._now()))
            return
        if head.status != 200:
            raise BadReply(f"The catalogue feed answered with HTTP {head.status}.")
        if len(body) > feed.MOST_BYTES:
            raise BadReply("The catalogue feed is too large.")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            raise BadReply("The catalogue feed is not UTF-8.") from None
        self._apply(text)
        since = {model_id: self.added.get(model_id, self._now()) for model_id in self._added_now()}
        self._keep(feed.Kept(text, head.headers.get("etag", "")[:200], self._now(), since))

    def _added_now(self) -> Iterator[str]:
        for provider_id, shipped in self._shipped.items():
            shipped_ids = {model.id for model in shipped.models}
            models = self._catalog.providers[provider_id].models
            yield from (model.id for model in models if model.id not in shipped_ids)

    def _keep(self, latest: feed.Kept) -> None:
        self._kept = latest
        latest.save(self._path)

    def _apply(self, text: str) -> None:
        """Put the facts over the shipped ones, so that a fact which left the feed is the shipped one again."""
        tables = feed.read(text)
        for provider_id, shipped in self._shipped.items():
            table = tables.get(provider_id)
            touched = table is not None and feed.may_change(shipped) and provider_id not in self._catalog.of_operator
            self._catalog.providers[provider_id] = feed.applied(shipped, table) if table and touched else shipped
