"""What core says of failures itself is read in the reader's language and zone; what providers said stays as it came."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from core import options
from core.batch import files
from core.errors import Setup, Unreachable
from core.net.sending import explain
from core.providers import catalog
from core.providers.keys import how_to_get
from core.records import Per, Unit, Window
from core.store.quota.breaker import Pause, Target
from core.store.quota.grants import DoesNotFit
from core.ui import text
from core.ui.failures import failure, kinds
from core.ui.failures.own_messages import configured, damaged, translated
from core.views.batches import BatchRow, Item
from core.wire import failure as refusals
from core.workspace.refusals import cannot_count, no_room, paused
from scripts.translation import catalogs, sentences

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
# Errors whose words come from the functions named in `sentences.MAKERS`, from other errors, or of a configuration.
MADE_ELSEWHERE = {
    "nothing_fits(reading.left)",
    "why",  # of an import: the words of another error, or of `_why`
    "f'{unknown} {reasons}'.strip()",
    "key.fault",
    "str(reply['error'])",  # of the process that reads documents: their sentences are in core/documents
    "' '.join((ended, why, after))",
    "faults.sentences(error, Settings.model_fields, merged, PREFIX)",
    "math.ceil(needed)",
    "message",
    "trust.explain(error)",
    "watch.late",
    "'\\n'.join(broken)",
    "how_to_get(provider)",
    "needed",
    "sentence",
    "self.notices[-1].sentence",
    "fault.sentence",
    "str(error)",
}
# Ends of sentences about the configuration that come from a function or an error that is read itself.
RULES_MADE_ELSEWHERE = {
    "addresses.fault(re.sub('\\\\{\\\\w+\\\\}', 'x', override), operator=True, local=provider.local)",
    "addresses.fault(value, operator=True)",
    "addresses.fault(re.sub('\\\\{\\\\w+\\\\}', 'x', url), operator=operator, local=bool(table.get('local')))",
    "rule(fields[option])",
    "fault.says",
    "own",
    "says",
    "_rule(detail)",
    "_rule(error)",
    "ending",
    "str(error['ctx']['error'])",
}


def test_every_sentence_of_core_is_found_in_its_source() -> None:
    """What is found there is translated (tests/pages/test_text.py); what is made elsewhere is listed above."""
    assert {sentence.words for sentence in sentences.error_templates()[1]} - MADE_ELSEWHERE == set()
    assert sentences.rules()[1] - RULES_MADE_ELSEWHERE == set()


def has_english(message: str) -> bool:
    return any(word in message for word in (" the ", " is ", "Nothing", " and ", "begins", "needs"))


def test_sentences_with_names_times_and_parts_are_chinese() -> None:
    provider = catalog.load({}).providers["groq"]
    model = provider.models[0]
    target = Target("groq", model.name)
    until = AT + timedelta(hours=2, minutes=5)
    messages = [
        paused(provider, model, Pause(target, "quota_spent", until), AT).message,
        paused(provider, model, Pause(target, "failures", until), AT).message,
        cannot_count(
            provider, "The disk is full: new messages are stored separately and saved when there is room."
        ).message,
        how_to_get(provider),
    ]
    text.use("zh")
    shown = [translated(message, "local", SHANGHAI, AT) for message in messages]
    assert [message for message in shown if has_english(message)] == []
    assert "16:05" in shown[0]
    assert "UTC" not in shown[0]
    assert "Groq" in shown[0]
    assert "2 小时 5 分钟" in shown[0]
    text.use("en")
    assert "at 16:05, in 2 h 5 min" in translated(messages[0], "local", SHANGHAI, AT)


def test_every_fault_of_the_network_is_chinese() -> None:
    text.use("zh")
    for fault in (ValueError(), OSError()):
        assert not has_english(translated(explain(fault).message, "network", None))


@pytest.mark.parametrize(
    ("remaining", "limit", "unit", "per"),
    [
        (0, 20, "requests", "day"),
        (None, 20, "requests", "minute"),
        (5, 6000, "tokens", "minute"),
        (3, None, "usd", "once"),
    ],
)
def test_what_is_left_of_a_limit_is_chinese(remaining: int | None, limit: int | None, unit: Unit, per: Per) -> None:
    provider = catalog.load({}).providers["groq"]
    window = Window(
        "w",
        "groq",
        "account",
        "*",
        "",
        unit,
        per,
        _decimal(limit),
        Decimal(0),
        Decimal(0),
        _decimal(remaining),
        None,
        AT,
        "counted",
    )
    message = no_room(provider, provider.models[0], DoesNotFit(window, Decimal(20)), AT).message
    text.use("zh")
    shown = translated(message, "local", None, AT)
    text.use("en")
    assert not has_english(shown)
    assert " left " not in shown
    assert not any(word in shown for word in ("today", "minute", "requests", "in all", "none"))


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def test_a_batch_file_is_in_the_readers_language() -> None:
    broken = Item(0, "failed", error_kind="unreachable", error=explain(OSError()).message, origin="network")
    from_provider = Item(1, "failed", error_kind="server", error="The reply is empty", origin="provider")
    batch = SimpleNamespace(model_ids=("a/x", "b/y"), rule=None, rehearsal=None, has_files=False, form=None, fields={})
    lines = [BatchRow(1, "Hello", None, {0: broken, 1: from_provider})]

    def say(item: Item) -> str:
        return translated(item.error, item.origin, SHANGHAI, reads="zh")

    for form in ("csv", "jsonl"):
        text = files.encoded(batch, lines, form, say).decode()  # type: ignore[arg-type]
        assert "无法与服务商建立连接" in text
        assert "The reply is empty" in text
        assert "connection" in files.encoded(batch, lines, form).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_refusal_without_words_is_not_under_the_providers_name(body: bytes) -> None:
    error = refusals.read(503, {}, body, AT)
    text.use("en")
    assert error.origin == "provider"
    assert failure.source(error) == "Details"
    assert failure.source(refusals.error_in({"error": {}}, 200)) == "Details"
    spoken = refusals.read(503, {}, b'{"error": {"message": "The reply is empty"}}', AT)
    assert failure.source(spoken) == "Message from the provider"
    text.use("zh")
    assert translated(spoken.message, spoken.origin, None) == "The reply is empty"
    text.use("en")


def test_a_sentence_of_an_earlier_version_is_translated_too() -> None:
    text.use("zh")
    sentence = "Groq asked for a pause. It begins anew at 14:00 UTC, in 3 min. Nothing was sent."
    assert not has_english(translated(sentence, "local", SHANGHAI, AT))
    text.use("en")


def test_a_sentence_that_nobody_knows_stays_as_it_is() -> None:
    text.use("zh")
    assert translated("Something new (35 UTC).", "local", None) == "Something new (35 UTC)."
    text.use("en")


@pytest.mark.parametrize("kind", [*kinds.KINDS])
def test_a_part_that_was_kept_is_not_headed_as_if_nothing_came(kind: str) -> None:
    text.use("en")
    error = Unreachable("The connection broke in the middle of the reply.")
    error.kind = kind
    headline = failure.sentence(error, "Groq", "gpt", has_part=True)
    assert "The partial answer is kept." in headline
    assert headline != failure.sentence(error, "Groq", "gpt")
    assert "could not be reached" not in headline


PLACES = {
    "ROUNDTABLE_ATTEMPTS (environment): must be a whole number from 1 to 10": (
        "ROUNDTABLE_ATTEMPTS（环境变量）：应为 1 到 10 的整数"
    ),
    "GROQ_BASE_URL must start with https://": "GROQ_BASE_URL：必须以 https:// 开头",
    ".env line 4: not of the form NAME=value": ".env 第 4 行：不是 NAME=value 的形式",
    ".streamlit/providers.toml line 3: [mine] wire must be one of openai, anthropic": (
        ".streamlit/providers.toml 第 3 行：[mine] wire：应为以下之一：openai, anthropic"
    ),
    "catalog.toml: [a] models[0].name is missing": "catalog.toml：[a] models[0].name：缺失",
    "Something new": "Something new",
}


@pytest.mark.parametrize(("problem", "shown"), PLACES.items())
def test_a_problem_of_the_configuration_is_in_the_readers_language(problem: str, shown: str) -> None:
    text.use("en")
    assert configured(problem) == problem
    text.use("zh")
    assert configured(problem) == shown
    text.use("en")


def test_no_problem_of_real_files_is_left_in_english(tmp_path: Path) -> None:
    """Options, `.env`, secrets, providers.toml and addresses with every kind of fault, as their readers tell them."""
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".env").write_text("NOVALUE\n", encoding="utf-8")
    (tmp_path / ".streamlit" / "secrets.toml").write_text("a = b\n", encoding="utf-8")
    own = '[Bad]\nbase_url = 5\nfoo = 1\nmodels = 3\n[x]\nwire = "soap"\n[groq]\n= 1\n[x]\n'
    (tmp_path / ".streamlit" / "providers.toml").write_text(own, encoding="utf-8")
    environ = {"ROUNDTABLE_NOBODY": "1", "OPENAI_BASE_URL": "http://api.example.com", "CLOUDFLARE_ACCOUNT_ID": "a b"}
    settings = options.load(environ, folder=tmp_path)
    catalogue = catalog.load(settings.environ, tmp_path)
    text.use("zh")
    problems = [*settings.problems, *catalogue.problems]
    assert len(problems) > 8
    assert [problem for problem in problems if configured(problem) == problem] == []
    for model_id in ("openai/x", "groq/x", "cloudflare/x"):
        with pytest.raises(Setup) as caught:
            catalogue.find(model_id)
        shown = translated(caught.value.message, "local", None)
        assert not has_english(shown)
        assert " has " not in shown
        assert " must " not in shown
        assert " may " not in shown
    text.use("en")


@pytest.mark.parametrize("option", options.OPTIONS)
def test_what_an_option_may_be_is_told_in_the_readers_language(option: str, tmp_path: Path) -> None:
    if options.Settings.model_fields[option].annotation is Path:
        return  # any text is a path
    with pytest.raises(Setup) as caught:
        options.load({f"ROUNDTABLE_{option.upper()}": "?" * 5000}, folder=tmp_path)
    text.use("zh")
    shown = configured(caught.value.message)
    text.use("en")
    assert "：应为" in shown
    assert "must" not in shown


def test_one_word_stands_for_token() -> None:
    """What models read and write is token in Chinese too, as developers say; 令牌 is a key that opens a door."""
    chinese = [str(message.string) for message in catalogs.read(catalogs.FOLDER / "zh.po")]
    assert [words for words in chinese if "词元" in words or re.search(r"\bToken\b", words)] == []


def test_chinese_has_its_own_punctuation() -> None:
    """Half-width commas, colons and brackets between Chinese characters are left over from English."""
    half = re.compile(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]")
    chinese = [str(message.string) for message in catalogs.read(catalogs.FOLDER / "zh.po")]
    assert [words for words in chinese if half.search(words)] == []


@pytest.mark.parametrize(
    ("reason", "read"),
    [
        (
            "Conversation 3 (“Rain”), message 2: “usage.input” is not a number",
            "第 3 个对话 (“Rain”)，第 2 条消息 的“usage.input”：不是数字",
        ),
        ("Conversation 1: “messages” is missing", "第 1 个对话 的“messages”：缺失"),
        ("Conversation 1, lane 2, message 4 is not an object", "第 1 个对话，第 2 列，第 4 条消息：不是对象"),
        ("Conversation 9: messages follow each other in a circle", "第 9 个对话：消息首尾相接成环"),
        ("“Which is best”: no lane of it is in the file", "“Which is best”：它的各列都不在文件中"),
        ("Round 2 of a comparison names a question that is not in the file", "第 2 轮（对比）：所指的问题不在文件中"),
        (
            "Conversation 2, “text” has 3,000 characters, at most 2,000 are taken",
            "第 2 个对话，“text”：有 3,000 个字符，最多接受 2,000 个",
        ),
        ("whatever else", "whatever else"),
    ],
)
def test_why_a_record_was_left_out_is_read_in_chinese(reason: str, read: str) -> None:
    text.use("en")
    assert damaged(reason) == reason
    text.use("zh")
    assert damaged(reason) == read
