"""Fills a database with a small invented office that has something to show on every page of the console, in whole sentences."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app import App
from bot.domain.agencies import BY_CODE
from bot.domain.broadcasts import Audience, Topic
from bot.domain.cases import CaseUrgency, Role
from bot.domain.editing import fields_of
from bot.domain.messages import Channel, ChatRef
from bot.domain.outcomes import Stage
from bot.domain.partners import PartnerKind
from bot.services import (
    broadcasts,
    cases,
    casework,
    console_uploads,
    editing,
    kiosks,
    knowledge_base,
    offers,
    officers,
    partners,
    people,
    programmes,
    questions,
    recruiters,
    referrals,
    reported,
    roster,
    subscriptions,
    traces,
    verdicts,
)
from bot.services.broadcasts import Written
from bot.services.cases import Report
from bot.services.console_uploads import UploadOf
from bot.services.editing import Seen
from bot.services.questions import Asked
from bot.services.registry_file import parse_registry
from bot.services.verdicts import Proposal
from bot.storage.database import Session
from bot.storage.tables import Case, Chat, Officer, Person
from knowledge.entries import CONTENT, Entry, document_of, load_entries
from knowledge.red_flags import Verdict

ADI, RINA, BUDI, DEWI = 2003, 2002, 2001, 2004
STAFF = {
    ADI: ("Adi", Role.ADMIN, None),
    RINA: ("Rina", Role.SUPERVISOR, None),
    BUDI: ("Budi", Role.OFFICER, "p4mi_sambas"),
    DEWI: ("Dewi", Role.OFFICER, "p4mi_sanggau"),
}
EDITED = "paspor-hilang"
"""The entry that has a draft in review."""

REGISTRY = "nama,nomor_sip3mi,alamat,kota,telepon,status,berlaku_sampai,negara_tujuan\n"
BEFORE = REGISTRY + (
    "PT Melati Uji Sentosa,SIP3MI-UJI-01,Jl. Contoh 1,Jakarta,021-000111,aktif,2028-12-31,Taiwan; Hong Kong\n"
    "PT Anggrek Contoh Abadi,SIP3MI-UJI-02,Jl. Contoh 2,Pontianak,0561-000222,aktif,2027-06-30,Malaysia\n"
    "PT Kenanga Uji Mandiri,SIP3MI-UJI-03,Jl. Contoh 3,Jakarta,021-000333,aktif,2027-01-31,Malaysia; Brunei\n"
    "PT Teratai Contoh Jaya,SIP3MI-UJI-04,Jl. Contoh 4,Surabaya,031-000444,skors,2027-09-30,Taiwan\n"
)
AFTER = REGISTRY + (
    "PT Melati Uji Sentosa,SIP3MI-UJI-01,Jl. Contoh 1,Jakarta,021-000111,aktif,2029-12-31,Taiwan; Hong Kong\n"
    "PT Anggrek Contoh Abadi,SIP3MI-UJI-02,Jl. Contoh 2,Pontianak,0561-000222,dicabut,2027-06-30,Malaysia\n"
    "PT Kenanga Uji Mandiri,SIP3MI-UJI-03,Jl. Contoh 8,Jakarta,021-000333,aktif,2027-01-31,Malaysia; Brunei\n"
    "PT Seroja Uji Lestari,SIP3MI-UJI-05,Jl. Contoh 5,Jakarta,021-000555,aktif,2028-03-31,Jepang\n"
)

STORIES = (
    # hours ago, urgency, category, country, place, story
    (0.2, "emergency", "disekap", "kamboja", "Sekadau", "Kakak saya dikurung di kantor, HP-nya diambil."),
    (3, "high", "paspor", "sarawak", "Tebas, Sambas", "Paspor saya ditahan majikan di Miri sejak bulan lalu."),
    (7, "normal", "kontrak", "malaysia", "Singkawang", "Jam kerja 14 jam, di kontrak tertulis 8 jam."),
    (20, "high", "gaji", "malaysia", "Entikong, Sanggau", "Gaji tiga bulan belum dibayar, total 4.500 ringgit."),
    (30, "normal", "penipuan", "taiwan", "Kota Pontianak", "Sudah bayar 8 juta ke PT Bunga Uji, WA 0812-0000-1111."),
    (31, "normal", "penipuan", "kamboja", "Mempawah", "Diajak kerja oleh CV Cemara Uji, WA 0812-0000-1111, DP 2 juta."),
    (32, "normal", "penipuan", "kamboja", "Kubu Raya", "Agen kirim uang ke BCA 0000123456, WA 0857-0000-2222."),
    (33, "normal", "penipuan", "malaysia", "Landak", "CV Cemara Uji minta transfer ke BCA 0000123456."),
    (50, "normal", "pemulangan", "brunei", "Ketapang", "Kontrak habis, majikan belum urus tiket pulang."),
    (80, "normal", "kesehatan", "sarawak", "Sintang", "Tangan saya kena mesin, biaya rumah sakit dipotong gaji."),
)
GAPS = (
    (
        "bisa ikut magang ke Jepang lewat kampus",
        "program magang Jepang dari universitas ada tidak",
        "magang jepang kampus",
    ),
    ("SIM Indonesia berlaku di Sarawak?", "boleh nyetir motor di kuching pakai sim indo", "sim indonesia di malaysia"),
    ("cara bawa anak ikut ke Malaysia", "anak umur 5 tahun boleh ikut kerja", "bawa anak waktu kerja di sarawak"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Numbers of what the pages show."""

    case: str
    recruiter: int
    upload: int
    broadcast: int
    programme: int
    episode: int


