"""Access tokens for Google service accounts: a signed JWT exchanged for an hour's token, renewed five minutes early.

The account is its JSON text or the path of its file. Signing needs the extra `dialogflow`, imported when first used.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import Auth, BadReply, LLMError, Overloaded, Server, Setup, Unreachable
from . import forbidden
from .forbidden import Denied

SCOPE = "https://www.googleapis.com/auth/dialogflow"
AUDIENCE = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE_S = 3600
_EARLY_S = 300
_LONGEST_FILE = 20_000

Post = Callable[[str, Mapping[str, str]], tuple[int, bytes]]
Sign = Callable[[Mapping[str, Any], bytes], bytes]


class GoogleTokens:
    """Callable `account -> access token`, cached by account; thread-safe, one call at a time.

    `post` sends a form and returns status and body; `now` is the wall clock in seconds; `sign` makes the RS256
    signature; `denied` says which addresses are never called.
    """

    def __init__(
        self,
        post: Post | None = None,
        now: Callable[[], float] = time.time,
        sign: Sign | None = None,
        denied: Denied = forbidden.nothing,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._post = post or partial(_post, denied=denied, environ=environ)
        self._now = now
        self._sign = sign or _rs256
        self._tokens: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def __call__(self, account: str) -> str:
        """A token with at least five minutes to live. Raises Setup (account), Auth (refused) or a network error."""
        with self._lock:
            name = hashlib.sha256(account.encode()).hexdigest()
            token, ends_at = self._tokens.get(name, ("", 0.0))
            if self._now() >= ends_at - _EARLY_S:
                token, ends_at = self._ask(read_account(account))
                self._tokens[name] = token, ends_at
            return token

    def _ask(self, account: Mapping[str, Any]) -> tuple[str, float]:
        now = self._now()
        form = {"grant_type": GRANT, "assertion": self._assertion(account, int(now))}
        status, body = self._post(account["token_uri"], form)
        if status != 200:
            raise _refusal(status, body)
        reply = _json(body)
        token, life_s = reply.get("access_token"), reply.get("expires_in", _LIFE_S)
        if not isinstance(token, str) or not token or not isinstance(life_s, int | float):
            raise BadReply("Google's token service sent no token.")
        return token, now + min(max(life_s, 0), _LIFE_S)

    def _assertion(self, account: Mapping[str, Any], now_s: int) -> str:
        claims = {"iss": account["client_email"], "scope": SCOPE, "aud": AUDIENCE, "iat": now_s, "exp": now_s + _LIFE_S}
        signed = b".".join(_segment(json.dumps(part).encode()) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
        return b".".join((signed, _segment(self._sign(account, signed)))).decode()


def read_account(account: str) -> dict[str, Any]:
    """The service account's fields, from JSON or from the file it names. Raises Setup, never quoting them."""
    text = account.strip()
    if not text.startswith("{"):
        try:
            text = Path(text).expanduser().read_text(encoding="utf-8")[: _LONGEST_FILE + 1]
        except (OSError, ValueError) as error:
            raise Setup(f"The service account file cannot be read ({type(error).__name__}).") from None
    fields = _json(text.encode())
    missing = [name for name in ("client_email", "private_key") if not isinstance(fields.get(name), str)]
    if missing or len(text) > _LONGEST_FILE:
        raise Setup("The service account must be the JSON that Google hands out, with client_email and private_key.")
    fields["token_uri"] = fields.get("token_uri") or AUDIENCE
    host = urlsplit(str(fields["token_uri"]))
    if host.scheme != "https" or not (host.netloc == "accounts.google.com" or host.netloc.endswith(".googleapis.com")):
        raise Setup("The service account names a token address that is not Google's.")
    return fields


def _rs256(account: Mapping[str, Any], message: bytes) -> bytes:
    try:
        from google.auth import crypt
    except ImportError:
        raise Setup("Dialogflow needs google-auth; install it with: pip install google-auth.") from None
    try:
        signer = crypt.RSASigner.from_service_account_info(account)  # type: ignore[no-untyped-call]
        return bytes(signer.sign(message))
    except (ValueError, TypeError) as error:
        raise Setup(f"The service account's private key cannot be read ({type(error).__name__}).") from None


def _post(
    url: str, form: Mapping[str, str], *, denied: Denied, environ: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    import requests

    from .sessions import open_session

    with open_session(url, denied, environ) as session:
        try:
            reply = session.post(url, data=form, timeout=(10, 30), allow_redirects=False)
            return reply.status_code, reply.content[:65_536]
        except requests.RequestException as error:
            raise Unreachable(f"Google's token service cannot be reached ({type(error).__name__}).") from None


def _refusal(status: int, body: bytes) -> LLMError:
    code = _json(body).get("error")
    detail = f" ({code})" if isinstance(code, str) and code.isidentifier() else ""
    if status in (429, 503):
        return Overloaded(f"Google's token service is busy{detail}.", status=status, origin="network")
    if status >= 500:
        return Server(f"Google's token service failed{detail}.", status=status, origin="network")
    return Auth(f"Google refused the service account{detail}.", status=status, origin="network")


def _json(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _segment(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
