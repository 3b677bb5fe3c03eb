"""Changing the knowledge base in the console: the form, the review, revisions; what is refused is said and kept in the form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot import golden_gate
from bot.app import App
from bot.channels.telegram.render import render
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.domain.cases import Role
from bot.domain.editing import (
    ALLOWED,
    TRANSITIONS,
    DraftState,
    EditAction,
    Fields,
    NoSuchEntry,
    NotAllowed,
    PieceKind,
    changes,
    document_from,
    fields_of,
)
from bot.domain.messages import LARGEST_NUMBER, Reply
from bot.services import editing, golden_checks
from bot.services.editing import ChangedMeanwhile, Meanwhile, Seen
from bot.storage.tables import EntryDraft, GoldenCheck
from bot.texts import answers
from bot.texts import editing as words
from knowledge import countries, plain_language, validation
from knowledge.base import KnowledgeBase
from knowledge.entries import CONTENT, Entry, entry_from_document, read_yaml
from knowledge.written import KeyPath

MAX_REASON = 500
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = ("baru", "berkas", "coba")
"""Addresses of other pages."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as Telegram shows it, with its buttons below the last."""

    html: Markup
    buttons: tuple[tuple[str, ...], ...] = ()


@dataclass(slots=True)
class Form:
    """What the page of the form shows."""

    fields: Fields
    seen: Seen
    meanwhile: Meanwhile | None = None
    notice: str = ""
    problems: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditPages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        return (
            Page("/konsol/isi/baru", self.new),
            Page("/konsol/isi/baru", self.make, method="POST"),
            Page("/konsol/isi/{entry_id}/ubah", self.form),
            Page("/konsol/isi/{entry_id}/ubah", self.save, method="POST"),
            Page("/konsol/isi/{entry_id}/pratinjau", self.preview, method="POST"),
            Page("/konsol/isi/{entry_id}/draf", self.draft),
            Page("/konsol/isi/{entry_id}/draf", self.act, method="POST"),
            Page("/konsol/isi/{entry_id}/riwayat", self.history),
            Page("/konsol/isi/{entry_id}/riwayat", self.roll_back, Role.SUPERVISOR, method="POST"),
            Page("/konsol/isi/{entry_id}/uji", self.begin_change, Role.SUPERVISOR, method="POST"),
            Page("/konsol/isi/{entry_id}/uji/{version:int}", self.change, Role.SUPERVISOR),
            Page("/konsol/isi/{entry_id}/tarik", self.retire, Role.SUPERVISOR, method="POST"),
        )

    async def new(self, visit: Visit, *, problem: str = "") -> Response:
        """Code and group of a new entry."""
        return self.guard.show(
            visit,
            "entri_baru.html",
            status_code=422 if problem else 200,
            categories=_categories(),
            problem=problem,
            typed=visit.fields,
        )

    async def make(self, visit: Visit) -> Response:
        """Begin a new entry."""
        entry_id, category = visit.fields.get("kode", "").strip(), visit.fields.get("kelompok", "")
        if not _ID.fullmatch(entry_id) or len(entry_id) > validation.ID_CHARACTERS or entry_id in RESERVED:
            return await self.new(visit, problem=words.BAD_ID)
        if category not in _categories():
            return await self.new(visit, problem=words.UNKNOWN_CATEGORY)
        today = self._today(visit)
        begun = {"title": visit.fields.get("judul", ""), "category": category, "last_checked": today.isoformat()}
        try:
            await editing.save(
                visit.session, visit.officer, entry_id, begun | {"officer": "offer"}, Seen(0, 0), now=visit.now
            )
        except ChangedMeanwhile:
            return await self.new(visit, problem=words.TAKEN)
        return _to(f"/konsol/isi/{entry_id}/ubah")

    async def form(self, visit: Visit) -> Response:
        """The draft as fields, or what is published where there is none."""
        entry_id = _entry_id(visit)
        draft, row = await editing.open_draft(visit.session, entry_id), await editing.entry_row(visit.session, entry_id)
        if draft is None and row is None:
            raise HTTPException(404)
        if draft is None:
            return await self._show_form(visit, Form(fields_of(row.document), Seen(0, row.version)))
        if meanwhile := await editing.behind(visit.session, draft):
            notice = words.PUBLISHED_BY.format(name=words.AUTHORS.get(meanwhile.by, meanwhile.by))
            return await self._show_form(visit, Form(meanwhile.merged.fields, meanwhile.seen, meanwhile, notice))
        form = Form(fields_of(draft.document), Seen(draft.version, draft.base_version))
        form.problems = await self._problems(visit, draft.document)
        return await self._show_form(visit, form)

    async def save(self, visit: Visit) -> Response:
        """Keep the draft; where somebody else was faster, the form comes back with both changes put together."""
        entry_id = _entry_id(visit)
        fields = _typed(visit)
        seen = Seen(_number(visit.fields.get("versi", "")), _number(visit.fields.get("dasar", "")))
        try:
            await editing.save(visit.session, visit.officer, entry_id, fields, seen, now=visit.now)
        except ChangedMeanwhile as changed:
            meanwhile = changed.meanwhile
            name = words.AUTHORS.get(meanwhile.by, meanwhile.by)
            told = words.SAVED_BY if meanwhile.seen.version != seen.version else words.PUBLISHED_BY
            form = Form(meanwhile.merged.fields, meanwhile.seen, meanwhile, told.format(name=name))
            return await self._show_form(visit, form, status_code=409)
        return _to(f"/konsol/isi/{entry_id}/draf")

    async def preview(self, visit: Visit) -> Response:
        """What is typed so far, as Telegram would show it; nothing is kept."""
        document = document_from(_entry_id(visit), _typed(visit))
        return self.guard.show(visit, "pratinjau.html", bubbles=self._bubbles(document, self._today(visit)))

    async def draft(self, visit: Visit, *, notice: str = "") -> Response:
        """What the draft would change, how it would look, what speaks against it, and the next step."""
        draft = await self._draft(visit)
        row = await editing.entry_row(visit.session, draft.entry_id)
        authors, meanwhile = await editing.authors_of(visit.session, draft), await editing.behind(visit.session, draft)
        check = await golden_checks.newest_check(visit.session, draft)
        valid = await golden_checks.valid_check(visit.session, draft)
        is_checking = (
            check is not None and check.state == "running" and not golden_checks.has_died(check, now=visit.now)
        )
        return self.guard.show(
            visit,
            "draf.html",
            status_code=422 if notice else 200,
            draft=draft,
            notice=notice,
            behind=_behind(meanwhile) if meanwhile else "",
            authors=authors,
            own_draft=words.OWN_DRAFT if visit.officer.id in authors else "",
            may={action.value: _may(visit, draft, action) for action in EditAction},
            changes=changes(fields_of(row.document) if row else {}, fields_of(draft.document)),
            problems=await self._problems(visit, draft.document),
            bubbles=self._bubbles(draft.document, self._today(visit)),
            check=check,
            is_checking=is_checking,
            valid=valid,
            wrong=golden_checks.now_wrong(check) if check else [],
            reason=visit.fields.get("alasan", ""),
            **_names(),
        )

    async def act(self, visit: Visit) -> Response:
        """One step of the draft; what is refused is said on its page."""
        draft = await self._draft(visit, for_update=True)
        said = visit.fields.get("alasan", "").strip()[:MAX_REASON]
        try:
            return await self._perform(visit, draft, visit.fields.get("tindakan", ""), said)
        except NotAllowed:
            is_own = visit.officer.id in await editing.authors_of(visit.session, draft)
            return await self.draft(visit, notice=words.OWN_DRAFT if is_own else words.NOT_ALLOWED)
        except editing.NoSuchDraft:
            return await self.draft(visit, notice=words.GONE)
        except ChangedMeanwhile:
            # A newer publication is told of by the page itself.
            is_behind = await editing.behind(visit.session, draft) is not None
            return await self.draft(visit, notice=words.NOT_OVER_NEWER if is_behind else words.CHANGED)
        except editing.NotReady:
            return await self.draft(visit, notice=words.HAS_PROBLEMS)
        except golden_checks.NotChecked:
            return await self.draft(visit, notice=words.NOT_CHECKED)
        except golden_checks.ReasonNeeded:
            return await self.draft(visit, notice=words.REASON_NEEDED)

    async def history(self, visit: Visit) -> Response:
        """Every revision, each with what it changed."""
        entry_id = _entry_id(visit)
        found = await editing.revisions(visit.session, entry_id)
        if not found:
            raise HTTPException(404)
        older = [fields_of(revision.row.document) for revision in found[1:]] + [{}]
        changed = [
            changes(before, fields_of(revision.row.document)) for revision, before in zip(found, older, strict=True)
        ]
        return self.guard.show(
            visit,
            "riwayat.html",
            entry_id=entry_id,
            found=list(zip(found, changed, strict=True)),
            may_roll_back=Role(visit.officer.role) in ALLOWED[EditAction.ROLL_BACK],
            zone=ZoneInfo(self.app.settings.time_zone),
            authors=words.AUTHORS,
            **_names(),
        )

    async def begin_change(self, visit: Visit) -> Response:
        """Ask the golden questions of an entry that would be retired or put back to an earlier revision."""
        entry_id, version = _entry_id(visit), _number(visit.fields.get("versi", ""))
        try:
            check = await golden_checks.start_change_check(
                visit.session, visit.officer, entry_id, version, now=visit.now
            )
        except NoSuchEntry:
            raise HTTPException(404) from None
        return _to(f"/konsol/isi/{entry_id}/uji/{version}", self._after_commit(check))

    async def change(self, visit: Visit, *, version: int | None = None, notice: str = "") -> Response:
        """What the golden questions say, and the step itself."""
        entry_id = _entry_id(visit)
        version = min(visit.request.path_params["version"], LARGEST_NUMBER) if version is None else version
        check = await golden_checks.newest_change_check(visit.session, entry_id, version)
        if check is None and not notice:
            raise HTTPException(404)
        wrong = golden_checks.now_wrong(check) if check else []
        return self.guard.show(
            visit,
            "uji.html",
            status_code=422 if notice else 200,
            entry_id=entry_id,
            version=version,
            notice=notice,
            check=check,
            is_checking=bool(check) and check.state == "running" and not golden_checks.has_died(check, now=visit.now),
            valid=bool(check) and await golden_checks.is_valid(visit.session, check),
            wrong=wrong,
            needs_reason=not version or bool(wrong) or bool(check and check.state == "failed"),
        )

    async def roll_back(self, visit: Visit) -> Response:
        """Put an earlier revision in force again."""
        entry_id, version = _entry_id(visit), _number(visit.fields.get("versi", ""))
        reason = visit.fields.get("alasan", "").strip()[:MAX_REASON]
        try:
            await editing.roll_back(visit.session, visit.officer, entry_id, version, reason, now=visit.now)
        except NoSuchEntry:
            raise HTTPException(404) from None
        except golden_checks.NotChecked:
            return await self.change(visit, version=version, notice=words.NOT_CHECKED)
        except golden_checks.ReasonNeeded:
            return await self.change(visit, version=version, notice=words.REASON_NEEDED)
        return _to(f"/konsol/isi/{entry_id}/riwayat")

    async def retire(self, visit: Visit) -> Response:
        """Take the entry out of what Silvi answers, with the reason."""
        entry_id, reason = _entry_id(visit), visit.fields.get("alasan", "").strip()[:MAX_REASON]
        if not reason:
            return await self.change(visit, version=golden_checks.RETIRED, notice=words.REASON_NEEDED)
        try:
            await editing.retire(visit.session, visit.officer, entry_id, reason, now=visit.now)
        except NoSuchEntry:
            raise HTTPException(404) from None
        except golden_checks.NotChecked:
            return await self.change(visit, version=golden_checks.RETIRED, notice=words.NOT_CHECKED)
        return _to("/konsol/isi")

    async def _perform(self, visit: Visit, draft: EntryDraft, action: str, said: str) -> Response:
        session, officer, now = visit.session, visit.officer, visit.now
        rules = {"office": self.app.office(), "today": self._today(visit)}
        here = f"/konsol/isi/{draft.entry_id}/draf"
        match action:
            case "ajukan":
                await editing.submit(session, officer, draft, now=now, **rules)
                return await self._check(visit, draft)
            case "periksa":
                return await self._check(visit, draft)
            case "kembalikan":
                if not said:
                    raise golden_checks.ReasonNeeded
                await editing.send_back(session, officer, draft, said, now=now)
                return _to(here)
            case "buang":
                await editing.discard(session, officer, draft, now=now)
                return _to("/konsol/isi")
            case "terbitkan":
                await editing.publish(
                    session,
                    officer,
                    draft,
                    seen_version=_number(visit.fields.get("versi", "")),
                    reason=said,
                    is_correction=visit.fields.get("koreksi") == "ya",
                    now=now,
                    **rules,
                )
                return _to(f"/konsol/isi/{draft.entry_id}/riwayat")
            case _:
                raise HTTPException(400)

    async def _check(self, visit: Visit, draft: EntryDraft) -> Response:
        """Ask the golden questions after the commit, beside everything else."""
        check = await golden_checks.start_check(visit.session, visit.officer, draft, now=visit.now)
        return _to(f"/konsol/isi/{draft.entry_id}/draf", self._after_commit(check))

    def _after_commit(self, check: GoldenCheck | None) -> BackgroundTask:
        async def begin() -> None:
            if check is not None:
                self.app.later.after(0, lambda: golden_gate.run(self.app, check.id))

        return BackgroundTask(begin)

    async def _show_form(self, visit: Visit, form: Form, *, status_code: int = 200) -> Response:
        styles = [name.removeprefix("variants.") for name in form.fields if name.startswith("variants.")]
        parts = [name.removeprefix("countries.") for name in form.fields if name.startswith("countries.")]
        meanwhile = form.meanwhile
        return self.guard.show(
            visit,
            "ubah.html",
            status_code=status_code,
            entry_id=_entry_id(visit),
            form=form,
            meanwhile=changes(meanwhile.before, meanwhile.after) if meanwhile else (),
            conflicts=meanwhile.merged.conflicts if meanwhile else frozenset(),
            categories=_categories(),
            officers=words.OFFICERS,
            styles=[*words.STYLES, *(style for style in styles if style not in words.STYLES)],
            parts=parts,
            other_countries=sorted(countries.codes() - set(parts)),
            rules=validation,
            language=plain_language,
            **_names(),
        )

    async def _draft(self, visit: Visit, *, for_update: bool = False) -> EntryDraft:
        draft = await editing.open_draft(visit.session, _entry_id(visit), for_update=for_update)
        if draft is None:
            raise HTTPException(404)
        return draft

    async def _problems(self, visit: Visit, document: dict) -> dict[str, list[str]]:
        """What is wrong, by the field it stands in; "" for the whole entry."""
        found: dict[str, list[str]] = {}
        others = await self.app.knowledge.published(visit.session)
        rules = {"office": self.app.office(), "today": self._today(visit)}
        for problem in validation.check_document(document, others, **rules):
            found.setdefault(_field_of(problem.place), []).append(problem.reason)
        return found

    def _bubbles(self, document: dict, today: date) -> list[Bubble]:
        """The answer as Telegram shows it; nothing while the index is away or a date is still missing."""
        base = self.app.knowledge.current
        try:
            entry = entry_from_document(document)
            return telegram_bubbles(base, entry, today) if base else []
        except (KeyError, ValueError):
            return []

    def _today(self, visit: Visit) -> date:
        return visit.now.astimezone(ZoneInfo(self.app.settings.time_zone)).date()


