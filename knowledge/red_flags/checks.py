"""Every red flag as its own small check, `text -> spans of evidence or nothing`, in the catalogue's order."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from knowledge.contacts import ContactKind, has_landline
from knowledge.red_flags.reading import Reading
from knowledge.red_flags.rules import Span, first_span, has_what_it_needs, is_switched_off, spans_of
from knowledge.red_flags.wages import HOME_OF, Amount, limit_idr

Check = Callable[[Reading], tuple[Span, ...]]
PRIVATE = frozenset({ContactKind.PHONE, ContactKind.HANDLE, ContactKind.EMAIL, ContactKind.ACCOUNT})


def _words(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\S)(?:{alternatives})(?!\S)")


_STATE = "bp2mi|kp2mi|kemnaker|kemenaker|kementerian|kementrian|pemerintah|negara|presiden|menteri|bp3mi|disnaker|kemlu|bnp2tki|depnaker|imigrasi|kbri|kjri|dinas tenaga kerja|polri|gubernur|bupati"
_STATE_BADGE = _words(
    rf"(?:logo|lambang|stempel|cap|kop|kop surat|foto|gambar|banner|spanduk|seragam|id card|kartu|pin|bendera|tanda tangan)(?: \S+){{0,4}} (?:{_STATE}|garuda)"
    rf"|garuda(?: \S+){{0,3}} (?:{_STATE})|garuda"
    rf"|(?:resmi|agen resmi|utusan|mitra(?: resmi)?|kerja sama|kerjasama|bekerja sama|bekerjasama|program|ditunjuk(?: langsung)?|dibawah naungan|di bawah naungan|naungan|rekomendasi|direkomendasikan|disetujui|disahkan|utusan|perwakilan|bagian dari|under|official|cabang|admin|humas|panitia|tim|petugas|pejabat|staf|mengaku|ngaku|didukung|dukungan|pakai nama|bercap|gedung)(?: \S+){{0,3}} (?:{_STATE})"
    rf"|(?:{_STATE})(?: \S+){{0,3}} (?:resmi|pusat|official|{_STATE})"
)
_PRIVATE_WAY = _words(
    r"(?:nomor|nomer|nomornya|no|hp|wa|whatsapp|kontak|kontaknya|rekening|rek|rekeningnya|akun|email|emailnya|nomernya|penyelenggara\S*|kontak|pengelola\S*)(?: \S+){0,5} (?:kak|bang|bu|pak|papa|mama|mami|tante|om|mbak|mas) [a-z]+|(?:nomor|nomer|nomornya|no|hp|wa|whatsapp|kontak|kontaknya|rekening|rek|rekeningnya|akun|email|emailnya|nomernya)(?: \S+){0,5} (?:pribadi|perorangan|orang|gmail|yahoo|biasa|hp biasa|seluler|bukan kantor)|gmail|rekening pribadi|nomor pribadi|transfer ke|atas nama (?:pribadi|perorangan|orang)"
    r"|(?:balas|kirim\w*|isi|minta|sebutkan|pinjam\w*|meminta)(?: \S+){0,8} (?:kata sandi|sandi|password|pin|otp|kode otp|kode sms|username)"
)

_WAIVABLE = "ijazah|pengalaman|skill|keahlian|keterampilan|medical|medikal|periksa kesehatan|pemeriksaan kesehatan|periksa badan|cek kesehatan|tes kesehatan|kesehatan|tes|seleksi|interview|wawancara|bahasa|dokumen|syarat|sertifikat|sertifikasi|batas usia|batas umur|usia|umur|pelatihan|skck|izin keluarga|izin orang tua|izin suami|surat|surat surat|berkas|bpjs|kursus|ujian|psikotes|persyaratan|pendidikan|sekolah|latihan"
_NO_NEED = "tanpa|tak perlu|tidak perlu|tidak pakai|no|bebas|non|tidak usah|tidak butuh|tidak wajib|tidak ada|tak pakai|tak payah|gausah|ga perlu|gak perlu|gak pakai|ga pakai|ora nganggo|tidak diminta|tidak mensyaratkan|tidak perduli|tidak peduli|ndak perlu|zero"
_WAIVED = re.compile(
    rf"(?<!\S)(?:(?:{_NO_NEED})(?: (?:ada|pakai|butuh|punya|perlu|batas|cek|minimal|syarat|tes|surat))* (?P<a>{_WAIVABLE})"
    rf"|(?P<b>{_WAIVABLE})(?:nya)?(?: (?:juga|pun|mah|sih))* (?:bebas|apa saja|apa aja|berapa saja|berapa pun|berapapun|tidak (?:ditanya|dilihat|masalah|perlu|penting|wajib|diminta|dicek|dibatasi|diperiksa)|tak (?:perlu|masalah|punya|ditanya)|ga (?:perlu|penting|masalah)|gak (?:perlu|penting|masalah|ditanya)|no problem|skip|nyusul|dilewati|(?:tidak|tak|no)(?= (?:{_WAIVABLE}|\.|ok|oke|yang penting)(?!\S)|$)))(?!\S)"
)
_WAIVED_OTHERWISE = {
    "umur": _words(
        r"semua (?:umur|usia)|segala (?:umur|usia)|(?:umur|usia) (?:berapa|bebas|tidak masalah)(?: \S+)?|tua muda|muda tua|dari (?:remaja|muda) sampai (?:tua|kakek)"
    ),
    "pengalaman": _words(
        r"(?:belum|tidak|tak) (?:pernah|punya|ada)(?: pernah)? (?:kerja|bekerja|pengalaman)(?: \S+){0,2} (?:boleh|bisa|diterima|oke|masuk|gapapa|tidak apa)"
    ),
    "ijazah": _words(
        r"(?:tidak|tak|ga|gak) (?:sekolah|tamat|lulus|punya ijazah)(?: \S+){0,3} (?:boleh|bisa|diterima|masuk|oke)|lulusan apa (?:saja|pun|aja)|pendidikan (?:apa saja|bebas)"
    ),
}
_WAIVED_ALL = _words(
    r"(?:tanpa|tidak ada|tidak pakai|no|bebas|tak ada|zero|nol) (?:syarat|persyaratan|seleksi apa pun|tes apa pun|syarat apa pun|syarat apapun|dokumen apa pun)(?! (?:suami|pengalaman))|(?:cukup|modal|modalnya|hanya|cuma|syarat|syaratnya|bawa|bermodal|asal ada|asal punya|pakai)(?: (?:bawa|modal|pakai|cuma|hanya|punya|foto|kirim|setor|fotokopi))* (?:ktp|e ktp)(?: (?:saja|aja|doang|jak|wae|sama badan|dan badan|dan niat|dan nekat|(?:sudah|udah) (?:cukup|bisa|jalan|berangkat)|(?:sudah|udah)(?=$| \.)))+|ktp (?:saja|aja|doang|only|jak)(?: \S+)?|(?:modal|cukup) (?:niat|nekat|badan|sehat)(?: \S+)?|siapa (?:saja|aja|pun) (?:boleh|bisa|diterima|masuk|pasti)|semua (?:pasti )?(?:diterima|lolos)|pasti diterima"
)
_ASKS_PAPERS = _words(
    r"(?:tetap|wajib|syarat|harus|lengkap|menyiapkan|disiapkan|siapkan|perlu)(?: \S+){0,8} (?:visa kerja|medical|paspor|perjanjian|opp|pemeriksaan kesehatan|izin keluarga|bpjs|sertifikat sehat|sertifikat kompetensi|dokumen)"
    r"|(?:dokumen|berkas|syarat|papers?)(?: \S+){0,3} (?:lengkap|sesuai|pasal 13|aturan)|(?:visa kerja|perjanjian kerja|opp|siskop2mi|pemeriksaan kesehatan|bpjs)(?: \S+){0,8} (?:visa kerja|perjanjian kerja|opp|bpjs|pemeriksaan kesehatan|izin keluarga|siskop2mi)"
)

_MINOR = _words(
    r"(?:cewek|cowok|gadis|perempuan|laki laki|anak|muda|remaja|orang) 1[0-7] (?:sampai|s d|hingga) [123][0-9]|"
    r"(?:umur|usia|umurnya|usianya|berumur|berusia|umure|umurku|umor)(?: \S+){0,3} 1[0-7](?! (?:juta|orang|jam|hari|bulan|ribu|rb))(?: (?:tahun|th|thn|taon))?"
    r"|(?<!kontrak )(?<!pengalaman )(?<!selama )(?<!kerja )(?<!sudah )1[0-7](?: (?:sampai|s d|atau|hingga|dan))?(?: 1[0-9])? (?:tahun|th|thn|taon|taun)(?! (?:penjara|pengalaman|lalu|kerja|bekerja|jadi|menikah|nikah|tinggal|kontrak|yang lalu|di sana|lamanya|merantau|terakhir))"
    r"|(?:anak|adik|baru|habis|abis|tamat|lulus|lulusan|masih|anak anak|kelas (?:[0-9]|satu|dua|tiga|[ivx]+)|putus|setelah|keluar)(?: (?:baru|lulus|tamat|lulusan|sekolah|kelas|usia|yang|saya|kelulusan|masih|putus|[0-9]|habis|keluar))* (?:smp|mts|sltp|sd)(?! minimal)"
    r"|kelas (?:satu|dua|1|2|x|xi) (?:sma|smk|smp)|masih (?:sekolah|smp|sma|smk|sd|pelajar|remaja|bocah|anak anak|kecil|abg|kelas [0-9x]+)|(?:di ?bawah|belum|kurang dari|belom|masih) (?:cukup |genap |sampai )?(?:umur|17|18|18 tahun|17 tahun|delapan belas)|di ?bawah umur|dibawah umur|anak (?:smp|di bawah umur|belasan|remaja|baru gede)|belum (?:punya|ada|bikin|cukup|dapat|cukup umur untuk) (?:ktp|umur|usia)|remaja (?:belasan|putus|smp|desa|perempuan|putri|tanggung)|anak belasan|belasan tahun|tujuh belas tahun|enam belas tahun|lima belas tahun|empat belas tahun"
)
_MINOR_WORK = _words(
    r"kerja|bekerja|pekerjaan|lowongan|gaji|digaji|berangkat|diberangkatkan|majikan|dibutuhkan|butuh|dicari|cari|ditawari|diajak|ajak|ngajak|terima|diterima|bisa|boleh|prt|pengasuh|jaga|pabrik|kilang|ladang|restoran|kedai|dinaikkan|permit|jadi|ikut|sponsor|agen|calo|tekong|dibawa"
)
_MINOR_LAWFUL = _words(
    r"tahun depan|ak 1|mulai (?:urus|siapkan|kursus|belajar|persiapan)|nanti kalau (?:sudah|udah|genap|lulus)|kalau sudah (?:18|lulus|cukup umur|genap)|tunggu (?:18|umur|lulus|genap)|setelah (?:18|genap|berumur 18)|menunggu (?:umur|usia|18)|mempersiapkan|persiapan|siapkan dari sekarang|disiapkan dari sekarang|(?:pkl|prakerin|praktek|magang)(?: \S+){0,4} (?:sekolah|smk|guru|surat)|lomba|turnamen|pertukaran pelajar|liburan|pramuka|wisata sekolah|guru pembimbing|didampingi guru|aturan sekolah|sekolah mengadakan|ikut (?:saya|kami|orang tua|ibu|bapak|ayah) (?:tinggal|pindah)|sekolahnya di ?mana"
    r"|(?:saya|aku|kamek|sy) (?:cuma |hanya )?(?:lulusan|tamatan|tamat|lulus) (?:sd|smp|mts|sltp)|^(?:lulusan|tamatan) (?:sd|smp|mts) (?:bisa|bise|boleh|iso).*"
    r"|^(?!.*(?<!\S)(?:kerja|bekerja|majikan|gaji|kedai|pabrik|kebun|ladang)(?!\S)).*(?:bawa|ajak|membawa|mengajak) anak(?!\S).*"
    r"|(?:smp|smk|sma) (?:ke atas|sederajat|atau lebih)|sepulang sekolah|pulang sekolah|libur sekolah|tinggal (?:dengan|sama|bersama|di rumah) (?:nenek|kakek|bibi|paman|tante|neneknya|kakeknya)"
    r"|(?:titip|tinggal|ditinggal|tinggalkan|punya|meninggalkan|mengasuh|biaya sekolah|sekolahkan|menyekolahkan|jaga|ngasuh|pengasuh)(?: \S+){0,3} anak(?: \S+){0,3} (?:umur|usia|umurnya|usianya|berumur|berusia|1[0-7] tahun|sd|smp|kelas)|syarat (?:usia|umur)|syaratnya apa|minimal (?:pendidikan )?(?:smp|18)|pendidikan (?:minimal |terakhir )?smp|(?:minimal|min|syarat|syaratnya|butuh|cukup|punya|modal|pakai) ijazah smp|(?:min|minimal) smp|usia minimal 18|18 tahun ke atas|(?:tidak|dilarang) (?:menerima|mempekerjakan|boleh)(?: \S+){0,3} (?:bawah umur|18)"
)

_RECRUITS = _words(
    r"lowongan|loker|job|dicari|dibutuhkan|butuh|cari|mencari|dibuka|membuka|buka|menerima|open|hiring|need|ready|rekrut\w*|gaji|siap|trip|kerja|daftar|minat|berminat|info|slot|penempatan|kontrak|team|tim|crew|staff|staf|base|lmia|visa|usd|helper|operator|admin|pendaftaran|perlu|gabung|join"
)
_ONLY_PRIVATE = _words(
    r"(?:chat|wa|whatsapp|telepon|tele|telegram|dm|inbox|japri|pesan|kontak|hubungi|info|infonya|komunikasi|kontaknya|nomor|email|messenger|line)(?: \S+){0,3} (?:only|saja|aja|doang|jak|thok)(?: \S+){0,2} (?:#telp|#akun|ya|kak|$|\.)"
    r"|(?:chat|wa|tele|dm) only|no call|jangan (?:chat|telepon|telpon|call)(?! balik)|(?:cuma|hanya|cukup)(?: (?:lewat|via|bisa|melalui|pakai|ada|punya|dihubungi|ke))* (?:wa|whatsapp|tele|telegram|dm|inbox|chat|messenger|japri|nomor hp|facebook|tiktok|voice note|vn|instagram|email)(?! grup resmi)(?: \S+)?"
    r"|(?:kantor|alamat|alamat kantor|alamatnya|kantornya)(?: \S+){0,3} (?:tidak ada|gak ada|ga ada|ndak ada|tidak punya|tidak jelas|online|rahasia|tidak dikasih|tidak disebut\\w*|tidak mau|belum ada|virtual|tidak tercantum)"
    r"|(?:tidak ada|tanpa|tidak punya|gak punya|ga ada|belum ada|tidak dikasih|tidak mencantumkan|ndak ada|tidak tertulis|tidak jelas)(?: (?!ke|lewat)\S+)? (?:alamat|kantor|alamat kantor|kantornya|alamatnya|telepon kantor|nomor kantor)"
    r"|(?:profil|akun|foto profil|fotonya|profilnya|akunnya)(?:nya)?(?: \S+){0,2} (?:kosong|digembok|dikunci|disembunyikan|terkunci|baru dibuat|tidak ada foto|palsu|gambar|kartun|tanpa foto|private|privat|hidden|baru|tanpa nama)"
    r"|alamat\w*(?: \S+)? (?:tidak|belum)(?: \S+)? (?:dipublikasikan|dibagikan|disebarkan|bagikan|dicantumkan|ditulis|dikunjungi)|(?:cuma|hanya) (?:terima|menerima|balas) (?:chat|wa|whatsapp|pesan)|(?:no|tidak ada|tanpa|tak ada) (?:kantor|pejabat|ofis|office)(?! (?:imigrasi|desa))"
    r"|(?:voice note|vn|pesan suara)(?: \S+){0,3} (?:saja|terus|doang|aja|melulu)|(?:video call|vc|ditelepon|bertemu|tatap muka|ketemu)(?: \S+){0,2} (?:tidak mau|gak mau|ga mau|menolak|selalu menolak|tidak pernah mau)|(?:tidak mau|gak mau|tidak pernah mau|menolak|ga mau)(?: \S+)? (?:video call|vc|telepon|ketemu|bertemu|tatap muka|ditelepon|kasih alamat|divideo call|angkat telepon)|(?:nomor|nomornya|nomernya)(?: \S+){0,2} (?:ganti ganti|gonta ganti|sering ganti|berganti|luar negeri|ganti terus)"
)
_ADDRESS = re.compile(
    r"\b(?:jl|jln|gg|gang|ruko|rukan|komplek|kompleks|blok|kav|lantai|gedung|desa|dusun|kel|kec|rt ?\d|simpang|pasar|"
    r"perum|alamat(?!nya)|kantor (?:di|kami|cabang|pt)|jalan (?!jalan|tikus|malam|darat|belakang|terus|aja|saja|kaki|keluar)[a-z]+ [\w.]+|rumah (?:info|saya)|toko)\b"
)
_CHAT_LINE = re.compile(
    r"^\s*(?:aku|saya|sy|gue|me|kamek|kulo|adik|anak|ayah|ibu|mak|bapak|suami|istri|"
    r"(?:bu|pak|bang|mas|mbak|kak|om|tante|mami|bunda|admin|agen|calo|staf|sponsor|mang|cik|haji)\b[\w .]{0,20}):\s",
    re.MULTILINE | re.IGNORECASE,
)
_STORY = _words(
    r"saya|aku|adik|sepupu|ponakan|suami|istri|dia|katanya|teman|tetangga|min|gimana|bagaimana|apakah|benar|aman|sy"
)

_WAGE_BEFORE = re.compile(
    r"\b(?:gaji|gajinya|gajian|gajih|upah|upahnya|bayaran|bayarannya|digaji|dibayar|dibayarnya|salary|sallary|fee|honor|"
    r"income|incomenya|pendapatan|penghasilan|penghasilannya|take home pay|thp|terima bersih|nett|bersih|dapat|dapet|hasil|insentif|komisi|basic|pokok|"
    r"cuan|sebulan|perbulan|per bulan|tiap bulan|sehari|perhari|per hari|nyampe|tembus|kantongi|wages?|blanjane|balanjane)\b[^.!?;\n]{0,28}$"
)
_COST = re.compile(
    r"\b(?:bayar|biaya|dp|tanda jadi|booking|uang muka|transfer|denda|permit|levi|levy|kompaun|jaminan|ongkos|tiket|setor|"
    r"utang|hutang|potong|potongan|ganti rugi|tebusan|dana|rekening|modal|kur|pinjam\w*|beli|harga|tarif|tambah|titip|uang|"
    r"deposit|kuota|asuransi|income rumah|pendapatan majikan|sita|nebus|mahar)\b[^.!?;\n]{0,28}$"
)
_PERIOD_AFTER = re.compile(
    r"^\s?(?:nett?|bersih|gaji|pokok|/|per ?(?:bulan|bln|hari|jam)|sebulan|se?bulannya|tiap bulan|\+|plus|take home)"
)
_SKILLED = _words(
    r"perawat|nurse|bidan|dokter|engineer|insinyur|welder|las|tukang las|operator alat berat|alat berat|excavator|sio|chef|guru|dosen|programmer|pilot|nakhoda|nahkoda|teknisi|manajer|manager|supervisor|mekanik|surveyor|kangoshi|drafter|kapten|offshore|rig|crane"
)
_ABOUT_OTHERS_MONEY = _words(
    r"upah minimum|umr|umk|(?:naik|naikkan|menaikkan) gaji minimum|(?:penghasilan|pendapatan|gaji) (?:majikan|rumah tangga|keluarga majikan|pemberi kerja)(?: \S+){0,3}"
)


def state_badge_on_private_way(reading: Reading) -> tuple[Span, ...]:
    """RF-12: signs of the state beside a private number or account; official sites and landlines clear it."""
    if any(contact.is_official for contact in reading.contacts) or has_landline(reading.folded.text):
        return ()
    private = any(contact.kind in PRIVATE for contact in reading.contacts)
    for wording in reading.wordings:
        badge = first_span(_STATE_BADGE, wording)
        way = first_span(_PRIVATE_WAY, wording)
        if badge and (way or private):
            return (badge,) if way is None else tuple(sorted((badge, way)))
    return ()


def wage_out_of_line(reading: Reading) -> tuple[Span, ...]:
    """RF-22: a wage far above what the destination pays for unskilled work."""
    if reading.is_domestic:
        return ()
    is_skilled = any(_SKILLED.search(wording.text) for wording in reading.wordings)
    for amount in reading.amounts:
        countries = reading.countries or tuple(HOME_OF[code] for code in (amount.currency,) if code in HOME_OF)
        if is_wage(reading, amount) and amount.monthly_idr >= limit_idr(countries, is_skilled=is_skilled):
            return (reading.folded.span(amount.start, amount.end),)
    return ()


def is_wage(reading: Reading, amount: Amount) -> bool:
    """True where a sum is pay, not a price: by the words before it, its period, or a foreign currency without costs."""
    text = reading.folded.text
    before, after = text[max(0, amount.start - 45) : amount.start], text[amount.end : amount.end + 20]
    if any(_ABOUT_OTHERS_MONEY.search(wording.text) for wording in reading.wordings):
        return False
    wage, cost = _WAGE_BEFORE.search(before), _COST.search(before)
    if wage and (not cost or cost.start() < wage.start()):
        return True
    if cost:
        return False
    return amount.period is not None or bool(_PERIOD_AFTER.match(after)) or amount.currency not in (None, "rp")


def nothing_required(reading: Reading) -> tuple[Span, ...]:
    """RF-23: two requirements waived, or all of them; an order that asks for the lawful papers is cleared."""
    if reading.is_domestic or any(first_span(_ASKS_PAPERS, wording) for wording in reading.wordings):
        return ()
    for wording in reading.wordings:
        everything = first_span(_WAIVED_ALL, wording)
        if everything:
            return (everything,)
        waived: dict[str, Span] = {}
        for match in _WAIVED.finditer(wording.text):
            waived.setdefault(_kind_waived(match["a"] or match["b"]), wording.span(*match.span()))
        for name, pattern in _WAIVED_OTHERWISE.items():
            span = first_span(pattern, wording)
            if span:
                waived.setdefault(name, span)
        if len(waived) > 1:
            return tuple(sorted(waived.values()))
    return ()


def _kind_waived(word: str) -> str:
    if "usia" in word or "umur" in word:
        return "umur"
    return "medical" if word == "medikal" or "kesehatan" in word or word == "periksa badan" else word


def minor_wanted(reading: Reading) -> tuple[Span, ...]:
    """RF-28: somebody under 18 in an offer of work; asking ahead for later and school practice are lawful."""
    if any(_MINOR_LAWFUL.search(wording.text) for wording in reading.wordings):
        return ()
    for wording in reading.wordings:
        young, work = first_span(_MINOR, wording), first_span(_MINOR_WORK, wording)
        if young and work:
            return (young,)
    return ()


def abroad_only(flag_id: str, reading: Reading) -> tuple[Span, ...]:
    """The cues of a flag, for work abroad: a training, a quick start or a deadline at home is none."""
    return () if reading.is_domestic else spans_of(flag_id, reading)


def only_private_contact(reading: Reading) -> tuple[Span, ...]:
    """RF-34: said outright, or an advertisement with a private number and neither address nor landline."""
    text = reading.folded.text
    if reading.is_domestic or has_landline(text) or any(contact.is_official for contact in reading.contacts):
        return ()
    for wording in reading.wordings:
        said = first_span(_ONLY_PRIVATE, wording)
        if said:
            return (said,)
    private = [contact for contact in reading.contacts if contact.kind in PRIVATE - {ContactKind.ACCOUNT}]
    links = [
        contact
        for contact in reading.contacts
        if contact.kind is ContactKind.LINK and contact.value.startswith(("wa.me", "t.me", "api.whatsapp"))
    ]
    is_ad = _RECRUITS.search(reading.standard.text) and not _CHAT_LINE.search(reading.original)
    if (
        state_badge_on_private_way(reading)
        or not (private or links)
        or not is_ad
        or _ADDRESS.search(text)
        or _STORY.search(reading.plain.text)
    ):
        return ()
    first = (private or links)[0]
    return (reading.folded.span(first.start, first.end),)


_OWN_CHECKS: dict[str, Check] = {
    "RF-12": state_badge_on_private_way,
    "RF-13": partial(abroad_only, "RF-13"),
    "RF-14": partial(abroad_only, "RF-14"),
    "RF-22": wage_out_of_line,
    "RF-23": nothing_required,
    "RF-24": partial(abroad_only, "RF-24"),
    "RF-28": minor_wanted,
    "RF-33": partial(abroad_only, "RF-33"),
    "RF-34": only_private_contact,
}
FLAG_IDS = tuple(f"RF-{number:02}" for number in range(1, 36))
CHECKS: tuple[tuple[str, Check], ...] = tuple(
    (flag_id, _OWN_CHECKS.get(flag_id) or partial(spans_of, flag_id)) for flag_id in FLAG_IDS
)
"""All checks in the order they run and are reported."""


def may_be_learned(flag_id: str, is_clear: bool, reading: Reading) -> bool:
    """Whether the model may add a flag: never where numbers decide, and an excuse or a missing word gives way to what is clear."""
    if flag_id == "RF-22":
        return False
    return is_clear or (has_what_it_needs(flag_id, reading) and not _is_excused(flag_id, reading))


def _is_excused(flag_id: str, reading: Reading) -> bool:
    """True where words of the text give a lawful reason for a flag, or the work is in Indonesia."""
    if flag_id == "RF-28" and any(_MINOR_LAWFUL.search(wording.text) for wording in reading.wordings):
        return True
    return reading.is_domestic or is_switched_off(flag_id, reading)
