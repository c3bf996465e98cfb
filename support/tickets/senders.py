"""Of which site a sender is, where exactly one fits; a guess that the desk can change."""

from django.db.models import Q

from logistics.models import SITE_ROLES, VaccinationSite


def site_of(address: str) -> VaccinationSite | None:
    """The one site whose own address, contact or staff this e-mail is; None where none or several fit."""
    if not address:
        return None
    is_staff = Q(staff__role__in=SITE_ROLES, staff__user__email__iexact=address, staff__user__is_active=True)
    fits = Q(email__iexact=address) | Q(contacts__email__iexact=address) | is_staff
    # A subquery, for a site with two contacts of one address stands in the join twice.
    found = VaccinationSite.objects.filter(pk__in=VaccinationSite.objects.filter(fits).values("pk"))[:2]
    return found[0] if len(found) == 1 else None
