"""The registry in the database: versions of it, and look-ups in the one in force."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.domain.recruiters import (
    Changes,
    Found,
    JobOrder,
    Licence,
    LicenceStatus,
    RecruiterStatus,
    RegistryKind,
)
from bot.services import recruiters
from bot.services.recruiters import RegistryChanged
from bot.services.registry_file import RegistryFile, UnusableRegistry
from bot.storage.database import Database, upgrade
from bot.storage.tables import LicenceRow, RegistryVersion
from bot.texts.recruiters import advice, harmless
from tests.fakes import VAULT

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def licence(name: str, number: int, **other) -> Licence:
    standing = Licence(
        name=name,
        number=f"FIKTIF/{number}/SIP3MI/2025",
        address="Jl. Contoh Angsana No. 4",
        city="Batam",
        phone="(0778) 0000-111",
        status=LicenceStatus.ACTIVE,
        valid_until=date(2028, 3, 14),
        countries=("Malaysia",),
    )
    return replace(standing, **other)


def order(number: int, p3mi: str, country: str, position: str, **other) -> JobOrder:
    standing = JobOrder(f"FIKTIF/{number}/SIP2MI/2026", p3mi, country, position, 40, date(2027, 5, 1))
    return replace(standing, **other)


LICENCES = (
    licence("PT Gaharu Sepakat", 1),
    licence("PT Rotan Jelawat Bersama", 2, status=LicenceStatus.SUSPENDED),
    licence("PT Keladi Rimba Nusantara", 3, status=LicenceStatus.REVOKED),
    licence("PT Tembesu Anggun Sejahtera", 4, valid_until=TODAY - timedelta(days=1)),
)
ORDERS = (
    order(11, "pt. gaharu sepakat", "Malaysia", "Operator produksi"),
    order(12, "PT Gaharu Sepakat", "Taiwan", "Perawat lansia", valid_until=TODAY - timedelta(days=1)),
    order(13, "PT Gaharu Sepakat", "Brunei Darussalam", "Pekerja ladang", quota=None),
)


def file_of(kind: RegistryKind, rows: tuple) -> RegistryFile:
    return RegistryFile(kind, rows, tuple(range(2, len(rows) + 2)), "daftar.csv", "utf-8", ())


@pytest.fixture
async def database(empty_database: str) -> AsyncIterator[Database]:
    """A database of this test alone: what a registry says depends on everything imported before."""
    upgrade(empty_database, VAULT)
    database = Database(empty_database, VAULT)
    yield database
    await database.close()


async def imported(database: Database, *rows, data_date: date = TODAY) -> Changes:
    kind = RegistryKind.LICENCES if isinstance(rows[0], Licence) else RegistryKind.JOB_ORDERS
    async with database.transaction() as session:
        seen = await recruiters.changes(session, file_of(kind, rows))
        await recruiters.publish(session, file_of(kind, rows), seen, data_date=data_date, author="Rina", now=NOW)
    return seen


async def looked_up(database: Database, name: str, **asked) -> Found:
    async with database.transaction() as session:
        return await recruiters.look_up(session, name, **{"today": TODAY} | asked)


async def test_without_a_registry_nothing_is_said_about_the_licence(database: Database) -> None:
    found = await looked_up(database, "PT Gaharu Sepakat")
    assert (found.status, found.data_date) == (RecruiterStatus.NOT_FOUND, None)
    text = advice(found, today=TODAY)
    assert "belum ada di Silvi" in text and "tidak ada di daftar" not in text


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("pt gahru sepakat", RecruiterStatus.MATCH, "aktif, berlaku sampai 14 Maret 2028"),
        ("Rotan Jelawat Bersama", RecruiterStatus.SUSPENDED, "diskors"),
        ("PT Keladi Rimba Nusantara", RecruiterStatus.REVOKED, "sudah dicabut"),
        ("PT Tembesu Anggun Sejahtera", RecruiterStatus.EXPIRED, "sudah habis: 23 November 2026"),
        ("PT Gaharu Sejati", RecruiterStatus.NOT_FOUND, "tidak ada di daftar izin"),
        ("x", RecruiterStatus.NOT_FOUND, "terlalu pendek"),
    ],
)
async def test_answer_tells_the_standing_of_the_licence_today(database, name, status, said) -> None:
    await imported(database, *LICENCES)
    found = await looked_up(database, name)
    assert found.status == status
    text = advice(found, today=TODAY)
    assert said in text and "Data izin per 24 November 2026" in text and "lebih dari 30 hari" not in text


async def test_look_alike_names_the_licensed_company_the_difference_and_its_own_standing(database: Database) -> None:
    await imported(database, *LICENCES)
    found = await looked_up(database, "PT Keladi Rimba Sentosa")
    assert (found.status, found.licence.name) == (RecruiterStatus.LOOKALIKE, "PT Keladi Rimba Nusantara")
    assert found.difference == 'tertulis "Sentosa", di daftar "Nusantara"'
    text = advice(found, today=TODAY)
    assert found.difference in text and "Izin PT Keladi Rimba Nusantara sendiri sudah dicabut" in text
    assert "aktif" not in text


async def test_name_with_a_slip_asks_whether_this_company_is_meant(database: Database) -> None:
    await imported(database, *LICENCES)
    assert "huruf demi huruf" in advice(await looked_up(database, "gahru sepakat"), today=TODAY)
    assert "huruf demi huruf" not in advice(await looked_up(database, "PT Gaharu Sepakat"), today=TODAY)


async def test_index_made_ready_is_not_built_again_by_the_look_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(database, *LICENCES)
    await recruiters.make_ready(database)
    monkeypatch.setattr(recruiters, "NameIndex", None)
    assert (await looked_up(database, "PT Gaharu Sepakat")).status is RecruiterStatus.MATCH


async def test_branch_is_said_not_to_be_checked(database: Database) -> None:
    await imported(database, *LICENCES)
    found = await looked_up(database, "PT Gaharu Sepakat cabang Sambas")
    assert found.status == RecruiterStatus.MATCH and "cabang Sambas belum dicek" in advice(found, today=TODAY)


async def test_old_data_say_so(database: Database) -> None:
    await imported(database, *LICENCES, data_date=TODAY - timedelta(days=31))
    assert "lebih dari 30 hari" in advice(await looked_up(database, "PT Gaharu Sepakat"), today=TODAY)


async def test_licence_without_known_job_orders_is_no_clearance(database: Database) -> None:
    await imported(database, *LICENCES)
    text = advice(await looked_up(database, "PT Gaharu Sepakat"), today=TODAY)
    assert "Izin PT saja belum cukup" in text and "jangan bayar" in text


@pytest.mark.parametrize(
    ("country", "position", "numbers", "has_position", "said"),
    [
        ("malaysia", "operator", [11], True, "Ada job order untuk Malaysia sebagai operator"),
        ("sarawak", None, [11], False, "Ada job order untuk Sarawak"),
        ("brunei", None, [13], False, "Ada job order untuk Brunei"),
        ("Malaysia", "perawat", [11], False, "tidak ada untuk perawat"),
        ("taiwan", None, [], False, "Tidak ada job order PT ini untuk Taiwan"),
        ("hong-kong", "sopir", [], False, "Tidak ada job order PT ini untuk Hong Kong sebagai sopir"),
        (None, None, [13, 11], False, "Job order yang masih berlaku"),
    ],
)
async def test_job_order_is_looked_for_in_country_and_position(
    database, country, position, numbers, has_position, said
) -> None:
    await imported(database, *LICENCES)
    await imported(database, *ORDERS, data_date=TODAY - timedelta(days=2))
    found = await looked_up(database, "PT Gaharu Sepakat", country=country, position=position)
    assert [row.number for row in found.job_orders] == [f"FIKTIF/{number}/SIP2MI/2026" for number in numbers]
    assert found.has_position == has_position
    text = advice(found, today=TODAY)
    assert "sering dipakai penipu" in text
    assert said in text and "Data job order per 22 November 2026" in text
    assert ("belum cukup" in text) == (not (country and numbers and (has_position or position is None)))


async def test_company_without_a_licence_in_force_has_no_job_orders_to_show(database: Database) -> None:
    await imported(database, *LICENCES)
    await imported(database, order(14, "PT Rotan Jelawat Bersama", "Malaysia", "Pekerja ladang"))
    assert (await looked_up(database, "PT Rotan Jelawat Bersama", country="malaysia")).job_orders == ()


async def test_new_version_is_told_apart_from_the_old_one_and_replaces_it(database: Database) -> None:
    first = await imported(database, *LICENCES)
    assert (len(first.added), first.changed, first.gone, first.version_id) == (4, (), (), 0)
    assert (await looked_up(database, "PT Gaharu Sepakat")).status == RecruiterStatus.MATCH

    revoked = replace(LICENCES[0], status=LicenceStatus.REVOKED, countries=("Malaysia", "Taiwan"))
    second = await imported(database, revoked, *LICENCES[2:], licence("PT Kecapi Dua Muara", 5))
    assert second.added == ("PT Kecapi Dua Muara (FIKTIF/5/SIP3MI/2025)",)
    assert second.gone == ("PT Rotan Jelawat Bersama (FIKTIF/2/SIP3MI/2025)",)
    (changed,) = second.changed
    assert changed.fields == (("status", "aktif", "dicabut"), ("countries", "Malaysia", "Malaysia; Taiwan"))

    assert (await looked_up(database, "PT Gaharu Sepakat")).status == RecruiterStatus.REVOKED
    assert (await looked_up(database, "PT Rotan Jelawat Bersama")).status == RecruiterStatus.NOT_FOUND
    assert (await looked_up(database, "PT Kecapi Dua Muara")).status == RecruiterStatus.MATCH


async def test_old_versions_stay_with_their_date_and_author(database: Database) -> None:
    await imported(database, *LICENCES, data_date=date(2026, 10, 1))
    await imported(database, *LICENCES[:1])
    async with database.transaction() as session:
        versions = list((await session.execute(select(RegistryVersion).order_by(RegistryVersion.id))).scalars())
        rows = (await session.execute(select(func.count()).select_from(LicenceRow))).scalar_one()
    assert [(row.data_date, row.imported_by, row.rows, row.gone) for row in versions] == [
        (date(2026, 10, 1), "Rina", 4, 0),
        (TODAY, "Rina", 1, 3),
    ]
    assert rows == 5


async def test_import_that_another_one_overtook_is_refused(database: Database) -> None:
    file = file_of(RegistryKind.LICENCES, LICENCES)
    async with database.transaction() as session:
        seen = await recruiters.changes(session, file)
    await imported(database, *LICENCES[:1])
    with pytest.raises(RegistryChanged):
        async with database.transaction() as session:
            await recruiters.publish(session, file, seen, data_date=TODAY, author="Budi", now=NOW)
    assert (await looked_up(database, "PT Rotan Jelawat Bersama")).status == RecruiterStatus.NOT_FOUND


async def test_job_orders_of_companies_that_are_not_licensed_are_refused_with_their_lines(database: Database) -> None:
    with pytest.raises(UnusableRegistry, match="daftar izin P3MI dulu"):
        await imported(database, *ORDERS)
    await imported(database, *LICENCES)
    with pytest.raises(UnusableRegistry) as caught:
        await imported(
            database,
            *ORDERS,
            order(14, "PT Gahru Sepakat", "Malaysia", "Sopir"),
            order(15, "PT Serabi", "Malaysia", "Sopir"),
        )
    assert str(caught.value).splitlines() == [
        "baris 5: P3MI 'PT Gahru Sepakat' tidak ada di daftar izin, yang mirip: PT Gaharu Sepakat",
        "baris 6: P3MI 'PT Serabi' tidak ada di daftar izin",
    ]


def test_nothing_that_is_printed_begins_like_a_formula() -> None:
    assert harmless("=HYPERLINK(1)") == "HYPERLINK(1)" and harmless("@sum") == "sum" and harmless("+-1+1") == "1+1"
    assert harmless("+62 778 0000-111") == "+62 778 0000-111"