async def fill(app: App, *, now: datetime) -> Shown:
    """Into a database without people; the shipped entries are published where they are not."""
    dice = random.Random(7)
    async with app.db.transaction() as session:
        entries = load_entries(CONTENT / "faq")
        await knowledge_base.publish(session, entries, author="seed", now=now - timedelta(days=40))
        staff = await _staff(session, now)
        await _questions(session, dice, entries, now)
        opened = await _cases(app, session, staff, now)
        recruiter = await _recruiters(app, session, staff, opened, now)
        upload = await _registry(session, staff[ADI], now)
        await _edits(app, session, staff, entries, now)
        broadcast, programme, episode = await _news(app, session, staff, now)
        await _places(session, staff, now)
        return Shown(opened[1].number, recruiter, upload, broadcast, programme, episode)


async def _staff(session: Session, now: datetime) -> dict[int, Officer]:
    for number, (name, role, office) in STAFF.items():
        await officers.add(session, number, name, role, office=office, now=now - timedelta(days=90))
    staff = {number: await officers.by_telegram_id(session, number) for number in STAFF}
    for days, number in enumerate((BUDI, DEWI, BUDI)):
        starts_at = (now + timedelta(days=days)).replace(hour=1, minute=0, second=0, microsecond=0)
        await roster.add(session, staff[number], starts_at, starts_at + timedelta(days=1))
    return staff


async def _someone(session: Session, name: str, now: datetime) -> tuple[Person, Chat]:
    person = await people.person_of(session, Channel.WEB, name, now=now)
    return person, await people.chat_of(session, ChatRef(Channel.WEB, name), now=now)


async def _questions(session: Session, dice: random.Random, entries: list[Entry], now: datetime) -> None:
    asking = [await _someone(session, f"penanya-{number}", now) for number in range(40)]
    countries = (None, None, "malaysia", "sarawak", "taiwan", "hong-kong", "brunei")
    for _ in range(260):
        entry = entries[min(int(dice.expovariate(1 / 9)), len(entries) - 1)]
        said = dice.choice(entry.variants).text
        asked = Asked(said, "answer", entry.id, entry.version, 0.9, (), dice.choice(countries), None, "none")
        await _ask(session, dice, dice.choice(asking), asked, now)
    for number, wordings in enumerate(GAPS):
        for _ in range(14 - 4 * number):
            asked = Asked(dice.choice(wordings), "handoff", None, None, 0.1, (), dice.choice(countries), None, "none")
            await _ask(session, dice, dice.choice(asking), asked, now)


