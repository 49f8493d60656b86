"""Questions of more than text on their way through the engine: refused, replaced, or asked again without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core import ChatRequest, Message, build
from core.engine import Engine
from core.errors import BadRequest
from core.options import load
from core.providers import catalog, models_dev
from core.question import Question
from core.records import (
    Document,
    Model,
    Note,
    Picture,
    ResponseFormat,
    Text,
    Thought,
    Tool,
    ToolCall,
    ToolResult,
)

PICTURE = Picture("image/png", b"\x89PNG\r\n\x1a\n" + b"x" * 40, name="a.png")
PDF = Document("a.pdf", "what was read", "application/pdf", b"%PDF-1.7 x")
FORM = ResponseFormat("schema", '{"type": "object"}')


def engine(tmp_path: Path) -> Engine:
    names = ("GROQ_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY")
    keys = dict.fromkeys(names, "none-needed-at-all")
    return build(load(environ={**keys, "ROUNDTABLE_SIMULATOR_SPEED": "500"}, folder=tmp_path), folder=tmp_path)


def question_for(tmp_path: Path, model_id: str, *parts: Picture | Document, **fields: object) -> Question:
    request = ChatRequest([Message("user", [Text("What is it?"), *parts])], model_id=model_id, **fields)  # type: ignore[arg-type]
    return engine(tmp_path).prepare(request)


def test_a_picture_is_refused_before_it_is_sent_to_a_model_that_is_known_not_to_see(tmp_path: Path) -> None:
    blind = question_for(tmp_path, "groq/openai/gpt-oss-20b", PICTURE)
    assert isinstance(blind.forbidden, BadRequest)
    assert blind.forbidden.message == (
        "openai/gpt-oss-20b cannot see pictures: choose a model that can, or remove the pictures."
    )
    assert question_for(tmp_path, "anthropic/claude-sonnet-5-5", PICTURE).forbidden is None
    assert question_for(tmp_path, "groq/a-model-nobody-knows", PICTURE).forbidden is None
    completion = engine(tmp_path).complete(blind.asked)
    assert completion.error is not None
    assert (completion.error.kind, completion.error.sent) == ("bad_request", False)


def test_auto_asks_a_model_that_sees(tmp_path: Path) -> None:
    model = question_for(tmp_path, "auto", PICTURE).model
    assert "image" in model.input or not model.input
    assert question_for(tmp_path, "auto", PICTURE).forbidden is None


def test_a_pdf_goes_as_it_is_where_the_model_reads_it_and_else_as_its_text(tmp_path: Path) -> None:
    for model_id, notes in (
        ("anthropic/claude-sonnet-5-5", ()),
        ("gemini/gemini-3.8-flash", ()),
        ("groq/openai/gpt-oss-20b", (Note("document_as_text", "1"),)),
    ):
        question = question_for(tmp_path, model_id, PDF)
        body = question.wire.encode(question.request, question.provider, question.model, stream=True).body
        assert question.notes == notes
        assert ("what was read" in str(body)) is bool(notes)


def test_a_file_with_personal_data_goes_as_text_where_that_is_masked(tmp_path: Path) -> None:
    named = replace(PDF, text="Write to ada.lovelace@example.org.")
    question = question_for(tmp_path, "anthropic/claude-sonnet-5-5", named, personal="mask_all")
    body = str(question.wire.encode(question.request, question.provider, question.model, stream=True).body)
    assert "ada.lovelace" not in body
    assert "application/pdf" not in body


def test_a_schema_is_asked_for_in_words_where_it_cannot_be_sent(tmp_path: Path) -> None:
    question = question_for(tmp_path, "deepseek/deepseek-flash", response_format=FORM)
    assert question.notes == (Note("form_in_prompt", "schema"),)
    assert question.request.response_format == ResponseFormat("json")
    assert question_for(tmp_path, "gemini/gemini-3.8-flash", response_format=FORM).notes == ()


def test_the_nearest_effort_is_sent_and_told(tmp_path: Path) -> None:
    assert question_for(tmp_path, "deepseek/deepseek-flash", effort="medium").notes == (Note("effort_sent", "low"),)
    assert question_for(tmp_path, "groq/openai/gpt-oss-20b", effort="medium").notes == ()
    assert question_for(tmp_path, "groq/openai/gpt-oss-20b", effort="none").notes == (Note("effort_sent", "low"),)


@pytest.mark.parametrize(
    ("param", "fields", "note"),
    [
        ("effort", {"effort": "high"}, Note("parameter_dropped", "effort")),
        ("tools", {"tools": [Tool("add")]}, Note("parameter_dropped", "tools")),
        ("response_format", {"response_format": FORM}, Note("form_in_prompt", "schema")),
        ("response_format", {"response_format": ResponseFormat("json")}, Note("form_in_prompt", "json")),
        ("stop", {"stop": ["x"]}, Note("parameter_dropped", "stop")),
    ],
)
def test_what_a_provider_refuses_is_left_out_once(
    tmp_path: Path, param: str, fields: dict[str, object], note: Note
) -> None:
    question = question_for(tmp_path, "groq/a-model-nobody-knows", **fields)
    assert question.notes == ()
    lesser = question.without(param)
    assert lesser is not None
    assert lesser.notes == (note,)
    assert lesser.without(param) is None
    assert question_for(tmp_path, "groq/a-model-nobody-knows").without(param) is None


def body_of(question: Question) -> dict[str, object]:
    return dict(question.wire.encode(question.request, question.provider, question.model, stream=True).body or {})


def test_what_cannot_go_together_is_told_and_sent_apart(tmp_path: Path) -> None:
    together = question_for(tmp_path, "groq/openai/gpt-oss-20b", tools=[Tool("add")], response_format=FORM)
    assert together.notes == (Note("form_in_prompt", "with_tools"),)
    assert "response_format" not in body_of(together)
    assert "JSON schema" in together.request.messages[0].text
    alone = question_for(tmp_path, "groq/openai/gpt-oss-20b", response_format=FORM)
    assert "response_format" in body_of(alone)
    assert body_of(alone)["stream"] is False  # Groq streams no answer by a schema
    assert "stream_options" not in body_of(alone)


def test_newer_models_of_openai_get_tools_only_without_thinking(tmp_path: Path) -> None:
    with_tools = question_for(tmp_path, "openai/gpt-6-luna", tools=[Tool("add")])
    assert body_of(with_tools)["reasoning_effort"] == "none"
    assert with_tools.notes == (Note("effort_sent", "none"),)
    hard = question_for(tmp_path, "openai/gpt-5.4", tools=[Tool("add")], effort="high")
    assert (hard.request.effort, hard.notes) == ("none", (Note("effort_sent", "none"),))
    assert question_for(tmp_path, "openai/gpt-6-luna", tools=[Tool("add")], effort="none").notes == ()
    for plain in (question_for(tmp_path, "openai/gpt-6-luna"), question_for(tmp_path, "openai/gpt-4o-mini")):
        assert "reasoning_effort" not in body_of(plain)


@pytest.mark.parametrize(
    ("param", "note", "changed"),
    [
        ("unthinking_tools", (Note("effort_sent", "none"),), {"reasoning_effort": "none"}),
        ("form_or_tools", (Note("form_in_prompt", "with_tools"),), {"response_format": None}),
        ("stream", (), {"stream": False}),
    ],
)
def test_what_a_server_refuses_of_two_together_is_asked_once_without(
    tmp_path: Path, param: str, note: tuple[Note, ...], changed: dict[str, object]
) -> None:
    question = question_for(tmp_path, "mistral/a-model-nobody-knows", tools=[Tool("add")], response_format=FORM)
    assert question.notes == ()
    lesser = question.without(param)
    assert lesser is not None
    assert lesser.notes == note
    assert {name: body_of(lesser).get(name) for name in changed} == changed
    assert "tools" in body_of(lesser)
    assert lesser.without(param) is None


def test_thoughts_that_a_provider_refuses_are_left_out(tmp_path: Path) -> None:
    thought = Thought("", "signed", provider_id="anthropic", model_name="claude-sonnet-5-5")
    call = ToolCall("c1", "add", "{}", "signed too", "anthropic", "claude-sonnet-5-5")
    turns = [
        Message("user", "1 + 1?"),
        Message("assistant", [thought, Text("2"), call]),
        Message("tool", [ToolResult("c1", "add", "2")]),
        Message("user", "Sure?"),
    ]
    question = engine(tmp_path).prepare(ChatRequest(turns, model_id="anthropic/claude-sonnet-5-5"))
    assert "signed" in str(body_of(question))
    lesser = question.without("thoughts")
    assert lesser is not None
    assert "signed" not in str(body_of(lesser))
    assert lesser.notes == (Note("parameter_dropped", "thoughts"),)
    assert lesser.without("thoughts") is None


def test_a_picture_that_is_refused_is_left_out_of_earlier_turns_only(tmp_path: Path) -> None:
    seen = Message("user", [Text("What is it?"), PICTURE])
    assert question_for(tmp_path, "groq/a-model-nobody-knows", PICTURE).without("picture") is None
    turns = [seen, Message("assistant", "A cat."), Message("user", "Why?")]
    lesser = engine(tmp_path).prepare(ChatRequest(turns, model_id="groq/a-model-nobody-knows")).without("picture")
    assert lesser is not None
    assert lesser.notes == (Note("pictures_left_out", "1"),)


def test_what_the_catalogue_knows_of_its_models() -> None:
    shipped = catalog.load({}).providers
    rows = {model.id: model for provider in shipped.values() for model in provider.models}
    assert rows["groq/openai/gpt-oss-20b"].input == ("text",)
    assert rows["cerebras/gpt-oss-120b"].input == ("text",)  # as everywhere, although nobody says it of this host
    assert "pdf" in rows["anthropic/claude-haiku-4-5"].input
    assert rows["anthropic/claude-haiku-4-5"].usd_per_million_cached is not None
    assert rows["openai/gpt-4o-mini"].lacks == ("reasoning_effort",)
    assert rows["openai/gpt-6-astra"].input == ()  # unknown, which is not "cannot"
    able_rows = [row for row in rows.values() if row.input]
    assert len(able_rows) > len(rows) / 2
    assert not any({*row.abilities} & {*row.lacks} for row in rows.values())
    stranger = models_dev.able(Model("groq/x", "x", "groq"), shipped["groq"])
    assert (stranger.input, stranger.lacks) == ((), ())
