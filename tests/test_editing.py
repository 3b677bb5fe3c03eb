"""Entries are changed by draft, review and publication: roles, two editors at once, the golden gate, and who is told of a mistake."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text

from bot.domain.cases import Role
from bot.domain.editing import Fields, NotAllowed, PieceKind, changes, document_from, fields_of, merge
from bot.domain.messages import Channel, ChatRef, Reply
from bot.services import editing, golden_checks, knowledge_base, officers, people, questions
from bot.services.editing import Seen
from bot.services.questions import Asked
from bot.storage.database import Database, Session
from bot.storage.tables import AuditRecord, EntryDraft, Officer, OutboxMessage
from knowledge.entries import CONTENT, Entry, document_of, load_entries
from knowledge.office import load_office
from knowledge.validation import ID_CHARACTERS
from tests.fakes import VAULT

ENTRY = "paspor-hilang"
NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
TODAY = date(2026, 12, 1)
OFFICE = load_office(None)
RULES = {"office": OFFICE, "today": TODAY, "now": NOW}
STAFF = {"Budi": Role.OFFICER, "Rina": Role.SUPERVISOR, "Adi": Role.ADMIN}


@dataclass(frozen=True)
class Desk:
    """A transaction that is rolled back, with the staff and two published entries."""

    session: Session
    staff: dict[str, Officer]
    entry: Entry

    @property
    def fields(self) -> Fields:
        return fields_of(document_of(self.entry))

    async def saves(self, who: str, seen: Seen = Seen(0, 1), **changed: str) -> EntryDraft:
        fields = self.fields | {name.replace("__", "."): value for name, value in changed.items()}
        return await editing.save(self.session, self.staff[who], ENTRY, fields, seen, now=NOW)

    async def is_checked(self, draft: EntryDraft, *wrong: str, state: str = "done") -> None:
        """The golden questions were asked; those of `wrong` would be wrong."""
        check = await golden_checks.start_check(self.session, self.staff["Budi"], draft, now=NOW)
        check.state = state
        check.changes = [{"text": one, "is_right": False} for one in wrong]
        await self.session.flush()

    async def is_change_checked(self, revision: int, *wrong: str) -> None:
        """The golden questions were asked of the entry put back to `revision`, or retired (0)."""
        check = await golden_checks.start_change_check(self.session, self.staff["Rina"], ENTRY, revision, now=NOW)
        check.state, check.changes = "done", [{"text": one, "is_right": False} for one in wrong]
        await self.session.flush()

    async def publishes(self, who: str, draft: EntryDraft, *, reason: str = "", is_correction: bool = False) -> int:
        return await editing.publish(
            self.session,
            self.staff[who],
            draft,
            seen_version=draft.version,
            reason=reason,
            is_correction=is_correction,
            **RULES,
        )

    async def published(self) -> Entry:
        return next(one for one in await knowledge_base.published_entries(self.session) if one.id == ENTRY)


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    db = Database(database_url, VAULT)
    async with db.engine.connect() as connection, connection.begin() as outer:
        async with Session(connection, expire_on_commit=False) as session:
            entries = [entry for entry in load_entries(CONTENT / "faq") if entry.id in (ENTRY, "paspor-ditahan")]
            await knowledge_base.publish(session, entries, author="seed", now=NOW - timedelta(days=1))
            for number, (name, role) in enumerate(STAFF.items(), 1):
                await officers.add(session, number, name, role, now=NOW)
            rows = (await session.execute(select(Officer))).scalars()
            entry = next(entry for entry in entries if entry.id == ENTRY)
            yield Desk(session, {officer.name: officer for officer in rows}, entry)
        await outer.rollback()
    await db.close()


async def test_officer_drafts_and_a_supervisor_publishes(desk: Desk) -> None:
    draft = await desk.saves("Budi", title="Paspor saya hilang, bagaimana?")
    await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    await desk.is_checked(draft)
    await desk.publishes("Rina", draft)
    entry = await desk.published()
    assert (entry.title, entry.version) == ("Paspor saya hilang, bagaimana?", 2)
    newest = (await editing.revisions(desk.session, ENTRY))[0]
    assert (newest.officer, newest.row.author) == ("Rina", editing.CONSOLE)
    actions = (await desk.session.execute(select(AuditRecord.action).order_by(AuditRecord.id))).scalars().all()
    assert actions == ["isi:simpan", "isi:ajukan", "isi:terbitkan"]


async def test_who_wrote_any_of_it_does_not_publish_it_whatever_the_role(desk: Desk) -> None:
    await desk.saves("Adi", title="Paspor hilang?")
    draft = await desk.saves("Budi", Seen(1, 1), title="Paspor saya hilang?")
    await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    await desk.is_checked(draft)
    for author in ("Adi", "Budi"):
        with pytest.raises(NotAllowed):
            await desk.publishes(author, draft)
    await desk.publishes("Rina", draft)


async def test_officer_neither_retires_nor_rolls_back_nor_drops_the_draft_of_others(desk: Desk) -> None:
    draft, budi = await desk.saves("Adi", title="Paspor hilang?"), desk.staff["Budi"]
    with pytest.raises(NotAllowed):
        await editing.retire(desk.session, budi, ENTRY, "usang", now=NOW)
    with pytest.raises(NotAllowed):
        await editing.roll_back(desk.session, budi, ENTRY, 1, now=NOW)
    with pytest.raises(NotAllowed):
        await editing.discard(desk.session, budi, draft, now=NOW)


async def test_later_of_two_editors_is_told_and_both_changes_are_put_together(desk: Desk) -> None:
    await desk.saves("Budi", title="Judul Budi", near="paspor-ditahan")
    with pytest.raises(editing.ChangedMeanwhile) as refused:
        await desk.saves("Rina", title="Judul Rina", facts="F-401\nF-402")
    meanwhile = refused.value.meanwhile
    assert meanwhile.by == "Budi"
    assert meanwhile.merged.conflicts == {"title"}
    assert meanwhile.merged.fields["title"] == "Judul Rina"
    assert meanwhile.merged.fields["near"] == "paspor-ditahan"
    assert (await editing.open_draft(desk.session, ENTRY)).document["title"] == "Judul Budi"
    merged = meanwhile.merged.fields
    draft = await editing.save(desk.session, desk.staff["Rina"], ENTRY, merged, meanwhile.seen, now=NOW)
    assert (draft.document["title"], draft.document["facts"]) == ("Judul Rina", ["F-401", "F-402"])


async def test_draft_behind_a_newer_publication_is_not_published_over_it(desk: Desk) -> None:
    draft = await desk.saves("Budi", title="Judul Budi")
    await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    imported = document_of(desk.entry) | {"legal_basis": ["UU 6/2011"]}
    await knowledge_base.publish(desk.session, [knowledge_base.entry_from_document(imported)], author="cli", now=NOW)
    await desk.is_checked(draft)
    with pytest.raises(editing.ChangedMeanwhile):
        await desk.publishes("Rina", draft)
    meanwhile = await editing.behind(desk.session, draft)
    assert meanwhile.merged.fields["legal_basis"] == "UU 6/2011"
    assert meanwhile.merged.fields["title"] == "Judul Budi"
    saved = await editing.save(
        desk.session, desk.staff["Budi"], ENTRY, meanwhile.merged.fields, meanwhile.seen, now=NOW
    )
    assert saved.base_version == 2


async def test_draft_that_breaks_a_rule_of_the_content_is_kept_but_not_handed_in(desk: Desk) -> None:
    draft = await desk.saves("Budi", answer__short="Telepon 0812 3456 7890 sekarang.", last_checked="kapan-kapan")
    with pytest.raises(editing.NotReady) as refused:
        await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    assert {problem.place for problem in refused.value.problems} == {("last_checked",)}
    draft = await desk.saves("Budi", Seen(1, 1), answer__short="Telepon 0812 3456 7890 sekarang.", near="tidak-ada")
    with pytest.raises(editing.NotReady) as refused:
        await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    assert {("answer", "short"), ("near", 0)} <= {problem.place for problem in refused.value.problems}


async def test_wording_of_another_entry_is_refused(desk: Desk) -> None:
    entries = await knowledge_base.published_entries(desk.session)
    taken = next(entry for entry in entries if entry.id != ENTRY).variants[0]
    draft = await desk.saves("Budi", variants__formal=f"{desk.fields['variants.formal']}\n{taken.text.upper()}")
    with pytest.raises(editing.NotReady) as refused:
        await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    assert [problem.place[:2] for problem in refused.value.problems] == [("variants", "formal")]


async def test_publishing_needs_a_check_of_exactly_this_and_a_reason_against_its_result(desk: Desk) -> None:
    draft = await desk.saves("Budi", title="Paspor hilang?")
    await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    with pytest.raises(golden_checks.NotChecked):
        await desk.publishes("Rina", draft)
    await desk.is_checked(draft, "paspor kecebur")
    with pytest.raises(golden_checks.ReasonNeeded):
        await desk.publishes("Rina", draft)
    await desk.publishes("Rina", draft, reason="pertanyaan itu memang salah")
    newest = (await editing.revisions(desk.session, ENTRY))[0].row
    assert newest.reason == "pertanyaan itu memang salah"
    record = (await desk.session.execute(select(AuditRecord).where(AuditRecord.action == "isi:terbitkan"))).scalar_one()
    assert (record.after["alasan"], record.after["kini salah"]) == ("pertanyaan itu memang salah", 1)
    assert record.before == {"title": desk.entry.title}
    assert record.after["title"] == "Paspor hilang?"


async def test_check_is_stale_after_another_publication(desk: Desk) -> None:
    draft = await desk.saves("Budi", title="Paspor hilang?")
    await desk.is_checked(draft)
    assert await golden_checks.valid_check(desk.session, draft)
    assert await knowledge_base.retire(desk.session, "paspor-ditahan", now=NOW)
    assert await golden_checks.valid_check(desk.session, draft) is None


async def test_draft_that_was_not_handed_in_is_not_published(desk: Desk) -> None:
    draft = await desk.saves("Budi", title="Paspor hilang?")
    await desk.is_checked(draft)
    with pytest.raises(editing.NoSuchDraft):
        await desk.publishes("Rina", draft)


async def test_retired_entry_is_out_of_force_and_does_not_come_back_with_the_program(desk: Desk) -> None:
    version = await knowledge_base.content_version(desk.session)
    await desk.is_change_checked(golden_checks.RETIRED)
    await editing.retire(desk.session, desk.staff["Rina"], ENTRY, "usang", now=NOW)
    await knowledge_base.publish(desk.session, [desk.entry], author="seed", now=NOW)
    assert ENTRY not in [entry.id for entry in await knowledge_base.published_entries(desk.session)]
    assert await knowledge_base.content_version(desk.session) == version + 1


async def test_earlier_revision_comes_back_as_a_new_one(desk: Desk) -> None:
    draft = await desk.saves("Budi", title="Paspor hilang?")
    await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    await desk.is_checked(draft)
    await desk.publishes("Rina", draft)
    await desk.is_change_checked(1)
    await editing.roll_back(desk.session, desk.staff["Adi"], ENTRY, 1, now=NOW)
    entry = await desk.published()
    assert (entry.title, entry.version) == (desk.entry.title, 3)
    assert [revision.row.version for revision in await editing.revisions(desk.session, ENTRY)] == [3, 2, 1]


async def test_rollback_and_retirement_pass_the_golden_questions_too(desk: Desk) -> None:
    draft = await desk.saves("Budi", title="Paspor hilang?")
    await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    await desk.is_checked(draft)
    await desk.is_change_checked(1)
    await desk.publishes("Rina", draft)
    rina = desk.staff["Rina"]
    for step in (
        lambda reason: editing.roll_back(desk.session, rina, ENTRY, 1, reason, now=NOW),
        lambda reason: editing.retire(desk.session, rina, ENTRY, reason, now=NOW),
    ):
        with pytest.raises(golden_checks.NotChecked):
            await step("mendesak")
    await desk.is_change_checked(1, "paspor kecebur")
    with pytest.raises(golden_checks.ReasonNeeded):
        await editing.roll_back(desk.session, rina, ENTRY, 1, now=NOW)
    await editing.roll_back(desk.session, rina, ENTRY, 1, "yang baru keliru", now=NOW)
    record = (await desk.session.execute(select(AuditRecord).where(AuditRecord.action == "isi:pulihkan"))).scalar_one()
    assert (record.after["alasan"], record.after["kini salah"]) == ("yang baru keliru", 1)


async def asked(
    session: Session,
    who: str,
    *,
    ago: timedelta,
    is_blocked: bool = False,
    entry_id: str = ENTRY,
    country: str | None = None,
) -> None:
    chat = await people.chat_of(session, ChatRef(Channel.TELEGRAM, who), now=NOW)
    row = Asked("paspor hilang", "answer", entry_id, 1, 0.9, (), country, None, None)
    await questions.record(session, row, chat_id=chat.id, person_id=None, now=NOW - ago)
    if is_blocked:
        chat.unreachable_at = NOW


async def test_correction_is_told_once_to_each_who_was_given_the_old_answer(desk: Desk) -> None:
    await asked(desk.session, "sari", ago=timedelta(days=2))
    await asked(desk.session, "sari", ago=timedelta(days=3))
    await asked(desk.session, "lama", ago=timedelta(days=31))
    await asked(desk.session, "pergi", ago=timedelta(days=2), is_blocked=True)
    await asked(desk.session, "lain", ago=timedelta(days=2), entry_id="paspor-ditahan")
    draft = await desk.saves("Budi", title="Paspor hilang?")
    await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    await desk.is_checked(draft)
    assert await desk.publishes("Rina", draft, is_correction=True) == 1
    sent = (await desk.session.execute(select(OutboxMessage))).scalars().all()
    assert [message.priority for message in sent] == [editing.Priority.NOTICE]
    reply = Reply.from_json(sent[0].reply)
    assert "Paspor hilang?" in reply.body and reply.buttons[0][0].action == f"topik:{ENTRY}"


async def test_correction_tells_each_what_holds_for_the_countries_they_asked_of(desk: Desk) -> None:
    for who, country in (("sari", "brunei"), ("sari", None), ("sari", "sarawak"), ("joko", "taiwan")):
        await asked(desk.session, who, ago=timedelta(days=2), country=country)
    parts = {"countries__malaysia": "Di Malaysia, tanya KJRI.", "countries__brunei": "Di Brunei, tanya KBRI."}
    draft = await desk.saves("Budi", **parts)
    await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    await desk.is_checked(draft)
    assert await desk.publishes("Rina", draft, is_correction=True) == 2
    sent = (await desk.session.execute(select(OutboxMessage).order_by(OutboxMessage.id))).scalars()
    sari, joko = (Reply.from_json(message.reply).body for message in sent)
    assert all(part in sari and part not in joko for part in parts.values())


async def test_title_however_long_makes_a_code_that_fits_its_buttons(desk: Desk) -> None:
    title = "Bagaimana mengurus surat kapal yang tenggelam di laut? " * 3
    drafts = [await editing.propose(desk.session, desk.staff["Budi"], None, [title], now=NOW) for _ in range(2)]
    codes = {draft.entry_id for draft in drafts}
    assert len(codes) == 2 and all(len(code) <= ID_CHARACTERS for code in codes)


async def test_plain_publication_tells_nobody(desk: Desk) -> None:
    await asked(desk.session, "sari", ago=timedelta(days=2))
    draft = await desk.saves("Budi", title="Paspor hilang?")
    await editing.submit(desk.session, desk.staff["Budi"], draft, **RULES)
    await desk.is_checked(draft)
    assert await desk.publishes("Rina", draft) == 0
    assert (await desk.session.execute(text("select count(*) from outbox"))).scalar_one() == 0


@pytest.mark.parametrize("entry", load_entries(CONTENT / "faq")[::15], ids=lambda entry: entry.id)
def test_document_is_the_same_after_a_trip_through_the_form(entry: Entry) -> None:
    document = document_of(entry)
    assert document_from(entry.id, fields_of(document)) == document


def test_difference_marks_the_words_that_came_and_went() -> None:
    (change,) = changes({"title": "Biaya ke Taiwan"}, {"title": "Biaya ke Jepang"})
    assert [(piece.text, piece.kind) for piece in change.pieces] == [
        ("Biaya ke ", PieceKind.SAME),
        ("Taiwan", PieceKind.REMOVED),
        ("Jepang", PieceKind.ADDED),
    ]


def test_part_that_one_took_out_stays_out_when_the_other_left_it_alone() -> None:
    merged = merge({"a": "1", "b": "2"}, {"a": "1"}, {"a": "3", "b": "2"})
    assert (merged.fields, merged.conflicts) == ({"a": "3"}, frozenset())
