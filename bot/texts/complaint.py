"""What a person reads from the first report to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.cases import CaseState, CaseUrgency, Privacy
from bot.domain.messages import Button, Channel, Reply
from bot.storage.tables import Case
from bot.texts import jobseeker as words
from bot.texts.formats import country_name, when

CATEGORIES = {
    "gaji": "Gaji tidak dibayar",
    "paspor": "Paspor atau dokumen",
    "kontrak": "Kontrak atau jam kerja",
    "kekerasan": "Kekerasan",
    "disekap": "Dikurung atau dipaksa",
    "kesehatan": "Sakit atau kecelakaan",
    "meninggal": "Meninggal dunia",
    "hilang_kontak": "Hilang kontak",
    "penipuan": "Penipuan atau calo",
    "pemulangan": "Mau pulang",
    "lainnya": "Lainnya",
}
COUNTRIES = ("sarawak", "malaysia", "brunei", "taiwan", "hong-kong", "arab-saudi", "indonesia")
SKIP = "Lewati"
LEAVE = Button("Batal", "lapor:batal")

PRIVACY = (
    "Hanya petugas yang membaca laporan ini. Isinya dipakai untuk menangani masalah Anda (UU 27/2022). "
    "Semua boleh dilewati. Ketik /batal untuk berhenti."
)
MAY_LEAVE = "Tidak jadi melapor? Ketik /batal."
PRIVACY_AFTER = (
    "Hanya petugas yang membaca laporan ini. Isinya dipakai untuk menangani masalah Anda (UU 27/2022). " + MAY_LEAVE
)
ASK_WHAT = "Apa masalahnya? Pilih yang paling dekat, atau tulis saja dengan kata-kata sendiri."
ASK_WHERE = "Di mana kejadiannya? Pilih negaranya, atau tulis nama kotanya."
ASK_STORY = (
    "Ceritakan singkat: apa yang terjadi, sejak kapan, dan siapa majikan atau PT-nya. Tulis saja di sini, atau lewati."
)
GOES_ON = "Laporan yang Anda mulai belum dikirim. Kita lanjutkan, ya."
START_OVER = Button("Mulai dari awal", "lapor:ulang")
OFFER = "Ini sepertinya masalah yang perlu ditangani orang. Mau saya teruskan ke petugas sebagai laporan?"
OFFER_KNOWN = "Yang saya tangkap: {facts}."
REPORT_THIS = Button("Laporkan ini ke petugas", "lapor:ya")
ACCEPT, DECLINE = Button("Ya, laporkan", "lapor:ya"), Button("Tidak usah", "lapor:batal")
YES = frozenset("ya iya iye y yes yoi ok oke boleh mau lapor laporkan kirim teruskan silakan silahkan tolong".split())
LEFT = "Baik, laporan tidak dikirim. Kalau berubah pikiran, tulis /lapor."
WITHDRAW = Button("Batalkan laporan itu", "kasus:tarik:{id}")
WITHDRAW_YES, WITHDRAW_NO = (
    Button("Ya, batalkan", "kasus:tarik_ya:{id}"),
    Button("Jangan dibatalkan", "kasus:tarik_tidak:{id}"),
)
WITHDRAW_ASK = (
    "Kalau laporan {number} dibatalkan, petugas berhenti mengurusnya. Anda masih bisa membukanya lagi dalam 30 hari. "
    "Batalkan?"
)
KEPT = "Baik, laporan {number} tetap diurus petugas."
WITHDRAWN = "Laporan {number} dibatalkan. Kalau ternyata masih perlu, tekan Buka lagi dalam 30 hari."
LEFT_WITH_CASE = "Baik. Laporan {number} tetap ada pada petugas. Untuk melihat kabarnya, tulis /status."

OPENED = "Laporan Anda sudah diterima. Nomornya {number}."
OPENED_OFFICER = "Petugas sudah dipanggil. Nomor obrolan ini {number}."
WHAT_HAPPENS = "Petugas membaca laporan ini dan menjawab di obrolan ini, {term}: {due}."
WHAT_HAPPENS_AT_KIOSK = "Petugas membaca laporan ini dan menjawab {term}: {due}."
TERMS = {
    CaseUrgency.EMERGENCY: "paling lambat 15 menit lagi",
    CaseUrgency.HIGH: "paling lambat 4 jam kerja lagi",
    CaseUrgency.NORMAL: "paling lambat 3 hari kerja lagi",
}
NO_DESK = (
    "Laporan ini tersimpan untuk petugas, tetapi belum tentu segera dibaca. Kalau mendesak, jangan menunggu: "
    "hubungi nomor yang tertulis di sini."
)
CLOSED_NOW = "Kantor sekarang tutup. Petugas mulai membaca lagi {opening}."
CANNOT_WAIT = "Kalau tidak bisa menunggu, hubungi nomor ini:"
ONLY_THIS_BROWSER = (
    "Simpan nomor laporan itu. Jawaban hanya sampai di browser ini. Takut hilang? Tekan Boleh dihubungi, lalu tulis "
    "nomor HP Anda."
)
ASK_AFTER_CALL = (
    "Tulis di sini apa yang mau ditanyakan atau diceritakan, supaya petugas bisa langsung menjawab. "
    "Untuk melihat kabarnya, tulis /status."
)
KIOSK_IS_WIPED = (
    "Catat nomor laporan itu. Layar ini dikosongkan setelah Anda pergi. Supaya balasan petugas sampai, tekan Lanjut di HP, "
    "atau tekan Boleh dihubungi, lalu tulis nomor HP Anda."
)
WHERE_ANSWERED = {Channel.WEB: ONLY_THIS_BROWSER, Channel.KIOSK: KIOSK_IS_WIPED}
"""Where the answer is read, on channels that do not follow the person."""
ADD_MORE = "Ada yang mau ditambahkan? Tulis saja di sini. Untuk melihat kabarnya, tulis /status."
FOR_OTHER, FOR_ME = (
    Button("Ini untuk orang lain", "kasus:orang_lain:{id}"),
    Button("Ini untuk saya sendiri", "kasus:diri:{id}"),
)
NOTED_FOR_OTHER = "Baik, saya catat bahwa laporan ini tentang orang lain."
NOTED_FOR_ME = "Baik, saya catat bahwa laporan ini tentang Anda sendiri."
PRIVACIES = {
    Privacy.ANONYMOUS: Button("Tanpa nama", "kasus:anonim:{id}"),
    Privacy.CONFIDENTIAL: Button("Rahasia, hanya petugas", "kasus:rahasia:{id}"),
    Privacy.NAMED: Button("Boleh dihubungi", "kasus:nama:{id}"),
}
NOTED_PRIVACY = {
    Privacy.ANONYMOUS: ("Baik. Petugas tidak diberi tahu siapa Anda, dan nomor HP Anda tidak disimpan."),
    Privacy.CONFIDENTIAL: (
        "Baik. Nama dan nomor Anda hanya untuk petugas. Lembaga lain diberi tahu hanya kalau Anda setuju, atau untuk "
        "menyelamatkan nyawa."
    ),
}
ASK_CONTACT = (
    "Siapa nama Anda, dan berapa nomor HP-nya? Tulis dalam satu pesan, atau kirim kontak. "
    "Petugas melihatnya, dan boleh memberikannya ke lembaga yang ikut menolong. Boleh dilewati."
)
SKIP_CONTACT = Button(SKIP, "kasus:tanpa_kontak:{id}")
NO_CONTACT = "Baik, tidak perlu nomor."
STAYS_HERE = "Jawabannya tetap sampai di sini."
ON_THE_PHONE = "Supaya jawabannya sampai, tekan Lanjut di HP sebelum Anda pergi."
NOTED_CONTACT = "Terima kasih. Saya simpan untuk petugas: {contact}."
NO = frozenset("lewati lewat skip tidak gak ga nggak enggak tdk jangan ndak".split())
ALREADY_OPEN = "Anda sudah punya laporan {number}. Yang Anda tulis berikutnya saya tambahkan ke sana."
ADDED = "Sudah saya tambahkan ke laporan {number}."
ADDED_TOO = "Pesan ini juga sudah masuk ke laporan {number}, jadi petugas ikut membacanya."
ADDED_AND_REOPENED = "Laporan {number} dibuka lagi, dan pesan ini sudah masuk ke sana. Petugas akan membacanya."
ADDED_URGENT = "Pesan ini sudah masuk ke laporan {number}, dan petugas dipanggil lagi."
OFFICER_HAS_IT = "Petugas sudah punya laporan Anda, nomor {number}. Jawabannya sampai di obrolan ini."
OFFICER_HAS_IT_AT_KIOSK = (
    "Petugas sudah punya laporan Anda, nomor {number}. Supaya jawabannya sampai, tekan Lanjut di HP."
)
MEDIA_ADDED = "Sudah saya teruskan ke petugas, untuk laporan {number}."
MEDIA_KEPT = "Sudah saya simpan untuk laporan ini. Sekarang jawab dulu pertanyaan di atas, ya."
TOO_MANY_MEDIA = "Kiriman hari ini sudah banyak sekali, jadi yang ini tidak tersimpan. Tulis saja ceritanya, ya."
MEDIA_NOT_PASSED = "Kiriman itu belum bisa saya teruskan ke petugas. Tolong tulis isinya dengan kata-kata."

TAKEN = "Laporan {number} sekarang ditangani petugas. Tulis saja di sini, petugas yang membaca."
REPLY_FOOTER = "Laporan {number}"
IS_IT_SOLVED = "Petugas menandai laporan {number} selesai. Apakah masalahnya sudah selesai?"
IS_IT_SOLVED_AGAIN = (
    "Kami belum tahu: apakah masalah di laporan {number} sudah selesai? Kalau tidak dijawab, laporan ditutup {closes}."
)
SOLVED, NOT_SOLVED = Button("Ya, sudah selesai", "kasus:selesai:{id}"), Button("Belum", "kasus:belum:{id}")
CLOSED = (
    "Terima kasih. Laporan {number} ditutup. Kalau masalahnya muncul lagi dalam 30 hari, tekan Buka lagi.\n\n"
    "Bagaimana bantuan petugas? Tekan satu, atau lewati saja."
)
CLOSED_UNCONFIRMED = (
    "Laporan {number} ditutup karena belum ada jawaban. Kalau masalahnya belum selesai, tekan Buka lagi dalam 30 hari."
)
RATINGS = {3: "😊 Puas", 2: "😐 Biasa", 1: "🙁 Belum puas"}
RATED = "Terima kasih, penilaian Anda sudah dicatat."
RATED_BAD = "Maaf belum memuaskan. Penilaian Anda sudah dicatat. Kalau masalahnya belum beres, tekan Buka lagi."
OPEN_AGAIN = Button("Buka lagi", "kasus:belum:{id}")
REOPENED = "Laporan {number} dibuka lagi. Tulis di sini apa yang belum beres, petugas akan membacanya."
TOO_LATE_TO_REOPEN = "Laporan {number} sudah ditutup lebih dari 30 hari. Buat laporan baru dengan /lapor."

NO_CASES = "Belum ada laporan dari Anda. Untuk melapor, tulis /lapor."
NOT_YOURS = "Nomor itu bukan laporan Anda, atau salah tulis. Ini laporan Anda:"
STATES = {
    CaseState.NEW: "menunggu petugas. Dijawab paling lambat {due}",
    CaseState.ACKNOWLEDGED: "sudah dipegang petugas sejak {acknowledged}.{next}",
    CaseState.IN_PROGRESS: "sedang dikerjakan petugas sejak {acknowledged}.{next}",
    CaseState.WAITING: "petugas menunggu ini dari Anda: {asked}. Kirim di obrolan ini. Kalau tidak ada, tulis saja tidak ada",
    CaseState.REFERRED: "diteruskan ke {agency}, petugas tetap memantau.{next}",
    CaseState.RESOLVED: "menurut petugas sudah selesai sejak {resolved}. Tolong jawab: sudah selesai atau belum",
    CaseState.CLOSED: "selesai dan ditutup {closed}",
    CaseState.WITHDRAWN: "dibatalkan {closed}",
}
ASKED_FOR = "jawaban Anda"
NEXT = " Kabar berikutnya paling lambat {due}"
NEXT_LATE = " Maaf, kabarnya terlambat: janjinya {due}"
OTHER_AGENCY = "lembaga lain"
LATE = "menunggu petugas. Maaf, ini sudah lewat dari janji ({due}). Kalau mendesak, tulis /bantuan untuk nomor telepon"


def ask_what(*, resumed: bool = False) -> Reply:
    """The first step: the kinds of problem, two in a row."""
    buttons = [Button(label, f"lapor:apa:{code}") for code, label in CATEGORIES.items()]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    return _step(ASK_WHAT, rows, "apa", resumed)


def ask_where(*, resumed: bool = False) -> Reply:
    """The second step: the usual destinations, two in a row."""
    buttons = [Button(country_name(code), f"lapor:di:{code}") for code in COUNTRIES]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    return _step(ASK_WHERE, rows, "di", resumed)


def ask_story(*, resumed: bool = False) -> Reply:
    """The last step, in words."""
    return _step(ASK_STORY, [], "cerita", resumed)


def offer(category: str, country: str, place: str, duration: str) -> Reply:
    """Ask whether a problem told in passing shall become a report, with what was understood of it."""
    facts = facts_line(category, country, place, duration)
    body = f"{OFFER}\n\n{OFFER_KNOWN.format(facts=facts)}" if facts else OFFER
    return Reply(body=body, footer=PRIVACY, buttons=((ACCEPT, DECLINE),))


def receipt(
    case: Case, zone: ZoneInfo, channel: Channel | str, *, has_desk: bool, opens_at: datetime, now: datetime
) -> str:
    """Number, what happens next and by when; `opens_at` is when somebody reads again, `now` where somebody is there."""
    first = OPENED_OFFICER if case.asked is not None else OPENED
    parts = [first.format(number=case.number)]
    if not has_desk:
        return "\n\n".join((*parts, NO_DESK))
    next_step = WHAT_HAPPENS_AT_KIOSK if channel == Channel.KIOSK else WHAT_HAPPENS
    parts.append(next_step.format(term=TERMS[CaseUrgency(case.urgency)], due=when(case.due_at, zone, now)))
    if opens_at > now and case.urgency != CaseUrgency.EMERGENCY:
        parts.append(CLOSED_NOW.format(opening=when(opens_at, zone, now)))
    return "\n\n".join(parts)


def receipt_buttons(case: Case) -> tuple[tuple[Button, ...], ...]:
    """What may still be said of the report with one tap: for whom it is, and who may know."""
    for_whom = FOR_ME if case.is_for_other else FOR_OTHER
    privacies = [button for privacy, button in PRIVACIES.items() if privacy != case.privacy]
    return ((_button(for_whom, case),), tuple(_button(button, case) for button in privacies))


def ask_contact(case: Case) -> Reply:
    """Name and phone in one message, or neither."""
    return Reply(body=ASK_CONTACT, buttons=((_button(SKIP_CONTACT, case),),))


def noted(case: Case, told: str) -> Reply:
    """What was just said of the report, with the taps that take it back."""
    return Reply(body=told, buttons=receipt_buttons(case))


def noted_without_contact(case: Case, told: str, channel: str) -> Reply:
    """The same for who left no number: how the answer reaches them all the same."""
    return noted(case, f"{told} {ON_THE_PHONE if channel == Channel.KIOSK else STAYS_HERE}")


def is_it_solved(case: Case) -> Reply:
    """The question that only the person can answer."""
    return Reply(
        body=IS_IT_SOLVED.format(number=case.number), buttons=((_button(SOLVED, case), _button(NOT_SOLVED, case)),)
    )


def is_it_solved_again(case: Case, zone: ZoneInfo, *, closes_at: datetime, now: datetime) -> Reply:
    """The same question once more, and what happens without an answer."""
    body = IS_IT_SOLVED_AGAIN.format(number=case.number, closes=when(closes_at, zone, now))
    return replace(is_it_solved(case), body=body)


def closed(case: Case) -> Reply:
    """Closed by the person's own word; how it was can be told with one tap."""
    ratings = tuple(Button(label, f"kasus:nilai_{value}:{case.id}") for value, label in RATINGS.items())
    return Reply(body=CLOSED.format(number=case.number), buttons=(ratings, (_button(OPEN_AGAIN, case),)))


