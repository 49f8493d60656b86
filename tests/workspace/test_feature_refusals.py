"""What a provider refused for a model is not sent again for a while: by key and address, on any replica."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import BadRequest, LLMError, Server
from core.providers.feature_refusals import KEPT, place_of, refused_feature
from core.records import ChatRequest, Message, Model, Note, Picture, Provider, RefusedFeature, ResponseFormat, Tool
from core.store.opening import open_database
from core.store.quota.feature_refusals import FeatureRefusals
from core.views.conversation import GenerationSettings
from core.wire import lacking, takes
from core.wire.fitting import refusal
from core.workspace import Workspace
from tests.net.faulty_server import FaultyServer
from tests.workspace.acme import KEYS, ME, ended, table, workspace_of

MODEL = "acme/small"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PICTURE = Picture("image/png", b"x")
ASKED = ChatRequest(
    [Message("user", [PICTURE])],
    effort="high",
    response_format=ResponseFormat("schema", '{"type": "object"}'),
    tools=(Tool("add"),),
    stop=("x",),
)
ACME = Provider("acme", "Acme", "openai", "https://api.acme.example/v1")
ROW = Model(MODEL, "small", "acme")


@pytest.fixture
def server() -> Iterator[FaultyServer]:
    faulty = FaultyServer()
    faulty.start()
    yield faulty
    faulty.stop()


def ask(workspace: Workspace, request_id: str, keys: dict[str, str] = KEYS) -> tuple[Note, ...]:
    generation = GenerationSettings(effort="high")
    workspace.of(ME, keys).chats.ask(request_id, "Why?", MODEL, generation=generation)
    completion = ended(workspace, request_id)
    assert completion.text == "Hello world"
    return completion.notes


def test_a_refused_effort_is_left_out_of_the_next_question_until_it_is_forgotten(
    tmp_path: Path, server: FaultyServer
) -> None:
    workspace = workspace_of(tmp_path, table("acme", server.url("refuses-effort")))
    left_out = (Note("parameter_dropped", "effort"),)
    assert ask(workspace, "r1") == left_out
    assert server.calls["refuses-effort"] == 2
    assert ask(workspace, "r2") == left_out
    assert server.calls["refuses-effort"] == 3  # known before it is sent
    assert ask(workspace, "r3", {"acme": "another-key-0123456789"}) == left_out
    assert server.calls["refuses-effort"] == 5  # another key, another account
    workspace.close()
    again = workspace_of(tmp_path, table("acme", server.url("refuses-effort")))
    assert ask(again, "r4") == left_out
    assert server.calls["refuses-effort"] == 6
    again.engine.directory.forget_refusals(again.engine.catalog.providers["acme"], KEYS, "small")
    ask(again, "r5")
    assert server.calls["refuses-effort"] == 8


def test_a_refusal_is_believed_for_two_weeks_and_by_nobody_elsewhere(tmp_path: Path) -> None:
    now = [NOW]
    database = open_database(None, tmp_path)
    database.now = lambda: now[0]
    seconds = [0.0]
    refusals = FeatureRefusals(database, clock=lambda: seconds[0])
    own = replace(ACME, own=True)
    place = place_of(own, "key")
    refusals.note(place, "small", "effort")
    refusals.note(place, "small", "tools")
    refusals.note(place, "small", "effort")
    other = FeatureRefusals(database)
    assert set(other.of(place)["small"]) == {RefusedFeature("tools", NOW), RefusedFeature("effort", NOW)}
    assert len({place, place_of(own, None), place_of(replace(own, base_url="https://b.example/v1"), "key")}) == 3
    assert other.of(place_of(replace(own, base_url="https://b.example/v1"), "key")) == {}
    assert place_of(ACME, "key") == place_of(replace(ACME, base_url="https://eu.acme.example/v1"), "key")
    now[0] += KEPT - timedelta(seconds=1)
    assert refusals.of(place)
    now[0] += timedelta(seconds=1)
    assert refusals.of(place) == {}
    database.close()


@pytest.mark.parametrize(
    ("message", "param", "feature"),
    [
        ("Unrecognized request argument supplied: reasoning_effort", "effort", "effort"),
        ("thinking is not supported by this model", "effort", "effort"),
        ("registry.ollama.ai/library/gemma:2b does not support tools", "tools", "tools"),
        ("Invalid parameter: 'response_format' of type 'json_schema' is not supported.", "response_format", "schema"),
        ("No endpoints found that support image input", "picture", "picture"),
        ("Unsupported parameter: 'stop' is not supported with this model.", "stop", "stop"),
        ("`reasoning_effort` must be one of `low`, `medium`, or `high`", "effort", None),
        ("Unsupported value: 'reasoning_effort' does not support 'none' with this model.", "effort", None),
        ("Invalid schema for response_format 'answer': 'x' is not permitted.", "response_format", None),
        ("Image exceeds the maximum size, it is not supported", "picture", None),
        ("recordings are not supported", "sound", None),  # there is none in the question
        ("no", "effort", None),
    ],
)
def test_what_a_refusal_teaches(message: str, param: str, feature: str | None) -> None:
    assert refused_feature(BadRequest(message, param=param), ASKED) == feature


def test_other_errors_teach_nothing() -> None:
    assert refused_feature(Server("tools are not supported", param="tools"), ASKED) is None


def test_what_was_refused_is_told_before_it_is_sent() -> None:
    def with_refused(*features: str) -> Model:
        return replace(ROW, refused=tuple(RefusedFeature(feature, NOW) for feature in features))

    everything = with_refused("effort", "schema", "json", "tools", "stop", "picture")
    lacks = {lack.what: (lack.of, lack.then, lack.instead) for lack in lacking(ASKED, ACME, everything)}
    assert lacks == {
        "picture": ("model", "refused", ""),
        "tools": ("model", "left_out", ""),
        "schema": ("model", "instead", "prompt"),
        "effort": ("model", "left_out", ""),
        "stop": ("model", "left_out", ""),
    }
    assert takes("picture", ACME, everything) is False
    assert takes("picture", ACME, ROW) is None
    none = lacking(replace(ASKED, effort="none"), ACME, with_refused("effort"))
    assert [lack.what for lack in none] == ["effort"]
    [picture] = [lack for lack in lacking(ASKED, ACME, everything) if lack.what == "picture"]
    error: LLMError = refusal(picture, everything, ACME)
    assert error.message == (
        "Acme refused pictures for small on 2026-11-30: choose another model, or have them tried again on the "
        "Providers page."
    )
