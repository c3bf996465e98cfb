"""A citizen's session: only a browser that proved a telephone in the last 60 minutes goes past the second step."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registration.models import PhoneVerification
from registration.telephones import draft, verification
from registration.telephones.phone import as_typed

# The session holds the verification that waits for its PIN, and the one that proved its telephone; the number
# itself stands in their rows alone.
VERIFICATION, PROVEN = "verification_id", "proven_verification_id"
# Two doors lead to the first step: that of the form, and that of one's own registrations, which the address names.
DOOR, OWN = "dvere", "moje"
_DOOR, _WANTED, _FINISHED = "door", "wanted_page", "finished"
# What was registered last in this browser, for the page that confirms it.
MADE = "registration_made"
_PROVE_ONCE_MORE = gettext_lazy("Please prove your telephone number once more; the proof lasts 60 minutes.")


class ProvenRequest(HttpRequest):
    """A request from a browser that has proved `proven_phone` (E.164)."""

    proven_phone: str


def prove(request: HttpRequest, proof: PhoneVerification) -> None:
    """Remember the proof under a new session key: somebody who learned the old one is not let in with it.

    The proof of another telephone in this browser ends: only the last one can be finished.
    """
    before = _proven(request)
    is_first = proven_verification(request) is None
    if not is_first and (before is None or before.phone != proof.phone):
        # What is left of the telephone before, of which this one learns nothing.
        for left in (_WANTED, MADE):
            request.session.pop(left, None)
    if proven_verification(request) != str(proof.pk):
        end_proof(request)
    request.session.cycle_key()
    draft.hand_over(request.session, phone=proof.phone.as_e164)
    request.session[VERIFICATION] = request.session[PROVEN] = str(proof.pk)


def end_proof(request: HttpRequest) -> None:
    """End the proof of this browser; it counts no more, also where its form is sent once more."""
    known = proven_verification(request)
    if known:
        verification.end(verification_id=known)


def finish(request: HttpRequest) -> None:
    """Leave nothing of a citizen in this browser, and let no page that is still open bring it back."""
    end_proof(request)
    request.session.flush()
    request.session[_FINISHED] = True


def end_proof_at_log_out(request: HttpRequest, **_: Any) -> None:
    """End the proof of a browser in which a member of staff logs out."""
    end_proof(request)


def proven_verification(request: HttpRequest) -> str | None:
    """The key of the verification that proved a telephone in this browser, however long ago."""
    known: str | None = request.session.get(PROVEN)
    return known


def proven_phone(request: HttpRequest, *, now: datetime) -> str | None:
    """The proven telephone; None where there is no proof or it is older than 60 minutes."""
    found = _proven(request)
    return found.phone.as_e164 if found and verification.is_proven(found, now=now) else None


def has_proved_what_it_asked(request: HttpRequest, *, now: datetime) -> bool:
    """Whether the telephone that was asked for last in this browser is the proven one."""
    is_same = request.session.get(VERIFICATION) == proven_verification(request)
    return is_same and proven_phone(request, now=now) is not None


def known_phone(request: HttpRequest) -> str:
    """The telephone that was proven last in this browser, as people type it; empty where none was."""
    found = _proven(request)
    return as_typed(found.phone.as_e164) if found else ""


def proven(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let in a browser whose proof still lasts; any other goes to the first step and loses nothing typed."""

    @wraps(view)
    def guarded(request: ProvenRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        phone = proven_phone(request, now=timezone.now())
        if phone is None:
            return _to_first_step(request)
        request.proven_phone = phone
        return view(request, *args, **kwargs)

    return guarded


def proven_owner(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As `proven`, for pages about one's own registrations: the way leads back to the wanted page."""

    @wraps(view)
    def guarded(request: ProvenRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        phone = proven_phone(request, now=timezone.now())
        if phone is None:
            _keep_wanted(request, is_of_one=bool(kwargs))
            if request.method == "POST":
                text = _("Please prove your telephone number once more, and then do it again. Nothing has changed yet.")
                messages.warning(request, text)
            elif _proven(request):
                messages.warning(request, str(_PROVE_ONCE_MORE))
            return redirect(f"{reverse('registration:phone')}?{DOOR}={OWN}")
        request.proven_phone = phone
        return view(request, *args, **kwargs)

    return guarded


def is_own_door(request: HttpRequest) -> bool:
    """Whether the first step was entered by the door of one's own registrations."""
    return request.GET.get(DOOR) == OWN


def keep_door(request: HttpRequest) -> None:
    """Remember by which door the first step was left; the second one asks `leads_to_own`."""
    request.session[_DOOR] = OWN if is_own_door(request) else ""


def leads_to_own(request: HttpRequest) -> bool:
    """Whether the proof is for one's own registrations."""
    return request.session.get(_DOOR) == OWN


def after_proof(request: HttpRequest) -> str:
    """Where a proven telephone goes: to the form, or to the wanted page about its own registrations."""
    if not leads_to_own(request):
        return reverse("registration:form")
    wanted: str = request.session.get(_WANTED, "")
    return wanted or reverse("registration:mine")


def _proven(request: HttpRequest) -> PhoneVerification | None:
    known = proven_verification(request)
    return verification.found(known) if known else None


def _keep_wanted(request: HttpRequest, *, is_of_one: bool) -> None:
    """Remember the page for after the proof.

    A browser without any cookie was never here: of it is kept at most a page that is for everybody, where an SMS leads.
    """
    if request.path == reverse("registration:mine"):
        request.session.pop(_WANTED, None)  # that is where the proof leads by itself
    elif request.COOKIES or not is_of_one:
        request.session[_WANTED] = request.path


def _to_first_step(request: HttpRequest) -> HttpResponse:
    known = _proven(request)
    if request.method == "POST" and _FINISHED in request.session and not known:
        # A second tab of somebody who has finished and left: the next person here would find what it sends.
        text = _("You have finished on this device, so nothing of this form was kept. Please begin here once more.")
        messages.warning(request, text)
    elif request.method == "POST":
        # The last click sends no fields: what they hold is kept already.
        if "first_name" in request.POST:
            draft.keep(request.session, request.POST, phone=known.phone.as_e164 if known else None)
        text = _("Please prove your telephone number once more. What you filled in is kept and will wait for you.")
        messages.warning(request, text)
    elif known:
        messages.warning(request, str(_PROVE_ONCE_MORE))
    else:
        messages.info(request, _("Please begin here, with your telephone number."))
    return redirect("registration:phone")
