"""The share of people with a PIN2 who reserve with it, measured on those whose PIN2 ended lately."""

from datetime import datetime, timedelta
from math import sqrt

from django.db.models import Exists, F, OuterRef, Q

from reservation.models import Invitation, Reservation, WaitingSummary

LATELY = timedelta(days=28)
# The deviations of a normal distribution that 95 of 100 samples stay within.
CAUTION = 1.96


def share() -> float:
    """As it was measured when the people who wait were last counted; 1 before the first time."""
    measured = WaitingSummary.objects.values_list("share_who_come", flat=True).first()
    return 1.0 if measured is None else measured


def measure(now: datetime) -> float:
    """The share of PIN2s that ended lately and led to a confirmed reservation.

    It is the upper end of what chance allows (Wilson's interval): of few people nearly 1, so that a site is not
    promised to more people than it has seats because three of four forgot. A PIN2 that was replaced before its end
    counts with the one that came instead. An offered time keeps its own seats, and no seat is kept for whoever gave
    theirs back.
    """
    came = Reservation.objects.filter(
        registration=OuterRef("registration"),
        confirmed_at__gte=OuterRef("issued_at"),
        confirmed_at__lte=OuterRef("expires_at"),
    )
    ended = Invitation.objects.filter(expires_at__gt=now - LATELY, expires_at__lte=now)
    ended = ended.filter(Q(revoked_at=None) | Q(revoked_at__gte=F("expires_at")))
    of = ended.exclude(kind__in=(Invitation.Kind.OFFER, Invitation.Kind.GAVE_BACK))
    return _upper_end(of.filter(Exists(came)).count(), of.count())


def _upper_end(came: int, of: int) -> float:
    if not of:
        return 1.0
    rate, squared = came / of, CAUTION**2
    middle = rate + squared / (2 * of)
    spread = CAUTION * sqrt(rate * (1 - rate) / of + squared / (4 * of**2))
    return min(1.0, (middle + spread) / (1 + squared / of))
