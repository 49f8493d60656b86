"""A check of one model at several hosts: priced, admitted, counted, stopped, and kept, whatever the hosts do."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from core.insight.model_equality import MOST_CALLS_MORE, SIZES
from core.store import calls
from core.store.latency.buckets import AnswerFlag
from core.store.latency.read import Measurements
from core.views.model_equality import CheckedHost, EqualityCheck
from core.workspace import Workspace
from core.workspace.equality_runs import EqualityRun
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, counted, model, per, settled, table, until, workspace_of

N = SIZES[0]
SAME = ["sim/oneword", "sim-north/oneword"]
ALL = [*SAME, "sim-south/oneword"]


def checking(folder: Path, *tables: str, pauses: list[float] | None = None) -> Workspace:
    async def note(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)
        await asyncio.sleep(0)

    workspace = workspace_of(folder, *tables, ROUNDTABLE_SIMULATOR_SPEED="1000")
    workspace.paced_calls.sleep = note
    return workspace


def checked(workspace: Workspace, model_ids: list[str], questions: int = N) -> tuple[EqualityRun, EqualityCheck]:
    run = workspace.of(ME, KEYS).equality_checks.start("one word", model_ids, questions)
    until(lambda: run.ended)
    assert run.check
    return run, run.check


def host(check: EqualityCheck, model_id: str) -> CheckedHost:
    checked_host = check.host(model_id)
    assert checked_host
    return checked_host


def test_the_quantised_host_is_named_and_the_result_is_kept(tmp_path: Path) -> None:
    workspace = checking(tmp_path)
    run, check = checked(workspace, ALL)
    assert [each.verdict for each in check.hosts] == ["reference", "no_difference", "different"]
    assert check.shared
    assert [each.calls for each in run.hosts] == [each.calls for each in check.hosts]
    assert all(N <= each.calls <= N + MOST_CALLS_MORE for each in check.hosts)
    assert run.made == run.total == sum(each.calls for each in check.hosts)
    assert workspace.of(ME).equality_checks.recent() == [check]
    assert workspace.of("another").equality_checks.recent() == [check]


def test_calls_are_logged_as_a_probes(tmp_path: Path) -> None:
    workspace = checking(tmp_path)
    run, _ = checked(workspace, SAME)
    assert len(calls.recent(workspace.database, ME)) == run.made
    series = Measurements(workspace.database, ME).series_of()
    assert {each.flags & AnswerFlag.PROBE for each in series} == {AnswerFlag.PROBE}


def test_calls_count_against_the_limits_and_are_spaced(tmp_path: Path, server: FaultyServer) -> None:
    pauses: list[float] = []
    limits = (per("requests", "minute", 100), per("requests", "day", 1000))
    workspace = checking(tmp_path, table("acme", server.url("good"), *limits), pauses=pauses)
    _, check = checked(workspace, [*SAME, "acme/small"])
    until(lambda: settled(workspace))
    assert counted(workspace)[0] == host(check, "acme/small").calls >= N
    assert len(pauses) >= N - 1
    assert not check.shared  # the key was pasted
    assert workspace.of("another").equality_checks.recent() == []


def test_a_question_is_one_token_at_temperature_0(tmp_path: Path, server: FaultyServer) -> None:
    workspace = checking(tmp_path, table("acme", server.url("good")))
    server.bodies.pop("good", None)
    checked(workspace, [*SAME, "acme/small"])
    for body in server.bodies["good"]:
        assert (body["temperature"], body["max_tokens"]) == (0, 1)
        assert len(body["messages"]) == 1  # type: ignore[arg-type]


def test_a_host_that_says_the_same_to_everything_is_no_other_model(tmp_path: Path, server: FaultyServer) -> None:
    _, check = checked(checking(tmp_path, table("acme", server.url("good"))), [*SAME, "acme/small"])
    assert [each.verdict for each in check.hosts] == ["reference", "no_difference", "no_answers"]


@pytest.mark.parametrize(
    ("fault", "why", "most"),
    [
        ("auth", "auth", 1),
        ("gone", "not_found", 1),
        ("empty", "bad_reply", 9),
        ("length-silent", "no_text", 4),
        ("server-500", "server", 9),
    ],
)
def test_a_host_that_fails_ends_early_and_the_others_go_on(
    tmp_path: Path, server: FaultyServer, fault: str, why: str, most: int
) -> None:
    _, check = checked(checking(tmp_path, table("acme", server.url(fault))), [*SAME, "acme/small"])
    failed = host(check, "acme/small")
    assert (failed.verdict, failed.why, failed.p_value) == ("too_few", why, None)
    assert failed.calls <= most
    assert [each.verdict for each in check.hosts][:2] == ["reference", "no_difference"]


def test_refusals_are_no_answers(tmp_path: Path, server: FaultyServer) -> None:
    _, check = checked(checking(tmp_path, table("acme", server.url("filter-silent"))), [*SAME, "acme/small"])
    refused = host(check, "acme/small")
    assert (refused.verdict, refused.answered, refused.p_value) == ("too_few", 0, None)
    assert host(check, SAME[1]).verdict == "no_difference"


def test_a_check_leaves_the_speeds_of_models_alone(tmp_path: Path) -> None:
    workspace = checking(tmp_path)
    checked(workspace, SAME)
    assert calls.speeds(workspace.database, since=workspace.database.now() - timedelta(days=1)) == {}


def test_a_host_that_does_not_take_the_temperature_is_not_compared(tmp_path: Path, server: FaultyServer) -> None:
    _, check = checked(checking(tmp_path, table("acme", server.url("refuses-temperature"))), [*SAME, "acme/small"])
    assert (host(check, "acme/small").why, host(check, "acme/small").calls) == ("no_temperature", 1)


def test_a_limit_that_is_reached_in_the_middle_ends_that_host(tmp_path: Path, server: FaultyServer) -> None:
    workspace = checking(tmp_path, table("acme", server.url("good"), per("requests", "day", 4)))
    before = server.calls["good"]
    _, check = checked(workspace, [*SAME, "acme/small"])
    acme = host(check, "acme/small")
    assert (acme.why, acme.calls, acme.verdict) == ("quota_spent", 4, "too_few")
    assert server.calls["good"] - before == 4
    assert host(check, SAME[1]).verdict == "no_difference"


def test_two_hosts_of_which_one_fails_say_nothing_of_the_other(tmp_path: Path, server: FaultyServer) -> None:
    workspace = checking(tmp_path, table("acme", server.url("auth")))
    _, check = checked(workspace, [SAME[0], "acme/small"])
    assert {each.p_value for each in check.hosts} == {None}
    assert not check.has_result
    assert workspace.of(ME).equality_checks.recent() == [check]  # with the reason


def test_a_reasoning_model_is_asked_for_more_tokens(tmp_path: Path, server: FaultyServer) -> None:
    thinker = model("small").replace("}", ", reasoning = true }")
    workspace = checking(tmp_path, table("acme", server.url("good"), models=thinker))
    server.bodies.pop("good", None)
    checked(workspace, [*SAME, "acme/small"])
    assert {body["max_tokens"] for body in server.bodies["good"]} == {24}


def test_a_check_can_be_stopped_and_only_one_runs(tmp_path: Path, server: FaultyServer) -> None:
    workspace = checking(tmp_path, table("acme", server.url("slow-first-token")))
    checks = workspace.of(ME, KEYS).equality_checks
    run = checks.start("one word", [*SAME, "acme/small"], N)
    assert checks.start("one word", ALL, N) is run
    assert workspace.of("another").equality_checks.current() is None
    until(lambda: run.hosts[0].queued == run.hosts[1].queued == 0 and run.hosts[0].calls > 0)
    run.stop()
    until(lambda: run.ended)
    assert run.stopped
    assert run.check
    assert [each.verdict for each in run.check.hosts] == ["reference", "no_difference", "too_few"]
    assert checks.recent() == [run.check]
    assert checks.start("one word", ALL, N) is not run


def test_a_check_that_was_stopped_at_once_leaves_nothing(tmp_path: Path, server: FaultyServer) -> None:
    workspace = checking(
        tmp_path, table("acme", server.url("slow-first-token")), table("bolt", server.url("slow-first-token"))
    )
    checks = workspace.of(ME, KEYS).equality_checks
    run = checks.start("small", ["acme/small", "bolt/small"], N)
    until(lambda: run.hosts[0].state == "running")
    run.stop()
    until(lambda: run.ended)
    assert checks.recent() == []


@pytest.mark.parametrize(("hosts", "questions"), [([], N), (["sim/oneword"], N), (["sim/oneword"] * 2, N), (ALL, 0)])
def test_what_cannot_be_compared_is_not_begun(tmp_path: Path, hosts: list[str], questions: int) -> None:
    with pytest.raises(ValueError, match="questions"):
        checking(tmp_path).of(ME).equality_checks.start("one word", hosts, questions)


def test_the_price_comes_first(tmp_path: Path) -> None:
    limits = (per("requests", "minute", 2), per("requests", "day", 40))
    workspace = checking(tmp_path, table("acme", "https://acme.invalid", *limits))
    checks = workspace.of(ME, KEYS).equality_checks
    (least,) = checks.prices(["acme/small", "sim/oneword"], N)
    (most,) = checks.prices(["acme/small"], N, at_most=True)
    (needs_least,), (needs_most,) = least.needs, most.needs  # a day's; pauses refill the minute's
    assert (needs_least.needed, needs_most.needed) == (N, N + MOST_CALLS_MORE)
    assert (least.state, most.state) == ("fits", "fits")
    assert checks.prices(["acme/small"], 30, at_most=True)[0].state == "over"
