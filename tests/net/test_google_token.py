"""Tokens for service accounts: a real signature, one exchange an hour, and faults that never quote the account."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from core.errors import Auth, BadReply, LLMError, Overloaded, Server, Setup
from core.net.google_token import AUDIENCE, SCOPE, GoogleTokens

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
ACCOUNT = {"client_email": "bot@project.iam.gserviceaccount.com", "private_key": PEM, "token_uri": AUDIENCE}


class Google:
    """Answers each form with the next reply and remembers the forms."""

    def __init__(self, *replies: tuple[int, Any]) -> None:
        self.replies = list(replies)
        self.forms: list[Mapping[str, str]] = []
        self.now = 1_000_000.0

    def post(self, url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        assert url == AUDIENCE
        self.forms.append(form)
        status, body = self.replies.pop(0)
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()

    def tokens(self) -> GoogleTokens:
        return GoogleTokens(self.post, lambda: self.now, sign=lambda _account, _message: b"mark")


def decoded(segment: str) -> bytes:
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def test_the_assertion_is_signed_by_the_account() -> None:
    google = Google((200, {"access_token": "ya29.a", "expires_in": 3599}))
    assert GoogleTokens(google.post, lambda: google.now)(json.dumps(ACCOUNT)) == "ya29.a"
    form = google.forms[0]
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, claims, mark = form["assertion"].split(".")
    assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT"}
    assert json.loads(decoded(claims)) == {
        "iss": ACCOUNT["client_email"],
        "scope": SCOPE,
        "aud": AUDIENCE,
        "iat": 1_000_000,
        "exp": 1_003_600,
    }
    PRIVATE.public_key().verify(decoded(mark), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_token_is_kept_and_renewed_five_minutes_early(tmp_path: Path) -> None:
    path = tmp_path / "account.json"
    path.write_text(json.dumps(ACCOUNT), encoding="utf-8")
    google = Google(*[(200, {"access_token": name, "expires_in": 3600}) for name in "abc"])
    tokens = google.tokens()
    assert [tokens(str(path)), tokens(str(path))] == ["a", "a"]
    google.now += 3299
    assert tokens(str(path)) == "a"
    google.now += 1
    assert tokens(str(path)) == "b"
    assert tokens(json.dumps(ACCOUNT)) == "c"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ((400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}), Auth),
        ((401, b"<html>"), Auth),
        ((503, b""), Overloaded),
        ((500, b"x"), Server),
        ((200, {"expires_in": 3600}), BadReply),
        ((200, b"not json"), BadReply),
        ((200, [1]), BadReply),
        ((200, {"access_token": "a", "expires_in": "soon"}), BadReply),
    ],
)
def test_a_refusal_is_an_error_of_its_kind_and_not_kept(reply: tuple[int, Any], kind: type[LLMError]) -> None:
    google = Google(reply, (200, {"access_token": "a", "expires_in": 3600}))
    tokens = google.tokens()
    with pytest.raises(kind):
        tokens(json.dumps(ACCOUNT))
    assert tokens(json.dumps(ACCOUNT)) == "a"


@pytest.mark.parametrize(
    "account",
    [
        "{}",
        "{broken",
        "[]",
        "/nowhere/account.json",
        "\0",
        json.dumps({**ACCOUNT, "client_email": 5}),
        json.dumps({**ACCOUNT, "token_uri": "https://evil.example/token"}),
        json.dumps({**ACCOUNT, "token_uri": "http://oauth2.googleapis.com/token"}),
        json.dumps({**ACCOUNT, "token_uri": "https://169.254.169.254/token"}),
        json.dumps({**ACCOUNT, "token_uri": "https://googleapis.com.evil.example/"}),
        json.dumps({**ACCOUNT, "private_key": "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n"}),
    ],
)
def test_an_odd_account_is_a_setup_error_that_quotes_nothing(account: str) -> None:
    with pytest.raises(Setup) as caught:
        GoogleTokens(Google().post, lambda: 0.0)(account)
    assert "\n" not in caught.value.message
    assert not any(part in caught.value.message for part in ("nonsense", "evil", "nowhere", "bot@"))
