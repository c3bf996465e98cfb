"""People who cannot come, by district: the list for general practitioners and mobile teams."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from crs import history, sent_forms
from crs.czech_order import czech_order
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import District
from registration.models import Registration
from registration.operations import Operation
from registration.people.telling import tell

# A district has some hundreds of them; a page of paper about twenty.
MOST_ON_A_LIST = 500


def districts() -> list[District]:
    """The districts with people who cannot come, in Czech order, with how many wait there to be handed over."""
    of_district = Registration.objects.active().filter(is_immobile=True)
    counts = dict(of_district.values_list("home_district").annotate(waiting=Count("pk", filter=Q(handed_over_at=None))))
    found = list(District.objects.filter(pk__in=[key for key in counts if key]).select_related("region"))
    for district in found:
        district.waiting = counts[district.pk]  # type: ignore[attr-defined]
    return sorted(found, key=lambda district: czech_order(district.name))


def in_district(district: District | None, *, with_handed_over: bool = False) -> QuerySet[Registration]:
    """People of the district who wait for a dose at home, those who registered first before others.

    Without a district: those of whom nobody knows it.
    """
    found = Registration.objects.active().filter(is_immobile=True, home_district=district)
    if not with_handed_over:
        found = found.filter(handed_over_at=None)
    return found.select_related("person").order_by("created_at", "pk")


def hand_over(*, keys: Collection[int], by: User, now: datetime, form: Sending = NO_FORM) -> int:
    """Mark that the doctors and teams of the district have these people, and tell each; returns how many are new."""

    def write() -> Outcome:
        rows = Registration.objects.active().filter(pk__in=keys, is_immobile=True, handed_over_at=None)
        # Locked by rising key; of two operators with one list the second waits, and then finds nobody.
        waiting = list(rows.select_for_update(of=("self",), no_key=True).select_related("person").order_by("pk"))
        Registration.objects.filter(pk__in=[one.pk for one in waiting]).update(handed_over_at=now)
        for one in waiting:
            tell(one, "registration/handed_to_doctors", {"number": one.number})
        return {"count": len(waiting)}

    with history.recording(Operation.HAND_OVER, by=by):
        outcome = sent_forms.once(form, write) or {}
    return int(outcome["count"])
