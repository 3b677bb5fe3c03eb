"""The Telegram channel: PTB's Application with the one ordered list of handlers, and the service around it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from telegram import Bot, BotCommand, BotCommandScopeChat, ChatMember, Update
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.channels.telegram.bot import build_bot, reach
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.desk import DeskHandlers
from bot.channels.telegram.fetcher import Fetcher
from bot.channels.telegram.pauses import growing_pauses, happens, unless
from bot.channels.telegram.poller import Poller, handle_left
from bot.channels.telegram.receiver import ALLOWED_UPDATES, WEBHOOK_PATIENCE_S, Receiver
from bot.channels.telegram.translate import chat_ref, incoming
from bot.channels.web.service import listen_on, serve
from bot.channels.web.webhook import webhook_app
from bot.dialogue.turn import turn as dialogue_turn
from bot.domain.messages import Channel, ChatRef, Incoming
from bot.services import cases, outbox
from bot.services import desk as desk_service
from bot.texts.telegram import COMMANDS, DESCRIPTION, DESK_COMMANDS, SHORT_DESCRIPTION

if TYPE_CHECKING:
    from bot.app import App

logger = logging.getLogger(__name__)

Turn = Callable[["App", Incoming], Awaitable[None]]


class SilviApplication(Application):
    """Lets a handler's error reach the receiver, which then does not acknowledge the update; PTB would only log it."""

    async def process_error(self, update: object, error: Exception, *_: Any, **__: Any) -> bool:
        raise error


class Handlers:
    """Each translates an update and calls one thing."""

    def __init__(self, app: App, turn: Turn) -> None:
        self._app = app
        self._turn = turn

    def in_order(self) -> list[BaseHandler]:
        """The first that fits takes the update; commands are messages, told apart in translate.py."""
        written = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE
        return [
            MessageHandler(filters.StatusUpdate.MIGRATE, self.on_migration),
            *DeskHandlers(self._app).in_order(),
            MessageHandler(filters.StatusUpdate.ALL, self.on_nothing_said),
            MessageHandler(written, self.on_message),
            CallbackQueryHandler(self.on_message),
            ChatMemberHandler(self.on_membership, ChatMemberHandler.MY_CHAT_MEMBER),
            TypeHandler(Update, self.on_nothing_said),
        ]

    async def on_message(self, update: Update, context: CallbackContext) -> None:
        """One incoming message becomes one turn of the dialogue; its replies go out through the outbox."""
        await self._turn(self._app, incoming(update, context.bot, now=datetime.now(UTC)))

    async def on_migration(self, update: Update, _: CallbackContext) -> None:
        """A group became a supergroup: both the old and the new one say so, and either is enough."""
        message = update.effective_message
        old = message.migrate_from_chat_id or message.chat.id
        new = message.migrate_to_chat_id or message.chat.id
        async with self._app.db.transaction() as session:
            await outbox.migrate_chat(session, ChatRef(Channel.TELEGRAM, str(old), is_group=True), str(new))

    async def on_membership(self, update: Update, _: CallbackContext) -> None:
        """Who blocks or removes Silvi gets nothing more; who writes again is reachable again."""
        chat, status = chat_ref(update.my_chat_member.chat), update.my_chat_member.new_chat_member.status
        if status not in (ChatMember.BANNED, ChatMember.LEFT):
            return
        desk, now = self._app.desk(), datetime.now(UTC)
        if chat == desk.chat:
            # What waits for the desk goes on waiting: cases must not be lost with the group.
            logger.error("Silvi was removed from the officers' group: cases wait until it is back as an admin")
            return
        async with self._app.db.transaction() as session:
            if await outbox.mark_unreachable(session, chat, reason=status, now=now):
                await cases.note_unreachable(session, chat, desk=desk, now=now)
                await outbox.announce(session)

    async def on_nothing_said(self, update: Update, _: CallbackContext) -> None:
        """Joins, pins, titles and updates of kinds nobody asked for: nothing to answer."""
        logger.debug("update %s says nothing", update.update_id)


def build_application(app: App, turn: Turn = dialogue_turn) -> Application:
    """PTB's Application without its updater; nothing is sent yet."""
    bot = build_bot(app.settings)
    application = Application.builder().application_class(SilviApplication).bot(bot).updater(None).build()
    application.add_handlers(Handlers(app, turn).in_order())
    return application


