"""Full text, the same on both databases: Chinese words of any length, folded words, hostile queries, order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.store import conversations, purge, search, turns
from core.store.database import Database
from core.store.search import fold, index_words, snippet
from tests.store.conftest import OWNER

Say = Callable[..., turns.Begun]


def texts(database: Database, query: str, owner: str = OWNER) -> list[str]:
    return ["".join(hit.snippet) for hit in search.find(database, owner, query)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("学", True),
        ("学习", True),
        ("机器学习", True),
        ("器学习很", True),
        ("机学", False),
        ("习机", False),
        ("café", True),
        ("CAFE", True),
        ("caf", True),
        ("ｃａｆｅ", True),
        ("afe", False),
        ("ひらがな", True),
        ("らが", True),
        ("한국어", True),
        ("국어", True),
        ("naive straße", True),
        ("STRASSE", True),
        ("हिन्दी", True),
        ("snake_case", True),
        ("foo.bar(42)", True),
        ("€", True),
        ("🎉", True),
        ("🎈", False),
        ("cafe missing", False),
        ("   ", False),
    ],
)
def test_words_are_found(database: Database, say: Say, query: str, found: bool) -> None:
    say("r1", "机器学习很有趣 café naïve Straße ひらがな 한국어 हिन्दी snake_case foo.bar(42) 5 € 🎉")
    assert bool(texts(database, query)) == found


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "'",
        "a OR b",
        'x" OR "y',
        "NEAR(a b)",
        "words:*",
        "*",
        "zz & | !",
        "':*",
        "\\",
        "%",
        "_",
        "%%",
        "'; DROP TABLE messages; --",
        "\x00",
        "\ud800",
        "(" * 500,
        "zz " * 5000,
        "机" * 5000,
        "x" * 100_000,
    ],
)
def test_a_hostile_query_is_just_text(database: Database, say: Say, query: str) -> None:
    say("r1", "A plain question", "A plain answer.")
    assert texts(database, query) == []
    assert texts(database, "plain") == ["A plain question", "A plain answer."]


def test_questions_come_before_answers_then_the_newest(database: Database, say: Say) -> None:
    say("r1", "Tell me", "The moon is far.")
    say("r2", "The moon?", "It is.")
    say("r3", "A moon again", "Yes, a moon.")
    assert texts(database, "moon") == ["A moon again", "The moon?", "Yes, a moon.", "The moon is far."]
    assert [hit.role for hit in search.find(database, OWNER, "moon", limit=3)] == ["user", "user", "assistant"]


def test_a_hit_names_its_message(database: Database, say: Say) -> None:
    begun = say("r1", "First", "An unusual word: zyzzyva.")
    (hit,) = search.find(database, OWNER, "zyzz")
    assert (hit.message_id, hit.conversation_id, hit.title) == (begun.answer_message_id, begun.conversation_id, "First")
    assert hit.snippet == ("An unusual word: ", "zyzz", "yva.")


def test_others_and_deleted_ones_are_not_found(database: Database, say: Say) -> None:
    begun = say("r1", "moon", "moon")
    assert texts(database, "moon", owner="ben") == []
    conversations.remove(database, OWNER, begun.conversation_id)
    assert texts(database, "moon") == []
    conversations.restore(database, OWNER, begun.conversation_id)
    assert len(texts(database, "moon")) == 2


def test_a_purged_conversation_leaves_the_index(database: Database, say: Say) -> None:
    say("keep", "moon", "moon")
    conversations.remove(database, OWNER, say("r1", "moon", "moon").conversation_id)
    purge.purge(database, database.now())
    assert len(texts(database, "moon")) == 2


def test_a_huge_message_is_kept_and_its_start_is_found(database: Database, say: Say) -> None:
    begun = say("r1", "start " + "".join(chr(0x4E00 + n % 20000) for n in range(400_000)), "x " * 300_000)
    assert [hit.message_id for hit in search.find(database, OWNER, "start")] == [begun.user_message_id]


def test_words_are_folded_and_split() -> None:
    assert index_words("Hello, hello WORLD-wide") == "hello world wide"
    assert index_words("用Python写") == "python 用 写"
    assert index_words("机器学习") == "机器 器学 学习 机 器 学 习"
    assert fold("ＡÉ") == "ae"


def test_a_snippet_is_one_short_line_around_the_match() -> None:
    before, match, after = snippet("x" * 500 + "\nThe … MOON\n" + "y" * 500, ["moon"])
    assert match == "MOON"
    assert before.startswith("…x")
    assert before.endswith(" The … ")
    assert len(before + match + after) < 180
    assert snippet("ﬁrst ﬁnd", ["find"]) == ("ﬁrst ", "ﬁnd", "")
