"""What was asked of a provider stays with those that promise no less, unless the person said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from core.call import Call, Trail
from core.errors import Overloaded
from core.records import ChatRequest, Completion, Message, Note
from core.views.conversation import GenerationSettings
from core.workspace import Workspace
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, answer, ended, model, per, table, workspace_of

DAY = per("requests", "day", 1000)
SECRET = "SECRET quarterly figures"
PUBLIC = "own = false"


def privacy_table(trains: str = "", region: str = "") -> str:
    facts = [f"trains = {trains}"] * bool(trains) + [f'region = "{region}"'] * bool(region)
    return f"{PUBLIC}\nprivacy = {{ {', '.join(facts)} }}"


def test_what_a_private_gateway_was_asked_stays_there(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("forbidden"), DAY, more=""), table("bolt", server.url("good"), DAY)
    )
    before = server.calls["good"]
    completion = answer(workspace, "r1", "acme/small", SECRET)
    assert completion.error
    assert (completion.model_id, completion.error.kind) == ("acme/small", "forbidden")
    assert Note("kept_private", "acme") in completion.notes
    assert server.calls["good"] == before


def test_a_person_may_let_it_leave_and_take_that_back(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("forbidden"), DAY, more=""), table("bolt", server.url("good"), DAY)
    )
    workspace.of(ME).settings.consent("may_leave", "acme", True)
    assert answer(workspace, "r1", "acme/small", SECRET).model_id == "bolt/small"
    assert workspace.of("somebody else").settings.consents("may_leave") == ()
    workspace.of(ME).settings.consent("may_leave", "acme", False)
    assert answer(workspace, "r2", "acme/small", SECRET).error


@pytest.mark.parametrize(
    ("requested", "other", "passes"),
    [
        (privacy_table("false"), privacy_table("false"), True),
        (privacy_table("false"), PUBLIC, False),
        (privacy_table("false"), privacy_table("true"), False),
        (PUBLIC, privacy_table("true"), False),
        (PUBLIC, PUBLIC, True),
        (privacy_table("true"), PUBLIC, True),
        (privacy_table(region="European Union"), PUBLIC, False),
        (privacy_table(region="European Union"), privacy_table(region="European Union"), True),
        (privacy_table(region="European Union"), privacy_table(region="China"), False),
        (PUBLIC, privacy_table(region="China"), True),
    ],
)
def test_who_stands_in_promises_no_less(
    tmp_path: Path, server: FaultyServer, requested: str, other: str, passes: bool
) -> None:
    tables = (
        table("acme", server.url("overloaded"), DAY, more=requested),
        table("bolt", server.url("whole-json"), DAY, more=other),
    )
    engine = workspace_of(tmp_path, *tables).engine
    ask = ChatRequest([Message("user", "Hi")], model_id="acme/small", substitute=True)
    assert engine.complete(ask, KEYS).model_id == ("bolt/small" if passes else "acme/small")
    assert engine.complete(replace(ask, may_leave=["acme"]), KEYS).model_id == "bolt/small"


def test_an_address_of_ones_own_is_private(tmp_path: Path) -> None:
    workspace = workspace_of(
        tmp_path,
        '[office]\nwire = "openai"\nbase_url = "https://llm.example.org/v1"\nkey_names = ["OFFICE_KEY"]',
        '[mistral]\nlabel = "Mistral, as shipped"',
        GROQ_BASE_URL="https://gateway.example.org/v1",
        HF_ENDPOINT_URL="https://mine.example.org",
    ).engine.catalog.providers
    own = {provider.id for provider in workspace.values() if provider.own}
    assert own == {"office", "groq", "huggingface-inference", "ollama", "llamacpp", "lmstudio", "vllm"}


def continued(
    workspace: Workspace, request_id: str, conversation_id: str, model_id: str, keys: Mapping[str, str] = KEYS
) -> Completion:
    view = workspace.of(ME).chats.get(conversation_id)
    workspace.of(ME, keys).chats.ask(request_id, "And now?", model_id, view=view, parent_id=view.leaf_id)
    return ended(workspace, request_id)


def test_auto_keeps_a_chat_with_the_private_provider_it_began_with(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("bolt", server.url("good"), DAY),
        table("acme", server.url("good"), DAY, models=f"{model('small')}, {model('vast', 'big')}", more=""),
        table("cask", server.url("forbidden"), DAY),
    )
    started = workspace.of(ME, KEYS).chats.ask("r1", SECRET, "acme/small")
    ended(workspace, "r1")
    assert continued(workspace, "r2", started.conversation_id, "auto").model_id.startswith("acme/")
    assert workspace.engine.router.prospects(
        ChatRequest(workspace.of(ME).chats.get(started.conversation_id).messages(), "auto"), KEYS
    )
    others = {name: KEYS[name] for name in ("bolt", "cask")}
    failed = continued(workspace, "r3", started.conversation_id, "cask/small", others)
    assert failed.error
    assert Note("kept_private", "acme") in failed.notes
    workspace.of(ME).settings.consent("may_leave", "acme", True)
    assert continued(workspace, "r4", started.conversation_id, "cask/small", others).model_id == "bolt/small"


def test_auto_says_so_where_nobody_may_be_asked(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("good"), DAY, more=""), table("bolt", server.url("good"), DAY)
    )
    started = workspace.of(ME, KEYS).chats.ask("r1", SECRET, "acme/small")
    ended(workspace, "r1")
    view = workspace.of(ME).chats.get(started.conversation_id)
    without = {"bolt": KEYS["bolt"]}
    workspace.of(ME, without).chats.ask("r2", "And?", "auto", view=view, parent_id=view.leaf_id)
    completion = ended(workspace, "r2")
    assert completion.error
    assert completion.error.kind == "kept_private"
    assert "Acme" in completion.error.message
    assert workspace.engine.router.prospects(ChatRequest(view.messages(), "auto"), without) == {}


def test_auto_does_not_take_over_a_question_that_was_for_a_private_provider(
    tmp_path: Path, server: FaultyServer
) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("forbidden"), DAY, more=""), table("bolt", server.url("good"), DAY)
    )
    before = server.calls["good"]
    started = workspace.of(ME, KEYS).chats.ask("r1", SECRET, "acme/small", generation=GenerationSettings())
    ended(workspace, "r1")
    view = workspace.of(ME).chats.get(started.conversation_id)
    workspace.of(ME, KEYS).chats.again("r2", view, view.turns[-1], "auto")
    assert ended(workspace, "r2").error
    assert server.calls["good"] == before


def test_what_auto_chose_binds_nobody(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path,
        table("acme", server.url("good"), DAY, more=""),
        table("bolt", server.url("good"), DAY, models=model("vast", "big")),
    )
    started = workspace.of(ME, KEYS).chats.ask("r1", "Hi", "auto")
    assert ended(workspace, "r1").model_id == "acme/small"
    assert continued(workspace, "r2", started.conversation_id, "auto/big").model_id == "bolt/vast"


def test_agents_and_endpoints_have_no_substitute_and_are_none(tmp_path: Path, server: FaultyServer) -> None:
    named = [model("agent"), model("agent"), f"{model('endpoint')}, {model('small')}"]
    tables = [
        table(name, server.url("good"), DAY, models=models)
        for name, models in zip(("acme", "bolt", "cask"), named, strict=True)
    ]
    engine = workspace_of(tmp_path, *tables).engine
    for requested in ("acme/agent", "cask/endpoint"):
        question = engine.prepare(ChatRequest([Message("user", "Hi")], requested, substitute=True), KEYS)
        assert engine.fallback.next_call(Call(question, Trail()), Overloaded("full")) is None
    question = engine.prepare(ChatRequest([Message("user", "Hi")], "cask/small", substitute=True), KEYS)
    assert engine.fallback.next_call(Call(question, Trail()), Overloaded("full")) is None


def test_without_a_key_nobody_else_is_asked_before_the_person_said_so(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("good"), DAY), table("bolt", server.url("good"), DAY))
    keys, before = {"bolt": KEYS["bolt"]}, server.calls["good"]
    started = workspace.of(ME, keys).chats.ask("r1", "Hi", "acme/small")
    completion = ended(workspace, "r1")
    assert completion.error
    assert (completion.model_id, completion.error.kind, server.calls["good"]) == ("acme/small", "missing_key", before)
    other = workspace.engine.fallback.stand_in(ChatRequest([Message("user", "Hi")], "acme/small"), keys)
    assert other
    assert other.id == "bolt/small"
    view = workspace.of(ME).chats.get(started.conversation_id)
    assert view.turns[-1].prompt == "Hi"
    workspace.of(ME).settings.consent("without_key", "acme", True)
    workspace.of(ME, keys).chats.again("r2", view, view.turns[-1], "acme/small")
    assert ended(workspace, "r2").model_id == "bolt/small"
    workspace.of(ME).settings.consent("without_key", "acme", False)
    workspace.of(ME, keys).chats.again("r3", view, view.turns[-1], "acme/small")
    assert ended(workspace, "r3").error


def test_a_private_provider_without_a_key_has_no_stand_in(tmp_path: Path, server: FaultyServer) -> None:
    workspace = workspace_of(
        tmp_path, table("acme", server.url("good"), DAY, more=""), table("bolt", server.url("good"), DAY)
    )
    assert (
        workspace.engine.fallback.stand_in(ChatRequest([Message("user", "Hi")], "acme/small"), {"bolt": KEYS["bolt"]})
        is None
    )
