"""What the console says of the office's own figures: the file that came in, and what it would change."""

from __future__ import annotations

from bot.domain.figures import UNKNOWN
from bot.domain.yearly import OfficeData, OfficeRow, Part
from bot.texts.figures import number
from bot.texts.formats import country_name
from bot.texts.yearly import NOT_DETAILED, PART_NAMES

DATA = {
    OfficeData.PLACEMENTS: "Penempatan",
    OfficeData.RETURNS: "Pemulangan",
    OfficeData.COMPLAINTS: "Pengaduan",
    OfficeData.ENFORCEMENT: "Perkara penempatan ilegal",
}
WHOLE = "jumlah seluruhnya"
NOTHING = "tidak ada"
OUTDATED = "Untuk sebagian data ini sudah ada berkas dengan tanggal data yang lebih baru. Laporan sesudah tanggal itu tetap memakai berkas yang lebih baru."
NO_CHANGE = "Berkas ini tidak mengubah satu angka pun."


def broken_down(row: OfficeRow) -> str:
    """Malaysia, Laki-laki."""
    return ", ".join(_value(part, value) for part, value in row.parts.items()) or WHOLE


def figure(row: OfficeRow | None) -> str:
    """The number, or the word that was published instead, with all that stands beside it."""
    if row is None:
        return NOTHING
    shown = number(row.count) if row.count is not None else row.note
    beside = [f"sampai {row.until:%d-%m-%Y}"] if row.until else []
    beside += [f"terbit di {row.published}"] if row.published else []
    return f"{shown} ({', '.join(beside)})" if beside else shown


def _value(part: Part, value: str) -> str:
    if value == UNKNOWN:
        return NOT_DETAILED
    return country_name(value) if part is Part.COUNTRY else PART_NAMES[part][value]
