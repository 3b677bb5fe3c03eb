"""Sends what waits in the outbox for Telegram: in order within a chat, different chats side by side."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from sqlalchemy import exc
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot import logs, metrics
from bot.channels.telegram.errors import Meaning, meaning, pause_asked_for
from bot.channels.telegram.keyboards import keyboard
from bot.channels.telegram.lane import Lane, Traffic
from bot.channels.telegram.media import MediaRefused, MediaSender, Place
from bot.channels.telegram.notes import Notes, Outage, Write
from bot.channels.telegram.pauses import growing_pauses, happens
from bot.channels.telegram.render import Part, render
from bot.domain.messages import Channel, ChatRef
from bot.services import cases, desk, outbox
from bot.services.outbox import Claimed
from bot.storage.database import OUTBOX_CHANNEL, SENT_CHANNEL, Session
from bot.texts.officer import STILL_UNREACHABLE, UNREACHABLE
from bot.texts.telegram import FILE_NOT_SHOWN
from bot.watched_clock import WatchedClock

if TYPE_CHECKING:
    from bot.post import Post

logger = logging.getLogger(__name__)

AT_ONCE = 30
LEASE_S = 40.0
SENDING_MAX_S = 20.0
"""A send is given up before its lease runs out, so that no other worker sends the same message beside it."""
LONGEST_PAUSE_S = 60.0
MEDIA_TRIES = 10
"""A file that never gets through must not hold up for ever what was said after it."""
LOOK_AGAIN_S = 30.0
"""Safety net under LISTEN and the due times."""
SHORTEST_WAIT_S = 0.2
"""A message that is due but waits behind an earlier one of its chat must not make the loop spin."""
GATHER_S = 0.02
"""A commit wakes the loop here and once more through the database; what this moment brings is claimed in one look."""
DRAIN_S = 5.0
CHATS_THAT_MEAN_ALL = 3
"""So many chats under flood control at once mean that Telegram limits the bot, not a chat."""

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
DATABASE_AWAY = (exc.OperationalError, exc.InterfaceError, exc.DisconnectionError, exc.TimeoutError)


Note = Callable[[str, float], None]
"""Told the outcome of a try and the seconds it took, for the figures."""


@dataclass(slots=True)
class Progress:
    """How far a message has come, whatever then interrupts its sending."""

    is_out: bool = False
    sent_message_id: int | None = None


class TopicGone(Exception):
    """The topic with this id was deleted by hand."""

    def __init__(self, topic_id: int) -> None:
        super().__init__(topic_id)
        self.topic_id = topic_id


class DeskClosed(Exception):
    """Nothing can be put into the officers' group now; the text says why."""


