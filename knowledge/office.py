"""The office's own profile: what FACTS leaves open is filled by the office, and shown as missing until it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from knowledge.entries import CONTENT, read_yaml

MAIN_OFFICE = "bp3mi"
"""Cases go there unless another office serves their place."""
PLACEHOLDER = re.compile(r"\{([a-z]+)\.([a-z0-9_]+)\}")
TO_CONFIRM = "perlu dikonfirmasi petugas"
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
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
    opens: time
    closes: time
    """Hours of the desk, every working day."""
    holidays: dict[date, str | None]
    """Days the office named itself: a day off has a name, a working day none."""

    def fill(self, text: str) -> str:
        """`text` with every placeholder replaced; raises KeyError for one that does not exist."""
        return PLACEHOLDER.sub(lambda match: self._value(match[1], match[2]), text)

    def contact(self, key: str) -> str:
        """One line: name, number and how far it is confirmed."""
        entry = self.contacts[key]
        if not entry["number"]:
            return f"{entry['name']}: nomor belum diisi kantor"
        return f"{entry['name']}: {entry['number']} ({_trust(entry)})"

    def names(self) -> dict[str, str]:
        """What the offices are called, by their keys."""
        return {key: office["name"] for key, office in self.offices.items()}

    def office_for(self, place: str) -> str:
        """The office that serves a place as a person wrote it; the main one where none claims it."""
        for key, office in self.offices.items():
            if any(re.search(rf"\b{re.escape(served)}\b", place, re.IGNORECASE) for served in office["serves"]):
                return key
        return MAIN_OFFICE

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
    for key, office in base["offices"].items():
        served = office.setdefault("serves", [])
        if not isinstance(served, list) or not all(isinstance(place, str) and place.strip() for place in served):
            raise ValueError(f"{path}: offices.{key}.serves is not a list of places")
    opens, closes = _hours(base["desk"], own.get("desk") or {}, path)
    return OfficeProfile(
        offices=base["offices"],
        contacts=base["contacts"],
        clinics=tuple(own.get("clinics") or base["clinics"]),
        research=own.get("research") or base["research"],
        opens=opens,
        closes=closes,
        holidays=_holidays(own.get("holidays") or base["holidays"], path),
    )


def _hours(base: dict, own: object, path: Path | None) -> tuple[time, time]:
    """Opening and closing time."""
    if not isinstance(own, dict) or set(own) - set(base):
        raise ValueError(f"{path}: desk knows only {' and '.join(base)}")
    hours = []
    for name, written in (base | own).items():
        # Without quotes YAML reads 16:00 as the number 960.
        if not isinstance(written, str) or not CLOCK.fullmatch(written):
            raise ValueError(f'{path}: desk.{name} is no time; write it in quotes, as in "08:00"')
        hours.append(time.fromisoformat(written))
    if hours[0] >= hours[1]:
        raise ValueError(f"{path}: desk closes before it opens")
    return hours[0], hours[1]


def _holidays(written: object, path: Path | None) -> dict[date, str | None]:
    """The days the office named."""
    try:
        return {_as_date(day["date"]): day["name"] and day["name"].strip() for day in written}
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{path}: holidays is not a list of {{date: YYYY-MM-DD, name: text}} ({error})") from error


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
