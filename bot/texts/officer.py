"""What officers read at their desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.cases import CaseState, CaseUrgency, Privacy
from bot.domain.messages import Button, Mention, Reply
from bot.storage.tables import Case, Officer, Referral
from bot.texts.complaint import CATEGORIES
from bot.texts.formats import country_name, moment

MARKS = {CaseUrgency.EMERGENCY: "🔴", CaseUrgency.HIGH: "🟠", CaseUrgency.NORMAL: "🟢"}
URGENCIES = {CaseUrgency.EMERGENCY: "DARURAT", CaseUrgency.HIGH: "mendesak", CaseUrgency.NORMAL: "biasa"}
PRIVACIES = {
    Privacy.CONFIDENTIAL: "rahasia, hanya untuk petugas",
    Privacy.ANONYMOUS: "tanpa nama",
    Privacy.NAMED: "boleh disebut",
}
STATES = {
    CaseState.NEW: "baru",
    CaseState.ACKNOWLEDGED: "dipegang",
    CaseState.IN_PROGRESS: "dikerjakan",
    CaseState.WAITING: "menunggu pelapor",
    CaseState.REFERRED: "dirujuk",
    CaseState.RESOLVED: "selesai, menunggu konfirmasi",
    CaseState.CLOSED: "ditutup",
    CaseState.WITHDRAWN: "dibatalkan",
}
TOPIC_MAX_CHARACTERS = 128
STORY_MAX_CHARACTERS = 2500

HOW_TO = (
    "Pesan biasa di sini sampai ke pelapor atas nama kantor. Catatan dalam: awali dengan // atau /catatan. "
    "Perintah: /ambil /selesai /buka."
)
FROM_PERSON = "Pelapor"
FROM_PERSON_URGENT = "🔴 Pelapor, DARURAT"
CLAIMED = "Kasus dipegang {officer}."
CLAIMED_ALREADY = "Kasus ini sudah dipegang {officer}."
CLAIMED_BY_YOU = "Kasus ini sudah Anda pegang."
RESOLVED = "{officer} menandai selesai. Pelapor ditanya apakah sudah selesai."
CONFIRMED = "Pelapor menjawab: sudah selesai. Kasus ditutup."
WITHDRAWN = "Pelapor membatalkan laporan ini."
REOPENED = "Kasus dibuka lagi oleh {who}."
PERSON = "pelapor"
NOT_NOW = "Itu tidak bisa sekarang: kasus {state}."
NOT_SENT_CLOSED = "Pesan tidak dikirim: kasus {state}. Buka dulu dengan /buka."
UNREACHABLE = "Pelapor tidak bisa dihubungi lewat Silvi: ia memblokir atau menghapus akun. Pesan di sini tidak sampai."
EDIT_NOT_SENT = "Pesan yang diubah tidak dikirim ulang ke pelapor. Tulis pesan baru."
ONLY_TEXT = "Hanya tulisan yang diteruskan ke pelapor. Kiriman ini tidak sampai."
UNKNOWN_COMMAND = "Perintah itu belum ada, jadi tidak dikirim. Ada: /ambil /catatan /selesai /buka."
CHANGED = "(diubah) "
KINDS = {
    "picture": "[gambar]",
    "voice": "[pesan suara]",
    "document": "[berkas]",
    "location": "[lokasi]",
    "contact": "[kontak]",
    "sticker": "[stiker]",
    "other": "[kiriman lain]",
}
TOPIC_ANEW = "Topik lama terhapus. Kasus ini dilanjutkan di sini."

CLAIM, RESOLVE, REOPEN = "Ambil", "Selesai", "Buka lagi"


def topic_name(case: Case) -> str:
    """Number, urgency mark, category."""
    name = f"{MARKS[CaseUrgency(case.urgency)]} {case.number} {CATEGORIES.get(case.category, case.category)}"
    return name[:TOPIC_MAX_CHARACTERS]


def facts(case: Case, zone: ZoneInfo, channel: str, *, anew: bool = False) -> Reply:
    """The first post of a topic; the person's contact is never in it."""
    lines = [
        f"Kegawatan: {URGENCIES[CaseUrgency(case.urgency)]}",
        f"Masalah: {CATEGORIES.get(case.category, case.category)}",
        f"Negara: {country_name(case.country) if case.country else 'belum disebut'}",
        *([f"Tempat: {case.place}"] if case.place else []),
        *([f"Sudah berapa lama: {case.duration}"] if case.duration else []),
        f"Untuk: {'orang lain' if case.is_for_other else 'diri sendiri, atau belum disebut'}",
        f"Pelapor: lewat {channel}, {PRIVACIES[Privacy(case.privacy)]}",
        f"Dibuka: {moment(case.opened_at, zone)}",
        *([f"Harus dijawab sebelum: {moment(case.due_at, zone)}"] if case.due_at else []),
    ]
    parts = ["\n".join(lines)]
    if case.narrative:
        parts.append(f"Cerita:\n{case.narrative[:STORY_MAX_CHARACTERS]}")
    if case.asked:
        parts.append(f"Pertanyaan terakhir: {case.asked}\nJawaban Silvi: {case.answered or 'tidak ada'}")
    if anew:
        parts.insert(0, TOPIC_ANEW)
    return Reply(
        title=f"{MARKS[CaseUrgency(case.urgency)]} {case.number}",
        body="\n\n".join(parts),
        footer=HOW_TO,
        buttons=((desk_button(CLAIM, "ambil", case), desk_button(RESOLVE, "selesai", case)),),
    )


