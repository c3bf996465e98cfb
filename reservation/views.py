"""From PIN2 to two reserved doses: steps 5 to 7 of the walk."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_ratelimit.core import is_ratelimited

from crs.captcha.challenges import WrongAnswer
from crs.captcha.forms import captcha_kind, is_captcha_shown, is_captcha_switch
from crs.errors import FormChanged
from crs.pdf.decorators import prints
from crs.sent_forms import sending
from logistics.models import VaccinationSite, Vaccine
from reservation import access, availability, booking, errors, visits
from reservation.access import ChoosingRequest, InvitedRequest, LoggedInRequest, choosing, invited, logged_in
from reservation.calendar_file import calendar_file
from reservation.documents import confirmation_pdf
from reservation.forms import CheckedLogInForm, ConfirmForm, LogInForm, pressed_slot
from reservation.logging_in import LoggedIn
from reservation.logging_in import log_in as log_in_with_pin2
from reservation.models import Reservation, Slot
from reservation.month import month, month_of, weekdays
from reservation.places import places

SITES_ON_A_PAGE = 20
NEXT_DAYS = 5
# A time that is gone is answered by others of the same site.
REFUSED_SLOTS = (errors.SlotFull, errors.SlotPast, errors.NoSecondSlot, errors.NoSuchSlot)


@access.private
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Step 5: telephone and PIN2. Who is logged in already goes on."""
    if request.method == "GET" and access.is_logged_in(request):
        return redirect("reservation:site")
    form = _log_in_form(request)
    if form.is_valid():
        return _try_to_log_in(request, form)
    return render(request, "reservation/log_in.html", {"form": form})


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session in this browser."""
    is_first_click = access.is_logged_in(request)
    access.let_out(request)
    if is_first_click:
        messages.success(request, _("You are logged out."))
    return redirect("home")


@choosing
@require_GET
def site(request: ChoosingRequest) -> HttpResponse:
    """Step 6: a site, by region and district."""
    found = places(
        registration_id=request.registration_id,
        region=request.GET.get("kraj"),
        district=request.GET.get("okres", ""),
        now=timezone.now(),
    )
    page = Paginator(found.offers, SITES_ON_A_PAGE).get_page(request.GET.get("strana"))
    return render(request, "reservation/site.html", {"places": found, "page": page, "filter": found.form})


@choosing
@require_GET
def day(request: ChoosingRequest, site_id: UUID) -> HttpResponse:
    """Step 6: a day at the site, in a month and as a list of the next ones."""
    chosen = _open_site(site_id)
    free = availability.days(site_id=site_id, now=timezone.now())
    shown = month(
        month_of(request.GET.get("mesic", "")), free=free, today=timezone.localdate(), language=get_language() or "cs"
    )
    context = {
        "site": chosen,
        "month": shown,
        "weekdays": weekdays(),
        "next_days": sorted(free.items())[:NEXT_DAYS],
    }
    return render(request, "reservation/day.html", context)


@choosing
@require_GET
def time(request: ChoosingRequest, site_id: UUID, on: date) -> HttpResponse:
    """Step 6: a time on the day; each is one press of a button."""
    chosen = _open_site(site_id)
    offers = availability.times(site_id=site_id, day=on, now=timezone.now())
    vaccines = {offer.vaccine for offer in offers}
    hours = [(timezone.localtime(offer.starts_at).hour, offer) for offer in offers]
    context = {
        "site": chosen,
        "day": on,
        "morning": [offer for hour, offer in hours if hour < 12],
        "afternoon": [offer for hour, offer in hours if hour >= 12],
        # Named only where there is a choice.
        "vaccine_names": dict(Vaccine.objects.values_list("code", "name")) if len(vaccines) > 1 else {},
    }
    return render(request, "reservation/time.html", context)


@logged_in
def hold(request: LoggedInRequest) -> HttpResponse:
    """Take the chosen time and a second dose for ten minutes. The busiest address: one database call."""
    slot_id = pressed_slot(request.POST)
    if slot_id is None:  # a GET too: it carries no POST data
        return redirect("reservation:site")
    return _hold(request, invitation_id=request.invitation_id, slot_id=slot_id)


@choosing
@require_http_methods(["GET", "POST"])
def confirm(request: ChoosingRequest) -> HttpResponse:
    """Step 7: both doses, and the last click."""
    if request.method == "GET" or is_captcha_switch(request):
        return _confirm_page(request)
    held = request.held
    if held is not None and request.POST.get("reservation") != str(held.pk):
        messages.info(request, _("You chose another time in the meantime. Please check it here."))
        return redirect("reservation:confirm")
    form = ConfirmForm(request.POST, captcha_kind=captcha_kind(request))
    if not form.is_valid():
        return _confirm_page(request, form)
    try:
        booking.confirm(
            reservation_id=form.cleaned_data["reservation"],
            registration_id=request.registration_id,
            captcha=form.answer,
            form=sending(request),
            now=timezone.now(),
        )
    except WrongAnswer as refusal:
        form.add_error("captcha", str(refusal))
        return _confirm_page(request, form)
    except FormChanged as refusal:
        form.add_error(None, str(refusal))
        return _confirm_page(request, form)
    except errors.HoldExpired:
        return _hold_ran_out(request)
    return redirect("reservation:confirmed")


@invited
@require_GET
def confirmed(request: InvitedRequest) -> HttpResponse:
    """What is reserved; who comes back with PIN2 sees it here."""
    confirmation = visits.confirmed(registration_id=request.registration_id)
    if confirmation is None:
        return redirect("reservation:site")
    return render(request, "reservation/confirmed.html", {"confirmation": confirmation})


@invited
@require_GET
@prints(meanwhile=gettext_lazy("If you gave us your e-mail, we send the paper there too."))
def pdf(request: InvitedRequest) -> HttpResponse:
    """The confirmation as PDF."""
    confirmation = visits.confirmed(registration_id=request.registration_id)
    if confirmation is None:
        raise Http404
    content = confirmation_pdf(confirmation, language=get_language() or "cs")
    headers = {"Content-Disposition": 'inline; filename="potvrzeni.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@invited
@require_GET
def calendar(request: InvitedRequest) -> HttpResponse:
    """Both doses for the person's own diary."""
    confirmation = visits.confirmed(registration_id=request.registration_id)
    if confirmation is None:
        raise Http404
    content = calendar_file(confirmation, language=get_language() or "cs")
    headers = {"Content-Disposition": 'attachment; filename="terminy.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


def _log_in_form(request: HttpRequest) -> LogInForm:
    """The form as the page had it, with the captcha or not; whether one was needed, the operation decides."""
    kind = captcha_kind(request)
    if is_captcha_switch(request):
        return CheckedLogInForm.unchecked(request.POST, captcha_kind=kind)
    if is_captcha_shown(request):
        return CheckedLogInForm(request.POST, captcha_kind=kind)
    return LogInForm(request.POST if request.method == "POST" else None)


def _try_to_log_in(request: HttpRequest, form: LogInForm) -> HttpResponse:
    if is_ratelimited(request, group="reservation.log_in", key="ip", rate=settings.LOGINS_PER_ADDRESS, increment=True):
        form.add_error(None, _("Too many people are logging in from your network. Please try again in an hour."))
        return render(request, "reservation/log_in.html", {"form": form}, status=429)
    try:
        logged_in = log_in_with_pin2(
            phone=form.cleaned_data["phone"],
            pin2=form.cleaned_data["pin2"],
            captcha=form.answer if isinstance(form, CheckedLogInForm) else None,
            wanted=access.interrupted_page(request) or "",
            form=sending(request),
            now=timezone.now(),
        )
    except WrongAnswer as refusal:
        form.add_error("captcha", str(refusal))
        return render(request, "reservation/log_in.html", {"form": form})
    except errors.CaptchaNeeded:
        return render(request, "reservation/log_in.html", {"form": CheckedLogInForm(request.POST)})
    except errors.LogInError as refusal:
        return _refuse_log_in(request, form, str(refusal), needs_captcha=refusal.needs_captcha)
    except FormChanged:
        form.add_error("pin2", _("Please check the telephone number and PIN2 and send them once more."))
        return render(request, "reservation/log_in.html", {"form": form})
    access.let_in(request, logged_in.invitation)
    return _go_on(request, logged_in)


def _refuse_log_in(request: HttpRequest, form: LogInForm, text: str, *, needs_captcha: bool) -> HttpResponse:
    """Show the form again with all that was typed, and with the captcha only where the next try needs one."""
    if needs_captcha != isinstance(form, CheckedLogInForm):
        form = CheckedLogInForm(request.POST) if needs_captcha else LogInForm(request.POST)
    form.add_error("pin2", text)
    return render(request, "reservation/log_in.html", {"form": form})


def _open_site(site_id: UUID) -> VaccinationSite:
    return get_object_or_404(VaccinationSite.objects.open(), pk=site_id)


def _go_on(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """After logging in: to what the end of a session interrupted, else to where the person stands."""
    slot_id, page, invitation = access.interrupted_slot(request), logged_in.wanted, logged_in.invitation
    access.forget_interrupted_page(request)
    living = visits.living(registration_id=invitation.registration_id, now=timezone.now())
    if living is not None and living.state == Reservation.State.CONFIRMED:
        return redirect(page or "reservation:confirmed")
    if slot_id is not None:
        return _hold(request, invitation_id=invitation.pk, slot_id=slot_id)
    if page:
        return redirect(page)
    return redirect("reservation:site" if living is None else "reservation:confirm")


def _hold(request: HttpRequest, *, invitation_id: int, slot_id: int) -> HttpResponse:
    try:
        booking.hold(invitation_id=invitation_id, slot_id=slot_id, now=timezone.now())
    except errors.NotInvited:
        return access.ask_to_log_in(request)
    except errors.AlreadyReserved as refusal:
        messages.info(request, str(refusal))
        return redirect("reservation:confirmed")
    except REFUSED_SLOTS as refusal:
        return _offer_others(request, slot_id=slot_id, refusal=refusal)
    return redirect("reservation:confirm")


def _offer_others(request: HttpRequest, *, slot_id: int, refusal: errors.BookingError) -> HttpResponse:
    """Say kindly that the time is gone, with the nearest free ones a click away."""
    lost = Slot.objects.select_related("site").filter(pk=slot_id).first()
    if lost is None:
        messages.warning(request, str(refusal))
        return redirect("reservation:site")
    now = timezone.now()
    context = {
        "reason": type(refusal).__name__,
        "lost": lost,
        "offers": availability.nearest(slot_id=slot_id, now=now),
        "held": visits.living(registration_id=request.session[access.REGISTRATION], now=now),
        # The address of this answer takes no GET, so the language switch leads to the days of the site.
        "language_next": reverse("reservation:day", args=[lost.site_id]),
    }
    return render(request, "reservation/taken.html", context, status=409)


def _confirm_page(request: ChoosingRequest, form: ConfirmForm | None = None) -> HttpResponse:
    held = request.held
    if held is None:
        return _hold_ran_out(request)
    doses = visits.visits_of(held)
    first_day, last_day = (timezone.localdate(visit.starts_at) for visit in (doses[0], doses[-1]))
    context = {
        "form": form or ConfirmForm(initial={"reservation": held.pk}, captcha_kind=captcha_kind(request)),
        "held": held,
        "visits": doses,
        "days_between": (last_day - first_day).days,
        "rule": visits.interval_of(held) if held.pairing == Reservation.Pairing.OTHER_DAY else None,
        "minutes_left": max(1, round((held.held_until - timezone.now()).total_seconds() / 60)),
    }
    return render(request, "reservation/confirm.html", context)


def _hold_ran_out(request: ChoosingRequest) -> HttpResponse:
    """The hold that a page showed is gone: to the living one of another tab, or to other times."""
    if visits.living(registration_id=request.registration_id, now=timezone.now()) is not None:
        messages.info(request, _("You chose another time in the meantime. Please check it here."))
        return redirect("reservation:confirm")
    lost = visits.latest_lost_hold(registration_id=request.registration_id, now=timezone.now())
    if lost is None:
        return redirect("reservation:site")
    slot_id = lost.appointments.all()[0].slot_id
    return _offer_others(request, slot_id=slot_id, refusal=errors.HoldExpired())
