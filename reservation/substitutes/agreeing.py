"""People agree to be called to a site when doses are left there, and take it back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite
from registration.models import Registration, RegistrationClaim
from reservation.errors import RegistrationEnded
from reservation.models import Substitute, SubstituteOffer
from reservation.models.substitutes import SubstituteQuerySet
from reservation.substitutes import errors

MOST_SITES = 5

# A claim to a registration looks like a registration to its telephone (`registration.mine.entries`).
Whose = Registration | RegistrationClaim


def agree(
    *,
    whose: Whose,
    sites: Sequence[VaccinationSite],
    minutes: int,
    now: datetime,
    by: User | None = None,
    form: Sending = NO_FORM,
) -> None:
    """Note that the person comes to the sites within so many minutes when they are called.

    For a site that stands there other minutes replace those of before. `by` is who noted it for a caller. Raises
    RegistrationEnded, TooManySites, FormChanged.
    """

    def record() -> Outcome:
        # Two tabs wait here, so the sites are counted one after the other.
        if not _standing(whose).select_for_update(of=("self",), no_key=True).exists():
            raise RegistrationEnded
        Substitute.objects.standing().filter(**_key(whose), site__in=sites).update(withdrawn_at=now)
        if _of(whose).count() + len(sites) > MOST_SITES:
            raise errors.TooManySites
        Substitute.objects.bulk_create(
            Substitute(**_key(whose), site=site, minutes=minutes, agreed_at=now, agreed_with=by) for site in sites
        )
        return {}

    sent_forms.once(form, record)


def withdraw(*, whose: Whose, site: str, now: datetime) -> bool:
    """Take the agreement for a site (its key, as it was sent) back; False where there is none.

    An offer that waits can still be answered.
    """
    try:
        site_id = UUID(site)
    except ValueError:
        return False
    return bool(_of(whose).filter(site=site_id).update(withdrawn_at=now))


def forget(*, registration_id: int, now: datetime) -> None:
    """Take back all that the person agreed to, and the offers that wait; the caller holds the registration's lock."""
    Substitute.objects.standing().filter(registration=registration_id).update(withdrawn_at=now)
    waiting = SubstituteOffer.objects.filter(registration=registration_id, answer="")
    waiting.update(answer=SubstituteOffer.Answer.DECLINED, answered_at=now)


def agreed_by(whose: Whose) -> list[Substitute]:
    """What the person agreed to and has not taken back, by the names of the sites."""
    return list(_of(whose).select_related("site", "agreed_with").order_by("site__name__czech"))


def _of(whose: Whose) -> SubstituteQuerySet:
    return Substitute.objects.counting().filter(**_key(whose))


def _key(whose: Whose) -> dict[str, int]:
    return {"registration_id" if isinstance(whose, Registration) else "claim_id": whose.pk}


def _standing(whose: Whose) -> QuerySet[Registration] | QuerySet[RegistrationClaim]:
    if isinstance(whose, Registration):
        return Registration.objects.standing().filter(pk=whose.pk)
    return RegistrationClaim.objects.filter(pk=whose.pk, decision="")
