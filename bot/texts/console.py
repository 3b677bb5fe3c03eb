"""What officers read about the console, in the chat and in its frame."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.cases import CaseState, CaseUrgency, Role
from bot.domain.second_words import Subject
from bot.texts import officer as officer_words

ROLES = {Role.OFFICER: "petugas", Role.SUPERVISOR: "penyelia", Role.ADMIN: "admin"}

MENU = (
    ("/konsol", "Beranda", Role.OFFICER),
    ("/konsol/kasus", "Kasus", Role.OFFICER),
    ("/konsol/perekrut", "Perekrut", Role.OFFICER),
    ("/konsol/izin", "Daftar izin", Role.OFFICER),
    ("/konsol/jaga", "Jaga", Role.OFFICER),
    ("/konsol/isi", "Pengetahuan", Role.OFFICER),
    ("/konsol/celah", "Celah", Role.OFFICER),
    ("/konsol/siaran", "Siaran", Role.SUPERVISOR),
    ("/konsol/mitra", "Mitra", Role.SUPERVISOR),
    ("/konsol/angka", "Angka", Role.SUPERVISOR),
    ("/konsol/kios", "Kios", Role.OFFICER),
    ("/konsol/petugas", "Petugas", Role.ADMIN),
    ("/konsol/audit", "Catatan", Role.SUPERVISOR),
    ("/konsol/sesi", "Perangkat", Role.OFFICER),
)
"""The pages of the console and who sees them in its menu."""

LINK = (
    "Ini tautan Anda ke konsol. Berlaku 5 menit, satu kali pakai, hanya untuk Anda. "
    "Jangan diteruskan ke orang lain.\n\n{address}"
)
IN_PRIVATE = "Tautan konsol hanya saya kirim di obrolan pribadi. Buka obrolan dengan saya, lalu tulis /konsol."
FIGURES_FOR_LEADING = "Angka kantor hanya untuk penyelia dan admin."
FIGURES_IN_PRIVATE = (
    "Angka kantor hanya saya kirim di obrolan pribadi. Buka obrolan dengan saya, lalu tulis /statistik."
)
MORE_FIGURES = "Gambar, masa lain, dan unduhan ada di konsol: tulis /konsol, lalu buka Angka."

WHO_READS_ALL = "pemegang kasus, penyelia, dan admin"
CHOOSE_CASES = "Pilih dulu kasusnya, lalu pilih petugasnya."
CHOOSE_SOMETHING = "Pilih dulu salah satu."
WRITE_SOMETHING = "Tulis dulu isinya."
WRITE_BOTH = "Isi pertanyaannya dan jawabannya."
EVENTS = {
    "opened": "dibuka",
    "message": "pesan pelapor",
    "note": "catatan",
    "detail": "keterangan",
    "reminded": "petugas diingatkan",
    "asked_again": "ditanya lagi apakah selesai",
    "rated": "penilaian pelapor",
    "outcome": "hasil",
    "route": "jalur berangkat",
    "story": "cerita untuk surat",
    "read": "membaca",
    "unreachable": "pelapor tidak terhubung",
    "refused": "bukan petugas, ditolak",
    "claim": "diambil",
    "reply": "balasan petugas",
    "hear": "pesan pelapor",
    "wait": "menunggu pelapor",
    "refer": "dirujuk",
    "answered": "lembaga menjawab",
    "prioritise": "kegawatan diubah",
    "lower": "kegawatan diturunkan",
    "resolve": "ditandai selesai",
    "confirm": "ditutup pelapor",
    "expire": "ditutup tanpa jawaban",
    "reopen": "dibuka lagi",
    "withdraw": "dibatalkan pelapor",
    "hand_over": "diserahkan",
    "hand_back": "kembali ke Silvi",
    "take_back": "diambil dari Silvi",
}
"""What the log of a case calls its lines."""

BAD_NUMBER = "Nomor Telegram hanya angka, misalnya 123456789."
BAD_NAME = "Nama perlu 1 sampai 100 huruf."
BAD_ROLE = "Pilih salah satu peran."
BAD_OFFICE = "Pilih salah satu kantor."
NOT_YOURSELF = "Peran Anda sendiri tidak bisa dicabut atau diturunkan. Minta admin lain melakukannya."

FILE_TOO_MUCH = "Berkas ini terlalu besar atau terlalu lama dibaca. Bagi menjadi beberapa berkas yang lebih kecil."
CHOOSE_OFFICER = "Pilih salah satu petugas."
BAD_MOMENT = "Isi tanggal dan jam mulai, lalu tanggal dan jam selesai."
DUTY_IS_OVER = "Jadwal itu sudah lewat. Isi waktu selesai yang belum lewat."
DUTY_ENDS_EARLY = "Waktu selesai harus sesudah waktu mulai."

NO_INDEX = "Pencarian belum siap, jadi pertanyaan belum bisa dikelompokkan. Coba lagi sebentar lagi."
DRAFT_BEHIND = "Entri ini diterbitkan lagi setelah drafnya dibuat. Buka drafnya dulu, simpan, lalu coba lagi."
GAPS = {"unanswered": "belum terjawab", "wrong": "dijawab salah", "not_helpful": "tidak membantu"}

ACTIONS = {
    "izin:impor": "memakai daftar izin baru",
    "perekrut:baca": "membuka berkas perekrut",
    "perekrut:kasus": "menautkan kasus ke perekrut",
    "perekrut:jejak": "menambah jejak perekrut",
    "perekrut:lepas": "melepas jejak perekrut",
    "perekrut:tanggapan": "mencatat tanggapan perekrut",
    "perekrut:langkah": "mencatat penegakan hukum",
    "putusan:usul": "mengusulkan status dilaporkan",
    "putusan:setuju": "menyetujui status dilaporkan",
    "putusan:cabut": "mencabut status dilaporkan",
    "angka:unduh": "mengunduh angka",
    "laporan:impor": "memasukkan angka kantor",
    "konsol:tautan": "minta tautan masuk",
    "konsol:masuk": "masuk",
    "konsol:keluar": "menutup sesi",
    "konsol:ditolak": "ditolak",
    "retensi:hapus": "menghapus data yang habis masa simpannya",
    "jaga:tambah": "menambah jadwal jaga",
    "jaga:hapus": "menghapus jadwal jaga",
    "kios:daftar": "mendaftarkan kios",
    "kios:kode": "membuat kode kios",
    "kios:pasang": "kios dipasang",
    "kios:cabut": "mencabut kios",
    "petugas:daftar": "mendaftarkan petugas",
    "petugas:cabut": "mencabut petugas",
    "isi:usul dari kasus": "mengusulkan entri dari balasan kasus",
    "isi:unduh": "mengunduh pengetahuan",
    "isi:masukkan": "memasukkan berkas pengetahuan",
    "isi:berkas ditolak": "berkas pengetahuan ditolak",
    "acara:buat": "membuat acara",
    "acara:episode": "membuat episode",
    "mitra:daftar": "mendaftarkan mitra",
    "mitra:undang": "membuat tautan mitra baru",
    "mitra:cabut": "mencabut mitra",
    "siaran:simpan": "menyimpan siaran",
    "siaran:ajukan": "mengajukan siaran",
    "siaran:kembalikan": "mengembalikan siaran",
    "siaran:setujui": "menyetujui siaran",
    "siaran:jeda": "menjeda siaran",
    "siaran:lanjut": "melanjutkan siaran",
    "siaran:hentikan": "menghentikan siaran",
    "isi:simpan": "menyimpan draf",
    "isi:ajukan": "mengajukan draf",
    "isi:kembalikan": "mengembalikan draf",
    "isi:buang": "membuang draf",
    "isi:terbitkan": "menerbitkan entri",
    "isi:tarik": "menarik entri",
    "isi:pulihkan": "memulihkan versi lama",
}


SECOND_WORDS = {
    Subject.DRAFT: ("jawaban", "/konsol/isi/{key}/draf"),
    Subject.BROADCAST: ("siaran", "/konsol/siaran/{key}"),
    Subject.VERDICT: ("perekrut", "/konsol/perekrut/{key}"),
}
"""What waits for a second person is called, and where it is decided."""


def link(address: str, token: str) -> str:
    """The address of a one-time link."""
    return f"{address}/konsol/masuk?kunci={token}"


def case_facts(facts: Mapping[str, object] | None, names: Mapping[int, str]) -> dict[str, str]:
    """What the log keeps of a case, in words; `names` are the officers'."""
    told = {}
    for name, value in (facts or {}).items():
        match name:
            case "state":
                told["keadaan"] = officer_words.STATES[CaseState(value)]
            case "urgency":
                told["kegawatan"] = officer_words.URGENCIES[CaseUrgency(value)]
            case "officer":
                told["pemegang"] = names.get(value, "belum ada")
    return told


def trend(count: int, before: int) -> str:
    """This period against the one before."""
    if not before:
        return "baru"
    if count == before:
        return "sama seperti masa sebelumnya"
    return f"{'naik' if count > before else 'turun'} dari {before}"
