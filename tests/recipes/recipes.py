"""The recipes of docs/architecture.md: read from the page, and followed in a copy of the tree."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("core", "pages", "scripts", "tests", "docs", ".streamlit")
COPIED_FILES = ("streamlit_app.py", "roundtable.py", "pyproject.toml", ".env.example", "README.md")
BLOCK = re.compile(
    r"(?:New\sfile\s`(?P<new>[^`]+)`"
    r"|At\sthe\send\sof\s`(?P<end>[^`]+)`"
    r"|In\s`(?P<file>[^`]+)`,\s(?P<how>below|instead\sof)\s`(?P<anchor>[^`]+)`)"
    r":\n\n```\w+\n(?P<code>.*?)```",
    re.DOTALL,
)
RUN = re.compile(r"Run `scripts/(\w+)(?: (\w+))?` and fill in what it lists\.")


@dataclass(frozen=True)
class Step:
    """A block of code and where it goes: a new file, the end of one, below a line or instead of some words."""

    path: str
    code: str
    how: str = "new"
    anchor: str = ""

    def follow(self, tree: Path) -> None:
        path = tree / self.path
        if self.how == "new":
            assert not path.exists(), f"{self.path} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.code, encoding="utf-8")
            return
        before = path.read_text(encoding="utf-8")
        path.write_text(self.changed(before), encoding="utf-8")

    def changed(self, before: str) -> str:
        if self.how == "end":
            return f"{before.rstrip()}\n\n{self.code}"
        if self.how == "below":
            lines = before.splitlines(keepends=True)
            places = [number for number, line in enumerate(lines) if line.lstrip().startswith(self.anchor.lstrip())]
            assert len(places) == 1, f"{self.anchor} begins {len(places)} lines of {self.path}"
            place = places[0]
            return "".join([*lines[: place + 1], self.code, *lines[place + 1 :]])
        assert before.count(self.anchor) == 1, f"{self.anchor} is not there once in {self.path}"
        return before.replace(self.anchor, self.code.removesuffix("\n"))


@dataclass(frozen=True)
class Recipe:
    """One heading of the page. `languages`: of which files are then brought up to date; "": of all."""

    name: str
    steps: tuple[Step, ...]
    languages: tuple[str, ...]


def read() -> list[Recipe]:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"^## How things are added\n(.*?)^## ", page, re.DOTALL | re.MULTILINE)
    return [recipe(part) for part in section.split("\n### ")[1:]]


def recipe(part: str) -> Recipe:
    heading, _, rest = part.partition("\n")
    steps = tuple(steps_of(rest))
    assert len(steps) == rest.count("```") // 2, f"{heading}: a block of code has no place"
    return Recipe(heading, steps, tuple(language for script, language in RUN.findall(rest) if script == "translate"))


def steps_of(part: str) -> Iterator[Step]:
    for block in BLOCK.finditer(part):
        if block["new"]:
            yield Step(block["new"], block["code"])
        elif block["end"]:
            yield Step(block["end"], block["code"], "end")
        else:
            yield Step(block["file"], block["code"], " ".join(block["how"].split()), block["anchor"])


def numbered(step: Step, old: str, new: str) -> Step:
    """The step with the revisions that the page calls OLD and NEW."""
    words = {"OLD": old, "NEW": new}

    def filled(text: str) -> str:
        return re.sub(r"OLD|NEW", lambda match: words[match[0]], text)

    return Step(filled(step.path), filled(step.code), step.how, filled(step.anchor))


def copy(tree: Path) -> None:
    """The project without what recipes do not touch, with what is compiled of it."""
    for name in COPIED:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("shots", "secrets.toml"))
    for name in COPIED_FILES:
        shutil.copy(ROOT / name, tree / name)
