"""deploy/: its files agree with each other, with the options, and with what the app needs when it stops.

`scripts/check_deploy` checks them against the schemas of Compose, Kubernetes and systemd.
"""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit import config as streamlit_config

from core.options import OPTIONS, PREFIX, Settings, load
from core.providers import catalog
from core.ui.app_state import LAST_FRAME_S

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
PAGE = ROOT / "docs" / "deployment.md"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and not {"secrets", "tls"} & set(path.parts))
PORT, METRICS_PORT = 8501, 9464
CLOSING_S = 5  # what is left to save when the time for answers is over
SECRETS = {"DATABASE_URL", "STREAMLIT_SERVER_COOKIE_SECRET"}
NEEDED = ("core/options/settings.py", "pages/history.py", "streamlit_app.py", ".streamlit/config.toml",
          "requirements.lock", "scripts/database_backup/__main__.py")  # fmt: skip
PRIVATE = (".env", "deploy/secrets/groq_api_key", "data/roundtable.db", ".streamlit/secrets.toml", ".git/config",
           "core/.env", "tests/test_deploy.py", ".venv/bin/python")  # fmt: skip


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text("compose.yaml"))
    return loaded


def manifests() -> dict[str, dict[str, Any]]:
    """Kubernetes' objects by kind; one file holds one."""
    loaded = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(DEPLOY.glob("kubernetes/*.yaml"))]
    return {manifest["kind"]: manifest for manifest in loaded}


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = manifests()["Deployment"]["spec"]["template"]["spec"]
    return spec


def container() -> dict[str, Any]:
    (only,) = pod()["containers"]
    return dict(only)


def unit() -> dict[str, list[str]]:
    """The unit's settings, each with its values in order."""
    settings: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text("roundtable.service"), re.MULTILINE):
        settings.setdefault(name, []).append(value)
    return settings


def seconds(duration: str) -> int:
    return int(duration.removesuffix("s"))


# ---- names ----


