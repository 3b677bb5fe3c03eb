"""The file of /datasaya and the words around it: all that is kept of one person, as a page they can read offline."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from bot.texts.formats import moment
from knowledge.office import long_date

FILE_NAME = "data-saya.html"
MIME_TYPE = "text/html"
FILE_ATTACHED = "Semua yang tersimpan tentang Anda ada di berkas ini. Buka dengan peramban (browser) di HP. Jangan diteruskan ke orang lain."
FILE_NOT_HERE = (
    "Berkas lengkapnya tidak dibuka di layar umum. Lanjutkan di HP Anda sendiri, lalu tulis /datasaya di sana."
)
FILE_TOO_OFTEN = "Berkas lengkapnya sudah sering diminta hari ini. Coba lagi besok, ya."
TITLE = "Data Anda di Silvi"
MADE_AT = "Dibuat {at}. Isinya pribadi: simpan baik-baik, jangan diteruskan ke orang lain."
NOTHING = "Tidak ada."
NOT_HERE = "(disimpan, tetapi terlalu besar untuk berkas ini; minta salinannya ke petugas)"
INTERNAL = "(catatan kerja petugas; isinya bisa diminta ke kantor)"
DESK_POST = "(laporan Anda, disampaikan ke meja petugas)"
RIGHTS = (
    "Hak Anda (UU 27/2022): melihat, memperbaiki, dan menghapus data. Ada yang salah? Tulis lewat /petugas. "
    "Mau dihapus? Tulis /hapusdata."
)
YES, NO = "ya", "tidak"

SECTIONS = {
    "people": "Anda",
    "agreements": "Persetujuan Anda",
    "chats": "Obrolan ini",
    "updates": "Nomor pesan yang sudah dibaca",
    "questions": "Pertanyaan (nama dan nomor sudah dihapus)",
    "outbox": "Balasan Silvi",
    "offers_asked": "Tawaran yang Anda cek",
    "asked_traces": "Nama, nomor, dan tautan di tawaran itu",
    "checklists": "Daftar /berkas",
    "subscriptions": "Kabar yang Anda minta lewat /langganan",
    "broadcast_recipients": "Siaran yang Anda terima",
    "episode_questions": "Pertanyaan untuk pembawa acara (nama dan nomor sudah dihapus)",
    "residents": "Desa Anda",
    "kiosk_visits": "Anda di layar kios",
    "handovers": "Yang dipindah dari kios ke HP",
    "failed_updates": "Pesan yang gagal dibaca",
    "cases": "Laporan",
    "case_events": "Riwayat laporan",
    "case_facts_before": "Keterangan laporan sebelum diubah",
    "attachments": "Gambar, berkas, lokasi, dan kontak",
    "attachment_contents": "Isi berkas",
    "referrals": "Rujukan ke lembaga lain",
    "outcomes": "Hasil laporan",
    "recruiter_cases": "Laporan Anda tentang perekrut",
    "partners": "Anda sebagai mitra desa",
    "officers": "Anda sebagai petugas",
    "duties": "Jadwal jaga Anda",
    "sign_in_links": "Tautan masuk konsol",
    "console_sessions": "Masuk ke konsol",
}
LABELS = {
    "people": {
        "channel": "Lewat",
        "external_id": "Nomor akun",
        "created_at": "Pertama menulis",
        "notice_version": "Pemberitahuan privasi yang ditampilkan (versi)",
        "notice_at": "Ditampilkan pada",
    },
    "agreements": {"version": "Versi pemberitahuan", "how": "Cara", "agreed_at": "Disetujui pada"},
    "chats": {
        "channel": "Lewat",
        "external_id": "Nomor obrolan",
        "created_at": "Sejak",
        "turns": "Jumlah pesan",
        "memory": "Yang diingat dari obrolan",
        "held_text": "Potongan pesan",
        "draft": "Laporan yang belum dikirim",
        "last_message_at": "Pesan terakhir",
        "unreachable_at": "Tidak bisa dihubungi sejak",
        "unreachable_reason": "Sebabnya",
        "erased_at": "Data dihapus pada",
    },
    "updates": {"source": "Dari", "update_id": "Nomor", "handled_at": "Dibaca"},
    "questions": {
        "asked_at": "Ditanyakan",
        "text_masked": "Pertanyaan",
        "outcome": "Hasil",
        "entry_id": "Jawaban",
        "country": "Negara",
        "intent": "Maksud",
        "urgency": "Kegawatan",
        "thumb": "Penilaian",
        "thumb_reason": "Alasan",
        "wants_officer": "Minta petugas",
    },
    "outbox": {"created_at": "Pada", "reply": "Isi", "state": "Keadaan"},
    "offers_asked": {"asked_at": "Dicek", "text": "Isi"},
    "asked_traces": {"trace_id": "Tertulis"},
    "checklists": {
        "country": "Negara",
        "job": "Pekerjaan",
        "done": "Langkah selesai",
        "begun_at": "Dibuat",
        "remind_at": "Diingatkan",
        "is_weekly": "Tiap minggu",
    },
    "subscriptions": {"topics": "Tentang", "country": "Negara", "district": "Daerah", "since": "Sejak"},
    "broadcast_recipients": {
        "broadcast_id": "Judul",
        "state": "Keadaan",
        "given_at": "Dikirim",
        "opened_at": "Tombolnya ditekan",
        "left_at": "Langganan dihentikan",
    },
    "episode_questions": {"asked_at": "Ditanyakan", "text": "Pertanyaan"},
    "residents": {"partner_id": "Desa"},
    "kiosk_visits": {"began_at": "Mulai", "ended_at": "Selesai"},
    "handovers": {"made_at": "Dibuat", "ends_at": "Berlaku sampai", "used_at": "Dipindah", "carried": "Isi"},
    "failed_updates": {"failed_at": "Pada", "payload": "Isi", "error": "Sebab"},
    "cases": {
        "number": "Nomor",
        "state": "Keadaan",
        "urgency": "Kegawatan",
        "category": "Masalah",
        "country": "Negara",
        "place": "Tempat",
        "district": "Daerah",
        "duration": "Sejak kapan",
        "narrative": "Cerita",
        "contact": "Nama dan nomor",
        "asked": "Pertanyaan sebelumnya",
        "answered": "Jawaban Silvi",
        "route": "Jalur berangkat",
        "office": "Kantor",
        "is_for_other": "Untuk orang lain",
        "privacy": "Kerahasiaan",
        "consent_at": "Disetujui pada",
        "consent_version": "Versi pemberitahuan",
        "opened_at": "Dibuka",
        "acknowledged_at": "Diambil petugas",
        "resolved_at": "Ditangani",
        "closed_at": "Ditutup",
        "rating": "Penilaian Anda",
    },
    "case_events": {"at": "Pada", "kind": "Kejadian", "text": "Isi"},
    "case_facts_before": {
        "until": "Sampai",
        "urgency": "Kegawatan",
        "category": "Masalah",
        "country": "Negara",
        "district": "Daerah",
        "route": "Jalur berangkat",
        "closed_at": "Ditutup",
    },
    "attachments": {
        "kind": "Jenis",
        "media": "Keterangan",
        "size_bytes": "Ukuran (bita)",
        "received_at": "Diterima",
        "sha256": "Sidik berkas",
        "error": "Tidak disimpan karena",
    },
    "attachment_contents": {"content": "Berkas"},
    "referrals": {
        "agency": "Lembaga",
        "letter_number": "Nomor surat",
        "purpose": "Yang diminta",
        "is_named": "Dengan nama Anda",
        "referred_at": "Dikirim",
        "answered_at": "Dijawab",
        "answer": "Jawaban",
    },
    "outcomes": {"stage": "Langkah", "on_date": "Tanggal", "note": "Keterangan"},
    "recruiter_cases": {"case_id": "Nomor laporan"},
    "partners": {
        "kind": "Sebagai",
        "name": "Nama",
        "village": "Desa",
        "district": "Daerah",
        "made_at": "Didaftarkan",
        "joined_at": "Bergabung",
    },
    "officers": {
        "telegram_id": "Akun Telegram",
        "name": "Nama",
        "role": "Peran",
        "office": "Kantor",
        "added_at": "Sejak",
        "removed_at": "Sampai",
    },
    "duties": {"starts_at": "Dari", "ends_at": "Sampai"},
    "sign_in_links": {"made_at": "Dibuat", "used_at": "Dipakai"},
    "console_sessions": {"started_at": "Masuk", "seen_at": "Terakhir", "ends_at": "Sampai", "device": "Perangkat"},
}
"""Of every table with people in it, what is shown; TECHNICAL names the rest."""

INSIDE = {
    "last_text": "pesan terakhir",
    "last_entry": "jawaban terakhir",
    "last_country": "negara terakhir",
    "last_at": "saat terakhir",
    "asked_at": "saat bertanya",
    "awaiting": "sedang ditunggu",
    "narrative": "cerita",
    "category": "masalah",
    "country": "negara",
    "place": "tempat",
    "duration": "sejak kapan",
    "is_for_other": "untuk orang lain",
    "skipped": "dilewati",
    "step": "langkah",
    "kind": "jenis",
    "name": "nama",
    "file_id": "nomor berkas",
    "mime_type": "jenis berkas",
    "size_bytes": "ukuran (bita)",
    "latitude": "lintang",
    "longitude": "bujur",
    "phone": "telepon",
    "person_name": "nama kontak",
}
"""What stands inside a memory, a draft or a file's description."""

