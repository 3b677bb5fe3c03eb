"""Broadcasts in the console: writing, trying out, a second person's word, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.app import App
from bot.channels.web.console.editing import telegram_messages
from bot.channels.web.console.guard import NO_STORE, Guard, Page, Visit
from bot.channels.web.files import MAX_FILE_BYTES, checked
from bot.domain import broadcasts as rules
from bot.domain.broadcasts import Audience, BroadcastAction, NotPossible, Topic
from bot.domain.cases import Role
from bot.domain.districts import DISTRICTS
from bot.domain.figures import FEWEST, Table
from bot.domain.messages import LARGEST_NUMBER, Kind
from bot.services import broadcast_figures, broadcasts, outbox
from bot.services.attachments import TooManyAttachments
from bot.services.broadcasts import ChangedMeanwhile, NotAllowed, Written
from bot.services.programmes import BOX
from bot.storage.tables import Broadcast, Officer
from bot.texts import broadcasts as words
from bot.texts import subscriptions as subscription_words
from bot.texts.figures import number as figure
from bot.texts.formats import country_name

SHOWN = 100
MAX_REASON = 500
LOCAL = "%Y-%m-%dT%H:%M"
"""As a browser's field for a moment writes it, by the office's clock."""


class Unusable(ValueError):
    """What was typed is no broadcast; the text says why."""


@dataclass(frozen=True, slots=True)
class BroadcastPages:
    """The handlers."""

    app: App
    guard: Guard

    def pages(self) -> tuple[Page, ...]:
        one, lead = "/konsol/siaran/{number:int}", Role.SUPERVISOR
        return (
            Page("/konsol/siaran", self.all, lead),
            Page("/konsol/siaran/baru", self.form, lead),
            Page("/konsol/siaran/baru", self.save, lead, method="POST"),
            Page(one, self.show, lead),
            Page(one, self.act, lead, method="POST"),
            Page(f"{one}/ubah", self.form, lead),
            Page(f"{one}/ubah", self.save, lead, method="POST"),
            Page(f"{one}/gambar", self.picture, lead, method="POST", file_bytes=MAX_FILE_BYTES),
        )

    async def all(self, visit: Visit) -> Response:
        """What is under way, and what was."""
        shown = await broadcasts.newest(visit.session, limit=SHOWN)
        return self.guard.show(visit, "siaran.html", shown=shown, zone=self._zone(), now=visit.now, words=words)

    async def form(self, visit: Visit, *, problem: str = "") -> Response:
        """The fields: as typed, as kept, or empty."""
        found = await self._found(visit) if "number" in visit.request.path_params else None
        return self.guard.show(
            visit,
            "siaran_ubah.html",
            status_code=422 if problem else 200,
            broadcast=found,
            typed=visit.fields or (self._fields_of(found) if found else {}),
            problem=problem,
            rules=rules,
            topics=subscription_words.TOPICS,
            countries={code: country_name(code) for code in subscription_words.COUNTRIES},
            districts=DISTRICTS,
        )

    async def save(self, visit: Visit) -> Response:
        """Keep the draft."""
        found = await self._found(visit, for_update=True) if "number" in visit.request.path_params else None
        try:
            written = self._written(visit, found)
            kept = await broadcasts.write(visit.session, visit.officer, written, found, now=visit.now)
        except Unusable as unusable:
            return await self.form(visit, problem=str(unusable))
        except NotPossible:
            return await self.form(visit, problem=words.NOT_NOW)
        return _to(kept.id)

    async def show(self, visit: Visit, *, notice: str = "", status_code: int = 200) -> Response:
        """How it looks, whom it would reach, the next step, and what came of it."""
        found = await self._found(visit)
        has_begun = found.begun_at is not None
        message = words.message(found, await broadcasts.media_of(visit.session, found))
        return self.guard.show(
            visit,
            "siaran_satu.html",
            status_code=status_code,
            broadcast=found,
            notice=notice,
            words=words,
            zone=self._zone(),
            now=visit.now,
            asleep=await broadcasts.count_asleep(visit.session, found, now=visit.now) if has_begun else 0,
            bubbles=telegram_messages(message),
            dry=None if has_begun else await self._dry_run(visit, found),
            progress=_progress(await broadcasts.progress(visit.session, found.id)) if has_begun else [],
            figures=await broadcast_figures.of(visit.session, found.id) if has_begun else None,
            figure=figure,
            few=_few,
            may={action.value: rules.may_now(found.state, action) for action in BroadcastAction},
            is_own=found.author_id == visit.officer.id,
            author=await visit.session.get_one(Officer, found.author_id),
            approver=await visit.session.get(Officer, found.approver_id) if found.approver_id else None,
        )

    async def act(self, visit: Visit) -> Response:
        """One step; what is refused is said on its page."""
        found = await self._found(visit, for_update=True)
        try:
            refused = await self._perform(visit, found, visit.fields.get("tindakan", ""))
        except NotAllowed:
            refused = words.OWN_WORDS
        except NotPossible:
            refused = words.NOT_NOW
        except ChangedMeanwhile:
            refused = words.CHANGED
        if refused:
            return await self.show(visit, notice=refused, status_code=422)
        await outbox.announce(visit.session)
        return _to(found.id)

    async def picture(self, visit: Visit) -> Response:
        """Its one picture, or another in its place."""
        found = await self._found(visit, for_update=True)
        try:
            file = checked(visit.file.name, visit.file.content)
        except HTTPException:
            return await self.show(visit, notice=words.BAD_PICTURE, status_code=422)
        if file.kind is not Kind.PICTURE or len(found.body) > rules.MAX_CAPTIONED:
            limits = {"limit": rules.MAX_BODY, "captioned": rules.MAX_CAPTIONED}
            told = words.BAD_PICTURE if file.kind is not Kind.PICTURE else words.BAD_BODY.format(**limits)
            return await self.show(visit, notice=told, status_code=422)
        try:
            await broadcasts.set_picture(
                visit.session, visit.officer, found, file.name, file.mime_type, file.content, now=visit.now
            )
        except NotPossible:
            return await self.show(visit, notice=words.NOT_NOW, status_code=422)
        except TooManyAttachments:
            return await self.show(visit, notice=words.TOO_MANY_PICTURES, status_code=422)
        return _to(found.id)

    async def _perform(self, visit: Visit, found: Broadcast, step: str) -> str:
        """Do the step; returns what is to be said of it, empty where there is nothing."""
        session, officer, now = visit.session, visit.officer, visit.now
        match step:
            case "pratinjau":
                await broadcasts.preview(session, officer, found, now=now)
            case "tanpa-gambar":
                await broadcasts.drop_picture(session, officer, found, now=now)
            case BroadcastAction.SUBMIT:
                await broadcasts.submit(session, officer, found, now=now)
            case BroadcastAction.SEND_BACK:
                reason = visit.fields.get("alasan", "").strip()[:MAX_REASON]
                if not reason:
                    return words.REASON_NEEDED
                await broadcasts.send_back(session, officer, found, reason, now=now)
            case BroadcastAction.APPROVE:
                await broadcasts.approve(session, officer, found, version=_number(visit.fields.get("versi")), now=now)
            case BroadcastAction.PAUSE | BroadcastAction.RESUME | BroadcastAction.STOP:
                await broadcasts.steer(session, officer, found, BroadcastAction(step), now=now)
            case _:
                raise HTTPException(400)
        return ""

    async def _dry_run(self, visit: Visit, found: Broadcast) -> broadcasts.DryRun:
        return await broadcasts.dry_run(visit.session, found, zone=self._zone(), now=visit.now)

    def _written(self, visit: Visit, found: Broadcast | None) -> Written:
        """The broadcast that was typed; raises Unusable."""
        fields = {name: value.strip() for name, value in visit.fields.items()}
        has_picture, episode_id = bool(found and found.picture_id), found.episode_id if found else None
        title, body = fields.get("judul", ""), fields.get("isi", "").replace("\r\n", "\n")
        if not 1 <= len(title) <= rules.MAX_TITLE:
            raise Unusable(words.BAD_TITLE.format(limit=rules.MAX_TITLE))
        if not 1 <= len(body) <= (rules.MAX_CAPTIONED if has_picture else rules.MAX_BODY):
            raise Unusable(words.BAD_BODY.format(limit=rules.MAX_BODY, captioned=rules.MAX_CAPTIONED))
        start_at, expires_at = self._moment(fields.get("mulai", "")), self._moment(fields.get("batas", ""))
        begins_at = start_at or visit.now
        is_past = begins_at < visit.now
        begins_at = rules.quiet_until(begins_at, self._zone()) or begins_at
        if is_past or (expires_at and expires_at <= begins_at):
            raise Unusable(words.BAD_TIME)
        return Written(title, body, self._buttons(fields, episode_id), _audience(fields), start_at, expires_at)

    def _buttons(self, fields: Mapping[str, str], episode_id: int | None) -> tuple[tuple[str, str], ...]:
        base, buttons = self.app.knowledge.current, []
        for number in range(1, rules.MAX_BUTTONS + 1):
            label, opens = fields.get(f"tombol{number}", ""), fields.get(f"tujuan{number}", "")
            if not (label or opens):
                continue
            is_entry = base is not None and opens in base.entries
            is_box = episode_id is not None and opens == f"{BOX}{episode_id}"
            is_address = opens.startswith("https://") and not any(sign.isspace() for sign in opens)
            if not 1 <= len(label) <= rules.MAX_LABEL or not (is_entry or is_address or is_box) or len(opens) > 500:
                raise Unusable(words.BAD_BUTTON.format(number=number, limit=rules.MAX_LABEL))
            buttons.append((label, opens))
        return tuple(buttons)

    def _fields_of(self, found: Broadcast) -> dict[str, str]:
        """The kept draft as its form's fields."""
        fields = {
            "judul": found.title,
            "isi": found.body,
            "topik": found.topic,
            "negara": found.country or "",
            "daerah": found.district or "",
            "mulai": f"{found.start_at.astimezone(self._zone()):{LOCAL}}" if found.start_at else "",
            "batas": f"{found.expires_at.astimezone(self._zone()):{LOCAL}}" if found.expires_at else "",
        }
        for number, button in enumerate(found.buttons, start=1):
            fields |= {f"tombol{number}": button["label"], f"tujuan{number}": button["opens"]}
        return fields

    def _moment(self, written: str) -> datetime | None:
        if not written:
            return None
        try:
            return datetime.strptime(written, LOCAL).replace(tzinfo=self._zone()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Unusable(words.BAD_TIME) from None

    async def _found(self, visit: Visit, *, for_update: bool = False) -> Broadcast:
        number = visit.request.path_params["number"]
        found = await broadcasts.get(visit.session, number, for_update=for_update) if number <= LARGEST_NUMBER else None
        if found is None:
            raise HTTPException(404)
        return found

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.app.settings.time_zone)


def _audience(fields: Mapping[str, str]) -> Audience:
    """Raises Unusable."""
    topic, country, district = (fields.get(name, "") for name in ("topik", "negara", "daerah"))
    if topic not in set(Topic):
        raise Unusable(words.BAD_TOPIC)
    if country not in ("", *subscription_words.COUNTRIES) or district not in ("", *DISTRICTS):
        raise Unusable(words.BAD_PLACE)
    return Audience(Topic(topic), country or None, district or None)


def _few(count: int) -> str:
    """So few people that somebody could guess who are not told apart."""
    return words.FEWER.format(count=FEWEST) if 0 < count < FEWEST else str(count)


def _progress(table: Table) -> list[tuple[str, int | None]]:
    return [(words.progress_label(row.key), row.count) for row in table.rows]


def _number(written: str | None) -> int:
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < 10 else 0


def _to(number: int) -> Response:
    return RedirectResponse(f"/konsol/siaran/{number}", status_code=303, headers=NO_STORE)
