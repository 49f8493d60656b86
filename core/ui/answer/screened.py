"""What was found in a question, in words: kinds and numbers, never a word of the text itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..text import plain, t, tn


def listed(numbers: Mapping[str, int], vendors: Sequence[str] = ()) -> str:
    """`2 keys (Groq), 1 email address`."""
    words = [_kind(kind, number) for kind, number in numbers.items()]
    if vendors and "key" in numbers:
        place = list(numbers).index("key")
        words[place] += t(" ({names})", names=plain(", ".join(vendors)))
    return t(", ").join(words)


def _kind(kind: str, number: int) -> str:
    match kind:
        case "key":
            return tn("{number} key", "{number} keys", number)
        case "private_key":
            return tn("{number} private key", "{number} private keys", number)
        case "token":
            return tn("{number} access token", "{number} access tokens", number)
        case "password" | "connection":
            return tn("{number} password", "{number} passwords", number)
        case "mail":
            return tn("{number} email address", "{number} email addresses", number)
        case "phone":
            return tn("{number} phone number", "{number} phone numbers", number)
        case "id":
            return tn("{number} Chinese ID number", "{number} Chinese ID numbers", number)
        case "card":
            return tn("{number} card number", "{number} card numbers", number)
        case "iban":
            return tn("{number} bank account number", "{number} bank account numbers", number)
        case "ip":
            return tn("{number} IP address", "{number} IP addresses", number)
    return plain(f"{kind} {number}")
