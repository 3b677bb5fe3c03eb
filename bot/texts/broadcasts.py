"""A broadcast as people get it, and what officers read about it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain import broadcasts as rules
from bot.domain.broadcasts import PER_SECOND, PER_WEEK, BroadcastAction, BroadcastState
from bot.domain.districts import DISTRICTS
from bot.domain.messages import Button, Media, Reply
from bot.storage.tables import Broadcast
from bot.texts.formats import country_name, moment, when
from bot.texts.subscriptions import ALL_COUNTRIES, ALL_DISTRICTS, STOP_ALL, TOPICS

WHY = "Anda menerima ini karena berlangganan: {topic}."
PREVIEW = "PRATINJAU, belum dikirim kepada siapa pun. {why}"
HERE = "Ini alamatnya:\n{address}"

STATES = {
    BroadcastState.DRAFT: "draf",
    BroadcastState.REVIEW: "menunggu persetujuan orang kedua",
    BroadcastState.APPROVED: "disetujui, menunggu waktunya",
    BroadcastState.SENDING: "sedang dikirim",
    BroadcastState.PAUSED: "dijeda",
    BroadcastState.STOPPED: "dihentikan",
    BroadcastState.DONE: "selesai",
}
WAITS_FOR_MORNING = "menunggu pagi, lanjut {moment}"
WAITS_UNTIL = "disetujui, mulai {moment}"
ASLEEP = "belum dikirim, karena di negaranya masih malam"
PROGRESS = {
    "sent": "sampai",
    "given": "sampai, dan siapa orangnya sudah dihapus",
    "pending": "dalam perjalanan",
    "waiting": "menunggu giliran",
    "failed": "tidak sampai (memblokir Silvi atau akunnya hilang)",
    "unreachable": "dilewati: sudah tidak bisa dihubungi",
    "enough": f"dilewati: sudah menerima {PER_WEEK} kabar minggu ini",
    "left": "dilewati: berhenti berlangganan",
    "stopped": "tidak dikirim: siaran dihentikan atau lewat waktunya",
    "dropped": "tidak dikirim",
}
"""What becomes of recipients, by the state of their row or of their message."""

BAD_TITLE = "Judul perlu 1 sampai {limit} huruf."
BAD_BODY = "Isi perlu 1 sampai {limit} huruf. Dengan gambar, isinya paling panjang {captioned}."
BAD_BUTTON = "Tombol {number} perlu tulisan (paling panjang {limit} huruf) dan tujuan: kode entri, atau alamat yang mulai dengan https://."
BAD_TOPIC = "Pilih topiknya."
BAD_PLACE = "Pilih negara dan daerah dari daftar."
BAD_TIME = "Waktunya belum benar. Waktu kirim harus yang akan datang, dan batas akhir harus sesudahnya. Malam hari (20.00 sampai 08.00) tidak ada yang dikirim."
BAD_PICTURE = "Gambarnya tidak bisa dipakai. Pilih satu gambar JPG, PNG atau WEBP, paling besar 8 MB."
TOO_MANY_PICTURES = "Gambar yang diunggah hari ini sudah terlalu banyak. Coba lagi besok."
OWN_WORDS = "Siaran ini tulisan Anda sendiri. Orang lain yang harus menyetujuinya."
NOT_NOW = "Langkah ini tidak bisa dilakukan sekarang. Lihat keadaan siaran di bawah."
CHANGED = "Siaran ini diubah setelah Anda membukanya. Baca lagi, lalu setujui."
FEWER = "kurang dari {count}"
REASON_NEEDED = "Tulis dulu alasannya."

FOR_LEADING = "Siaran hanya untuk penyelia dan admin."
IN_PRIVATE = "Siaran hanya saya urus di obrolan pribadi. Buka obrolan dengan saya, lalu tulis /siaran."
CHAT_TITLE = "Siaran"
CHAT_NONE = "Belum ada siaran."
CHAT_HOW = "Menulis siaran baru: /siaran diikuti isinya, atau lewat konsol:\n{address}"
CHAT_KEPT = (
    "Draf siaran {number} sudah disimpan. Pilih topik, wilayah, gambar dan waktunya di konsol, lalu ajukan:\n{address}"
)
CHAT_DONE = "Siaran {number}: {state}."
ACTIONS = {
    BroadcastAction.PAUSE: "Jeda",
    BroadcastAction.RESUME: "Lanjutkan",
    BroadcastAction.STOP: "Hentikan",
}
NO_TITLE = "Kabar dari kantor"


def message(broadcast: Broadcast, media: Media | None, *, is_preview: bool = False) -> Reply:
    """What each recipient gets: with the reason why, and the way out in one tap."""
    why = WHY.format(topic=topic_name(broadcast.topic))
    rows = [
        (Button(button["label"], f"siaran:{broadcast.id}:{number}"),) for number, button in enumerate(broadcast.buttons)
    ]
    return Reply(
        title=broadcast.title,
        body=broadcast.body,
        footer=PREVIEW.format(why=why) if is_preview else why,
        buttons=(*rows, (STOP_ALL,)),
        media=media,
    )


def topic_name(topic: str) -> str:
    return next(name for code, name in TOPICS.items() if code == topic)


def audience(broadcast: Broadcast) -> str:
    """Lowongan resmi, Taiwan, semua daerah."""
    country = country_name(broadcast.country) if broadcast.country else ALL_COUNTRIES
    district = DISTRICTS[broadcast.district] if broadcast.district else ALL_DISTRICTS
    return f"{topic_name(broadcast.topic)}, {country}, {district}"


def pace(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """How long it takes."""
    minutes = max(1, round((ends_at - starts_at).total_seconds() / 60))
    return (
        f"mulai {moment(starts_at, zone)}, selesai paling cepat sekitar {minutes} menit kemudian "
        f"({PER_SECOND} pesan sedetik; malam hari berhenti, di sini dan di negara yang dipilih orangnya)"
    )


def state_of(broadcast: Broadcast, zone: ZoneInfo, now: datetime) -> str:
    """Where it stands; by night that it waits, and until when."""
    state = BroadcastState(broadcast.state)
    if state is BroadcastState.SENDING and (morning := rules.quiet_until(now, zone)):
        return WAITS_FOR_MORNING.format(moment=when(morning, zone, now))
    if state is BroadcastState.APPROVED and broadcast.start_at:
        starts_at = max(broadcast.start_at, now)
        return WAITS_UNTIL.format(moment=when(rules.quiet_until(starts_at, zone) or starts_at, zone, now))
    return STATES[state]


def progress_label(state: str) -> str:
    label = PROGRESS[state]
    return label[0].upper() + label[1:]


def line(broadcast: Broadcast, zone: ZoneInfo, now: datetime) -> str:
    """One broadcast in a list in the chat."""
    return f"{broadcast.id}. {broadcast.title}: {state_of(broadcast, zone, now)}"
