"""The day before each dose: an SMS and an e-mail with one link, 'I cannot come'.

That somebody was reminded is told by their link, which is written in the transaction of the message. So a run that dies
goes on where it was, and nobody is reminded twice.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from crs.messaging import outbox
from crs.messaging.models import Message
from registration.groups.rules import read_once
from reservation.links import links
from reservation.models import Appointment, PersonalLink, Reservation
from reservation.moving import moving_messages

BATCH = 200

# By the index of each site and vaccine: slots of one day are found without reading all.
_OF_DAY = """
SELECT a.id
FROM logistics_vaccinationsite site
CROSS JOIN logistics_vaccine v
JOIN reservation_slot s ON s.site_id = site.id AND s.vaccine_id = v.code AND s.day = %(day)s
JOIN reservation_appointment a ON a.slot_id = s.id AND a.state = 'BOOKED'
JOIN reservation_reservation r ON r.id = a.reservation_id AND r.state = 'CONFIRMED' AND r.confirmed_at < %(since)s
ORDER BY a.id
"""


def send_due(*, now: datetime) -> int:
    """Remind everybody who has a dose tomorrow and was not reminded; returns how many.

    Left out are those who confirmed today and so have just read it, those whose time cannot stay, and people without
    telephone and e-mail. Each batch commits on its own; two runs at once share the work.
    """
    since = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    with connection.cursor() as cursor:
        cursor.execute(_OF_DAY, {"day": timezone.localdate(now) + timedelta(days=1), "since": since})
        keys = [key for (key,) in cursor.fetchall()]
    return sum(_remind(keys[start : start + BATCH], since, now) for start in range(0, len(keys), BATCH))


def _remind(keys: Sequence[int], since: datetime, now: datetime) -> int:
    due = list(_due(keys, since).values_list("reservation_id", flat=True))
    if not due:
        return 0
    with transaction.atomic():
        # Whoever moves or gives back a time waits, and then withdraws the message. Of two runs each takes its own.
        reservations = Reservation.objects.filter(pk__in=due, state=Reservation.State.CONFIRMED).order_by("pk")
        locked = list(reservations.select_for_update(of=("self",), no_key=True, skip_locked=True).values_list("pk"))
        # Asked once more under the locks: the other run may have reminded them since the look.
        mine = list(
            _due(keys, since)
            .filter(reservation__in=[key for (key,) in locked])
            .select_related("slot__site", "reservation__registration__person")
            .prefetch_related("reservation__registration__priority_claims")
        )
        with read_once():
            outbox.queue_all([message for one in mine for message in _messages(one, now)])
    return len(mine)


def _due(keys: Sequence[int], since: datetime) -> QuerySet[Appointment]:
    """Those of the appointments whose people were not reminded since the day began."""
    reminded = PersonalLink.objects.filter(
        registration=OuterRef("reservation__registration"),
        purpose=PersonalLink.Purpose.CANNOT_COME,
        about=Cast(OuterRef("pk"), CharField()),
        made_at__gte=since,
    )
    tomorrow = timezone.localdate(since) + timedelta(days=1)
    booked = Appointment.objects.filter(pk__in=keys, state=Appointment.State.BOOKED, slot__day=tomorrow)
    standing = booked.filter(reservation__state=Reservation.State.CONFIRMED)
    reached = standing.exclude(reservation__registration__phone="", reservation__registration__email="")
    return reached.exclude(pk__in=booked.affected().values("pk")).filter(~Exists(reminded)).order_by("pk")


def _messages(appointment: Appointment, now: datetime) -> list[Message]:
    registration, slot = appointment.reservation.registration, appointment.slot
    phone_link, email_link = (
        links.issue(
            registration=registration,
            purpose=PersonalLink.Purpose.CANNOT_COME,
            about=appointment.pk,
            now=now,
            expires_at=slot.starts_at,
            is_by_phone=is_by_phone,
        )
        if reach
        else ""
        for is_by_phone, reach in ((True, registration.phone), (False, registration.email))
    )
    return list(moving_messages.reminders(appointment, phone_link=phone_link, email_link=email_link, now=now))