async def _ask(session: Session, dice: random.Random, who: tuple[Person, Chat], asked: Asked, now: datetime) -> None:
    person, chat = who
    asked_at = now - timedelta(hours=dice.uniform(1, 24 * 29))
    number = await questions.record(session, asked, chat_id=chat.id, person_id=person.id, now=asked_at)
    thumb = dice.choices((0, 1, -1), (70, 24, 6))[0]
    if thumb and asked.entry_id:
        await questions.rate(session, number, thumb, chat_id=chat.id)


async def _cases(app: App, session: Session, staff: dict[int, Officer], now: datetime) -> list[Case]:
    desk, opened = app.desk(), []
    for number, (hours, urgency, category, country, place, story) in enumerate(STORIES):
        at = now - timedelta(hours=hours)
        person, chat = await _someone(session, f"pelapor-{number}", at)
        report = Report(story, category, country, place, urgency=CaseUrgency(urgency))
        opened.append((await cases.open_case(session, person, chat, report, desk=desk, now=at)).case)
    case, budi, dewi = opened[1], staff[BUDI], staff[DEWI]
    case.contact, at = "Sari, 0812-0000-3333", now - timedelta(hours=2)
    await casework.claim(session, case, budi, desk=desk, now=at)
    said = "Selamat siang, saya Budi dari P4MI Sambas. Apakah Anda masih memegang salinan paspor?"
    await casework.reply(session, case, budi, said, desk=desk, now=at + timedelta(minutes=6))
    said = "Ada foto halaman depannya. Nanti saya kirim."
    await cases.add_message(session, case, said, desk=desk, now=at + timedelta(minutes=20))
    said = "Majikan yang sama pernah dilaporkan bulan Juli."
    await casework.note(session, case, budi, said, now=at + timedelta(minutes=25))
    said = "Mohon pendampingan untuk meminta kembali paspor."
    agency = BY_CODE["kjri_kuching"]
    await referrals.refer(session, case, budi, agency, said, desk=desk, now=at + timedelta(minutes=40))
    for other, officer in ((opened[3], dewi), (opened[8], dewi), (opened[9], budi)):
        await casework.claim(session, other, officer, desk=desk, now=other.opened_at + timedelta(hours=1))
    await casework.resolve(session, opened[9], budi, desk=desk, now=now - timedelta(hours=20))
    return opened


async def _recruiters(app: App, session: Session, staff: dict[int, Officer], opened: list[Case], now: datetime) -> int:
    """Four reports that share numbers and an account; of the first two one file is proposed as reported."""
    office, files = app.office(), []
    for case in opened[4:8]:
        found = traces.in_text(case.narrative, office)
        files.append(await reported.note_report(session, case, found, officer=staff[BUDI], now=case.opened_at))
    for number in range(9):
        story = opened[4 + number % 3].narrative
        asked_at = now - timedelta(days=number)
        person, chat = await _someone(session, f"penanya-{number}", asked_at)
        held = traces.in_text(story, office)
        verdict = (Verdict.DANGER, Verdict.DANGER, Verdict.CAUTION)[number % 3]
        await offers.note_asked(session, chat, person, story, verdict, held=held, now=asked_at)
    held = (await reported.traces_of(session, [files[0].id]))[files[0].id]
    today = now.astimezone(app.desk().zone).date()
    usable = frozenset(row.id for row in held if row.kind != "name" or traces.is_company(row.shown))
    proposal = Proposal(
        usable, "Dua laporan yang cocok.", today - timedelta(days=5), "surat", today + timedelta(days=180)
    )
    await verdicts.propose(session, files[0], proposal, staff[BUDI], zone=app.desk().zone, now=now - timedelta(days=2))
    step = (Stage.REPORTED, today - timedelta(days=3), "Laporan polisi dibuat.")
    await reported.add_step(session, files[0], *step, staff[BUDI], today=today, now=now)
    return files[0].id


