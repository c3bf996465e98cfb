"""What is held of a registration, as one telephone may read it: nothing medical, numbers masked (ADR 0046)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crs.messaging.models import Message
from crs.no_break import breakable
from registration.mine.entries import Entry
from registration.telephones.phone import readable

_SHOWN = 3
_MOST_MESSAGES = 200


@dataclass(frozen=True)
class Held:
    """One fact: its key in the file, its name and its words on paper."""

    key: str
    name: str
    words: str


def about(entry: Entry) -> list[Held]:
    """Everything, in the order of the paper; what is not known is left out."""
    return [held for held in _facts(entry) if held.words]


def as_json(entry: Entry) -> str:
    """The same as a file: texts by key, in the language of the page, and the messages."""
    facts: dict[str, object] = {held.key: breakable(str(held.words)) for held in about(entry)}
    facts["messages"] = [
        {"day": timezone.localdate(message.created_at).isoformat(), "by": message.channel, "kind": message.template}
        for message in messages_to(entry)
    ]
    return json.dumps(facts, ensure_ascii=False, indent=2)


def messages_to(entry: Entry) -> list[Message]:
    """What was sent to the telephone, the newest first, without the texts; the e-mail may be somebody else's."""
    sent = Message.objects.filter(recipient=entry.phone).order_by("-pk")
    return list(sent.only("channel", "template", "created_at")[:_MOST_MESSAGES])


def masked(number: str) -> str:
    """The last digits of a number, so that its owner knows which one it is."""
    return "•" * max(0, len(number) - _SHOWN) + number[-_SHOWN:] if number else ""


def _facts(entry: Entry) -> Iterator[Held]:
    registration, person = entry.registration, entry.person
    yield Held("registration_number", _("Registration number"), registration.number)
    yield Held("state", _("State"), registration.get_state_display())
    yield Held("registered_at", _("Registered on"), _day_and_time(registration.created_at))
    yield Held("consented_at", _("Consent given on"), _day_and_time(registration.consented_at))
    yield Held("ended_at", _("Cancelled on"), _day_and_time(registration.ended_at))
    yield Held("name", _("Name"), str(person))
    yield Held("latin_name", _("Name in Latin letters"), f"{person.latin_first_name} {person.latin_last_name}".strip())
    yield Held("birth_date", _("Date of birth"), date_format(person.birth_date, "DATE_FORMAT"))
    yield Held("insured_number", _("Insured person's number (last digits)"), masked(person.insured_number or ""))
    yield Held("document_number", _("Number of the document (last signs)"), masked(person.document_number or ""))
    yield Held("insurer", _("Health insurer"), person.get_insurer_display())
    yield Held("address", _("Address"), entry.address)
    yield Held("telephone", _("Telephone"), readable(entry.phone))
    yield Held("email", _("E-mail"), registration.email)
    yield Held("language", _("Language of messages"), str(dict(settings.LANGUAGES).get(registration.language, "")))
    yield Held("guardian", _("Guardian"), _guardian(entry))
    yield Held("is_immobile", _("Somebody has to come home"), _("yes") if registration.is_immobile else "")
    district = registration.home_district
    yield Held("home_district", _("District of the home"), district.name if district else "")
    yield Held("sites", _("Preferred vaccination sites"), "; ".join(site.name for site in entry.sites))
    reasons = "; ".join(f"{reason.group}: {reason.get_state_display()}" for reason in entry.reasons)
    yield Held("reasons", _("Reasons besides age"), reasons)
    yield Held("checks", _("Checks with registers"), " ".join(str(check) for check in entry.checks(timezone.now())))


def _guardian(entry: Entry) -> str:
    registration = entry.registration
    if not registration.guardian_name:
        return ""
    return f"{registration.guardian_name} ({registration.get_guardian_relation_display()})"


def _day_and_time(moment: object) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""  # type: ignore[arg-type]
