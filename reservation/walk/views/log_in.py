"""Step 5 of the walk: logging in with PIN2, and out again."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_ratelimit.core import is_ratelimited

from crs.captcha.challenges import WrongAnswer
from crs.captcha.forms import captcha_kind, is_captcha_shown, is_captcha_switch
from crs.errors import FormChanged
from crs.sent_forms import sending
from reservation import errors
from reservation.papers import reservation_summary
from reservation.walk import logging_in, session
from reservation.walk.forms import CheckedLogInForm, LogInForm
from reservation.walk.logging_in import LoggedIn
from reservation.walk.views.choice import answer_hold, not_your_turn


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Step 5: telephone, or registration number, and PIN2; people who are logged in already go on."""
    if request.method != "POST" and session.is_logged_in(request):
        return redirect("reservation:site")
    try:
        tried = try_pin2(request, wanted=session.interrupted_page(request) or "")
    except errors.NotYourTurn as refusal:
        return not_your_turn(request, refusal)
    if isinstance(tried, Refused):
        return render(request, "reservation/walk/log_in.html", {"form": tried.form}, status=tried.status)
    session.let_in(request, tried.invitation)
    return _go_on(request, tried)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session in this browser."""
    is_first_click = session.is_logged_in(request)
    session.let_out(request)
    if is_first_click:
        messages.success(request, _("You are logged out."))
    return redirect("home")


@dataclass(frozen=True)
class Refused:
    """The form to show again with all that was typed, and the status of the answer; a page that is opened begins so."""

    form: LogInForm
    status: int = 200


def try_pin2(request: HttpRequest, *, wanted: str = "") -> LoggedIn | Refused:
    """Try what the form says, with the captcha where one is needed. Raises NotYourTurn."""
    form = _form_as_shown(request)
    if not form.is_valid():
        return Refused(form)
    # In the cache, so that people of one network do not wait for each other; guesses are counted in the operation.
    if is_ratelimited(request, group="reservation.log_in", key="ip", rate=settings.LOGINS_PER_ADDRESS, increment=True):
        form.add_error(None, _("Too many people are logging in from your network. Please try again in an hour."))
        return Refused(form, 429)
    try:
        return logging_in.log_in(
            login=form.cleaned_data["phone"],
            pin2=form.cleaned_data["pin2"],
            captcha=form.answer if isinstance(form, CheckedLogInForm) else None,
            wanted=wanted,
            form=sending(request),
            now=timezone.now(),
        )
    except WrongAnswer as refusal:
        form.add_error("captcha", str(refusal))
    except errors.CaptchaNeeded:
        form = CheckedLogInForm(request.POST)
    except errors.LogInError as refusal:
        form = _refused(request, form, refusal)
    except FormChanged:
        form.add_error("pin2", _("Please check the telephone number and PIN2 and send them once more."))
    return Refused(form)


def _form_as_shown(request: HttpRequest) -> LogInForm:
    """The form as the page had it, with the captcha or not; the operation decides whether one was needed."""
    kind = captcha_kind(request)
    if is_captcha_switch(request):
        return CheckedLogInForm.unchecked(request.POST, captcha_kind=kind)
    if is_captcha_shown(request):
        return CheckedLogInForm(request.POST, captcha_kind=kind)
    return LogInForm(request.POST if request.method == "POST" else None)


def _refused(request: HttpRequest, form: LogInForm, refusal: errors.LogInError) -> LogInForm:
    """The form with all that was typed; the captcha stands there only where the next try needs one."""
    if refusal.needs_captcha != isinstance(form, CheckedLogInForm):
        form = CheckedLogInForm(request.POST) if refusal.needs_captcha else LogInForm(request.POST)
    form.add_error("pin2", str(refusal))
    return form


def _go_on(request: HttpRequest, logged_in: LoggedIn) -> HttpResponse:
    """Lead to what the end of a session interrupted, else to the step that the person has reached."""
    slot_id, page, invitation = session.interrupted_slot(request), logged_in.wanted, logged_in.invitation
    session.forget_interrupted_page(request)
    now = timezone.now()
    reservation = reservation_summary.valid_reservation(registration_id=invitation.registration_id, now=now)
    if session.keeps_times(invitation.registration, invitation, reservation, now):
        return redirect(page or "reservation:confirmed")
    if slot_id is not None:
        return answer_hold(request, invitation_id=invitation.pk, slot_id=slot_id)
    if page:
        return redirect(page)
    return redirect("reservation:site" if session.held(reservation) is None else "reservation:confirm")
