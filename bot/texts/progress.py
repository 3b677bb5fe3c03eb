"""What a person is told when their case moves: to another officer, to Silvi, to an agency, and step by step to its end."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.agencies import Agency
from bot.domain.messages import Button, Reply
from bot.domain.outcomes import Stage
from bot.storage.tables import Case, Referral
from bot.texts.formats import moment
from knowledge.office import long_date

WAIT = "Petugas perlu ini dari Anda: {asked}.\n\nKirim di obrolan ini, ya. Kalau tidak ada, tulis saja tidak ada."
FOOTER = "Laporan {number}"
HANDED_OVER = "Laporan {number} sekarang ditangani petugas lain. Anda tidak perlu bercerita dari awal."
HANDED_BACK = (
    "Untuk pertanyaan, saya (Silvi) yang menjawab lagi. Laporan {number} tetap ditangani petugas, "
    "dan petugas tetap membaca pesan Anda."
)
REFERRED = "Laporan {number} diteruskan ke {agency}. Kantor menunggu jawabannya sampai {due}."
NAMED = "Nama dan kontak Anda ikut diberikan, supaya mereka bisa menghubungi Anda."
NOT_NAMED = "Nama dan kontak Anda tidak ikut diberikan."
MAY_NAME = (
    "Nama dan kontak Anda belum diberikan. Bolehkah {agency} tahu nama dan kontak Anda? "
    "Dengan itu mereka lebih cepat membantu. Anda boleh menolak."
)
AGREE, REFUSE = Button("Ya, boleh", "rujukan:ya:{id}"), Button("Jangan", "rujukan:tidak:{id}")
AGREED = "Terima kasih. Nama dan kontak Anda diberikan ke {agency}."
REFUSED = "Baik. Nama dan kontak Anda tidak diberikan ke {agency}."
ASKED_ALREADY = "Pertanyaan itu sudah dijawab. Kalau ingin mengubahnya, tulis di sini."
AGENCY_ANSWERED = "{agency} sudah menjawab kantor tentang laporan {number}. Petugas akan menjelaskannya kepada Anda."
OUTCOME = "Kabar laporan {number}: {stage}, {day}."
STAGES = {
    Stage.REPORTED: "sudah dilaporkan ke polisi",
    Stage.INVESTIGATED: "sedang disidik polisi",
    Stage.ON_TRIAL: "mulai disidangkan",
    Stage.VERDICT: "sudah ada putusan pengadilan",
    Stage.SHELTER: "masuk rumah penampungan",
    Stage.ESCORT: "diantar pulang",
    Stage.HOME: "sudah sampai di rumah",
}


def wait(case: Case, asked: str, office: str) -> Reply:
    """What the officer needs; the case stands still until it comes."""
    return Reply(title=office, body=WAIT.format(asked=asked.rstrip(".")), footer=FOOTER.format(number=case.number))


def handed_over(case: Case) -> Reply:
    return Reply(body=HANDED_OVER.format(number=case.number))


def handed_back(case: Case) -> Reply:
    return Reply(body=HANDED_BACK.format(number=case.number))


def referred(case: Case, referral: Referral, agency: Agency, zone: ZoneInfo) -> Reply:
    """To whom, until when, and what they know of the person; asked first where that is the person's to decide."""
    body = REFERRED.format(number=case.number, agency=agency.name, due=moment(referral.due_at, zone))
    if referral.is_named is not None:
        return Reply(body=f"{body}\n\n{NAMED if referral.is_named else NOT_NAMED}")
    buttons = tuple(Button(button.label, button.action.format(id=referral.id)) for button in (AGREE, REFUSE))
    return Reply(body=f"{body}\n\n{MAY_NAME.format(agency=agency.name)}", buttons=(buttons,))


def agency_answered(case: Case, agency: Agency) -> Reply:
    return Reply(body=AGENCY_ANSWERED.format(agency=agency.name, number=case.number))


def outcome(case: Case, stage: Stage, on_date: date) -> Reply:
    return Reply(body=OUTCOME.format(number=case.number, stage=STAGES[stage], day=long_date(on_date)))
