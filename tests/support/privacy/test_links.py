"""Links of tickets to people, reservations, batches, documents and certificates; experts' looks at timelines."""

from datetime import timedelta

import pytest

from crs.sent_forms import NO_FORM
from logistics.models import Batch, Role, StockDocument
from registration.models import Person
from registration.people.insured_number import lookup_hash
from support.errors import NothingHasThisNumber, NotLinkedToTicket
from support.models import GlassBreak, TicketLink
from support.privacy import glass, links
from support.privacy.links import Kind
from tests.factories import (
    NOW,
    make_agent,
    make_certificate,
    make_event,
    make_registration,
    make_reservation,
    make_site,
    make_sitting,
    make_ticket,
    make_vials,
)
from vaccination.timeline.openings import openings_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


NUMBER = "7554041506"


def make_person() -> Person:
    """A registered person who is found by NUMBER."""
    person = make_registration().person
    Person.objects.filter(pk=person.pk).update(insured_number=NUMBER, insured_number_hash=lookup_hash(NUMBER))
    return Person.objects.get(pk=person.pk)


def linked(kind: Kind, text: str) -> TicketLink:
    return links.link(ticket=make_ticket(), kind=kind, text=text, by=make_agent(), now=NOW)


def test_a_person_is_found_by_the_number_as_people_type_it() -> None:
    person = make_person()
    for typed in (
        NUMBER,
        f" {NUMBER[:6]}/{NUMBER[6:]}",
        f"{NUMBER[:6]} / {NUMBER[6:]}",
    ):
        assert linked(Kind.PERSON, typed).person == person


def test_a_reservation_a_batch_and_a_certificate_are_found_by_what_stands_on_paper() -> None:
    reservation = make_reservation(site=make_site())
    assert linked(Kind.RESERVATION, reservation.check_in_code.lower()).reservation == reservation
    batch = make_vials().batch
    assert isinstance(batch, Batch)
    assert linked(Kind.BATCH, f" {batch.number.lower()} ").batch == batch
    certificate = make_certificate(make_event(make_sitting(make_site())).dose)
    assert linked(Kind.CERTIFICATE, certificate.ean).certificate == certificate
    assert linked(Kind.CERTIFICATE, f" {certificate.uvci} ").certificate == certificate


def test_a_document_is_found_by_its_whole_number_or_its_last_part() -> None:
    make_sitting(make_site())  # a dose, so a document of stock
    document = StockDocument.objects.order_by("-pk")[0]
    assert linked(Kind.DOCUMENT, document.number.lower()).document == document
    assert linked(Kind.DOCUMENT, str(document.pk)).document == document
    with pytest.raises(NothingHasThisNumber):  # of another kind or year
        linked(Kind.DOCUMENT, f"XX-1999-{document.pk:07d}")


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("text", ["", "nic", "🙂", "9" * 60, "-", "1"])
def test_what_is_no_number_of_ours_is_refused_in_words(kind: Kind, text: str) -> None:
    with pytest.raises(NothingHasThisNumber):
        linked(kind, text)


def test_one_thing_is_linked_once() -> None:
    ticket, by, reservation = make_ticket(), make_agent(), make_reservation(site=make_site())
    for _time in range(2):
        links.link(ticket=ticket, kind=Kind.RESERVATION, text=reservation.check_in_code, by=by, now=NOW)
    link = ticket.links.get()
    links.unlink(ticket=make_ticket(), link_id=link.pk)  # of another ticket
    assert ticket.links.exists()
    links.unlink(ticket=ticket, link_id=link.pk)
    assert not ticket.links.exists()


def test_level_one_looks_for_nobody() -> None:
    assert {kind for kind, _name in links.kinds_for(sees_numbers=False)} == {"reservation", "batch", "document"}


def test_an_expert_reads_a_timeline_for_half_an_hour_and_the_person_reads_why() -> None:
    ticket, expert = make_ticket(), make_agent(Role.SUPPORT_L3)
    person = make_person()
    asked = {"ticket": ticket, "person": person, "reason": "certifikát nese jiné jméno", "by": expert, "now": NOW}
    with pytest.raises(NotLinkedToTicket):
        glass.break_glass(**asked, form=NO_FORM)  # type: ignore[arg-type]
    assert not openings_of(person)
    links.link(ticket=ticket, kind=Kind.PERSON, text=NUMBER, by=expert, now=NOW)
    glass.break_glass(**asked, form=NO_FORM)  # type: ignore[arg-type]
    assert [opening.reason for opening in openings_of(person)] == ["certifikát nese jiné jméno"]
    for minutes, may in ((0, True), (29, True), (30, False)):
        now = NOW + timedelta(minutes=minutes)
        assert (glass.leave_of(ticket=ticket, person=person, by=expert, now=now) is not None) is may
    assert glass.leave_of(ticket=ticket, person=person, by=make_agent(Role.SUPPORT_L3), now=NOW) is None
    assert glass.leave_of(ticket=make_ticket(), person=person, by=expert, now=NOW) is None
    assert GlassBreak.objects.get().opening.user == expert