def detail(case: Case) -> Reply:
    """The facts that were filled in later."""
    known = (country_name(case.country) if case.country else "", case.place or "", case.duration or "")
    return Reply(title="Keterangan baru", body=", ".join(part for part in known if part))


def desk_button(label: str, action: str, case: Case) -> Button:
    return Button(label, f"meja:{action}:{case.id}")


# Reminders

EMERGENCY = "DARURAT. {names}: tolong tangani sekarang, batasnya {due}."
NOT_TAKEN = "Belum ada yang mengambil kasus ini. Batasnya sudah lewat: {due}. {names}: tolong ambil sekarang."
NOT_FOLLOWED_UP = (
    "Belum ada tindak lanjut. Batasnya sudah lewat: {due}. {names}: tolong lanjutkan, atau jelaskan di sini."
)
REFERRAL_NOT_ANSWERED = (
    "Rujukan {letter} belum dijawab. Batasnya sudah lewat: {due}. {names}: tolong tanyakan ke lembaganya."
)
NOBODY = "Siapa pun yang membaca (tidak ada petugas terdaftar)"


@dataclass(frozen=True, slots=True)
class Call:
    """The same words to an officer in the topic, where they are called by name, and in their own chat."""

    in_topic: Reply
    in_private: Reply


def emergency(case: Case, officers: Sequence[Officer], zone: ZoneInfo, facts: Reply | None = None) -> Call:
    """Somebody is in danger now; a new case's facts stand under the call."""
    call = _call(case, officers, EMERGENCY.format(names=names(officers), due=moment(case.due_at, zone)))
    if facts is None:
        return call
    body = f"{call.in_topic.body}\n\n{facts.body}"
    return replace(call, in_topic=replace(facts, body=body, mentions=call.in_topic.mentions))


def overdue(case: Case, officers: Sequence[Officer], due_at: datetime, zone: ZoneInfo) -> Call:
    """Nobody took the case in time, or nobody went on with it."""
    said = NOT_TAKEN if case.state == CaseState.NEW else NOT_FOLLOWED_UP
    return _call(case, officers, said.format(names=names(officers), due=moment(due_at, zone)))


def referral_overdue(case: Case, officers: Sequence[Officer], referral: Referral, zone: ZoneInfo) -> Call:
    """An agency did not answer in time."""
    due = moment(referral.due_at, zone)
    said = REFERRAL_NOT_ANSWERED.format(names=names(officers), letter=referral.letter_number, due=due)
    return _call(case, officers, said)


def names(officers: Sequence[Officer]) -> str:
    return ", ".join(officer.name for officer in officers) or NOBODY


def _call(case: Case, officers: Sequence[Officer], said: str) -> Call:
    mark, mentions = (
        MARKS[CaseUrgency(case.urgency)],
        tuple(Mention(one.name, str(one.telegram_id)) for one in officers),
    )
    title = f"{mark} {case.number} {CATEGORIES.get(case.category, case.category)}"
    return Call(Reply(body=f"{mark} {said}", mentions=mentions), Reply(title=title, body=said))