TECHNICAL = {
    "id", "person_id", "chat_id", "case_id", "officer_id", "facts", "attachment_id", "offer_id",
    "is_group", "held_until", "paused_until", "warns_at", "entry_version", "confidence", "suggestions",
    "channel", "priority", "due_at", "leased_until", "attempts", "parts_sent", "sent_at", "sent_message_id", "error",
    "turn", "trace", "is_kept", "read_at", "source", "update_id", "with_silvi", "topic_id", "topic_name", "head_id",
    "promised_at", "left_s", "reminders", "reminded_at", "anonymised_at", "stored_at", "fetch_at", "is_handout",
    "kiosk_id", "seen_at", "minute_began_at", "in_minute", "ending", "asked_id", "recruiter_id", "album", "broadcast_id", "outbox_id", "asked", "episode_id", "since", "resident_token", "token_ends_at", "removed_at",
    "recorded_at", "token_hash", "ends_at", "earlier_hash", "rotated_at", "revoked_at",
}  # fmt: skip
"""Columns by which the program finds its way, and which tell nothing of a person."""


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one table, each as column and value; a file is (name, type, content)."""

    table: str
    rows: Sequence[dict[str, Any]]


def page(sections: Sequence[Section], zone: ZoneInfo, *, now: datetime) -> bytes:
    """The whole file; everything inserted is escaped, and nothing is loaded from anywhere."""
    parts = [
        '<!doctype html><html lang="id"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{TITLE}</title><style>{_STYLE}</style><main><h1>{TITLE}</h1>",
        f"<p>{escape(MADE_AT.format(at=moment(now, zone)))}</p><p>{escape(RIGHTS)}</p>",
    ]
    for section in sections:
        if section.rows:
            parts.append(f"<section><h2>{escape(SECTIONS[section.table])} ({len(section.rows)})</h2>")
            parts += [_row(section.table, row, zone) for row in section.rows]
            parts.append("</section>")
    return "".join([*parts, "</main></html>"]).encode()


def _row(table: str, row: dict[str, Any], zone: ZoneInfo) -> str:
    lines = (
        f"<dt>{escape(label)}</dt><dd>{_value(row[column], zone)}</dd>"
        for column, label in LABELS[table].items()
        if row[column] not in (None, "", {}, [])
    )
    return f"<dl>{''.join(lines)}</dl>"


def _value(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, KeptFile):
        address = f"data:application/octet-stream;base64,{base64.b64encode(value.content).decode('ascii')}"
        return f'<a download="{escape(value.name)}" href="{address}">{escape(value.name)}</a>'
    return escape(_in_words(value, zone)).replace("\n", "<br>")


def _in_words(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return moment(value, zone)
    if isinstance(value, date):
        return long_date(value)
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, dict):
        return "\n".join(
            f"{INSIDE.get(name, name)}: {_nested(inner)}"
            for name, inner in value.items()
            if inner not in (None, "", [], {})
        )
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _nested(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """The content of a file, to be saved from the page."""

    name: str
    content: bytes


_STYLE = (
    "body{font:1rem/1.5 sans-serif;margin:0;color:#1b1b1b;background:#fff}main{max-width:45rem;margin:auto;padding:1rem}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}dl{border-top:1px solid #bbb;margin:0;padding:.5rem 0}"
    "dt{font-weight:bold}dd{margin:0 0 .4rem 0;overflow-wrap:anywhere}"
)
