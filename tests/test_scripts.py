"""The commands a person types, in a folder with a space in its name, with nothing to install and no network."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SERVE = ROOT / "core" / "cli" / "app.py"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with empty lock files, and `.venv` made by its first command."""
    folder = tmp_path_factory.mktemp("some where") / "a project"
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements.lock", "requirements-dev.lock", "requirements.txt"):
        (folder / name).write_text("# nothing\n")
    done = prepare(folder, "run")
    assert done.returncode == 0, done.stderr
    assert "Installing requirements.lock" in done.stderr
    return folder


def prepare(folder: Path, purpose: str) -> subprocess.CompletedProcess[str]:
    command = f". scripts/setup/environment.sh; prepare {purpose}"
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True)


def test_a_second_time_installs_nothing(project: Path) -> None:
    done = prepare(project, "run")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_development_holds_what_running_needs(project: Path) -> None:
    assert "Installing requirements-dev.lock" in prepare(project, "dev").stderr
    for purpose in ("dev", "run", "dev"):
        assert prepare(project, purpose).stderr == ""


def test_a_changed_lock_is_installed(project: Path) -> None:
    (project / "requirements.lock").write_text("# nothing, in other words\n")
    assert "Installing requirements.lock" in prepare(project, "run").stderr
    assert prepare(project, "run").stderr == ""


def test_a_line_added_to_the_requirements_is_installed_beside_the_lock(project: Path, tmp_path: Path) -> None:
    requirements, before = project / "requirements.txt", (project / "requirements.txt").read_text()
    requirements.write_text(f"{before}{wheel(tmp_path, 'addition').as_uri()}\n")
    done = prepare(project, "run")
    assert done.returncode == 0, done.stderr
    process = subprocess.run([project / ".venv/bin/python", "-c", "import addition"], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    requirements.write_text(before)
    assert prepare(project, "run").returncode == 0


def test_another_python_has_an_environment_of_its_own_that_follows_the_lock(project: Path, tmp_path: Path) -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    python = tmp_path / "versions" / f"{version}.99" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    environment = {**os.environ, "PYENV_ROOT": str(tmp_path)}
    install = f'other_python {version} && "$python" scripts/setup/environment.py dev .venv-{version}'

    def run(command: str) -> subprocess.CompletedProcess[str]:
        command = f". scripts/setup/environment.sh; {command}"
        return subprocess.run(["sh", "-c", command], cwd=project, env=environment, capture_output=True, text=True)

    before = (project / ".venv").stat().st_mtime_ns
    done = run(install)
    assert done.returncode == 0, done.stderr
    assert f"into .venv-{version}" in done.stderr
    assert run(install).stderr == ""
    (project / "requirements-dev.lock").write_text("# nothing, newly locked\n")
    assert f"into .venv-{version}" in run(install).stderr
    assert (project / ".venv").stat().st_mtime_ns == before
    assert run("other_python 3.999").returncode == 1
    assert run(f'PATH=/bin:/usr/bin; other_python {version} && "$python" -V').stdout.split()[1].startswith(version)


def wheel(folder: Path, name: str) -> Path:
    """The smallest package that pip installs."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.mark.parametrize("damage", ["a Python that went away", "no pip", "a file in its place"])
def test_a_broken_environment_is_made_again(project: Path, damage: str) -> None:
    venv = project / ".venv"
    if damage == "no pip":
        (venv / "installed-run").unlink()
        shutil.rmtree(next(venv.glob("lib/python3*/site-packages/pip")))
    elif damage == "a file in its place":
        shutil.rmtree(venv)
        venv.touch()
    else:
        (venv / "bin" / "python").unlink()
        (venv / "bin" / "python").symlink_to("/nowhere/python")
    done = prepare(project, "run")
    assert done.returncode == 0, done.stderr
    assert "Installing requirements.lock" in done.stderr
    assert prepare(project, "run").stderr == ""


def test_an_installation_that_fails_is_tried_again_next_time(project: Path) -> None:
    lock = project / "requirements.lock"
    lock.write_text("no-such-package==0 --hash=sha256:" + "0" * 64 + "\n")
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
    command = [sys.executable, str(project / "scripts/setup/environment.py"), "run"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 1
    assert "Could not install requirements.lock" in done.stderr
    assert "Traceback" not in done.stderr
    lock.write_text("# mended\n")
    assert prepare(project, "run").returncode == 0


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (
            'case "$2" in *version_info*) exit 1;; esac; echo Python 3.8.1',
            "needs Python 3.11 or newer; found: Python 3.8.1",
        ),
        ('case "$2" in *ensurepip*) exit 1;; esac; echo Python 3.11.2', "install its venv module"),
        ("exit 127", "needs Python 3.11 or newer; found: none"),
    ],
)
def test_a_python_that_will_not_do_is_named(project: Path, tmp_path: Path, script: str, sentence: str) -> None:
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", project / "scripts" / "run"],
        capture_output=True,
        text=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_another_python_is_found(project: Path, tmp_path: Path) -> None:
    for name, script in {
        "python3": "exit 1",
        "python3.14": "exit 127",
        "python3.13": f'exec "{sys.executable}" "$@"',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    command = '. scripts/setup/environment.sh; find_python; echo "$python"'
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["/bin/sh", "-c", command], cwd=project, capture_output=True, text=True, env=environment)
    assert done.stdout == "python3.13\n"


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = subprocess.run([sys.executable, SERVE, "--port", str(port)], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is already in use; choose another one with --port N.\n"


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(port: str) -> None:
    done = subprocess.run([sys.executable, SERVE, f"--port={port}"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "a number from 1 to 65535" in done.stderr
