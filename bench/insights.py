"""How long the Insights page takes to read a log: `python -m bench.insights [messages]`, 100,000 unless told.

Half of the messages are questions, half of these Chinese, from templates with themes of their own; every tenth
question is asked again, every twentieth is an opinion. Printed: wall and CPU time of the first reading and of one after
100 more messages, with the library and without; how long a thread of somebody else waits meanwhile, which wants 1 ms of
work every 10 ms; how many questions are in a topic, and how pure the topics are (the share of questions whose theme is
their topic's commonest). The database is a new SQLite file; PostgreSQL with `--postgresql URL`, of an empty database.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from core.insight import question_topics
from core.records import Completion, Finish, Timing, Usage
from core.store import completion as codec
from core.store.columns import from_us
from core.store.database import Database
from core.store.opening import open_database
from core.store.search import title_words
from core.store.tables import calls, conversations, messages
from core.workspace import insights as reading
from core.workspace.insights import InsightReader, LogReading

OWNER = "bench"
BEGAN_US = 1_767_225_600_000_000  # 2026-01-01
STEP_US = 300_000_000
MODELS = ("groq/llama-3.3-70b", "gemini/flash", "mistral/small", "sim/quick")
THEMES: dict[str, tuple[str, ...]] = {
    "python": (
        "Python decorators",
        "list comprehension",
        "pandas dataframe",
        "asyncio task",
        "pytest fixture",
        "generator",
    ),
    "cooking": ("sourdough bread", "pasta sauce", "vegetarian lasagna", "oven temperature", "chicken curry", "risotto"),
    "travel": (
        "Lisbon itinerary",
        "train tickets",
        "hotel booking",
        "visa application",
        "flight delay",
        "Kyoto temples",
    ),
    "databases": (
        "SQL query",
        "PostgreSQL index",
        "left join",
        "window function",
        "transaction isolation",
        "migration",
    ),
    "law": ("rental contract", "notice period", "employment law", "privacy policy", "copyright licence", "tax return"),
    "zh learning": ("机器学习", "神经网络", "梯度下降", "过拟合", "卷积层", "注意力机制"),
    "zh cooking": ("红烧肉", "番茄炒蛋", "饺子馅", "酱油", "清蒸鱼", "发面团"),
    "zh code": ("正则表达式", "网络爬虫", "数据库索引", "多线程", "单元测试", "接口文档"),
    "zh work": ("周报", "述职报告", "会议纪要", "绩效考核", "项目计划", "招聘启事"),
}
ENGLISH = (
    "Please write a {a} example with {b} in {n} lines.", "How do I use {a} together with {b}, version {n}?",
    "Can you explain {a} to a beginner who knows {b}? I have {n} minutes.",
    "What is the difference between {a} and {b}?",
    "Give me {n} tips for {a} and mention {b} where it helps. Keep it short and add an example for each.",
)  # fmt: skip
CHINESE = (
    "请帮我写一个关于{a}的介绍，要提到{b}，大约{n}字。", "怎么理解{a}？它和{b}有什么关系？第{n}题",
    "{a}和{b}有什么区别，请举{n}个例子",
    "如何用{a}做{b}？我只有{n}分钟。", "解释一下{a}，然后总结成{n}条要点，{b}也要讲清楚。",
)  # fmt: skip
OPINIONS = (
    "That was wrong again and I am getting frustrated with number {n}.", "Great, thank you, part {n} works now!",
    "第{n}个答案还是不对，太让人失望了。", "太好了，第{n}部分写得很清楚，谢谢！",
)  # fmt: skip
ANSWERS = (
    "Here is what you asked for. " * 20,
    "好的，下面是你要的内容。" * 30,
    "I'm sorry, but I can't help with that.",
    "",
)


def questions(number: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """(theme or "", text)."""
    past: list[tuple[str, str]] = []
    themes = list(THEMES)
    for n in range(number):
        chance = rng.random()
        if chance < 0.1 and past:
            theme, text = rng.choice(past)
            yield theme, f"{text.upper()}" if rng.random() < 0.3 else f"{text} "
        elif chance < 0.15:
            yield "", rng.choice(OPINIONS).format(n=n)
        else:
            theme = rng.choice([name for name in themes if name.startswith("zh") == (chance < 0.575)])
            a, b = rng.sample(THEMES[theme], 2)
            text = rng.choice(CHINESE if theme.startswith("zh") else ENGLISH).format(a=a, b=b, n=rng.randrange(900))
            past.append((theme, text))
            yield theme, text


def fill(database: Database, number: int, start: int = 0) -> dict[str, str]:
    """So many messages, four in a conversation, and a call for each answer; the theme of each question by its id."""
    rng = random.Random(start + 1)
    themes: dict[str, str] = {}
    talks: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    made: list[dict[str, Any]] = []
    for n, (theme, text) in enumerate(questions(number // 2, rng), start):
        at, talk, depth = from_us(BEGAN_US + n * STEP_US), f"talk{n // 2}", 2 * (n % 2)
        if not depth or not talks:
            talks.append(
                {"id": talk, "owner_id": OWNER, "kind": "chat", "title": "", "title_by_person": False, "pinned": False,
                 "settings": {}, "version": 1, "created_at": at, "updated_at": at}
            )  # fmt: skip
        answer, model_id = rng.choice(ANSWERS), rng.choice(MODELS)
        themes[f"q{n}"] = theme
        common = {"conversation_id": talk, "state": "done", "created_at": at}
        rows.append(
            {**common, "id": f"q{n}", "parent_id": None if not depth else f"a{n - 1}", "depth": depth, "role": "user",
             "text": text, "words": title_words("", text), "model_id": None, "completion": None}
        )  # fmt: skip
        timing = Timing(at, 300.0, 300.0, 900.0, 900.0)
        finish = Finish("stop" if answer else "length")
        done = codec.encode(Completion(model_id, answer, "", Usage(50, 150), finish, timing))
        rows.append(
            {**common, "id": f"a{n}", "parent_id": f"q{n}", "depth": depth + 1, "role": "assistant", "text": answer,
             "words": "x", "model_id": model_id, "completion": done}
        )  # fmt: skip
        made.append(
            {"id": f"c{n}", "at": at, "owner_id": OWNER, "provider_id": model_id.partition("/")[0],
             "model_id": model_id, "n": 1, "outcome": "ok" if answer else "timeout", "ms": 900.0,
             "estimated": False, "cached": False}
        )  # fmt: skip
    with database.write(durable=False) as connection:
        for table, new in ((conversations, talks), (messages, rows), (calls, made)):
            for first in range(0, len(new), 5000):
                connection.execute(insert(table), new[first : first + 5000])
    return themes


def read(reader: InsightReader) -> tuple[LogReading, float, float]:
    """The look at the end, wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    while (look := reader.look(OWNER)).is_reading:
        time.sleep(0.02)
    if look.error:
        raise look.error
    return look, time.perf_counter() - wall, time.process_time() - cpu


