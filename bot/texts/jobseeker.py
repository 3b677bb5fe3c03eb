"""What Silvi says to people who write to it. Indonesian that a junior secondary pupil reads easily; warm, short, no blame."""

from __future__ import annotations

from bot.domain.messages import Button
from bot.domain.retention import DAY, PERIODS, YEAR, Kept

ASK, CHECK, REPORT, OFFICER = (
    Button("Tanya", "menu:tanya"),
    Button("Cek lowongan", "menu:cek"),
    Button("Lapor masalah", "menu:lapor"),
    Button("Petugas", "menu:petugas"),
)
MENU = ((ASK, CHECK), (REPORT, OFFICER))
BACK_TO_MENU = Button("Menu", "menu:utama")

WELCOME = (
    "Halo, saya Silvi, asisten otomatis untuk yang mau, sedang, atau pernah bekerja di luar negeri.\n\n"
    "Tulis saja pertanyaannya dengan bahasa sehari-hari. Contoh: biaya ke Taiwan, paspor ditahan majikan, "
    "PT ini resmi tidak.\n\n"
    "Atau pilih tombol di bawah."
)
PRIVACY_NOTICE = (
    "Pertanyaan disimpan tanpa nama dan nomor, untuk memperbaiki jawaban (UU 27/2022 tentang Pelindungan Data Pribadi). "
    "Laporan masalah disimpan lengkap dan dibaca petugas. Lembaga lain hanya diberi yang perlu untuk menolong Anda. "
    "Jangan kirim foto KTP atau nomor rekening kalau tidak diminta."
)
NOTICE_CHANGED = "Pemberitahuan privasi Silvi berubah"
NOTICE_ABOUT = "Tulis /datasaya untuk melihat apa yang disimpan. Tidak setuju? Data Anda bisa dihapus kapan saja."
NOTICE_AGREE = "Setuju"
NOTICE_AGREED = "Terima kasih, persetujuan Anda sudah dicatat."
HELP = (
    "Cara memakai Silvi:\n"
    "1. Tulis pertanyaan seperti bicara biasa. Boleh bahasa daerah.\n"
    "2. Baca jawabannya. Tekan Selengkapnya kalau perlu langkah lengkap.\n"
    "3. Kalau jawabannya salah, tekan Belum pas.\n\n"
    "Dalam bahaya? Tulis TOLONG. Nomor darurat langsung tampil."
)
ASK_FREELY = "Silakan tulis pertanyaannya. Satu pesan, satu pertanyaan, supaya jawabannya pas."
GREETING = "Halo. Ada yang mau ditanyakan soal kerja di luar negeri? Tulis saja."
YOU_ARE_WELCOME = "Sama-sama. Senang bisa membantu. Kalau ada yang mau ditanyakan lagi, tulis saja."
GOODBYE = "Sampai jumpa. Jaga diri baik-baik, ya. Kapan saja perlu, tulis lagi di sini."
SORRY_WRONG = (
    "Maaf, jawaban saya belum pas. Coba tulis lagi dengan kata lain, sebut negara atau pekerjaannya. "
    "Atau hubungi petugas."
)
STOPPED = "Baik, saya hentikan. Kalau perlu lagi, tulis saja."
OUT_OF_SCOPE = (
    "Maaf, itu di luar yang saya tahu. Saya hanya bisa membantu soal kerja di luar negeri: syarat, biaya, paspor, "
    "kontrak, lowongan, masalah di tempat kerja, dan kepulangan."
)
NO_ANSWER = (
    "Pertanyaan ini belum ada jawabannya di Silvi. Saya tidak mau menebak. "
    "Petugas bisa membantu, atau coba tulis dengan kata lain."
)
NOT_READY = "Maaf, jawaban otomatis sedang tidak bisa dipakai. Untuk hal mendesak, hubungi petugas di nomor ini:"
DID_YOU_MEAN = "Mungkin maksudnya salah satu ini? Pilih yang paling dekat:"
NONE_OF_THESE = "Bukan semua ini"
EMPTY = "Saya belum menemukan kata di pesan itu. Tulis pertanyaannya dengan kata-kata, ya."
TOO_FAST = (
    "Pesannya masuk cepat dan banyak sekali. Saya kumpulkan dulu. Begitu berhenti sebentar, saya jawab sekaligus. "
    "Kalau terlalu panjang, yang saya jawab bagian terakhirnya. "
    "Kalau ada bahaya, tulis saja langsung: itu selalu saya baca saat itu juga."
)
TOO_LONG = (
    "Pesannya panjang sekali, jadi saya baca bagian awalnya saja. "
    "Supaya jawabannya pas, tulis pertanyaan intinya dalam beberapa kalimat."
)
ONLY_TEXT = {
    "sticker": "Stikernya lucu. Ada yang mau ditanyakan? Tulis saja, ya.",
    "other": "Saya hanya bisa membaca tulisan. Tolong tulis pertanyaannya.",
}
RECEIVED = {
    "picture": "Gambarnya sudah saya terima. Ini tentang apa? Pilih di bawah, atau tulis pertanyaannya.",
    "voice": "Pesan suaranya sudah saya terima, tetapi saya belum bisa mendengarnya. Dalam bahaya? Tulis TOLONG. Kalau tidak, tulis pertanyaannya.",
    "audio": "Rekamannya sudah saya terima, tetapi saya belum bisa mendengarnya. Dalam bahaya? Tulis TOLONG. Kalau tidak, tulis pertanyaannya.",
    "video": "Videonya sudah saya terima, tetapi saya belum bisa menontonnya. Dalam bahaya? Tulis TOLONG. Kalau tidak, tulis pertanyaannya.",
    "video_note": "Videonya sudah saya terima, tetapi saya belum bisa menontonnya. Dalam bahaya? Tulis TOLONG. Kalau tidak, tulis pertanyaannya.",
    "animation": "Gambarnya sudah saya terima. Ini tentang apa? Pilih di bawah, atau tulis pertanyaannya.",
    "document": "Berkasnya sudah saya terima, tetapi saya belum bisa membukanya. Tulis pertanyaannya, atau pilih di bawah.",
    "location": "Lokasinya sudah saya terima. Ada apa di sana? Tulis saja, atau pilih di bawah.",
    "contact": "Kontaknya sudah saya terima. Ada apa dengan nomor itu? Tulis saja, atau pilih di bawah.",
}
RECEIVED_FOOTER = "Kalau Anda melapor, kiriman ini ikut ke petugas. Kalau tidak, kiriman ini dihapus setelah 3 hari."
RECEIVED_BUTTONS = ((REPORT, CHECK),)
MAKE_LIST = Button("Buat daftar saya", "berkas:mulai")
STALE_BUTTON = "Tombol itu sudah lama. Tidak apa-apa, kita mulai lagi. Tulis pertanyaannya atau pilih menu."
THANKS_FOR_THUMB = "Terima kasih."
WHAT_WAS_WRONG = "Terima kasih sudah bilang. Apa yang kurang?"
REASONS = (
    ("bukan", "Bukan itu pertanyaan saya"),
    ("sulit", "Sulit dimengerti"),
    ("kurang", "Kurang lengkap"),
    ("salah", "Isinya salah"),
)
NOTED_REASON = "Terima kasih, sudah saya catat. Mau coba tulis dengan kata lain, atau hubungi petugas?"
UNKNOWN_COMMAND = "Perintah itu belum ada. Tulis saja pertanyaannya, atau pilih menu."
CHECK_OFFER = (
    "Kirim lowongannya ke sini: teruskan pesannya, kirim fotonya, atau tulis isinya. "
    "Nama PT, nomor HP, atau tautan saja juga boleh.\n\n"
    "Sebelum ada kepastian: jangan bayar, dan jangan serahkan paspor."
)
CHECK_OFFER_AT_KIOSK = (
    "Tulis isi tawarannya di bawah. Nama PT atau nomor HP saja juga boleh. Ada foto atau pesannya di HP Anda? Tekan Lanjut di HP.\n\n"
    "Sebelum ada kepastian: jangan bayar, dan jangan serahkan paspor."
)
MY_DATA_NONE = "Silvi belum menyimpan pertanyaan dari Anda."
MY_DATA_TITLE = "Data Anda di Silvi"
MY_DATA = "Ada {count} pertanyaan sejak {since}. Nama dan nomor sudah dihapus dari teksnya. Yang terbaru:"
MY_DATA_OFFERS = "Ada {count} tawaran yang Anda cek. Isinya dihapus sendiri setelah 3 hari."
MY_DATA_BROADCASTS = (
    f"Ada {{count}} kabar dari kantor yang dikirim ke sini. Catatan siapa penerimanya dihapus {PERIODS[Kept.RECIPIENTS].lasts // DAY} hari "
    "setelah kabar itu selesai dikirim."
)
MY_DATA_TO_HOSTS = "Ada {count} pertanyaan yang Anda titipkan untuk pembawa acara."
MY_DATA_LOOSE = "Ada {count} gambar, berkas, atau lokasi yang belum masuk laporan. Dihapus sendiri setelah 3 hari."
MY_DATA_IN_REPORT = "Ada {count} gambar, berkas, atau lokasi dalam laporan {number}."
MY_DATA_FOOTER = (
    "Silvi juga menyimpan nomor obrolan ini, supaya bisa membalas, dan laporan yang sudah Anda kirim (lihat /status)."
)
ERASE_MY_DATA = "Hapus data saya"
ERASE_ASK = (
    "Hapus semua pertanyaan Anda dari Silvi, juga daftar /berkas, /langganan, gambar yang belum masuk laporan, "
    "dan isi laporan yang sudah Anda tarik? Yang sudah dihapus tidak bisa dikembalikan."
)
ERASE_YES = "Ya, hapus semua"
ERASE_NO = "Tidak jadi"
ERASE_KEPT = "Baik, data Anda tetap disimpan."
STAYS = "Yang harus tetap disimpan, karena kantor wajib mempertanggungjawabkan laporan yang ditangani:"
STAYS_OPEN = (
    f"- Laporan {{number}}: sampai selesai ditangani, lalu {PERIODS[Kept.CASES].lasts // YEAR} tahun lagi. "
    "Sesudah itu nama, cerita, dan berkasnya dihapus."
)
STAYS_UNTIL = "- Laporan {number}: sampai {day}. Sesudah itu nama, cerita, dan berkasnya dihapus."
ERASED_WITHDRAWN = "Isi laporan yang sudah Anda tarik juga dihapus: {numbers}."
ERASED = "Sudah dihapus: {count} pertanyaan, daftar /berkas, dan /langganan kalau ada."
ERASED_FOOTER = (
    f"Nomor obrolan ini ikut dihapus setelah {PERIODS[Kept.ERASED_CHATS].lasts // DAY} hari kalau Anda tidak menulis lagi dan tidak ada laporan yang disimpan. "
    "Pesan di HP Anda sendiri tidak ikut terhapus."
)
CHECKED_ON = "Terakhir diperiksa: {date}"
LEGAL_BASIS = "Dasar: {basis}"
PAST_REVIEW = "Jawaban ini sudah lewat waktu periksa ulang. Tanyakan lagi ke petugas sebelum dipakai."
MORE = "Selengkapnya"
HELPFUL = "Membantu"
NOT_HELPFUL = "Belum pas"
SOURCES = "Sumber"

