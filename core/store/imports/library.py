"""What an import brings besides conversations and batches, written in one transaction at its end: prompts, line-ups,
settings, checks. What is here already stays as it is."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, func, select

from ...views.imports import LeftOut, Thing
from ...views.model_equality import hosts_as_json
from .. import equality_checks, line_ups, prompt_files, prompts, settings
from ..columns import to_us
from ..portable.library import MOST_LISTED, ArrivingLibrary, ListSetting, WordSetting
from ..rows import clean, insert_new
from ..tables import settings as settings_table
from ..words import fold

Things = Counter[Thing]


class LibraryImport:
    """`keep` writes it; `things` are new, `known` were here before."""

    def __init__(self, arrived: ArrivingLibrary, owner_id: str, now: datetime, left: LeftOut) -> None:
        self.things: Things = Counter()
        self.known: Things = Counter()
        self._arrived = arrived
        self._owner_id = owner_id
        self._now = now
        self._left = left

    def keep(self, connection: Connection) -> None:
        """Within the caller's transaction, once."""
        self._prompts(connection)
        self._line_ups(connection)
        for setting in self._arrived.settings:
            self._setting(connection, setting)
        self._checks(connection)

    def _prompts(self, connection: Connection) -> None:
        if not self._arrived.prompts:
            return
        stored_prompts = prompts.within(connection, self._owner_id)
        contents = {prompt_files.content_of(prompt) for prompt in stored_prompts}
        for prompt in self._arrived.prompts:
            if prompt_files.content_of(prompt) in contents:
                self.known["prompt"] += 1
            elif len(stored_prompts) + self.things["prompt"] >= prompts.MOST:
                self._left.add("detail", f"“{prompt.title[:40]}”: a library has at most {prompts.MOST} prompts")
            else:
                contents.add(prompt_files.content_of(prompt))
                at = self._after(self.things["prompt"])
                connection.execute(prompts.prompts.insert(), prompts.row(self._owner_id, prompt, at))
                self.things["prompt"] += 1

    def _line_ups(self, connection: Connection) -> None:
        c = line_ups.line_ups.c
        for line_up in self._arrived.line_ups:
            models = list(line_up.model_ids)
            of_name = select(c.model_ids).where(c.owner_id == self._owner_id, c.folded == fold(line_up.name))
            stored_models = connection.execute(of_name).scalar()
            number = connection.execute(select(func.count()).where(c.owner_id == self._owner_id)).scalar_one()
            if stored_models is not None and list(stored_models) == models:
                self.known["line_up"] += 1
            elif stored_models is not None:
                self._left.add("detail", f"“{line_up.name[:40]}”: another line-up has this name")
            elif number >= line_ups.MOST:
                self._left.add("detail", f"“{line_up.name[:40]}”: there are {line_ups.MOST} line-ups")
            else:
                row: dict[str, Any] = {"id": str(uuid4()), "owner_id": self._owner_id, "folded": fold(line_up.name)}
                row |= {"name": line_up.name, "model_ids": clean(models), "created_at": self._after(number)}
                self.things["line_up"] += insert_new(connection, line_ups.line_ups, [row])

    def _after(self, number: int) -> datetime:
        """The order of the file stays."""
        return self._now + timedelta(microseconds=number)

    def _setting(self, connection: Connection, setting: ListSetting | WordSetting) -> None:
        """A list gets what it lacks, in the order of the file; a choice that was made here stays."""
        c = settings_table.c
        stored: Any = connection.execute(
            select(c.value).where(c.owner_id == self._owner_id, c.key == setting.key)
        ).scalar()  # fmt: skip
        value: Any = setting.value
        if isinstance(setting, ListSetting):
            listed = [str(each) for each in stored] if isinstance(stored, list) else []
            value = list(dict.fromkeys([*listed, *setting.value]))[:MOST_LISTED]
        elif stored is not None:
            value = stored
        if not value or value == stored:
            self.known["setting"] += 1
            return
        row = {"owner_id": self._owner_id, "key": setting.key, "value": clean(value), "at_us": to_us(self._now)}
        settings.insert(connection, row)
        self.things["setting"] += 1

    def _checks(self, connection: Connection) -> None:
        for check in self._arrived.checks:
            if check.at < self._now - equality_checks.KEPT:
                self._left.add("detail", f"“{check.family[:40]}”: a check is kept for a month")
                continue
            row: dict[str, Any] = {
                "owner_id": self._owner_id,
                "id": check.id[:36],
                "family": check.family,
                "at": check.at,
            }
            row |= {"questions": check.questions, "hosts": clean(hosts_as_json(check.hosts))}
            new = insert_new(connection, equality_checks.equality_checks, [row])
            (self.things if new else self.known)["check"] += 1
