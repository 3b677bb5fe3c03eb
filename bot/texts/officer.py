"""What officers read at their desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.domain.agencies import BY_CODE
from bot.domain.cases import CaseState, CaseUrgency, Privacy, Route, Standing
from bot.domain.messages import Button, Channel, Kind, Media, Mention, Reply
from bot.domain.outcomes import Stage
from bot.storage.tables import Case, Officer, Referral
from bot.texts.complaint import CATEGORIES
from bot.texts.formats import country_name, masked_contact, moment
from knowledge.office import long_date
from knowledge.policy import Outcome

MARKS = {CaseUrgency.EMERGENCY: "🔴", CaseUrgency.HIGH: "🟠", CaseUrgency.NORMAL: "🟢"}
OVER_MARKS = {CaseState.CLOSED: "✅", CaseState.WITHDRAWN: "⚪"}
"""Stand before the name of a topic that is closed."""
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
CHANNELS = {Channel.TELEGRAM: "Telegram", Channel.WEB: "obrolan web", Channel.KIOSK: "kios desa"}
DUE_FIRST, DUE_NEXT = "Harus dijawab sebelum", "Langkah berikut sebelum"
TOPIC_MAX_CHARACTERS = 128
STORY_MAX_CHARACTERS = 2500

HOW_TO = (
    "Pesan biasa di sini sampai ke pelapor atas nama kantor. Catatan dalam: awali dengan // atau /catatan. "
    "Semua tindakan: /menu."
)
FROM_PERSON = "Pelapor"
FROM_OFFICER = "Petugas"
FROM_PERSON_URGENT = "🔴 Pelapor, DARURAT"
CLAIMED = "Kasus dipegang {officer}."
CLAIMED_ALREADY = "Kasus ini sudah dipegang {officer}."
CLAIMED_BY_YOU = "Kasus ini sudah Anda pegang."
RESOLVED = "{officer} menandai selesai. Pelapor ditanya apakah sudah selesai."
CONFIRMED = "Pelapor menjawab: sudah selesai. Kasus ditutup."
WITHDRAWN = "Pelapor membatalkan laporan ini."
WITHDRAWN_IN_DANGER = "🔴 Dicabut pelapor; pastikan aman. Laporan ini dibuka karena bahaya: orangnya bisa saja dipaksa."
CLOSED_UNCONFIRMED = "Pelapor tidak menjawab selama 14 hari. Kasus ditutup; pelapor bisa membukanya lagi dalam 30 hari."
ASKED_AGAIN = "Pelapor belum menjawab, jadi ditanya sekali lagi apakah sudah selesai."
RATED = "Pelapor menilai: {rating}."
DO_NOT_CALL = "⚠️ Pelapor tidak bisa atau tidak mau ditelepon. Balas dengan tulisan saja."
FOR_OTHER, FOR_ME = "Laporan ini tentang orang lain.", "Laporan ini tentang pelapor sendiri."
PRIVACY_CHANGED = "Pelapor memilih: {privacy}."
CONTACT_GIVEN = "Pelapor memberi kontak: {contact}"
REOPENED = "Kasus dibuka lagi oleh {who}."
ROUTES = {Route.PROCEDURAL: "Prosedural", Route.NONPROCEDURAL: "Nonprosedural"}
ROUTE_NOTED = "{officer} mencatat: berangkat {route}."
ASK_ROUTE = (
    "Pelapor berangkat prosedural (lewat jalur resmi) atau nonprosedural? Catatan ini hanya untuk petugas dan angka kantor. Kalau belum tahu, "
    "lewati saja."
)
NO_SUCH_ROUTE = "Tulis: /jalur prosedural atau /jalur nonprosedural"
PERSON = "pelapor"
NOT_NOW = "Itu tidak bisa sekarang: kasus {state}."
NOT_SENT_CLOSED = "Pesan tidak dikirim: kasus {state}. Buka dulu dengan /buka."
UNREACHABLE = "Pelapor tidak bisa dihubungi lewat Silvi: ia memblokir atau menghapus akun. Pesan di sini tidak sampai."
STILL_UNREACHABLE = (
    "Pesan itu tidak sampai: pelapor masih memblokir Silvi, atau akunnya sudah dihapus. "
    "Coba cara lain; kontaknya, kalau diberikan, ada di tombol Lihat kontak."
)
LEFT_KIOSK = (
    "Pelapor memakai kios {kiosk} dan sudah pergi. Balasan di sini belum sampai, kecuali ia menyambungkan HP-nya dengan kode "
    "QR. Kalau ada nomor HP di laporan, hubungi lewat nomor itu."
)
MOVED_TO_PHONE = "Pelapor melanjutkan laporan dari kios ke HP-nya sendiri. Balasan di sini sampai ke sana."
EDIT_NOT_SENT = "Pesan yang diubah tidak dikirim ulang ke pelapor. Tulis pesan baru."
NOT_PASSED_ON = "Stiker dan kiriman jenis ini tidak diteruskan ke pelapor. Tulis dengan kata-kata, ya."
FILE_NOT_PASSED = "{file} dari petugas tidak sampai ke pelapor. Kirim ulang, atau tulis isinya."
UNKNOWN_COMMAND = (
    "Perintah itu tidak ada, jadi tidak dikirim. Ada: /ambil /prioritas /rujuk /cerita /jawaban /hasil /jalur /tunggu /catatan /alih "
    "/silvi /selesai /buka /menu."
)
CHANGED = "(diubah) "
KINDS = {
    "picture": "[gambar]",
    "voice": "[pesan suara]",
    "audio": "[rekaman]",
    "video": "[video]",
    "video_note": "[video]",
    "animation": "[gambar bergerak]",
    "document": "[berkas]",
    "location": "[lokasi]",
    "contact": "[kontak]",
    "sticker": "[stiker]",
    "other": "[kiriman lain]",
}
NOTHING_TRIED = "tidak ada"
NEAREST = ", yang paling dekat: {title}"
SUGGESTED = "menawarkan {titles}"
SURENESS = " (yakin {percent}%)"
THUMB_DOWN = ". Kata pelapor: belum pas"
TOPIC_ANEW = "Topik lama terhapus. Kasus ini dilanjutkan di sini."

TWIN_TOPIC = (
    "Silvi terhenti saat membuat topik. Mungkin ada topik kosong dengan nama yang sama: hapus saja. "
    "Yang dipakai topik ini."
)
OTHER_TOPIC = "{officer} menulis di topik lain dengan nomor kasus ini. Itu tidak sampai ke pelapor. Tulis di sini."

STANDINGS = {
    Standing.FREE: "Belum ada yang memegang kasus ini. Ambil dulu: /ambil.",
    Standing.OTHER: (
        "Kasus ini dipegang {owner}, jadi itu tidak dilakukan. Minta {owner} atau penyelia. Catatan: awali dengan //."
    ),
}
"""Why an officer may not."""
LEAD_MAY_TAKE_OVER = " Untuk mengambil alih: /alih."
WAITING = "{officer} menunggu pelapor: {asked}."
REASON_MISSING = "Untuk menurunkan kasus darurat, tulis alasannya: /prioritas {code} ALASAN"
PRIORITISED = "{officer} mengubah kegawatan dari {before} menjadi {after}."
NOTHING_TO_CHANGE = "Sudah begitu, tidak ada yang diubah."
NO_SUCH_OFFICER = "Tidak ada petugas dengan nama itu. Lihat daftarnya: /alih"
TAKEN_OVER = "{officer} mengambil alih kasus ini."
HANDED_OVER = "{officer} menyerahkan kasus ini kepada {to}."
HANDED_BACK = "Obrolan kembali ke Silvi. Yang ditulis pelapor tetap muncul di sini. Begitu Anda membalas, obrolan kembali ke Anda."
TAKEN_BACK = "{officer} menjawab pelapor lagi, Silvi diam."
CONTACT_BY_BUTTON = "Kontak hanya diperlihatkan kepada yang menekan tombol ini."
CONTACT = "Kontak pelapor: {contact}"
CONTACT_ANONYMOUS = "Pelapor minta dirahasiakan. Tulis di topik ini, pesannya sampai."
CONTACT_NOT_GIVEN = "Pelapor belum memberi nama atau nomor. Tanyakan di topik ini."

STORY_PUT = "{officer} menulis cerita untuk surat rujukan. Surat berikutnya memakai kata-kata itu."
STORY_BACK = "{officer} memilih kata-kata pelapor lagi untuk surat rujukan."
STORY_IS = "Cerita untuk surat rujukan:"
STORY_EMPTY = "Belum ada cerita untuk surat rujukan."
STORY_HOW = "Ringkas atau betulkan dengan: /cerita ISI CERITA"
STORY_OF_PERSON = "Pakai kata-kata pelapor"
STORY_RESET = "asli"

NO_SUCH_AGENCY = "Kode lembaga itu tidak ada. Lihat daftarnya: /rujuk"
LETTER = "Surat rujukan ke {agency}, nomor {number}. Periksa, tanda tangani, lalu kirim. Jawaban ditunggu sampai {due}."
AGREES = "Setuju nama dan kontaknya diberikan ke {agency}. Surat baru ada di bawah."
REFUSES = "Tidak mau nama dan kontaknya diberikan ke {agency}."
ANSWER_CAME = "Sudah dijawab"
HOW_TO_ANSWER = "Tulis apa jawabannya: /jawaban {code} ISI JAWABAN"
AGENCY_ANSWERED = "{agency} menjawab"
NO_OPEN_REFERRAL = "Tidak ada rujukan yang menunggu jawaban dari lembaga itu."
WHICH_AGENCY = "Beberapa lembaga belum menjawab. Tulis kodenya: /jawaban {code} ISI JAWABAN. Kode: {codes}"

OUTCOME = "Hasil"
STAGES = {
    Stage.REPORTED: "Dilaporkan ke polisi",
    Stage.INVESTIGATED: "Penyidikan",
    Stage.ON_TRIAL: "Sidang",
    Stage.VERDICT: "Putusan",
    Stage.SHELTER: "Penampungan",
    Stage.ESCORT: "Diantar pulang",
    Stage.HOME: "Sampai di rumah",
}
BAD_DATE = "Tanggal itu tidak terbaca. Contoh: /hasil putusan 20-11-2026"
IN_FUTURE = "Tanggal itu belum tiba. Catat setelah terjadi."
TOO_LONG_AGO = "Tanggal itu terlalu lama. Periksa tahunnya."
KNOWN_ALREADY = "Itu sudah tercatat dengan tanggal yang sama."
OUT_OF_ORDER = "Tanggalnya tidak cocok: {stage} tercatat {day}."

CLAIM, RESOLVE, REOPEN, MENU = "Ambil", "Selesai", "Buka lagi", "Tindakan lain"
PRIORITISE, REFER, WAIT, HAND_OVER, HAND_BACK, TAKE_BACK, OUTCOMES, SEE_CONTACT, ROUTE, STORY = (
    "Kegawatan",
    "Rujuk",
    "Tunggu pelapor",
    "Serahkan",
    "Kembalikan ke Silvi",
    "Ambil kembali dari Silvi",
    "Catat hasil",
    "Lihat kontak",
    "Jalur berangkat",
    "Cerita surat",
)


def topic_name(case: Case) -> str:
    """Number, urgency mark (or that it is over), category."""
    mark = OVER_MARKS.get(CaseState(case.state)) or MARKS[CaseUrgency(case.urgency)]
    name = f"{mark} {case.number} {CATEGORIES.get(case.category, case.category)}"
    return name[:TOPIC_MAX_CHARACTERS]


def facts(
    case: Case, zone: ZoneInfo, channel: str, steps: Mapping[Stage, date], story: str, *, anew: bool = False
) -> Reply:
    """The first post of a topic; the person's contact stands in it masked."""
    lines = [
        f"Kegawatan: {URGENCIES[CaseUrgency(case.urgency)]}",
        f"Masalah: {CATEGORIES.get(case.category, case.category)}",
        f"Negara: {country_name(case.country) if case.country else 'belum disebut'}",
        *([f"Tempat: {case.place}"] if case.place else []),
        *([f"Sudah berapa lama: {case.duration}"] if case.duration else []),
        f"Untuk: {'orang lain' if case.is_for_other else 'diri sendiri, atau belum disebut'}",
        *([f"Berangkat: {ROUTES[Route(case.route)].lower()}"] if case.route else []),
        f"Pelapor: lewat {channel}, {PRIVACIES[Privacy(case.privacy)]}",
        *([f"Kontak: {masked_contact(case.contact)}"] if case.contact else []),
        f"Dibuka: {moment(case.opened_at, zone)}",
        *(
            [f"{DUE_FIRST if case.acknowledged_at is None else DUE_NEXT}: {moment(case.due_at, zone)}"]
            if case.due_at
            else []
        ),
        *dated(steps),
    ]
    parts = ["\n".join(lines)]
    if story:
        parts.append(f"Cerita:\n{story[:STORY_MAX_CHARACTERS]}")
    if case.asked:
        parts.append(f"Pertanyaan terakhir: {case.asked}\nJawaban Silvi: {case.answered or 'tidak ada'}")
    if anew:
        parts.insert(0, TOPIC_ANEW)
    return Reply(
        title=f"{MARKS[CaseUrgency(case.urgency)]} {case.number}",
        body="\n\n".join(parts),
        footer=HOW_TO,
        buttons=(
            (desk_button(CLAIM, "ambil", case), desk_button(RESOLVE, "selesai", case)),
            (desk_button(PRIORITISE, "prioritas", case), desk_button(REFER, "rujuk", case)),
            (desk_button(SEE_CONTACT, "kontak", case), desk_button(MENU, "menu", case)),
        ),
    )


