"""The language of a question, by its script, its letters and its commonest words. Pure.

A new language is one more line in one of the tables; English where nothing decides.
"""

from __future__ import annotations

import re

# Scripts by a range of letters, and the letters that decide between languages which share a script.
SCRIPTS = (
    ("ja", r"[\u3040-\u30ff]", ""),
    ("ko", r"[\uac00-\ud7af]", ""),
    ("zh-TW", r"[\u4e00-\u9fff]", "[這個們麼嗎為國學說對時會來過還讓與種點樣體灣裡請題寫話開關]"),
    ("zh-CN", r"[\u4e00-\u9fff]", ""),
    ("uk", r"[\u0400-\u04ff]", "[іїєґІЇЄҐ]"),
    ("ru", r"[\u0400-\u04ff]", ""),
    ("el", r"[\u0370-\u03ff]", ""),
    ("he", r"[\u0590-\u05ff]", ""),
    ("fa", r"[\u0600-\u06ff]", "[پچژگ]"),
    ("ar", r"[\u0600-\u06ff]", ""),
    ("hi", r"[\u0900-\u097f]", ""),
    ("bn", r"[\u0980-\u09ff]", ""),
    ("ta", r"[\u0b80-\u0bff]", ""),
    ("te", r"[\u0c00-\u0c7f]", ""),
    ("th", r"[\u0e00-\u0e7f]", ""),
)
# Letters of the Latin script that no other of these languages has.
LETTERS = {
    "vi": "[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]",
    "pl": "[ąęłńśźż]",
    "cs": "[ěřů]",
    "hu": "[őű]",
    "tr": "[ığş]",
    "ro": "[șță]",
    "es": "[¿¡ñ]",
    "pt": "[ãõ]",
    "de": "ß",
    "da": "[æø]",
}
# Words that are common in one language and rare in the others.
WORDS = {
    "de": "der die das und ist nicht wie was ich ein eine kann wo wer bitte für mit heute hallo",
    "fr": "le la les est une des que qui je vous pour dans où quel quelle comment bonjour merci il fait temps",
    "es": "el los las es una qué que cómo dónde por para hola cuál está quiero gracias hoy",
    "pt": "o os uma não como onde qual você por para olá quero obrigado está são hoje",
    "it": "il gli una che come dove per sono ciao quale perché voglio grazie oggi fa",
    "nl": "de het een en niet wat hoe waar ik kan voor met vandaag",
    "id": "apa itu yang dan bagaimana ini tidak untuk dengan hari kabar saya",
    "sv": "hur är det jag och vad inte idag vädret hej",
    "da": "hvordan hvad jeg og ikke er vejret dag",
    "fi": "miten mikä voit on minä hei missä kuinka",
    "tr": "nasıl ne bu bugün hava merhaba ve bir",
    "pl": "jak co jest dzisiaj jaka czy się nie cześć",
    "cs": "jak co je dnes jaké máte ahoj",
    "hu": "hogy vagy mi az milyen szia nem",
    "ro": "ce mai faci cum este bună unde",
    "vi": "là gì xin chào tôi bạn không nào",
}
SHORT = 3  # words: in a text this short one known word is enough


def language_of(text: str) -> str:
    """As a BCP 47 code, or Dialogflow's own code."""
    size = len(re.findall(r"[^\W\d_]|[\u0900-\u0dff]", text))
    for language, letters, required in SCRIPTS:
        if len(re.findall(letters, text)) * 8 >= size > 0 and (not required or re.search(required, text)):
            return language
    small = text.replace("İ", "i").lower()
    tokens = re.findall(r"\w+", small)
    hits = {language: sum(word in words.split() for word in tokens) for language, words in WORDS.items()}
    best = max(hits, key=hits.__getitem__)
    if hits[best] >= 2 and hits[best] * 5 >= len(tokens):
        return best
    if by_letters := next((language for language, letters in LETTERS.items() if re.search(letters, small)), ""):
        return by_letters
    return best if hits[best] and len(tokens) <= SHORT and list(hits.values()).count(hits[best]) == 1 else "en"
