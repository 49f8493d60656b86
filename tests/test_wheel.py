"""What `pip install .` gives: built here, installed beside somebody else's `core`, with what it asks for and no more.

Nothing is downloaded: an environment sees those of the tests' own packages that the wheel's metadata asks for, and what
these ask for, at the versions that are locked here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
LOG = "log="  # needs the extra "log"; tests/library runs those too
RUN = """
import ast, asyncio, sys
for snippet in sys.argv[1:]:
    code = compile(snippet, "README.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, {})
    if waiting is not None:
        asyncio.run(waiting)
"""
FOREIGN = "WHOSE = 'another project'\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel."""
    folder = tmp_path_factory.mktemp("built")
    build(ROOT, folder)
    return folder


def build(project: Path, folder: Path) -> None:
    run([sys.executable, "-m", "hatchling", "build", "-d", folder], project)


def the_wheel(folder: Path) -> Path:
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def library(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the library alone."""
    return environment(tmp_path_factory.mktemp("library"), the_wheel(built), ())


@pytest.fixture(scope="module")
def app(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the app too."""
    return environment(tmp_path_factory.mktemp("app"), the_wheel(built), ("app",))


def environment(folder: Path, wheel: Path, extras: tuple[str, ...]) -> Path:
    """A new environment with the wheel and what it needs; its Python's folder."""
    venv.create(folder / "venv", symlinks=True)
    programs = folder / "venv" / "bin"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", programs / "python", "install", "--quiet"]
    run([*pip, "--disable-pip-version-check", "--no-index", "--no-deps", "--no-compile", wheel], folder)
    (packages,) = (folder / "venv").glob("lib/python3*/site-packages")
    (packages / "core").mkdir()
    (packages / "core" / "__init__.py").write_text(FOREIGN)
    own = next(iter(metadata.distributions(name="roundtable", path=[str(packages)])))
    for name in needed(own, extras):
        for source in top_level(metadata.distribution(name)):
            target = packages / source.name
            if not target.exists():
                target.symlink_to(source)
    return programs


def needed(own: metadata.Distribution, extras: tuple[str, ...]) -> set[str]:
    """Names of all packages that a package with these extras asks for here, directly or not."""
    requirements: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [(own, extras)]
    while waiting:
        package, wanted = waiting.pop()
        for need in map(Requirement, package.requires or ()):
            key = canonicalize_name(need.name), tuple(sorted(need.extras))
            holds = need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *wanted))
            if holds and key not in requirements:
                requirements.add(key)
                waiting.append((metadata.distribution(need.name), key[1]))
    return {name for name, _ in requirements}


def top_level(package: metadata.Distribution) -> Iterator[Path]:
    names = {file.parts[0] for file in package.files or () if file.parts[0] not in ("..", "__pycache__")}
    yield from (Path(str(package.locate_file(name))) for name in names)


def run(command: list[str | Path], folder: Path, **environ: str) -> str:
    """What a command prints in a folder, in an environment that knows nothing of this checkout."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**variables, "PYTHONDONTWRITEBYTECODE": "1", **environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Environment of a process that may reach this computer only; a try fails the test."""
    report = tmp_path / "outside"
    yield {"PYTHONPATH": str(ROOT / "tests" / "guard"), "OUTSIDE_REPORT": str(report)}
    assert not report.exists(), report.read_text()


def test_the_wheel_holds_every_file_of_the_library(built: Path) -> None:
    source = {path.relative_to(ROOT / "core") for path in (ROOT / "core").rglob("*") if path.is_file()}
    wanted = {f"roundtable/{path.as_posix()}" for path in source if "__pycache__" not in path.parts}
    pages = {f"roundtable/app/pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}
    beside = {"streamlit_app.py", "core.py", ".streamlit/config.toml"}
    with zipfile.ZipFile(the_wheel(built)) as archive:
        held = {name for name in archive.namelist() if name.startswith("roundtable/")}
        assert not {name for name in archive.namelist() if not re.match(r"roundtable(/|-[\d.]+\.dist-info/)", name)}
    assert held == wanted | pages | {f"roundtable/app/{name}" for name in beside}


def test_the_source_distribution_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    (project,) = tmp_path.iterdir()
    build(project, tmp_path / "again")
    assert contents(the_wheel(tmp_path / "again")) == contents(the_wheel(built))


def contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) >= 2
    assert all("from roundtable import" in snippet for snippet in SNIPPETS)


def test_the_snippets_of_the_readme_run_where_it_is_installed(
    library: Path, tmp_path: Path, guarded: dict[str, str]
) -> None:
    snippets = [snippet for snippet in SNIPPETS if LOG not in snippet]
    assert "None None" not in run([library / "python", "-c", RUN, *snippets], tmp_path, **guarded, **QUICK)


def test_the_snippets_of_the_readme_run_in_a_checkout(guarded: dict[str, str]) -> None:
    snippets = [snippet for snippet in SNIPPETS if LOG not in snippet]
    assert "None None" not in run([sys.executable, "-c", RUN, *snippets], ROOT, **guarded, **QUICK)


