"""What people are told when an answer they were given was wrong, and the reasons Silvi writes into revisions herself."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.messages import Button, Reply
from bot.texts.answers import country_part
from knowledge.entries import Entry
from knowledge.office import OfficeProfile

TITLE = "Ada jawaban yang kami perbaiki"
INTRO = 'Anda pernah bertanya soal "{title}". Jawaban kami waktu itu kurang tepat. Maaf. Ini yang benar:'
READ_ALL = "Baca lengkap"
BACK_TO = "kembali ke versi {version}"


def notice(entry: Entry, office: OfficeProfile, countries: Iterable[str] = ()) -> Reply:
    """The right answer at once, with what holds for the countries they asked of: whoever acted on the old one must not
    have to ask again."""
    parts = dict.fromkeys(part for code in countries if (part := country_part(entry, code)))
    answer = "\n\n".join(office.fill(part) for part in (*parts, entry.short))
    body = f"{INTRO.format(title=entry.title)}\n\n{answer}"
    return Reply(title=TITLE, body=body, buttons=((Button(READ_ALL, f"topik:{entry.id}"),),))
