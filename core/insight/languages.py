"""The language of a text: by its script, and languages in Latin letters by their commonest words. Pure.

    of(["How do I sort a list?", "怎么排序？", "x = 1"])    ["en", "zh", None]

Codes are ISO 639-1; None: not clear. Many texts are read at once, because their letters are counted in one array.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from .stop_words import ENGLISH

READ = 400  # characters
WORDS_READ = 60
SCRIPTS: tuple[tuple[str, int, int], ...] = (
    ("latin", 0x41, 0x5A), ("latin", 0x61, 0x7A), ("latin", 0xC0, 0x24F), ("el", 0x370, 0x3FF), ("ru", 0x400, 0x52F),
    ("he", 0x590, 0x5FF), ("ar", 0x600, 0x6FF), ("hi", 0x900, 0x97F), ("bn", 0x980, 0x9FF), ("ta", 0xB80, 0xBFF),
    ("th", 0xE00, 0xE7F), ("ko", 0x1100, 0x11FF), ("latin", 0x1E00, 0x1EFF), ("kana", 0x3040, 0x30FF),
    ("ko", 0x3130, 0x318F), ("han", 0x3400, 0x4DBF), ("han", 0x4E00, 0x9FFF), ("ko", 0xAC00, 0xD7AF),
    ("han", 0xF900, 0xFAFF),
)  # fmt: skip
NAMES = tuple(dict.fromkeys(name for name, _, _ in SCRIPTS))
ONE_LANGUAGE = tuple(name for name in NAMES if name not in {"latin", "han", "kana"})
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# The commonest words, and letters that the others of these languages hardly use.
COMMON: dict[str, tuple[str, str]] = {
    "fr": (
        """
        le la les un une des du de et est en que qui dans pour pas sur avec ce cette ces il elle nous vous je tu
        mon ma mes votre comment pourquoi quel quelle quels être avoir fait plus mais ou où au aux se sont par
        peux peut écris donne explique merci bonjour quoi moi c'est qu'est-ce l'on j'ai d'une d'un
        """,
        "çèêœûîëàâ",
    ),
    "de": (
        """
        der die das ein eine einen einem einer und ist in den dem des nicht mit für auf von zu zum zur wie was
        warum ich du er sie es wir ihr mein dein sind wird werden kann kannst können haben hat bei auch als an
        oder aber wenn schreibe erkläre bitte danke hallo mir mich dich über nach welche
        """,
        "äöüß",
    ),
    "es": (
        """
        el la los las un una unos de del y es en que qué por para con no se su sus lo como cómo cuál cuáles más
        pero yo tú mi tu esto esta este son está estoy puedo puedes puede hacer escribe explica dame gracias hola
        porque cuando dónde al me te entre sobre
        """,
        "ñ¿¡áíóú",
    ),
    "pt": (
        """
        o a os as um uma uns de do da dos das e é em no na nos nas que por para com não se seu sua como qual
        quais mais mas eu você meu minha isto este esta são está posso pode fazer escreva explique me obrigado
        obrigada olá porque quando onde ao à entre sobre
        """,
        "ãõçâê",
    ),
    "it": (
        """
        il lo la i gli le un uno una di del della dei delle e è in nel nella che chi per con non si come perché
        quale quali più ma io tu mio mia questo questa sono posso puoi può fare scrivi spiega dammi grazie ciao
        quando dove al alla da tra su anche
        """,
        "èòàùì",
    ),
    "nl": (
        """
        de het een en is in van op te dat die niet met voor aan er om hoe wat waarom ik je jij hij zij wij mijn
        jouw deze dit zijn wordt kan kun kunnen hebben heeft bij ook als of maar schrijf leg uit bedankt hallo
        mij welke naar
        """,
        "ĳ",
    ),
    "pl": (
        """
        i w na z do nie się jest to że jak co czy dla po od o jego mi mnie ten ta te są może napisz wyjaśnij
        """,
        "ąćęłńśźż",
    ),
    "tr": (
        """
        ve bir bu için ile ne nasıl mi mı da de çok var yok ben sen bana bunu nedir olarak gibi yaz açıkla
        """,
        "ğışİ",
    ),
    "vi": (
        """
        và của là có cho không được một các này trong với như thế nào tôi bạn hãy viết giải thích
        """,
        "ăđơưạảấầẩậắằếềểệịọốồổộớờởợụứừửựỳ",
    ),
    "id": (
        """
        dan yang di ini itu untuk dengan dari adalah tidak saya kamu anda apa bagaimana cara buatkan tolong pada
        dalam
        """,
        "",
    ),
    "sv": (
        """
        och är en ett det som att i på för med inte hur vad varför jag du mig kan skriv förklara till av
        """,
        "åäö",
    ),
}
SHORT_ENGLISH = frozenset(
    {"translate", "summarize", "summarise", "convert", "proofread", "review", "debug", "sort", "refactor", "continue"}
)


def of(texts: Sequence[str]) -> list[str | None]:
    """The language of each text."""
    codes: list[str | None] = [None] * len(texts)
    mixed = []
    for n, text in enumerate(texts):
        if text.isascii():
            codes[n] = _latin_language(text[:READ])
        else:
            mixed.append(n)
    for n, row in zip(mixed, script_counts([texts[n] for n in mixed]), strict=True):
        codes[n] = _language(texts[n][:READ], dict(zip(NAMES, row, strict=True)))
    return codes


def script_counts(texts: Sequence[str]) -> list[list[int]]:
    """How many letters of each of NAMES stand at the beginning of each text."""
    import numpy as np

    parts = [text[:READ] for text in texts]
    if not parts:
        return []
    codes = np.frombuffer("".join(parts).encode("utf-32-le", "replace"), dtype=np.uint32)
    starts, last_codes, names = _ranges()
    place = np.searchsorted(starts, codes, side="right") - 1
    is_letter = (place >= 0) & (codes <= last_codes[place])
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    flat = owner[is_letter] * len(NAMES) + names[place[is_letter]]
    counts: list[list[int]] = np.bincount(flat, minlength=len(parts) * len(NAMES)).reshape(-1, len(NAMES)).tolist()
    return counts


def _language(text: str, letters: dict[str, int]) -> str | None:
    han, kana, latin = letters["han"], letters["kana"], letters["latin"]
    asian = han + kana
    name = max(ONE_LANGUAGE, key=letters.__getitem__)
    other = letters[name]
    if other * 2 >= latin and other > asian:
        return _cyrillic(text) if name == "ru" else name
    if asian:
        east = "ja" if kana * 10 >= asian else "zh"
        if asian * 4 >= latin or _latin_language(text) is None:
            return east
    return _latin_language(text) if latin else None


def _cyrillic(text: str) -> str:
    return "uk" if any(letter in text for letter in "іїєґІЇЄҐ") else "ru"


def _latin_language(text: str) -> str | None:
    common, foreign = _common_words()
    codes = WORD.findall(text.lower())[:WORDS_READ]
    if text.isascii() and not any(map(foreign.__contains__, codes)):  # most texts; the rest is slow
        return "en" if any(map(ENGLISH.__contains__, codes)) or not SHORT_ENGLISH.isdisjoint(codes) else None
    points: dict[str, float] = {}
    for word in codes:
        for language, weight in common.get(word.replace("’", "'"), ()):
            points[language] = points.get(language, 0.0) + weight
    if not text.isascii():
        lowered = set(text.lower())
        for language, (_, signs) in COMMON.items():
            own = len(lowered.intersection(signs))
            if own:
                points[language] = points.get(language, 0.0) + min(own, 3)
    if not points:
        return None
    best = max(points, key=lambda name: (points[name], name == "en"))
    return best if points[best] >= max(1.0, 0.08 * len(codes)) else None


@cache
def _common_words() -> tuple[dict[str, list[tuple[str, float]]], frozenset[str]]:
    """By word: whose it is, one that several languages have counts less for each; and all that are not English."""
    lists = {"en": ENGLISH | SHORT_ENGLISH, **{name: frozenset(listed.split()) for name, (listed, _) in COMMON.items()}}
    by_word: dict[str, list[str]] = {}
    for language, listed in lists.items():
        for word in listed:
            by_word.setdefault(word, []).append(language)
    weights = {word: [(name, 1.0 / len(names) ** 0.5) for name in names] for word, names in by_word.items()}
    return weights, frozenset(word for word, names in by_word.items() if "en" not in names)


@cache
def _ranges() -> tuple[Any, Any, Any]:
    import numpy as np

    starts = np.array([first for _, first, _ in SCRIPTS], dtype=np.uint32)
    last_codes = np.array([last for _, _, last in SCRIPTS], dtype=np.uint32)
    return starts, last_codes, np.array([NAMES.index(name) for name, _, _ in SCRIPTS])
