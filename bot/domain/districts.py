"""The districts of West Kalimantan, and which of them a place as a person wrote it names."""

from __future__ import annotations

import re

DISTRICTS = {
    "sambas": "Sambas",
    "bengkayang": "Bengkayang",
    "landak": "Landak",
    "mempawah": "Mempawah",
    "sanggau": "Sanggau",
    "ketapang": "Ketapang",
    "sintang": "Sintang",
    "kapuas-hulu": "Kapuas Hulu",
    "sekadau": "Sekadau",
    "melawi": "Melawi",
    "kayong-utara": "Kayong Utara",
    "kubu-raya": "Kubu Raya",
    "pontianak": "Kota Pontianak",
    "singkawang": "Kota Singkawang",
}
"""By code; the two towns stand beside the districts. None of the project's sources lists them all: the office has to check
the list (docs/PANDUAN.md)."""

_WAYS = "|".join(code.replace("-", r"[\s-]*") for code in DISTRICTS)
_NAMED = re.compile(rf"(?<!\w)({_WAYS})(?!\w)", re.IGNORECASE)


def district_of(place: str) -> str | None:
    """The code of the first district the place names, or None."""
    found = _NAMED.search(place)
    squeezed = re.sub(r"[\s-]", "", found[1].lower()) if found else ""
    return next((code for code in DISTRICTS if code.replace("-", "") == squeezed), None)


def without_districts(said: str) -> str:
    """The text without the names of districts."""
    return _NAMED.sub(" ", said)
