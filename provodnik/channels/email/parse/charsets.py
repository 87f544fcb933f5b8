"""Bytes to text when the declared charset is missing, unknown or wrong.

Order: a byte order mark, UTF-8 strictly (nothing else reads as UTF-8 by chance), the declared one, then the
guess. Russian 8-bit letters get a frequency test of their own, because cp1251, KOI8-R and the others are valid
for any bytes, so that only the letters tell which one is meant.
"""

import codecs
import math
import re
from functools import lru_cache

from charset_normalizer import from_bytes

_ALIASES = {
    "windows1251": "cp1251", "win1251": "cp1251", "win": "cp1251", "1251": "cp1251", "xcp1251": "cp1251",
    "xwindows1251": "cp1251", "ansi1251": "cp1251", "windows1252": "cp1252", "koi8": "koi8_r", "koi": "koi8_r",
    "koi8r": "koi8_r", "koi8ru": "koi8_u", "koi8u": "koi8_u", "xkoi8r": "koi8_r", "dos": "cp866", "866": "cp866",
    "ibm866": "cp866", "xmaccyrillic": "mac_cyrillic", "xmacroman": "mac_roman", "gb2312": "gb18030",
    "isogb2312": "gb18030", "gbk": "gb18030", "xgbk": "gb18030", "cp936": "gb18030", "utf8mb4": "utf_8",
    "unicode11utf7": "utf_7", "unicode11utf8": "utf_8", "xsjis": "cp932", "shiftjis": "cp932", "ansix341968": "ascii",
    "iso88598i": "iso8859_8", "iso88598e": "iso8859_8", "ksc56011987": "cp949", "iso88591": "cp1252",
    "latin1": "cp1252", "cp0": "cp1252", "xxbig5": "big5", "windows874": "cp874", "tis620": "cp874",
}  # fmt: skip
_CYRILLIC = ("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic")
# Declared as one of these, a letter is often really Russian in another.
_DOUBTFUL = {"ascii", "cp1252", "iso8859_15", "koi8_u", *_CYRILLIC}
_BOMS = ((codecs.BOM_UTF8, "utf_8_sig"), (codecs.BOM_UTF32_LE, "utf_32"), (codecs.BOM_UTF32_BE, "utf_32"),
         (codecs.BOM_UTF16_LE, "utf_16"), (codecs.BOM_UTF16_BE, "utf_16"))  # fmt: skip
_SEVEN_BIT = ("utf_7", "hz", "iso2022")
# Codecs of Python that are no charsets of letters; punycode is quadratic besides.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "palmos"}
_SAMPLE = 4096

# Share of letters in Russian text, per cent (Национальный корпус русского языка).
_SHARES = dict(
    zip(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        (10.97, 8.45, 8.01, 7.35, 6.70, 6.26, 5.47, 4.73, 4.54, 4.40, 3.49, 3.21, 2.98, 2.81, 2.62, 2.01, 1.90,
         1.74, 1.70, 1.65, 1.59, 1.44, 1.21, 0.97, 0.94, 0.73, 0.64, 0.48, 0.36, 0.32, 0.26, 0.04, 0.04),
        strict=True,
    )
)  # fmt: skip
_SCORE = {letter: math.log(share / 3.0) for letter, share in _SHARES.items()}
_SCORE |= {letter.upper(): score - 0.3 for letter, score in _SCORE.items()}
_SCORE |= dict.fromkeys("«»№—–…„“”’\xa0•", 0.0)
_NOT_A_LETTER = -5.0
_CASE_TURNED = re.compile("[а-яё][А-ЯЁ]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{2,}")


def decode(data: bytes, declared: str = "", hint: str = "") -> tuple[str, bool]:
    """The text of `data`, and whether the charset had to be guessed. `hint` is tried before guessing."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace"), False
    codec = _codec(declared)
    if codec and data.isascii() and codec.startswith(_SEVEN_BIT):
        return data.decode(codec, "replace"), False
    if codec.startswith(("utf_16", "utf_32")) and any(byte < 9 for byte in data[:_SAMPLE]):
        return data.decode(codec, "replace"), False
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        pass
    if codec in ("utf_8", "utf_8_sig") and _mostly_utf8(data):
        return data.decode("utf-8", "replace"), False
    return _by_letters(data, codec, _codec(hint))


def _by_letters(data: bytes, codec: str, hint: str) -> tuple[str, bool]:
    russian, margin = _best_cyrillic(data, codec if codec in _CYRILLIC else hint)
    if codec and codec not in ("utf_8", "utf_8_sig", "ascii"):
        if russian and russian != codec and codec in _DOUBTFUL and margin > 0.7:
            return data.decode(russian, "replace"), True
        try:
            return data.decode(codec), False
        except (UnicodeDecodeError, ValueError):
            if not russian and data.count(b"\x80"):
                return data.decode(codec, "replace"), True
    if russian:
        return data.decode(russian, "replace"), True
    if codec and codec not in ("utf_8", "utf_8_sig", "ascii"):
        return data.decode(codec, "replace"), True
    if hint:
        try:
            return data.decode(hint), True
        except (UnicodeDecodeError, ValueError):
            pass
    return _last_guess(data), True


def _last_guess(data: bytes) -> str:
    sample = data[:_SAMPLE]
    if sum(byte > 127 for byte in sample) >= 32:
        best = from_bytes(sample, steps=3, chunk_size=512).best()
        if best is not None:
            return data.decode(best.encoding, "replace")
    return data.decode("cp1252", "replace")


@lru_cache(maxsize=256)
def _codec(name: str) -> str:
    """Python's name of a text charset, or "" for one that nobody knows."""
    name = name.strip().strip("\"'").lower()[:60]
    squeezed = re.sub(r"[^a-z0-9]", "", name)
    name = _ALIASES.get(squeezed, name)
    if squeezed.startswith("charset"):
        return _codec(squeezed.removeprefix("charset"))
    try:
        info = codecs.lookup(name)
        "a".encode(name)  # refuses base64, rot13 and the like, which are no charsets
    except (LookupError, ValueError, TypeError, UnicodeError):
        return ""
    found = info.name.replace("-", "_")
    if found in _REFUSED:
        return ""
    return _ALIASES.get(re.sub(r"[^a-z0-9]", "", found), found)


def _mostly_utf8(data: bytes) -> bool:
    """A UTF-8 letter that was cut or spoiled in a few places."""
    decoded = data[:_SAMPLE].decode("utf-8", "replace")
    wrong = decoded.count("\ufffd")
    high = sum(ord(char) > 127 for char in decoded) - wrong
    return high > 4 * wrong


def _best_cyrillic(data: bytes, preferred: str) -> tuple[str, float]:
    """The Cyrillic charset in which the bytes read as Russian (or ""), and its lead over `preferred`."""
    runs = _HIGH_RUN.findall(data[:_SAMPLE])
    high = b" ".join(runs)
    letters = sum(map(len, runs))
    lonely = sum(byte > 127 for byte in data[:_SAMPLE]) - letters
    if letters < 3 or lonely > letters:
        return "", 0.0
    scores = {name: _russian(high.decode(name, "replace"), letters) for name in _CYRILLIC}
    scores["cp1251"] += 0.1
    if preferred in scores and letters < 12:
        scores[preferred] += 0.6
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < -0.9:
        return "", 0.0
    return best, scores[best] - scores.get(preferred, -9.0)


def _russian(text: str, letters: int) -> float:
    total = sum(_SCORE.get(char, _NOT_A_LETTER) for char in text if char != " ")
    return (total - 2.0 * len(_CASE_TURNED.findall(text))) / letters
