"""Keys in AWS Secrets Manager, against moto's server on loopback."""

from __future__ import annotations

import json
import logging
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from core import build
from core.engine import Engine
from core.options import load
from core.providers.keys.aws import GOOD_FOR_S, AwsSecrets
from core.providers.keys.sources import KeySources
from tests.providers.test_key_sources import OTHER, until
from tests.providers.test_keys import CANARY, GROQ

REGION = {"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing-secret-key"}


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def environ(aws: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """How to reach it, and neither credentials nor settings of this computer."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    return {**REGION, "AWS_ENDPOINT_URL": aws}


@pytest.fixture
def manager(environ: dict[str, str]) -> Iterator[Any]:
    client = boto3.client(
        "secretsmanager", "eu-central-1", endpoint_url=environ["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing", aws_secret_access_key="testing",
    )  # fmt: skip
    yield client
    for secret in client.list_secrets()["SecretList"]:
        client.delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)


def source(environ: dict[str, str], *names: str, **more: Any) -> AwsSecrets:
    return AwsSecrets(names, environ, **more)


def faults(read: AwsSecrets) -> list[str]:
    return [sentence for _name, sentence in read.read().faults]


def test_one_secret_holds_many_keys_as_json(manager: Any, environ: dict[str, str]) -> None:
    content = {"GROQ_API_KEY": CANARY, "mistral-api-key": OTHER, "COHERE_API_KEY": "", "PORT": 5}
    manager.create_secret(Name="roundtable/keys", SecretString=json.dumps(content))
    reading = source(environ, "roundtable/keys").read()
    assert dict(reading.values) == {"GROQ_API_KEY": CANARY, "MISTRAL_API_KEY": OTHER, "PORT": "5"}
    assert reading.faults == []


def test_a_secret_for_each_key_is_named_like_its_variable(manager: Any, environ: dict[str, str]) -> None:
    account = '{"type": "service_account", "private_key": "x"}'
    arn = manager.create_secret(Name="team/GROQ_API_KEY", SecretString=CANARY)["ARN"]
    manager.create_secret(Name="team/mistral-api-key", SecretBinary=OTHER.encode())
    manager.create_secret(Name="team/DIALOGFLOW_CREDENTIALS", SecretString=account)
    manager.create_secret(Name="other/COHERE_API_KEY", SecretString=CANARY)
    every = {"GROQ_API_KEY": CANARY, "MISTRAL_API_KEY": OTHER, "DIALOGFLOW_CREDENTIALS": account}
    assert dict(source(environ, "team/*").read().values) == every
    assert dict(source(environ, arn, "team/mistral-api-key", "team/DIALOGFLOW_CREDENTIALS").read().values) == every
    without_region = {**environ, "AWS_REGION": ""}
    assert dict(source(without_region, arn).read().values) == {"GROQ_API_KEY": CANARY}


def test_of_two_secrets_with_one_key_the_first_counts(manager: Any, environ: dict[str, str]) -> None:
    manager.create_secret(Name="first", SecretString=json.dumps({"GROQ_API_KEY": CANARY}))
    manager.create_secret(Name="GROQ_API_KEY", SecretString=OTHER)
    assert source(environ, "first", "GROQ_API_KEY").read().values["GROQ_API_KEY"] == CANARY


def test_a_secret_that_cannot_be_read_is_told_in_one_sentence(
    manager: Any, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manager.create_secret(Name="binary", SecretBinary=b"\xff\xfe\x00")
    manager.create_secret(Name="hollow", SecretString="{}")
    manager.create_secret(Name="good/GROQ_API_KEY", SecretString=CANARY)
    reading = source(environ, "missing", "binary", "hollow", "nothing/*", "good/GROQ_API_KEY").read()
    assert [sentence for _name, sentence in reading.faults] == [
        "nothing/* is the beginning of no secret in AWS Secrets Manager",
        "missing does not exist in AWS Secrets Manager",
        "binary is not text, so it cannot be a key",
        "hollow is empty; write the keys into it",
    ]
    assert dict(reading.values) == {"GROQ_API_KEY": CANARY}
    endpoint = {"AWS_ENDPOINT_URL": environ["AWS_ENDPOINT_URL"]}
    assert faults(source(endpoint, "a")) == ["a cannot be read: set AWS_REGION"]
    assert faults(source({**endpoint, "AWS_REGION": "eu-central-1"}, "a")) == [
        "a cannot be read: there are no AWS credentials"
    ]
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert faults(source(environ, "a")) == ["a cannot be read: boto3 is missing; install requirements-aws.lock"]


def test_the_last_good_value_holds_for_a_quarter_of_an_hour(manager: Any, environ: dict[str, str]) -> None:
    now = [0.0]
    manager.create_secret(Name="kept/GROQ_API_KEY", SecretString=CANARY)
    secrets = source(environ, "kept/*", clock=lambda: now[0])
    assert dict(secrets.read().values) == {"GROQ_API_KEY": CANARY}
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    secrets._clients = dict.fromkeys(
        [None], source({**environ, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})._client(None)
    )
    now[0] = GOOD_FOR_S
    reading = secrets.read()
    assert dict(reading.values) == {"GROQ_API_KEY": CANARY}
    assert "AWS Secrets Manager does not answer" in reading.faults[0][1]
    now[0] = GOOD_FOR_S + 1
    assert dict(secrets.read().values) == {}


def test_it_waits_two_seconds_and_tries_twice(environ: dict[str, str]) -> None:
    config = source(environ)._client(None).meta.config
    assert (config.connect_timeout, config.read_timeout) == (2, 2)
    with socket.create_server(("127.0.0.1", 0)) as busy:
        tries: list[str] = []
        client = source({**environ, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{busy.getsockname()[1]}"})
        client._client(None).meta.events.register("before-send", lambda **_: tries.append("sent"))
        assert faults_of(client, "a") == ["a cannot be read: AWS Secrets Manager does not answer"]
        assert tries == ["sent", "sent"]


def faults_of(secrets: AwsSecrets, *names: str) -> list[str]:
    secrets._names = names
    return faults(secrets)


def built(environ: dict[str, str], tmp_path: Path, **options: str) -> Engine:
    return build(load({**environ, **options}, {}, tmp_path), folder=tmp_path)


def test_an_engine_has_the_keys_in_the_background(
    manager: Any, environ: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    content = {"GROQ_API_KEY": CANARY, "CLOUDFLARE_API_TOKEN": OTHER, "CLOUDFLARE_ACCOUNT_ID": "account-1"}
    manager.create_secret(Name="app", SecretString=json.dumps(content))
    (tmp_path / ".env").write_text("GROQ_API_KEY=\n", encoding="utf-8")
    engine = built(environ, tmp_path, ROUNDTABLE_KEYS_AWS_SECRETS="app")
    engine.preparation.wait_for_keys()
    key = engine.keyring.find(GROQ)
    assert key is not None
    assert (key.value, key.source, key.name) == (CANARY, "AWS", "GROQ_API_KEY")
    assert engine.keyring.is_ready(engine.catalog.providers["cloudflare"])
    manager.put_secret_value(SecretId="app", SecretString=json.dumps({**content, "GROQ_API_KEY": OTHER[::-1]}))
    engine.keyring.sources.refresh()
    until(lambda: (now := engine.keyring.find(GROQ)) is not None and now.value == OTHER[::-1])
    assert engine.redactor().hide(f"{CANARY} {OTHER}") == "[key hidden] [key hidden]"
    engine.keyring.sources.close()
    assert CANARY not in caplog.text


def test_boto3_is_imported_late(tmp_path: Path) -> None:
    import subprocess

    code = (
        "import sys; from core import build; from core.options import load; "
        "build(load({}, {})); import core.providers.keys.aws; print('boto3' in sys.modules)"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "False"


def test_sources_ask_aws_only_on_their_own_thread(environ: dict[str, str]) -> None:
    """Adding it asks nothing, so that no start and no page waits."""
    secrets = source(environ, "a")
    sources = KeySources()
    sources.add(secrets)
    assert sources.is_waiting
    assert secrets._clients == {}
