"""One bot on the local Bot API server: its chats, its queue of updates and all it has sent."""

from __future__ import annotations

import asyncio
import io
import json
import random
import re
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

from PIL import Image, UnidentifiedImageError

from tests.telegram_api.markup import BadMarkup, read_html, utf16

JsonObject = dict[str, Any]

MESSAGE_MAX_UNITS = 4096
ICON_COLOR = 7322096
CAPTION_MAX_UNITS = 1024
FILE_KINDS = ("photo", "document", "voice", "audio", "video", "video_note", "animation")
DOWNLOAD_MAX_BYTES = 20 * 1024 * 1024
PHOTO_UPLOAD_MAX_BYTES = 10 * 1024 * 1024
ADMIN_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
DEFAULT_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post")

REQUIRED: dict[str, tuple[str, ...]] = {
    "getMe": (),
    "getUpdates": (),
    "setWebhook": ("url",),
    "deleteWebhook": (),
    "getWebhookInfo": (),
    "sendMessage": ("chat_id", "text"),
    "sendChatAction": ("chat_id", "action"),
    "sendPhoto": ("chat_id", "photo"),
    "sendDocument": ("chat_id", "document"),
    "sendVoice": ("chat_id", "voice"),
    "sendAudio": ("chat_id", "audio"),
    "sendVideo": ("chat_id", "video"),
    "sendVideoNote": ("chat_id", "video_note"),
    "sendAnimation": ("chat_id", "animation"),
    "sendLocation": ("chat_id", "latitude", "longitude"),
    "sendContact": ("chat_id", "phone_number", "first_name"),
    "editMessageText": ("chat_id", "message_id", "text"),
    "editMessageReplyMarkup": ("chat_id", "message_id"),
    "createForumTopic": ("chat_id", "name"),
    "editForumTopic": ("chat_id", "message_thread_id"),
    "closeForumTopic": ("chat_id", "message_thread_id"),
    "reopenForumTopic": ("chat_id", "message_thread_id"),
    "answerCallbackQuery": ("callback_query_id",),
    "setMyCommands": ("commands",),
    "setMyDescription": (),
    "setMyShortDescription": (),
    "getChat": ("chat_id",),
    "getChatMember": ("chat_id", "user_id"),
    "getFile": ("file_id",),
}


class ApiError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


class Fault(StrEnum):
    """What may go wrong between a bot and Telegram."""

    ERROR_500 = "500"
    ERROR_502 = "502"
    ERROR_429 = "429"
    HANG = "hang"
    CUT_BEFORE = "cut_before"
    """The connection breaks and the call has no effect."""
    CUT_AFTER = "cut_after"
    """The call takes effect and the connection breaks before the answer."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a call brought it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file Telegram has; its id is good for its own kind alone."""

    kind: str
    content: bytes
    size_bytes: int


@dataclass(slots=True)
class ChatState:
    id: int
    type: str
    title: str = ""
    blocked: str = ""
    """The description of the 403, or empty."""
    migrated_to: int | None = None
    is_forum: bool = False
    may_manage_topics: bool = True
    """Only then the bot makes topics, and writes into closed ones; as an admin it changes those that it made anyway."""
    is_admin: bool = True
    topics: dict[int, str] = field(default_factory=dict)
    first_names: dict[int, str] = field(default_factory=dict)
    """Of topics, as they were when made: what is written there carries it."""
    closed_topics: set[int] = field(default_factory=set)
    message_ids: Any = field(default_factory=lambda: count(1))

    def to_json(self) -> JsonObject:
        name = {"first_name": self.title or "Sari"} if self.type == "private" else {"title": self.title or "Grup"}
        return {"id": self.id, "type": self.type, **name}


@dataclass(frozen=True, slots=True)
class Sent:
    """Something a bot put into a chat."""

    method: str
    chat: int
    message_id: int
    text: str
    entities: list[JsonObject]
    buttons: list[list[JsonObject]]
    at: float
    """time.time() of the acceptance."""
    topic: int | None = None
    file_id: str = ""
    content: JsonObject = field(default_factory=dict)
    """The place or contact."""

    def actions(self) -> list[str]:
        return [button["callback_data"] for row in self.buttons for button in row]


