"""What people read on Telegram outside the conversation: commands, the bot's profile, one apology."""

FILE_NOT_SHOWN = "(Ada kiriman di sini, tetapi tidak bisa ditampilkan. Minta pengirimnya mengirim ulang.)"

COMMANDS: tuple[tuple[str, str], ...] = (
    ("start", "Mulai dan lihat menu"),
    ("lapor", "Laporkan masalah atau minta tolong"),
    ("cek", "Cek lowongan atau perusahaan"),
    ("status", "Lihat kabar laporan saya"),
    ("petugas", "Bicara dengan petugas"),
    ("berkas", "Daftar berkas yang harus disiapkan"),
    ("langganan", "Atur kabar dan pengingat"),
    ("datasaya", "Lihat data saya yang tersimpan"),
    ("hapusdata", "Hapus data saya"),
    ("batal", "Hentikan yang sedang berjalan"),
    ("bantuan", "Cara memakai Silvi"),
)

DESK_COMMANDS: tuple[tuple[str, str], ...] = (
    ("menu", "Keadaan kasus dan semua tindakan"),
    ("ambil", "Pegang kasus ini"),
    ("prioritas", "Ubah kegawatan"),
    ("tunggu", "Minta sesuatu dari pelapor"),
    ("rujuk", "Rujuk ke lembaga lain"),
    ("cerita", "Lihat atau ringkas cerita untuk surat rujukan"),
    ("jawaban", "Catat jawaban lembaga"),
    ("hasil", "Catat hasil: polisi, sidang, pulang"),
    ("perekrut", "Yang diketahui tentang perekrut di kasus ini"),
    ("jalur", "Catat jalur berangkat: prosedural atau tidak"),
    ("catatan", "Catatan dalam, tidak dikirim"),
    ("alih", "Serahkan ke petugas lain"),
    ("silvi", "Kembalikan obrolan ke Silvi"),
    ("selesai", "Tandai selesai"),
    ("buka", "Buka lagi"),
)

SHORT_DESCRIPTION = "Tanya, cek lowongan, dan lapor soal kerja ke luar negeri."

DESCRIPTION = (
    "Halo, saya Silvi. Saya membantu Anda yang ingin, sedang, atau pernah bekerja di luar negeri.\n\n"
    "Tanyakan apa saja: syarat, biaya, paspor, kontrak. Kirim lowongan yang membuat Anda ragu, "
    "atau laporkan masalah.\n\n"
    "Tulis saja dengan bahasa sehari-hari. Silvi gratis."
)


def update_failed(urgent: str, number: int) -> str:
    """For a message that could not be handled: the number it is kept under, and who helps in danger."""
    return (
        "Maaf, pesan Anda belum bisa saya proses karena ada gangguan di pihak kami. "
        f"Pesannya tersimpan dengan nomor {number} dan akan diperiksa petugas.\n\n{urgent}"
    )
