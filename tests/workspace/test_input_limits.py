"""The workspace's doors: what cannot be sent is refused in one sentence, and nothing of it is kept, wherever it comes
in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select

from core.assemble import build
from core.errors import BlockedInput
from core.options import load
from core.store.columns import metadata
from core.store.opening import open_database
from core.views.batches import BatchPlan
from core.views.comparison import Comparison
from core.views.conversation import File, GenerationSettings, PendingQuestion
from core.workspace import Workspace
from tests.workspace.acme import ME, ended, opened, until

HUGE = "x" * 10_000_000
MODEL = "sim/quick"
PAIR = [MODEL, "sim/quick"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    settings = load(environ={"ROUNDTABLE_SIMULATOR_SPEED": "1000"}, secrets={}, folder=tmp_path)
    fresh_workspace = opened(Workspace(build(settings, folder=tmp_path), open_database(None, tmp_path / "data")))
    fresh_workspace.of(ME).chats.ask("before", "Before", MODEL)
    ended(fresh_workspace, "before")
    fresh_workspace.of(ME).comparisons.start("run", "Which?", PAIR)
    for place in range(2):
        ended(fresh_workspace, f"run-{place}")
    return fresh_workspace


def row_counts(workspace: Workspace) -> dict[str, int]:
    """Rows by table, and what waits in the spool."""
    with workspace.database.read() as connection:
        names = set(inspect(connection).get_table_names())
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name in names
        }
    return {**counts, "spooled": workspace.database.health().waiting}


Act = Callable[[Workspace, str], object]


def files(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).chats.ask("new", "Read this", MODEL, files=[File("a.txt", text * 20)])


def many_files(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).chats.ask("new", "Read these", MODEL, files=[File(f"{n}.txt", "x") for n in range(11)])


def file_name(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).chats.ask("new", "Read this", MODEL, files=[File(text, "x")])


def files_and_text(workspace: Workspace, text: str) -> object:
    """Each is short enough, together they are not."""
    halves = [File("a.txt", text * 11), File("b.txt", text * 11)]
    return workspace.of(ME).chats.ask("new", "Read these", MODEL, files=halves)


def go_on(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).comparisons.go_on("new", shown(workspace), text)


def wait(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).chats.wait(chat(workspace), PendingQuestion(text, "new", "parent"))


def wait_with_file(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).chats.wait(
        chat(workspace), PendingQuestion("Read", "new", "parent", (File("a.txt", text * 20),))
    )


def batch(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).batches.start("new", BatchPlan("Name", [MODEL], [("One", None), (text, None)]))


def batch_expected(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).batches.start("new", BatchPlan("Name", [MODEL], [("One", text)]))


def batch_system(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).batches.start("new", BatchPlan("Name", [MODEL], [("One", None)], system=text))


def judge(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).verdicts.ask("new", shown(workspace).id, "judge", text, ["a", "b"], MODEL)


def probe(workspace: Workspace, text: str) -> object:
    return workspace.of(ME).probes.start([MODEL], 1, text)


def chat(workspace: Workspace) -> str:
    return workspace.of(ME).history.recent(10).entries[-1].id


def shown(workspace: Workspace) -> Comparison:
    run = next(entry for entry in workspace.of(ME).history.recent(10).entries if entry.kind == "comparison")
    return workspace.of(ME).comparisons.get(run.id)


QUESTIONS: list[Act] = [
    lambda workspace, text: workspace.of(ME).chats.ask("new", text, MODEL),
    lambda workspace, text: workspace.of(ME).chats.ask(
        "new", text, MODEL, view=workspace.of(ME).chats.get(chat(workspace))
    ),
    lambda workspace, text: workspace.of(ME).comparisons.start("new", text, PAIR),
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
    lambda workspace, text: workspace.of(ME).chats.ask("new", "Hi", MODEL, generation=GenerationSettings(system=text)),
    lambda workspace, text: workspace.of(ME).chats.ask("new", "Hi", f"sim/{text}"),
    lambda workspace, text: workspace.of(ME).comparisons.start(
        "new", "Hi", PAIR, generation=GenerationSettings(system=text)
    ),
    lambda workspace, text: workspace.of(ME).comparisons.start("new", "Hi", PAIR, apart={1: {"system": text}}),
    lambda workspace, text: workspace.of(ME).comparisons.start("new", "Hi", [MODEL, f"sim/{text}"]),
    lambda workspace, text: workspace.of(ME).comparisons.configure(shown(workspace), GenerationSettings(system=text)),
    lambda workspace, text: workspace.of(ME).comparisons.set_apart(shown(workspace).lanes[0], {"system": text}),
    lambda workspace, text: workspace.of(ME).comparisons.swap(shown(workspace).lanes[0], f"sim/{text}"),
    lambda workspace, text: workspace.of(ME).comparisons.add("new", shown(workspace), f"sim/{text}"),
    lambda workspace, text: workspace.of(ME).chats.configure(chat(workspace), system=text),
    lambda workspace, text: workspace.of(ME).chats.configure(chat(workspace), model_id=f"sim/{text}"),
]


def test_nothing_of_what_is_too_long_is_kept_at_any_door(workspace: Workspace) -> None:
    before = row_counts(workspace)
    for act in QUESTIONS + OTHERS:
        with pytest.raises(BlockedInput) as caught:
            act(workspace, HUGE)
        assert caught.value.code in ("too_long", "too_many")
        assert len(str(caught.value)) < 200
    assert row_counts(workspace) == before


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x00", "\u200b\u2060\ufeff", "\u3164", "\U000e0041"], ids=ascii)
def test_nothing_of_what_cannot_be_seen_is_kept_at_any_door(workspace: Workspace, text: str) -> None:
    before = row_counts(workspace)
    for act in QUESTIONS:
        with pytest.raises(BlockedInput) as caught:
            act(workspace, text)
        assert caught.value.code == "empty"
    assert row_counts(workspace) == before


def test_what_runs_goes_on_when_the_next_question_is_refused(workspace: Workspace) -> None:
    workspace.of(ME).comparisons.start("slow", "A long question " * 50, ["sim/slow", "sim/slow"])
    run = workspace.of(ME).comparisons.get(workspace.of(ME).history.recent(1).entries[0].id)
    until(lambda: workspace.of(ME).chats.job("slow-0") is not None)
    with pytest.raises(BlockedInput):
        workspace.of(ME).comparisons.go_on("new", run, HUGE)
    assert [turn.state for turn in workspace.of(ME).comparisons.get(run.id).running()] == ["running", "running"]
    for place in range(2):
        workspace.of(ME).chats.stop(f"slow-{place}")


def test_a_text_is_kept_as_it_is_sent(workspace: Workspace) -> None:
    started = workspace.of(ME).chats.ask("new", "a\x00b\ud83d\ude00\ud800", MODEL)
    ended(workspace, "new")
    assert workspace.of(ME).chats.get(started.conversation_id).turns[-1].prompt == "ab😀\ufffd"


def test_a_title_is_cut(workspace: Workspace) -> None:
    workspace.of(ME).history.rename(chat(workspace), HUGE)
    assert len(workspace.of(ME).chats.get(chat(workspace)).title) == 200