def waits(stop: threading.Event, late_ms: list[float]) -> None:
    """How much longer 1 ms of work takes."""
    while not stop.wait(0.01):
        began = time.perf_counter()
        while time.perf_counter() - began < 0.001:
            pass
        late_ms.append((time.perf_counter() - began) * 1000 - 1)


def purity(look: LogReading, themes: dict[str, str], reader: InsightReader) -> float:
    own = reader._readings[OWNER]
    own_questions = own.log.questions()
    assert own.memory._topics
    place, _ = question_topics.place([question.words for question in own_questions], own.memory._topics)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for question, topic in zip(own_questions, place.tolist(), strict=True):
        if topic >= 0:
            counts[topic][themes[question.id]] += 1
    return sum(max(each.values()) for each in counts.values()) / sum(each.total() for each in counts.values())


def main(number: int, url: str | None) -> None:
    library = question_topics.library
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(url, Path(folder))
        themes = fill(database, number)
        print(f"{number:,} messages on {database.engine.dialect.name}")
        for name, chosen in (("scikit-learn", library), ("light", lambda: None)):
            question_topics.library = chosen
            reader = InsightReader(database)
            stop, late_ms = threading.Event(), list[float]()
            other = threading.Thread(target=waits, args=(stop, late_ms))
            other.start()
            look, wall_s, cpu_s = read(reader)
            stop.set()
            other.join()
            findings = look.findings
            assert findings
            late_ms.sort()
            typical, most = late_ms[len(late_ms) // 2], late_ms[int(len(late_ms) * 0.99)]
            print(f"\n{name}: first reading {wall_s:.1f} s wall, {cpu_s:.1f} s CPU")
            print(
                f"  another thread waits {typical:.0f} ms (median), {most:.0f} ms (p99), {late_ms[-1]:.0f} ms (longest)"
            )
            placed = 1 - findings.without_topic / findings.questions
            print(f"  {findings.questions:,} questions, {findings.repeats:,} asked again; {placed:.1%} are in one of")
            print(f"  {len(findings.topics)} topics, of which the purity is {purity(look, themes, reader):.1%}:")
            for topic in findings.topics:
                print(f"    {topic.n:>7,}  {' · '.join(topic.terms)}")
            themes |= fill(database, 100, start=len(themes))
            time.sleep(reading.FRESH_S)
            _, wall_s, cpu_s = read(reader)
            print(f"  after 100 more messages: {wall_s:.1f} s wall, {cpu_s:.1f} s CPU")
            reader.close()
        question_topics.library = library
        database.close()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    url = arguments.pop(arguments.index("--postgresql") + 1) if "--postgresql" in arguments else None
    numbers = [argument for argument in arguments if not argument.startswith("-")]
    main(int(numbers[0]) if numbers else 100_000, url)
