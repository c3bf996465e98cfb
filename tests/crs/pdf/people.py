"""People with two confirmed doses, in the database of a stack; runs in a process of that stack."""

import json
import time
from hashlib import sha256

from django.utils import timezone

from crs.messaging import outbox
from crs.messaging.models import Attachment, Message
from registration.models import Person
from reservation.models import Reservation
from reservation.reserving import booking
from tests.bench import population

NAMES = (("Tomáš", "Černý"), ("Thị Hồng", "Nguyễn"), ("Олександр", "Ґуляй"), ("Marie", "Dvořáková"))
SECONDS_TO_MAKE = 120


def reserve() -> None:
    """Reserve both doses for each of the people; prints the keys of their sessions as JSON."""
    pairs = population.make_slots()
    visitors = population.make_visitors(len(NAMES), first=1)
    for (first_name, last_name), visitor, (slot, _second) in zip(NAMES, visitors, pairs, strict=False):
        people = Person.objects.filter(registrations__pk=visitor.registration_id)
        people.update(first_name=first_name, last_name=last_name)
        now = timezone.now()
        held = booking.hold(invitation_id=visitor.invitation_id, slot_id=slot, now=now)
        booking.confirm(reservation_id=held.reservation_id, registration_id=visitor.registration_id, now=now)
    _say([visitor.session for visitor in visitors])


def write_emails(count: int) -> None:
    """Have `count` e-mails with a paper sent, each person's in turn."""
    reservations = list(Reservation.objects.order_by("pk"))
    outbox.queue_all(
        Message(
            channel=Message.Channel.EMAIL,
            lane=Message.Lane.BULK,
            recipient="jana@example.cz",
            template="reservation/confirmed",
            language="cs",
            text="Potvrzení",
            reference=str(reservations[number % len(reservations)].pk),
            state=Message.State.PREPARING,
        )
        for number in range(count)
    )


def papers() -> None:
    """Wait for all papers; prints how many of each there are and how often one failed, as JSON."""
    deadline = time.monotonic() + SECONDS_TO_MAKE
    waiting = Message.objects.filter(state=Message.State.PREPARING)
    while waiting.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    made: dict[str, int] = {}
    for content in Attachment.objects.filter(name="potvrzeni.pdf").values_list("content", flat=True):
        digest = sha256(content).hexdigest()
        made[digest] = made.get(digest, 0) + 1
    _say({"made": made, "errors": list(Message.objects.exclude(error="").values_list("error", flat=True))})


def _say(answer: object) -> None:
    print(json.dumps(answer))  # noqa: T201
