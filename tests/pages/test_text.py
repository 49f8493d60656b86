"""The words on the screen: every sentence exists in Chinese with the same fields, and none is left over."""

from __future__ import annotations

import ast
import contextvars
import re
import string
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.providers import catalog, evidence
from core.ui import text

ROOT = Path(__file__).resolve().parents[2]
SCREEN = [*ROOT.glob("core/ui/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "streamlit_app.py"]


def calls() -> list[ast.Call]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SCREEN]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [node for node in nodes if isinstance(node.func, ast.Name) and node.func.id in ("t", "tn")]


def words(call: ast.Call) -> list[ast.expr]:
    """The sentence of `t`; of `tn` that of one thing and that of many, which is the key of the translation."""
    return call.args[: 2 if ast.unparse(call.func) == "tn" else 1]


def sentences() -> set[str]:
    return {str(last.value) for call in calls() if isinstance(last := words(call)[-1], ast.Constant)}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_sentence_is_a_literal() -> None:
    literal = [all(isinstance(sentence, ast.Constant) for sentence in words(call)) for call in calls()]
    assert [ast.unparse(call) for call, plain in zip(calls(), literal, strict=True) if not plain] == []


def test_every_sentence_has_its_chinese_and_none_is_left_over() -> None:
    assert sentences() - set(text.chinese()) == set()
    assert set(text.chinese()) - sentences() == set()


def test_both_languages_have_the_same_fields() -> None:
    assert {e: z for e, z in text.chinese().items() if fields(e) != fields(z)} == {}


def test_every_call_fills_the_fields_of_its_sentence() -> None:
    wrong = [
        ast.unparse(call)
        for call in calls()
        if fields(ast.literal_eval(words(call)[-1])) != filled(call)
        or not fields(ast.literal_eval(words(call)[0])) <= filled(call)
    ]
    assert wrong == []


def filled(call: ast.Call) -> set[str]:
    return {str(keyword.arg) for keyword in call.keywords} | ({"number"} if len(words(call)) == 2 else set())


def test_one_thing_is_told_as_one() -> None:
    text.use("en")
    said = [text.tn("{number} call", "{number} calls", number) for number in (0, 1, 2, 1200)]
    assert said == ["0 calls", "1 call", "2 calls", "1,200 calls"]
    assert text.tn("{number} token", "{number} tokens", 1, number="~1") == "~1 token"
    text.use("zh")
    assert [text.tn("{number} call", "{number} calls", number)[:2] for number in (1, 2)] == ["1 ", "2 "]
    text.use("en")


NAMES = re.compile(r"https://\S+|\S*\d\S*(, \S*\d\S*)*|llama-4-scout|\S+-flash(, \S+)+")  # alike in any language


def notes() -> set[str]:
    """Everything the shipped catalogue says in words."""
    said: set[str] = set()
    for provider in catalog.load({}, Path(text.__file__).parent).providers.values():
        said |= {provider.note, provider.reason, provider.privacy.note, provider.privacy.region or ""}
        said |= {limit.note for limit in provider.limits} | {model.note for model in provider.models}
    said |= {witness.says for fact in evidence.shipped() for witness in fact.witnesses}
    return said - {""}


def test_every_note_of_the_catalogue_has_its_chinese_and_none_is_left_over() -> None:
    text.use("zh")
    same = {note for note in notes() if text.noted(note) == note}
    assert {note for note in same if not NAMES.fullmatch(note)} == set()
    assert set(tomllib.loads(text.NOTES.read_text(encoding="utf-8"))) - notes() == set()
    text.use("en")
    assert {text.noted(note) for note in notes()} == notes()


def test_the_language_is_chosen_once_a_run() -> None:
    text.use("zh")
    assert text.t("Stop") == "停止"
    text.use("klingon")
    assert text.t("Stop") == "Stop"


def test_a_callback_speaks_the_readers_language() -> None:
    """It runs before the page has said whose page it is."""

    def page() -> None:
        import streamlit as st

        from core.ui import text

        st.button("Click", on_click=lambda: st.session_state.update(said=text.t("Stop")))
        text.use("zh")

    at = AppTest.from_function(page).run()
    contextvars.Context().run(at.button[0].click().run)
    assert at.session_state["said"] == "停止"


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("zh", "zh"), ("en-US", "en"), (None, "en")])
def test_the_browser_chooses_the_language(locale: str | None, language: str) -> None:
    assert text.choose(locale) == language


@pytest.mark.parametrize(
    ("ms", "shown"),
    [(0, "0.00 s"), (420, "0.42 s"), (996, "1.0 s"), (5000, "5.0 s"), (48_200, "48 s"), (125_000, "2 min 5 s")],
)
def test_durations_are_short(ms: float, shown: str) -> None:
    assert text.seconds(ms) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [(7, "7"), (540, "540"), (1200, "1.2k"), (1000, "1k"), (131_072, "131k"), (999_700, "1M"), (3_400_000, "3.4M")],
)
def test_numbers_are_short(number: float, shown: str) -> None:
    assert text.count(number) == shown


@pytest.mark.parametrize(("delay_s", "shown"), [(0.2, "1 s"), (35, "35 s"), (180, "3 min"), (11_520, "3 h 12 min")])
def test_pauses_in_words(delay_s: float, shown: str) -> None:
    text.use("en")
    assert text.wait(delay_s) == shown


def test_a_name_from_a_file_stays_plain_text() -> None:
    hostile = "![x](http://evil/)\n# :red[a] $x$ `code` <b>\u202e"
    shown = text.plain(hostile)
    assert "\n" not in shown
    assert "\u202e" not in shown
    for mark in "![]()#:$`<>":
        assert f"\\{mark}" in shown
        assert mark not in shown.replace(f"\\{mark}", "")


def test_the_clock_shows_minutes() -> None:
    assert text.clock(datetime(2026, 11, 22, 14, 5, 59, tzinfo=UTC), UTC) == "14:05"
