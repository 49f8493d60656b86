"""The desk's doors: what cannot be sent is refused in one sentence, and nothing of it is kept, wherever it comes in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select

from core.assemble import build
from core.batch.batches import Batches
from core.config import load
from core.desk import Desk
from core.desk.archive import Archive
from core.desk.probe import Probes
from core.errors import BlockedInput
from core.store.opening import open_database
from core.store.tables import metadata
from core.views.batches import Plan
from core.views.comparison import Comparison
from core.views.conversation import File, Waiting, Wishes
from tests.desk.acme import ME, ended, opened, until

HUGE = "x" * 10_000_000
MODEL = "sim/quick"
PAIR = [MODEL, "sim/quick"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    settings = load(environ={"ROUNDTABLE_SIMULATOR_SPEED": "1000"}, secrets={}, folder=tmp_path)
    made = opened(Desk(build(settings, folder=tmp_path), open_database(None, tmp_path / "data")))
    made.ask(ME, "before", "Before", MODEL)
    ended(made, "before")
    made.compare(ME, "run", "Which?", PAIR)
    for place in range(2):
        ended(made, f"run-{place}")
    return made


def kept(desk: Desk) -> dict[str, int]:
    """Rows by table, and what waits in the spool."""
    with desk.database.read() as connection:
        names = set(inspect(connection).get_table_names())
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name in names
        }
    return {**counts, "spooled": desk.database.health().waiting}


Act = Callable[[Desk, str], object]


def files(desk: Desk, text: str) -> object:
    return desk.ask(ME, "new", "Read this", MODEL, files=[File("a.txt", text)])


def many_files(desk: Desk, text: str) -> object:
    return desk.ask(ME, "new", "Read these", MODEL, files=[File(f"{n}.txt", "x") for n in range(11)])


def file_name(desk: Desk, text: str) -> object:
    return desk.ask(ME, "new", "Read this", MODEL, files=[File(text, "x")])


def files_and_text(desk: Desk, text: str) -> object:
    """Each is short enough, together they are not."""
    return desk.ask(ME, "new", text[:150_000], MODEL, files=[File("a.txt", text[:100_000])])


def go_on(desk: Desk, text: str) -> object:
    return desk.lanes.go_on(ME, "new", shown(desk), text)


def wait(desk: Desk, text: str) -> object:
    return archive(desk).wait(ME, chat(desk), Waiting(text, "new", "parent"))


def wait_with_file(desk: Desk, text: str) -> object:
    return archive(desk).wait(ME, chat(desk), Waiting("Read", "new", "parent", (("a.txt", text),)))


def batch(desk: Desk, text: str) -> object:
    return Batches(desk).start(ME, "new", Plan("Name", [MODEL], [("One", None), (text, None)]))


def batch_expected(desk: Desk, text: str) -> object:
    return Batches(desk).start(ME, "new", Plan("Name", [MODEL], [("One", text)]))


def batch_system(desk: Desk, text: str) -> object:
    return Batches(desk).start(ME, "new", Plan("Name", [MODEL], [("One", None)], system=text))


def judge(desk: Desk, text: str) -> object:
    return desk.verdicts.ask(ME, "new", shown(desk).id, "judge", text, ["a", "b"], MODEL)


def probe(desk: Desk, text: str) -> object:
    return Probes(desk.engine, desk.database, desk.budget, desk.jobs).start(ME, [MODEL], 1, text)


def chat(desk: Desk) -> str:
    return archive(desk).recent(ME, 10).entries[-1].id


def archive(desk: Desk) -> Archive:
    return Archive(desk.database, desk.entry)


def shown(desk: Desk) -> Comparison:
    run = next(entry for entry in archive(desk).recent(ME, 10).entries if entry.kind == "comparison")
    return desk.comparison(ME, run.id)


QUESTIONS: list[Act] = [
    lambda desk, text: desk.ask(ME, "new", text, MODEL),
    lambda desk, text: desk.ask(ME, "new", text, MODEL, sheet=desk.sheet(ME, chat(desk))),
    lambda desk, text: desk.compare(ME, "new", text, PAIR),
    go_on,
    wait,
    batch,
    judge,
    probe,
]
OTHERS: list[Act] = [
    files,
    many_files,
    file_name,
    files_and_text,
    wait_with_file,
    batch_expected,
    batch_system,
    lambda desk, text: desk.ask(ME, "new", "Hi", MODEL, wishes=Wishes(system=text)),
    lambda desk, text: desk.ask(ME, "new", "Hi", f"sim/{text}"),
    lambda desk, text: desk.compare(ME, "new", "Hi", PAIR, wishes=Wishes(system=text)),
    lambda desk, text: desk.compare(ME, "new", "Hi", PAIR, apart={1: {"system": text}}),
    lambda desk, text: desk.compare(ME, "new", "Hi", [MODEL, f"sim/{text}"]),
    lambda desk, text: desk.lanes.configure(ME, shown(desk), Wishes(system=text)),
    lambda desk, text: desk.lanes.set_apart(ME, shown(desk).lanes[0], {"system": text}),
    lambda desk, text: desk.lanes.swap(ME, shown(desk).lanes[0], f"sim/{text}"),
    lambda desk, text: desk.lanes.add(ME, "new", shown(desk), f"sim/{text}"),
    lambda desk, text: archive(desk).configure(ME, chat(desk), system=text),
    lambda desk, text: archive(desk).configure(ME, chat(desk), model_id=f"sim/{text}"),
]


def test_nothing_of_what_is_too_long_is_kept_at_any_door(desk: Desk) -> None:
    before = kept(desk)
    for act in QUESTIONS + OTHERS:
        with pytest.raises(BlockedInput) as caught:
            act(desk, HUGE)
        assert caught.value.code in ("too_long", "too_many")
        assert len(str(caught.value)) < 200
    assert kept(desk) == before


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x00", "\u200b\u2060\ufeff", "\u3164", "\U000e0041"], ids=ascii)
def test_nothing_of_what_cannot_be_seen_is_kept_at_any_door(desk: Desk, text: str) -> None:
    before = kept(desk)
    for act in QUESTIONS:
        with pytest.raises(BlockedInput) as caught:
            act(desk, text)
        assert caught.value.code == "empty"
    assert kept(desk) == before


def test_what_runs_goes_on_when_the_next_question_is_refused(desk: Desk) -> None:
    desk.compare(ME, "slow", "A long question " * 50, ["sim/slow", "sim/slow"])
    run = desk.comparison(ME, archive(desk).recent(ME, 1).entries[0].id)
    until(lambda: desk.job(ME, "slow-0") is not None)
    with pytest.raises(BlockedInput):
        desk.lanes.go_on(ME, "new", run, HUGE)
    assert [turn.state for turn in desk.comparison(ME, run.id).running()] == ["running", "running"]
    for place in range(2):
        desk.stop(ME, f"slow-{place}")


def test_a_text_is_kept_as_it_is_sent(desk: Desk) -> None:
    begun = desk.ask(ME, "new", "a\x00b\ud83d\ude00\ud800", MODEL)
    ended(desk, "new")
    assert desk.sheet(ME, begun.conversation_id).turns[-1].prompt == "ab😀\ufffd"


def test_a_title_is_cut(desk: Desk) -> None:
    archive(desk).rename(ME, chat(desk), HUGE)
    assert len(desk.sheet(ME, chat(desk)).title) == 200
