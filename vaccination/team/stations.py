"""The stations of a site, and the one at which a browser stands."""

from django.db import IntegrityError, transaction

from crs import sent_forms
from crs.czech_order import order_of_name
from crs.sent_forms import Outcome
from logistics.models import VaccinationSite
from logistics.staff.guards import SiteRequest
from logistics.stock.ledger import EntryContext
from vaccination.models import Station, VialSession
from vaccination.team import errors

# By site, because a browser may serve two of them in a day: {key of the site: key of the station}.
_CHOSEN = "vaccination.stations"


def stations(site: VaccinationSite) -> list[Station]:
    """The stations in use, by name; numbers as people count them: 2 before 10."""
    found = Station.objects.filter(site=site, closed_at=None)
    return sorted(found, key=lambda one: order_of_name(one.name))


def chosen(request: SiteRequest) -> Station | None:
    """The station at which this browser stands at the site; the only one there needs no choice."""
    known = request.session.get(_CHOSEN, {}).get(str(request.site.pk))
    found = stations(request.site)
    if len(found) == 1:
        return found[0]
    return next((one for one in found if one.pk == known), None)


def choose(request: SiteRequest, station: Station) -> None:
    """Remember that this browser stands at the station."""
    request.session[_CHOSEN] = {**request.session.get(_CHOSEN, {}), str(station.site_id): station.pk}


def add(*, site: VaccinationSite, name: str, context: EntryContext) -> Station:
    """Add a station to the site. Raises StationExists."""
    made: list[Station] = []

    def write() -> Outcome:
        try:
            with transaction.atomic():
                made.append(Station.objects.create(site=site, name=name))
        except IntegrityError as error:
            raise errors.StationExists from error
        return {"station": made[0].pk}

    outcome = sent_forms.once(context.form, write) or {}
    return made[0] if made else Station.objects.get(pk=outcome["station"])


def close(*, station: Station, context: EntryContext) -> None:
    """Close the station; no vial is opened there any more. Raises StationInUse, StationClosedAlready."""

    def write() -> Outcome:
        # Whoever opens a vial there locks the same row, so no vial is opened at a station that is being closed.
        row = Station.objects.select_for_update(no_key=True).get(pk=station.pk)
        if row.closed_at is not None:
            raise errors.StationClosedAlready
        if VialSession.objects.open().filter(station=row).exists():
            raise errors.StationInUse
        row.closed_at = context.now
        row.save(update_fields=["closed_at"])
        return {}

    sent_forms.once(context.form, write)
