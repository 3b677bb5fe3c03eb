"""What people read on Telegram outside the conversation: commands, the bot's profile, one apology."""

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

SHORT_DESCRIPTION = "Tanya, cek lowongan, dan lapor soal kerja ke luar negeri."

DESCRIPTION = (
    "Halo, saya Silvi. Saya membantu Anda yang ingin, sedang, atau pernah bekerja di luar negeri.\n\n"
    "Tanyakan apa saja: syarat, biaya, paspor, kontrak. Kirim lowongan yang membuat Anda ragu, "
    "atau laporkan masalah.\n\n"
    "Tulis saja dengan bahasa sehari-hari. Silvi gratis."
)


def update_failed(number: int) -> str:
    """One kind sentence for a message that could not be handled, with the number it is kept under."""
    return (
        f"Maaf, pesan Anda belum bisa saya proses karena ada gangguan di pihak kami; "
        f"pesannya tersimpan dengan nomor {number} dan akan diperiksa petugas."
    )
