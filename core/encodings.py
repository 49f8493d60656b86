"""Text from bytes of unknown encoding: UTF-8, or one of the older ones that spreadsheets still write. Pure.

    decode(data)                -> Decoded(text, "Windows-1252", sure=False)
    decode(data, "Shift JIS")   -> as the person chose

A byte order mark or valid UTF-8 is certain. Anything else is a guess by how common the decoded letters are, so a page
shows the text and offers `NAMES`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

SAMPLE_BYTES = 50_000
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")  # no spreadsheet or editor writes these
_FOREIGN = re.compile(rb"[\x80-\xff]")
SHIFTS = re.compile(rb"\x1b\$[@B]")  # ISO-2022-JP: Japanese in bytes of ASCII
LEAST_ASCII = 50  # characters of UTF-16 to one of ASCII
LEAST_COMMON = 0.3  # of UTF-16 without ASCII: letters that are common in Chinese or Japanese
MOST_WRONG = 0.1  # of UTF-8: bytes that are none, for each letter beyond ASCII
MOST_NULS = 0.01  # of a text
WORST = 0.2  # letters that are less common than this on average are not text
ZIP_NAMES = ("GBK", "Big5", "Shift JIS", "EUC-KR", "IBM 850", "IBM 866")  # of computers that write no UTF-8
MARKS = (
    (b"\xef\xbb\xbf", "UTF-8"),
    (b"\xff\xfe\0\0", "UTF-32"),  # before that of UTF-16, which begins it
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
# Encodings by their common names, and Python's codecs.
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "UTF-8": "utf-8",
        "UTF-16": "utf-16",
        "UTF-32": "utf-32",
        "GBK": "gb18030",
        "Big5": "big5hkscs",
        "Shift JIS": "cp932",
        "ISO-2022-JP": "iso2022_jp",
        "EUC-JP": "euc_jp",
        "EUC-KR": "cp949",
        "Windows-1252": "cp1252",
        "Windows-1250": "cp1250",
        "Windows-1251": "cp1251",
        "Windows-1253": "cp1253",
        "Windows-1254": "cp1254",
        "Windows-1255": "cp1255",
        "Windows-1256": "cp1256",
        "Windows-1257": "cp1257",
        "Windows-874": "cp874",
        "ISO 8859-2": "iso8859_2",
        "ISO 8859-15": "iso8859_15",
        "IBM 850": "cp850",
        "KOI8-R": "koi8_r",
        "IBM 866": "cp866",
        "Mac Roman": "mac_roman",
    }
)
_SIMPLIFIED = (
    "的一是不了人在有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能"
    "好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进"
    "把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使"
    "教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九性通目华报立马活难神数件安表原"
    "车白应路期叫常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战接它许八特觉望直服林题建"
    "南度统色字请交爱让认算论百义科怎元社术结六功指思非流每青管连远资队跟带花快条院变联哪谁吗呢吧答案首都翻译句写解释"
)
_TRADITIONAL = (
    "的一是不了人在有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能"
    "好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進"
    "把法此實回二理美點月明其種聲全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使"
    "教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市眼體別處總才場師書比住員九性通目華報立馬活難神數件安表原"
    "車白應路期叫常提感金何更反合放做系計或司利受光王果親界及今京務制解各任至清物台象記邊共風戰接它許八特覺望直服林題建"
    "南度統色字請交愛讓認算論百義科怎元社術結六功指思非流每青管連遠資隊跟帶花快條院變聯哪誰嗎呢吧答案首都翻譯句寫解釋臺灣"
)
_KANJI = (
    "日一国人年大十二本中長出三時行見月後前生五間上東四今金九入学高円子外八六下来気小七山話女北午百書先名川千水半男西"
    "電校語土木聞食車何南万毎白天母火右読友左休父雨首都質問答回文字意味説明次以教世界法作新部分最方使計算翻訳例"
)
_SYLLABLES = (
    "이다는의에을가고하지은를한로도나기서인사자대해어그니스아리시정부수보일라제주있것들전만원여장적무성구비유상안면"
    "요되과게습합세국조미등모경당위소마선년러치까내중동관바오간트야생용실할우었레연단금신학문발물방교드때입많말"
    "답질파람무엇누디언왜어떤설명번역문장서울한국"
)
_FULL_WIDTH = "，。？！、：；（）「」『』《》“”‘’…—～・ー　【】〔〕％＋"
_WESTERN = "éèêëàâäáãåçíîïñóôöõúùûüßøæœÉÈÊÀÂÄÁÃÅÇÍÎÑÓÔÖÕÚÛÜØÆ"
_CENTRAL = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉĚÍŇŘŠŤÚŮÝŽőűŐŰöüÖÜäľĺôăâîşţĂÂÎŞŢđĐçë"
_BALTIC = "āčēģīķļņšūžąęėįųõäöüĀČĒĢĪĶĻŅŠŪŽĄĘĖĮŲÕÄÖÜ"
_THAI_SIGNS = "ัิีึืฺุู็่้๊๋์ํ"
_THAI_FREQUENT = "านรอกงยมลวดทสตะปบคหจพชขผธณำ"
_TURKISH = "ğışİĞŞçöüÇÖÜâî"
_RUSSIAN = "оеаинтсрвлкмдп"
_NO_LETTERS = " ,;\t\"'\n\r.?!()0123456789" + "".join(map(chr, range(0x80, 0x250)))
_PUNCTUATION = "’‘“”–—…«»„€£°§·"


@dataclass(frozen=True, slots=True)
class Decoded:
    """`encoding` is one of `NAMES`; `sure` False where it was guessed."""

    text: str
    encoding: str
    sure: bool


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of `data`, without a mark; `encoding` (one of `NAMES`) where a person chose it.

    Raises UnicodeDecodeError where the chosen encoding, or every known one, cannot have written these bytes.
    """
    if encoding:
        return Decoded(data.decode(NAMES[encoding]).removeprefix("\ufeff"), encoding, True)
    for mark, name in MARKS:
        if data.startswith(mark):
            return Decoded(data.decode(NAMES[name]).removeprefix("\ufeff"), name, True)
    if codec := _utf16(data):
        return Decoded(data[: len(data) // 2 * 2].decode(codec), "UTF-16", False)
    if SHIFTS.search(data):
        with suppress(UnicodeDecodeError):
            return Decoded(data.decode("iso2022_jp"), "ISO-2022-JP", False)
    try:
        return Decoded(data.decode("utf-8"), "UTF-8", True)
    except UnicodeDecodeError as error:
        broken = error
    if text := _utf8_with_faults(data):
        return Decoded(text, "UTF-8", False)
    if CONTROL.search(data[:SAMPLE_BYTES]):
        raise broken
    sample = _sample(data)
    scores = {name: score for name in _SCORES if (score := _score(sample, name)) is not None}
    for name in sorted(scores, key=scores.__getitem__, reverse=True):
        if scores[name] < WORST:
            break
        try:
            return Decoded(data.decode(NAMES[name]), name, False)
        except UnicodeDecodeError:
            continue
    raise broken


def readable(data: bytes) -> str:
    """The text, without NULs where it has a few. Raises UnicodeError for what is no text."""
    text = decode(data).text
    nuls = text.count("\0")
    if nuls > MOST_NULS * len(text):
        raise UnicodeError("more NULs than a text has")
    return text.replace("\0", "") if nuls else text


def _utf8_with_faults(data: bytes) -> str:
    """Text in UTF-8 of which a few bytes are wrong, as where a file was cut within a letter; "" for anything else."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    letters = len(re.sub(r"[\x00-\x7f\ufffd]+", "", text))
    return text if wrong <= MOST_WRONG * letters else ""


def _sample(data: bytes) -> bytes:
    """The first lines that are not ASCII: only these tell encodings apart."""
    lines, size, at = [], 0, 0
    while size < SAMPLE_BYTES and (letter := _FOREIGN.search(data, at)):
        start = max(data.rfind(b"\n", at, letter.start()) + 1, at, letter.start() - 200)
        end = data.find(b"\n", letter.start()) + 1 or len(data)
        lines.append(data[start : min(end, start + SAMPLE_BYTES)])
        size, at = size + len(lines[-1]), end
    return b"".join(lines)


def _utf16(data: bytes) -> str:
    """The codec of UTF-16 without a mark; "" for anything else. Blanks, commas and ends of lines tell which byte comes
    first, in Chinese too."""
    sample = data[: SAMPLE_BYTES // 4 * 2]
    if len(sample) < 4:
        return ""
    sample = sample[: len(sample) // 2 * 2]
    if b"\0" not in sample:
        return next((codec for codec in ("utf-16-le", "utf-16-be") if _is_east_asian(sample, codec)), "")
    best, most = "", len(sample) // 2 // LEAST_ASCII
    for codec in ("utf-16-le", "utf-16-be"):
        text = sample.decode(codec, "replace")
        ascii_letters = sum(letter < "\x7f" for letter in text)
        if ascii_letters > most and all(letter.isprintable() or letter in " \t\r\n\u3000" for letter in text):
            best, most = codec, ascii_letters
    return best


def _is_east_asian(sample: bytes, codec: str) -> bool:
    """Whether it is Chinese or Japanese without a single blank: in the other order of bytes the letters are rare."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return False
    common = sum(letter in _COMMON for letter in text)
    return len(text) > 8 and common > LEAST_COMMON * len(text) and all(map(str.isprintable, text.replace("\u3000", "")))


def zip_name(name: str, *, is_utf8: bool) -> str:
    """The name of a file in a zip as it was meant. Without the mark of UTF-8, Python reads its bytes as IBM 437; other
    programs wrote UTF-8 or the encoding of their computer, GBK for one."""
    if is_utf8 or name.isascii():
        return name
    data = name.encode("cp437", "replace")
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8")
    scores = {encoding: score for encoding in ZIP_NAMES if (score := _score(data, encoding)) is not None}
    best = max(scores, key=scores.__getitem__, default="IBM 850")
    return name if best == "IBM 850" or scores[best] < WORST else data.decode(NAMES[best], "replace")


def _score(sample: bytes, name: str) -> float | None:
    """How common its letters beyond ASCII are on average, at most 1; None where these bytes cannot be decoded."""
    try:
        text = codecs.getincrementaldecoder(NAMES[name])().decode(sample)
    except UnicodeDecodeError:
        return None
    foreign = [(at, letter) for at, letter in enumerate(text) if letter > "\x7f"]
    score = _SCORES[name]
    scores = [score(letter, text[at - 1 : at], text[at + 1 : at + 2]) for at, letter in foreign]
    return sum(scores) / len(scores) if scores else 0.0


Score = Callable[[str, str, str], float]


def _east_asian(common: str, ordinary: Callable[[str], bool]) -> Score:
    common_letters = frozenset(common)

    def score(letter: str, _before: str, _after: str) -> float:
        if letter in common_letters:
            return 1.0
        if letter in _FULL_WIDTH:
            return 0.6
        return 0.35 if ordinary(letter) else -0.5

    return score


def _alphabet(common: str, value: float, **rarer: float) -> Score:
    """Latin letters: next to plain ones, and a capital never after a small one. `rarer`: letters worth less."""
    values = {**dict.fromkeys(common, value), **rarer}

    def score(letter: str, before: str, after: str) -> float:
        if letter in "¿¡":
            return -1.0 if before.isalpha() else 1.0
        if letter not in values:
            return _mark(letter, before, after)
        if letter.isupper() and before.islower():
            return -0.5
        if letter in "õÕ" and after not in "eE":  # else it is the Hungarian letter of another code
            return 0.6 * values[letter]
        if letter in "ìò" and not after.isalpha():  # Italian, at the end of a word
            return value
        if (before + after).strip(_NO_LETTERS):
            return values[letter]
        return min(values[letter], 0.6 if before in values or after in values else 0.2)

    return score


def _script(first: str, last: str, frequent: str, extra: str = "") -> Score:
    """An alphabet of its own: its letters follow each other, never a Latin one, and capitals begin words."""

    def own(letter: str) -> bool:
        return letter != "" and (first <= letter <= last or letter in extra)

    def score(letter: str, before: str, after: str) -> float:
        if not own(letter):
            return _mark(letter, before, after)
        if (letter.isupper() and before.islower()) or (
            (before + after).strip(_NO_LETTERS).isascii() and (before + after).strip(_NO_LETTERS)
        ):
            return -1.0
        if not (own(before) or own(after)):
            return 0.2
        return 1.0 if letter.lower() in frequent else 0.75

    return score


def _thai(letter: str, before: str, after: str) -> float:
    """Signs follow a consonant, and the vowels that are written first precede one."""
    if letter in _THAI_SIGNS:
        return 1.0 if "ก" <= before <= "ฮ" or before in _THAI_SIGNS else -1.0
    if letter in "เแโใไ":
        return 1.0 if "ก" <= after <= "ฮ" else -1.0
    if "ก" <= letter <= "ๆ":
        return 0.9 if letter in _THAI_FREQUENT else 0.3
    return -0.7


def _mark(letter: str, before: str, after: str) -> float:
    """A typographic sign counts where it belongs: an apostrophe in a word, a dash between blanks."""
    if letter not in _PUNCTUATION:
        return -0.7
    in_word, apart = before.isalpha() and after.isalpha(), before.isspace() and after.isspace()
    fits = {"’": in_word, "–": apart, "—": apart, "“": not before.isalpha(), "”": not after.isalpha()}
    return 0.95 if fits.get(letter) else 0.3


def _in_block(codec: str, first: int, last: int) -> Callable[[str], bool]:
    """Whether a letter lies in the block of a double-byte code that holds its ordinary characters."""

    def ordinary(letter: str) -> bool:
        code = letter.encode(codec, "ignore")
        return len(code) == 2 and first <= code[0] <= last

    return ordinary


def _is_kana_or_kanji(letter: str) -> bool:
    return _in_block("cp932", 0x88, 0x98)(letter)


_COMMON = frozenset(_SIMPLIFIED + _TRADITIONAL + _KANJI + _FULL_WIDTH + "".join(map(chr, range(0x3041, 0x30FF))))
_KANA = "".join(chr(code) for code in range(0x3041, 0x30FF))
_SCORES: Mapping[str, Score] = MappingProxyType(
    {
        "Windows-1252": _alphabet(_WESTERN, 1.0, **dict.fromkeys("ìòÌÒïÏÀÙ™®©ºª½²", 0.3)),
        "Windows-1250": _alphabet(_CENTRAL, 0.95, ţ=0.8, Ţ=0.8, ŕ=0.3),
        "Windows-1254": _alphabet(_TURKISH + _WESTERN, 0.93),
        "Mac Roman": _alphabet(_WESTERN, 0.9),
        "ISO 8859-2": _alphabet(_CENTRAL, 0.92, ţ=0.8, Ţ=0.8, ŕ=0.3),
        "ISO 8859-15": _alphabet(_WESTERN, 0.98),
        "IBM 850": _alphabet(_WESTERN, 0.85),
        "Windows-1257": _alphabet(_BALTIC, 0.97, ž=0.85, Ž=0.85),
        "Windows-874": _thai,
        "Windows-1251": _script("Ѐ", "ӿ", _RUSSIAN, "№"),
        "KOI8-R": _script("Ѐ", "ӿ", _RUSSIAN),
        "IBM 866": _script("Ѐ", "ӿ", _RUSSIAN),
        "Windows-1253": _script("Ά", "ώ", "αοιετσςνηυρπκάέήίόύώ"),
        "Windows-1255": _script("א", "ת", "יוהלארתבמנש"),
        "Windows-1256": _script("ء", "ي", "ايلمنوةرتبهدعفسق", "،؟پچژگ"),
        "GBK": _east_asian(_SIMPLIFIED, _in_block("gb2312", 0xB0, 0xD7)),
        "Big5": _east_asian(_TRADITIONAL, _in_block("big5", 0xA4, 0xC6)),
        "Shift JIS": _east_asian(_KANA + _KANJI, _is_kana_or_kanji),
        "EUC-JP": _east_asian(_KANA + _KANJI, _is_kana_or_kanji),
        "EUC-KR": _east_asian(_SYLLABLES, lambda letter: "가" <= letter <= "힣"),
    }
)
