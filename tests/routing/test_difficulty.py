"""The difficulty score: sensible on open questions of both languages, blind to benchmark form, explainable."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.routing import difficulty, explain, load_weights
from core.routing.features import features, pieces, read, reading
from core.routing.words import LONGEST_PIECE_CHARACTERS, lexicon

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TABLE = ROOT / "../shared/routing/train.csv.gz"
QUESTION = "Which organ makes bile?\nA. The liver\nB. The spleen\nC. The heart\nD. The lung\nAnswer:"


def questions(name, **wanted):
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if all(row[key] == value for key, value in wanted.items())]


def chance_that_hard_ranks_above_easy(rows):
    hard = [difficulty(row["question"]) for row in rows if row["level"] == "hard"]
    easy = [difficulty(row["question"]) for row in rows if row["level"] == "easy"]
    return sum((h > e) + 0.5 * (h == e) for h in hard for e in easy) / (len(hard) * len(easy))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hard_questions_rank_above_easy_ones_over_ten_kinds(language):
    assert chance_that_hard_ranks_above_easy(questions("open_questions.csv", language=language)) >= 0.95


@pytest.mark.parametrize("language", ["en", "zh"])
def test_short_code_maths_and_logic_rank_above_longer_writing_and_roleplay(language):
    rows = questions("open_kinds.csv", language=language)
    assert chance_that_hard_ranks_above_easy(rows) >= 0.95
    lengths = {level: [len(row["question"]) for row in rows if row["level"] == level] for level in ("easy", "hard")}
    assert sum(lengths["easy"]) / len(lengths["easy"]) > sum(lengths["hard"]) / len(lengths["hard"])


def test_within_each_kind_hard_ranks_above_easy():
    rows = questions("open_questions.csv")
    for kind in {row["kind"] for row in rows}:
        assert chance_that_hard_ranks_above_easy([row for row in rows if row["kind"] == kind]) >= 0.85, kind


@pytest.mark.parametrize(
    ("easier", "harder"),
    [
        ("Write a poem about rain.", "Write a function that parses rain data."),
        ("Hello!", "Prove that there are infinitely many primes."),
        ("你好！", "证明素数有无穷多个。"),
        ("Translate: good night", "Find all integer solutions of x^2 + y^2 = 3z^2."),
        ("写一首关于雨的诗。", "写一个解析降雨数据的函数。"),
        ("Describe his morning at the harbour.", "How many whole numbers x satisfy |2x - 7| < 9?"),
        ("Draft a card for my brother's wedding.", "Is the triangle with corners (1, 2), (4, 6), (0, 9) right-angled?"),
        ("写一段关于老房子的回忆。", "甲是乙的父亲，乙是丙的儿子。甲和丙是什么关系？"),
    ],
)
def test_sense_orders_a_pair(easier, harder):
    assert difficulty(easier) < difficulty(harder)


@pytest.mark.parametrize(
    "form",
    [
        "Question: " + QUESTION,
        "The following are multiple choice questions (with answers) about anatomy.\n\n" + QUESTION,
        "Which vessel leaves the heart?\nA. Vein\nB. Aorta\nC. Nerve\nD. Bone\nAnswer: B\n\n" + QUESTION,
        QUESTION.removesuffix("\nAnswer:"),
        QUESTION.replace(". ", ") "),
        QUESTION.replace("\n", "\r\n"),
        QUESTION.replace("?", "？").replace(". ", "．"),
    ],
)
def test_the_form_of_a_benchmark_changes_nothing(form):
    assert read(form) == read(QUESTION)
    assert difficulty(form) == difficulty(QUESTION)


def test_choices_lose_their_letters():
    assert read(QUESTION).choices == ("The liver", "The spleen", "The heart", "The lung")
    assert read("Pick one: A) red B) green C) blue").choices == ("red", "green", "blue")
    assert read("Plan A. is better than plan C. in my eyes").choices == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (QUESTION, "choice"),
        ("Ida has 4 boxes with 6 pens each. She gives away 5 pens. How many are left?", "problem"),
        ("小明有4盒笔，每盒6支，送出5支，还剩多少支？", "problem"),
        ("Who painted this?", "open"),
        ("How many whole numbers x satisfy |2x - 7| < 9?", "open"),
        ("The corners of a triangle are (1, 2), (4, 6) and (0, 9). What is its area, in unit squares?", "open"),
        ("What is 7 times 8?", "open"),
        ("Write a function that adds 2 and 3: def add(a, b): return a + b. How many calls does it need?", "open"),
    ],
)
def test_a_question_is_read_in_one_of_three_ways(text, kind):
    assert explain(text).reading == kind
    assert reading(read(text), features(read(text))) == kind


def test_reasons_are_named_and_sorted_by_weight():
    verdict = explain("Prove, step by step, that this algorithm halts.")
    assert verdict.difficulty == difficulty("Prove, step by step, that this algorithm halts.")
    assert {"is_proof", "is_code", "is_steps"} <= {name for name, _ in verdict.reasons}
    assert [abs(share) for _, share in verdict.reasons] == sorted((abs(s) for _, s in verdict.reasons), reverse=True)


@pytest.mark.parametrize(
    "text", ["", " ", "?", "\n" * 9000, "'" * 9000, "1 " * 9000, "证明" * 9000, "ﷺ" * 9000, "\ud800"]
)
def test_any_text_has_a_difficulty(text):
    assert 0 <= difficulty(text) <= 1


def test_a_long_text_is_read_at_both_ends():
    filler = "The river was calm that day. " * 400
    assert difficulty(filler + "Prove the theorem.") > difficulty(filler)
    assert len(read(filler).body) <= 1801


def test_the_longest_phrase_wins():
    assert lexicon()["step by step"] == ("steps",)
    numbers = features(read("Explain it step by step."))
    assert numbers["is_steps"] > 0
    assert pieces("C++ 与 c# 3,000.5 don't") == ["c++", "与", "c#", "3,000.5", "don't"]


def test_only_words_of_four_letters_and_more_have_a_plural():
    assert "is_chat" in features(read("hi there"))
    assert "is_chat" not in features(read("Mark faced north and lost his way."))
    assert "is_chat" in features(read("Three tips, please."))


def test_every_entry_of_the_word_table_can_be_found():
    for entry in lexicon():
        words = pieces(entry)
        if entry[0] >= "㐀":
            assert len(entry) <= LONGEST_PIECE_CHARACTERS
        else:
            assert " ".join(words) == entry


def test_weights_are_small_and_name_features_that_exist():
    weights = load_weights()
    text = "\n".join(row["question"] for row in questions("open_questions.csv"))
    shapes = {name for name in features(read(text)) if not name.startswith("is_")}
    classes = {f"is_{name}" for names in lexicon().values() for name in names}
    shapes |= {"choice_characters", "choice_numbers", "list_items", "decimals", "given_text", "code_signs"}
    for kind in ("open", "problem", "choice"):
        assert set(weights[kind]["weights"]) <= shapes | classes
    assert (ROOT / "core/routing/weights.json").stat().st_size < 300_000


def test_routing_reads_nothing_at_import():
    code = "import core.routing as r; assert r.load_weights.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_other_weights_can_be_passed():
    weights = json.loads(json.dumps(load_weights()))
    weights["open"]["weights"] = {"is_write": 1.0}
    assert difficulty("Write a poem.", weights) > difficulty("Prove it.", weights)


def test_the_weights_are_those_the_script_would_write():
    pytest.importorskip("numpy", reason="the training script needs numpy")
    if not TABLE.exists():
        pytest.skip(f"no training table at {TABLE}")
    command = [sys.executable, str(ROOT / "scripts/train_routing"), str(TABLE), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
