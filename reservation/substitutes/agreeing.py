"""People agree to be called to a site when doses are left there, and take it back."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation.errors import RegistrationEnded
from reservation.models import Substitute, SubstituteOffer
from reservation.substitutes import errors

MOST_SITES = 5


def agree(
    *,
    registration_id: int,
    site: VaccinationSite,
    minutes: int,
    now: datetime,
    by: User | None = None,
    form: Sending = NO_FORM,
) -> None:
    """Note that the person comes to the site within so many minutes when they are called; other minutes replace them.

    `by` is who noted it for a caller. Raises RegistrationEnded, TooManySites, FormChanged.
    """

    def record() -> Outcome:
        # Two tabs wait here, so the sites are counted one after the other.
        people = Registration.objects.standing().select_for_update(of=("self",), no_key=True)
        if not people.filter(pk=registration_id).exists():
            raise RegistrationEnded
        agreed = Substitute.objects.standing().filter(registration=registration_id)
        agreed.filter(site=site).update(withdrawn_at=now)
        if agreed.count() >= MOST_SITES:
            raise errors.TooManySites
        Substitute.objects.create(
            registration_id=registration_id, site=site, minutes=minutes, agreed_at=now, agreed_with=by
        )
        return {}

    sent_forms.once(form, record)


def withdraw(*, registration_id: int, site_id: object, now: datetime) -> bool:
    """Take the agreement for a site back; False where there is none. An offer that waits can still be answered."""
    agreed = Substitute.objects.standing().filter(registration=registration_id, site=site_id)
    return bool(agreed.update(withdrawn_at=now))


def forget(*, registration_id: int, now: datetime) -> None:
    """Take back all that the person agreed to, and the offers that wait; the caller holds the registration's lock."""
    Substitute.objects.standing().filter(registration=registration_id).update(withdrawn_at=now)
    waiting = SubstituteOffer.objects.filter(registration=registration_id, answer="")
    waiting.update(answer=SubstituteOffer.Answer.DECLINED, answered_at=now)


def agreed_by(registration_id: int) -> Sequence[Substitute]:
    """What the person agreed to and has not taken back, by the names of the sites."""
    return list(
        Substitute.objects.standing()
        .filter(registration=registration_id)
        .select_related("site", "agreed_with")
        .order_by("site__name")
    )
