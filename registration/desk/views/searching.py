"""The desk's first page: the search. What is looked for stands in no address."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from crs.accounts.guards import StaffRequest
from logistics.staff import permissions
from logistics.staff.guards import staff_who_may
from registration import progress
from registration.desk import requests, searching
from registration.desk.errors import DeskError
from registration.desk.forms import SearchForm
from registration.desk.pages import all_seen, posted, refused, show
from registration.desk.record import who
from registration.desk.searching import Found
from registration.permissions import RegistrationAct


@staff_who_may(RegistrationAct.FIND_REGISTRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: StaffRequest) -> HttpResponse:
    """Look for a person: one who is found is opened, several are listed."""
    form, found, now = SearchForm(posted(request)), Found(), timezone.now()
    is_asked = False
    if form.is_valid():
        try:
            text, born = form.cleaned_data["text"], form.cleaned_data["born"]
            found = searching.search(text, born=born, by=request.user, now=now)
            is_asked = True
        except DeskError as refusal:
            refused(form, refusal)
    acts = permissions.acts_of(request.user)
    if found.only is not None:
        return redirect("registration:desk_registration", found.only.pk)
    if found.claim and RegistrationAct.DECIDE_CLAIMS in acts:
        return redirect("registration:desk_claim", found.claim.pk)
    if found.request and RegistrationAct.ANSWER_REQUESTS in acts:
        return redirect("registration:desk_request", found.request.pk)
    all_seen(request, [line.person for line in found.lines], now)
    words = progress.words_of([line.registration for line in found.lines], now=now)
    lines = [(line.registration, who(line.person, now=now), words[line.registration.pk]) for line in found.lines]
    context = {"form": form, "found": found, "lines": lines, "is_asked": is_asked, "most": searching.MOST_SHOWN}
    return show(request, "search.html", {**context, "waiting": requests.count_for(request.user)})
