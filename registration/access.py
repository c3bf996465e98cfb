"""Who may go past the second step: a browser that has proved a telephone in the last 60 minutes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from registration import draft
from registration.models import PhoneVerification

PROOF_LASTS = timedelta(minutes=60)
# How long the key of before the proof still knows its verification, for a second click with the old cookie.
OLD_KEY_LASTS = timedelta(minutes=2)
VERIFICATION, PHONE, AT = "verification_id", "proven_phone", "proven_at"


class ProvenRequest(HttpRequest):
    """A request from a browser that has proved `proven_phone` (E.164)."""

    proven_phone: str


def prove(request: HttpRequest, verification: PhoneVerification, *, now: datetime) -> None:
    """Remember the proof under a new session key, so that who knew the old one has not got it."""
    phone = verification.phone.as_e164
    _change_key(request, verification)
    draft.hand_over(request.session, phone=phone)
    request.session[PHONE] = phone
    request.session[AT] = now.isoformat()


def proven_phone(request: HttpRequest, *, now: datetime) -> str | None:
    """The proven telephone; None where there is no proof or it is older than 60 minutes."""
    phone, proven_at = request.session.get(PHONE), request.session.get(AT)
    if not phone or not proven_at or datetime.fromisoformat(proven_at) <= now - PROOF_LASTS:
        return None
    return str(phone)


def proven(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only a browser with a living proof in; anybody else goes to the first step and loses nothing typed."""

    @wraps(view)
    def guarded(request: ProvenRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        phone = proven_phone(request, now=timezone.now())
        if phone is None:
            return _to_first_step(request)
        request.proven_phone = phone
        return view(request, *args, **kwargs)

    return guarded


def _to_first_step(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        draft.keep(request.session, request.POST, phone=request.session.get(PHONE))
        text = _("Please prove your telephone number once more. What you filled in is kept and will wait for you.")
        messages.warning(request, text)
    elif request.session.get(PHONE):
        messages.warning(request, _("Please prove your telephone number once more; the proof lasts 60 minutes."))
    else:
        messages.info(request, _("Please begin here, with your telephone number."))
    return redirect("registration:phone")


def _change_key(request: HttpRequest, verification: PhoneVerification) -> None:
    """Like `cycle_key()`, but the old key keeps the verification's id for two minutes.

    The second of two clicks on 'Continue' comes with the old cookie. With `cycle_key()` it would find
    nothing and lead the person back to the start; this way it proves the same PIN again. The old key
    holds no proof, so it is worth nothing without the PIN.
    """
    kept = dict(request.session.items())
    if request.session.session_key:
        store = import_module(settings.SESSION_ENGINE).SessionStore(request.session.session_key)
        store[VERIFICATION] = str(verification.pk)
        for name in [name for name in store.keys() if name != VERIFICATION]:  # noqa: SIM118
            del store[name]
        store.set_expiry(int(OLD_KEY_LASTS.total_seconds()))
        store.save()
    request.session.create()
    request.session.update(kept)
