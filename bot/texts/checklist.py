"""What /berkas says: the choice of destination and job, the list page by page, the reminder, and the printed sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot.domain.messages import Button, Reply
from bot.storage.tables import Checklist
from bot.texts import jobseeker
from bot.texts.formats import DAYS, country_name
from knowledge.checklists import OTHER, Instead, Progress, Step, checklists, sources_of
from knowledge.office import OfficeProfile, long_date

DONE, OPEN = "✅", "⬜"
CHECKED, UNCHECKED = "\N{BALLOT BOX WITH CHECK}", "\N{BALLOT BOX}"
PER_ROW = 2
SOON_DAYS = (1, 3, 7, 30)
SHOWN_SOURCES = 3

ASK_COUNTRY = "Saya buatkan daftar langkah dan surat untuk Anda. Mau kerja ke negara mana? Pilih, atau tulis saja."
ASK_JOB = "Tujuan: {country}. Mau kerja apa? Pilih, atau tulis saja."
WRITE_COUNTRY = "Tulis nama negaranya."
NOT_KNOWN = "Maaf, saya belum mengenali itu. Pilih di bawah, atau tulis lain. Contoh: ke Taiwan, jadi perawat lansia."
OTHER_COUNTRY = "Negara lain"
HEAD = "{done} dari {count} selesai. Tekan langkah yang sudah selesai."
PAGE = "Bagian {number} dari {count}: {title}"
NEXT = "Berikutnya: {number}. {text}"
NEXT_HERE = "Berikutnya: nomor {number}."
ALL_DONE = "Semua langkah sudah selesai. Selamat jalan, dan jaga diri!"
EXPLAIN = "Penjelasan: {label}"
BACK, ON = "« {title}", "{title} »"
PICTURE, SHEET, REMIND, SOURCES, CHANGE = "Simpan gambar", "Unduh PDF", "Pengingat", "Sumber", "Ganti tujuan"
BACK_TO_LIST = Button("Buka daftar", "berkas:buka")
FOUND_AGAIN = "Daftar ini disimpan. Tulis /berkas untuk membukanya lagi."
REPLACE = "Daftar Anda untuk {old} sudah ada {done} centang. Ganti ke {new}? Centang yang lama akan hilang."
REPLACE_YES, REPLACE_NO = "Ya, ganti", "Tidak, tetap yang lama"
GONE = "Itu daftar yang lama. Ini daftar Anda sekarang:"
NO_SOURCE = "belum ada sumber, tanyakan ke petugas"
ASK_REMINDER = "Mau saya ingatkan soal daftar ini? Pengingat datang pukul 9 pagi dan bisa dimatikan kapan saja."
WEEKLY, OFF, WRITE_DAY = "Tiap minggu", "Tanpa pengingat", "Tulis tanggal"
ASK_DAY = "Tanggal berapa mau diingatkan? Contoh: 15-12-2026."
BAD_DAY = "Tanggal itu belum bisa dipakai. Tulis tanggal mulai besok sampai setahun lagi. Contoh: 15-12-2026."
STOP = "Hentikan pengingat"
STOPPED = "Baik, tidak ada pengingat lagi. Daftar Anda tetap disimpan."
COUNT = "{name}: {done} dari {count} selesai."
REMINDER_TITLE = "Pengingat daftar Anda"
REMINDERS = {"": "Pengingat: mati", "weekly": "Pengingat: tiap {day}, mulai {date}", "once": "Pengingat: {date}"}
HANDED_OUT = "Ini daftar Anda untuk dicetak atau disimpan. Tidak ada nama atau nomor Anda di dalamnya."
HANDED_OUT_OFTEN = "Hari ini daftarnya sudah sering dibuat. Pakai yang terakhir dulu, ya. Besok bisa dibuat lagi."
KEPT = "Daftar /berkas: {name}, {done} langkah dicentang. {reminder}."

SHEET_TITLE = "Daftar langkah dan surat"
SHEET_PAPERS = "Surat yang dikumpulkan"
SHEET_CAUTION = "Jangan bayar kepada perorangan. Kalau ragu, tanya BP3MI dulu."
SHEET_BY = "Dibuat oleh Silvi. Urutan bisa sedikit berbeda menurut negara dan PT."
SHEET_FILE = "daftar-{country}-{job}.{form}"


@dataclass(frozen=True, slots=True)
class Line:
    """A box, what stands behind it, and in small letters what it rests on."""

    box: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that stands on paper: nothing of the person, only their ticks."""

    title: str
    name: str
    sections: tuple[tuple[str, tuple[Line, ...]], ...]
    closing: tuple[str, ...]


def name_of(country: str, job: str) -> str:
    """Taiwan, perawat lansia."""
    label = checklists().jobs.get(job, job)
    return f"{_country(country)}, {label[0].lower()}{label[1:]}"


