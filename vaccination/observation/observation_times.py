"""The time of observation that a site sets for itself, from a day on (DOMAIN 10.2)."""

from datetime import date

from django.utils import timezone

from crs import sent_forms
from crs.sent_forms import Outcome
from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from vaccination.models import ObservationTime
from vaccination.models.observation import LEAST_MINUTES
from vaccination.observation import errors

SHORTEST, LONGEST = LEAST_MINUTES, 120


def set_time(*, site: VaccinationSite, minutes: int, valid_from: date, context: EntryContext) -> None:
    """Have people of the site sit for `minutes` after a dose from `valid_from` on; sent again for a day, it replaces.

    What was valid on days before today stays. Raises WrongObservationTime, PastDay, ShorterThanElsewhere, FormChanged.
    """
    if not SHORTEST <= minutes <= LONGEST:
        raise errors.WrongObservationTime
    if valid_from < timezone.localdate(context.now):
        raise errors.PastDay
    general = ObservationTime.objects.general_on(valid_from)
    if general is not None and minutes < general.minutes:
        raise errors.ShorterThanElsewhere(general.minutes)

    def write() -> Outcome:
        ObservationTime.objects.update_or_create(site=site, valid_from=valid_from, defaults={"minutes": minutes})
        return {}

    sent_forms.once(context.form, write)
