"""What people read about the episodes of a programme, and the host about their questions."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.domain.messages import Reply
from bot.storage.tables import Episode, Programme
from bot.texts.formats import moment

ANNOUNCEMENT, REMINDER, LINK, RECORDING = "pengumuman", "pengingat", "tautan", "rekaman"
PARTS = {
    ANNOUNCEMENT: "{about}\n\n{when}.\n\nMau titip pertanyaan? Tekan tombol di bawah. Pertanyaan Anda dibacakan tanpa nama.",
    REMINDER: "Satu jam lagi kita mulai: {when}.\n\nTautannya saya kirim saat mulai. Pertanyaan masih bisa dititipkan.",
    LINK: "Kita mulai sekarang. Tekan tombol di bawah untuk ikut. Pertanyaan bisa dititipkan juga.",
    RECORDING: "Belum sempat ikut? Rekamannya sudah ada. Tekan tombol di bawah untuk menonton.",
}
JOIN, ASK, WATCH = "Ikut sekarang", "Titip pertanyaan", "Tonton rekaman"

ASK_QUESTION = (
    "Tulis pertanyaan untuk pembawa acara. Satu pesan saja, tanpa nama dan nomor. Ketik /batal kalau tidak jadi."
)
PASSED_ON = "Terima kasih. Pertanyaan Anda sudah sampai ke pembawa acara. Nama Anda tidak ikut."
BOX_CLOSED = "Kotak pertanyaan acara ini sudah ditutup. Tulis saja pertanyaannya di sini, saya bantu jawab."
TOO_MANY = "Pertanyaan Anda untuk acara ini sudah banyak. Beri kesempatan kepada yang lain, ya. Yang lain bisa ditanyakan ke saya."
FOR_HOST = "Pertanyaan untuk {episode}:\n\n{question}"

BAD_PROGRAMME = "Nama acara perlu 1 sampai {limit} huruf, dan pilih pembawa acaranya."
BAD_EPISODE = (
    "Isi judul (paling panjang {title} huruf), keterangan (paling panjang {about} huruf), dan alamat https://."
)
BAD_TIME = "Acara harus yang akan datang, dan pengingat sejam sebelumnya tidak boleh jatuh malam: mulai antara pukul 09.00 dan 20.00."
BAD_ADDRESS = "Alamat rekaman harus mulai dengan https://."
HAS_RECORDING = "Rekamannya sudah ada. Ubah lewat siarannya."


def name(programme: Programme, episode: Episode) -> str:
    """Kamek Talks episode 23: Cara mengurus paspor."""
    return f"{programme.name} episode {episode.number}: {episode.title}"


def body(part: str, episode: Episode, zone: ZoneInfo) -> str:
    return PARTS[part].format(about=episode.about, when=moment(episode.starts_at, zone))


def for_host(programme: Programme, episode: Episode, question: str) -> Reply:
    return Reply(body=FOR_HOST.format(episode=name(programme, episode), question=question))