@pytest.mark.parametrize("path", [*FILES, PAGE], ids=lambda path: path.name)
def test_every_option_that_is_named_exists(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    options = {PREFIX + name.upper() for name in OPTIONS}
    assert set(re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]\b", content)) - options == set()
    streamlit_options = streamlit_config.get_config_options()
    flags = {re.sub(r"=.*", "", flag) for flag in re.findall(r"--((?:server|browser|client|logger)\.\w+)", content)}
    variables = {option.env_var for option in streamlit_options.values()}
    assert flags - set(streamlit_options) == set()
    assert set(re.findall(r"\bSTREAMLIT_[A-Z_]+[A-Z]\b", content)) - variables - {"STREAMLIT_SHARING_MODE"} == set()


def test_every_secret_is_one_that_is_read() -> None:
    readers = SECRETS | {name for provider in catalog.load().providers.values() for name in provider.key_names}
    services = compose()["services"]
    for name in ("app-1", "app-2"):
        assert SECRETS <= {secret.upper() for secret in services[name]["secrets"]} <= readers
    assert set(compose()["secrets"]) == {
        secret for service in services.values() for secret in service.get("secrets", ())
    }
    made = set(re.findall(r"^write (\w+)", text("make_secrets"), re.MULTILINE))
    assert made == set(compose()["secrets"])
    command = text("kubernetes/deployment.yaml") + PAGE.read_text(encoding="utf-8")
    for secret in re.findall(r"--from-file=(\w+)=", command):
        assert secret.upper() in readers
    names = set(re.findall(r"create secret generic (\S+)", command))
    assert names == {volume["secret"]["secretName"] for volume in pod()["volumes"] if "secret" in volume}


# ---- addresses ----


def test_all_name_one_port() -> None:
    dockerfile = text("Dockerfile")
    assert re.findall(r"(EXPOSE |STREAMLIT_SERVER_PORT=)(\d+)", dockerfile) == [
        ("STREAMLIT_SERVER_PORT=", str(PORT)), ("EXPOSE ", str(PORT))
    ]  # fmt: skip
    assert {*re.findall(r"server app-\d:(\d+)", text("nginx.conf"))} == {str(PORT)}
    assert f"http://127.0.0.1:{PORT}/readyz" in compose()["services"]["app-1"]["healthcheck"]["test"][-1]
    (command,) = unit()["ExecStart"]
    assert f"--server.port={PORT} --server.address=127.0.0.1" in command
    assert {port["name"]: port["containerPort"] for port in container()["ports"]} == {
        "http": PORT, "metrics": METRICS_PORT
    }  # fmt: skip
    options = manifests()["ConfigMap"]["data"]
    assert options["ROUNDTABLE_METRICS_PORT"] == str(METRICS_PORT)


def test_the_proxy_and_the_replicas_find_each_other() -> None:
    services = compose()["services"]
    assert set(re.findall(r"server ([\w-]+):\d+", text("nginx.conf"))) == {"app-1", "app-2"} < set(services)
    (published,) = services["nginx"]["ports"]
    listened = re.search(r"listen (\d+)", text("nginx.conf"))
    assert listened
    assert published == f"127.0.0.1:{listened[1]}:{listened[1]}"
    assert "listen 8443 ssl;" in text("nginx-tls.conf")
    assert '"443:8443"' in text("compose.yaml")
    assert '"./tls:/etc/nginx/tls:ro"' in text("compose.yaml")
    assert f"@postgres:5432/{services['postgres']['environment']['POSTGRES_DB']}" in text("make_secrets")
    for service in services.values():
        assert set(service["networks"]) <= set(compose()["networks"])
        assert {volume.split(":")[0] for volume in service["volumes"]} - {"./nginx.conf"} <= set(compose()["volumes"])
        for other, wish in service.get("depends_on", {}).items():
            assert wish["condition"] == "service_healthy"
            assert "healthcheck" in services[other]
    spools = [services[name]["volumes"] for name in ("app-1", "app-2")]
    assert spools[0] != spools[1]


def test_the_objects_of_kubernetes_find_each_other() -> None:
    objects = manifests()
    assert set(objects) == {
        "Deployment", "ConfigMap", "Service", "Ingress", "PodDisruptionBudget", "NetworkPolicy"
    }  # fmt: skip
    labels = objects["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors = [objects[kind]["spec"]["selector"]["matchLabels"] for kind in ("Deployment", "PodDisruptionBudget")]
    selectors.append(objects["Service"]["spec"]["selector"])
    selectors.append(objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"])
    selectors += [spread["labelSelector"]["matchLabels"] for spread in pod()["topologySpreadConstraints"]]
    assert all(selector == labels for selector in selectors)
    ports = {port["name"] for port in container()["ports"]}
    (service_port,) = objects["Service"]["spec"]["ports"]
    let_in = {port["port"] for rule in objects["NetworkPolicy"]["spec"]["ingress"] for port in rule["ports"]}
    assert service_port["targetPort"] in ports
    assert let_in == ports
    (rule,) = objects["Ingress"]["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": objects["Service"]["metadata"]["name"], "port": {"name": service_port["name"]}}
    assert container()["envFrom"] == [{"configMapRef": {"name": objects["ConfigMap"]["metadata"]["name"]}}]
    assert rule["host"] == objects["ConfigMap"]["data"]["ROUNDTABLE_HOSTS"]
    assert objects["Ingress"]["spec"]["tls"][0]["hosts"] == [rule["host"]]
    mounts = {mount["name"]: mount["mountPath"] for mount in container()["volumeMounts"]}
    assert set(mounts) == {volume["name"] for volume in pod()["volumes"]}
    assert mounts["keys"] == objects["ConfigMap"]["data"]["ROUNDTABLE_KEYS_FOLDER"]
    assert objects["Deployment"]["spec"]["replicas"] > objects["PodDisruptionBudget"]["spec"]["minAvailable"]
    assert objects["Deployment"]["spec"]["strategy"] == {"type": "Recreate"}
    assert pod()["enableServiceLinks"] is False


# ---- promises ----


def test_everybody_gives_the_app_time_to_stop() -> None:
    wanted = Settings().stop_grace_s + LAST_FRAME_S + CLOSING_S
    options = manifests()["ConfigMap"]["data"]
    before = int(container()["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert float(options["ROUNDTABLE_STOP_GRACE_S"]) == Settings().stop_grace_s
    assert pod()["terminationGracePeriodSeconds"] >= wanted + before
    assert seconds(compose()["services"]["app-1"]["stop_grace_period"]) >= wanted
    assert seconds(unit()["TimeoutStopSec"][0]) >= wanted
    assert unit()["KillMode"] == ["mixed"]


def test_the_checks_are_the_right_ones() -> None:
    assert "['STREAMLIT_SERVER_PORT'] + '/healthz'" in text("Dockerfile")
    probes = {name: container()[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert probes == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}


def test_proxies_let_as_much_pass_as_the_app_takes() -> None:
    options = manifests()["ConfigMap"]["data"]
    size = manifests()["Ingress"]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert size == f"{int(options['ROUNDTABLE_UPLOAD_MB']) + 1}m"
    assert options["ROUNDTABLE_TRUSTED_PROXIES"] == "1"
    assert compose()["services"]["app-1"]["environment"]["ROUNDTABLE_TRUSTED_PROXIES"] == "1"


def test_nothing_runs_as_root_or_writes_where_it_need_not() -> None:
    user = re.findall(r"^USER (\d+):(\d+)$", text("Dockerfile"), re.MULTILINE)
    assert user == [("10001", "10001")]
    service = compose()["services"]["app-1"]
    assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    assert "no-new-privileges:true" in service["security_opt"]
    security, limits = container()["securityContext"], container()["resources"]["limits"]
    assert security["readOnlyRootFilesystem"]
    assert not security["allowPrivilegeEscalation"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert pod()["securityContext"]["runAsNonRoot"]
    assert str(pod()["securityContext"]["runAsUser"]) == user[0][0]
    assert not pod()["automountServiceAccountToken"]
    assert limits["memory"]
    hardened = unit()
    for name, value in {"User": "roundtable", "NoNewPrivileges": "yes", "ProtectSystem": "strict"}.items():
        assert hardened[name] == [value]


# ---- the image ----


def copied() -> Iterator[str]:
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text("Dockerfile"), re.MULTILINE):
        yield from line.split()


def is_admitted(path: str) -> bool:
    """Whether .dockerignore hands this file to the build: its last pattern that fits decides."""
    admitted = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        parts = Path(path).parts
        above = {"/".join(parts[:length]) for length in range(1, len(parts) + 1)}
        short = pattern.removeprefix("**/")
        fits = any(fnmatch(part, short) for part in parts) if short != pattern else any(
            fnmatch(place, pattern) and place.count("/") == pattern.count("/") for place in above
        )  # fmt: skip
        if line and not line.startswith("#") and fits:
            admitted = line.startswith("!")
    return admitted


def test_the_image_gets_what_it_needs_and_nothing_private() -> None:
    for source in copied():
        assert list(ROOT.glob(source)), source
        assert is_admitted(source.replace("*", "")), source
    assert [path for path in NEEDED if not is_admitted(path)] == []
    assert [path for path in PRIVATE if is_admitted(path)] == []


def test_the_image_installs_the_locks_with_hashes_on_a_python_that_the_project_supports() -> None:
    dockerfile = text("Dockerfile")
    assert "--require-hashes --no-deps" in dockerfile
    assert "--only-binary :all:" in dockerfile
    locks = re.search(r'^ARG LOCKS="(.*)"$', dockerfile, re.MULTILINE)
    assert locks
    for lock in locks[1].split():
        assert "--hash=sha256:" in (ROOT / lock).read_text()
    minor = re.search(r"^ARG PYTHON=python:3\.(\d+)-slim$", dockerfile, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lowest = re.fullmatch(r">=3\.(\d+)", project["requires-python"])
    assert minor
    assert lowest
    assert int(minor[1]) >= int(lowest[1])
    assert re.search(rf"for version in .*\b3\.{minor[1]}\b", (ROOT / "scripts/test").read_text())


def test_passwords_are_made_once_and_are_never_the_same(tmp_path: Path) -> None:
    made: list[dict[str, str]] = []
    for place in ("first", "second"):
        script = tmp_path / place / "make_secrets"
        script.parent.mkdir()
        script.write_text(text("make_secrets"), encoding="utf-8")
        for _ in range(2):
            done = subprocess.run(["sh", script], capture_output=True, text=True, check=True)
        assert done.stdout.count("is left as it is.") == 3
        folder = script.parent / "secrets"
        assert folder.stat().st_mode & 0o777 == 0o700
        made.append({path.name: path.read_text() for path in folder.iterdir()})
    first, second = made
    assert set(first) == set(compose()["secrets"])
    assert all(first[name] != second[name] for name in first)
    assert re.fullmatch(r"[0-9a-f]{64}", first["postgres_password"])
    assert first["postgres_password"] in first["database_url"]
    settings = load({"ROUNDTABLE_KEYS_FOLDER": str(tmp_path / "first" / "secrets")}, folder=tmp_path)
    assert settings.database_url == first["database_url"]
    assert settings.environ["STREAMLIT_SERVER_COOKIE_SECRET"] == first["streamlit_server_cookie_secret"]
    assert settings.problems == ()
