"""What `silvi doctor` says of each part, and how to mend it: for the one who looks after the machine."""

from __future__ import annotations

MARKS = {"ok": "baik  ", "warning": "awas  ", "broken": "rusak "}
ALL_WELL = "Semua baik."
SUMMARY = "{broken} rusak, {warnings} perlu dilihat."
MEND = "       Cara memperbaiki: {mend}"

HANGS = "tidak menjawab dalam {seconds:.0f} detik."
HANGS_MEND = "Periksa jaringan dan firewall ke alamatnya, atau jalankan ulang bagian itu."
NOT_CHECKED = "tidak bisa diperiksa ({error})."
NOT_CHECKED_MEND = (
    "Periksa isinya di .env, lalu jalankan silvi doctor lagi. Kalau tetap begini, kirim baris ini ke pembuat Silvi."
)

NO_TOKEN = "SILVI_TELEGRAM_TOKEN belum diisi: Silvi hanya menjawab di web."
NO_TOKEN_MEND = "Minta token ke @BotFather, isi SILVI_TELEGRAM_TOKEN di .env, lalu jalankan ulang."
TOKEN_REFUSED = "Telegram menolak SILVI_TELEGRAM_TOKEN."
TOKEN_REFUSED_MEND = "Salin ulang token dari @BotFather (perintah /token), isi di .env, lalu jalankan ulang."
TELEGRAM_AWAY = "Telegram tidak bisa dihubungi ({error})."
TELEGRAM_AWAY_MEND = "Periksa internet, DNS, dan firewall; {address} harus bisa dibuka dari komputer ini."
TOKEN_GOOD = "bot @{name}"

WEBHOOK_LEFT = "Telegram masih mengirim ke webhook, padahal SILVI_TELEGRAM_WEBHOOK_URL kosong."
WEBHOOK_LEFT_MEND = "Jalankan silvi run: webhook lama dilepas sendiri. Kalau tidak, ada layanan lain memakai token ini."
WEBHOOK_OTHER = "Telegram belum mengirim ke SILVI_TELEGRAM_WEBHOOK_URL."
WEBHOOK_OTHER_MEND = (
    "Jalankan silvi run. Kalau sudah, ada layanan lain memakai token ini: hentikan, atau buat token baru."
)
WEBHOOK_ERROR = "Telegram gagal mengirim ke webhook: {error}"
WEBHOOK_ERROR_MEND = "Periksa sertifikat TLS dan proxy: alamatnya harus sampai ke SILVI_TELEGRAM_WEBHOOK_LISTEN."
WEBHOOK_GOOD = "webhook terpasang, {count} pesan menunggu"
POLLING = "polling, {count} pesan menunggu"

NO_DESK = "SILVI_DESK_CHAT_ID belum diisi: laporan menunggu di basis data."
NO_DESK_MEND = "Buat grup dengan topik, masukkan bot sebagai admin, isi nomor grup di SILVI_DESK_CHAT_ID."
DESK_UNKNOWN = "Grup petugas tidak bisa dibuka ({error})."
DESK_UNKNOWN_MEND = "Masukkan bot ke grup itu, dan periksa nomornya di SILVI_DESK_CHAT_ID."
NO_TOPICS = "Topik di grup petugas tidak menyala."
NO_TOPICS_MEND = "Buka pengaturan grup di Telegram, lalu nyalakan Topik."
NO_RIGHTS = "Bot bukan admin yang boleh mengelola topik di grup petugas."
NO_RIGHTS_MEND = "Buka Administrator di pengaturan grup, pilih bot, lalu izinkan Kelola Topik."
DESK_GOOD = "grup petugas dengan topik"

DATABASE_AWAY = "basis data tidak menjawab ({error})."
DATABASE_AWAY_MEND = "Periksa SILVI_DATABASE_URL dan apakah PostgreSQL hidup; kosongkan untuk memakai yang bawaan."
WRONG_KEY = "basis data ditulis dengan kunci lain."
WRONG_KEY_MEND = "Kembalikan SILVI_SECRET_KEY (atau secret.key di SILVI_DATA_DIR) yang lama. Jangan membuat kunci baru."
OTHER_SCHEMA = "skema {revision}, padahal versi Silvi ini memakai {newest}."
NO_SCHEMA = "kosong"
OTHER_SCHEMA_MEND = (
    "Kalau skemanya lebih lama: jalankan silvi db upgrade. Kalau lebih baru: pasang versi Silvi yang baru."
)
DATABASE_GOOD = "skema {revision}"
NOBODY = "belum ada petugas terdaftar."
NOBODY_MEND = "Daftarkan dengan silvi officer add."
OFFICERS_GOOD = "{count} petugas"
LATE = "{count} pesan menunggu dikirim lebih dari {minutes} menit."
LATE_MEND = "Periksa apakah silvi run hidup dan Telegram bisa dihubungi; lihat catatannya."
OUTBOX_GOOD = "tidak ada pesan yang tertahan"

NLU_AWAY = "NLU tidak menjawab: Silvi menjawab tanpanya, dan kurang tepat."
NLU_AWAY_MEND = (
    "Kalau silvi run sedang hidup, tunggu satu menit lalu lihat nlu.log di SILVI_DATA_DIR. Kalau tidak, make setup."
)
NLU_NOT_RUNNING = "siap dijalankan (layanan sedang tidak hidup)"
NLU_GOOD = "menjawab"
MODEL_MISSING = "model bahasa tidak ada di {folder}."
MODEL_MISSING_MEND = "Jalankan make setup, atau silvi model build lalu silvi model learn."
MODEL_GOOD = "ada di {folder}"

CLOCK_OFF = "jam komputer berbeda {seconds} detik dari {other}."
CLOCK_OFF_MEND = "Nyalakan penyamaan jam: sudo timedatectl set-ntp true."
CLOCK_GOOD = "cocok dengan {other}"
ZONE_UNKNOWN = "SILVI_TIME_ZONE {zone} tidak dikenal."
ZONE_UNKNOWN_MEND = "Isi misalnya Asia/Pontianak."
DISK_FULL = "sisa tempat di {folder} tinggal {free}."
DISK_FULL_MEND = "Kosongkan tempat: hapus cadangan dan catatan lama, atau perbesar disk."
DISK_GOOD = "sisa {free}"
FOLDER_CLOSED = "{folder} tidak bisa ditulisi."
FOLDER_CLOSED_MEND = "Beri hak: sudo chown -R $(id -un) {folder}, atau ganti SILVI_DATA_DIR."
KEY_OPEN = "{path} bisa dibaca orang lain."
KEY_OPEN_MEND = "chmod 600 {path}"
SETTINGS_GOOD = "bisa dibaca"
OFFICE_BROKEN = "profil kantor tidak bisa dibaca: {error}"
OFFICE_BROKEN_MEND = "Perbaiki berkas SILVI_OFFICE_FILE (docs/ISI.md, bagian Profil kantor)."
NO_PUBLIC_URL = "SILVI_WEB_PUBLIC_URL belum diisi: tautan konsol hanya jalan di komputer ini."
NO_PUBLIC_URL_MEND = "Isi alamat https yang dibuka petugas, misalnya https://silvi.contoh.go.id."
