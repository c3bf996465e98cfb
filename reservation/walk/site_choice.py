"""The choice of a site as the page shows it: the person's own wishes first, full sites last."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.functional import cached_property

from crs.czech_order import order_of_name
from crs.prepared_queries import Given, Prepared
from logistics.models import District, Region, VaccinationSite
from registration.models import Registration
from reservation.free_seats import availability
from reservation.free_seats.availability import OfferedSite
from reservation.free_seats.need import Need
from reservation.reserving import needs
from reservation.walk import near_home
from reservation.walk.forms import SiteFilterForm


@dataclass(frozen=True)
class SiteChoice:
    """Sites of a region or district in the order of usefulness."""

    form: SiteFilterForm
    need: Need
    offers: list[OfferedSite]
    preferred: frozenset[UUID]

    @cached_property
    def has_free(self) -> bool:
        """Whether any of them has a free seat."""
        return any(offer.free for offer in self.offers)

    @property
    def is_any_dose_due(self) -> bool:
        """Whether any vaccine can be given to the person, now or later."""
        return self.need.vaccines is None or bool(self.need.vaccines)


def site_choice(
    *, registration: Registration, region: str | None, district: str, suggested: str = "", now: datetime
) -> SiteChoice:
    """List the open sites of the chosen region and district: preferred ones first, then the nearest to the home.

    Full sites come last; of those that are equally far the one whose next free day comes first. `region` None: nothing
    was chosen yet; then it is the region of the preferred sites, if they share one, or else that of the home. It comes
    back as `suggested` with what is chosen next.
    """
    registration_id, home = registration.pk, near_home.home_of(registration.person)
    preferred = _PREFERRED.all(registration=registration_id)
    is_guess = region is None
    if region is None:
        wished = {site.district.region_id if site.district else site.region_id for site in preferred}
        at_home = home.region if home and not wished else ""
        region = (wished.pop() if len(wished) == 1 else at_home) or ""
    form = SiteFilterForm(
        region=region,
        district=district,
        regions=_REGIONS.all(),
        districts=_DISTRICTS.all(),
        is_guess=is_guess,
        suggested=suggested,
    )
    need = needs.need_of(registration_id, now)
    offers = availability.sites(
        need=need, now=now, region_code=form.region or None, district_code=form.district or None
    )
    own = frozenset(site.pk for site in preferred)

    def usefulness(offer: OfferedSite) -> tuple[bool, bool, int, date, str]:
        away = round(home.kilometres_to(offer.site)) if home else 0
        is_own = offer.site.pk in own
        by_name = order_of_name(offer.site.name)
        return (offer.next_day is None, not is_own, away, offer.next_day or date.max, by_name)

    return SiteChoice(form, need, sorted(offers, key=usefulness), own)


_REGIONS = Prepared(lambda: Region.objects.all())
_DISTRICTS = Prepared(lambda: District.objects.all())
_PREFERRED = Prepared(
    lambda: VaccinationSite.objects.filter(preferred_by=Given("registration")).select_related("district")
)
