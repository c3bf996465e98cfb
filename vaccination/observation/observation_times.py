"""The time of observation that a site sets for itself, from a day on (DOMAIN 10.2)."""

from datetime import date

from django.utils import timezone

from crs import sent_forms
from crs.sent_forms import Outcome
from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from vaccination.models import ObservationTime
from vaccination.observation import errors

SHORTEST, LONGEST = 15, 120  # minutes; the shorter one is the EU's minimum


def set_time(*, site: VaccinationSite, minutes: int, valid_from: date, context: EntryContext) -> None:
    """Have people of the site sit for `minutes` after a dose from `valid_from` on; sent again for a day, it replaces.

    What was valid on days before today stays. Raises WrongObservationTime, PastDay, FormChanged.
    """
    if not SHORTEST <= minutes <= LONGEST:
        raise errors.WrongObservationTime
    if valid_from < timezone.localdate(context.now):
        raise errors.PastDay

    def write() -> Outcome:
        ObservationTime.objects.update_or_create(site=site, valid_from=valid_from, defaults={"minutes": minutes})
        return {}

    sent_forms.once(context.form, write)
