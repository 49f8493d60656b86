"""Full text, the same on both databases: Chinese words of any length, folded words, hostile queries, order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from core.store import conversations, purge, runs, search, turns
from core.store.database import Database
from core.store.search import fold, index_words, snippet
from core.store.search_tables import search_places
from tests.store.conftest import OWNER
from tests.store.plans import plans

Say = Callable[..., turns.Begun]


def texts(database: Database, query: str, owner: str = OWNER) -> list[str]:
    return ["".join(hit.snippet) for hit in search.find(database, owner, query)]


@pytest.mark.parametrize(
    ("query", "matches"),
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
def test_words_are_found(database: Database, say: Say, query: str, matches: bool) -> None:
    say("r1", "机器学习很有趣 café naïve Straße ひらがな 한국어 हिन्दी snake_case foo.bar(42) 5 € 🎉")
    assert bool(texts(database, query)) == matches


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


@pytest.mark.parametrize(
    ("text", "query", "matches"),
    [
        ("How do I sort a vector in C++?", "C++", True),
        ("vitamin c is good, a + b too", "C++", False),
        ("abc++ is no language", "C++", False),
        ("In C# use LINQ", "C#", True),
        ("# C\nA heading", "C#", False),
        ("ASP.NET is old", ".NET", True),
        ("the net is wide.", ".NET", False),
        ("It costs $5 or 7€", "$5", True),
        ("It costs $5 or 7€", "7€", True),
        ("It costs 5 $", "$5", False),
        ("see /usr/local/bin", "/usr/local", True),
        ("see /usr/share and /local", "/usr/local", False),
        ("run it with --force", "--force", True),
        ("run it with force", "--force", False),
        ("std::vector<int> v;", "std::vector", True),
        ("a => b", "=>", True),
        ("a = > b", "=>", False),
        ("用C++写程序", "用C++", True),
        ("a family 👩‍💻 works", "👩‍💻", True),
        ("thumbs 👍🏽 up", "👍", True),
        ("a well-known e-mail", "well known", True),
        ("“Quoted”, (bracketed).", '"quoted" bracketed', True),
        ("你好，世界。", "你好世界", False),
        ("你好，世界。", "你好，世界", True),
        ("Tôi sống ở Đà Nẵng", "da nang", True),
        ("Łódź, København, Işık, Þór, Straße", "lodz kobenhavn isik thor strasse", True),
        ("שָׁלוֹם עולם", "שלום", True),
        ("مُحَمَّد يقرأ أشياء", "محمد اشياء", True),
        ("Ёлка и Άνθρωπος", "елка ανθρωποσ", True),
    ],
)
def test_signs_and_letters(database: Database, say: Say, text: str, query: str, matches: bool) -> None:
    say("r1", text)
    assert bool(texts(database, query)) == matches


@pytest.mark.parametrize("query", ["moon", "moo", "the moon", "月亮很", "C++", "/lunar/base"])
def test_older_ones_are_found_through_the_index(
    database: Database, say: Say, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "OLDEST", search.OLDEST.offset(2))
    monkeypatch.setattr(search, "AT_ONCE", 2)
    for n in range(5):
        say(f"r{n}", f"{n} the moon 月亮很圆 in C++ at /lunar/base", f"{n} the moon 月亮很圆 in C++ at /lunar/base")
    say("other", "C plus moonless 月很亮 /lunar and /base", owner="ana2")
    say("r5", "something else")
    assert [text[0] for text in texts(database, query)] == list("4321043210")
    assert len(search.find(database, OWNER, query, limit=7)) == 7


def test_a_conversation_is_found_by_its_title(database: Database, say: Say) -> None:
    chat = say("r1", "Where to?", "Rome.").conversation_id
    conversations.rename(database, OWNER, chat, "Holiday plans")
    hits = search.find(database, OWNER, "holiday plans")
    assert [(hit.title, "".join(hit.snippet)) for hit in hits] == [("Holiday plans", "Where to?")]
    conversations.rename(database, OWNER, chat, "Summer")
    assert texts(database, "holiday") == []
    assert len(texts(database, "where summer")) == 1


def test_a_comparison_is_found_by_its_title(database: Database) -> None:
    run_id, made = runs.create(database, OWNER, "r", ["sim/quick"], prompt="Where to?")
    turns.begin(
        database,
        OWNER,
        turns.NewTurn("q", "Where to?", model_id="m", conversation_id=made[0].conversation_id),
        owner_process="host/1/a",
    )
    conversations.rename(database, OWNER, run_id, "Holiday plans")
    (hit,) = search.find(database, OWNER, "holiday")
    assert (hit.run_id, hit.title) == (run_id, "Holiday plans")


def test_neither_the_newest_nor_the_index_is_sorted_or_read_whole(
    database: Database, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "OLDEST", search.OLDEST.offset(0))
    for n in range(3):
        say(f"r{n}", f"The moon {n}", "The moon.")
    steps = plans(database, lambda: search.find(database, OWNER, "the moo"), without_seq_scan=True)
    index = "VIRTUAL TABLE INDEX" if database.kind == "sqlite" else "Bitmap Index Scan on messages_terms"
    assert sum("search_places_code" in plan for plan in steps) >= 4  # where the newest end, and these, of both roles
    assert sum(index in plan for plan in steps) == 2
    for plan in steps:
        assert "SCAN " not in plan.replace("SCAN message_words VIRTUAL TABLE INDEX", "")
        assert "TEMP B-TREE" not in plan
        assert "Seq Scan" not in plan


def test_every_token_stands_behind_its_owner(database: Database, say: Say) -> None:
    say("r1", "moon", "moon", owner="ana")
    say("r2", "moon", owner="ben")
    codes = ["q616e61", "a616e61", "q62656e"]
    with database.read() as connection:
        assert list(connection.execute(select(search_places.c.code).order_by(search_places.c.seq)).scalars()) == codes
        if database.kind == "postgresql":
            query = "SELECT array_to_string(tsvector_to_array(terms), ' ') FROM search_places ORDER BY seq"
            assert list(connection.execute(text(query)).scalars()) == [f"{code}:moon" for code in codes]