DANGER_TITLE = "Keselamatan dulu"
DANGER_NOW = {
    "disekap": (
        "Kalau aman, kirim lokasi Anda ke orang yang dipercaya dan ke nomor di bawah. "
        "Jangan melawan penjaga. Hapus pesan yang sudah terkirim kalau HP sering diperiksa."
    ),
    "kekerasan": (
        "Menjauh ke tempat aman kalau bisa: kamar yang bisa dikunci, tetangga, jalan ramai. "
        "Hubungi nomor di bawah sekarang."
    ),
    "kesehatan": "Cari orang terdekat dan minta dibawa ke rumah sakit sekarang. Hubungi nomor di bawah.",
    "penipuan": (
        "Jangan berangkat dulu. Jangan serahkan paspor dan uang. Hubungi nomor di bawah sekarang, "
        "sebut tempat, jam, dan kendaraannya."
    ),
    "lainnya": "Tenang dulu dan cari tempat aman. Hubungi nomor di bawah sekarang.",
}
DANGER_TITLE_SUICIDE = "Terima kasih sudah bercerita"
DANGER_SUICIDE = (
    "Rasanya pasti berat sekali. Anda tidak sendirian, dan ini bisa dilewati dengan bantuan. Kalau bisa, jangan sendirian "
    "sekarang: dekati teman, tetangga, atau siapa saja yang Anda percaya. Jauhkan dulu benda yang berbahaya. "
    "Nomor di bawah ini bisa dihubungi. Kalau tidak sanggup bicara, ketik saja di sini."
)
TELL_MORE_SUICIDE = "Kalau sanggup, tulis: di mana Anda sekarang, dan apa yang paling berat saat ini?"
CANNOT_TALK = (
    "Tidak bisa bicara? Tidak perlu menelepon: kirim pesan ke nomor WhatsApp di bawah, atau ketik saja di sini. "
    "Matikan suara HP."
)
DANGER_HIGH = "Masalah ini perlu ditangani petugas, bukan hanya dijawab Silvi. Jangan tunggu, hubungi mereka."
DANGER_FOR_OTHERS = "Kalau ini tentang keluarga atau teman: jangan bayar tebusan sebelum bicara dengan nomor di atas."
WHILE_BROKEN = "Dalam bahaya? Jangan menunggu Silvi."
HOTLINES = "Nomor yang bisa dihubungi:"
TELL_MORE = "Tulis di sini kalau bisa: {where}, dengan siapa, dan apa yang terjadi."
TELL_WHERE, TELL_TOWN, TELL_ADDRESS = (
    "di negara dan kota mana",
    "di kota atau kampung mana",
    "alamatnya atau di dekat mana",
)
IN_GROUP_PRIVATE = "Supaya rahasia, tulis ke saya lewat obrolan pribadi, ya."
