"""Lists the sites whose past days nobody closed."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from crs.commands import OperationsCommand
from logistics.models import VaccinationSite
from reservation.models import Slot
from vaccination.models import DayClosing, Dose
from vaccination.models.closing import REMEMBERED_FOR


class Command(OperationsCommand):
    help = (
        "Lists sites with past days of the last two months that nobody closed, and exits 1 when there are any. "
        "Reads only; made for the morning."
    )

    def run(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        since = today - REMEMBERED_FOR
        planned = Slot.objects.filter(day__range=(since, today), booked__gt=0).values("site")
        given = Dose.objects.valid().filter(given_on__range=(since, today)).values("site")
        worked = VaccinationSite.objects.filter(Q(pk__in=planned) | Q(pk__in=given)).order_by("name__czech")
        found = {site: days for site in worked if (days := DayClosing.objects.unclosed_days(site, today))}
        self.list_problems([f"{site.pk} {site.name}: {_days(days)}" for site, days in found.items()], is_failure=True)
        yesterday = today - timedelta(days=1)
        self.summarise(
            {
                "sites that worked": len(worked),
                "sites with unclosed days": len(found),
                "sites that did not close yesterday": sum(yesterday in days for days in found.values()),
                "days": sum(len(days) for days in found.values()),
            },
            outcome="all days are closed",
            failure=f"Sites with unclosed days: {len(found)}." if found else "",
        )


def _days(days: list[Any]) -> str:
    shown = ", ".join(f"{day:%Y-%m-%d}" for day in days[-5:])
    return shown if len(days) <= 5 else f"{len(days)} days, the last {shown}"
