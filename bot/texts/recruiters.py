"""What Silvi says about a recruiter's name: the licence, what it is worth today, and the job orders; never that all is well."""

from __future__ import annotations

import re
from datetime import date

from bot.domain.recruiters import (
    DATA_IS_OLD_AFTER_DAYS,
    Changes,
    Found,
    JobOrder,
    Licence,
    RecruiterStatus,
    RegistryKind,
    is_old,
    status_on,
)
from bot.texts.formats import country_name
from knowledge.company_names import Difference
from knowledge.office import long_date

SHOWN_ORDERS = 5
SHOWN_WORDS = 4
SHOWN_CHANGES = 20
SHOWN_CHARACTERS = 100

CHECK = "SISKOP2MI (bagian daftar P3MI)"
HOLD = "Sampai jelas, jangan bayar dan jangan serahkan paspor."
ASK = f"Cek di {CHECK}, atau tanya petugas BP3MI atau Disnaker."
NOT_LOADED = (
    "Daftar izin P3MI belum ada di Silvi, jadi nama ini belum bisa dicek. "
    f"Belum tentu ada masalah, dan belum tentu berizin. {ASK} {HOLD}"
)
TOO_SHORT = "Nama ini terlalu pendek. Tulis nama lengkap PT-nya."
NOT_FOUND = (
    "Nama ini tidak ada di daftar izin P3MI. Coba tulis nama lengkap PT-nya, seperti di surat atau papan nama. "
    "Yang boleh memberangkatkan hanya PT yang punya izin (SIP3MI), bukan perorangan."
)
LICENSED = "{name} ada di daftar izin P3MI (nomor SIP3MI {number})."
IS_IT_THIS = "Pastikan namanya memang itu, huruf demi huruf."
ACTIVE = "Hari ini izinnya aktif, berlaku sampai {until}."
STATUS_TODAY = {
    RecruiterStatus.SUSPENDED: "Tetapi izinnya sedang diskors (dihentikan sementara).",
    RecruiterStatus.REVOKED: "Tetapi izinnya sudah dicabut.",
    RecruiterStatus.EXPIRED: "Tetapi masa izinnya sudah habis: {until}. Kalau PT bilang sudah diperpanjang, minta bukti izin baru.",
}
LOOKALIKE = 'Hati-hati, namanya mirip tetapi tidak sama. Anda menulis "{query}". Yang ada di daftar izin: {names}.'
LOOKALIKE_ADVICE = "Jangan anggap sama. Cocokkan nama lengkap di suratnya, huruf demi huruf."
LOOKALIKE_STATUS = {
    RecruiterStatus.SUSPENDED: "Izin {name} sendiri sedang diskors.",
    RecruiterStatus.REVOKED: "Izin {name} sendiri sudah dicabut.",
    RecruiterStatus.EXPIRED: "Izin {name} sendiri sudah habis masanya.",
}
BRANCH = "Ini izin PT-nya; cabang{place} belum dicek."
COPIED = "Nama PT asli sering dipakai penipu. Pastikan dengan menelepon kantor pusatnya, lewat nomor di SISKOP2MI."
ORDERS_NOT_LOADED = "Daftar job order (SIP2MI) belum ada di Silvi."
NOT_ENOUGH = "Izin PT saja belum cukup: harus ada job order untuk negara dan pekerjaan Anda."
ORDER_FOUND = "Ada job order untuk {wanted}: {orders}."
ORDER_OTHER_WORK = "Ada job order ke {country}, tetapi tidak ada untuk {position}. Yang ada: {orders}."
ORDER_MISSING = "Tidak ada job order PT ini untuk {wanted} di daftar Silvi."
ORDERS = "Job order yang masih berlaku: {orders}."
NO_ORDERS = "Tidak ada job order PT ini yang masih berlaku di daftar Silvi."
ORDER_ADVICE = "Cocokkan negara, pekerjaan, dan nomornya di SISKOP2MI sebelum tanda tangan."
DATA_OF = "Data izin per {date}."
ORDERS_OF = "Data job order per {date}."
OLD = f"Data ini sudah lebih dari {DATA_IS_OLD_AFTER_DAYS} hari, bisa sudah berubah."