def ask_country(country: str, job: str, *, is_again: bool = False) -> Reply:
    """Which destination; what was said of the job is kept in the buttons."""
    buttons = [Button(_country(code), f"berkas:pilih:{code}:{job}") for code in checklists().destinations]
    buttons.append(Button(OTHER_COUNTRY, f"berkas:lain:{job}"))
    return Reply(body=NOT_KNOWN if is_again else ASK_COUNTRY, buttons=_rows(buttons))


def write_country() -> Reply:
    """A destination that has no button."""
    return Reply(body=WRITE_COUNTRY, buttons=((Button(CHANGE, "berkas:baru"),),))


def ask_job(country: str, job: str, *, is_again: bool = False) -> Reply:
    """Which job there."""
    buttons = [Button(label, f"berkas:pilih:{country}:{code}") for code, label in checklists().jobs.items()]
    body = NOT_KNOWN if is_again else ASK_JOB.format(country=_country(country))
    return Reply(body=body, buttons=(*_rows(buttons), (Button(CHANGE, "berkas:baru"),)))


def instead(country: str, job: str, said: Instead) -> Reply:
    """Why there is no list, and where to read on."""
    return Reply(
        title=name_of(country, job),
        body=said.text,
        footer=_checked(),
        buttons=(
            (Button(jobseeker.MORE, f"topik:{said.entry}"),),
            (Button(CHANGE, "berkas:baru"), jobseeker.OFFICER),
        ),
    )


def replaces(old: Checklist, done: int, country: str, job: str) -> Reply:
    """The question before ticks are thrown away."""
    text = REPLACE.format(old=name_of(old.country, old.job), new=name_of(country, job), done=done)
    yes = Button(REPLACE_YES, f"berkas:ganti:{country}:{job}")
    return Reply(body=text, buttons=((yes,), (Button(REPLACE_NO, "berkas:buka"),)))


def page(checklist: Checklist, progress: Progress, code: str, *, zone: ZoneInfo, today: date, note: str = "") -> Reply:
    """One page of the list, with a button for each of its steps, and the next step whatever page it is on."""
    pages, title, here = checklists().pages, name_of(checklist.country, checklist.job), _on(progress, code)
    codes = list(pages)
    position, following = codes.index(code), progress.next_step
    steps = [f"{_mark(progress, step)} {progress.number(step)}. {step.text}" for step in here]
    parts = [
        *([note] if note else []),
        HEAD.format(done=len(progress.done), count=len(progress.steps)),
        "\n".join([PAGE.format(number=position + 1, count=len(codes), title=pages[code]), *steps]),
        NEXT_HERE.format(number=progress.number(following)) if following in here else _next(progress),
    ]
    rows = [(_tick(checklist, progress, step),) for step in here]
    around = [(BACK, position - 1), (ON, position + 1)]
    rows.append(
        tuple(
            Button(text.format(title=pages[codes[other]]), f"berkas:hal:{checklist.id}:{codes[other]}")
            for text, other in around
            if 0 <= other < len(codes)
        )
    )
    if following:
        rows.append((_explain(following),))
    rows.append((Button(PICTURE, f"berkas:gambar:{checklist.id}"), Button(SHEET, f"berkas:pdf:{checklist.id}")))
    rows.append(
        (Button(REMIND, f"berkas:ingat:{checklist.id}"), Button(SOURCES, f"berkas:sumber:{checklist.id}:{code}"))
    )
    rows.append((Button(CHANGE, "berkas:baru"),))
    lines = [_reminder_of(checklist, zone), _checked()]
    if today > checklists().review_by:
        lines.append(jobseeker.PAST_REVIEW)
    return Reply(title=title, body="\n\n".join(parts), footer="\n".join([*lines, FOUND_AGAIN]), buttons=tuple(rows))


def sources(checklist: Checklist, progress: Progress, code: str) -> Reply:
    """What each step of a page rests on."""
    lines = [f"{progress.number(step)}. {step.label}: {_sources(step)}" for step in _on(progress, code)]
    back = Button(BACK_TO_LIST.label, f"berkas:hal:{checklist.id}:{code}")
    return Reply(title=jobseeker.SOURCES, body="\n".join(lines), footer=_checked(), buttons=((back,),))


def ask_reminder(checklist: Checklist, *, zone: ZoneInfo, today: date) -> Reply:
    """When to be reminded."""
    days = [today + timedelta(days=days) for days in SOON_DAYS]
    number = checklist.id
    soon = [Button(_day(day), f"berkas:pada:{number}:{day.isoformat()}") for day in days]
    rows = (
        (Button(WEEKLY, f"berkas:minggu:{number}"), Button(OFF, f"berkas:mati:{number}")),
        *_rows(soon),
        (Button(WRITE_DAY, f"berkas:tanggal:{number}"),),
        (BACK_TO_LIST,),
    )
    return Reply(title=REMIND, body=ASK_REMINDER, footer=_reminder_of(checklist, zone), buttons=rows)