LIBRARY_ALONE = """
import asyncio, importlib.util, sys
import core, roundtable
assert core.WHOSE == "another project"
for name in ("streamlit", "sqlalchemy", "plotly", "alembic", "rapidfuzz", "pandas"):
    assert importlib.util.find_spec(name) is None, name
from roundtable import ChatRequest, Completion, Message, build
engine = build()
asked = [ChatRequest([Message("user", "Hello")], model_id=name) for name in ("sim/quick", "sim/thinker")]
assert engine.complete(asked[0]).text

async def ask():
    streamed = [event async for event in engine.stream(asked[1])]
    compared = [event async for _, event in engine.compare(asked)]
    return streamed[-1], *(event for event in compared if isinstance(event, Completion))

assert all(answer.text and answer.error is None for answer in asyncio.run(ask()))
assert not {name for name in sys.modules if name.startswith("core.")}
print("done")
"""


def test_the_library_needs_neither_streamlit_nor_a_database(
    library: Path, tmp_path: Path, guarded: dict[str, str]
) -> None:
    assert run([library / "python", "-c", LIBRARY_ALONE], tmp_path, **guarded, **QUICK) == "done\n"


QUICK = {"ROUNDTABLE_SIMULATOR_SPEED": "1000"}


def test_the_command_is_installed(library: Path, tmp_path: Path, guarded: dict[str, str]) -> None:
    (version,) = {line.partition('"')[2].rstrip('"\n') for line in INIT if line.startswith("__version__")}
    assert run([library / "roundtable", "--version"], tmp_path) == f"roundtable {version}\n"
    assert "simulated" in run([library / "roundtable", "ask", "Hello", "-m", "sim/quick"], tmp_path, **guarded, **QUICK)


INIT = (ROOT / "core" / "__init__.py").read_text().splitlines()


def test_the_app_says_what_it_lacks(library: Path, tmp_path: Path) -> None:
    done = subprocess.run([library / "roundtable", "app"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    says = r"""The app needs \w+, which is not installed: pip install "\.\[app\]" in the project's folder\.\n"""
    assert re.fullmatch(says, done.stderr)


OPEN_PAGES = """
import sys
from streamlit.testing.v1 import AppTest
import roundtable
from roundtable.cli import app
script = app.script()
assert script.parent.parent == __import__("pathlib").Path(roundtable.__file__).parent
at = AppTest.from_file(script, default_timeout=60).run()
assert not at.exception, at.exception
assert at.chat_input(key="ask")
for page in sorted(script.parent.glob("pages/*.py")):
    at.switch_page(f"pages/{page.name}").run()
    assert not at.exception, (page, at.exception)
import core
assert core is roundtable
assert sys.modules["core.ui"] is sys.modules["roundtable.ui"]
print("done")
"""


def test_the_pages_open_where_the_app_is_installed(app: Path, tmp_path: Path, guarded: dict[str, str]) -> None:
    environ = {**guarded, "ROUNDTABLE_LOCAL_SERVERS": "false"}
    assert run([app / "python", "-c", OPEN_PAGES], tmp_path, **environ).endswith("done\n")


TWO_NAMES = """
import sys
import {first}, {second}
import roundtable.errors, core.errors
from roundtable.net.retry import Policy
from core.net.retry import Policy as Same
assert roundtable is core
assert roundtable.errors is core.errors and roundtable.errors.LLMError is core.errors.LLMError
assert Policy is Same
from roundtable import *
assert LLMError is core.LLMError and build is core.build
loaded = [module.__spec__.origin for name, module in sys.modules.items() if name.startswith("core.")]
assert len(loaded) == len(set(loaded))
assert all(module.__name__.startswith("core") for name, module in sys.modules.items() if name.startswith("roundtable"))
try:
    import roundtable.nothing
except ModuleNotFoundError:
    print("done")
"""


@pytest.mark.parametrize(("first", "second"), [("core", "roundtable"), ("roundtable", "core")])
def test_a_checkout_has_both_names_and_loads_nothing_twice(first: str, second: str) -> None:
    code = TWO_NAMES.format(first=first, second=second)
    assert run([sys.executable, "-W", "error", "-c", code], ROOT) == "done\n"


def test_importing_is_as_light_under_either_name(library: Path, tmp_path: Path) -> None:
    code = "import sys, {}; print(*sorted(sys.modules))"
    core = run([sys.executable, "-S", "-c", code.format("core")], ROOT).split()
    other = run([sys.executable, "-S", "-c", code.format("roundtable")], ROOT).split()
    assert {name for name in set(other) - set(core) if not name.startswith("roundtable")} == set()
    installed = run([library / "python", "-c", code.format("roundtable")], tmp_path).split()
    assert not {"asyncio", "pydantic", "aiohttp", "requests"} & set(installed)
