"""The page of a person's certificates, and the spelling of their name in Latin letters."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from certificates.desk import counter, people, person_certificates
from certificates.desk.forms import SpellingForm
from certificates.permissions import CertificateAct
from logistics.staff.guards import SiteRequest, at_site
from registration.people.persons import standing_for
from vaccination.pages import done, entry_context, posted, show


@at_site(CertificateAct.SEE_CERTIFICATES)
@require_GET
def person(request: SiteRequest, registration_id: int) -> HttpResponse:
    """Each dose of the person with its certificate, what is due, and what can be done."""
    registration = people.registration_or_404(request.site, registration_id)
    who = standing_for(registration.person)
    doses = person_certificates.of_person(who, now=timezone.now())
    context = {
        "registration": registration,
        "person": who,
        "doses": doses,
        "needs_spelling": person_certificates.needs_spelling(who),
        "waits_for_spelling": any(one.waits_for_spelling for one in doses),
    }
    return show(request, "desk/person.html", context, room="certificates")


@at_site(CertificateAct.ISSUE_CERTIFICATES)
@require_http_methods(["GET", "POST"])
def spelling(request: SiteRequest, registration_id: int) -> HttpResponse:
    """Write the name as the travel document spells it; certificates that waited for it are then issued."""
    registration = people.registration_or_404(request.site, registration_id)
    who = standing_for(registration.person)
    initial = {"first_name": who.latin_first_name, "last_name": who.latin_last_name}
    form = SpellingForm(posted(request), person=who, initial=initial)
    going_on: list[int] = []
    if done(
        form,
        lambda: going_on.append(
            counter.spell(registration=registration, context=entry_context(request), **form.cleaned_data)
        ),
    ):
        messages.success(request, _("The spelling of the name is saved."))
        if going_on[0]:
            text = ngettext(
                "%(count)d certificate that waited for it is being made.",
                "%(count)d certificates that waited for it are being made.",
                going_on[0],
            )
            messages.success(request, text % {"count": going_on[0]})
        return redirect("certificates:person", request.site.pk, registration.pk)
    context = {"registration": registration, "person": who, "form": form}
    return show(request, "desk/spelling.html", context, room="certificates")