def telegram_bubbles(base: KnowledgeBase, entry: Entry, today: date) -> list[Bubble]:
    """Short answer, full answer and the country parts, as a person sees them in Telegram."""
    replies = [answers.short_answer(base, entry, None, today=today)]
    replies += [answers.full_answer(base, entry, today=today)] if entry.more else []
    replies += [answers.short_answer(base, entry, country, today=today) for country in entry.countries]
    return [bubble for reply in replies for bubble in telegram_messages(reply)]


def telegram_messages(reply: Reply) -> list[Bubble]:
    """The message as Telegram shows it."""
    # The text was escaped when it was rendered for Telegram, which knows but a few tags.
    bubbles = [Bubble(Markup(part.html)) for part in render(reply)]
    buttons = tuple(tuple(button.label for button in row) for row in reply.buttons)
    return [*bubbles[:-1], Bubble(bubbles[-1].html, buttons)] if bubbles else []


def _behind(meanwhile: Meanwhile) -> str:
    return words.BEHIND.format(name=words.AUTHORS.get(meanwhile.by, meanwhile.by))


def _names() -> dict[str, object]:
    return {"field_name": words.field_name, "states": words.STATES, "PieceKind": PieceKind}


def _may(visit: Visit, draft: EntryDraft, action: EditAction) -> bool:
    return Role(visit.officer.role) in ALLOWED[action] and (DraftState(draft.state), action) in TRANSITIONS


def _typed(visit: Visit) -> Fields:
    """The fields of the form; a new country part comes under a name of its own."""
    fields = {name.removeprefix("f."): value for name, value in visit.fields.items() if name.startswith("f.")}
    code, text = visit.fields.get("negara_baru", ""), visit.fields.get("negara_baru_isi", "")
    if code in countries.codes() and text.strip():
        fields.setdefault(f"countries.{code}", text)
    return fields


def _field_of(place: KeyPath) -> str:
    if not place:
        return ""
    first = str(place[0])
    return f"{first}.{place[1]}" if first in ("answer", "countries", "variants") and len(place) > 1 else first


def _categories() -> dict[str, str]:
    return read_yaml(CONTENT / "categories.yaml")


def _entry_id(visit: Visit) -> str:
    entry_id = visit.request.path_params["entry_id"]
    if not _ID.fullmatch(entry_id) or len(entry_id) > 64:
        raise HTTPException(404)
    return entry_id


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0


def _to(path: str, background: BackgroundTask | None = None) -> Response:
    return RedirectResponse(path, status_code=303, headers=NO_STORE, background=background)