def closed_unconfirmed(case: Case) -> Reply:
    """Closed because nobody answered."""
    return Reply(body=CLOSED_UNCONFIRMED.format(number=case.number), buttons=((_button(OPEN_AGAIN, case),),))


def reopened(case: Case, zone: ZoneInfo, *, now: datetime) -> Reply:
    """Open again, and by when an officer is heard of."""
    coming = f"{NEXT.format(due=when(case.due_at, zone, now))}." if case.due_at else ""
    return Reply(body=f"{REOPENED.format(number=case.number)}{coming}")


def rated(case: Case) -> Reply:
    """Thanks; who was not content sees the way back."""
    if case.rating == min(RATINGS):
        return Reply(body=RATED_BAD, buttons=((_button(OPEN_AGAIN, case),),))
    return Reply(body=RATED)


def left_with(case: Case) -> Reply:
    """The flow is left, the case is not; it can be withdrawn with one more tap."""
    buttons = ((_button(WITHDRAW, case), words.BACK_TO_MENU),)
    return Reply(body=LEFT_WITH_CASE.format(number=case.number), buttons=buttons)


def ask_withdraw(case: Case) -> Reply:
    """What it means to take a report back, before it is done."""
    buttons = ((_button(WITHDRAW_YES, case),), (_button(WITHDRAW_NO, case),))
    return Reply(body=WITHDRAW_ASK.format(number=case.number), buttons=buttons)