class Account:
    """Calls come from the server's thread, the `person_*` helpers from the test's."""

    def __init__(self, token: str, username: str = "silvi_uji_bot") -> None:
        self.token = token
        self.id = int(token.partition(":")[0])
        self.username = username
        self.lock = threading.RLock()
        self.chats: dict[int, ChatState] = {}
        self.messages: dict[tuple[int, int], JsonObject] = {}
        self.sent: list[Sent] = []
        self.calls: list[tuple[str, JsonObject]] = []
        self.queue: list[JsonObject] = []
        self.acknowledged: list[int] = []
        self.answered: dict[str, str] = {}
        self.profile: JsonObject = {}
        self.chat_commands: dict[int, list[JsonObject]] = {}
        self.files: dict[str, StoredFile] = {}
        self.lost: set[str] = set()
        """Files that Telegram no longer gives out by any way."""
        self.webhook: JsonObject = {"url": ""}
        self.allowed: tuple[str, ...] = DEFAULT_UPDATES
        self.limits: tuple[int | None, int | None, int] = (None, None, 1)
        self.limited_until: dict[int | None, float] = {}
        self.conflicts = 0
        """How many polls were ended by a newer one."""
        self.floods = 0
        """How many calls were refused with a 429."""
        self.too_early: list[int] = []
        """Chats that were sent to although a 429 had asked for more patience."""
        self.on_update: list[Callable[[], None]] = []
        self.on_sent: Callable[[], None] | None = None
        """Called when a message is accepted, before the bot hears of it."""
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._bad_share, self._bad_kinds, self._chance = 0.0, (), random.Random(0)
        self.faults_taken: Counter[Fault] = Counter()
        self.left_unsure: Counter[int] = Counter()
        """By chat, the calls that took effect and whose answer the bot never got."""
        self._recent: dict[int | None, deque[float]] = defaultdict(deque)
        self._update_ids = count(100_001)
        self._callback_ids = count(1)
        self._file_ids = count(1)
        self.polls = 0
        """How many calls for updates there were; the newest ends the one before it."""

    # What people do

    def person_says(self, chat: int, text: str = "", *, sender: int | None = None, **fields: Any) -> JsonObject:
        """A message of a person; in a group name the `sender`. Other kinds come as fields: `sticker={...}`."""
        with self.lock:
            message = self._message_of_person(chat, sender or chat, text, fields)
            return self.push({"message": message})

    def person_sends(
        self,
        chat: int,
        kind: str,
        content: bytes = b"isi",
        *,
        caption: str = "",
        sender: int | None = None,
        size_bytes: int | None = None,
        is_lost: bool = False,
        **fields: Any,
    ) -> str:
        """A `photo`, `document`, `voice`, ... of a person; returns the file's id. Other fields are the message's."""
        with self.lock:
            file_id = self._keep_file(kind, content, size_bytes)
            if is_lost:
                self.loses(file_id)
            file_name = {"file_name": fields.pop("file_name")} if "file_name" in fields else {}
            shown = self._shown(kind, file_id, **file_name)
            said = {"caption": caption, "caption_entities": []} if caption else {}
            message = self._message_of_person(chat, sender or chat, "", {kind: shown, **said, **fields})
            self.push({"message": message})
            return file_id

    def officer_sends(self, chat: int, topic: int, sender: int, kind: str, *args: Any, **fields: Any) -> str:
        """The same of a member in a topic of a forum."""
        in_topic = {"message_thread_id": topic, "is_topic_message": True}
        return self.person_sends(chat, kind, *args, sender=sender, **in_topic, **fields)

    def loses(self, file_id: str) -> None:
        """The file is gone at Telegram, or was another bot's from the beginning."""
        with self.lock:
            self.lost.add(file_id)

    def person_edits(self, chat: int, message_id: int, text: str) -> JsonObject:
        with self.lock:
            message = self.messages[chat, message_id]
            message.update(text=text, edit_date=int(time.time()), entities=self._entities(text))
            return self.push({"edited_message": dict(message)})

    def presses(
        self, chat: int, action: str, *, sender: int | None = None, message_id: int | None = None
    ) -> JsonObject:
        """Press the button with this action or label under the newest message that carries it."""
        with self.lock:
            for sent in reversed(self.sent):
                for button in (button for row in sent.buttons for button in row):
                    if sent.chat == chat and action in (button.get("callback_data"), button["text"]):
                        return self._press(chat, sent.message_id, button["callback_data"], sender or chat)
            return self._press(chat, message_id or 1, action, sender or chat)

    def blocks(self, chat: int) -> JsonObject:
        with self.lock:
            state = self._chat(chat)
            state.blocked = "Forbidden: bot was blocked by the user"
            return self._membership(state, "kicked")

    def unblocks(self, chat: int) -> JsonObject:
        with self.lock:
            state = self._chat(chat)
            state.blocked = ""
            return self._membership(state, "member")

    def opens_forum(self, chat: int) -> None:
        """A group with topics in which the bot is an admin."""
        with self.lock:
            self._chat(chat).is_forum = True

    def deletes_topic(self, chat: int, topic: int) -> None:
        """Somebody deletes a topic by hand; Telegram tells the bot nothing."""
        with self.lock:
            del self._chat(chat).topics[topic]

    def officer_says(self, chat: int, topic: int, sender: int, text: str = "", **fields: Any) -> JsonObject:
        """A message of a member in a topic of a forum."""
        made = {
            "message_id": topic,
            "date": 0,
            "chat": self._chat(chat).to_json(),
            "forum_topic_created": {"name": self._chat(chat).first_names[topic], "icon_color": ICON_COLOR},
        }
        fields = {"reply_to_message": made, **fields}
        return self.person_says(chat, text, sender=sender, message_thread_id=topic, is_topic_message=True, **fields)

    def topic_named(self, chat: int, part: str) -> int | None:
        """The newest topic whose name contains this."""
        with self.lock:
            return next((topic for topic, name in reversed(self._chat(chat).topics.items()) if part in name), None)

    def texts_in(self, chat: int, topic: int) -> list[str]:
        return [sent.text for sent in self.messages_to(chat) if sent.topic == topic]

    def migrates(self, old: int, new: int) -> None:
        """The group becomes a supergroup; both tell the bot."""
        with self.lock:
            self.person_says(old, sender=1, migrate_to_chat_id=new)
            self._chat(old).migrated_to = new
            self.person_says(new, sender=1, migrate_from_chat_id=old)

    def push(self, update: JsonObject, *, anyway: bool = False) -> JsonObject:
        """Queue an update, with the next number where it has none; `anyway` also what nobody asked for."""
        with self.lock:
            update = {"update_id": next(self._update_ids), **update}
            if anyway or any(kind in self.allowed for kind in update):
                self.queue.append(update)
        for wake in list(self.on_update):
            wake()
        return update

    # What tests arrange and look at

    def fault(self, method: str, kind: Fault | str, times: int = 1) -> None:
        self._faults[method].extend([Fault(kind)] * times)

    def goes_badly(self, share: float, kinds: Sequence[Fault] = tuple(Fault), *, seed: int = 0) -> None:
        """From now on this share of all calls, by chance, meets one of these faults; 0 ends it."""
        with self.lock:
            self._bad_share, self._bad_kinds, self._chance = share, tuple(kinds), random.Random(seed)

    def take_fault(self, method: str) -> Fault | None:
        with self.lock:
            waiting = self._faults[method]
            if waiting:
                fault = waiting.popleft()
            elif self._bad_kinds and self._chance.random() < self._bad_share:
                fault = self._chance.choice(self._bad_kinds)
            else:
                return None
            self.faults_taken[fault] += 1
            return fault

    def flood_limits(self, *, per_second: int | None = None, per_chat: int | None = None, retry_after: int = 1) -> None:
        """Limit what is sent from now on."""
        with self.lock:
            self._recent.clear()
            self.limits = (per_second, per_chat, retry_after)

    def messages_to(self, chat: int, since: int = 0) -> list[Sent]:
        """What the bot sent to this chat (edits included), oldest first."""
        with self.lock:
            return [sent for sent in self.sent[since:] if sent.chat == chat]

    def texts_to(self, chat: int) -> list[str]:
        return [sent.text for sent in self.messages_to(chat)]

    def delivered_since(self, index: int = 0) -> list[JsonObject]:
        """For load tests in another process: everything sent from `index` on."""
        with self.lock:
            return [asdict(sent) for sent in self.sent[index:]]

    async def wait_for(self, condition: Callable[[], Any], *, within_s: float = 10.0) -> Any:
        """The first true value of `condition`; raises TimeoutError."""
        deadline = time.monotonic() + within_s
        while not (value := condition()):
            if time.monotonic() > deadline:
                raise TimeoutError("this did not happen in time")
            await asyncio.sleep(0.01)
        return value

    # The Bot API

    def call(self, method: str, parameters: JsonObject) -> Any:
        """The result of a call; raises ApiError. getUpdates only takes what is there, without waiting."""
        with self.lock:
            if method not in REQUIRED:
                raise ApiError(404, "Not Found")
            self.calls.append((method, parameters))
            for name in REQUIRED[method]:
                if parameters.get(name) in (None, "") and name != "url":
                    what = "message text is empty" if name == "text" else f'parameter "{name}" is required'
                    raise ApiError(400, f"Bad Request: {what}")
            return getattr(self, f"_{_snake(method)}")(parameters)

    def begin_poll(self, parameters: JsonObject) -> int:
        """Forget what the offset acknowledges; a newer poll ends this one."""
        with self.lock:
            if self.webhook["url"]:
                raise ApiError(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; "
                    "use deleteWebhook to delete the webhook first",
                )
            if "allowed_updates" in parameters:
                self.allowed = tuple(parameters["allowed_updates"]) or DEFAULT_UPDATES
            offset = int(parameters.get("offset", 0))
            if offset < 0:
                kept = self.queue[offset:]
            else:
                kept = [update for update in self.queue if update["update_id"] >= offset]
            self.acknowledged += [update["update_id"] for update in self.queue if update not in kept]
            self.queue = kept
            self.polls += 1
            return self.polls

    def poll(self, number: int, parameters: JsonObject) -> list[JsonObject]:
        with self.lock:
            if number != self.polls:
                self.conflicts += 1
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            return self.queue[: min(max(int(parameters.get("limit", 100)), 1), 100)]

    def acknowledge(self, update_id: int) -> None:
        with self.lock:
            self.queue = [update for update in self.queue if update["update_id"] != update_id]
            self.acknowledged.append(update_id)

    def _get_me(self, _: JsonObject) -> JsonObject:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": "Silvi",
            "username": self.username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def _set_webhook(self, parameters: JsonObject) -> bool:
        secret = parameters.get("secret_token", "")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = {"url": parameters["url"], "secret_token": secret}
        self.allowed = tuple(parameters.get("allowed_updates") or DEFAULT_UPDATES)
        return True

    def _delete_webhook(self, parameters: JsonObject) -> bool:
        self.webhook = {"url": ""}
        if str(parameters.get("drop_pending_updates", "")).lower() == "true":
            self.queue = []
        return True

    def _get_webhook_info(self, _: JsonObject) -> JsonObject:
        return {
            "url": self.webhook["url"],
            "has_custom_certificate": False,
            "pending_update_count": len(self.queue),
        }

    def _send_message(self, parameters: JsonObject) -> JsonObject:
        chat = self._open_chat(parameters)
        text, entities = self._read_text(parameters)
        return self._put("sendMessage", chat, next(chat.message_ids), parameters, text=text, entities=entities)

    def _create_forum_topic(self, parameters: JsonObject) -> JsonObject:
        chat = self._open_chat(parameters)
        if not chat.is_forum:
            raise ApiError(400, "Bad Request: the chat is not a forum")
        _check_rights(chat.is_admin and chat.may_manage_topics)
        if len(parameters["name"]) > 128:
            raise ApiError(400, "Bad Request: TOPIC_TITLE_INVALID")
        topic = next(chat.message_ids)
        chat.topics[topic] = chat.first_names[topic] = parameters["name"]
        return {"message_thread_id": topic, "name": parameters["name"], "icon_color": ICON_COLOR}

    def _edit_forum_topic(self, parameters: JsonObject) -> bool:
        chat, topic = self._topic(parameters)
        name = parameters.get("name") or chat.topics[topic]
        if len(name) > 128:
            raise ApiError(400, "Bad Request: TOPIC_TITLE_INVALID")
        if name == chat.topics[topic]:
            raise ApiError(400, "Bad Request: TOPIC_NOT_MODIFIED")
        chat.topics[topic] = name
        return True

    def _close_forum_topic(self, parameters: JsonObject) -> bool:
        chat, topic = self._topic(parameters)
        if topic in chat.closed_topics:
            raise ApiError(400, "Bad Request: TOPIC_NOT_MODIFIED")
        chat.closed_topics.add(topic)
        return True

    def _reopen_forum_topic(self, parameters: JsonObject) -> bool:
        chat, topic = self._topic(parameters)
        if topic not in chat.closed_topics:
            raise ApiError(400, "Bad Request: TOPIC_NOT_MODIFIED")
        chat.closed_topics.remove(topic)
        return True

    def _topic(self, parameters: JsonObject) -> tuple[ChatState, int]:
        chat = self._open_chat(parameters)
        _check_rights(chat.is_admin)
        return chat, int(parameters["message_thread_id"])

    def _send_chat_action(self, parameters: JsonObject) -> bool:
        self._open_chat(parameters)
        return True

    def _send_photo(self, parameters: JsonObject) -> JsonObject:
        return self._send_file("sendPhoto", "photo", parameters)

    def _send_document(self, parameters: JsonObject) -> JsonObject:
        return self._send_file("sendDocument", "document", parameters)

    def _send_voice(self, parameters: JsonObject) -> JsonObject:
        return self._send_file("sendVoice", "voice", parameters)

    def _send_audio(self, parameters: JsonObject) -> JsonObject:
        return self._send_file("sendAudio", "audio", parameters)

    def _send_video(self, parameters: JsonObject) -> JsonObject:
        return self._send_file("sendVideo", "video", parameters)

    def _send_video_note(self, parameters: JsonObject) -> JsonObject:
        return self._send_file("sendVideoNote", "video_note", parameters)

    def _send_animation(self, parameters: JsonObject) -> JsonObject:
        return self._send_file("sendAnimation", "animation", parameters)

    def _send_file(self, method: str, kind: str, parameters: JsonObject) -> JsonObject:
        chat = self._open_chat(parameters)
        sent = parameters[kind]
        if isinstance(sent, Upload):
            if kind == "photo":
                _check_photo(sent.content)
            file_id, name = self._keep_file(kind, sent.content), {"file_name": sent.name}
        else:
            file_id, name = sent, {}
            if file_id not in self.files or file_id in self.lost:
                raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
            if (real := self.files[file_id].kind) != kind:
                raise ApiError(400, f"Bad Request: can't use file of type {_type(real)} as {_type(kind)}")
        caption = self._read_caption(parameters)
        shown = self._shown(kind, file_id, **name)
        return self._put(method, chat, next(chat.message_ids), parameters, **{kind: shown}, **caption)

    def _send_location(self, parameters: JsonObject) -> JsonObject:
        chat = self._open_chat(parameters)
        latitude, longitude = float(parameters["latitude"]), float(parameters["longitude"])
        if not -90 <= latitude <= 90 or not -180 <= longitude <= 180:
            raise ApiError(400, "Bad Request: location is invalid")
        location = {"latitude": latitude, "longitude": longitude}
        return self._put("sendLocation", chat, next(chat.message_ids), parameters, location=location)

    def _send_contact(self, parameters: JsonObject) -> JsonObject:
        chat = self._open_chat(parameters)
        contact = {"phone_number": parameters["phone_number"], "first_name": parameters["first_name"]}
        return self._put("sendContact", chat, next(chat.message_ids), parameters, contact=contact)

    def _edit_message_text(self, parameters: JsonObject) -> JsonObject:
        chat = self._open_chat(parameters)
        text, entities = self._read_text(parameters)
        old = self._editable(chat, parameters)
        if "text" not in old:
            raise ApiError(400, "Bad Request: there is no text in the message to edit")
        same = (old["text"], old["entities"], old.get("reply_markup"))
        if same == (text, entities, parameters.get("reply_markup")):
            raise ApiError(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup "
                "are exactly the same as a current content and reply markup of the message",
            )
        return self._put("editMessageText", chat, old["message_id"], parameters, text=text, entities=entities)

    def _edit_message_reply_markup(self, parameters: JsonObject) -> JsonObject:
        chat = self._open_chat(parameters)
        old = self._editable(chat, parameters)
        kept = {name: old[name] for name in ("text", "entities", "photo", "document") if name in old}
        return self._put("editMessageReplyMarkup", chat, old["message_id"], parameters, **kept)

    def _answer_callback_query(self, parameters: JsonObject) -> bool:
        identifier = parameters["callback_query_id"]
        if not identifier.startswith("cb"):
            raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(parameters.get("text", "")) > 200:
            raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
        self.answered[identifier] = parameters.get("text", "")
        return True

    def _set_my_commands(self, parameters: JsonObject) -> bool:
        for command in parameters["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]) or not 1 <= len(command["description"]) <= 256:
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        # One list for everybody, and one for each chat that has its own.
        chat = (parameters.get("scope") or {}).get("chat_id")
        if chat is None:
            self.profile["commands"] = parameters["commands"]
        else:
            self.chat_commands[self._known_chat({"chat_id": chat}).id] = parameters["commands"]
        return True

    def _set_my_description(self, parameters: JsonObject) -> bool:
        return self._set_profile("description", parameters, 512)

    def _set_my_short_description(self, parameters: JsonObject) -> bool:
        return self._set_profile("short_description", parameters, 120)

    def _set_profile(self, name: str, parameters: JsonObject, longest: int) -> bool:
        text = parameters.get(name, "")
        if len(text) > longest:
            raise ApiError(400, f"Bad Request: {name} is too long")
        self.profile[name] = text
        return True

    def _get_chat(self, parameters: JsonObject) -> JsonObject:
        chat = self._known_chat(parameters)
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
        return {
            **chat.to_json(),
            "is_forum": chat.is_forum,
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, False),
        }

    def _get_chat_member(self, parameters: JsonObject) -> JsonObject:
        """The bot itself, which is what a bot asks before it works in a group."""
        chat = self._known_chat(parameters)
        if not chat.is_admin:
            return {"status": "member", "user": self._get_me({})}
        rights = dict.fromkeys(ADMIN_RIGHTS, False)
        return {
            "status": "administrator",
            "user": self._get_me({}),
            **rights,
            "can_manage_topics": chat.may_manage_topics,
        }

    def _get_file(self, parameters: JsonObject) -> JsonObject:
        file_id = parameters["file_id"]
        file = self.files.get(file_id)
        if file is None or file_id in self.lost:
            raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if file.size_bytes > DOWNLOAD_MAX_BYTES:
            raise ApiError(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_size": file.size_bytes,
            "file_path": f"files/{file_id}",
        }

    def _keep_file(self, kind: str, content: bytes, size_bytes: int | None = None) -> str:
        file_id = f"{kind}-{self.id}-{next(self._file_ids)}"
        self.files[file_id] = StoredFile(kind, content, len(content) if size_bytes is None else size_bytes)
        return file_id

    def _shown(self, kind: str, file_id: str, **more: Any) -> JsonObject | list[JsonObject]:
        """The file as a message shows it; a photo in two sizes, of which the larger is the file."""
        size = self.files[file_id].size_bytes
        file = {"file_id": file_id, "file_unique_id": file_id, "file_size": size}
        match kind:
            case "photo":
                small = {"file_id": f"{file_id}-small", "file_unique_id": "small", "width": 90, "height": 67}
                return [small, {**file, "width": 1280, "height": 960}]
            case "video" | "animation":
                return {**file, "width": 320, "height": 240, "duration": 3, "mime_type": "video/mp4", **more}
            case "video_note":
                return {**file, "length": 240, "duration": 3}
            case "voice":
                return {**file, "duration": 3, "mime_type": "audio/ogg"}
            case "audio":
                return {**file, "duration": 3, "mime_type": "audio/mpeg", **more}
        return {**file, "mime_type": "application/pdf", **more}

    def _read_caption(self, parameters: JsonObject) -> JsonObject:
        if not parameters.get("caption"):
            return {}
        caption, entities = self._read_markup(str(parameters["caption"]), parameters)
        if utf16(caption) > CAPTION_MAX_UNITS:
            raise ApiError(400, "Bad Request: message caption is too long")
        return {"caption": caption.strip(), "caption_entities": entities}

    def _chat(self, chat_id: int) -> ChatState:
        kind = "private" if chat_id > 0 else "supergroup" if chat_id < -1_000_000_000_000 else "group"
        return self.chats.setdefault(chat_id, ChatState(chat_id, kind))

    def _open_chat(self, parameters: JsonObject) -> ChatState:
        """The chat something is sent to; raises ApiError where Telegram would not let the bot in, or not yet."""
        chat = self._known_chat(parameters)
        self._check_flood(chat.id)
        return chat

    def _known_chat(self, parameters: JsonObject) -> ChatState:
        chat = self.chats.get(int(parameters["chat_id"]))
        if chat is None:
            raise ApiError(400, "Bad Request: chat not found")
        if chat.migrated_to:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        if chat.blocked:
            raise ApiError(403, chat.blocked)
        if parameters.get("message_thread_id") and int(parameters["message_thread_id"]) not in chat.topics:
            raise ApiError(400, "Bad Request: message thread not found")
        return chat

    def _check_flood(self, chat: int) -> None:
        per_second, per_chat, retry_after = self.limits
        now = time.monotonic()
        for key, limit in ((None, per_second), (chat, per_chat)):
            if limit is None:
                continue
            if now < self.limited_until.get(key, 0):
                self.too_early.append(chat)
            recent = self._recent[key]
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= limit or now < self.limited_until.get(key, 0):
                self.limited_until[key] = now + retry_after
                self.floods += 1
                raise ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
        self._recent[None].append(now)
        self._recent[chat].append(now)

    def _read_text(self, parameters: JsonObject) -> tuple[str, list[JsonObject]]:
        text, entities = self._read_markup(str(parameters["text"]), parameters)
        if not text.strip():
            raise ApiError(400, "Bad Request: message text is empty")
        if utf16(text) > MESSAGE_MAX_UNITS:
            raise ApiError(400, "Bad Request: message is too long")
        return text.strip(), entities

    def _read_markup(self, text: str, parameters: JsonObject) -> tuple[str, list[JsonObject]]:
        if not parameters.get("parse_mode"):
            return text, []
        if parameters["parse_mode"] != "HTML":
            raise ApiError(400, "Bad Request: unsupported parse_mode")
        try:
            return read_html(text)
        except BadMarkup as error:
            raise ApiError(400, f"Bad Request: can't parse entities: {error}") from error

    def _editable(self, chat: ChatState, parameters: JsonObject) -> JsonObject:
        message = self.messages.get((chat.id, int(parameters["message_id"])))
        if message is None:
            raise ApiError(400, "Bad Request: message to edit not found")
        if message["from"]["id"] != self.id:
            raise ApiError(400, "Bad Request: message can't be edited")
        return message

    def _put(self, method: str, chat: ChatState, message_id: int, parameters: JsonObject, **content: Any) -> JsonObject:
        markup = parameters.get("reply_markup")
        topic = int(parameters["message_thread_id"]) if parameters.get("message_thread_id") else None
        if topic in chat.closed_topics and not chat.may_manage_topics:
            raise ApiError(400, "Bad Request: TOPIC_CLOSED")
        buttons = _checked_keyboard(markup)
        message = {
            "message_id": message_id,
            "date": int(time.time()),
            "chat": chat.to_json(),
            "from": self._get_me({}),
            **content,
            **({"message_thread_id": topic, "is_topic_message": True} if topic else {}),
        }
        if markup:
            message["reply_markup"] = markup
        self.messages[chat.id, message_id] = message
        text = content.get("text") or content.get("caption", "")
        entities = content.get("entities") or content.get("caption_entities", [])
        shown = next((content[kind] for kind in FILE_KINDS if kind in content), {})
        file_id = (shown[-1] if isinstance(shown, list) else shown).get("file_id", "")
        place = content.get("location") or content.get("contact") or {}
        self.sent.append(Sent(method, chat.id, message_id, text, entities, buttons, time.time(), topic, file_id, place))
        if self.on_sent:
            self.on_sent()
        return message

    def _message_of_person(self, chat: int, sender: int, text: str, fields: JsonObject) -> JsonObject:
        state = self._chat(chat)
        if state.type == "private":
            state.blocked = ""
        message = {
            "message_id": next(state.message_ids),
            "date": int(time.time()),
            "chat": state.to_json(),
            "from": {"id": sender, "is_bot": False, "first_name": "Sari", "language_code": "id"},
            **({"text": text, "entities": self._entities(text)} if text else {}),
            **fields,
        }
        self.messages[chat, message["message_id"]] = message
        return message

    def _entities(self, text: str) -> list[JsonObject]:
        patterns = (("bot_command", r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?"), ("mention", r"(?<!\S)@\w{4,}"))
        return [
            {"type": kind, "offset": utf16(text[: found.start()]), "length": utf16(found.group())}
            for kind, pattern in patterns
            for found in re.finditer(pattern, text)
        ]

    def _press(self, chat: int, message_id: int, action: str, sender: int) -> JsonObject:
        carrier = self.messages.get((chat, message_id))
        query = {
            "id": f"cb{next(self._callback_ids)}",
            "from": {"id": sender, "is_bot": False, "first_name": "Sari"},
            "chat_instance": "1",
            "data": action,
            "message": carrier or {"chat": self._chat(chat).to_json(), "message_id": message_id, "date": 0},
        }
        return self.push({"callback_query": query})

    def _membership(self, chat: ChatState, status: str) -> JsonObject:
        bot = self._get_me({})
        old = "kicked" if status == "member" else "member"
        return self.push(
            {
                "my_chat_member": {
                    "chat": chat.to_json(),
                    "from": {"id": abs(chat.id), "is_bot": False, "first_name": "Sari"},
                    "date": int(time.time()),
                    "old_chat_member": {"status": old, "user": bot, "until_date": 0},
                    "new_chat_member": {"status": status, "user": bot, "until_date": 0},
                }
            }
        )


def _checked_keyboard(markup: JsonObject | None) -> list[list[JsonObject]]:
    rows = (markup or {}).get("inline_keyboard", [])
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise ApiError(400, "Bad Request: text buttons are unallowed in the inline keyboard")
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows


def _check_rights(has_them: bool) -> None:
    if not has_them:
        raise ApiError(400, "Bad Request: not enough rights to manage topics")


def _check_photo(content: bytes) -> None:
    """Raise ApiError for what Telegram makes no photo of."""
    if len(content) > PHOTO_UPLOAD_MAX_BYTES:
        raise ApiError(400, "Bad Request: file is too big")
    try:
        width, height = Image.open(io.BytesIO(content)).size
    except UnidentifiedImageError:
        raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise ApiError(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")


def _type(kind: str) -> str:
    """As Telegram names it in a refusal: VideoNote."""
    return kind.title().replace("_", "")


def _snake(method: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter.group().lower()}", method)


def parsed(parameters: dict[str, str]) -> JsonObject:
    """Form fields with those that hold JSON decoded; raises ApiError."""
    structured = ("reply_markup", "entities", "allowed_updates", "commands", "link_preview_options", "scope")
    try:
        return {name: json.loads(value) if name in structured else value for name, value in parameters.items()}
    except ValueError as error:
        raise ApiError(400, "Bad Request: can't parse JSON object") from error
