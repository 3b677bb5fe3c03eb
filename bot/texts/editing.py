"""What officers read where they change the knowledge base."""

from __future__ import annotations

from bot.domain.editing import DraftState
from knowledge.entries import Officer
from knowledge.policy import Outcome

FIELDS = {
    "title": "Judul",
    "category": "Kelompok",
    "officer": "Petugas",
    "volatile": "Cepat berubah",
    "last_checked": "Terakhir diperiksa",
    "review_by": "Periksa lagi sebelum",
    "answer.short": "Jawaban singkat",
    "answer.more": "Selengkapnya",
    "near": "Entri yang mirip",
    "facts": "Fakta",
    "legal_basis": "Dasar hukum",
    "sources": "Sumber",
}
STATES = {
    DraftState.DRAFT: "draf",
    DraftState.REVIEW: "menunggu ditinjau",
    DraftState.PUBLISHED: "terbit",
    DraftState.DISCARDED: "dibuang",
}
OVERDUE = "lewat"
FILTERS = {
    OVERDUE: "lewat batas periksa",
    DraftState.DRAFT.value: STATES[DraftState.DRAFT],
    DraftState.REVIEW.value: STATES[DraftState.REVIEW],
}
OUTCOMES = {
    Outcome.ANSWER: "dijawab",
    Outcome.SUGGEST: "tiga pilihan ditawarkan",
    Outcome.HANDOFF: "tidak dijawab, petugas ditawarkan",
}
OFFICERS = {
    Officer.NEVER: "tidak ditawarkan",
    Officer.OFFER: "ditawarkan lewat tombol",
    Officer.ALWAYS: "selalu perlu petugas",
}
STYLES = (
    "formal",
    "santai",
    "slang",
    "typo",
    "satu-kata",
    "panjang",
    "voice",
    "melayu-sambas",
    "melayu-pontianak",
    "jawa",
    "sunda",
    "malay-my",
    "english",
)
AUTHORS = {"seed": "bawaan program", "cli": "baris perintah"}

OWN_DRAFT = "Anda ikut menulis draf ini. Orang lain harus meninjau dan menerbitkannya."
NOT_ALLOWED = "Peran Anda tidak boleh melakukan itu."
GONE = "Langkah ini tidak bisa lagi: drafnya sudah berpindah. Lihat keadaannya sekarang."
CHANGED = "Isinya berubah sejak halaman ini dibuka. Baca lagi, lalu putuskan."
NOT_CHECKED = "Pertanyaan emas belum diperiksa untuk draf ini. Tekan Periksa dulu."
REASON_NEEDED = "Tulis alasannya dulu."
HAS_PROBLEMS = "Masih ada yang perlu diperbaiki, lihat daftarnya di bawah."
TAKEN = "Kode ini sudah dipakai. Pilih kode lain."
BAD_ID = "Kode hanya huruf kecil dan angka, dipisah tanda hubung, paling banyak 40. Contoh: paspor-hilang"
UNKNOWN_CATEGORY = "Pilih salah satu kelompok."
SAVED_BY = "{name} menyimpan perubahan saat Anda menulis."
PUBLISHED_BY = "{name} menerbitkan versi baru sejak draf ini dimulai."

TOO_LARGE_TO_LEARN = (
    "Isinya terlalu banyak untuk dipelajari sekaligus. Silvi mencari lewat kalimat yang paling mirip saja: lebih sering "
    "menawarkan pilihan daripada langsung menjawab. Tarik entri yang tidak dipakai."
)
BEHIND = "{name} menerbitkan versi baru sejak draf ini dimulai. Tekan Ubah draf: perubahan itu digabung. Lalu simpan dan ajukan lagi."
NOT_OVER_NEWER = "Belum terbit: draf ini dibuat dari versi yang lebih lama."

FORMS = {"yaml": "YAML", "csv": "CSV", "xlsx": "XLSX"}
TOO_LARGE = "Berkas ini lebih besar daripada {megabytes} MB."
DOES_NOT_FIT = "Entri {entry_id} memuat teks yang tidak muat dalam bentuk ini. Unduh sebagai YAML."
PUBLISHED_SINCE = (
    "Ada entri yang diterbitkan sejak berkas ini dibaca. Tidak ada draf yang dibuat. Masukkan berkasnya lagi."
)


def field_name(field: str) -> str:
    """What a field of an entry is called."""
    group, _, code = field.partition(".")
    if group == "countries":
        return f"Bagian negara: {code}"
    if group == "variants":
        return f"Cara bertanya: {code}"
    return FIELDS.get(field, field)
