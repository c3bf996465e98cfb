"""The session of a person who logged in with PIN2, or by the telephone of the registration: two hours in one browser.

It holds numbers and nothing about the person. When it ends in the middle, the log-in page remembers where the
person was going, and which time they had chosen.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crs.prepared_queries import Given, Prepared
from registration.models import Registration
from registration.telephones.session import end_proof
from reservation.models import Appointment, Invitation, PersonalLink, Reservation, WaitingListEntry
from reservation.papers import reservation_summary
from reservation.walk.forms import pressed_slot

INVITATION = "invitation_id"
REGISTRATION = "registration_id"
# Instead of the key of an invitation: the telephone was proven, and there is no PIN2.
BY_PHONE = 0
# The personal link that was followed in this browser.
LINK = "reservation_link"
# What was interrupted by the end of a session: a page, or a chosen slot.
RESUME_PAGE = "reservation_resume_page"
RESUME_SLOT = "reservation_resume_slot"
# Whose choice it is, and the region and the district that they looked at last.
PLACES = "reservation_places"
# Of the pages of reserving: region, district, the region that we suggested, page of a list, month.
PARAMETERS = ("kraj", "okres", "navrh", "strana", "mesic")
LONGEST_PARAMETER = 20

P = ParamSpec("P")


class LoggedInRequest(HttpRequest):
    """A request of a browser that logged in; the operation checks whether PIN2 is still valid."""

    invitation_id: int
    registration_id: int


class LinkedRequest(HttpRequest):
    """A request of a browser that followed a personal link that has not run out."""

    link: PersonalLink


class InvitedRequest(LoggedInRequest):
    """A request of a person whose PIN2 is valid, or who has a reservation or stands on the waiting list.

    `invitation` is None where they came by the telephone and there is no PIN2.
    """

    registration: Registration
    invitation: Invitation | None


class ChoosingRequest(InvitedRequest):
    """A request of a person without times to come, whose PIN2 is valid; `held` is their hold that has not run out."""

    held: Reservation | None


def logged_in(
    view: Callable[Concatenate[LoggedInRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in people who logged in, without asking the database: for operations that check the invitation themselves."""

    @never_cache  # 'back' after logging out shows nothing
    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_logged_in(request):
            return ask_to_log_in(request)
        request.invitation_id = request.session[INVITATION]  # type: ignore[attr-defined]
        request.registration_id = request.session[REGISTRATION]  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return wrapper