REPLACED = 'tertulis "{written}", di daftar "{registered}"'
EXTRA = 'kata tambahan "{words}"'
EXTRA_MANY = "banyak kata tambahan"
MISSING = 'kurang kata "{words}"'
OTHER_FORM = "tertulis {written}, di daftar {registered}"

FIELDS = {
    "name": "nama",
    "number": "nomor",
    "address": "alamat",
    "city": "kota",
    "phone": "telepon",
    "status": "status",
    "valid_until": "berlaku sampai",
    "countries": "negara tujuan",
    "p3mi": "P3MI",
    "country": "negara",
    "position": "jabatan",
    "quota": "kuota",
}
KINDS = {RegistryKind.LICENCES: "Daftar izin P3MI", RegistryKind.JOB_ORDERS: "Daftar job order"}
PREVIEW = "{kind} dari {file}: {rows} baris, data per {date}."
READ_AS = "Dibaca sebagai {encoding}: periksa huruf yang tidak biasa."
UNUSED = "Kolom yang tidak dipakai: {columns}."
NEWER_STANDS = "Perhatian: data yang sekarang dipakai lebih baru, per {date}."
ADDED, CHANGED, GONE, SAME = "Baru", "Berubah", "Hilang", "Tetap"
AND_MORE = "  ... dan {count} lagi"
IN_FORCE = "Tersimpan. Mulai sekarang Silvi memakai data ini."
SAVE = "Simpan dan pakai data ini?"
NOT_SAVED = "Tidak jadi. Data lama tetap dipakai."
CHANGED_MEANWHILE = "ada impor lain yang baru saja masuk; ulangi perintah ini"
DATE_AHEAD = "--data-date: tanggal ini belum tiba"
DATE_IS_AHEAD = "Tanggal data belum tiba."
NO_DATE = "Isi tanggal data."
CHANGED_SINCE = "Ada impor lain yang baru masuk. Ini perbedaannya sekarang; periksa lagi, lalu simpan."

_PHONE = re.compile(r"\+[\d\s().-]+")


def advice(found: Found, *, today: date) -> str:
    """Everything a person needs to know about this name, with the date of the data; paragraphs are apart by blank lines."""
    if found.data_date is None:
        return NOT_LOADED
    if found.status == RecruiterStatus.NOT_FOUND:
        is_short = sum(letter.isalnum() for letter in found.query) < 3
        parts = [TOO_SHORT] if is_short else [NOT_FOUND, f"{ASK} {HOLD}"]
    elif found.status == RecruiterStatus.LOOKALIKE:
        parts = _lookalike(found, found.licence, today)
    else:
        parts = _licensed(found, found.licence)
    return "\n\n".join([*parts, _dates(found, today)])


def difference(between: Difference) -> str | None:
    """What a name has that the registered one has not, in one phrase; None where only the company is unclear."""
    parts = []
    if between.form:
        parts.append(OTHER_FORM.format(written=between.form[0], registered=between.form[1]))
    for written, registered in between.replaced:
        parts.append(REPLACED.format(written=written, registered=registered))
    if len(between.extra) > SHOWN_WORDS:
        parts.append(EXTRA_MANY)
    elif between.extra:
        parts.append(EXTRA.format(words=" ".join(between.extra)))
    if between.missing:
        parts.append(MISSING.format(words=" ".join(between.missing)))
    return "; ".join(parts) or None


def preview(changes: Changes, *, file_name: str, encoding: str, unused: tuple[str, ...], data_date: date) -> str:
    """What an import would change, for the person who decides on it."""
    lines = [
        PREVIEW.format(kind=KINDS[changes.kind], file=file_name, rows=changes.rows, date=long_date(data_date)),
        *([READ_AS.format(encoding=encoding)] if encoding == "cp1252" else []),
        *([UNUSED.format(columns=", ".join(map(harmless, unused)))] if unused else []),
    ]
    if changes.data_date and data_date < changes.data_date:
        lines.append(NEWER_STANDS.format(date=long_date(changes.data_date)))
    changed = [
        f"{harmless(row.label)}: "
        + ", ".join(
            f"{FIELDS[field]} {harmless(old) or '-'} -> {harmless(new) or '-'}" for field, old, new in row.fields
        )
        for row in changes.changed
    ]
    for title, mark, rows in (
        (ADDED, "+", [harmless(row) for row in changes.added]),
        (CHANGED, "~", changed),
        (GONE, "-", [harmless(row) for row in changes.gone]),
    ):
        lines.append(f"{title}: {len(rows)}")
        lines += [f"  {mark} {row}" for row in rows[:SHOWN_CHANGES]]
        if len(rows) > SHOWN_CHANGES:
            lines.append(AND_MORE.format(count=len(rows) - SHOWN_CHANGES))
    lines.append(f"{SAME}: {changes.rows - len(changes.added) - len(changes.changed)}")
    return "\n".join(lines)