async def _registry(session: Session, admin: Officer, now: datetime) -> int:
    """A version in force, and a newer file that waits to be confirmed."""
    read = parse_registry(BEFORE.encode(), "p3mi-september.csv")
    seen, day = await recruiters.changes(session, read), now.date()
    month = timedelta(days=60)
    await recruiters.publish(session, read, seen, data_date=day - month, author=admin.name, now=now - month)
    upload = await console_uploads.keep(
        session, admin, UploadOf.REGISTRY, "p3mi-november.csv", AFTER.encode(), day, now=now
    )
    return upload.id


async def _edits(app: App, session: Session, staff: dict[int, Officer], entries: list[Entry], now: datetime) -> None:
    """One answer changed and handed in, with hardly a wording of everyday speech left; another one just begun."""
    entry = next(entry for entry in entries if entry.id == EDITED)
    fields = fields_of(document_of(entry))
    fields["title"] = "Paspor hilang atau rusak, bagaimana?"
    everyday = "variants.santai"
    fields[everyday] = "\n".join(fields[everyday].split("\n")[:1])
    draft = await editing.save(session, staff[BUDI], EDITED, fields, Seen(0, 1), now=now - timedelta(hours=5))
    rules = {"office": app.office(), "today": entry.last_checked}
    await editing.submit(session, staff[BUDI], draft, now=now - timedelta(hours=5), **rules)
    await editing.propose(session, staff[DEWI], "taiwan", ["kerja pabrik di taichung"], now=now - timedelta(hours=3))


async def _news(app: App, session: Session, staff: dict[int, Officer], now: datetime) -> tuple[int, int, int]:
    for number in range(12):
        chat = await people.chat_of(session, ChatRef(Channel.TELEGRAM, str(700 + number)), now=now)
        await subscriptions.choose(session, chat, topics=[Topic.JOBS], country=None, district=None, now=now)
    rina = staff[RINA]
    body = (
        "Ada 20 tempat untuk perawat lansia di Taiwan. Pendaftaran di kantor sampai 5 Desember. Tidak dipungut biaya."
    )
    written = Written(
        "Lowongan resmi: Taiwan", body, (("Biaya ke Taiwan", "taiwan"),), Audience(Topic.JOBS, None, None)
    )
    waiting = await broadcasts.write(session, rina, written, None, now=now - timedelta(hours=4))
    await broadcasts.submit(session, rina, waiting, now=now - timedelta(hours=4))
    body = "Ada yang mengaku petugas dan minta uang muka. Petugas tidak pernah minta uang."
    written = Written("Awas petugas palsu", body, (), Audience(Topic.FRAUD, None, None))
    await broadcasts.write(session, rina, written, None, now=now - timedelta(days=1))
    evening = (now + timedelta(days=4)).replace(hour=12, minute=0, second=0, microsecond=0)
    programme = await programmes.make(session, rina, "Ngobrol Aman Migrasi", staff[BUDI], now=now)
    episode = await programmes.add_episode(
        session,
        rina,
        programme,
        title="Membaca kontrak kerja",
        about="Apa saja yang harus ada di kontrak, dan apa yang tidak boleh.",
        link="https://contoh.example/acara",
        starts_at=evening,
        zone=app.desk().zone,
        now=now,
    )
    return waiting.id, programme.id, episode.id


async def _places(session: Session, staff: dict[int, Officer], now: datetime) -> None:
    kiosk = await kiosks.add(session, staff[ADI], "Kantor Desa Contoh", "sambas", now=now)
    await kiosks.make_code(session, staff[ADI], kiosk, now=now)
    await partners.add(session, staff[RINA], PartnerKind.TEACHER, "Ibu Guru Contoh", "Desa Contoh", "sambas", now=now)
