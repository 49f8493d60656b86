"""Two people who own the same of everything, and every way to hand the ids of one to an act of the other.

    ana, ben = belongings(workspace, "ana"), belongings(workspace, "ben")
    for forged in variants(arguments_of_ben, ids_of(ben, ana)): ...

Both are made by the same steps, so that their ids pair up: an argument of Ben's, a conversation view say, becomes a
forged one by putting Ana's ids in the places of his, all of them or one at a time.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from types import GeneratorType
from typing import Any

from core.records import Owner
from core.store import blobs, equality_checks
from core.store.columns import metadata
from core.store.database import Database
from core.store.rows import derived
from core.views.batches import Batch, BatchPlan, PastQuestion, Rehearsal
from core.views.comparison import Comparison, Link, Opinion
from core.views.conversation import ConversationView, File, GenerationSettings, PendingQuestion, Turn
from core.views.latency import Series
from core.views.model_equality import CheckedHost, EqualityCheck
from core.views.people import Account
from core.views.prompts import LibraryPrompt
from core.workspace import Person, Workspace
from core.workspace.transfers import ExportFile
from tests.workspace.acme import until

QUICK, STEADY, SLOW = "sim/quick", "sim/steady", "sim/slow"
LATER = timedelta(hours=20)
SERIES = "series "
ID = re.compile(rf"[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|[0-9a-f]{{32}}|(ana|ben)-[\w-]+|{SERIES}\d+")
# Rows that belong to nobody: what all people use up together, and how providers and models stand.
SHARED = {
    "meters",
    "rests",
    "standings",
    "model_states",
    "feature_refusals",
    "nights",
    "faqs",
    "sign_outs",
    "failures",
    "search_backlog",
}


@dataclass(frozen=True)
class Belongings:
    """What one person owns, by what a method may be asked for it. `word` is in every text of theirs."""

    owner_id: str
    word: str
    view: ConversationView
    routed_id: str
    routed: Turn
    comparison: Comparison
    opinion: Opinion
    link: Link
    batch: Batch
    rehearsal: Batch
    past: PastQuestion
    scheduled_id: str
    scheduled_request_id: str
    move_id: str
    upload_name: str
    check_id: str
    shared_link_id: str
    line_up_id: str
    prompt_id: str
    blob: str
    series: tuple[Series, ...]

    @property
    def turn(self) -> Turn:
        return self.view.turns[-1]

    @property
    def lane(self) -> ConversationView:
        return self.comparison.lanes[0]


def word_of(owner_id: str) -> str:
    return f"quill{owner_id}quill"


def belongings(workspace: Workspace, owner_id: str) -> Belongings:
    """Let this person make some of everything that can be made."""
    person, word = workspace.of(owner_id), word_of(owner_id)
    view, routed = _chat(person, word)
    comparison, opinion, link = _comparison(person, word)
    batch, rehearsal, past = _batches(person, word)
    later = person.chats.ask(_id(person, "later"), f"{word} later", QUICK, not_before=datetime.now(UTC) + LATER)
    move = person.model_moves.move(_id(person, "move"), SLOW, STEADY)
    upload_name = derived(owner_id, "upload").replace("-", "")
    person.transfers.path_for(upload_name, 100, 0).write_text(f"{word} upload")
    person.history.load(
        b'{"format": "roundtable", "version": 1, "conversations": [{"id": "same", "title": "%(w)s", '
        b'"created_at": "2026-01-01T00:00:00+00:00", "updated_at": "2026-01-01T00:00:00+00:00", "messages": [{"id": '
        b'"same-1", "role": "user", "text": "%(w)s", "created_at": "2026-01-01T00:00:00+00:00"}]}]}'
        % {b"w": word.encode()}
    )
    hosts = [CheckedHost(QUICK, "reference", 1, 1, answers=[[word]])]
    check = EqualityCheck(derived(owner_id, "check"), word, workspace.database.now(), 1, hosts)
    equality_checks.add(workspace.database, owner_id, check)
    person.chats.wait(view.id, PendingQuestion(f"{word} waits", _id(person, "waits"), view.turns[-1].answer_id))
    person.settings.consent("may_leave", word, True)
    person.settings.keep_passcode_proof(word)
    person.settings.choose_keys({"groq": word})
    workspace.people.note(owner_id, Account("issuer", word, word, f"{word}@example.org"))
    shared, _ = person.sharing.share_chat(view, lasts=None)
    person.history.add_tags([view.id, comparison.id], [word])
    prompt_id = person.prompts.save(LibraryPrompt("", f"{word} title", f"{word} {{{{name}}}}", word, {"name": word}))
    person.line_ups.save(f"{word} four", [QUICK, STEADY])
    person.settings.favour(f"sim/{word}", True)
    person.settings.note_last_model(f"sim/{word}")
    blob = blobs.put(workspace.database, owner_id, word.encode(), "text/plain")
    until(lambda: not workspace.jobs.running())
    return Belongings(
        owner_id, word, view, routed.id, routed.turns[-1], person.comparisons.get(comparison.id), opinion, link, batch,
        rehearsal, past, later.conversation_id, _id(person, "later"), move.id, upload_name, check.id, shared.id,
        person.line_ups.all()[0].id, prompt_id, blob, tuple(person.measurements.series_of()[:1]),
    )  # fmt: skip


def _id(person: Person, name: str) -> str:
    return f"{person.owner.id}-{name}"


def _ended(person: Person, *names: str) -> None:
    until(lambda: all(person.chats.progress(_id(person, name)).completion for name in names))


def _chat(person: Person, word: str) -> tuple[ConversationView, ConversationView]:
    """A chat with a file, two versions of an answer and a second turn; and an answer of "auto" with feedback."""
    chats, settings = person.chats, GenerationSettings(system=f"{word} system")
    begun = chats.ask(
        _id(person, "q1"), f"{word} question", QUICK, generation=settings, files=[File(f"{word}.txt", f"{word} file")]
    )
    _ended(person, "q1")
    view = chats.get(begun.conversation_id)
    chats.again(_id(person, "q2"), view, view.turns[-1], STEADY)
    _ended(person, "q2")
    view = chats.get(begun.conversation_id)
    chats.ask(_id(person, "q3"), f"{word} more", QUICK, view=view, parent_id=view.leaf_id, generation=settings)
    auto = chats.ask(_id(person, "auto"), f"{word} auto", "auto")
    _ended(person, "q3", "auto")
    routed = chats.get(auto.conversation_id)
    answer = routed.turns[-1]
    assert answer.completion
    assert answer.completion.routing
    person.routing_feedback.judge(answer.answer_id, "big", answer.completion.routing)
    return chats.get(begun.conversation_id), routed


def _comparison(person: Person, word: str) -> tuple[Comparison, Opinion, Link]:
    run_id = person.comparisons.start(_id(person, "run"), f"{word} both", [QUICK, STEADY])
    _ended(person, "run-0", "run-1")
    comparison = person.comparisons.get(run_id)
    person.votes.cast(run_id, 1, 0, [(lane.id, lane.model_id) for lane in comparison.lanes], word)
    answers = [lane.turns[-1].answer_id for lane in comparison.lanes]
    person.verdicts.ask(_id(person, "verdict"), run_id, "judge", f"{word} judge", answers, SLOW)
    _ended(person, "verdict")
    links = person.verdicts.links(run_id, answers)
    return comparison, person.verdicts.opinions(links)[0], links[0]


def _batches(person: Person, word: str) -> tuple[Batch, Batch, PastQuestion]:
    """A batch, and a rehearsal of it with a vote."""
    rule = {"kind": "contains"}
    plan = BatchPlan(word, [QUICK], [(f"{word} row", word)], system=f"{word} system", rule=rule)
    batch_id = person.batches.start(_id(person, "batch"), plan)
    past = person.rehearsals.questions(QUICK, 1)[0]
    again = BatchPlan(
        f"{word} again", [STEADY], [(past.prompt, past.expected)], rehearsal=Rehearsal(QUICK, blind=True), past=[past]
    )
    rehearsal_id = person.batches.start(_id(person, "rehearsal"), again)
    until(lambda: not any(batch.carried for batch in person.batches.recent()))
    person.rehearsals.vote(person.batches.get(rehearsal_id), 1, 0, 0, word)
    return person.batches.get(batch_id), person.batches.get(rehearsal_id), past


def walk(value: Any) -> Iterator[str]:
    """Every string in a value, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Series):
        yield f"{SERIES}{value.id}"
    elif is_dataclass(value) and not isinstance(value, type):
        for entry in fields(value):
            yield from walk(getattr(value, entry.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from walk(key)
            yield from walk(item)
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from walk(item)


def ids_of(owner: Belongings, other: Belongings) -> dict[str, str]:
    """For every id of this person the one that the other has in its place."""
    pairs = zip(*([text for text in walk(things) if ID.fullmatch(text)] for things in (owner, other)), strict=True)
    ids = {own: foreign for own, foreign in pairs if own != foreign}
    assert len(ids) > 30
    return ids


def forged(value: Any, ids: Mapping[str, str]) -> Any:
    """The value with these ids put in the places of others."""
    if isinstance(value, str):
        return ids.get(value, value)
    if isinstance(value, Series):
        name = f"{SERIES}{value.id}"
        return replace(value, id=int(ids.get(name, name).removeprefix(SERIES)))
    if is_dataclass(value) and not isinstance(value, type):
        changes = {entry.name: forged(getattr(value, entry.name), ids) for entry in fields(value) if entry.init}
        return replace(value, **changes)
    if isinstance(value, Mapping):
        return {forged(key, ids): forged(item, ids) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return type(value)(forged(item, ids) for item in value)
    return value


def variants(arguments: Mapping[str, Any], ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """These arguments with all their ids replaced, then with each one alone; [] where they hold none."""
    held = list(dict.fromkeys(text for text in walk(arguments) if text in ids))
    choices = [held] if len(held) == 1 else [held, *([name] for name in held)]
    return [forged(arguments, {name: ids[name] for name in chosen}) for chosen in choices if chosen]


def everything_in(value: Any) -> str:
    """All that a result holds, as text: files and archives too. Iterators are read to their end."""
    if isinstance(value, ExportFile):
        value.done.wait(60)
        if value.error:
            raise value.error
        return everything_in(value.path.read_bytes())
    if isinstance(value, GeneratorType):
        return everything_in(list(value))
    if isinstance(value, bytes):
        if value.startswith(b"PK"):
            archive = zipfile.ZipFile(io.BytesIO(value))
            return everything_in([archive.read(name) for name in archive.namelist()])
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple):
        return "\n".join(map(everything_in, value))
    if isinstance(value, Owner):
        return value.id
    return repr(value)


def rows_of(database: Database) -> dict[str, Counter[str]]:
    """All rows of all tables of people, as they are."""
    with database.read() as connection:
        return {
            table.name: Counter(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')))
            for table in metadata.sorted_tables
            if table.name not in SHARED
        }


def changed(before: Mapping[str, Counter[str]], after: Mapping[str, Counter[str]]) -> list[str]:
    """What is not there any more as it was; more rows are none of it."""
    return [f"{name}: {row[:300]}" for name, rows in before.items() for row in rows - after[name]]


def readings(workspace: Workspace, owner: Belongings) -> list[Any]:
    """What the owner reads of all this."""
    person = workspace.of(owner.owner_id)
    return [
        person.chats.get(owner.view.id),
        person.chats.get(owner.scheduled_id),
        person.comparisons.get(owner.comparison.id),
        person.verdicts.opinions([owner.link]),
        [person.batches.get(batch.id) for batch in (owner.batch, owner.rehearsal)],
        person.scheduled.waiting(),
        person.votes.all(),
        person.history.recent(100),
        person.routing_feedback.tally(),
        person.model_moves.last(SLOW),
    ]