def detail(case: Case) -> Reply:
    """The facts that were filled in later."""
    known = (country_name(case.country) if case.country else "", case.place or "", case.duration or "")
    return Reply(title="Keterangan baru", body=", ".join(part for part in known if part))


def mark(kind: Kind | str, media: Media | None) -> str:
    """What stands for something that is no text where only text can stand; empty for words."""
    name = media.name if media else ""
    return " ".join(part for part in (KINDS.get(kind, ""), name) if part)


def logged(said: str, media: Media | None) -> str:
    """Words for the log, with a mark for what is no text."""
    return " ".join(part for part in (mark(media.kind, media) if media else "", said) if part)


def from_person(said: str, media: Media | None = None, *, is_urgent: bool = False) -> Reply:
    """What the person wrote or sent, for the topic."""
    return _said(FROM_PERSON_URGENT if is_urgent else FROM_PERSON, said, media)


def attached(media: Media, *, by_officer: bool) -> Reply:
    """An attachment of the case, for a topic that begins with it."""
    return _said(FROM_OFFICER if by_officer else FROM_PERSON, "", media)


def _said(title: str, said: str, media: Media | None) -> Reply:
    place = media.name if media and media.kind is Kind.LOCATION else ""
    return Reply(title=title, body="\n".join(part for part in (place, said) if part), media=media)


