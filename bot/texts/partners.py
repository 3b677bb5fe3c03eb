"""What partners in the villages read, and what the people read whom they send to Silvi."""

from __future__ import annotations

from bot.domain.districts import DISTRICTS
from bot.domain.messages import Button, Reply
from bot.domain.partners import PartnerKind
from bot.storage.tables import Introduction, Partner
from bot.texts import jobseeker

KINDS = {
    PartnerKind.VILLAGE_HEAD: "Kepala Desa",
    PartnerKind.BABINSA: "Babinsa",
    PartnerKind.BHABINKAMTIBMAS: "Bhabinkamtibmas",
    PartnerKind.TEACHER: "Guru",
}
MATERIALS = ("ciri-calo", "cek-lowongan", "alur-resmi", "biaya-penempatan", "dokumen-wajib", "cara-mengadu")
"""Entries that partners explain most; they read them as anybody does, with source and date."""

LINK_GONE = "Tautan ini tidak berlaku lagi. Mintalah tautan baru kepada yang memberikannya. Mau bertanya? Tulis saja."
JOINED = "Terima kasih, {name}. Anda sekarang mitra Silvi sebagai {kind} {village}."
MENU = (
    "Yang bisa Anda lakukan sebagai mitra:\n"
    "1. Baca bahan untuk dijelaskan kepada warga.\n"
    "2. Bagikan tautan Silvi kepada warga.\n"
    "3. Hubungkan warga dengan petugas, kalau warganya setuju.\n"
    "4. Lihat berapa warga yang sudah bertanya. Siapa orangnya tidak pernah ditampilkan."
)
NOT_A_PARTNER = "Menu ini untuk mitra kantor. Kalau Anda kepala desa, Babinsa, Bhabinkamtibmas, atau guru, mintalah tautan mitra kepada kantor."
ASK_MATERIAL = "Bahan mana yang mau dibaca?"
SHARE = "Tautan ini boleh dibagikan kepada semua warga {village}:\n{link}"
ASK_NOTE = (
    "Tulis singkat masalahnya, tanpa nama dan nomor. Contoh: gajinya tiga bulan tidak dibayar. "
    "Bicaralah dulu dengan warganya: dia sendiri yang menentukan. Ketik /batal untuk berhenti."
)
FORWARD = (
    "Kirim tautan ini hanya kepada warga itu. Berlaku satu hari, satu kali pakai. "
    "Dia akan ditanya apakah setuju, di HP-nya sendiri:\n{link}"
)
TOO_MANY = (
    "Hari ini sudah banyak warga yang Anda hubungkan. Untuk hal mendesak, mintalah warga menulis langsung ke Silvi."
)
COUNT_FEW = "Dalam 90 hari terakhir, kurang dari lima warga {village} bertanya, atau belum ada. Jumlah kecil tidak ditampilkan supaya tidak ada yang dikenali."
COUNT = "Dalam 90 hari terakhir, sedikitnya {count} warga {village} bertanya lewat tautan Anda atau mitra lain di desa ini. Siapa orangnya tidak ditampilkan."
CAME_THROUGH = "Anda datang lewat tautan {kind} {village}. Desa hanya bisa melihat berapa warga yang bertanya. Siapa dan apa pertanyaannya tidak pernah terlihat oleh desa."
ASK_CONSENT = (
    "{kind} {village} ingin menghubungkan Anda dengan petugas BP3MI. Catatannya:\n\n{note}\n\n"
    "Anda yang menentukan. Kalau setuju, petugas mendapat catatan ini dan bisa menulis kepada Anda di sini. "
    "Pejabat desa tidak bisa membaca percakapan itu."
)
DECLINED = "Baik, tidak ada yang diteruskan. Kalau nanti perlu bantuan, tulis saja di sini."
NARRATIVE = "Dihubungkan oleh {kind} {village}, dengan persetujuan orangnya. Catatan: {note}"
VILLAGE_KEPT = "Anda dihitung sebagai warga {village} yang memakai Silvi, karena datang lewat tautan desa. Desa hanya melihat jumlahnya."
AGREE, DECLINE = "Ya, hubungkan saya", "Tidak"

MENU_BUTTONS = (
    (Button("Bahan", "mitra:bahan"), Button("Tautan warga", "mitra:tautan")),
    (Button("Hubungkan warga", "mitra:hubungkan"), Button("Jumlah warga", "mitra:jumlah")),
)

CONSOLE_PROBLEM = "Isi semuanya: peran, nama, desa (masing-masing paling panjang 80 huruf), dan daerah."


def title(partner: Partner) -> str:
    return f"{KINDS[PartnerKind(partner.kind)]} {partner.village}"


def menu(partner: Partner, *, has_just_joined: bool = False) -> Reply:
    kind = KINDS[PartnerKind(partner.kind)]
    joined = JOINED.format(name=partner.name, kind=kind, village=partner.village)
    return Reply(body=f"{joined}\n\n{MENU}" if has_just_joined else MENU, buttons=MENU_BUTTONS)


def count(partner: Partner, people: int | None) -> str:
    said = COUNT_FEW if people is None else COUNT
    return said.format(count=people, village=f"{partner.village} ({DISTRICTS[partner.district]})")


def welcome(partner: Partner) -> Reply:
    """The greeting of somebody who came through the link of a village."""
    came = CAME_THROUGH.format(kind=KINDS[PartnerKind(partner.kind)], village=partner.village)
    return Reply(body=f"{jobseeker.WELCOME}\n\n{came}", footer=jobseeker.PRIVACY_NOTICE, buttons=jobseeker.MENU)


def ask_consent(introduction: Introduction, partner: Partner) -> Reply:
    kind = KINDS[PartnerKind(partner.kind)]
    mark = introduction.token_hash[:32]
    buttons = ((Button(AGREE, f"mitra:ya:{mark}"),), (Button(DECLINE, f"mitra:tidak:{mark}"),))
    body = ASK_CONSENT.format(kind=kind, village=partner.village, note=introduction.note)
    return Reply(body=body, footer=jobseeker.PRIVACY_NOTICE, buttons=buttons)


def narrative(introduction: Introduction, partner: Partner) -> str:
    return NARRATIVE.format(kind=KINDS[PartnerKind(partner.kind)], village=partner.village, note=introduction.note)
