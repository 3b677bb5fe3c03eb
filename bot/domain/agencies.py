"""Agencies a case is referred to: which suit it, and the least each of them must be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AgencyKind(StrEnum):
    POLICE = "police"
    IMMIGRATION = "immigration"
    MISSION = "mission"
    SOCIAL = "social"
    HEALTH = "health"
    INSURANCE = "insurance"
    VICTIMS = "victims"
    WOMEN_CHILDREN = "women_children"
    LABOUR = "labour"
    CIVIL_REGISTRY = "civil_registry"
    LEGAL_AID = "legal_aid"
    PLACEMENT = "placement"
    """Offices of our own ministry at the border and in the capital."""


class Fact(StrEnum):
    """What a letter may tell of a case."""

    IDENTITY = "identity"
    """Name and contact as the person gave them."""
    PROBLEM = "problem"
    PLACE = "place"
    DURATION = "duration"
    URGENCY = "urgency"
    ACCOUNT = "account"
    """The person's own story."""


_F = Fact

NEEDS: dict[AgencyKind, frozenset[Fact]] = {
    AgencyKind.POLICE: frozenset(_F),
    AgencyKind.MISSION: frozenset(_F),
    AgencyKind.VICTIMS: frozenset(_F),
    AgencyKind.LEGAL_AID: frozenset({_F.IDENTITY, _F.PROBLEM, _F.PLACE, _F.DURATION, _F.ACCOUNT}),
    AgencyKind.WOMEN_CHILDREN: frozenset({_F.IDENTITY, _F.PROBLEM, _F.PLACE, _F.URGENCY}),
    AgencyKind.IMMIGRATION: frozenset({_F.IDENTITY, _F.PLACE}),
    AgencyKind.SOCIAL: frozenset({_F.IDENTITY, _F.PLACE, _F.URGENCY}),
    AgencyKind.HEALTH: frozenset({_F.IDENTITY, _F.PLACE, _F.URGENCY}),
    AgencyKind.INSURANCE: frozenset({_F.IDENTITY, _F.PROBLEM, _F.PLACE, _F.DURATION}),
    AgencyKind.LABOUR: frozenset({_F.IDENTITY, _F.PROBLEM, _F.PLACE, _F.DURATION}),
    AgencyKind.CIVIL_REGISTRY: frozenset({_F.IDENTITY, _F.PLACE}),
    AgencyKind.PLACEMENT: frozenset({_F.IDENTITY, _F.PROBLEM, _F.PLACE, _F.URGENCY}),
}
"""The least each kind must know; all else stays at the office, and who needs the story asks the person or the office."""

WORKING_DAYS: dict[AgencyKind, int] = {
    AgencyKind.POLICE: 10,
    AgencyKind.MISSION: 5,
    AgencyKind.VICTIMS: 10,
    AgencyKind.LEGAL_AID: 10,
    AgencyKind.WOMEN_CHILDREN: 5,
    AgencyKind.IMMIGRATION: 5,
    AgencyKind.SOCIAL: 5,
    AgencyKind.HEALTH: 3,
    AgencyKind.INSURANCE: 10,
    AgencyKind.LABOUR: 10,
    AgencyKind.CIVIL_REGISTRY: 5,
    AgencyKind.PLACEMENT: 3,
}
"""After how many working days the office asks again: its own practice, not a promise of the agency."""

EMERGENCY_WORKING_DAYS = 1


@dataclass(frozen=True, slots=True)
class Agency:
    """`contact` is a key of the office profile's contacts; without one it is still to be filled in by the office."""

    code: str
    name: str
    kind: AgencyKind
    contact: str = ""

    @property
    def needs(self) -> frozenset[Fact]:
        return NEEDS[self.kind]

    def working_days(self, *, is_emergency: bool) -> int:
        """After how many working days an answer is due."""
        return EMERGENCY_WORKING_DAYS if is_emergency else WORKING_DAYS[self.kind]


_K = AgencyKind

