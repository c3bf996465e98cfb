"""Step 6 of the walk: a site, a day and a time, which is then held together with those of the later doses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from crs.paging import Paginator
from logistics.models import VaccinationSite, Vaccine
from registration.models import Registration
from reservation import errors
from reservation.free_seats import availability
from reservation.free_seats.availability import TimeOffer
from reservation.free_seats.need import Need
from reservation.models import Invitation, Reservation, Slot
from reservation.papers import reservation_summary
from reservation.reserving import booking, needs, together
from reservation.walk import companion, session
from reservation.walk.forms import pressed_slot
from reservation.walk.month_table import month_of, month_table, weekdays
from reservation.walk.session import ChoosingRequest, LoggedInRequest, choosing, logged_in
from reservation.walk.site_choice import SiteChoice, site_choice

SITES_ON_A_PAGE = 10
NEXT_DAYS = 5
# A time that is gone is answered by others of the same site.
REFUSED_SLOTS = (
    errors.SlotFull,
    errors.SlotPast,
    errors.SlotClosed,
    errors.NoLaterSlot,
    errors.NoSuchSlot,
    errors.NotForYou,
    errors.NoSeatsTogether,
)


@dataclass(frozen=True)
class Way:
    """Where the pages of a choice lead: the list of sites, and where a pressed time is sent.

    `dose` is the one that gets another time, 0 on the first choice; where its site is given, there is no list of sites.
    With a `companion` the times are chosen for two.
    """

    sites_url: str
    press_url: str
    dose: int = 0
    site_is_given: bool = False
    companion: Invitation | None = None


def first_choice(request: HttpRequest) -> Way:
    """The way of whoever has no times yet."""
    return Way(reverse("reservation:site"), reverse("reservation:hold"), companion=companion.of(request))


@choosing
@require_safe
def site(request: ChoosingRequest) -> HttpResponse:
    """Step 6: a site, by region and district."""
    return site_page(request, first_choice(request), registration=request.registration)


@choosing
@require_safe
def day(request: ChoosingRequest, site_id: UUID) -> HttpResponse:
    """Step 6: a day at the site, in a month and as a list of the next ones."""
    now = timezone.now()
    need = needs.need_of(request.registration_id, now)
    return day_page(request, first_choice(request), site_id, availability.days(site_id=site_id, need=need, now=now))


@choosing
@require_safe
def time(request: ChoosingRequest, site_id: UUID, on: date) -> HttpResponse:
    """Step 6: a time on the day; each is one press of a button."""
    now = timezone.now()
    need = needs.need_of(request.registration_id, now)
    offers = availability.times(site_id=site_id, day=on, need=need, now=now)
    way = first_choice(request)
    if way.companion is not None:
        theirs = needs.need_of(way.companion.registration_id, now)
        offers = companion.times_for_two(offers, availability.times(site_id=site_id, day=on, need=theirs, now=now))
    return time_page(request, way, site_id, on, need, offers)


def site_page(request: HttpRequest, way: Way, *, registration: Registration) -> HttpResponse:
    """The sites of a region or district, those that the person prefers first; a choice holds until there is another."""
    is_chosen = "kraj" in request.GET or "okres" in request.GET
    region, district = session.places(request)
    if is_chosen:
        region, district = request.GET.get("kraj", ""), request.GET.get("okres", "")
    choice = site_choice(
        registration=registration,
        region=region,
        district=district,
        suggested=request.GET.get("navrh", ""),
        now=timezone.now(),
    )
    if is_chosen:
        session.keep_places(request, choice.form.region, choice.form.district)
    page = Paginator(choice.offers, SITES_ON_A_PAGE).get_page(request.GET.get("strana"))
    context = {
        "way": way,
        "choice": choice,
        "page": page,
        "filter": choice.form,
        "here": _address_of(way, choice, page.number),
    }
    return render(request, "reservation/walk/site.html", context)


def _address_of(way: Way, choice: SiteChoice, page: int) -> str:
    return f"{way.sites_url}?{urlencode({'kraj': choice.form.region, 'okres': choice.form.district, 'strana': page})}"


def day_page(request: HttpRequest, way: Way, site_id: UUID, free: Mapping[date, int]) -> HttpResponse:
    """The days of a site with their free seats."""
    wanted = month_of(request.GET.get("mesic", ""))
    context = {
        "way": way,
        "site": _open_site(site_id),
        "month": month_table(wanted, free=free, today=timezone.localdate(), language=get_language() or "cs"),
        "weekdays": weekdays(),
        "next_days": sorted(free.items())[:NEXT_DAYS],
    }
    return render(request, "reservation/walk/day.html", context)


def time_page(
    request: HttpRequest, way: Way, site_id: UUID, on: date, need: Need, offers: Sequence[TimeOffer]
) -> HttpResponse:
    """The free times of a day at a site."""
    vaccines = {offer.vaccine for offer in offers}
    hours = [(timezone.localtime(offer.starts_at).hour, offer) for offer in offers]
    context = {
        "way": way,
        "site": _open_site(site_id),
        "day": on,
        "need": need,
        "morning": [offer for hour, offer in hours if hour < 12],
        "afternoon": [offer for hour, offer in hours if hour >= 12],
        # Named only where there is a choice.
        "vaccine_names": dict(Vaccine.objects.values_list("code", "name")) if len(vaccines) > 1 else {},
    }
    return render(request, "reservation/walk/time.html", context)


def _open_site(site_id: UUID) -> VaccinationSite:
    site = availability.open_site(site_id)
    if site is None:
        raise Http404
    return site


@logged_in
def hold(request: LoggedInRequest) -> HttpResponse:
    """Take the chosen time and those of the later doses for ten minutes. The busiest address: one database call."""
    slot_id = pressed_slot(request.POST)
    if slot_id is None:  # a GET too: it carries no POST data
        return redirect("reservation:site")
    return answer_hold(request, invitation_id=request.invitation_id, slot_id=slot_id)


def answer_hold(request: HttpRequest, *, invitation_id: int, slot_id: int) -> HttpResponse:
    """Hold the slot and lead to the confirmation, or say why not and what else there is."""
    try:
        _hold(request, invitation_id, slot_id)
    except errors.BookingError as refusal:
        return answer_refusal(request, slot_id=slot_id, refusal=refusal)
    return redirect("reservation:confirm")


def answer_refusal(request: HttpRequest, *, slot_id: int, refusal: errors.BookingError) -> HttpResponse:
    """Say why the slot cannot be held, and lead on."""
    if isinstance(refusal, errors.NotInvited):
        return session.ask_to_log_in(request)
    if isinstance(refusal, errors.NotYourTurn):
        return not_your_turn(request, refusal)
    if isinstance(refusal, errors.AlreadyReserved):
        messages.info(request, str(refusal))
        return redirect("reservation:confirmed")
    if isinstance(refusal, (errors.CompanionCannotReserve, errors.DifferentDoses)):
        messages.warning(request, str(refusal))
        return redirect("reservation:together")
    if isinstance(refusal, (*REFUSED_SLOTS, errors.HoldExpired)):
        return offer_others(request, slot_id=slot_id, refusal=refusal)
    raise refusal


def _hold(request: HttpRequest, invitation_id: int, slot_id: int) -> None:
    now, other = timezone.now(), companion.key(request)
    if other is None:
        booking.hold(invitation_id=invitation_id, slot_id=slot_id, now=now)
    else:
        together.hold(invitation_id=invitation_id, companion_id=other, slot_id=slot_id, now=now)


def not_your_turn(request: HttpRequest, refusal: errors.NotYourTurn) -> HttpResponse:
    """Say why the person may not reserve now, and that they keep what they have."""
    # The address of this answer may take no GET, so the language switch leads to the log-in.
    context = {"reason": str(refusal), "language_next": reverse("reservation:log_in")}
    return render(request, "reservation/walk/not_your_turn.html", context, status=403)


def offer_others(request: HttpRequest, *, slot_id: int, refusal: errors.BookingError) -> HttpResponse:
    """Say kindly that the time is gone, with the nearest free ones a click away."""
    lost = Slot.objects.select_related("site").filter(pk=slot_id).first()
    if lost is None:
        messages.warning(request, str(refusal))
        return redirect("reservation:site")
    now = timezone.now()
    person = request.session[session.REGISTRATION]
    reservation = reservation_summary.valid_reservation(registration_id=person, now=now)
    way, need = first_choice(request), needs.need_of(person, now)
    # Of a hold that ran out the chosen time itself may be free, with another one for a later dose.
    with_lost = isinstance(refusal, errors.HoldExpired)
    if way.companion is None:
        offers = availability.nearest(slot_id=slot_id, need=need, now=now, with_lost=with_lost)
    else:
        theirs = needs.need_of(way.companion.registration_id, now)
        offers = companion.nearest_for_two(slot_id, need, theirs, now, with_lost=with_lost)
    return taken_page(request, way, lost, offers, refusal=refusal, held=session.held(reservation))


def taken_page(
    request: HttpRequest,
    way: Way,
    lost: Slot,
    offers: Sequence[TimeOffer],
    *,
    refusal: errors.BookingError,
    held: Reservation | None = None,
) -> HttpResponse:
    """Say that a time cannot be had, with others."""
    context = {
        "way": way,
        "reason": "NotForYou" if isinstance(refusal, errors.NotForYou) else type(refusal).__name__,
        "why": str(refusal) if isinstance(refusal, errors.NotForYou) else "",
        "lost": lost,
        "offers": offers,
        "held": held,
        # The address of this answer takes no GET, so the language switch leads to the days of the site.
        "language_next": f"{way.sites_url}{lost.site_id}/",
    }
    return render(request, "reservation/walk/taken.html", context, status=409)
