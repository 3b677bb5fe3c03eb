"""The first reply to somebody in danger: what to do now, and who answers day and night."""

from __future__ import annotations

from bot.domain.messages import Reply
from bot.nlu_client import Category
from bot.texts import jobseeker as words
from knowledge.danger import Danger
from knowledge.office import OfficeProfile
from knowledge.urgency import SUICIDE, Urgency

HEALTH = "health"
EVERYWHERE = ("kp2mi", "kp2mi_wa", "kemlu")
FOR_COUNTRY = {
    "sarawak": ("kjri_kuching", "polis_malaysia"),
    "malaysia": ("polis_malaysia",),
    "brunei": ("kbri_bsb",),
    "arab-saudi": ("kjri_jeddah",),
    "taiwan": ("taiwan_1955",),
    "hong-kong": ("hk_labour",),
}
AT_HOME = ("polri",)
SUFFERED = (Category.DISEKAP, Category.KEKERASAN, Category.KESEHATAN)
"""What happens to somebody already, wherever they are."""


def first_aid(
    office: OfficeProfile,
    urgency: Urgency,
    category: Category | None,
    danger: Danger | None,
    country: str | None,
    place: str = "",
) -> Reply:
    """Safety and hotlines; the country's own numbers come first, and only what is missing is asked."""
    if danger and any(sign.id == SUICIDE for sign in danger.signs):
        body = "\n\n".join((words.DANGER_SUICIDE, numbers(office, country, with_health=True), words.TELL_MORE_SUICIDE))
        return Reply(title=words.DANGER_TITLE_SUICIDE, body=body, is_urgent=True)
    is_emergency = urgency is Urgency.EMERGENCY
    category = _advised_for(category, danger)
    advice = words.DANGER_NOW.get(category or "", words.DANGER_NOW["lainnya"]) if is_emergency else words.DANGER_HIGH
    parts = [advice, *([words.CANNOT_TALK] if is_emergency else []), numbers(office, country)]
    if is_emergency and category is Category.DISEKAP:
        parts.append(words.DANGER_FOR_OTHERS)
    where = words.TELL_WHERE if not country else words.TELL_TOWN if not place else words.TELL_ADDRESS
    parts.append(words.TELL_MORE.format(where=where))
    return Reply(title=words.DANGER_TITLE if is_emergency else "", body="\n\n".join(parts), is_urgent=True)


def _advised_for(category: Category | None, danger: Danger | None) -> Category | None:
    """What the advice is about: "do not leave yet" helps nobody who is held, beaten or ill already."""
    if category in SUFFERED or danger is None:
        return category
    signs = (Category(sign.category) for sign in danger.signs if sign.urgency == Urgency.EMERGENCY)
    return next((suffered for suffered in signs if suffered in SUFFERED), category)


def numbers(office: OfficeProfile, country: str | None = None, *, with_health: bool = False) -> str:
    """One line a number. Who is in despair meets the health line first, but last while the office has not filled it in."""
    local = FOR_COUNTRY.get(country or "", AT_HOME)
    is_abroad_alone = bool(country) and country not in FOR_COUNTRY
    # Where no number of the country is known, the ministry's line for citizens abroad stands before the police at home.
    keys = (*reversed(EVERYWHERE), *local) if is_abroad_alone else (*local, *EVERYWHERE)
    if with_health:
        has_health = office.contacts[HEALTH]["number"]
        keys = (HEALTH, *EVERYWHERE, *local) if has_health else (*EVERYWHERE, *local, HEALTH)
    return "\n".join([words.HOTLINES, *(f"- {office.contact(key)}" for key in keys)])


def while_broken(office: OfficeProfile) -> str:
    """Beside an apology: who asked for help while Silvi is broken must not be left with that alone."""
    return f"{words.WHILE_BROKEN} {numbers(office)}"


def officer(office: OfficeProfile, advice: str) -> Reply:
    """How to reach a human."""
    lines = [advice, "", f"- {office.fill('{kantor.bp3mi}')}", *(f"- {office.contact(key)}" for key in EVERYWHERE)]
    return Reply(body="\n".join(lines), buttons=((words.BACK_TO_MENU,),))


def not_ready(office: OfficeProfile) -> Reply:
    """When no answers can be found at all."""
    return officer(office, words.NOT_READY)