AGENCIES: tuple[Agency, ...] = (
    Agency("polda", "Polda Kalimantan Barat, Subdit IV", _K.POLICE),
    Agency("polres", "Polres atau Polsek setempat", _K.POLICE, "polri"),
    Agency("imigrasi", "Kantor Imigrasi", _K.IMMIGRATION),
    Agency("dinsos", "Dinas Sosial", _K.SOCIAL),
    Agency("lpsk", "LPSK", _K.VICTIMS, "lpsk"),
    Agency("uptd_ppa", "UPTD PPA", _K.WOMEN_CHILDREN),
    Agency("sapa", "SAPA 129, Kementerian PPPA", _K.WOMEN_CHILDREN, "sapa129"),
    Agency("disnaker", "Dinas Tenaga Kerja", _K.LABOUR, "kemnaker"),
    Agency("bpjstk", "BPJS Ketenagakerjaan", _K.INSURANCE, "bpjstk"),
    Agency("dinkes", "Dinas Kesehatan", _K.HEALTH),
    Agency("rsud", "RSUD atau RSJ", _K.HEALTH),
    Agency("p4mi_sambas", "P4MI Sambas", _K.PLACEMENT),
    Agency("p4mi_sanggau", "P4MI Sanggau (Entikong)", _K.PLACEMENT),
    Agency("kp2mi", "KP2MI", _K.PLACEMENT, "kp2mi"),
    Agency("dukcapil", "Dinas Dukcapil", _K.CIVIL_REGISTRY),
    Agency("lbh", "LBH atau Posbakum", _K.LEGAL_AID),
    Agency("kemlu", "Direktorat Pelindungan WNI, Kemlu", _K.MISSION, "kemlu"),
    Agency("kjri_kuching", "KJRI Kuching", _K.MISSION, "kjri_kuching"),
    Agency("kbri_kl", "KBRI Kuala Lumpur", _K.MISSION),
    Agency("kjri_kk", "KJRI Kota Kinabalu", _K.MISSION, "kjri_kk"),
    Agency("kbri_bsb", "KBRI Bandar Seri Begawan", _K.MISSION, "kbri_bsb"),
    Agency("kdei_taipei", "KDEI Taipei", _K.MISSION),
    Agency("kjri_hk", "KJRI Hong Kong", _K.MISSION),
    Agency("kbri_sg", "KBRI Singapura", _K.MISSION),
    Agency("kbri_seoul", "KBRI Seoul", _K.MISSION),
    Agency("kbri_tokyo", "KBRI Tokyo atau KJRI Osaka", _K.MISSION),
    Agency("kjri_jeddah", "KBRI Riyadh atau KJRI Jeddah", _K.MISSION, "kjri_jeddah"),
    Agency("kbri_pp", "KBRI Phnom Penh", _K.MISSION),
    Agency("kbri_yangon", "KBRI Yangon", _K.MISSION),
    Agency("kbri_bangkok", "KBRI Bangkok", _K.MISSION),
)

BY_CODE = {agency.code: agency for agency in AGENCIES}
MISSIONS: dict[str, tuple[str, ...]] = {
    "sarawak": ("kjri_kuching",),
    "malaysia": ("kbri_kl", "kjri_kk"),
    "brunei": ("kbri_bsb",),
    "taiwan": ("kdei_taipei",),
    "hong-kong": ("kjri_hk",),
    "singapura": ("kbri_sg",),
    "korea": ("kbri_seoul",),
    "jepang": ("kbri_tokyo",),
    "arab-saudi": ("kjri_jeddah",),
    "kamboja": ("kbri_pp",),
    "myanmar": ("kbri_yangon",),
    "thailand": ("kbri_bangkok",),
}
AT_HOME = frozenset({"", "indonesia"})

ABROAD: dict[str, tuple[str, ...]] = {
    "kekerasan": ("kemlu", "polda", "lpsk", "uptd_ppa"),
    "disekap": ("kemlu", "polda", "lpsk", "uptd_ppa"),
    "meninggal": ("kemlu", "bpjstk", "dinsos"),
    "kesehatan": ("bpjstk", "dinsos", "rsud"),
    "hilang_kontak": ("kemlu", "polres"),
    "penipuan": ("polda", "lpsk"),
    "pemulangan": ("p4mi_sanggau", "p4mi_sambas", "dinsos"),
    "gaji": ("kp2mi",),
    "kontrak": ("kp2mi",),
    "paspor": ("imigrasi",),
}
"""What stands behind the mission of the country."""

HOME: dict[str, tuple[str, ...]] = {
    "kekerasan": ("polres", "lpsk", "uptd_ppa", "dinsos"),
    "disekap": ("polda", "polres", "lpsk", "uptd_ppa"),
    "meninggal": ("bpjstk", "dinsos"),
    "kesehatan": ("dinsos", "rsud", "dinkes"),
    "hilang_kontak": ("kemlu", "polres"),
    "penipuan": ("polda", "polres", "disnaker", "imigrasi", "lbh"),
    "pemulangan": ("p4mi_sanggau", "p4mi_sambas", "dinsos", "dinkes"),
    "gaji": ("disnaker", "lbh"),
    "kontrak": ("disnaker", "kp2mi"),
    "paspor": ("imigrasi", "polres", "disnaker"),
    "lainnya": ("disnaker", "p4mi_sambas", "p4mi_sanggau"),
}


def suggested(category: str, country: str | None) -> tuple[Agency, ...]:
    """The agencies for this kind of case, the first to turn to first."""
    if (country or "") in AT_HOME:
        return tuple(BY_CODE[code] for code in HOME.get(category, ()))
    codes = (*MISSIONS.get(country, ("kemlu",)), *ABROAD.get(category, ()))
    return tuple(BY_CODE[code] for code in dict.fromkeys(codes))


def by_code(code: str) -> Agency | None:
    """The agency with this code, however it is written, or None."""
    return BY_CODE.get(code.lower())
