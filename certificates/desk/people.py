"""The people whose certificates a site may open: those with a tie to it, as with their timelines.

Addresses hold keys of rows; whatever they name is looked for among the people of the site.
"""

from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from certificates.models import Certificate
from logistics.models import VaccinationSite
from registration.models import Person, Registration
from vaccination.models import Dose
from vaccination.timeline import openings


def registration_or_404(site: VaccinationSite, registration_id: int) -> Registration:
    """The registration, with its person, if the site may open it. Raises Http404."""
    known = openings.registrations_of(site).select_related("person__merged_into")
    return get_object_or_404(known, pk=registration_id)


def certificate_or_404(site: VaccinationSite, certificate_id: UUID) -> tuple[Certificate, Registration]:
    """The certificate and its person's registration, if the site may open it. Raises Http404."""
    rows = Certificate.objects.select_related("dose__vaccine", "person")
    found = get_object_or_404(rows, pk=certificate_id)
    return found, _registration_of(found.person, site)


def dose_or_404(site: VaccinationSite, dose_id: UUID) -> tuple[Dose, Registration]:
    """The dose, if it counts, and its person's registration, if the site may open it. Raises Http404."""
    found = get_object_or_404(Dose.objects.valid().select_related("vaccine", "person"), pk=dose_id)
    return found, _registration_of(found.person, site)


def _registration_of(person: Person, site: VaccinationSite) -> Registration:
    """The registration under which the site knows the person, one that stands before one that was cancelled."""
    standing = person.merged_into_id or person.pk
    rows = Registration.objects.filter(Q(person=standing) | Q(person__merged_into=standing))
    known = openings.registrations_of(site).filter(pk__in=list(rows.values_list("pk", flat=True)))
    found = list(known.select_related("person__merged_into").order_by("-pk"))
    if not found:
        raise Http404
    return next((one for one in found if one.state != Registration.State.CANCELLED), found[0])
