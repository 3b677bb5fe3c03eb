"""The office's own profile: what FACTS leaves open is filled by the office, and shown as missing until it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.entries import CONTENT, read_yaml

PLACEHOLDER = re.compile(r"\{([a-z]+)\.([a-z0-9_]+)\}")
TO_CONFIRM = "perlu dikonfirmasi petugas"
MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()
_FIELDS = {
    "address": "alamat",
    "hours": "jam buka",
    "phone": "telepon",
    "whatsapp": "WhatsApp",
    "email": "email",
}


@dataclass(frozen=True, slots=True)
class OfficeProfile:
    """Offices, contacts and lists by name, as the office filled them."""

    offices: dict[str, dict]
    contacts: dict[str, dict]
    clinics: tuple[str, ...]
    research: str | None

    def fill(self, text: str) -> str:
        """`text` with every placeholder replaced; raises KeyError for one that does not exist."""
        return PLACEHOLDER.sub(lambda match: self._value(match[1], match[2]), text)

    def contact(self, key: str) -> str:
        """One line: name, number and how far it is confirmed."""
        entry = self.contacts[key]
        if not entry["number"]:
            return f"{entry['name']}: nomor belum diisi kantor"
        return f"{entry['name']}: {entry['number']} ({_trust(entry)})"

    def _value(self, group: str, key: str) -> str:
        if group == "kontak":
            return self.contact(key)
        if group == "kantor" and key == "klinik":
            if not self.clinics:
                return "Daftar klinik yang diakui belum diisi kantor. Tanyakan kepada petugas."
            return "\n".join(f"- {clinic}" for clinic in self.clinics)
        if group == "kantor" and key == "penelitian":
            return self.research or "Saluran permohonan belum diisi kantor. Tanyakan kepada petugas."
        if group == "kantor":
            return _office(self.offices[key])
        raise KeyError(f"{group}.{key}")


def load_office(path: Path | None = None) -> OfficeProfile:
    """The profile in `path`, over the one in the content folder; raises ValueError naming what does not fit."""
    base = read_yaml(CONTENT / "office.yaml")
    own = read_yaml(path) if path else {}
    if not isinstance(own, dict):
        raise ValueError(f"{path}: not a profile")
    for part in ("offices", "contacts"):
        for key, values in (own.get(part) or {}).items():
            if key not in base[part] or not isinstance(values, dict):
                raise ValueError(f"{path}: {part}.{key} is unknown or not a mapping")
            base[part][key] = base[part][key] | values
    return OfficeProfile(
        offices=base["offices"],
        contacts=base["contacts"],
        clinics=tuple(own.get("clinics") or base["clinics"]),
        research=own.get("research") or base["research"],
    )


def long_date(day: date) -> str:
    """24 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _trust(entry: dict) -> str:
    if entry["confirmed_on"]:
        return f"diperiksa {long_date(_as_date(entry['confirmed_on']))}"
    return f"sumber {entry['since']}, {TO_CONFIRM}" if entry["since"] else TO_CONFIRM


def _office(office: dict) -> str:
    known = [f"{label}: {office[field]}" for field, label in _FIELDS.items() if office[field]]
    missing = [
        label for field, label in _FIELDS.items() if not office[field] and field in ("address", "hours", "phone")
    ]
    parts = ["; ".join(known)] if known else []
    if missing:
        parts.append(f"{', '.join(missing)} belum diisi kantor")
    elif office["confirmed_on"]:
        parts.append(f"diperiksa {long_date(_as_date(office['confirmed_on']))}")
    return f"{office['name']}: {'. '.join(parts)}"


def _as_date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
