"""Pages for employers and doctors who were given codes: with the key of their batch they see its use, never by whom."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crs import tries
from crs.errors import DomainError
from crs.sent_forms import sending
from registration.codes import issuing, overview, revoking
from registration.codes.errors import TooManyKeyTries, WrongKey
from registration.codes.forms import HolderRevokeForm, KeyForm
from registration.models import CodeBatch

# The session's key for the batch whose key was typed, and for how long it is shown.
BATCH = "held_code_batch"
SHOWN_FOR_SECONDS = 30 * 60


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def key(request: HttpRequest) -> HttpResponse:
    """Ask for the key. It is typed, for histories would keep an address with a secret in it."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        try:
            found = _batch_of_key(request, form.cleaned_data["key"], now=timezone.now())
        except (TooManyKeyTries, WrongKey) as refusal:
            form.add_error("key", str(refusal))
            status = refusal.status
        else:
            request.session.cycle_key()
            request.session[BATCH] = {"batch": found.pk, "at": timezone.now().timestamp()}
            return redirect("registration:held_batch")
    return render(request, "registration/codes/key.html", {"form": form}, status=status)


@never_cache
@require_GET
def batch(request: HttpRequest) -> HttpResponse:
    """The use of the batch, and its unused codes by their endings."""
    found = _held(request)
    if found is None:
        return _ask_again(request)
    context = {"batch": found, "use": overview.use_of(found, today=timezone.localdate()), "today": timezone.localdate()}
    return render(request, "registration/codes/held.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, code_id: int) -> HttpResponse:
    """Take a code out of use whose paper was lost."""
    found = _held(request)
    if found is None:
        return _ask_again(request)
    code = get_object_or_404(found.codes.all(), pk=code_id)
    if request.method == "GET" and code.revoked_at:  # the second of two clicks, or an old tab
        return redirect("registration:held_batch")
    form = HolderRevokeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            revoking.revoke_code(code=code, **form.cleaned_data, now=timezone.now(), form=sending(request))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("It is cancelled: nobody can use it any more."))
            return redirect("registration:held_batch")
    return render(request, "registration/codes/revoke_held.html", {"form": form, "batch": found, "code": code})


@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """Leave nothing behind on a computer that others use as well."""
    request.session.pop(BATCH, None)
    messages.success(request, _("You are finished. The codes are not shown on this device any more."))
    return redirect("registration:code_key")


def _batch_of_key(request: HttpRequest, typed: str, *, now: datetime) -> CodeBatch:
    """The batch with this key. Raises TooManyKeyTries, WrongKey."""
    rate = settings.CODE_KEY_TRIES_PER_ADDRESS
    tries.refuse_too_many(request, what="registration.code_key", rate=rate, now=now, refusal=TooManyKeyTries)
    found = CodeBatch.objects.filter(key_hash=issuing.key_hash(typed)).first()
    if found is None:
        raise WrongKey
    return found


def _held(request: HttpRequest) -> CodeBatch | None:
    """The batch whose key was typed in this browser in the last half an hour."""
    kept = request.session.get(BATCH)
    if not kept or timezone.now().timestamp() - kept["at"] > SHOWN_FOR_SECONDS:
        return None
    return CodeBatch.objects.select_related("group").filter(pk=kept["batch"]).first()


def _ask_again(request: HttpRequest) -> HttpResponse:
    messages.info(request, _("Please type the key of the batch; it is remembered for half an hour."))
    return redirect("registration:code_key")
