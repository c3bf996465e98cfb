"""What a person looks over before they send the form: each answer as it was understood, and where it is changed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from crs.keyed_hash import keyed_hash
from crs.states import state_name
from registration import address
from registration.age import age_on
from registration.applying.forms import RegistrationForm
from registration.applying.registering import Details
from registration.groups import eligibility
from registration.groups.eligibility import Eligibility
from registration.groups.rules import rules_at
from registration.models import Person, Registration
from registration.people import insured_number
from registration.people.identity_document import IdentityDocument


@dataclass(frozen=True)
class Row:
    """One answer: its lines, and the field at which it is changed ("": not in the form)."""

    label: str | Promise
    lines: tuple[str | Promise, ...]
    field: str = ""
    # Changed by proving another telephone.
    is_phone: bool = False


def digest(values: dict[str, Any]) -> str:
    """What tells the answers that a page showed from those that were typed in another tab since."""
    return keyed_hash("registration-review", json.dumps(values, sort_keys=True))[:32]


def turn_of(details: Details, *, now: datetime) -> Eligibility:
    """The group by which the person would wait, and why."""
    return eligibility.decide(details.facts, rules_at(now), now=now)


def rows(form: RegistrationForm, details: Details, *, phone: str) -> Iterator[Row]:
    """The answers of a valid form in its order; `phone` as people read it."""
    person = details.person
    spelled = f"{person.latin_first_name} {person.latin_last_name}".strip()
    name = (f"{person.first_name} {person.last_name}".strip(), *([spelled] if spelled else []))
    yield Row(_("Name and surname"), name, "first_name")
    yield from _identity(form, details)
    if details.guardian is not None:
        relation = Registration.Relation(details.guardian.relation).label
        yield Row(_("Guardian"), (f"{details.guardian.name} ({relation})",), "guardian_name")
    yield Row(_("Address"), tuple(address.lines(person)), "street")
    yield Row(_("E-mail"), (details.email or _("none: news come by SMS only"),), "email")
    yield Row(_("Telephone for SMS"), (phone,), is_phone=True)
    yield from _place(details)


def language_row() -> Row:
    """In which language messages come: that of the page, which is changed at its top."""
    name = dict(settings.LANGUAGES).get(get_language() or "", settings.LANGUAGE_CODE)
    text = _("%(language)s. To change it, choose another language at the top of the page.") % {"language": name}
    return Row(_("Language of messages"), (text,))


def _identity(form: RegistrationForm, details: Details) -> Iterator[Row]:
    identity, person = details.person.identity, details.person
    born = date_format(person.birth_date, "DATE_FORMAT")
    age = age_on(form.today, birth_date=person.birth_date)
    years = ngettext("%(born)s, %(age)d year old", "%(born)s, %(age)d years old", age) % {"born": born, "age": age}
    if isinstance(identity, IdentityDocument):
        kind = Person.DocumentType(identity.type).label
        country = state_name(identity.country)
        yield Row(_("Document"), (f"{kind}, {country}", identity.number), "document_type")
        yield Row(_("Date of birth"), (years,), "birth")
        yield Row(_("Sex"), (Person.Sex(person.sex).label,), "sex")
        return
    yield Row(_("Insured person's number"), (insured_number.written(identity.digits),), "insured_number")
    yield Row(_("Date of birth, by the number"), (years,), "insured_number")
    yield Row(_("Health insurer"), (Person.Insurer(person.insurer).label,), "insurer")


def _place(details: Details) -> Iterator[Row]:
    if details.home_district is not None:
        text = _("The person cannot come: a doctor or a mobile team of the district %(district)s will come to them.")
        yield Row(_("Where"), (text % {"district": details.home_district.name},), "is_immobile")
        return
    sites = tuple(f"{site.name}, {site.address}" for site in details.sites)
    yield Row(_("Vaccination sites that suit you"), sites or (_("none chosen yet; you choose with PIN2"),), "region")