def harmless(cell: str) -> str:
    """`cell` for a list somebody may open in a spreadsheet: it never begins like a formula. Phone numbers keep their plus."""
    return cell if _PHONE.fullmatch(cell) else cell.lstrip("=+-@\t\r ")


def _licensed(found: Found, licence: Licence) -> list[str]:
    known = LICENSED.format(name=harmless(licence.name), number=harmless(licence.number))
    if not found.is_exact:
        known += f" {IS_IT_THIS}"
    until = long_date(licence.valid_until)
    if found.status != RecruiterStatus.MATCH:
        return [f"{known} {STATUS_TODAY[found.status].format(until=until)}", f"{ASK} {HOLD}"]
    parts = [f"{known} {ACTIVE.format(until=until)}"]
    if found.branch is not None:
        parts.append(BRANCH.format(place=f" {found.branch}" if found.branch else ""))
    return [*parts, _orders(found), COPIED]


def _lookalike(found: Found, licence: Licence, today: date) -> list[str]:
    names = " dan ".join(harmless(name) for name in (licence.name, *found.others))
    parts = [LOOKALIKE.format(query=_quoted(found.query), names=names)]
    if found.difference:
        parts[0] += f" Bedanya: {found.difference}."
    if own := LOOKALIKE_STATUS.get(status_on(licence, today)):
        parts.append(own.format(name=harmless(licence.name)))
    return [*parts, f"{LOOKALIKE_ADVICE} {ASK} {HOLD}"]


def _quoted(query: str) -> str:
    """What the person wrote, short and on one line."""
    printable = "".join(letter if letter.isprintable() else " " for letter in query[:SHOWN_CHARACTERS])
    return " ".join(printable.split())


def _orders(found: Found) -> str:
    listed = "; ".join(_order(order) for order in found.job_orders[:SHOWN_ORDERS])
    if len(found.job_orders) > SHOWN_ORDERS:
        listed += f"; dan {len(found.job_orders) - SHOWN_ORDERS} lagi"
    country = country_name(found.country) if found.country else None
    wanted = " sebagai ".join(part for part in (country, found.position) if part)
    if found.orders_date is None:
        return f"{ORDERS_NOT_LOADED} {NOT_ENOUGH} {ASK} {HOLD}"
    if not found.job_orders:
        missing = ORDER_MISSING.format(wanted=wanted) if wanted else NO_ORDERS
        return f"{missing} {NOT_ENOUGH} {ASK} {HOLD}"
    if found.position and not found.has_position:
        other = ORDER_OTHER_WORK.format(country=country or "luar negeri", position=found.position, orders=listed)
        return f"{other} {NOT_ENOUGH} {ASK} {HOLD}"
    if found.country:
        return f"{ORDER_FOUND.format(wanted=wanted, orders=listed)} {ORDER_ADVICE}"
    return f"{ORDERS.format(orders=listed)} {NOT_ENOUGH} {ORDER_ADVICE}"


def _order(order: JobOrder) -> str:
    quota = f", kuota {order.quota} orang" if order.quota is not None else ""
    number = harmless(order.number)
    return f"{order.country}, {order.position} (nomor {number}{quota}, sampai {long_date(order.valid_until)})"


def _dates(found: Found, today: date) -> str:
    lines = [DATA_OF.format(date=long_date(found.data_date))]
    dates = [found.data_date]
    if found.status == RecruiterStatus.MATCH and found.orders_date:
        lines.append(ORDERS_OF.format(date=long_date(found.orders_date)))
        dates.append(found.orders_date)
    if any(is_old(day, today) for day in dates):
        lines.append(OLD)
    return " ".join(lines)
