"""When a model cannot answer, another does, and the answer says who, why and in which order; or nobody does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.call import Call, Trail
from core.errors import Auth
from core.records import ChatRequest, Message, Note
from core.routing import difficulty
from core.routing.candidates import MIDDLE
from core.views.conversation import GenerationSettings
from core.workspace.routing_threshold import threshold
from tests.net.faulty_server import GOOD, FaultyServer, error
from tests.workspace.acme import KEYS, ME, answer, counted, ended, model, per, settled, table, until, workspace_of

DAY = per("requests", "day", 1000)


def test_another_answers_and_says_so(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("auth"), DAY),
        table("bolt", server.url("good"), DAY, models=model("other")),
        table("cask", server.url("good"), DAY, models=model("vendor/small:free")),
    )
    completion = answer(workspace, "r1", "acme/small")
    assert completion.error is None
    assert completion.model_id == "cask/vendor/small:free"
    assert Note("failed_over", "acme/small") in completion.notes
    assert [(attempt.model_id, attempt.outcome) for attempt in completion.attempts] == [
        ("acme/small", "auth"),
        ("cask/vendor/small:free", "ok"),
    ]
    until(lambda: settled(workspace))
    assert counted(workspace) == (2, 0)


def test_a_spent_day_passes_on_without_a_request(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("overloaded"), per("requests", "day", 1)),
        table("bolt", server.url("good"), DAY),
    )
    before = server.calls["overloaded"]
    assert answer(workspace, "r1", "acme/small").model_id == "bolt/small"
    assert answer(workspace, "r2", "acme/small").model_id == "bolt/small"
    assert server.calls["overloaded"] == before + 1


def test_nobody_stands_in_where_a_person_forbids_it(tmp_path: Path, server: FaultyServer) -> None:
    tables = (table("acme", server.url("forbidden"), DAY), table("bolt", server.url("good"), DAY))
    workspace = workspace_of(tmp_path, *tables)
    started = workspace.of(ME, KEYS).chats.ask(
        "r1", "Hi", "acme/small", generation=GenerationSettings(never_substitute=True)
    )
    completion = ended(workspace, "r1")
    assert completion.error
    assert completion.model_id == "acme/small"
    assert workspace.of(ME).chats.get(started.conversation_id).generation.never_substitute is True


def test_nobody_stands_in_in_a_comparison(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("forbidden"), DAY), table("bolt", server.url("good"), DAY)
    )
    run_id = workspace.of(ME, KEYS).comparisons.start("c1", "Hi", ["acme/small"])
    assert ended(workspace, "c1-0").error
    until(lambda: workspace.of(ME).comparisons.get(run_id).lanes[0].turns[-1].state == "failed")
    lane = workspace.of(ME).comparisons.get(run_id).lanes[0]
    workspace.of(ME, KEYS).chats.again("r2", lane, lane.turns[-1], "acme/small")
    assert ended(workspace, "r2").error


@pytest.mark.parametrize("fault", ["bad-request", "cut-after", "filter"])
def test_what_another_would_not_mend_is_not_passed_on(tmp_path: Path, server: FaultyServer, fault: str) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url(fault), DAY), table("bolt", server.url("good"), DAY))
    before = server.calls["good"]
    assert answer(workspace, "r1", "acme/small").model_id == "acme/small"
    assert server.calls["good"] == before


def test_when_all_fail_the_first_failure_counts(tmp_path: Path, server: FaultyServer) -> None:
    names = ("acme", "bolt", "cask", "dune")
    keys = {name: f"{name}-0123456789abcdef" for name in names}
    faults = ("credits", "overloaded", "forbidden", "good")
    workspace = workspace_of(
        tmp_path, *(table(name, server.url(fault), DAY) for name, fault in zip(names, faults, strict=True))
    )
    completion = answer(workspace, "r1", "acme/small", keys=keys)
    assert completion.error
    assert (completion.model_id, completion.error.kind) == ("acme/small", "credits")
    assert [attempt.provider_id for attempt in completion.attempts] == ["acme", "bolt", "bolt", "cask"]
    assert not [note for note in completion.notes if note.kind == "failed_over"]


def test_nothing_simulated_and_nobody_without_a_key_stands_in(tmp_path: Path, server: FaultyServer) -> None:
    free = table("bolt", server.url("good"), DAY).replace('key_names = ["BOLT_KEY"]', 'auth = "none"')
    workspace = workspace_of(tmp_path, table("acme", server.url("auth"), DAY), free)
    assert answer(workspace, "r1", "acme/small", keys={"acme": KEYS["acme"]}).error


NEARLY = "What is the time complexity of quicksort?"
HARD = "Prove that the square root of 2 is irrational, step by step, and write a Python program that checks it."


def test_auto_asks_by_tier_and_says_why(tmp_path: Path, server: FaultyServer) -> None:
    both = ", ".join((model("tiny"), model("vast", "big")))
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY, models=both))
    easy = answer(workspace, "r1", "auto", "Write a birthday wish.")
    hard = answer(workspace, "r2", "auto", HARD)
    assert (easy.model_id, hard.model_id) == ("acme/tiny", "acme/vast")
    assert hard.routing
    assert (hard.routing.tier, hard.routing.by_difficulty, hard.notes) == ("big", True, ())
    (line,) = workspace.of(ME, KEYS).quota.price(["auto"], "Write a birthday wish.")
    assert line.provider_id == "acme"


def test_auto_passes_over_who_has_nothing_left(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("good"), per("requests", "day", 1)),
        table("bolt", server.url("good"), DAY),
    )
    completions = [answer(workspace, f"r{number}", "auto", "Write a birthday wish.") for number in range(2)]
    assert [completion.model_id for completion in completions] == ["acme/small", "bolt/small"]
    assert completions[1].routing
    assert completions[1].routing.passed_over == (("acme/small", "limit"),)
    assert len(completions[1].attempts) == 1


def test_auto_without_a_key_is_simulated(tmp_path: Path) -> None:
    assert answer(workspace_of(tmp_path), "r1", "auto", "Write a birthday wish.", keys={}).model_id.startswith("sim/")


def test_a_size_can_be_chosen_and_is_kept_to(tmp_path: Path, server: FaultyServer) -> None:
    both = ", ".join((model("tiny"), model("vast", "big")))
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY, models=both))
    completion = answer(workspace, "r1", "auto/big", "Write a birthday wish.")
    assert completion.model_id == "acme/vast"
    assert completion.routing
    assert (completion.routing.tier, completion.routing.reasons) == ("big", ("chosen",))


def test_before_the_question_both_prospects_are_told(tmp_path: Path, server: FaultyServer) -> None:
    both = ", ".join((model("tiny"), model("vast", "big")))
    engine = workspace_of(tmp_path, table("acme", server.url("good"), DAY, models=both)).engine

    def first(model_id: str, *questions: str) -> dict[str, str]:
        routes = engine.router.prospects(
            ChatRequest([Message("user", question) for question in questions], model_id), KEYS
        )
        return {size: route.models[0].model.id for size, route in routes.items()}

    assert first("auto") == {"small": "acme/tiny", "big": "acme/vast"}
    assert first("auto", "Write a birthday wish.") == {"small": "acme/tiny", "big": "acme/vast"}
    assert first("auto", HARD, "And why?") == {"big": "acme/vast"}
    assert first("auto/small", HARD) == {"small": "acme/tiny"}


def test_a_question_larger_than_a_limit_is_answered_elsewhere_and_why_is_told(
    tmp_path: Path, server: FaultyServer
) -> None:
    small = per("tokens", "minute", 3000)
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), small), table("bolt", server.url("good"), DAY))
    completion = answer(workspace, "r1", "acme/small", "What is this? " * 1000)
    assert completion.model_id == "bolt/small"
    assert [note for note in completion.notes if note.detail == "acme/small"] == [
        Note("failed_over", "acme/small"),
        Note("too_large", "acme/small"),
    ]


def test_a_fall_to_a_smaller_size_is_told(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("forbidden"), DAY, models=model("vast", "big")),
        table("bolt", server.url("good"), DAY),
    )
    completion = answer(workspace, "r1", "auto", HARD)
    assert completion.model_id == "bolt/small"
    assert completion.routing
    assert (completion.routing.wanted, completion.routing.tier) == ("big", "small")
    assert Note("failed_over", "acme/vast") in completion.notes


def test_a_sync_question_has_the_same_succession(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("overloaded"), DAY),
        table("bolt", server.url("whole-json"), DAY, models=", ".join((model("small"), model("vast", "big")))),
    )
    ask = ChatRequest([Message("user", "Hi")], model_id="acme/small", substitute=True)
    completion = workspace.engine.complete(ask, KEYS)
    assert (completion.model_id, completion.error) == ("bolt/small", None)
    assert [attempt.outcome for attempt in completion.attempts] == ["overloaded", "overloaded", "ok"]
    assert Note("failed_over", "acme/small") in completion.notes
    assert workspace.engine.complete(replace(ask, substitute=False), KEYS).model_id == "acme/small"
    assert workspace.engine.complete(replace(ask, model_id="auto/big"), KEYS).model_id == "bolt/vast"
    assert counted(workspace)[1] == 0


def test_a_sync_question_ends_with_the_first_failure_when_all_fail(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("auth"), DAY), table("bolt", server.url("forbidden"), DAY)
    )
    ask = ChatRequest([Message("user", "Hi")], model_id="acme/small", substitute=True)
    completion = workspace.engine.complete(ask, KEYS)
    assert completion.error
    assert (completion.model_id, completion.error.kind) == ("acme/small", "auth")
    assert [attempt.provider_id for attempt in completion.attempts] == ["acme", "bolt"]


def test_a_retry_tells_how_many_there_may_be(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("overloaded"), DAY))
    completion = answer(workspace, "r1", "acme/small")
    assert [(attempt.n, attempt.of) for attempt in completion.attempts] == [(1, 3), (2, 3), (3, None)]


def test_verdicts_move_their_owners_threshold_and_nobody_elses(tmp_path: Path, server: FaultyServer) -> None:
    both = ", ".join((model("tiny"), model("vast", "big")))
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY, models=both))
    score = difficulty(NEARLY)
    assert 0.4 < score < 0.5
    for number in range(5):
        started = workspace.of(ME, KEYS).chats.ask(f"r{number}", NEARLY, "auto")
        completion = ended(workspace, f"r{number}")
        assert completion.model_id == "acme/tiny"
        assert completion.routing
        assert workspace.of(ME).routing_feedback.judge(started.answer_message_id, "big", completion.routing)
    assert answer(workspace, "r9", "auto", NEARLY).model_id == "acme/vast"
    assert threshold(workspace.database, "somebody else") == MIDDLE
    assert workspace.of(ME).routing_feedback.tally().threshold < score


def test_auto_may_be_the_model_that_answers_when_none_is_named(tmp_path: Path, server: FaultyServer) -> None:
    engine = workspace_of(
        tmp_path, table("acme", server.url("whole-json"), DAY), ROUNDTABLE_DEFAULT_MODEL="auto"
    ).engine
    completion = engine.complete(ChatRequest([Message("user", "Write a birthday wish.")]), KEYS)
    assert (completion.model_id, completion.routing and completion.routing.tier) == ("acme/small", "small")


LONG = "Summarise this: " + "word " * 20_000


def of_window(name: str, window_tokens: int, size: str = "small") -> str:
    return model(name, size).replace("32000", str(window_tokens))


def test_auto_asks_a_model_whose_window_holds_the_chat(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("good"), DAY, models=of_window("narrow", 4000)),
        table("bolt", server.url("good"), DAY, models=of_window("wide", 200_000)),
    )
    completion = answer(workspace, "r1", "auto", LONG)
    assert (completion.error, completion.model_id) == (None, "bolt/wide")
    assert completion.routing
    assert completion.routing.passed_over == (("acme/narrow", "window"),)
    assert answer(workspace, "r2", "auto", "Hi").model_id == "acme/narrow"


def test_auto_tells_that_a_question_is_too_long_for_all(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY, models=of_window("narrow", 4000)))
    completion = answer(workspace, "r1", "auto", LONG)
    assert completion.error
    assert completion.error.kind == "context_too_long"


def test_whose_window_holds_the_chat_stands_in_first(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("auth"), DAY, models=of_window("one", 200_000)),
        table("bolt", server.url("good"), DAY, models=of_window("narrow", 4000)),
        table("cask", server.url("good"), DAY, models=of_window("wide", 200_000)),
    )
    turns = [Message("user", LONG), Message("assistant", "Words."), Message("user", "And?")]
    question = workspace.engine.prepare(ChatRequest(turns, "acme/one", substitute=True), KEYS)
    first = Call(question, Trail())
    second = workspace.engine.fallback.next_call(first, Auth("no"))
    assert second
    assert second.question.model.id == "cask/wide"
    third = workspace.engine.fallback.next_call(second, Auth("no"))
    assert third
    assert third.question.model.id == "bolt/narrow"
    assert [note.kind for note in third.notes()] == ["turns_left_out", "failed_over"]
    assert third.trail.first
    assert (third.trail.first[0], first.question) == (first, question)


def test_auto_with_only_small_models_that_are_spent_says_until_when(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), per("requests", "day", 1)))
    assert answer(workspace, "r1", "auto", HARD).model_id == "acme/small"
    refused = answer(workspace, "r2", "auto", HARD)
    assert refused.error
    assert (refused.error.kind, refused.model_id) == ("quota_spent", "acme/small")
    (line,) = workspace.of(ME, KEYS).quota.price(["auto"], HARD)
    assert line.state == "over"


def test_a_big_model_that_stands_in_for_a_small_one_is_told(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("forbidden"), DAY),
        table("bolt", server.url("good"), DAY, models=model("vast", "big")),
    )
    completion = answer(workspace, "r1", "auto", "Hi")
    assert completion.model_id == "bolt/vast"
    assert completion.routing
    assert (completion.routing.wanted, completion.routing.tier) == ("small", "big")


def test_a_free_model_of_the_same_provider_answers_where_there_is_no_credit(
    tmp_path: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = '{ name = "flash", size = "small", free = true }'
    workspace = workspace_of(tmp_path, table("acme", server.url("paid"), DAY, models=f"{model('small')}, {free}"))
    monkeypatch.setattr(server, "_pieces", lambda *_: [error(402, "no")] if _model(server) == "small" else GOOD)
    assert answer(workspace, "r1", "acme/small").model_id == "acme/flash"


def _model(server: FaultyServer) -> object:
    return server.bodies["paid"][-1]["model"]