def stopped() -> Reply:
    """No reminder comes any more."""
    return Reply(body=STOPPED, buttons=((BACK_TO_LIST,),))


def reminder(checklist: Checklist, progress: Progress) -> Reply:
    """The reminder itself: how far, what is next (or that the way was closed since), and one tap to stop it."""
    name, closed = name_of(checklist.country, checklist.job), checklists().instead_of(checklist.country, checklist.job)
    body = COUNT.format(name=name, done=len(progress.done), count=len(progress.steps))
    body += f"\n\n{closed.text if closed else _next(progress)}"
    rows = ((BACK_TO_LIST,), (Button(STOP, f"berkas:mati:{checklist.id}"),))
    return Reply(title=REMINDER_TITLE, body=body, buttons=rows)


def kept(checklist: Checklist, zone: ZoneInfo) -> str:
    """The list as a line of /datasaya."""
    name = name_of(checklist.country, checklist.job)
    return KEPT.format(name=name, done=len(checklist.done), reminder=_reminder_of(checklist, zone))


def sheet(checklist: Checklist, progress: Progress, office: OfficeProfile) -> Sheet:
    """The whole list for paper."""
    by_page = (
        (
            title,
            tuple(
                Line(_box(progress, step), f"{progress.number(step)}. {step.text}", f"Sumber: {_sources(step)}")
                for step in _on(progress, code)
            ),
        )
        for code, title in checklists().pages.items()
    )
    papers = tuple(Line(_box(progress, step), paper) for step in progress.steps for paper in step.papers)
    return Sheet(
        title=SHEET_TITLE,
        name=name_of(checklist.country, checklist.job),
        sections=(*by_page, (SHEET_PAPERS, papers)),
        closing=(SHEET_CAUTION, office.fill("{kantor.bp3mi}"), _checked(), SHEET_BY),
    )


def card(checklist: Checklist, progress: Progress) -> Sheet:
    """The list for a picture: each step by its short name."""
    by_page = (
        (
            title,
            tuple(Line(_box(progress, step), f"{progress.number(step)}. {step.label}") for step in _on(progress, code)),
        )
        for code, title in checklists().pages.items()
    )
    papers = tuple(Line(_box(progress, step), paper) for step in progress.steps for paper in step.papers)
    return Sheet(
        title=SHEET_TITLE,
        name=name_of(checklist.country, checklist.job),
        sections=(*by_page, (SHEET_PAPERS, papers)),
        closing=(SHEET_CAUTION, _checked()),
    )


def sheet_name(checklist: Checklist, form: str) -> str:
    """The name of its file."""
    return SHEET_FILE.format(country=checklist.country, job=checklist.job, form=form)


def _on(progress: Progress, code: str) -> list[Step]:
    return [step for step in progress.steps if step.page == code]


def _next(progress: Progress) -> str:
    step = progress.next_step
    return NEXT.format(number=progress.number(step), text=step.text) if step else ALL_DONE


def _explain(step: Step) -> Button:
    return Button(EXPLAIN.format(label=step.label), f"topik:{step.entry}")


def _tick(checklist: Checklist, progress: Progress, step: Step) -> Button:
    """Says what the tap makes of the step, so that a second tap on the same button changes nothing."""
    verb = "belum" if step.id in progress.done else "ya"
    label = f"{_mark(progress, step)} {progress.number(step)}. {step.label}"
    return Button(label, f"berkas:{verb}:{checklist.id}:{step.id}")


def _mark(progress: Progress, step: Step) -> str:
    return DONE if step.id in progress.done else OPEN


def _box(progress: Progress, step: Step) -> str:
    return CHECKED if step.id in progress.done else UNCHECKED


def _sources(step: Step) -> str:
    return "; ".join(sources_of(step)[:SHOWN_SOURCES]) or NO_SOURCE


def _checked() -> str:
    return jobseeker.CHECKED_ON.format(date=long_date(checklists().last_checked))


def _reminder_of(checklist: Checklist, zone: ZoneInfo) -> str:
    if checklist.remind_at is None:
        return REMINDERS[""]
    day = checklist.remind_at.astimezone(zone).date()
    told = REMINDERS["weekly" if checklist.is_weekly else "once"]
    return told.format(day=DAYS[day.weekday()], date=long_date(day))


def _day(day: date) -> str:
    return f"{DAYS[day.weekday()]}, {long_date(day)}"


def _country(code: str) -> str:
    return OTHER_COUNTRY if code == OTHER else country_name(code)


def _rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[start : start + PER_ROW]) for start in range(0, len(buttons), PER_ROW))