def withdrawn(case: Case) -> Reply:
    """Taken back by its person."""
    return Reply(body=WITHDRAWN.format(number=case.number), buttons=((_button(OPEN_AGAIN, case),),))


def status(
    cases: Sequence[Case],
    agencies: Mapping[int, str],
    asked: Mapping[int, str],
    zone: ZoneInfo,
    *,
    now: datetime,
    heading: str = "",
) -> Reply:
    """The person's own reports in plain words, each with the next date.

    `agencies` names where a case was referred, `asked` what an officer waits for.
    """
    if not cases:
        return Reply(body=NO_CASES, buttons=((words.BACK_TO_MENU,),))
    lines = [
        _status_line(case, agencies.get(case.id, OTHER_AGENCY), asked.get(case.id, ASKED_FOR), zone, now)
        for case in cases
    ]
    return Reply(body="\n\n".join([*([heading] if heading else []), *lines]), buttons=((words.BACK_TO_MENU,),))


def facts_line(category: str, country: str, place: str, duration: str) -> str:
    """What is known, in one line; the other category says nothing."""
    known = [CATEGORIES[category]] if category in CATEGORIES and category != "lainnya" else []
    known += [country_name(country)] if country else []
    return ", ".join([*known, *(part for part in (place, duration) if part)])


def _step(question: str, rows: list[tuple[Button, ...]], step: str, resumed: bool) -> Reply:
    last = (Button(SKIP, f"lapor:lewati:{step}"), START_OVER if resumed else LEAVE)
    return Reply(body=f"{GOES_ON}\n\n{question}" if resumed else question, buttons=(*rows, last))


def _status_line(case: Case, agency: str, asked: str, zone: ZoneInfo, now: datetime) -> str:
    is_late = bool(case.due_at) and now > case.due_at
    sentence = LATE if is_late and case.state == CaseState.NEW else STATES[CaseState(case.state)]
    coming = (NEXT_LATE if is_late else NEXT) if case.due_at else ""
    moments = {
        "due": case.due_at,
        "acknowledged": case.acknowledged_at,
        "resolved": case.resolved_at,
        "closed": case.closed_at,
    }
    told = {name: when(at, zone, now) if at else "-" for name, at in moments.items()}
    said = sentence.format(**told, agency=agency, asked=asked.rstrip("."), next=coming.format(**told)).rstrip(".")
    return f"{case.number} ({CATEGORIES.get(case.category, case.category)}): {said}."


def _button(button: Button, case: Case) -> Button:
    return Button(button.label, button.action.format(id=case.id))
