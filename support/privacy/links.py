"""What a ticket is about: a person, reservation, batch, document of stock or certificate, found by its number."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate
from crs import typed
from crs.row_keys import row_key
from logistics.models import Batch, StockDocument
from logistics.vaccines.errors import UnreadableScan
from logistics.vaccines.scanning import recognise
from registration.applying import at_a_site
from registration.people.persons import standing_for
from reservation.models import Reservation
from support.errors import NothingHasThisNumber, SeveralHaveThisNumber
from support.models import Ticket, TicketLink
from vaccination.visits.search import check_in_code

Found = models.Model | None


class Kind(models.TextChoices):
    """To what a ticket is linked, and by which number it is found."""

    RESERVATION = "reservation", _("reservation (check-in code)")
    BATCH = "batch", _("batch (its number)")
    DOCUMENT = "document", _("document of stock (number such as DL-2021-0001234)")
    PERSON = "person", _("person (insured number or registration number)")
    CERTIFICATE = "certificate", _("certificate (evidence number or UVCI)")


# Whoever does not see insured numbers does not look for people by them, nor for what names a person.
OF_PEOPLE = frozenset({Kind.PERSON, Kind.CERTIFICATE})


def link(*, ticket: Ticket, kind: Kind, text: str, by: User, now: datetime) -> TicketLink:
    """Link the ticket to the row of `kind` that has the number which somebody typed, once.

    Raises NothingHasThisNumber and SeveralHaveThisNumber.
    """
    found = _FINDERS[kind](text.strip(), now)
    if found is None:
        raise NothingHasThisNumber
    # Two who link one thing at once meet at the unique constraint, and both read the first one's row.
    return TicketLink.objects.get_or_create(ticket=ticket, **{kind.value: found}, defaults={"by": by, "at": now})[0]


@transaction.atomic
def unlink(*, ticket: Ticket, link_id: int) -> None:
    """Take a link back; one that is gone already is no fault."""
    TicketLink.objects.filter(ticket=ticket, pk=link_id).delete()


def kinds_for(*, sees_numbers: bool) -> list[tuple[str, str]]:
    """The kinds that a member of staff may choose, with their names."""
    return [(kind.value, str(kind.label)) for kind in Kind if sees_numbers or kind not in OF_PEOPLE]


def _person(text: str, now: datetime) -> Found:
    registration = at_a_site.find(text, now=now) or at_a_site.find_by_document_number(text)
    return standing_for(registration.person) if registration else None


def _reservation(text: str, now: datetime) -> Found:
    code = check_in_code(text)
    return Reservation.objects.filter(check_in_code=code).first() if code else None


def _batch(text: str, now: datetime) -> Found:
    try:
        recognised = recognise(text)
    except UnreadableScan:
        return None
    if recognised.batch is None and Batch.objects.published().filter(number=recognised.batch_number).exists():
        raise SeveralHaveThisNumber
    return recognised.batch


def _document(text: str, now: datetime) -> Found:
    number = "".join(text.split()).upper()
    digits = number.rpartition("-")[2]
    key = row_key(digits)
    if key is None:
        return None
    document = StockDocument.objects.filter(pk=key).first()
    return document if document and number in (document.number, digits) else None


def _certificate(text: str, now: datetime) -> Found:
    words = "".join(text.split())
    return Certificate.objects.filter(models.Q(ean=typed.number(words)) | models.Q(uvci=words.upper())).first()


_FINDERS: dict[Kind, Callable[[str, datetime], Found]] = {
    Kind.PERSON: _person,
    Kind.RESERVATION: _reservation,
    Kind.BATCH: _batch,
    Kind.DOCUMENT: _document,
    Kind.CERTIFICATE: _certificate,
}
