"""A limit that is soon free again is waited for, in turn, wherever a question is asked; a longer one refuses."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from core.net.queues import Queues
from core.records import ChatRequest, Completion, Message
from core.views.progress import Progress
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, answer, counted, ended, model, per, settled, table, until, workspace_of

SECOND = per("requests", "second", 1)
TWO = ", ".join(map(model, ("one", "two")))


def test_two_lanes_of_one_request_a_second_both_answer(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), SECOND, models=TWO))
    workspace.of(ME, KEYS).comparisons.start("c1", "Hi", ["acme/one", "acme/two", "acme/one"])
    completions = [ended(workspace, f"c1-{lane}") for lane in range(3)]
    assert [end.text for end in completions] == ["Hello world"] * 3
    assert [len(end.attempts) for end in completions] == [1, 1, 1]
    until(lambda: settled(workspace))
    assert counted(workspace, per="second") == (3, 0)


def test_a_lane_that_waits_holds_no_other_up_and_counts_down(tmp_path: Path, server: FaultyServer) -> None:
    before = server.calls["silence"]
    tables = (table("acme", server.url("silence"), per("requests", "at_once", 1)), table("bolt", server.url("good")))
    workspace = workspace_of(tmp_path, *tables)
    workspace.of(ME, KEYS).comparisons.start("c1", "Hi", ["acme/small", "acme/small", "acme/small", "bolt/small"])
    assert ended(workspace, "c1-3").text == "Hello world"

    def queued() -> list[Progress]:
        return [
            progress
            for lane in range(3)
            if (progress := workspace.of(ME).chats.progress(f"c1-{lane}")).phase == "queued"
        ]

    until(lambda: sorted(progress.ahead for progress in queued()) == [0, 1])
    assert all(progress.wait_s is not None for progress in queued())
    until(lambda: any(workspace.of(ME).chats.progress(f"c1-{lane}").text for lane in range(3)))
    assert server.calls["silence"] == before + 1


def test_who_waits_can_be_stopped_and_nothing_was_sent(tmp_path: Path, server: FaultyServer) -> None:
    before = server.calls["silence"]
    workspace = workspace_of(tmp_path, table("acme", server.url("silence"), per("requests", "at_once", 1)))
    workspace.of(ME, KEYS).comparisons.start("c1", "Hi", ["acme/small", "acme/small"])
    until(lambda: any(workspace.of(ME).chats.progress(f"c1-{lane}").phase == "queued" for lane in range(2)))
    until(lambda: any(workspace.of(ME).chats.progress(f"c1-{lane}").text for lane in range(2)))
    waiting = next(lane for lane in range(2) if workspace.of(ME).chats.progress(f"c1-{lane}").phase == "queued")
    workspace.of(ME).chats.stop(f"c1-{waiting}")
    stopped = ended(workspace, f"c1-{waiting}")
    assert stopped.finish
    assert (stopped.finish.reason, stopped.attempts) == ("stopped", ())
    workspace.of(ME).chats.stop(f"c1-{1 - waiting}")
    until(lambda: settled(workspace))
    assert server.calls["silence"] == before + 1


def test_a_chat_and_a_whole_answer_wait_too(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("good"), SECOND),
        table("bolt", server.url("whole-json"), SECOND),
    )
    assert [answer(workspace, f"r{n}", "acme/small").text for n in range(3)] == ["Hello world"] * 3
    request = ChatRequest([Message("user", "Hi")], model_id="bolt/small")
    wholes: list[Completion] = []
    asking = [
        threading.Thread(target=lambda: wholes.append(workspace.engine.complete(request, KEYS))) for _ in range(3)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert [whole.text for whole in wholes] == ["Hello world"] * 3


def test_each_attempt_after_a_told_pause_is_sent(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("rate-ms"), per("requests", "day", 1000)))
    before = server.calls["rate-ms"]
    error = answer(workspace, "r1", "acme/small").error
    assert error
    assert error.sent
    assert server.calls["rate-ms"] == before + 3


def test_what_is_not_free_within_the_patience_refuses_at_once(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("rate-hour"), per("requests", "day", 9)))
    answer(workspace, "r1", "acme/small")
    refused = answer(workspace, "r2", "acme/small").error
    assert refused
    assert (refused.sent, refused.retryable) == (False, False)
    assert refused.retry_after_s
    assert refused.retry_after_s > 3500


def test_a_question_that_does_not_wait_is_refused_with_the_reset(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("silence"), per("requests", "at_once", 1)))
    workspace.of(ME, KEYS).chats.ask("r1", "Hi", "acme/small")
    until(lambda: workspace.of(ME).chats.progress("r1").text == "Hello")
    request = ChatRequest([Message("user", "Hi")], model_id="acme/small", waits=False)
    refused = workspace.engine.complete(request, KEYS).error
    assert refused
    assert (refused.kind, refused.sent) == ("rate_limited", False)


@pytest.mark.parametrize("fault", ["overloaded", "loading"])
def test_overloaded_gets_all_its_attempts_where_nobody_else_can_answer(
    tmp_path: Path, server: FaultyServer, fault: str
) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url(fault)))
    before = server.calls[fault]
    assert answer(workspace, "r1", "acme/small").error
    assert server.calls[fault] == before + 3


def test_overloaded_is_passed_on_after_two_attempts(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("overloaded")), table("bolt", server.url("good")))
    before = server.calls["overloaded"]
    assert answer(workspace, "r1", "acme/small").model_id == "bolt/small"
    assert server.calls["overloaded"] == before + 2


def test_nobody_stands_in_for_a_lane_so_it_gets_all_its_attempts(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("overloaded")), table("bolt", server.url("good")))
    before = server.calls["overloaded"]
    workspace.of(ME, KEYS).comparisons.start("c1", "Hi", ["acme/small", "bolt/small"])
    assert ended(workspace, "c1-0").error
    assert server.calls["overloaded"] == before + 3


def test_in_a_queue_each_goes_in_turn_and_whoever_leaves_is_passed() -> None:
    queues = Queues()
    with queues.join("a") as first:
        with queues.join("a") as second, queues.join("a") as third:
            assert (first.turn.done(), second.turn.done(), third.ahead) == (True, False, 2)
        with queues.join("a") as fourth:
            assert fourth.ahead == 1
    with queues.join("a") as fifth:
        assert fifth.turn.done()


def test_a_cancelled_wait_lets_the_next_go() -> None:
    queues = Queues()

    async def stand(name: str, order: list[str]) -> None:
        with queues.join("a") as place:
            await asyncio.wrap_future(place.turn)
            order.append(name)

    async def main() -> list[str]:
        order: list[str] = []
        with queues.join("a"):
            tasks = [asyncio.create_task(stand(name, order)) for name in "bcd"]
            await asyncio.sleep(0)
            tasks[0].cancel()
            await asyncio.sleep(0)
        await asyncio.gather(*tasks, return_exceptions=True)
        return order

    assert asyncio.run(main()) == ["c", "d"]
