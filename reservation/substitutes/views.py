"""The pages on which a site calls substitutes and sees who comes, and where line 1221 writes down who agreed."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.paging import Paginator
from crs.sent_forms import sending
from logistics.staff.guards import SiteRequest, at_site, staff_who_may
from registration.models import Registration
from registration.people.looks import looked, looked_at_all
from registration.permissions import RegistrationAct
from reservation.models import Substitute, SubstituteCall, SubstituteOffer
from reservation.permissions import ReservationAct
from reservation.substitutes import agreeing, answering, asking, calling
from reservation.substitutes.call_form import SubstituteCallForm
from reservation.substitutes.errors import DoseNotForToday, DosesGone
from reservation.substitutes.forms import AgreementForm

CALLS_ON_A_PAGE = 30
CHOOSE, WITHDRAW, LIST = "choose", "withdraw", "seznam"
_Answer = SubstituteOffer.Answer


@at_site(ReservationAct.CALL_SUBSTITUTES)
@require_http_methods(["GET", "HEAD", "POST"])
def calls(request: SiteRequest) -> HttpResponse:
    """'5 doses, 45 minutes': start a call; the calls that run, and those of before."""
    now = timezone.now()
    form = SubstituteCallForm(request.POST or None, site=request.site, now=now)
    if form.is_valid():
        try:
            made = calling.start(
                site=request.site, by=request.user, form=sending(request), now=now, **form.cleaned_data
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            asked = made.offers.count()
            text = ngettext("%(count)d person was asked.", "%(count)d people were asked.", asked)
            messages.success(request, text % {"count": asked})
            return redirect("reservation:substitute_call", request.site.pk, made.pk)
    known = SubstituteCall.objects.filter(site=request.site.pk).select_related("vaccine", "made_by")
    come = Count("offers", filter=Q(offers__answer=_Answer.COMES))
    known = known.annotate(asked=Count("offers"), come=come).order_by("-made_at")
    context = {
        "form": form,
        "agreed": Substitute.objects.counting().filter(site=request.site.pk, claim=None).count(),
        "running": known.filter(ended_at=None, come_by__gt=now),
        "page": Paginator(known.exclude(ended_at=None), CALLS_ON_A_PAGE).get_page(request.GET.get("strana")),
    }
    return _show(request, "calls", context)


@at_site(ReservationAct.CALL_SUBSTITUTES)
@require_safe
def call(request: SiteRequest, call_id: int) -> HttpResponse:
    """Who comes, who is to be called by telephone, and who was asked; `?cast=seznam` is the list alone."""
    one, now = _call(request, call_id), timezone.now()
    offers = list(one.offers.select_related("registration__person", "answered_with").order_by("sent_at", "pk"))
    looked_at_all(
        {offer.registration.person for offer in offers}, user=request.user, page="reservation:substitute_call", now=now
    )
    open_ones = [offer for offer in offers if offer.answer == ""]
    context = {
        "call": one,
        "is_running": one.ended_at is None and one.come_by > now,
        "is_time_to_ask": asking.is_time_to_ask(now),
        "hours": settings.SUBSTITUTE_HOURS,
        "left": asking.doses_left(one),
        "coming": [offer for offer in offers if offer.answer == _Answer.COMES],
        # Nobody sends them an SMS: the site calls.
        "to_call": [offer for offer in open_ones if not offer.registration.phone],
        "asked": [offer for offer in open_ones if offer.registration.phone],
        "answered": [offer for offer in offers if offer.answer not in ("", _Answer.COMES)],
    }
    if request.GET.get("cast") == LIST:
        return render(
            request, "reservation/substitutes/parts/people.html", {"site": request.site, "now": now, **context}
        )
    return _show(request, "call", context)


@at_site(ReservationAct.CALL_SUBSTITUTES)
@require_POST
def answer(request: SiteRequest, call_id: int, offer_id: int) -> HttpResponse:
    """Write down what somebody answered at the telephone."""
    offer = get_object_or_404(_call(request, call_id).offers, pk=offer_id)
    said = request.POST.get("answer", "")
    try:
        if act := answering.ANSWERS.get(said):
            act(offer_id=offer.pk, by=request.user, form=sending(request), now=timezone.now())
            comes = _("It is written down: the person comes, and is told so.")
            stays = _("It is written down: the person does not come.")
            messages.success(request, comes if said == answering.COMES else stays)
    except DosesGone:
        messages.warning(request, _("All doses of this call are promised by now. Tell the person not to come."))
    except DoseNotForToday:
        messages.warning(request, _("This dose cannot be given to the person today. Tell them not to come."))
    return redirect("reservation:substitute_call", request.site.pk, call_id)


@at_site(ReservationAct.CALL_SUBSTITUTES)
@require_POST
def end(request: SiteRequest, call_id: int) -> HttpResponse:
    """Ask nobody more."""
    if calling.end(call_id=_call(request, call_id).pk, now=timezone.now()):
        messages.success(request, _("Nobody more is asked. Whoever said that they come is expected."))
    return redirect("reservation:substitute_call", request.site.pk, call_id)


@staff_who_may(RegistrationAct.REGISTER_CALLERS)
@require_http_methods(["GET", "HEAD", "POST"])
def of_caller(request: StaffRequest, registration_id: int) -> HttpResponse:
    """To which sites a caller comes when they are called."""
    person = get_object_or_404(Registration.objects.standing().select_related("person"), pk=registration_id)
    now, by = timezone.now(), request.user
    form = AgreementForm()
    if CHOOSE in request.POST:
        form = AgreementForm(initial=AgreementForm.typed(request.POST))
    elif WITHDRAW in request.POST:
        if agreeing.withdraw(whose=person, site=request.POST[WITHDRAW], now=now):
            messages.success(request, _("The person is not called to this vaccination site any more."))
        return redirect(request.path)
    elif request.method == "POST":
        form = AgreementForm(request.POST)
        if form.is_valid():
            try:
                agreeing.agree(whose=person, by=by, form=sending(request), now=now, **form.agreement())
            except DomainError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("It is written down where the person comes."))
                return redirect(request.path)
    looked(person=person.person, user=by, page="reservation:substitute_of_caller", now=now)
    back = reverse("registration:desk_registration", args=[person.pk])
    context = {"form": form, "agreed": agreeing.agreed_by(person), "registration": person, "back": back}
    return render(request, "reservation/substitutes/of_caller.html", {**context, "here": request.path})


def _call(request: SiteRequest, call_id: int) -> SubstituteCall:
    calls_of_site = SubstituteCall.objects.filter(site=request.site.pk).select_related("site", "vaccine", "made_by")
    return get_object_or_404(calls_of_site, pk=call_id)


def _show(request: SiteRequest, page: str, context: dict[str, Any]) -> HttpResponse:
    around = {"site": request.site, "tab": "substitutes", "now": timezone.now()}
    return render(request, f"reservation/substitutes/{page}.html", {**around, **context})
