"""What waits for an operator: claims of other telephones, and requests that the portal handed over."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.paging import Paginator
from crs.sent_forms import sending
from crs.states import state_name
from crs.typed_moment import written_day
from logistics.models import VaccinationSite
from logistics.staff.guards import staff_who_may
from registration.applying import deciding
from registration.desk import record, requests
from registration.desk.forms import DecideForm, ResolveForm
from registration.desk.pages import all_seen, posted, refused, show
from registration.models import LineRequest, Person, PriorityGroup, Registration, RegistrationClaim
from registration.people import identity_document, insured_number
from registration.people.persons import rows_of, standing_for
from registration.people.statements import Statements
from registration.permissions import RegistrationAct

ROWS_ON_A_PAGE = 50
# What forms keep of what was typed, in the order in which the desk reads it.
_LABELS: dict[str, str | Promise] = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Surname"),
    "latin_first_name": gettext_lazy("First name in Latin letters"),
    "latin_last_name": gettext_lazy("Surname in Latin letters"),
    "birth_date": gettext_lazy("Date of birth"),
    "sex": gettext_lazy("Sex"),
    "insured_number": gettext_lazy("Insured person's number"),
    "document_type": gettext_lazy("Document"),
    "document_country": gettext_lazy("Issued by"),
    "document_number": gettext_lazy("Number of the document"),
    "insurer": gettext_lazy("Health insurer"),
    "street": gettext_lazy("Street and house number"),
    "city": gettext_lazy("Town or village"),
    "postcode": gettext_lazy("Postcode"),
    "country": gettext_lazy("Country"),
    "email": gettext_lazy("E-mail"),
    "reasons": gettext_lazy("Claim to a group"),
    "sites": gettext_lazy("Preferred sites"),
    "guardian_name": gettext_lazy("Name of the guardian"),
    "guardian_relation": gettext_lazy("Relation of the guardian"),
}


@staff_who_may(RegistrationAct.DECIDE_CLAIMS)
@require_safe
def claims(request: StaffRequest) -> HttpResponse:
    """Claims of other telephones that nobody has decided, the oldest first."""
    rows = RegistrationClaim.objects.filter(resolved_at=None).select_related("person").order_by("created_at", "pk")
    page = Paginator(rows, ROWS_ON_A_PAGE).get_page(request.GET.get("strana"))
    all_seen(request, [claim.person for claim in page], timezone.now())
    return show(request, "claims.html", {"page": page})


@staff_who_may(RegistrationAct.DECIDE_CLAIMS)
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: StaffRequest, claim_id: int) -> HttpResponse:
    """What is registered and what was typed at the other telephone, side by side; the operator decides."""
    found = get_object_or_404(RegistrationClaim.objects.select_related("person__merged_into"), pk=claim_id)
    now = timezone.now()
    person = standing_for(found.person)
    all_seen(request, [person], now)
    form = DecideForm(posted(request))
    if form.is_valid():
        decision = RegistrationClaim.Decision(form.cleaned_data["decision"])
        try:
            deciding.decide_claim(
                claim=found,
                decision=decision,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=now,
                form=sending(request),
            )
        except DomainError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, _("Decided. Both telephones have been told."))
            return redirect("registration:desk_claims")
    of_person = Registration.objects.filter(person__in=rows_of(person))
    registration = of_person.standing().first() or of_person.order_by("-pk").first()
    context = {"claim": found, "who": record.who(person, now=now), "registration": registration, "form": form}
    lines = _compared(registration, person, asdict(Statements.of(found)))
    return show(request, "claim.html", {**context, "lines": lines})


@staff_who_may(RegistrationAct.ANSWER_REQUESTS)
@require_safe
def requests_waiting(request: StaffRequest) -> HttpResponse:
    """Requests to line 1221 that wait, the oldest first."""
    page = Paginator(requests.waiting(), ROWS_ON_A_PAGE).get_page(request.GET.get("strana"))
    all_seen(request, list(page), timezone.now())
    rows = [(one, Statements.of(one)) for one in page]
    return show(request, "requests.html", {"page": page, "rows": rows})


@staff_who_may(RegistrationAct.ANSWER_REQUESTS)
@require_http_methods(["GET", "HEAD", "POST"])
def line_request(request: StaffRequest, request_id: int) -> HttpResponse:
    """A request with what was typed: the operator registers the person, or says why not."""
    found = get_object_or_404(LineRequest.objects.select_related("registration", "resolved_by"), pk=request_id)
    all_seen(request, [found], timezone.now())
    form = ResolveForm(posted(request))
    if form.is_valid():
        outcome = LineRequest.Outcome(form.cleaned_data["outcome"])
        reason = form.cleaned_data["reason"]
        try:
            requests.resolve(
                request=found,
                outcome=outcome,
                reason=reason,
                by=request.user,
                now=timezone.now(),
                form=sending(request),
            )
        except DomainError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, _("The request is resolved. The person has been told."))
            return redirect("registration:desk_requests")
    typed = asdict(Statements.of(found))
    lines = [(_LABELS[name], _shown(name, typed[name])) for name in _LABELS if typed.get(name)]
    kind = "doklad" if typed.get("document_number") else "cislo"
    register_url = f"{reverse('registration:desk_register')}?podle={kind}&zadost={found.pk}"
    context = {"request_found": found, "lines": lines, "form": form, "register_url": register_url}
    return show(request, "request.html", context)


def _compared(
    registration: Registration | None, person: Person, typed: dict[str, Any]
) -> list[tuple[str | Promise, str, str, bool]]:
    """Label, what is registered, what was typed, and whether they differ."""
    found = []
    for name in ("first_name", "last_name", "latin_first_name", "latin_last_name", "insurer", *_CONTACT):
        holder = registration if name == "email" else person
        known, said = _shown(name, getattr(holder, name, "") if holder else ""), _shown(name, typed.get(name, ""))
        if known or said:
            found.append((_LABELS[name], known, said, bool(said) and known != said))
    return found


_CONTACT = ("street", "city", "postcode", "country", "email")


def _shown(name: str, value: Any) -> str:
    """The value as the desk reads it: numbers masked, codes by their names."""
    if name == "insured_number":
        return insured_number.masked(str(value))
    if name == "birth_date":
        return written_day(date.fromisoformat(str(value)))
    if name == "document_number":
        return identity_document.masked(str(value))
    if name in ("document_country", "country"):
        return state_name(str(value)) or str(value)
    if name == "reasons":
        return ", ".join(str(group) for group in PriorityGroup.objects.filter(pk__in=value))
    if name == "sites":
        names = VaccinationSite.objects.filter(pk__in=value).order_by("name__czech").values_list("name", flat=True)
        return ", ".join(names)
    choices: dict[str, Any] = {
        "insurer": Person.Insurer,
        "sex": Person.Sex,
        "document_type": Person.DocumentType,
        "guardian_relation": Registration.Relation,
    }
    labels = dict(choices[name].choices) if name in choices else {}
    return str(labels.get(value, value))
