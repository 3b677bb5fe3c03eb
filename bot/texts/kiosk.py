"""What is read at a kiosk, and on the phone that takes a conversation over from one."""

from __future__ import annotations

import re

GOES_ON = "Halo, saya Silvi. Kita lanjutkan di sini, di HP Anda sendiri. Layar kios tidak menyimpan apa-apa."
ASKED_BEFORE = "Yang tadi dijawab di kios, bisa dibuka lagi:"
CASES_MOVED = "Laporan {numbers} sekarang ada di obrolan ini. Balasan petugas sampai di sini."
LINK_UNUSABLE = (
    "Kode dari kios itu sudah dipakai atau sudah lewat waktunya (1 jam). Tidak apa-apa, tulis saja di sini. Untuk melapor, "
    "tekan Lapor masalah."
)
LEFT_TO_PHONE = (
    "Sudah tersambung di HP Anda. Lanjutkan di sana. Tekan Selesai supaya layar ini dikosongkan untuk orang berikutnya."
)
BY_TELEGRAM, BY_BROWSER = "Buka di Telegram", "Buka di browser HP"
BAD_NAME = "Nama kios perlu 1 sampai 80 huruf."
BAD_DISTRICT = "Wilayah perlu 1 sampai 80 huruf, misalnya Kecamatan Tebas, Kabupaten Sambas."

BUTTONS = {"lapor": "Lapor masalah", "petugas": "Petugas", "batal": "Batal", "cek": "Cek tawaran kerja"}
"""What stands on the screen for a command that is typed elsewhere."""
_COMMAND = rf"/(?P<command>{'|'.join(BUTTONS)})\b"
_TYPED = re.compile(rf"\b(?P<verb>ketik|tulis)(?P<also> juga)? {_COMMAND}", re.IGNORECASE)
_NAMED = re.compile(_COMMAND)


def at_kiosk(text: str) -> str:
    """The same text where nobody types commands: "Ketik /lapor" becomes "Tekan Lapor masalah"."""
    pressed = _TYPED.sub(_press, text)
    return _NAMED.sub(lambda found: f"tombol {BUTTONS[found['command']]}", pressed)


def _press(found: re.Match[str]) -> str:
    verb = "Tekan" if found["verb"][0].isupper() else "tekan"
    return f"{verb}{found['also'] or ''} {BUTTONS[found['command']]}"
