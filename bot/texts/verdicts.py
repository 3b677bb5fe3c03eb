"""What people and officers read about reported recruiters: never that somebody is guilty, always until when, and the other side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.domain.messages import Button, Reply
from bot.domain.recruiters import RecruiterStatus
from bot.domain.traces import TraceKind
from bot.domain.verdicts import BadDay, BadVerdict, NothingChosen, NotNow, ReplyStillOpen, Reported, SameOfficer
from bot.storage.tables import RecruiterVerdict
from bot.texts import jobseeker
from knowledge.office import long_date

REPORTED = (
    "{shown}: dilaporkan. Ada laporan orang lain yang sudah diperiksa dua petugas. "
    "Ini bukan putusan pengadilan. Catatan ini berlaku sampai {until}."
)
STATEMENT = 'Tanggapan dari pihak yang dilaporkan: "{said}"'
NO_STATEMENT = "Pihak yang dilaporkan sudah diminta menanggapi, tetapi belum menjawab."
SHOWN_STATEMENT = 200

NEWS = "Kabar tentang yang pernah Anda tanyakan atau laporkan"
IN_FORCE = (
    "{shown} sekarang tercatat sebagai dilaporkan, sampai {until}. Dua petugas sudah memeriksa laporannya. "
    "Ini bukan putusan pengadilan.\n\nJangan bayar dan jangan serahkan paspor dulu. "
    "Kalau Anda sudah membayar atau paspor Anda ditahan, tekan Lapor. Petugas akan membantu."
)
WITHDRAWN = (
    "Catatan dilaporkan untuk {shown} sudah dicabut. Yang pernah kami sampaikan tentang itu tidak berlaku lagi.\n\n"
    "Sebelum membayar atau tanda tangan, tetap cek izinnya dulu."
)
RAN_OUT_NEWS = (
    "Catatan dilaporkan untuk {shown} berakhir {until}, karena masa berlakunya habis. Yang pernah kami sampaikan tentang "
    "itu tidak berlaku lagi.\n\nSebelum membayar atau tanda tangan, tetap cek izinnya dulu."
)
LICENCES = "Daftar izin P3MI yang baru sudah masuk (data per {date}). Ada yang berubah:"
RUN_OUT = "Menurut daftar izin P3MI (data per {date}), masa izin ini sudah habis:"
RUN_OUT_LINE = "{name}: berlaku sampai {until}."
MAYBE_RENEWED = "Bisa saja izinnya sudah diperpanjang. Cek lagi di SISKOP2MI, atau tanya petugas."
STANDING_NOW = {
    RecruiterStatus.MATCH: "{name}: sekarang izinnya aktif, sampai {until}. Izin saja belum cukup: harus ada job order.",
    RecruiterStatus.SUSPENDED: "{name}: sekarang izinnya diskors (dihentikan sementara).",
    RecruiterStatus.REVOKED: "{name}: sekarang izinnya dicabut.",
    RecruiterStatus.EXPIRED: "{name}: masa izinnya sudah habis.",
    RecruiterStatus.NOT_FOUND: "{name}: sekarang tidak ada lagi di daftar izin.",
}
HOLD = "Sampai jelas, jangan bayar dan jangan serahkan paspor. Kalau ragu, tanya petugas."

KINDS = {
    TraceKind.NAME: "nama",
    TraceKind.PHONE: "telepon",
    TraceKind.HANDLE: "akun",
    TraceKind.LINK: "tautan",
    TraceKind.EMAIL: "surel",
    TraceKind.ACCOUNT: "rekening",
}
RAN_OUT = "masa berlakunya habis"
PROPOSED, OVER = "menunggu petugas kedua", "masa berlaku habis"
RUNNING, SOON_OVER = "dilaporkan sampai {until}", " (segera habis)"
SOON_DAYS = 14
REFUSALS = {
    NothingChosen: "Pilih dulu nama PT, nomor, atau rekeningnya. Nama tanpa PT, CV, atau LPK tidak bisa: banyak orang bernama sama.",
    BadDay: "Tanggalnya tidak bisa. Permintaan tanggapan paling lambat hari ini; masa berlaku paling lama satu tahun.",
    SameOfficer: "Anda yang mengusulkan. Yang menyetujui harus petugas lain.",
    NotNow: "Keadaannya sudah berubah. Muat ulang halaman ini.",
}
STILL_OPEN = "Pihak yang dilaporkan masih punya waktu menjawab sampai {until}. Setujui setelah itu, atau setelah tanggapannya dicatat."
BAD_STEP = "Tanggal itu tidak cocok dengan langkah yang lain, belum tiba, atau sudah tercatat."


def public(one: Reported) -> str:
    """What anybody who asks is told, the other side included."""
    shown = REPORTED.format(shown=", ".join(one.shown), until=long_date(one.until))
    if one.statement is None:
        return f"{shown} {NO_STATEMENT}"
    said = " ".join(one.statement.split())
    return f"{shown} {STATEMENT.format(said=said[:SHOWN_STATEMENT] + ('...' if len(said) > SHOWN_STATEMENT else ''))}"


def in_force(about: Sequence[str], until: date) -> Reply:
    """News of a new verdict."""
    return _news(IN_FORCE.format(shown=", ".join(about), until=long_date(until)))


def withdrawn(about: Sequence[str]) -> Reply:
    """News of a verdict that is no more."""
    return _news(WITHDRAWN.format(shown=", ".join(about)))


def ran_out(about: Sequence[str], until: date) -> Reply:
    """News of a verdict whose last day is over."""
    return _news(RAN_OUT_NEWS.format(shown=", ".join(about), until=long_date(until)))


def licences(data_date: date, lines: Sequence[str]) -> Reply:
    """News of licences that stand otherwise in a new version of the registry."""
    return _news("\n\n".join([LICENCES.format(date=long_date(data_date)), _listed(lines), HOLD]))


def run_out(data_date: date, lines: Sequence[str]) -> Reply:
    """News of licences that the day alone has ended: they may have been renewed since `data_date`."""
    return _news("\n\n".join([RUN_OUT.format(date=long_date(data_date)), _listed(lines), MAYBE_RENEWED, HOLD]))


def run_out_line(name: str, until: date) -> str:
    return RUN_OUT_LINE.format(name=name, until=long_date(until))


def standing_line(name: str, status: RecruiterStatus, until: date | None) -> str:
    return STANDING_NOW[status].format(name=name, until=long_date(until) if until else "")


def state(verdict: RecruiterVerdict, today: date) -> str:
    """How a verdict that nobody ended stands, for officers: they have to look again before its last day."""
    if verdict.expires_on < today:
        return OVER
    if not verdict.agreed_at:
        return PROPOSED
    is_soon_over = (verdict.expires_on - today).days <= SOON_DAYS
    return RUNNING.format(until=long_date(verdict.expires_on)) + (SOON_OVER if is_soon_over else "")


def refusal(error: BadVerdict) -> str:
    """Why not, for the officer."""
    if isinstance(error, ReplyStillOpen):
        return STILL_OPEN.format(until=long_date(error.until))
    return REFUSALS[type(error)]


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _news(body: str) -> Reply:
    return Reply(title=NEWS, body=body, buttons=((jobseeker.REPORT, Button("Cek lagi", "menu:cek")),))