def file_not_passed(kind: str) -> Reply:
    """An officer's file that the channel could not bring to the person."""
    return Reply(body=FILE_NOT_PASSED.format(file=KINDS[kind].strip("[]").capitalize()))


def tried(outcome: str, answered: str, suggested: Sequence[str], *, confidence: float, thumb: int | None) -> str:
    """What Silvi made of a question: its answer or its suggestions, how sure it was, and how the person took it."""
    made = answered if outcome == Outcome.ANSWER and answered else NOTHING_TRIED
    if outcome == Outcome.SUGGEST and suggested:
        made = SUGGESTED.format(titles="; ".join(suggested))
    elif made == NOTHING_TRIED and suggested:
        made += NEAREST.format(title=suggested[0])
    return made + SURENESS.format(percent=round(confidence * 100)) + (THUMB_DOWN if thumb == -1 else "")


def letter(case: Case, referral: Referral, zone: ZoneInfo) -> Reply:
    """Under the letter itself."""
    body = LETTER.format(
        agency=BY_CODE[referral.agency].name, number=referral.letter_number, due=moment(referral.due_at, zone)
    )
    return Reply(body=body, buttons=((desk_button(ANSWER_CAME, "jawaban", case, referral.agency),),))


def prioritised(officer: str, before: CaseUrgency, after: CaseUrgency, reason: str) -> str:
    told = PRIORITISED.format(officer=officer, before=URGENCIES[before], after=URGENCIES[after])
    return f"{told} Alasan: {reason}" if reason else told


