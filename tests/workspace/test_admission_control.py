"""Every attempt is counted once, what does not fit is not sent, and whoever fails is left in peace."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.errors import Oversize
from core.providers.limits import PlannedCall
from core.records import ChatRequest, Completion, Message, Note
from core.store import running
from core.store.quota import ledger
from core.store.quota.grants import CannotCount, Reserved, Uncounted
from core.views.conversation import GenerationSettings
from core.workspace import Workspace
from tests.net.faulty_server import GOOD, SCRIPTS, FaultyServer, error
from tests.workspace.acme import (
    KEYS,
    ME,
    SMALL,
    answer,
    counted,
    ended,
    model,
    per,
    settled,
    table,
    until,
    workspace_of,
)

DAY = per("requests", "day", 1000)


def retried(workspace: Workspace, of: str, request_id: str) -> Completion:
    """What comes of Retry on the card of an answer."""
    conversation_id = running.read(workspace.database, ME, of).conversation_id
    view = workspace.of(ME).chats.get(conversation_id)
    workspace.of(ME, KEYS).chats.again(request_id, view, view.turns[-1], view.turns[-1].model_id)
    return ended(workspace, request_id)


@pytest.mark.parametrize("fault", ["good", "fails-once", "server-500", "cut-after", "auth", "credits", "empty"])
def test_each_attempt_is_counted_once(tmp_path: Path, server: FaultyServer, fault: str) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url(fault), DAY))
    before = server.calls[fault]
    answer(workspace, "r1", "acme/small")
    until(lambda: settled(workspace))
    assert counted(workspace) == (server.calls[fault] - before, 0)


def test_a_whole_answer_is_counted_too(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("whole-json"), DAY))
    before = server.calls["whole-json"]
    completion = workspace.engine.complete(ChatRequest([Message("user", "Hi")], model_id="acme/small"), KEYS)
    assert completion.text == "Hello world"
    assert counted(workspace) == (server.calls["whole-json"] - before, 0)


def test_what_does_not_fit_is_not_sent(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), per("requests", "day", 1)))
    before = server.calls["good"]
    assert answer(workspace, "r1", "acme/small").error is None
    refused = answer(workspace, "r2", "acme/small").error
    assert refused
    assert (refused.kind, refused.sent) == ("quota_spent", False)
    assert refused.message.startswith("Acme has none of 1 requests left today for small. It resets at 00:00 UTC")
    assert refused.retry_after_s
    assert 0 < refused.retry_after_s <= 86_400
    assert server.calls["good"] == before + 1


def test_a_connection_that_was_never_made_costs_nothing(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, table("acme", "http://127.0.0.1:9/v1", DAY))
    completion = answer(workspace, "r1", "acme/small")
    assert completion.error
    assert completion.error.kind == "unreachable"
    until(lambda: settled(workspace))
    assert counted(workspace) == (0, 0)


def test_a_stopped_answer_is_settled(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("silence"), DAY))
    workspace.of(ME, KEYS).chats.ask("r1", "Hi", "acme/small")
    until(lambda: workspace.of(ME).chats.progress("r1").text == "Hello")
    assert workspace.of(ME).chats.stop("r1")
    until(lambda: settled(workspace))
    assert counted(workspace) == (1, 0)


def test_a_reader_who_leaves_settles(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("silence"), DAY))

    async def leave() -> None:
        events = workspace.engine.stream(ChatRequest([Message("user", "Hi")], model_id="acme/small"), KEYS)
        await anext(events)
        await events.aclose()

    asyncio.run(leave())
    assert settled(workspace)
    assert counted(workspace) == (1, 0)


def test_a_refusal_begins_a_rest_that_others_keep(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("rate-hour"), DAY))
    before = server.calls["rate-hour"]
    assert answer(workspace, "r1", "acme/small").error
    again = answer(workspace, "r2", "acme/small").error
    assert again
    assert again.kind == "rate_limited"
    assert again.message.startswith("Acme asked to slow down.")
    assert server.calls["rate-hour"] == before + 1
    until(lambda: settled(workspace))
    assert counted(workspace) == (1, 0)


def test_a_refused_key_rests_until_a_person_says_so(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("auth"), DAY))
    before = server.calls["auth"]
    for name in ("r1", "r2"):
        refused = answer(workspace, name, "acme/small").error
        assert refused
        assert refused.kind == "auth"
    assert server.calls["auth"] == before + 1
    retried(workspace, "r2", "r3")
    assert server.calls["auth"] == before + 2


def test_five_failures_open_the_breaker(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("server-500"), DAY))
    before = server.calls["server-500"]
    for number in range(3):
        answer(workspace, f"r{number}", "acme/small")
    last = answer(workspace, "r9", "acme/small").error
    assert last
    assert (last.kind, last.sent) == ("overloaded", False)
    assert server.calls["server-500"] == before + 5


def test_a_comparison_holds_its_lanes_together(tmp_path: Path, server: FaultyServer) -> None:
    models = ", ".join(map(model, ("one", "two", "three")))
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), per("requests", "day", 2), models=models))
    before = server.calls["good"]
    workspace.of(ME, KEYS).comparisons.start("c1", "Hi", ["acme/one", "acme/two", "acme/three", "sim/quick"])
    completions: list[Completion] = [ended(workspace, f"c1-{lane}") for lane in range(4)]
    assert [end.error.kind if end.error else "ok" for end in completions] == ["ok", "ok", "quota_spent", "ok"]
    until(lambda: settled(workspace))
    assert counted(workspace) == (2, 0)
    assert server.calls["good"] == before + 2


def test_a_comparison_sent_twice_holds_once(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY))
    for _ in range(2):
        workspace.of(ME, KEYS).comparisons.start("c1", "Hi", ["acme/small", "acme/small"])
    for lane in range(2):
        ended(workspace, f"c1-{lane}")
    until(lambda: settled(workspace))
    assert counted(workspace) == (2, 0)


def test_with_the_database_away_only_own_keys_go_on(
    tmp_path: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY), ACME_KEY="shared-0123456789abcdef")

    def away(_database: object, _owner: str, asks: list[PlannedCall], **_: object) -> Reserved:
        return Reserved(tuple(Uncounted("away") if planned.own else CannotCount("away") for planned in asks))

    monkeypatch.setattr(ledger, "reserve", away)
    assert answer(workspace, "r1", "acme/small").text == "Hello world"
    stopped = answer(workspace, "r2", "acme/small", keys={}).error
    assert stopped
    assert not stopped.sent


def test_a_process_that_dies_leaves_nothing_held(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY))
    asks = workspace.budget.asks(["acme/small"], "Hi", KEYS)
    assert ledger.reserve(workspace.database, ME, asks, held_s=0).all_granted
    workspace.admission_control.look_around()
    assert counted(workspace) == (0, 0)
    assert settled(workspace)


def test_an_unreadable_header_costs_no_answer(
    tmp_path: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr("core.providers.rate_limit_headers.read", broken)
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY))
    assert answer(workspace, "r1", "acme/small").text == "Hello world"
    until(lambda: settled(workspace))
    assert counted(workspace) == (1, 0)


@pytest.mark.parametrize("fault", ["credits", "quota", "unauthorized", "rate-hour", "rate-day"])
def test_a_persons_retry_always_sends_once_and_a_success_ends_the_rest(
    tmp_path: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setitem(SCRIPTS, "unauthorized", [error(401, "no")])
    workspace = workspace_of(tmp_path, table("acme", server.url(fault), DAY))
    before = server.calls[fault]
    assert answer(workspace, "r1", "acme/small").error
    resting = answer(workspace, "r2", "acme/small").error
    assert resting
    assert (resting.sent, server.calls[fault]) == (False, before + 1)
    assert retried(workspace, "r2", "r3").error
    assert server.calls[fault] == before + 2
    monkeypatch.setitem(SCRIPTS, fault, GOOD)  # the person has paid, or changed something there
    assert answer(workspace, "r4", "acme/small").error
    assert retried(workspace, "r4", "r5").text == "Hello world"
    assert answer(workspace, "r6", "acme/small").text == "Hello world"


def test_a_retry_of_an_open_breaker_is_one_request(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("server-500"), DAY))
    for number in range(3):
        answer(workspace, f"r{number}", "acme/small")
    before = server.calls["server-500"]
    retried(workspace, "r2", "r9")
    assert server.calls["server-500"] == before + 1


def test_a_retry_does_not_exceed_what_the_operator_set(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("good"), per("requests", "day", 1)), ACME_KEY="shared-0123456789abcdef"
    )
    before = server.calls["good"]
    workspace.of(ME).chats.ask("r1", "Hi", "acme/small")
    ended(workspace, "r1")
    workspace.of(ME).chats.ask("r2", "Hi", "acme/small")
    assert ended(workspace, "r2").error
    view = workspace.of(ME).chats.get(running.read(workspace.database, ME, "r2").conversation_id)
    workspace.of(ME).chats.again("r3", view, view.turns[-1], "acme/small")
    assert ended(workspace, "r3").error
    assert server.calls["good"] == before + 1
    own = answer(workspace, "r4", "acme/small")
    assert own.text == "Hello world"  # a key of one's own is counted apart
    assert answer(workspace, "r5", "acme/small").error
    assert retried(workspace, "r5", "r6").text == "Hello world"


def test_no_credit_binds_what_costs_money(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("quota"), DAY, models=SMALL))
    before = server.calls["quota"]
    assert answer(workspace, "r1", "acme/small").error
    for model_id in ("acme/small", "acme/unlisted"):
        refused = answer(workspace, model_id, model_id).error
        assert refused
        assert (refused.kind, refused.sent, refused.retry_after_s) == ("credits", False, None)
    for model_id in ("acme/flash:free", "acme/other:free"):
        reached = answer(workspace, model_id, model_id).error
        assert reached
        assert reached.sent
    assert server.calls["quota"] == before + 3


def test_a_free_model_of_the_same_provider_stands_in_where_there_is_no_credit(
    tmp_path: Path, server: FaultyServer
) -> None:
    free = '{ name = "flash", size = "small", free = true }'
    workspace = workspace_of(tmp_path, table("acme", server.url("quota"), DAY, models=f"{SMALL}, {free}"))
    completion = answer(workspace, "r1", "acme/small")
    assert [(attempt.model_id, attempt.sent) for attempt in completion.attempts] == [
        ("acme/small", True),
        ("acme/flash", True),
    ]


MINUTE = '{ pool = "model", unit = "tokens", per = "minute", amount = 8000 }'
LONG = "some words of a long text " * 1500


def test_what_is_larger_than_its_limit_says_so_and_names_who_takes_it(tmp_path: Path, server: FaultyServer) -> None:
    tables = (
        table("acme", server.url("good"), MINUTE),
        table("bolt", server.url("good"), MINUTE, models=model("other")),
        table("cask", server.url("good"), models=model("wide")),
    )
    workspace = workspace_of(tmp_path, *tables)
    started = workspace.of(ME, KEYS).chats.ask(
        "r1", LONG, "acme/small", generation=GenerationSettings(never_substitute=True)
    )
    error = ended(workspace, "r1").error
    assert error
    assert error.oversize
    assert (error.kind, error.origin, error.sent, error.retry_after_s) == ("rate_limited", "local", False, None)
    size = error.oversize
    assert size.needed
    assert size.needed > 8000
    assert (size.limit, size.unit, size.per, size.instead) == (8000, "tokens", "minute", "cask/wide")
    assert "shorten it or use another model" in error.message
    assert error.message.endswith("cask/wide can take it.")
    stored = workspace.of(ME).chats.get(started.conversation_id).turns[-1].completion
    assert stored
    assert stored.error
    assert (stored.error.oversize, stored.error.origin, stored.error.sent) == (size, "local", False)
    assert [attempt.sent for attempt in stored.attempts] == [False]
    assert answer(workspace, "r2", "acme/small").text == "Hello world"


def test_a_provider_that_says_so_is_asked_once_and_does_not_rest(
    tmp_path: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = (
        "Request too large for model `small` on tokens per minute (TPM): Limit 8000, Requested 14100, please reduce."
    )
    monkeypatch.setitem(SCRIPTS, "oversize", [error(413, message, code="rate_limit_exceeded")])
    workspace = workspace_of(tmp_path, table("acme", server.url("oversize"), DAY))
    for number in (1, 2):
        refused = answer(workspace, f"r{number}", "acme/small").error
        assert refused
        assert refused.oversize == Oversize(14_100, 8_000, "tokens", "minute")
        assert (refused.origin, refused.sent, server.calls["oversize"]) == ("provider", True, number)


def test_a_credit_that_pays_for_less_stops_this_request_alone_and_names_who_needs_none(
    tmp_path: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "This request requires more credits. You requested up to 65536 tokens, but can only afford 1200."
    monkeypatch.setitem(SCRIPTS, "credit", [error(402, message)])
    free = '{ name = "gift", size = "small", window_tokens = 32000, free = true }'
    paid = ", ".join(model(name) for name in ("small", "other"))
    for number, (models, instead) in enumerate([(paid, ""), (f"{paid}, {free}", "acme/gift")]):
        folder = tmp_path / str(number)
        folder.mkdir()
        workspace = workspace_of(folder, table("acme", server.url("credit"), DAY, models=models))
        for again in ("r1", "r2"):
            refused = answer(workspace, again, "acme/small").error
            assert refused
            assert refused.oversize == Oversize(65_536, 1_200, per="credit", instead=instead)
            assert (refused.origin, refused.sent) == ("provider", True)
    assert server.calls["credit"] == 2 + 4  # where there is a free one it is asked too, and refused by the same script
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    workspace = workspace_of(folder, table("acme", server.url("credit"), DAY), table("bolt", server.url("good"), DAY))
    completion = answer(workspace, "r1", "acme/small")
    assert (completion.text, completion.model_id) == ("Hello world", "bolt/small")
    assert Note("beyond_credit", "acme/small") in completion.notes


@pytest.mark.parametrize(
    ("fault", "origin"), [("auth", "provider"), ("rate-hour", "provider"), ("cut-before", "network")]
)
def test_an_error_tells_whose_it_is(tmp_path: Path, server: FaultyServer, fault: str, origin: str) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url(fault), DAY))
    first = answer(workspace, "r1", "acme/small")
    assert first.error
    assert (first.error.origin, first.attempts[0].sent) == (origin, True)
    if origin == "provider":
        second = answer(workspace, "r2", "acme/small")
        assert second.error
        assert (second.error.origin, second.error.sent) == ("local", False)
        assert [attempt.sent for attempt in second.attempts] == [False]


def test_what_the_provider_said_is_told_where_it_is_not_asked_again(tmp_path: Path, server: FaultyServer) -> None:
    """Its limit ends the attempts at our gate: the answer was sent and refused, and must not read as "not sent"."""
    headers = ("Retry-After: 1", "X-RateLimit-Limit-Requests-Day: 60", "X-RateLimit-Remaining-Requests-Day: 0")
    SCRIPTS["spent-now"] = [error(429, "Rate limit exceeded", *headers)]
    workspace = workspace_of(tmp_path, table("acme", server.url("spent-now")))
    refused = answer(workspace, "r1", "acme/small")
    assert refused.error
    assert [attempt.sent for attempt in refused.attempts][-1] is False
    assert (refused.error.origin, refused.error.sent) == ("provider", True)
    assert refused.error.message == "Rate limit exceeded"
    assert refused.error.retry_after_s
    again = answer(workspace, "r2", "acme/small")
    assert again.error
    assert (again.error.origin, again.error.sent) == ("local", False)
