"""How long a person is observed after a dose (DOMAIN 10.2)."""

from collections.abc import Iterable
from datetime import date

from logistics.models import VaccinationSite
from vaccination.models import ObservationTime
from vaccination.questions.answers import Effect

# The EU's minimum, where no rule has begun.
LEAST_MINUTES = 15


def minutes_for(*, site: VaccinationSite, day: date, effects: Iterable[Effect] = ()) -> int:
    """The minutes of observation by the rule of the site and the day, or longer where an answer asks for it."""
    rule = ObservationTime.objects.valid_on(day, site)
    usual = rule.minutes if rule else LEAST_MINUTES
    return max([usual, *(effect.observe_minutes or 0 for effect in effects)])