def outcome(stage: Stage, on_date: date, note: str) -> str:
    told = f"{STAGES[stage]}: {long_date(on_date)}"
    return f"{told}. {note}" if note else told


def handed_back(case: Case) -> Reply:
    return Reply(body=HANDED_BACK, buttons=((desk_button(TAKE_BACK, "lanjut", case),),))


def resolved(case: Case, officer: str) -> Reply:
    """Who closes a case knows how its person left, or never will."""
    over = _over(case, RESOLVED.format(officer=officer))
    if case.route:
        return over
    return replace(over, body=f"{over.body}\n\n{ASK_ROUTE}", buttons=(route_buttons(case), *over.buttons))


def ask_route(case: Case) -> Reply:
    return Reply(body=ASK_ROUTE, buttons=(route_buttons(case),))


def route_buttons(case: Case) -> tuple[Button, ...]:
    return tuple(desk_button(name, "jalur", case, route) for route, name in ROUTES.items())


def confirmed(case: Case) -> Reply:
    return _over(case, CONFIRMED)


def withdrawn(case: Case) -> Reply:
    """A case that began with danger may have been taken back by force."""
    return _over(case, WITHDRAWN if case.urgency == CaseUrgency.NORMAL else WITHDRAWN_IN_DANGER)


def closed_unconfirmed(case: Case) -> Reply:
    return _over(case, CLOSED_UNCONFIRMED)


