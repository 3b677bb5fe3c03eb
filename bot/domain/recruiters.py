"""Licences of placement companies (P3MI) and their job orders: what holds on a given day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

DATA_IS_OLD_AFTER_DAYS = 30


class RegistryKind(StrEnum):
    LICENCES = "licences"
    JOB_ORDERS = "job_orders"


class LicenceStatus(StrEnum):
    """As the registry writes it."""

    ACTIVE = "aktif"
    SUSPENDED = "skors"
    REVOKED = "dicabut"
    EXPIRED = "kedaluwarsa"


class RecruiterStatus(StrEnum):
    """What a look-up of a name says."""

    MATCH = "match"
    LOOKALIKE = "lookalike"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Licence:
    """A P3MI and its licence (SIP3MI)."""

    name: str
    number: str
    address: str
    city: str
    phone: str
    status: LicenceStatus
    valid_until: date
    countries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobOrder:
    """Leave to recruit (SIP2MI) for one position in one country; `quota` counts people."""

    number: str
    p3mi: str
    country: str
    position: str
    quota: int | None
    valid_until: date


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to "is this recruiter licensed?".

    `licence` is the one the name belongs to, or for a look-alike the one it must not be taken for, with the `difference` in
    words; `others` are registered names just as near. `is_exact` tells whether the name was written word for word. `data_date` is None where no registry has been imported: then nothing
    can be said. `orders_date` is the same for job orders. `job_orders` are those of that company that hold on the day for the
    country and position asked about; where none is for the position (`has_position` False) those for the country.
    """

    query: str
    status: RecruiterStatus
    licence: Licence | None = None
    others: tuple[str, ...] = ()
    difference: str | None = None
    branch: str | None = None
    is_exact: bool = False
    data_date: date | None = None
    orders_date: date | None = None
    country: str | None = None
    position: str | None = None
    job_orders: tuple[JobOrder, ...] = ()
    has_position: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """One row that is in both versions: what it is called, and (field, old, new) for each difference."""

    label: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import changes against the version in force, `version_id` (0 where there is none) of `data_date`."""

    kind: RegistryKind
    version_id: int
    data_date: date | None
    rows: int
    added: tuple[str, ...]
    changed: tuple[Changed, ...]
    gone: tuple[str, ...]


def status_on(licence: Licence, today: date) -> RecruiterStatus:
    """What the licence is worth on `today`; a decision of the authority stands before the date."""
    if licence.status == LicenceStatus.REVOKED:
        return RecruiterStatus.REVOKED
    if licence.status == LicenceStatus.SUSPENDED:
        return RecruiterStatus.SUSPENDED
    if licence.status == LicenceStatus.EXPIRED or licence.valid_until < today:
        return RecruiterStatus.EXPIRED
    return RecruiterStatus.MATCH


def standing_changes(
    before: Sequence[Licence], after: Sequence[Licence], *, told_on: date, today: date
) -> list[tuple[str, RecruiterStatus, date | None]]:
    """Companies that stand otherwise `today` than by the version before on the day last told: name, standing, valid until."""
    earlier = {licence.name.casefold(): licence for licence in before}
    later = {licence.name.casefold(): licence for licence in after}
    changed = [
        (licence.name, status_on(licence, today), licence.valid_until)
        for name, licence in later.items()
        if name not in earlier or status_on(earlier[name], told_on) != status_on(licence, today)
    ]
    return changed + [(one.name, RecruiterStatus.NOT_FOUND, None) for name, one in earlier.items() if name not in later]


def is_old(data_date: date, today: date) -> bool:
    """Whether data of `data_date` must be shown with a caution."""
    return (today - data_date).days > DATA_IS_OLD_AFTER_DAYS
