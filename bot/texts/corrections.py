"""What people are told when an answer they were given was wrong, and the reasons Silvi writes into revisions herself."""

from __future__ import annotations

from bot.domain.messages import Button, Reply
from knowledge.entries import Entry
from knowledge.office import OfficeProfile

TITLE = "Ada jawaban yang kami perbaiki"
INTRO = 'Anda pernah bertanya soal "{title}". Jawaban kami waktu itu kurang tepat. Maaf. Ini yang benar:'
READ_ALL = "Baca lengkap"
BACK_TO = "kembali ke versi {version}"


def notice(entry: Entry, office: OfficeProfile) -> Reply:
    """The right answer at once: whoever acted on the old one must not have to ask again."""
    body = f"{INTRO.format(title=entry.title)}\n\n{office.fill(entry.short)}"
    return Reply(title=TITLE, body=body, buttons=((Button(READ_ALL, f"topik:{entry.id}"),),))
