"""The menus of the desk: how a case stands, and what an officer can choose for it with a tap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.agencies import AGENCIES, BY_CODE, Agency, suggested
from bot.domain.cases import CaseState, CaseUrgency
from bot.domain.messages import Button, Reply
from bot.domain.outcomes import ENFORCEMENT, RETURN, Stage
from bot.domain.recruiters import Found
from bot.storage.tables import Case, Officer, RecruiterVerdict, Referral
from bot.texts import officer as words
from bot.texts import verdicts
from bot.texts.formats import moment
from bot.texts.offers import briefly
from bot.texts.officer import STAGES, STATES, URGENCIES, dated, desk_button
from knowledge.office import OfficeProfile

ASK_URGENCY = "Seberapa gawat kasus ini? Pilih, atau tulis: /prioritas mendesak ALASAN"
URGENCY_CODES = {"darurat": CaseUrgency.EMERGENCY, "mendesak": CaseUrgency.HIGH, "biasa": CaseUrgency.NORMAL}
ASK_WAITING = "Apa yang ditunggu dari pelapor? Pilih, atau tulis: /tunggu foto kontrak kerja"
REQUESTS = {
    "paspor": "foto halaman depan paspor",
    "kontrak": "foto kontrak kerja",
    "telepon": "nomor telepon yang bisa dihubungi",
    "alamat": "alamat lengkap tempat Anda sekarang",
    "bukti": "bukti pembayaran atau percakapan",
}
ASK_OFFICER = "Kasus ini diserahkan kepada siapa?"
ASK_AGENCY = "Dirujuk ke mana? Pilih, atau tulis: /rujuk KODE PERMINTAAN"
ALL_AGENCIES = "Lembaga lain"
PREVIEW = "Surat ke {agency} ({contact}) akan berisi:"
PREVIEW_ASKS = "Permintaan: {purpose}."
PREVIEW_ACCOUNT = "Cerita pelapor: {account}"
PREVIEW_HOW = "Dengan kata-kata lain: /rujuk {code} PERMINTAAN"
PREVIEW_STORY_HOW = "Cerita diringkas atau dibetulkan dengan /cerita."
NO_CONTACT = "kontak belum diisi kantor"
NAMED = "Identitas pelapor ikut ditulis."
NOT_NAMED = "Identitas pelapor tidak ditulis. Periksa: jangan sampai namanya masih terbaca di atas."
ASKS_PERSON = "Identitas pelapor baru ditulis kalau pelapor setuju. Silvi menanyakannya."
MAKE_LETTER = "Buat surat"
ASK_STAGE = "Apa yang terjadi hari ini? Untuk tanggal lain, tulis: /hasil putusan 20-11-2026 CATATAN"
STAGE_CODES = {
    "dilaporkan": Stage.REPORTED,
    "penyidikan": Stage.INVESTIGATED,
    "sidang": Stage.ON_TRIAL,
    "putusan": Stage.VERDICT,
    "penampungan": Stage.SHELTER,
    "diantar": Stage.ESCORT,
    "rumah": Stage.HOME,
}
RECRUITERS = "Perekrut di kasus ini"
REPORTED_FILE = "{title}: {reports} laporan, {standing}.\nJejak: {traces}\n{address}"
NO_VERDICT = "belum ada putusan"
NOT_ON_FILE = "Disebut di cerita, belum ada di berkas perekrut: {shown}."
LICENCES = "Menurut daftar izin:"
NONE_NAMED = "Belum ada nama, nomor, atau akun perekrut di cerita kasus ini."
CHOOSE_IN_CONSOLE = "Pilih siapa yang dilaporkan, usulkan putusan, dan catat tanggapan di konsol: {address}"
NOT_GUILTY = "Laporan bukan putusan: jangan sebut siapa pun penipu kepada pelapor."

NO_SUCH_STAGE = "Hasil itu tidak ada. Pilihannya: " + ", ".join(STAGE_CODES) + "."


def menu(
    case: Case, owner: Officer | None, steps: Mapping[Stage, date], referrals: Iterable[Referral], zone: ZoneInfo
) -> Reply:
    """How the case stands, and all that can be done with it."""
    lines = [
        f"Status: {STATES[CaseState(case.state)]}",
        f"Kegawatan: {URGENCIES[CaseUrgency(case.urgency)]}",
        f"Dipegang: {owner.name if owner else 'belum ada'}",
        *([f"{words.DUE_NEXT}: {moment(case.due_at, zone)}"] if case.due_at else []),
        *(
            f"Menunggu jawaban {BY_CODE[referral.agency].name} sampai {moment(referral.due_at, zone)}"
            for referral in referrals
            if referral.answered_at is None
        ),
        *dated(steps),
    ]
    silvi = (words.TAKE_BACK, "lanjut") if case.with_silvi else (words.HAND_BACK, "silvi")
    actions = (
        ((words.CLAIM, "ambil"), (words.HAND_OVER, "alih")),
        ((words.PRIORITISE, "prioritas"), (words.WAIT, "tunggu")),
        ((words.REFER, "rujuk"), (words.STORY, "cerita")),
        ((words.OUTCOMES, "hasil"),),
        ((words.SEE_CONTACT, "kontak"), (words.ROUTE, "jalur")),
        (silvi,),
        ((words.RESOLVE, "selesai"), (words.REOPEN, "buka")),
    )
    buttons = tuple(tuple(desk_button(label, action, case) for label, action in row) for row in actions)
    return Reply(title=case.number, body="\n".join(lines), buttons=buttons)


def ask_urgency(case: Case) -> Reply:
    row = tuple(desk_button(URGENCIES[urgency], "prioritas", case, code) for code, urgency in URGENCY_CODES.items())
    return Reply(body=ASK_URGENCY, buttons=(row,))


def ask_waiting(case: Case) -> Reply:
    return Reply(
        body=ASK_WAITING,
        buttons=_rows([desk_button(_capital(REQUESTS[code]), "tunggu", case, code) for code in REQUESTS], 1),
    )


def ask_officer(case: Case, officers: Iterable[Officer]) -> Reply:
    """Everybody on the list but who has the case."""
    others = [officer for officer in officers if officer.id != case.officer_id]
    buttons = [desk_button(officer.name, "alih", case, str(officer.id)) for officer in others]
    return Reply(body=ASK_OFFICER, buttons=_rows(buttons, 2))


def ask_stage(case: Case) -> Reply:
    """The way through the law, then the way home."""
    codes = {stage: code for code, stage in STAGE_CODES.items()}
    tracks = [
        [desk_button(STAGES[stage], "hasil", case, codes[stage]) for stage in track] for track in (ENFORCEMENT, RETURN)
    ]
    return Reply(body=ASK_STAGE, buttons=tuple(row for track in tracks for row in _rows(track, 2)))


def ask_agency(case: Case, *, all_of_them: bool = False) -> Reply:
    """Those that suit the case; the others behind one more tap."""
    shown = AGENCIES if all_of_them else suggested(case.category, case.country)
    buttons = _rows([desk_button(agency.name, "rujuk", case, agency.code) for agency in shown], 2 if all_of_them else 1)
    more = () if all_of_them else ((desk_button(ALL_AGENCIES, "rujuk", case, "semua"),),)
    return Reply(body=ASK_AGENCY, buttons=(*buttons, *more))


def preview(
    case: Case,
    agency: Agency,
    profile: OfficeProfile,
    purpose: str,
    facts: Sequence[tuple[str, str]],
    account: str,
    *,
    is_named: bool | None,
) -> Reply:
    """What the letter would say, to be confirmed by the officer."""
    contact = profile.contact(agency.contact).partition(": ")[2] if agency.contact else NO_CONTACT
    parts = [
        PREVIEW_ASKS.format(purpose=purpose),
        "\n".join(f"{label}: {value}" for label, value in facts),
        *([PREVIEW_ACCOUNT.format(account=account)] if account else []),
        {True: NAMED, False: NOT_NAMED, None: ASKS_PERSON}[is_named],
    ]
    return Reply(
        title=PREVIEW.format(agency=agency.name, contact=contact),
        body="\n\n".join(parts),
        footer="\n".join([PREVIEW_HOW.format(code=agency.code), *([PREVIEW_STORY_HOW] if account else [])]),
        buttons=((desk_button(MAKE_LETTER, "surat", case, agency.code),),),
    )


def reported_file(
    title: str, reports: int, traces: Sequence[str], verdict: RecruiterVerdict | None, address: str, *, today: date
) -> str:
    """A recruiter's file in two lines, its traces masked, with where to read it."""
    standing = verdicts.state(verdict, today) if verdict else NO_VERDICT
    return REPORTED_FILE.format(
        title=title, reports=reports, standing=standing, traces=", ".join(traces), address=address
    )


def recruiters(files: Sequence[str], new: Sequence[str], found: Sequence[Found], address: str, *, today: date) -> Reply:
    """What is known of those a case reports (`files`) or only names (`new`), and where to go on."""
    if not (files or new):
        return Reply(title=RECRUITERS, body=NONE_NAMED)
    parts = [*files, *([NOT_ON_FILE.format(shown=", ".join(new))] if new else [])]
    if found:
        parts.append("\n".join([LICENCES, *(f"- {briefly(one, today=today)}" for one in found)]))
    parts.append(CHOOSE_IN_CONSOLE.format(address=address))
    return Reply(title=RECRUITERS, body="\n\n".join(parts), footer=NOT_GUILTY)


def _rows(buttons: Sequence[Button], width: int) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[start : start + width]) for start in range(0, len(buttons), width))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
