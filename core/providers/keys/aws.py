"""Keys in AWS Secrets Manager: one secret with many keys as JSON, or a secret for each key, named like its variable.

boto3 is imported when the secrets are read first, on a thread of their own, and finds credentials as it always does. A
secret that cannot be read keeps its last good value for 15 minutes.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ...records import NOTHING
from ..environ import problem
from .files import variable
from .sources import SourceReading

CONNECT_S = 2
READ_S = 2
TRIES = 2
GOOD_FOR_S = 900.0
MOST_SECRETS = 100
_ARN = re.compile(r"arn:[\w-]+:secretsmanager:([\w-]+):\d*:secret:(.+?)(?:-\w{6})?")
_CREDENTIALS = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
    "profile_name": "AWS_PROFILE",
}
_CREDENTIALS_MISSING = {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"}
_NO_ANSWER = {"ConnectTimeoutError", "ReadTimeoutError", "EndpointConnectionError", "ConnectionClosedError"}
log = logging.getLogger("roundtable.providers")


@dataclass(frozen=True, slots=True)
class _Good:
    """The last good value of a secret, and when it was read."""

    values: Mapping[str, str] = field(repr=False)
    at: float


class AwsSecrets:
    """`names` are secrets by name or ARN, or one such name; one that ends in `*` stands for all that begin so.
    `environ` may hold region and credentials that are not in the environment of the process (from `.env`)."""

    name = "AWS"
    slow = True

    def __init__(
        self,
        names: str | Iterable[str],
        environ: Mapping[str, str] = NOTHING,
        every_s: float | None = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.every_s = every_s
        self._names = (names,) if isinstance(names, str) else tuple(names)
        self._environ = environ
        self._clock = clock
        self._good: dict[str, _Good] = {}
        self._clients: dict[str | None, Any] = {}
        self._faults: list[str] = []

    def read(self) -> SourceReading:
        """Ask AWS for all secrets; blocks for some seconds at most. Raises nothing."""
        before, self._faults = self._faults, []
        values: dict[str, str] = {}
        for name in self._listed():
            for variable_name, value in self._read(name).items():
                values.setdefault(variable_name, value)
        for sentence in self._faults:
            if sentence not in before:  # once, not every minute
                log.warning("AWS secret %s", sentence)
        return SourceReading(values, [("", sentence) for sentence in self._faults])

    def _listed(self) -> list[str]:
        """The names of the secrets, those included that a name with `*` stands for."""
        listed: list[str] = []
        for name in self._names:
            if not name.endswith("*"):
                listed.append(name)
                continue
            try:
                listed += self._beginning(name[:-1])
            except Exception as error:
                self._fail(name, error)
                listed += [earlier for earlier in self._good if earlier.startswith(name[:-1])]
        return list(dict.fromkeys(listed))[:MOST_SECRETS]

    def _beginning(self, start: str) -> Iterator[str]:
        pages = self._client(None).get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [start]}])
        names = sorted(secret["Name"] for page in pages for secret in page["SecretList"])
        if not names:
            self._faults.append(problem(f"{start}*", "is the beginning of no secret in AWS Secrets Manager"))
        yield from (name for name in names if name.startswith(start))

    def _read(self, name: str) -> Mapping[str, str]:
        arn = _ARN.fullmatch(name)
        try:
            reply = self._client(arn[1] if arn else None).get_secret_value(SecretId=name)
            text = reply.get("SecretString") or reply.get("SecretBinary", b"").decode("utf-8")
            values = _values(arn[2] if arn else name, text)
            if not values:
                self._faults.append(problem(name, "is empty; write the keys into it"))
            self._good[name] = _Good(values, self._clock())
        except Exception as error:
            self._fail(name, error)
        good = self._good.get(name)
        if good and self._clock() - good.at > GOOD_FOR_S:
            del self._good[name]
            good = None
        return good.values if good else {}

    def _fail(self, name: str, error: Exception) -> None:
        self._faults.append(problem(name, _rule(error)))

    def _client(self, region: str | None) -> Any:
        if region not in self._clients:
            import boto3
            from botocore.config import Config

            quiet = logging.getLogger("botocore")  # in detail it would write each reply, before its keys are known
            quiet.setLevel(max(quiet.getEffectiveLevel(), logging.INFO))
            get = self._environ.get
            named = {name: value for name, variable_name in _CREDENTIALS.items() if (value := get(variable_name))}
            where = region or get("AWS_REGION") or get("AWS_DEFAULT_REGION")
            endpoint = get("AWS_ENDPOINT_URL_SECRETS_MANAGER") or get("AWS_ENDPOINT_URL")
            self._clients[region] = boto3.session.Session(region_name=where, **named).client(
                "secretsmanager",
                endpoint_url=endpoint or None,
                config=Config(
                    connect_timeout=CONNECT_S,
                    read_timeout=READ_S,
                    retries={"total_max_attempts": TRIES, "mode": "standard"},
                ),
            )
        return self._clients[region]


def _rule(error: Exception) -> str:
    """How the sentence about a secret that was not read ends; of an unknown error its class, which holds no key."""
    kind = (getattr(error, "response", None) or {}).get("Error", {}).get("Code") or type(error).__name__
    match kind:
        case "ResourceNotFoundException":
            return "does not exist in AWS Secrets Manager"
        case "AccessDeniedException":
            return "may not be read with these AWS credentials"
        case "DecryptionFailure":
            return "cannot be decrypted with these AWS credentials"
        case "InvalidRequestException":
            return "is marked for deletion in AWS Secrets Manager"
        case "UnrecognizedClientException" | "InvalidSignatureException":
            return "cannot be read: AWS does not accept these credentials"
        case "ExpiredTokenException":
            return "cannot be read: the AWS credentials have expired"
        case "ModuleNotFoundError":
            return "cannot be read: boto3 is missing; install requirements-aws.lock"
        case "NoRegionError":
            return "cannot be read: set AWS_REGION"
        case _ if kind in _CREDENTIALS_MISSING:
            return "cannot be read: there are no AWS credentials"
        case _ if kind in _NO_ANSWER:
            return "cannot be read: AWS Secrets Manager does not answer"
        case "UnicodeDecodeError":
            return "is not text, so it cannot be a key"
    return f"could not be read ({kind})"


def _values(name: str, text: str) -> dict[str, str]:
    """The keys in a secret, by variable: those of its JSON object, else the text under the secret's own name. A service
    account is an object too, but one key."""
    with suppress(ValueError):
        content = json.loads(text)
        if isinstance(content, dict) and "private_key" not in content:
            return {
                variable(str(key)): value if isinstance(value, str) else json.dumps(value)
                for key, value in content.items()
                if value not in ("", None)
            }
    return {variable(name.rpartition("/")[2]): text} if text.strip() else {}
