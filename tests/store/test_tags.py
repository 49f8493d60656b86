"""Tags: free words of a person's own, in lists, searches, exports and imports."""

from __future__ import annotations

import json

import pytest

from core.store import NotFound, conversations, erasure, search, tags, turns
from core.store.database import Database
from core.store.imports import load
from core.store.portable import export
from core.workspace.everything import zipped

ANA, BEN = "ana", "ben"


def chat(database: Database, owner_id: str, question: str) -> str:
    return conversations.create(database, owner_id, title=question).id


def titles(database: Database, *tagged: str) -> list[str]:
    return [entry.title for entry in conversations.recent(database, ANA, tagged=tagged).entries]


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        (["  Home   work "], ["Home work"]),
        (["#work", "WORK", "Ｗｏｒｋ"], ["work"]),
        (["", "#", "   "], []),
        (["工作", "x" * 60], ["工作", "x" * 40]),
        (["café", "cafe"], ["café"]),
    ],
)
def test_words_become_tags(typed: list[str], made: list[str]) -> None:
    assert list(tags.named(typed).values()) == made


@pytest.mark.parametrize(
    ("typed", "words", "named"),
    [
        ("tides tag:work", "tides", ["work"]),
        ('tag:"to do" TAG:Work', "", ["to do", "Work"]),
        ("潮汐 标签：工作 tag:“待办 事项”", "潮汐", ["工作", "待办 事项"]),
        ("stage:two tag: x", "stage:two tag: x", []),
    ],
)
def test_a_query_names_tags(typed: str, words: str, named: list[str]) -> None:
    assert tags.read_query(typed) == (words, named)


def test_lists_and_counts_follow_the_tags(database: Database) -> None:
    tree, tea, trip = (chat(database, ANA, name) for name in ("Tree", "Tea", "Trip"))
    tags.add(database, ANA, [tree, tea], ["Work"])
    tags.add(database, ANA, [tea, trip], ["work", "home"])
    assert titles(database, "WORK") == ["Trip", "Tea", "Tree"]
    assert titles(database, "work", "home") == ["Trip", "Tea"]
    assert [(tag.name, tag.entries) for tag in tags.all_of(database, ANA)] == [("home", 2), ("Work", 3)]
    tags.take(database, ANA, [tea], ["WORK"])
    tags.replace(database, ANA, trip, ["away"])
    assert tags.of(database, ANA, [tree, tea, trip]) == {tree: ("Work",), tea: ("home",), trip: ("away",)}
    conversations.remove(database, ANA, tree)
    assert [tag.name for tag in tags.all_of(database, ANA)] == ["away", "home"]
    conversations.restore(database, ANA, tree)
    assert titles(database, "work") == ["Tree"]


def test_a_search_keeps_to_the_tagged(database: Database) -> None:
    ids = []
    for number in range(3):
        begun = turns.begin(
            database, ANA, turns.NewTurn(f"q{number}", f"Question {number} about tides"), owner_process="p"
        )
        ids.append(begun.conversation_id)
    tags.add(database, ANA, ids[1:], ["sea"])
    assert [hit.conversation_id for hit in search.find(database, ANA, "tides", tagged=["Sea"])] == ids[:0:-1]
    assert search.find(database, ANA, "deserts", tagged=["sea"]) == []
    assert search.find(database, ANA, "tides", tagged=["sea", "none"]) == []


def test_another_owners_entry_is_not_found(database: Database) -> None:
    of_ben, own = chat(database, BEN, "Tree"), chat(database, ANA, "Tea")
    for act in (tags.add, tags.take):
        with pytest.raises(NotFound):
            act(database, ANA, [own, of_ben], ["work"])
    with pytest.raises(NotFound):
        tags.replace(database, ANA, of_ben, ["work"])
    assert tags.all_of(database, ANA) == tags.all_of(database, BEN) == []


def test_an_export_carries_tags_into_another_history(database: Database) -> None:
    tree = chat(database, ANA, "Tree")
    turns.begin(database, ANA, turns.NewTurn("q", "What is a tree?", conversation_id=tree), owner_process="p")
    tags.add(database, ANA, [tree], ["工作", "to do"])
    assert "Tags: to do, 工作" in "".join(export.export(database, ANA, "markdown", [tree]))
    file = "".join(export.export(database, ANA, "json"))
    assert json.loads(file)["conversations"][0]["tags"] == ["to do", "工作"]
    assert b"rows/tags.jsonl" in b"".join(zipped(database, ANA))
    load.load(database, BEN, file.encode(), process="p")
    [entry] = conversations.recent(database, BEN, tagged=["工作", "to do"]).entries
    assert entry.title == "Tree"
    erasure.begin(database, ANA)
    assert tags.all_of(database, ANA) == []
    assert [tag.entries for tag in tags.all_of(database, BEN)] == [1, 1]


def test_tags_of_an_import_that_are_no_words_are_left_out(database: Database) -> None:
    messages = [{"id": "m", "role": "user", "text": "Hi"}]
    talks = [{"id": "a", "messages": messages, "tags": ["ok", 7]}, {"id": "b", "messages": messages, "tags": "no"}]
    loaded = load.load(
        database, ANA, json.dumps({"format": "roundtable", "version": 1, "conversations": talks}).encode(), process="p"
    )
    assert loaded.conversations == 2
    assert loaded.left.counts["detail"] == 2
    assert [tag.name for tag in tags.all_of(database, ANA)] == ["ok"]
