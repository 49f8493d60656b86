"""docs/architecture.md is true: its diagram, its table of packages, the path of a question, all files that it names."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.test_house import ENGINE_PACKAGES, ENGINE_ROOMS, ROOT, RULES, Rule, arrows_of, room_of

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
# A box of the diagram, and the packages and modules in it.
BOXES = {
    "pages": "page",
    "cli": "cli",
    "ui": "ui",
    "assemble": "assemble core local_files",
    "workspace": "workspace",
    "batch": "batch",
    "checks": "input_limits expected_output budget",
    "engine": ENGINE_ROOMS,
    "log_data": "log_data",
    "store": "store",
    "net": "net",
    "wire": "wire",
    "simulator": "simulator",
    "tools": "tools",
    "documents": "documents",
    "providers": "providers options",
    "routing": "routing context reusable request_media picture_tokens",
    "insight": "insight",
    "schemas": "schemas",
    "report": "report",
    "safety": "safety",
    "views": "views",
    "records": "records errors",
    "metrics": "metrics",
    "basics": "pictures intervals encodings logs log_format events",
}


def test_the_diagram_and_the_table_are_what_the_code_is() -> None:
    """`python -m tests.test_architecture` writes them."""
    assert written(PAGE) == PAGE


def written(page: str) -> str:
    """The page with the diagram of today's imports and the rules of today."""
    page = re.sub(r"```mermaid\n.*?```", lambda _: f"```mermaid\n{diagram()}```", page, flags=re.DOTALL)

    def row(match: re.Match[str]) -> str:
        return f"{match[1]}{in_words(match[2], RULES[match[2]])} |" if match[2] in RULES else match[0]

    return re.sub(r"^(\| `(\w+)` \| [^|]+ \| )[^|]+ \|$", row, page, flags=re.MULTILINE)


def test_the_table_has_every_package() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)) >= set(RULES)


def diagram() -> str:
    """The boxes and the arrows between them that no others imply."""
    boxes = {room: box for box, rooms in BOXES.items() for room in rooms.split()}
    arrows: dict[str, set[str]] = {box: set() for box in BOXES}
    for source, target in arrows_of(ROOT):
        first, second = boxes[room_of(source)], boxes[room_of(target)]
        arrows[first] |= {second} - {first}

    def below(box: str) -> set[str]:
        return arrows[box].union(*(below(other) for other in arrows[box]))

    lines = [f'    {box}["{label(box, rooms)}"]' for box, rooms in BOXES.items()]
    for box in BOXES:
        implied = {deeper for other in arrows[box] for deeper in below(other)}
        lines += [f"    {box} --> {other}" for other in BOXES if other in arrows[box] - implied]
    return "\n".join(["flowchart TD", *lines, ""])


def label(box: str, rooms: str) -> str:
    words = rooms.split()
    if words == [box]:
        return f"<b>{box}</b>"
    return "<br>".join([f"<b>{box}</b>", *(" ".join(words[start : start + 4]) for start in range(0, len(words), 4))])


def in_words(room: str, rule: Rule) -> str:
    if room in ENGINE_ROOMS.split():
        return "ENGINE"
    rooms = rule.rooms.replace(RULES["engine"].rooms, "ENGINE").split()
    packages = [] if "ENGINE" in rooms and rule.packages == ENGINE_PACKAGES else rule.packages.split()
    words = " ".join(rooms) or "nothing"
    return words + (f"; {' '.join(packages)}" if packages else "") + (", pure" if rule.pure else "")


def test_engine_means_what_the_page_says() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)
    above = {room for room in rows[: rows.index("jobs") + 1] if room in RULES}
    assert above - {"encodings", "report"} == set(RULES["engine"].rooms.split())
    assert RULES["engine"].packages == "aiohttp requests tenacity"


def test_every_file_that_the_page_names_is_there() -> None:
    recipes = re.compile(r"^## How things are added$.*?(?=^## )", re.DOTALL | re.MULTILINE)
    page = recipes.sub("", PAGE)  # which tests/recipes/ reads
    named = set(re.findall(r"`((?:core|bench|deploy|docs|pages|scripts|tests)/[\w./]*|\w+\.py)`", page))
    assert len(named) > 40
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_page_names_every_folder_of_the_large_packages() -> None:
    for room in ("store", "ui"):
        (paragraph,) = re.findall(rf"^- `core/{room}/`: (.*?)(?=^- |\n\n)", PAGE, re.DOTALL | re.MULTILINE)
        folders = {path.parent.name for path in (ROOT / "core" / room).glob("*/__init__.py")}
        assert {name for name in folders if f"`{name}/`" not in paragraph} == set()


def path() -> list[tuple[str, str]]:
    """(file, function) of the path, in the order in which the page tells them."""
    (table,) = re.findall(r"^## The path of a question\n(.*?)^## ", PAGE, re.DOTALL | re.MULTILINE)
    return re.findall(r"^\| `([\w/.]+)` \| `([\w.]+)` \|", table, re.MULTILINE)


def test_every_function_of_the_path_is_defined_where_it_is_said() -> None:
    assert len(path()) > 15
    assert [step for step in path() if step[1] not in definitions(ROOT / step[0])] == []


@cache
def definitions(path: Path) -> set[str]:
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (child for child in node.body if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))
            names |= {f"{node.name}.{child.name}" for child in methods}
    return names


ASK = """
import os, sys, threading
root, steps, called = os.getcwd() + "/", {tuple(step.split()) for step in sys.argv[1:]}, []
noting = threading.Event()

def note(frame, event, _):
    if event == "call" and noting.is_set():
        step = frame.f_code.co_filename.removeprefix(root), frame.f_code.co_qualname
        if step in steps:
            called.append((threading.current_thread().name, *step))

threading.setprofile(note)
from streamlit.testing.v1 import AppTest
from core.ui import app_state
at = AppTest.from_file(root + "streamlit_app.py", default_timeout=100)
at.query_params["m"] = "sim/quick"
at.run()
app_state.get().workspace
noting.set()
at.chat_input(key="ask").set_value("Name three rivers").run()
noting.clear()
assert not at.exception, at.exception
assert len(at.chat_message) == 2
for thread, *step in called:
    print("page" if "script" in thread.lower() else "loop", *step)
"""


def test_a_question_takes_the_path(tmp_path: Path) -> None:
    """Asked on the page it passes through every function of the path, in this order on the page and behind it."""
    environ = {
        "PYTHONPATH": f"{ROOT / 'tests' / 'guard'}:{ROOT}",
        "OUTSIDE_REPORT": str(tmp_path / "outside"),
        "ROUNDTABLE_DATA_FOLDER": str(tmp_path),
        "ROUNDTABLE_LOCAL_SERVERS": "false",
    }
    command = [sys.executable, "-c", ASK, *map(" ".join, path())]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    called = [tuple(line.split()) for line in done.stdout.splitlines()]
    assert [step for step in path() if step not in {call[1:] for call in called}] == []
    for side in ("page", "loop"):
        seen = iter(step for where, *step in called if where == side)
        asked_of = [list(step) for step in path() if (side, *step) == first(called, step)]
        assert [step for step in asked_of if step not in seen] == [], f"another order {side}"
    assert not (tmp_path / "outside").exists()


def first(called: list[tuple[str, ...]], step: tuple[str, str]) -> tuple[str, ...]:
    return next(call for call in called if call[1:] == step)


if __name__ == "__main__":
    (ROOT / "docs" / "architecture.md").write_text(written(PAGE), encoding="utf-8")