async def run(app: App, stop: asyncio.Event, *, turn: Turn = dialogue_turn) -> None:
    """Receive and deliver until `stop`, then finish what is in hand; raises InvalidToken for a refused token."""
    application = build_application(app, turn)
    try:
        if not await reach(application.initialize, stop):
            return
        app.telegram_name = application.bot.username
        await _introduce(application.bot, app.settings.desk_chat_id)
        delivered = asyncio.Event()
        delivery = asyncio.create_task(_deliver(app, application.bot, delivered))
        opening = asyncio.create_task(_open_desk(app, stop))
        fetching = asyncio.create_task(Fetcher(app, application.bot, stop=stop).run())
        try:
            await _receive(app, application, stop)
        finally:
            # Only now: the last turns' replies go out too.
            opening.cancel()
            fetching.cancel()
            delivered.set()
            await delivery
    finally:
        await application.shutdown()
        await application.bot.shutdown()


async def _deliver(app: App, bot: Bot, stop: asyncio.Event) -> None:
    """Send until `stop`, except while a process of its own does; at the end what is due goes out in any case."""
    while True:
        enough = asyncio.Event()
        delivery = asyncio.create_task(Delivery(app, bot, stop=enough).run())
        await unless(stop, app.sender.is_there.wait())
        enough.set()
        await delivery
        if stop.is_set():
            return
        await unless(stop, app.sender.is_gone.wait())


async def _introduce(bot: Bot, desk_chat_id: int | None) -> None:
    """Commands and profile in Indonesian, and the officers' own commands in their group; Silvi works without them too."""
    try:
        await bot.set_my_commands([BotCommand(name, description) for name, description in COMMANDS])
        await bot.set_my_description(DESCRIPTION)
        await bot.set_my_short_description(SHORT_DESCRIPTION)
        if desk_chat_id is not None:
            commands = [BotCommand(name, description) for name, description in DESK_COMMANDS]
            await bot.set_my_commands(commands, scope=BotCommandScopeChat(desk_chat_id))
    except TelegramError as error:
        logger.warning("commands and descriptions not registered: %s", error)


async def _open_desk(app: App, stop: asyncio.Event) -> None:
    """Put before the officers what was reported while there was no desk; tries until the database answers."""
    desk = app.desk()
    if desk.chat is None:
        return
    for pause_s in growing_pauses(1.0, 30.0):
        try:
            async with app.db.transaction() as session:
                posted = await desk_service.post_waiting(session, desk, now=datetime.now(UTC))
                await outbox.announce(session)
            logger.info("%d cases that waited go to the officers' group", posted)
            return
        except Exception as error:  # the database is away: the cases in it wait
            logger.warning("waiting cases not read (%s), next try in %.0f s", type(error).__name__, pause_s)
        if await happens(stop, pause_s):
            return


async def _receive(app: App, application: Application, stop: asyncio.Event) -> None:
    bot = application.bot
    url = app.settings.telegram_webhook_url
    if url is None:
        await _insist(stop, lambda: bot.delete_webhook(drop_pending_updates=False))
        await Poller(app, Receiver(app, application, stop=stop), bot, stop=stop).run()
        return
    secret = webhook_secret(app)
    receiver = Receiver(app, application, stop=stop, patience_s=WEBHOOK_PATIENCE_S)
    # The door is open before Telegram is told its address.
    listener = listen_on(app.settings.telegram_webhook_listen)
    serving = asyncio.create_task(serve(webhook_app(receiver.receive, secret), listener, stop))
    left = asyncio.create_task(handle_left(app, Receiver(app, application, stop=stop), bot, stop=stop))
    await _insist(stop, lambda: bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES))
    await asyncio.gather(serving, left)


async def _insist(stop: asyncio.Event, call: Callable[[], Awaitable[Any]]) -> None:
    for pause_s in growing_pauses(1.0, 30.0):
        try:
            await call()
            return
        except TelegramError as error:
            logger.warning("Telegram did not take it (%s), next try in %.0f s", error, pause_s)
        if await happens(stop, pause_s):
            return


def webhook_secret(app: App) -> str:
    """The secret of the settings, or one made from the token: the same in every process, and known to nobody else."""
    if app.settings.telegram_webhook_secret:
        return app.settings.telegram_webhook_secret.get_secret_value()
    token = app.settings.telegram_token.get_secret_value()
    return hmac.new(token.encode(), b"silvi webhook", hashlib.sha256).hexdigest()
