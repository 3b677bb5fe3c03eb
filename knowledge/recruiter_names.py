"""Names of companies and training centres that a text mentions, as they are written there."""

from __future__ import annotations

import re
import unicodedata

MAX_WORDS = 6
_FORM = re.compile(
    r"(?<![\w.])(P\.?\s?T\.?|C\.?\s?V\.?|LPKS?|LKP|P3MI|BLK-?LN|U\.?D\.?|p\.\s?t\.?|[Yy]ayasan|YAYASAN|pt\.?|cv\.?|lpk|lkp|p3mi|Pt\.?|Lpk|Lkp)[ \t]+(?=[\w\"'“])"
)
_WORD = re.compile(r"\s*[\"“']?([^\W\d_][\w'&-]*|\d{1,3}(?=\s+[A-Z]))[\"”']?")
_ENDS = frozenset(
    """
    yang yg di ke dari dan atau itu ini nya mana apa resmi kami kita saya sy aku dia mereka untuk utk buat
    dengan dgn sama jl jln jalan gg gang cab cabang kantor no nomor telp tlp tel hp wa whatsapp sip sip3mi
    siup izin ijin alamat membuka buka menerima terima butuh dibutuhkan mencari cari lowongan loker job
    penempatan cuma hanya juga sudah udah belum blm tidak tdk gak ga nggak ndak ada bisa boleh akan mau minta
    bilang katanya kata jadi adalah ialah karena krn kalau klo bukan lain lagi sini sana apakah gimana
    bagaimana kok malah tapi tp namun lewat via oleh pada p3mi lpk pt cv langsung masih terdaftar punya gaji
    syarat daftar hubungi min kak bang pak bu bos legal ilegal aman penyalur pengerah tenaga kerja tsb
    tersebut anu namanya nama menyusul rahasia ber berizin tanpa dulu aja saja
    mane manapun ape siapa sape ade daan sian kah tu teu anu biar supaya agar walau walaupun meski meskipun padahal sampai
    sampe hingga sebelum setelah sesudah sejak waktu pas saat ketika tadi kemarin kmrn besok lusa nanti kallak minggu bulan
    hari pagi siang sore malam ya iya yah kan sih deh dong lho loh lah pun jak wae bae jg jgn jangan harus wajib mesti
    perlu suruh disuruh diminta dikasih kasih bayar biaya uang proses berangkat terbang mulai dekat deket tempat daerah
    baru lama besar kecil sekarang skrg terus trus lalu habis abis seperti kayak macam tentang soal semua tiap setiap
    pernah sering selalu mungkin kalo jika bila nek mun mbak mas om tante bg neng dek adek
    """.split()
)
"""Words that end a name, or show that none follows: "PT itu", "PT resmi", "PT Maju Jaya Jl. ..."."""


def find_recruiter_names(text: str) -> list[str]:
    """Names with their legal form in the order of the text, each once; "PT" without a name gives nothing."""
    text = unicodedata.normalize("NFKC", text)
    found: dict[str, str] = {}
    for match in _FORM.finditer(text):
        words = _words_after(text, match.end())
        if words:
            form = re.sub(r"[.\s]", "", match[1]).upper() if match[1].lower() != "yayasan" else "Yayasan"
            name = f"{form} {' '.join(words)}"
            found.setdefault(name.lower(), name)
    return list(found.values())


def _words_after(text: str, position: int) -> list[str]:
    """The words of the name: up to a sign, a line's end, a word that ends names, or small letters behind capitals."""
    words: list[str] = []
    while len(words) < MAX_WORDS:
        match = _WORD.match(text, position)
        if not match or "\n" in match[0]:
            break
        word = match[1]
        if word.lower() in _ENDS or re.fullmatch(r"(?:\w+nya|\w+-\w+nya)", word.lower()):
            break
        if words and words[0][:1].isupper() and word[:1].islower():
            break
        words.append(word)
        position = match.end()
        if text[position : position + 1] == "." or text[match.start() : match.end()].rstrip()[-1:] in "\"”'":
            break
    return words if words and (len(words) > 1 or words[0][:1].isupper()) else []