def contact(case: Case, known: str | None) -> str:
    """For a notice that only one officer sees."""
    if case.privacy == Privacy.ANONYMOUS:
        return CONTACT_ANONYMOUS
    return CONTACT.format(contact=known) if known else CONTACT_NOT_GIVEN


def see_contact(case: Case) -> Reply:
    return Reply(body=CONTACT_BY_BUTTON, buttons=((desk_button(SEE_CONTACT, "kontak", case),),))


def desk_button(label: str, action: str, case: Case, argument: str = "") -> Button:
    """What it does is the command of the same name, with the same argument."""
    return Button(label, ":".join(part for part in ("meja", action, str(case.id), argument) if part))


def _over(case: Case, told: str) -> Reply:
    # In a closed topic only admins can write: who is none opens the case again by its button.
    return Reply(body=told, buttons=((desk_button(REOPEN, "buka", case),),))


def story(case: Case, told: str) -> Reply:
    """What the letters will tell, and how it is changed."""
    body = f"{STORY_IS}\n\n{told}" if told else STORY_EMPTY
    buttons = ((desk_button(STORY_OF_PERSON, "cerita", case, STORY_RESET),),) if told else ()
    return Reply(body=body, footer=STORY_HOW, buttons=buttons)


def dated(steps: Mapping[Stage, date]) -> list[str]:
    return [f"{STAGES[stage]}: {long_date(day)}" for stage, day in steps.items()]


# Reminders

EMERGENCY = "DARURAT. {names}: tolong tangani sekarang, batasnya {due}."
NOT_TAKEN = "Belum ada yang mengambil kasus ini. Batasnya sudah lewat: {due}. {names}: tolong ambil sekarang."
NOT_FOLLOWED_UP = (
    "Belum ada tindak lanjut. Batasnya sudah lewat: {due}. {names}: tolong lanjutkan, atau jelaskan di sini."
)
REFERRAL_NOT_ANSWERED = (
    "Rujukan {letter} belum dijawab. Batasnya sudah lewat: {due}. {names}: tolong tanyakan ke lembaganya."
)
MANY_LATE = "{count} kasus lewat batas"
MANY_LATE_BODY = "Tolong buka topik masing-masing di grup petugas, dan pastikan ada yang menanganinya:"
MORE_LATE = "dan {count} kasus lain"
LISTED_LATE = 40
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


def digest(calls: Sequence[Reply]) -> Reply:
    """Several calls in one message, each by its title."""
    lines = [f"- {call.title}" for call in calls[:LISTED_LATE]]
    if len(calls) > LISTED_LATE:
        lines.append(MORE_LATE.format(count=len(calls) - LISTED_LATE))
    return Reply(title=MANY_LATE.format(count=len(calls)), body="\n".join([MANY_LATE_BODY, "", *lines]))


def names(officers: Sequence[Officer]) -> str:
    return ", ".join(officer.name for officer in officers) or NOBODY


def _call(case: Case, officers: Sequence[Officer], said: str) -> Call:
    mark, mentions = (
        MARKS[CaseUrgency(case.urgency)],
        tuple(Mention(one.name, str(one.telegram_id)) for one in officers),
    )
    title = f"{mark} {case.number} {CATEGORIES.get(case.category, case.category)}"
    return Call(Reply(body=f"{mark} {said}", mentions=mentions), Reply(title=title, body=said))