class Delivery:
    """Claims and sends until told to stop; everything it has not finished stays in the outbox."""

    def __init__(self, app: Post, bot: Bot, *, stop: asyncio.Event, note: Note = metrics.note_sent) -> None:
        self._app = app
        self._bot = bot
        self._note = note
        self._media = MediaSender(app, bot)
        self._stop = stop
        self._wake = app.deliveries.event(Channel.TELEGRAM)
        self._sending: set[asyncio.Task[bool]] = set()
        self._notes = Notes(app)
        self._in_hand: set[int] = set()
        """Messages this process sends, or still has to write down: not to be claimed again, whatever their lease."""
        self._outage = Outage(datetime.now(UTC))
        self._clock = WatchedClock()
        self._more_is_due = False
        """The last look left something that a free hand, or an earlier message's end, lets go out."""
        self._traffic = Traffic()
        self._name = uuid4().hex
        """By which the processes that send tell their own messages from those of others."""
        self._lane = Lane(
            app, self._deliver_from_lane, self._traffic, is_limited=self._is_limited, lease_s=LEASE_S, stop=stop
        )
        self._limited: dict[str, datetime] = {}
        """Chats under flood control, and until when."""

    async def run(self) -> None:
        """Send what is due until `stop`, then what is due by then, within a few seconds."""
        beside = (asyncio.create_task(self._listen()), asyncio.create_task(self._wake_at_stop()))
        lane = asyncio.create_task(self._lane.run())
        try:
            await self._send_until_stop()
            await self._drain()
            await lane
        finally:
            for task in (*beside, lane):
                task.cancel()
            await asyncio.gather(*beside, lane, return_exceptions=True)

    async def _wake_at_stop(self) -> None:
        # The loop is woken, not cancelled: between a claim's commit and its sending, a cancellation
        # would leave messages to wait until their lease runs out.
        await self._stop.wait()
        self._wake.set()

    async def _send_until_stop(self) -> None:
        pauses = growing_pauses(0.5, 10.0)
        while not self._stop.is_set():
            self._wake.clear()
            try:
                wait_s = await self._send_due()
                pauses = growing_pauses(0.5, 10.0)
            except Exception as error:  # the database is away: what waits there waits
                wait_s = next(pauses)
                self._outage.goes_on()
                logger.warning("outbox not readable (%s), next try in %.1f s", type(error).__name__, wait_s)
                await happens(self._stop, wait_s)
                continue
            await happens(self._wake, wait_s)
            await happens(self._stop, GATHER_S)

    async def _send_due(self) -> float:
        """Start sending what is due, as far as there are free hands; returns the seconds until more may fall due.

        What did not fit follows when a hand is free again, which wakes the loop.
        """
        free = AT_ONCE - len(self._sending)
        now = datetime.now(UTC)
        self._more_is_due = True
        if self._is_limited(now):
            return _within(max(self._limited.values()) - now)
        if free <= 0:
            return LOOK_AGAIN_S
        async with self._app.db.transaction() as session:
            if went_back := self._clock.went_back(now):
                await outbox.clock_went_back(session, now=now, lease_s=LEASE_S)
            claimed = await outbox.claim(
                session,
                channel=Channel.TELEGRAM,
                limit=free,
                now=now,
                lease_s=LEASE_S,
                abandoned_before=self._outage.abandoned_before(now),
                in_hand=self._in_hand,
            )
            due_at = await outbox.next_due_at(session, channel=Channel.TELEGRAM)
        self._outage.looked(now)
        if went_back:
            logger.warning("the clock went back; all pauses are over")
            self._limited.clear()
        self._clock.is_seen(now)
        for message in claimed:
            self._in_hand.add(message.id)
            task = asyncio.create_task(self._deliver(message))
            self._sending.add(task)
            task.add_done_callback(self._done)
        self._more_is_due = due_at is not None and due_at <= now
        return _within(due_at - now) if due_at else LOOK_AGAIN_S

    def _done(self, task: asyncio.Task[bool]) -> None:
        """A free hand, and perhaps the chat's next message, or another try of this one: look again."""
        self._sending.discard(task)
        if self._more_is_due or task.cancelled() or task.exception() or not task.result():
            self._wake.set()

    def _is_limited(self, now: datetime) -> bool:
        """True while so many chats are under flood control that the whole bot must be meant."""
        self._limited = {chat: until for chat, until in self._limited.items() if until > now}
        return len(self._limited) >= CHATS_THAT_MEAN_ALL

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._send_due()
                while self._sending:
                    await asyncio.wait(self._sending, return_when=asyncio.FIRST_COMPLETED)
                    await self._send_due()
        except Exception as error:
            logger.info("not everything is out (%s); the outbox keeps it", type(error).__name__)
        finally:
            late = list(self._sending)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            await self._notes.finish(DRAIN_S)

    async def _deliver_from_lane(self, message: Claimed) -> None:
        """Send one message of a broadcast; what did not get out goes on like any other message."""
        if not await self._deliver(message):
            self._wake.set()

    async def _deliver(self, message: Claimed) -> bool:
        """Send one message and write down what became of it; True where it is out."""
        began = time.perf_counter()
        self._in_hand.add(message.id)
        try:
            with logs.turn(message.trace):
                is_out = await self._send_and_note(message)
        finally:
            self._in_hand.discard(message.id)
        self._note("sent" if is_out else "not_sent", time.perf_counter() - began)
        return is_out

    async def _send_and_note(self, message: Claimed) -> bool:
        progress = Progress()
        failed = await self._try(message, progress)
        # What fails behind the last part, when a topic is brought up to date, makes no second message.
        outcome = self._sent(message, progress.sent_message_id) if progress.is_out else failed
        await self._notes.write(message.id, outcome)
        return progress.is_out

    async def _try(self, message: Claimed, progress: Progress) -> Write | None:
        """Send it; returns what to do where that fails."""
        try:
            async with asyncio.timeout(SENDING_MAX_S):
                await self._send(message, progress)
        except TimeoutError:
            return self._later(message, "took too long", self._pause(message))
        except RetryAfter as error:
            return self._after_flood(message, pause_asked_for(error))
        except TopicGone as gone:
            return self._anew(message, gone.topic_id)
        except DeskClosed as error:
            logger.error("the officers' group takes nothing: %s", error)
            return self._later(message, str(error), timedelta(seconds=LONGEST_PAUSE_S))
        except TelegramError as error:
            return self._after_refusal(message, error)
        except DATABASE_AWAY as error:
            return self._later(message, type(error).__name__, self._pause(message))
        except Exception as error:  # a reply that cannot be rendered must not hold up the chat's later ones
            logger.exception("message %s cannot be sent", message.id)
            return _failed(message, f"{type(error).__name__}: {error}")
        return None

    def _after_flood(self, message: Claimed, pause: timedelta) -> Write:
        rest, later = self._rest(message, pause), self._later(message, "flood control", pause)

        async def write(session: Session) -> None:
            await rest(session)
            await later(session)

        return write

    def _rest(self, message: Claimed, pause: timedelta) -> Write:
        """The whole chat rests, also for other workers: Telegram counts the topics of a group together."""
        until = datetime.now(UTC) + pause
        self._limited[message.chat.external_id] = until
        return lambda session: outbox.pause_chat(session, message.chat, until=until)

    async def _send(self, message: Claimed, progress: Progress) -> None:
        """All parts that are not out yet, one after the other; raises TelegramError."""
        reply = message.reply
        parts = render(reply)
        if reply.callback_id and not message.parts_sent:
            await self._acknowledge(reply.callback_id, "" if parts else reply.footer, is_at_desk=bool(message.case_id))
        chat = message.chat
        topic = await self._topic(message) if parts and message.case_id else None
        topic_id = topic.id if topic else None
        buttons = keyboard(reply.buttons)
        for number, part in enumerate(parts[message.parts_sent :], start=message.parts_sent + 1):
            markup = buttons if number == len(parts) else None
            if part.media and message.attempts > MEDIA_TRIES:
                part = await self._instead_of_media(message, part)
            replaces = reply.edits_message_id if number == 1 else None
            try:
                progress.sent_message_id = await self._send_part(
                    message, int(chat.external_id), part, markup, replaces, topic_id
                )
            except ChatMigrated as error:
                chat = await self._migrate(message, chat, error.new_chat_id)
                progress.sent_message_id = await self._send_part(
                    message, error.new_chat_id, part, markup, None, topic_id
                )
            except BadRequest as error:
                if topic_id and meaning(error) is Meaning.TOPIC_GONE:
                    raise TopicGone(topic_id) from error
                if not topic_id or meaning(error) is not Meaning.TOPIC_CLOSED:
                    raise
                await self._open_topic(int(chat.external_id), topic_id)
                progress.sent_message_id = await self._send_part(
                    message, int(chat.external_id), part, markup, replaces, topic_id
                )
            if number < len(parts):
                note = partial(outbox.note_part, message_id=message.id, parts_sent=number)
                await self._notes.write(message.id, note)
        progress.is_out = True
        if topic:
            await self._keep_up(message, int(chat.external_id), topic)

    async def _topic(self, message: Claimed) -> desk.Topic:
        """The case's topic, made where there is none; raises DeskClosed where the group does not let us."""
        async with self._app.db.transaction() as session:
            topic = await desk.topic_of(session, message.case_id)
        if topic.id is not None:
            return topic
        if topic.name_there is not None:
            await self._tell_of_twin(message)
        # Written down first: if Silvi stops between the call and its answer, somebody is told of the topic left behind.
        await self._note_topic(message, None, topic.name)
        try:
            made = await self._bot.create_forum_topic(int(message.chat.external_id), topic.name)
        except (BadRequest, Forbidden, RetryAfter) as error:
            await self._note_topic(message, None, None)
            if isinstance(error, RetryAfter):
                raise
            raise DeskClosed(error.message) from error
        await self._note_topic(message, made.message_thread_id, topic.name)
        return replace(topic, id=made.message_thread_id, name_there=topic.name)

    async def _open_topic(self, chat_id: int, topic_id: int) -> None:
        """Somebody closed the topic, and Silvi may not write into closed ones; raises DeskClosed where she may not open it."""
        try:
            await self._change(self._bot.reopen_forum_topic(chat_id, topic_id))
        except (BadRequest, Forbidden) as error:
            raise DeskClosed(error.message) from error

    async def _note_topic(self, message: Claimed, topic_id: int | None, name: str | None) -> None:
        note = partial(desk.note_topic, case_id=message.case_id, topic_id=topic_id, name=name)
        await self._notes.write(message.id, note)

    async def _tell_of_twin(self, message: Claimed) -> None:
        logger.warning("a topic of case %s was left behind when Silvi stopped", message.case_id)
        now = datetime.now(UTC)
        tell = partial(desk.tell_of_twin, desk=self._app.desk(), case_id=message.case_id, now=now)
        await self._notes.write(message.id, tell)
        self._wake.set()

    async def _keep_up(self, message: Claimed, chat_id: int, topic: desk.Topic) -> None:
        """Let name and closing of the topic follow the case; what fails here is tried again behind the next post."""
        if topic.name_there == topic.name:
            return
        try:
            await self._change(self._bot.edit_forum_topic(chat_id, topic.id, name=topic.name))
            if topic.is_over != topic.was_over:
                change = self._bot.close_forum_topic if topic.is_over else self._bot.reopen_forum_topic
                await self._change(change(chat_id, topic.id))
        except RetryAfter as error:
            await self._notes.write(message.id, self._rest(message, pause_asked_for(error)))
            return
        except TelegramError as error:
            logger.warning("topic of case %s not brought up to date: %s", message.case_id, error.message)
            return
        await self._note_topic(message, topic.id, topic.name)

    async def _change(self, call: Awaitable[bool]) -> None:
        """A change of a topic that somebody made before us is made."""
        try:
            await call
        except BadRequest as error:
            if meaning(error) is not Meaning.NOT_MODIFIED:
                raise

    async def _send_part(
        self,
        message: Claimed,
        chat_id: int,
        part: Part,
        markup: InlineKeyboardMarkup | None,
        replaces: int | None,
        topic_id: int | None,
    ) -> int:
        """Send (or edit) one message and return its id; HTML that Telegram refuses goes out once more as plain text."""
        async with self._traffic.one_to(chat_id):
            if part.media:
                try:
                    return await self._media.send(part, Place(chat_id, topic_id, markup))
                except MediaRefused:
                    part = await self._instead_of_media(message, part)
            try:
                return await self._put(chat_id, part.html, ParseMode.HTML, markup, replaces, topic_id)
            except BadRequest as error:
                if meaning(error) is not Meaning.BAD_HTML:
                    raise
                logger.error("Telegram refuses our HTML: %s", error.message)
                return await self._put(chat_id, part.plain, None, markup, replaces, topic_id)

    async def _instead_of_media(self, message: Claimed, part: Part) -> Part:
        """The text of a part whose file cannot be sent, and that there was one; the officer whose file it was is told."""
        attachment_id = part.media.attachment_id
        if attachment_id is not None and message.case_id is None:
            desk, now = self._app.desk(), datetime.now(UTC)
            note = partial(cases.note_not_passed, attachment_id=attachment_id, desk=desk, now=now)
            await self._notes.write(message.id, note)
            self._wake.set()
        html, plain = ("\n\n".join(text for text in (said, FILE_NOT_SHOWN) if text) for said in (part.html, part.plain))
        return Part(html, plain)

    async def _put(
        self,
        chat_id: int,
        text: str,
        mode: str | None,
        markup: InlineKeyboardMarkup | None,
        replaces: int | None,
        topic_id: int | None,
    ) -> int:
        common = {"parse_mode": mode, "reply_markup": markup, "link_preview_options": NO_PREVIEW}
        if replaces is not None:
            try:
                await self._bot.edit_message_text(text, chat_id=chat_id, message_id=replaces, **common)
                return replaces
            except BadRequest as error:
                if meaning(error) is Meaning.NOT_MODIFIED:
                    return replaces
                if meaning(error) is Meaning.BAD_HTML:
                    raise
                # Too old, deleted or a picture: the person gets a new message instead.
        return (await self._bot.send_message(chat_id, text, message_thread_id=topic_id, **common)).message_id

    async def _acknowledge(self, callback_id: str, notice: str, *, is_at_desk: bool) -> None:
        """Stop the button's spinner; too late an answer is refused by Telegram and does no harm.

        At the desk a notice stays until it is read: it may be a contact to write down.
        """
        stays = True if is_at_desk and notice else None
        try:
            await self._bot.answer_callback_query(callback_id, text=notice[:200] or None, show_alert=stays)
        except TelegramError as error:
            logger.debug("button not acknowledged: %s", error)

    async def _migrate(self, message: Claimed, chat: ChatRef, new_chat_id: int) -> ChatRef:
        move = partial(outbox.migrate_chat, old=chat, new_external_id=str(new_chat_id))
        await self._notes.write(message.id, move)
        return replace(chat, external_id=str(new_chat_id))

    def _after_refusal(self, message: Claimed, error: TelegramError) -> Write:
        match meaning(error):
            case Meaning.PASSING:
                return self._later(message, f"{type(error).__name__}: {error.message}", self._pause(message))
            case Meaning.UNREACHABLE if message.case_id:
                # The group is misconfigured, not gone for good: no case may be lost with it.
                logger.error("the officers' group is not reachable: %s", error.message)
                return self._later(message, error.message, timedelta(seconds=LONGEST_PAUSE_S))
            case Meaning.UNREACHABLE:
                return self._unreachable(message, error.message)
            case _:
                logger.error("message %s refused by Telegram: %s", message.id, error.message)
                return _failed(message, error.message)

    def _sent(self, message: Claimed, sent_message_id: int | None) -> Write:
        now = datetime.now(UTC)

        async def write(session: Session) -> None:
            await outbox.mark_sent(session, message.id, sent_message_id=sent_message_id, now=now)
            await outbox.tell_sent(session, self._name, message.chat)

        return write

    def _anew(self, message: Claimed, topic_id: int) -> Write:
        """Send again at once, into a new topic."""
        now = datetime.now(UTC)

        async def write(session: Session) -> None:
            await desk.forget_topic(session, self._app.desk(), message.case_id, topic_id, now=now)
            await outbox.retry_later(session, message.id, error="topic deleted", due_at=now)

        return write

    def _unreachable(self, message: Claimed, reason: str) -> Write:
        """Nothing more is sent to this person, and who works on their case is told."""
        now = datetime.now(UTC)

        async def write(session: Session) -> None:
            is_news = await outbox.mark_unreachable(session, message.chat, reason=reason, now=now)
            said = UNREACHABLE if is_news else STILL_UNREACHABLE
            await cases.note_unreachable(session, message.chat, said=said, desk=self._app.desk(), now=now)

        return write

    def _pause(self, message: Claimed) -> timedelta:
        """1 s after the first failure, doubling up to the longest pause."""
        return timedelta(seconds=min(2.0 ** min(message.attempts - 1, 10), LONGEST_PAUSE_S))

    def _later(self, message: Claimed, error: str, pause: timedelta) -> Write:
        logger.warning("message %s again in %.0f s: %s", message.id, pause.total_seconds(), error)
        due_at = datetime.now(UTC) + pause
        return lambda session: outbox.retry_later(session, message.id, error=error, due_at=due_at)

    async def _listen(self) -> None:
        """Wake when another process commits something to send."""
        pauses = growing_pauses(0.5, 10.0)
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._app.db.psycopg_dsn(), autocommit=True, connect_timeout=5
                )
                async with connection:
                    await connection.execute(f"listen {OUTBOX_CHANNEL}")
                    await connection.execute(f"listen {SENT_CHANNEL}")
                    # What was committed while nobody listened.
                    self._wake.set()
                    pauses = growing_pauses(0.5, 10.0)
                    async for heard in connection.notifies():
                        if heard.channel == SENT_CHANNEL:
                            self._hear_of_sent(heard.payload)
                        else:
                            self._wake.set()
            except psycopg.Error as error:
                logger.warning("not listening for other processes (%s)", type(error).__name__)
            await asyncio.sleep(next(pauses))

    def _hear_of_sent(self, told: str) -> None:
        sender, _, chat_id = told.partition(" ")
        if sender != self._name:
            self._traffic.note_elsewhere(int(chat_id))


def _within(time_left: timedelta) -> float:
    """Seconds to wait until something falls due, neither spinning nor trusting the clock for long."""
    return min(max(time_left.total_seconds(), SHORTEST_WAIT_S), LOOK_AGAIN_S)


def _failed(message: Claimed, error: str) -> Write:
    return lambda session: outbox.mark_failed(session, message.id, error=error)
