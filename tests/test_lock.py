"""The locks install next month too: they hold whatever a locked package asks for, with the extras it asks for."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
FILES = ("requirements.lock", "requirements-dev.lock", "requirements.txt")
# What an extra needs besides.
EXTRAS = {name: f"requirements-{name}.lock" for name in ("aws", "metrics", "log", "insights")}
PIN = re.compile(r"^[A-Za-z0-9][^\\\n]*", re.MULTILINE)


def pins(text: str) -> dict[str, Requirement]:
    """What a lock pins for this computer, by name."""
    requirements = [Requirement(line) for line in PIN.findall(text)]
    return {canonicalize_name(pin.name): pin for pin in requirements if pin.marker is None or pin.marker.evaluate()}


def asked_for(pin: Requirement) -> list[Requirement]:
    """What an installed package needs here, the extras included that the lock asks of it."""
    environment = {name: str(value) for name, value in default_environment().items()}
    environments = [{**environment, "extra": extra} for extra in ("", *pin.extras)]
    needs = map(Requirement, metadata.requires(pin.name) or ())
    return [need for need in needs if need.marker is None or any(need.marker.evaluate(env) for env in environments)]


def gaps(text: str) -> list[str]:
    """Each need of a locked package that the lock does not meet."""
    locked = pins(text)
    missing = []
    for pin in locked.values():
        for need in asked_for(pin):
            met = locked.get(canonicalize_name(need.name))
            if met is None or need.extras - met.extras or not need.specifier.contains(version(met), prereleases=True):
                missing.append(f"{pin.name} needs {need}, locked: {met}")
    return missing


def version(pin: Requirement) -> str:
    (only,) = pin.specifier
    assert only.operator == "=="
    return only.version


@pytest.mark.parametrize("name", [*FILES, *EXTRAS.values()])
def test_a_lock_holds_all_that_its_packages_ask_for(name: str) -> None:
    assert gaps((ROOT / name).read_text()) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_all_that_the_project_asks_for(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    needs = project["project"]["dependencies"] + extras["app"]
    if "dev" in name:
        needs += project["dependency-groups"]["dev"]
        needs += (need for extra in extras.values() for need in extra)
    locked = pins((ROOT / name).read_text())
    for need in map(Requirement, needs):
        pin = locked[canonicalize_name(need.name)]
        assert need.extras <= pin.extras
        assert need.specifier.contains(version(pin))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("google-auth[requests]==", "google-auth=="),
        ("streamlit[auth, performance]==", "streamlit[snowflake]=="),
        ("anyio==", "# anyio=="),
    ],
)
def test_a_gap_is_found(good: str, bad: str) -> None:
    lock = (ROOT / "requirements-dev.lock").read_text()
    assert good in lock
    assert gaps(lock.replace(good, bad)) != []


def test_the_locks_agree_and_the_requirements_have_no_hashes() -> None:
    locked, developed, open_ones = (pins((ROOT / name).read_text()) for name in FILES)
    assert {name: version(pin) for name, pin in locked.items()} == {
        name: version(pin) for name, pin in open_ones.items()
    }
    assert {name: version(developed[name]) for name in locked} == {name: version(pin) for name, pin in locked.items()}
    assert "--hash" not in (ROOT / "requirements.txt").read_text()


@pytest.mark.parametrize(("extra", "name"), EXTRAS.items())
def test_the_lock_of_an_extra_fits_to_that_of_the_app(extra: str, name: str) -> None:
    """Installed on top, it changes no version; it holds what the extra asks for, and no more than that needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    small = pins((ROOT / name).read_text())
    for need in map(Requirement, project["optional-dependencies"][extra]):
        assert need.specifier.contains(version(small[canonicalize_name(need.name)]))
    for other in ("requirements.lock", "requirements-dev.lock"):
        versions = {package: version(pin) for package, pin in pins((ROOT / other).read_text()).items()}
        assert {
            package: (version(pin), versions[package])
            for package, pin in small.items()
            if package in versions and versions[package] != version(pin)
        } == {}
    wanted = {canonicalize_name(Requirement(need).name) for need in project["optional-dependencies"][extra]}
    reached = set(wanted)
    while wanted:
        needs = {canonicalize_name(need.name) for package in wanted for need in asked_for(small[package])}
        wanted = needs - reached
        reached |= needs
    assert reached == small.keys()
    assert "--hash" in (ROOT / name).read_text()
