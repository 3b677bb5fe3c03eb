"""What Silvi says about a job offer: never that it is safe, never that somebody is a swindler."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.domain.messages import Button, Reply
from bot.domain.recruiters import Found, RecruiterStatus, is_old
from bot.domain.verdicts import Reported
from bot.texts import jobseeker, recruiters
from bot.texts.formats import country_name
from bot.texts.verdicts import public
from knowledge.office import OfficeProfile, long_date
from knowledge.red_flags import Analysis, RedFlag, Severity, Source
from knowledge.red_flags.advice import is_urgent, load_texts

FIRST_CHARACTERS = 600
SHOWN_FLAGS = 3
SHOWN_NAMES = 2
SHOWN_CONTACTS = 2
FEW_PEOPLE = 2
"""From so many on it is said how many asked: one of them is the person."""

REPORT, MORE = "Laporkan", jobseeker.MORE
ANOTHER = Button("Cek yang lain", "menu:cek")
CHECK_PICTURE = "Cek lowongan"

READING = "Gambarnya sedang saya baca. Tunggu sebentar, ya."
UNREADABLE = "Maaf, gambar ini tidak terbaca. Tolong ketik isinya di sini: nama PT, negara, gaji, dan apa yang diminta."
SOME_UNREADABLE = "{count} gambar tidak terbaca, jadi isinya belum saya periksa. Tolong ketik isinya, atau kirim foto yang lebih jelas."
NAME_TOO_SHORT = "Nama itu terlalu pendek untuk dicek. Tulis nama lengkapnya, misalnya: PT, lalu namanya."
PDF = "Ini berkas PDF, saya belum bisa membacanya. Kirim fotonya (tangkapan layar), atau ketik isinya di sini."
PEOPLE = "{count} orang bertanya tentang tawaran ini."
CLEARER = "Hati-hati. Gambar yang sama pernah dicek dengan salinan yang lebih jelas, dan ada tanda bahayanya."
GUESSED = " (Ini dugaan Silvi, belum pasti.)"
PHONES = "Nomor di tawaran ini: {phones}. Saya belum tahu siapa pemiliknya. Jangan kirim uang atau foto KTP ke sana."
LINK = "Tautannya tidak saya buka. Jangan isi data di sana dulu. Situs pemerintah berakhiran go.id."
NOTHING_SAID = "Dari ini saja saya belum bisa menilai. Kirim isi lowongannya juga, kalau ada."
ALREADY_REPORTED = "Tawaran ini sudah Anda laporkan: {number}. Petugas sudah menerimanya."

ORDERS = "Ada job order ke {country}; cocokkan di SISKOP2MI."
NO_ORDERS = "Job order untuk {country} tidak ada di daftar Silvi."
ORDERS_UNKNOWN = "Job order belum bisa dicek."
NEEDS_ORDER = "Izin saja belum cukup: harus ada job order."
DATA = "Data per {date}."
OLD_DATA = "Data per {date}, sudah lebih dari 30 hari."
BRIEFLY = {
    RecruiterStatus.NOT_FOUND: "tidak ada di daftar izin P3MI.",
    RecruiterStatus.LOOKALIKE: "namanya mirip {name} yang ada di daftar izin, tetapi tidak sama.",
    RecruiterStatus.SUSPENDED: "ada di daftar, tetapi izin {name} sedang diskors.",
    RecruiterStatus.REVOKED: "ada di daftar, tetapi izin {name} sudah dicabut.",
    RecruiterStatus.EXPIRED: "ada di daftar, tetapi izin {name} sudah habis masanya.",
    RecruiterStatus.MATCH: "izin {name} aktif sampai {until}.",
}
NOT_LOADED = "belum bisa dicek, daftar izin belum ada di Silvi."

REPORTED = "Tawaran yang dilaporkan:"
FLAGS, NAMES, NUMBERS = "Tanda yang dilihat Silvi:", "PT atau lembaga yang disebut:", "Nomor yang disebut:"
BY_LEARNED = " (dugaan)"

WARNING = "Hati-hati, tawaran di atas ada tanda bahaya: {noticed}"
WARNING_WHERE = "Jangan bayar dan jangan serahkan paspor dulu. Cek di sini: {where}"
WHERE_UNKNOWN = "tulis /cek ke Silvi lewat obrolan pribadi"
WARNINGS_ON = (
    "Siaga menyala. Kalau ada tawaran berbahaya di grup ini, saya ingatkan sekali sehari. "
    "Selain itu saya diam. Matikan dengan /siaga off."
)
WARNINGS_OFF = "Siaga mati. Saya hanya bicara kalau dipanggil."
WARNINGS_HOW = "Tulis /siaga on atau /siaga off."


def about_recruiter(found: Found, *, today: date) -> str:
    """The first thing to know about a name in an offer; the whole answer is that of the look-up itself."""
    first, _, _ = recruiters.advice(found, today=today).partition("\n\n")
    return f"{found.query}: {first}"


def short(
    analysis: Analysis,
    found: Sequence[Found],
    phones: Sequence[str],
    office: OfficeProfile,
    *,
    reported: Sequence[Reported] = (),
    asked_id: int,
    people: int,
    was_danger: bool = False,
    unread: int = 0,
    today: date,
    in_group: bool,
) -> Reply:
    """What was noticed and what to do now; the rest is behind a button. `unread` pictures were not judged, which is said."""
    frame = load_texts().frame
    parts = [CLEARER] if was_danger else [_opening(analysis, bool(found or phones))]
    if is_urgent(analysis):
        contacts = [f"- {office.contact(key)}" for key in load_texts().urgent_contacts[:SHOWN_CONTACTS]]
        parts.append("\n".join([frame["urgent"], *contacts]))
    # Told in any case, whatever room is left for the rest.
    parts += [*map(public, reported), *([SOME_UNREADABLE.format(count=unread)] if unread else [])]
    ending = [frame["check"]] if parts == [frame["nothing_known"]] else [frame["do_not"], frame["check"]]
    if people >= FEW_PEOPLE:
        ending.append(PEOPLE.format(count=people))
    room = FIRST_CHARACTERS - sum(len(part) + 2 for part in (*parts, *ending))
    noticed = [_noticed(flag) for flag in _worst(analysis)[:SHOWN_FLAGS]]
    if noticed:
        # The worst sign is told in any case, and a name only where an urgent number leaves room for it.
        room -= len(frame["noticed"]) + 2
    least_names = 0 if is_urgent(analysis) else 1
    in_brief = [briefly(one, today=today) for one in found[:SHOWN_NAMES]]
    names = _fitting(in_brief, room - sum(len(line) + 2 for line in noticed[:1]), at_least=least_names)
    flags = _fitting(noticed, room - sum(len(line) + 2 for line in names), at_least=1)
    if flags:
        parts.append("\n".join([frame["noticed"], *flags]))
    parts += names
    if not flags and not names:
        parts += [*([PHONES.format(phones=", ".join(phones[:SHOWN_NAMES]))] if phones else []), *_links(analysis)]
    if sum(len(part) + 2 for part in (*parts, *ending)) > FIRST_CHARACTERS:
        ending.remove(frame["check"])
    rows = ((Button(MORE, f"tawaran:lengkap:{asked_id}"),),)
    if not in_group:
        rows += ((Button(REPORT, f"tawaran:lapor:{asked_id}"), ANOTHER), (jobseeker.OFFICER,))
    return Reply(body="\n\n".join([*parts, *ending]), buttons=rows)


def full(
    advice: str, found: Sequence[Found], phones: Sequence[str], *, asked_id: int, today: date, in_group: bool
) -> Reply:
    """Everything: each sign with its reason and basis, each name with its licence, job orders and the date of the data."""
    parts = [advice, *(f"{one.query}:\n{recruiters.advice(one, today=today)}" for one in found)]
    if phones:
        parts.append(PHONES.format(phones=", ".join(phones)))
    rows = () if in_group else ((Button(REPORT, f"tawaran:lapor:{asked_id}"), ANOTHER), (jobseeker.OFFICER,))
    return Reply(body="\n\n".join(parts), buttons=rows)


def narrative(text: str, analysis: Analysis, found: Sequence[Found], phones: Sequence[str], *, today: date) -> str:
    """The offer and all that was seen in it, for the officer."""
    lines = [REPORTED, text]
    if analysis.flags:
        lines += ["", FLAGS, *(_for_officer(flag) for flag in analysis.flags)]
    if found:
        lines += ["", NAMES, *(f"- {briefly(one, today=today)}" for one in found)]
    if phones:
        lines += ["", f"{NUMBERS} {', '.join(phones)}"]
    return "\n".join(lines)


def warning(flag: RedFlag, bot_name: str) -> Reply:
    """Two lines for a group."""
    where = f"https://t.me/{bot_name}?start=cek" if bot_name else WHERE_UNKNOWN
    noticed = load_texts().flags[flag.id].noticed
    return Reply(body=f"{WARNING.format(noticed=noticed)}\n{WARNING_WHERE.format(where=where)}")


def picture_buttons(attachment_id: int) -> tuple[tuple[Button, ...], ...]:
    """What can be done with a picture that came without a word."""
    return ((jobseeker.REPORT, Button(CHECK_PICTURE, f"tawaran:gambar:{attachment_id}")),)


def _opening(analysis: Analysis, has_name: bool) -> str:
    frame = load_texts().frame
    if analysis.flags or analysis.is_offer:
        return frame[analysis.verdict.value]
    return NOTHING_SAID if has_name else frame["nothing_known"]


def _worst(analysis: Analysis) -> list[RedFlag]:
    order = list(Severity)
    return sorted(analysis.flags, key=lambda flag: (order.index(flag.severity), flag.source is Source.LEARNED))


def _noticed(flag: RedFlag) -> str:
    """One sign, the rule behind it, and whether it is only guessed."""
    texts = load_texts()
    text = texts.flags[flag.id]
    basis = texts.frame["basis_confirm" if text.confirm else "basis"].format(law=text.law) if text.law else ""
    return f"- {text.noticed} {basis}".rstrip() + (GUESSED if flag.source is Source.LEARNED else "")


def _for_officer(flag: RedFlag) -> str:
    guessed = BY_LEARNED if flag.source is Source.LEARNED else ""
    return f'- {flag.id}{guessed}: {load_texts().flags[flag.id].noticed} ("{flag.evidence}")'


def briefly(found: Found, *, today: date) -> str:
    """Licence, its status today, job orders, and the date of the data, in one or two lines."""
    if found.data_date is None:
        return f"{found.query[: recruiters.SHOWN_CHARACTERS]}: {NOT_LOADED}"
    licence = found.licence
    name = recruiters.harmless(licence.name) if licence else ""
    until = long_date(licence.valid_until) if licence else ""
    parts = [f"{found.query[: recruiters.SHOWN_CHARACTERS]}: {BRIEFLY[found.status].format(name=name, until=until)}"]
    if found.status is RecruiterStatus.MATCH:
        parts.append(_orders(found))
    data = OLD_DATA if is_old(found.data_date, today) else DATA
    return " ".join([*parts, data.format(date=long_date(found.data_date))])


def _orders(found: Found) -> str:
    if found.orders_date is None:
        return f"{ORDERS_UNKNOWN} {NEEDS_ORDER}"
    if not found.country:
        return NEEDS_ORDER
    country = country_name(found.country)
    return ORDERS.format(country=country) if found.job_orders else NO_ORDERS.format(country=country)


def _links(analysis: Analysis) -> list[str]:
    return [LINK] if any(contact.kind == "link" and not contact.is_official for contact in analysis.contacts) else []


def _fitting(lines: list[str], room: int, *, at_least: int) -> list[str]:
    """The first lines that fit in `room` characters, but `at_least` so many."""
    fitting: list[str] = []
    for line in lines:
        room -= len(line) + 2
        if room < 0 and len(fitting) >= at_least:
            break
        fitting.append(line)
    return fitting
