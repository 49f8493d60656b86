"""The words on the screen: every text exists in every language with the same fields, and none is left over."""

from __future__ import annotations

import ast
import contextvars
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from streamlit.testing.v1 import AppTest

from core import options
from core.errors import Setup
from core.options import values
from core.ui import text, translations
from scripts.translation import catalogs, extraction, sentences

SCREEN = sorted(path for pattern in extraction.SCREEN for path in sentences.ROOT.glob(pattern))


def calls() -> list[ast.Call]:
    return [call for path in SCREEN for call in extraction.calls(ast.parse(path.read_text(encoding="utf-8")))]


def test_every_sentence_is_a_literal() -> None:
    """Babel reads the sources: what is put together there is never translated."""
    wrong = []
    for call in calls():
        sentences = call.args[: len(extraction.KEYWORDS[ast.unparse(call.func)])]
        if not all(isinstance(sentence, ast.Constant) for sentence in sentences):
            wrong.append(ast.unparse(call))
    assert wrong == []


def is_sentence(node: ast.AST) -> bool:
    words = node.args[0] if isinstance(node, ast.Call) and ast.unparse(node.func) == "t" else None
    return isinstance(words, ast.Constant) and str(words.value).endswith(".")


def test_sentences_are_joined_as_the_language_writes_them() -> None:
    """By `text.sentences`: Chinese puts no space between them."""
    wrong = []
    for path in SCREEN:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.JoinedStr(
                    values=[*_, ast.FormattedValue(), ast.Constant(value=" "), ast.FormattedValue(value)]
                ):
                    wrong += [f"{path.name}:{node.lineno}"] if is_sentence(value) else []
                case (
                    ast.BinOp(left=ast.Constant(value=" "), right=right)
                    | ast.BinOp(left=ast.BinOp(right=ast.Constant(value=" ")), right=right)
                    | ast.AugAssign(value=ast.BinOp(left=ast.Constant(value=" "), right=right))
                ):
                    wrong += [f"{path.name}:{node.lineno}"] if is_sentence(right) else []
    assert wrong == []


@pytest.mark.parametrize("path", sorted(catalogs.FOLDER.glob("*.po")), ids=lambda path: path.stem)
def test_every_text_is_translated_with_the_same_fields_and_none_is_left_over(path: Path) -> None:
    """`scripts/translate` brings the file up to date."""
    assert [*catalogs.faults(catalogs.read(path), extraction.everything())] == []


def test_faults_of_a_translation_are_found() -> None:
    source = Catalog()
    for words in ("New", "Same", "Unsure", "{a} of {b}", "Empty"):
        source.add(words)
    source.add(("One call", "{number} calls"))
    translated = Catalog(locale="zh")
    translated.add("Same", "一样")
    translated.add("Unsure", "不确定", flags=["fuzzy"])
    translated.add("Gone", "没有了")
    translated.add("{a} of {b}", "{a}")
    translated.add("Empty", "")
    translated.add(("One call", "{number} calls"), ("调用",))
    faults = [*catalogs.faults(translated, source)]
    kinds = ["missing", "fuzzy", "left over", "other fields", "not translated", "other fields"]
    assert [line.partition(":")[0] for line in faults] == kinds


def test_a_language_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of languages, the browser's wish, the option, sentences and plurals follow from the file alone."""
    path = tmp_path / "pl.po"
    catalogs.update(path, extraction.everything())
    polish = catalogs.read(path)
    polish["English"].string = "polski"
    polish["Stop"].string = "Zatrzymaj"
    polish["{number} call"].string = (
        "{number} wywołanie",
        "{number} wywołania",
        "{number} wywołań",
        "{number} wywołania",
    )
    catalogs.write(path, polish)
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    monkeypatch.setattr(values, "LOCALE", tmp_path)
    for cached in (translations.languages, translations.translations, translations.templates):
        cached.cache_clear()
    try:
        assert translations.languages() == {"en": "English", "pl": "polski"}
        assert text.choose("pl-PL,pl;q=0.9,en") == "pl"
        assert options.load({"ROUNDTABLE_LANGUAGE": "pl"}, folder=tmp_path).language == "pl"
        with pytest.raises(Setup, match="must be one of en, pl"):
            options.load({"ROUNDTABLE_LANGUAGE": "zh"}, folder=tmp_path)
        text.speak("pl")
        assert text.t("Stop") == "Zatrzymaj"
        assert text.t("Retry") == "Retry"
        sentences = [text.tn("{number} call", "{number} calls", number) for number in (1, 3, 12)]
        assert sentences == ["1 wywołanie", "3 wywołania", "12 wywołań"]
    finally:
        text.speak("en")
        for cached in (translations.languages, translations.translations, translations.templates):
            cached.cache_clear()


def test_every_call_fills_the_fields_of_its_sentence() -> None:
    wrong = []
    for call in calls():
        sentences = extraction.words(call)
        if catalogs.fields(sentences[-1]) != filled(call) or not catalogs.fields(sentences[0]) <= filled(call):
            wrong.append(ast.unparse(call))
    assert wrong == []


def filled(call: ast.Call) -> set[str]:
    return {str(keyword.arg) for keyword in call.keywords} | ({"number"} if ast.unparse(call.func) == "tn" else set())


def test_one_thing_is_told_as_one() -> None:
    text.use("en")
    sentences = [text.tn("{number} call", "{number} calls", number) for number in (0, 1, 2, 1200)]
    assert sentences == ["0 calls", "1 call", "2 calls", "1,200 calls"]
    assert text.tn("{number} token", "{number} tokens", 1, number="~1") == "~1 token"
    text.use("zh")
    assert [text.tn("{number} call", "{number} calls", number)[:2] for number in (1, 2)] == ["1 ", "2 "]
    text.use("en")


def test_a_note_of_the_catalogue_is_read_in_the_readers_language() -> None:
    text.use("zh")
    assert text.noted("per project") == "按项目计"
    assert text.noted("a note of this installation") == "a note of this installation"
    text.use("en")
    assert text.noted("per project") == "per project"


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


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh"), ("zh", "zh"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-US", "en"), ("zha", "en"), (None, "en")],
)
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
