"""The demonstration's work for line 1221: a request, a claim of another telephone, and somebody who cannot come."""

from datetime import date, datetime

from django.utils import timezone

from logistics.models import District
from registration.applying.registering import Details, register
from registration.models import LineRequest, Person, PriorityGroup
from registration.people import insured_number
from registration.people.identity_document import IdentityDocument
from registration.people.persons import PersonDetails

_AT_HOME, _DAUGHTER, _NURSE = "+420601000123", "+420602000456", "+420603000789"
_HEALTH_WORKERS = "health-workers"


def load(*, now: datetime) -> int:
    """Add what waits for an operator; returns how many things, 0 where there are requests already."""
    if LineRequest.objects.exists():
        return 0
    number = insured_number.parse("365215/456", today=timezone.localdate(now))
    anna = PersonDetails(
        identity=number,
        first_name="Anna",
        last_name="Ležáková",
        birth_date=number.birth_date,
        insurer=Person.Insurer.VZP,
        street="Lipová 8",
        city="Brno",
        postcode="60200",
    )
    at_home = Details(person=anna, home_district=District.objects.get(pk="CZ0642"))
    for telephone in (_AT_HOME, _DAUGHTER):
        register(phone=telephone, details=at_home, language="cs", now=now)
    nurse = PersonDetails(
        identity=IdentityDocument(Person.DocumentType.PASSPORT.value, "UA", "FE123456"),
        first_name="Олена",
        last_name="Коваль",
        latin_first_name="OLENA",
        latin_last_name="KOVAL",
        birth_date=date(1980, 3, 1),
        sex=Person.Sex.FEMALE,
        street="Kounicova 20",
        city="Brno",
        postcode="60200",
    )
    reason = PriorityGroup.objects.get(pk=_HEALTH_WORKERS)
    register(phone=_NURSE, details=Details(person=nurse, reason=reason), language="uk", now=now)
    return 3
