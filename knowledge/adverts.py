"""Whether a text that nobody asked about is a job advert by itself, rather than a question or a story."""

from __future__ import annotations

import re

from knowledge.normalize import plain
from knowledge.red_flags import Analysis

FEW_WORDS = 8
ENOUGH = 3
"""So many of: words of adverts, a way to answer it, a red flag."""

_MARK = re.compile(
    r"\b(lowongan|loker|lowker|dibutuhkan|dibuka|dicari|gaji|salary|fasilitas|syarat|persyaratan|kuota|slot|minat|berminat"
    r"|hubungi|daftar|pendaftaran|berangkat|keberangkatan|penempatan|posisi|usia|potong gaji|kontrak|mess|makan)\b"
)
_ASKS = re.compile(
    r"\b(apakah|apa(?:kah)? boleh|bagaimana|gimana|kenapa|mengapa|mohon info|mau tanya|mo tanya|izin tanya|numpang tanya"
    r"|boleh tanya|kak|min|pak|bu) "
)
_ASKING = re.compile(r"\b(apa|apakah|berapa|brp|mana|mn|gimana|gmn|bagaimana|kapan|siapa|kenapa|mengapa)\b")
_CHECK = re.compile(r"\b(cek|dicek|periksa|resmi|legal|penipuan|penipu|tipu|hoax|hoaks|bener|benar|asli|percaya)\b")
_STORY = re.compile(
    r"\b(saya|aku|sy|kami|anak|istri|suami|adik|kakak) (?:\w+ )?(?:sudah|udah|ditawari|disuruh|diminta|bayar|kerja|mau)\b"
)


def is_advert(text: str, analysis: Analysis) -> bool:
    """True for an offer that speaks for itself; a question about one stays a question."""
    return _signs(text, analysis) + bool(analysis.flags) >= ENOUGH


def may_be_advert(text: str, by_rules: Analysis) -> bool:
    """True where a red flag that the rules do not see would make an advert of it, or where it is one already."""
    return _signs(text, by_rules) + 1 >= ENOUGH


def is_worded_like_advert(text: str) -> bool:
    """False where the words alone rule an advert out: so it is with most messages, which are spared the rules."""
    return _is_worded_like_advert(plain(text))


def _is_worded_like_advert(words: str) -> bool:
    is_long = len(words.split()) >= FEW_WORDS
    return is_long and bool(_MARK.search(words)) and not (_STORY.search(words) or _ASKS.match(words))


def _signs(text: str, analysis: Analysis) -> int:
    """Words of adverts and ways to answer it; below nothing for what is no offer, a story, or a question about one."""
    words = plain(text)
    if analysis.silenced_by or not analysis.is_offer or not _is_worded_like_advert(words):
        return -ENOUGH
    is_asked = "?" in text or _ASKING.search(words)
    if is_asked and not analysis.contacts:
        return -ENOUGH
    return len(set(_MARK.findall(words))) + bool(analysis.contacts)


def asks_for_check(text: str) -> bool:
    """True where the words under a picture ask whether it is genuine."""
    return bool(_CHECK.search(plain(text)))
