"""What a person reads and presses to choose their news."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.broadcasts import PER_WEEK, Topic
from bot.domain.districts import DISTRICTS, without_districts
from bot.domain.messages import Button, Reply
from bot.storage.tables import Subscription
from bot.texts.formats import country_name

TOPICS = {
    Topic.JOBS: "Lowongan resmi",
    Topic.EVENTS: "Acara",
    Topic.FRAUD: "Peringatan penipuan",
    Topic.RULES: "Perubahan aturan",
}
COUNTRIES = (
    "malaysia",
    "sarawak",
    "brunei",
    "singapura",
    "hong-kong",
    "taiwan",
    "korea",
    "jepang",
    "jerman",
    "arab-saudi",
)

TITLE = "Kabar dari kantor"
INTRO = f"Kabar apa yang mau Anda terima? Tekan untuk memilih, tekan lagi untuk melepas. Paling banyak {PER_WEEK} kabar seminggu, siang hari saja."
CHOSEN = "Anda menerima: {topics}.\nNegara: {country}. Daerah: {district}."
BY_WORDS = (
    "Bisa juga ditulis, misalnya: lowongan Taiwan Sambas. Pilihan Anda disimpan sampai Anda berhenti (lihat /datasaya)."
)
ASK_COUNTRY = "Kabar tentang negara mana?"
ASK_DISTRICT = "Anda dari daerah mana di Kalimantan Barat?"
STOPPED = "Sudah berhenti. Anda tidak menerima kabar lagi dari kantor. Mau mulai lagi? Tulis /langganan."
NONE_TO_STOP = "Anda memang tidak berlangganan kabar. Jadi tidak ada yang perlu dihentikan."
ALL_COUNTRIES, ALL_DISTRICTS = "semua negara", "semua daerah"
KEPT = "Anda berlangganan kabar: {chosen}. Ubah atau hentikan di /langganan."

STOP_ALL = Button("Hentikan semua kabar", "langganan:stop")
BACK = Button("Kembali", "langganan:buka")

STOP_WORDS = re.compile(
    r"\b(?:stop|setop|berhenti|hentikan|batal(?:kan)?|matikan|jangan kirim|unsubscribe)\s+(?:semua\s+)?(?:ber)?(?:langganan|kabar|siaran)\b"
    r"|\blangganan(?:nya)?\s+(?:stop|setop|berhenti|dihentikan|dimatikan)\b"
)
"""Side by side alone: "berhenti kerja, tidak ada kabar" is somebody's trouble."""
STOP_FILLERS = frozenset("tolong mohon mau saya aku silvi semua semuanya dari kantor nya ini itu dong ya yah aja saja sekarang lagi deh".split())
"""What may stand around the words that stop, and leaves no doubt of what they mean."""
START_WORDS = re.compile(r"\b(?:ber)?langganan\b")
TOPIC_WORDS = {
    Topic.JOBS: re.compile(r"\b(?:lowongan|loker)\b(?: resmi)?"),
    Topic.EVENTS: re.compile(r"\b(?:acara|sosialisasi|siaran langsung)\b"),
    Topic.FRAUD: re.compile(r"(?:\bperingatan )?\bpenipuan\b"),
    Topic.RULES: re.compile(r"(?:\bperubahan )?\b(?:per)?aturan\b"),
}
FILLERS = frozenset("mau dan ke di yang yg saja semua dari daerah negara kabupaten kota tentang soal".split())


def rest_of(said: str) -> list[str]:
    """What a text says besides topics and districts."""
    for pattern in TOPIC_WORDS.values():
        said = pattern.sub(" ", said)
    return [word for word in without_districts(said).split() if word not in FILLERS]


def stops_all(said: str) -> bool:
    """Whether a text says nothing but that no news is wanted any more."""
    rest, found = STOP_WORDS.subn(" ", said)
    return bool(found) and STOP_FILLERS.issuperset(rest.split())


def topics_in(said: str) -> list[Topic]:
    return [topic for topic, words in TOPIC_WORDS.items() if words.search(said)]


def chosen(subscription: Subscription) -> str:
    """Lowongan resmi, Acara (Taiwan, semua daerah)."""
    topics = ", ".join(TOPICS[Topic(topic)] for topic in subscription.topics)
    return f"{topics} ({_country(subscription)}, {_district(subscription)})"


def kept(subscription: Subscription) -> str:
    return KEPT.format(chosen=chosen(subscription))


def page(subscription: Subscription | None) -> Reply:
    """What is chosen, with everything that can be changed one tap away."""
    topics = subscription.topics if subscription else []
    rows = [
        (Button(f"{'✓ ' if topic in topics else ''}{name}", f"langganan:t:{topic}"),) for topic, name in TOPICS.items()
    ]
    if subscription is None:
        return Reply(title=TITLE, body=INTRO, footer=BY_WORDS, buttons=tuple(rows))
    names = ", ".join(TOPICS[Topic(topic)] for topic in topics)
    known = CHOSEN.format(topics=names, country=_country(subscription), district=_district(subscription))
    rows += [(Button("Ganti negara", "langganan:n"), Button("Ganti daerah", "langganan:d")), (STOP_ALL,)]
    return Reply(title=TITLE, body=f"{INTRO}\n\n{known}", footer=BY_WORDS, buttons=tuple(rows))


def countries() -> Reply:
    return _choices(ASK_COUNTRY, "n", [(code, country_name(code)) for code in COUNTRIES], ALL_COUNTRIES)


def districts() -> Reply:
    return _choices(ASK_DISTRICT, "d", list(DISTRICTS.items()), ALL_DISTRICTS)


def _choices(asked: str, verb: str, named: Sequence[tuple[str, str]], everything: str) -> Reply:
    buttons = [Button(name, f"langganan:{verb}:{code}") for code, name in named]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    return Reply(body=asked, buttons=(*rows, (Button(everything.capitalize(), f"langganan:{verb}:semua"),), (BACK,)))


def _country(subscription: Subscription) -> str:
    return country_name(subscription.country) if subscription.country else ALL_COUNTRIES


def _district(subscription: Subscription) -> str:
    return DISTRICTS[subscription.district] if subscription.district else ALL_DISTRICTS