def linked(
    purpose: PersonalLink.Purpose,
) -> Callable[
    [Callable[Concatenate[LinkedRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Let in whoever followed a personal link of this purpose; it opens nothing else of the person."""

    def decorator(
        view: Callable[Concatenate[LinkedRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @never_cache
        @wraps(view)
        def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            links = PersonalLink.objects.select_related("registration__person").filter(
                pk=request.session.get(LINK, 0), purpose=purpose, expires_at__gt=timezone.now()
            )
            link = links.exclude(registration__state=Registration.State.CANCELLED).first()
            if link is None:
                messages.info(request, _("Please open the link in our message once more, or log in with PIN2."))
                return redirect("reservation:log_in")
            request.link = link  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        return wrapper

    return decorator


def invited(
    view: Callable[Concatenate[InvitedRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in people who logged in and whose PIN2 is valid now; one query brings it with the person.

    With a confirmed reservation, or a place on the waiting list, also those whose PIN2 ran out, as in
    `logging_in.log_in`, and those who came by the telephone.
    """

    @logged_in
    @wraps(view)
    def wrapper(request: LoggedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        invitation = _invitation_of(request)
        registration = invitation.registration if invitation else _registration_of(request)
        if registration is None:
            return ask_to_log_in(request)
        if invitation is not None:
            request.session.keep_alive()  # type: ignore[attr-defined]
            if invitation.pk != request.invitation_id:
                request.session[INVITATION] = request.invitation_id = invitation.pk
        request.invitation = invitation  # type: ignore[attr-defined]
        request.registration = registration  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return wrapper


def _invitation_of(request: LoggedInRequest) -> Invitation | None:
    """That of the session; of whoever came by the telephone the one that was sent meanwhile, which went there, too."""
    told = {"registration": request.registration_id, "now": timezone.now()}
    if request.invitation_id == BY_PHONE:
        return _SENT_TO_THEM.first(**told)
    return _OF_SESSION.first(**told, invitation=request.invitation_id)


def _registration_of(request: LoggedInRequest) -> Registration | None:
    """Of whoever came by the telephone; None where they came with a PIN2 that opens nothing any more."""
    if request.invitation_id != BY_PHONE:
        return None
    standing = Registration.objects.standing().filter(_has_a_place("pk"), pk=request.registration_id)
    return standing.select_related("person").first()


def _has_a_place(registration: str) -> Q:
    """Whether the registration behind the field has a confirmed reservation, or stands on the waiting list."""
    reserved = Reservation.objects.confirmed().filter(registration_id=OuterRef(registration))
    listed = WaitingListEntry.objects.filter(registration_id=OuterRef(registration), left_at=None)
    return Q(Exists(reserved)) | Q(Exists(listed))


def _theirs(is_valid: Q) -> QuerySet[Invitation]:
    theirs = Invitation.objects.filter(is_valid, registration_id=Given("registration"), revoked_at=None)
    standing = theirs.exclude(registration__state=Registration.State.CANCELLED)
    return standing.select_related("registration__person").order_by("pk")[:1]


# Prepared, because every page of a person who is logged in asks.
_IS_VALID = Q(expires_at__gt=Given("now"))
_OF_SESSION = Prepared(lambda: _theirs(Q(_IS_VALID | _has_a_place("registration_id"), pk=Given("invitation"))))
_SENT_TO_THEM = Prepared(lambda: _theirs(_IS_VALID))


def choosing(
    view: Callable[Concatenate[ChoosingRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in invited people who still choose; those with a confirmed reservation are led to it.

    Whoever had a dose and has no time to come chooses the next one, as long as PIN2 is valid.
    """

    @invited
    @wraps(view)
    def wrapper(request: InvitedRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        now = timezone.now()
        reservation = reservation_summary.valid_reservation(registration_id=request.registration_id, now=now)
        if keeps_times(request.registration, request.invitation, reservation, now):
            return redirect("reservation:confirmed")
        if request.invitation is None:
            # They came by the telephone, without PIN2 and without times: what they have is this.
            return redirect("reservation:waiting_list")
        request.held = held(reservation)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return wrapper


def keeps_times(
    registration: Registration, invitation: Invitation | None, reservation: Reservation | None, now: datetime
) -> bool:
    """Whether the person has times to come, or times of the past and no valid PIN2 to choose the next one."""
    if reservation is None or reservation.state != Reservation.State.CONFIRMED:
        return False
    is_over = all(one.state != Appointment.State.BOOKED for one in reservation.appointments.all())
    is_valid = invitation is not None and invitation.expires_at > now
    return not (is_over and registration.doses_received and is_valid)


def held(reservation: Reservation | None) -> Reservation | None:
    """The reservation where it is a hold."""
    return reservation if reservation is not None and reservation.state == Reservation.State.HELD else None


def is_logged_in(request: HttpRequest) -> bool:
    """Whether this browser has logged in and not logged out."""
    return INVITATION in request.session and REGISTRATION in request.session


def let_in(request: HttpRequest, invitation: Invitation) -> None:
    """Start the person's session under a new key, so that a key known to somebody before is worth nothing.

    PIN2 is used from here on, also where nobody had to type it.
    """
    request.session.cycle_key()
    request.session[INVITATION] = invitation.pk
    request.session[REGISTRATION] = invitation.registration_id
    if invitation.used_at is None:
        Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=timezone.now())


def let_in_by_phone(request: HttpRequest, registration: Registration, now: datetime) -> None:
    """Start the session of whoever proved the telephone of the registration in this browser: PIN2 went there, too.

    With a valid PIN2 they choose as if they had typed it; without one they reach the pages of what they have.
    """
    invitation = Invitation.objects.valid(now).filter(registration=registration).first()
    if invitation is not None:
        let_in(request, invitation)
        return
    request.session.cycle_key()
    request.session[INVITATION] = BY_PHONE
    request.session[REGISTRATION] = registration.pk


def follow(request: HttpRequest, link: PersonalLink) -> None:
    """Remember the link in a session with a new key; whoever is logged in as another person is so no longer."""
    request.session.cycle_key()
    if request.session.get(REGISTRATION) != link.registration_id:
        request.session.pop(INVITATION, None)
        request.session.pop(REGISTRATION, None)
    request.session[LINK] = link.pk


def let_out(request: HttpRequest) -> None:
    """End the session and everything in it, a telephone that was proven in it too."""
    end_proof(request)
    request.session.flush()


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """Lead to the log-in page, and keep for afterwards what was interrupted.

    A browser without any cookie was never here: nothing was interrupted, and nothing is kept.
    """
    if not request.COOKIES:
        return redirect("reservation:log_in")
    # A cookie without a session: it ended. People who only registered have a session and were never logged in.
    has_ended = settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.is_empty()
    if is_logged_in(request) or has_ended:
        messages.info(
            request, _("You were logged out for safety. Please log in again; you will continue where you were.")
        )
    else:
        messages.info(request, _("Please log in first."))
    request.session.pop(INVITATION, None)
    request.session.pop(REGISTRATION, None)
    slot = pressed_slot(request.POST)
    if slot is not None:
        request.session[RESUME_SLOT] = slot
    elif request.method == "GET":
        request.session[RESUME_PAGE] = _page_of(request)
    return redirect("reservation:log_in")


def _page_of(request: HttpRequest) -> str:
    """The address of the page with the parameters that we know: a session keeps no text that a stranger made up."""
    known = {name: request.GET.get(name, "") for name in PARAMETERS}
    query = urlencode({name: value for name, value in known.items() if 0 < len(value) <= LONGEST_PARAMETER})
    return f"{request.path}?{query}" if query else request.path


def interrupted_slot(request: HttpRequest) -> int | None:
    """The slot chosen when the session ended; a second call finds none."""
    slot: int | None = request.session.pop(RESUME_SLOT, None)
    return slot


def interrupted_page(request: HttpRequest) -> str | None:
    """The page wanted when the session ended."""
    page: str | None = request.session.get(RESUME_PAGE)
    return page if page and url_has_allowed_host_and_scheme(page, allowed_hosts=None) else None


def keep_places(request: HttpRequest, region: str, district: str) -> None:
    """Remember the region and the district that the person looks at, for the way back to the list."""
    request.session[PLACES] = [request.session[REGISTRATION], region, district]


def places(request: HttpRequest) -> tuple[str | None, str]:
    """The region and the district that the person looked at last; None: none yet, also where somebody else did."""
    whose, region, district = request.session.get(PLACES, (None, None, ""))
    return (region, district) if whose == request.session[REGISTRATION] else (None, "")


def forget_interrupted_page(request: HttpRequest) -> None:
    """Forget the page wanted when the session ended, because the person is led there now."""
    request.session.pop(RESUME_PAGE, None)
