"""Registering a caller: by an insured person's number or by a document, alone or from a request."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.row_keys import row_key
from crs.sent_forms import sending
from logistics.staff.guards import staff_who_may
from registration.applying.errors import AlreadyRegistered
from registration.codes.errors import CodeRefused
from registration.desk import calling
from registration.desk.caller_forms import FORMS, CallerForm
from registration.desk.pages import all_seen, show
from registration.models import LineRequest
from registration.people.statements import Statements
from registration.permissions import RegistrationAct
from registration.telephones.phone import readable


@staff_who_may(RegistrationAct.REGISTER_CALLERS)
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: StaffRequest) -> HttpResponse:
    """The form about a caller. Of a request it is filled in with what was typed at the portal."""
    handed_over = _request(request)
    if handed_over is not None:
        all_seen(request, [handed_over], timezone.now())
    asked = request.POST if request.method == "POST" else request.GET
    kind = asked.get("podle", "")
    if kind not in FORMS:
        return show(request, "register_choice.html", {"handed_over": handed_over})
    today = timezone.localdate()
    if request.method != "POST" or "choose" in request.POST:
        typed: dict[str, Any] = _typed_here(request) if request.method == "POST" else _initial(handed_over)
        return _show_form(request, FORMS[kind](initial=typed, today=today), kind, handed_over)
    form = FORMS[kind](request.POST, today=today)
    if form.is_valid():
        try:
            made = calling.register_caller(
                details=form.details(request=handed_over),
                by=request.user,
                now=timezone.now(),
                request=handed_over,
                form=sending(request),
            )
        except AlreadyRegistered as refusal:
            messages.info(request, _("This person is registered already. Here is the registration."))
            return redirect("registration:desk_registration", refusal.registration.pk)
        except CodeRefused as refusal:
            form.add_error("code", str(refusal))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Registered. Please read the number to the caller."))
            return redirect("registration:desk_registration", made.pk)
    return _show_form(request, form, kind, handed_over)


def _request(request: StaffRequest) -> LineRequest | None:
    """The request that waits and that the address or the form names."""
    key = row_key(request.POST.get("zadost", "") or request.GET.get("zadost", ""))
    return None if key is None else LineRequest.objects.filter(pk=key, resolved_at=None).first()


def _initial(handed_over: LineRequest | None) -> dict[str, Any]:
    """What was typed at the portal; the telephone is the one that was proven."""
    if handed_over is None:
        return {"language": "cs"}
    said = Statements.of(handed_over)
    more = {
        "birth": said.born,
        "phone": readable(str(handed_over.phone)),
        "reason": next(iter(said.reasons), ""),
        "is_immobile": bool(said.home_district),
    }
    return asdict(said) | more


def _typed_here(request: StaffRequest) -> dict[str, Any]:
    """What was typed, for the page with the sites of another district."""
    kept: dict[str, Any] = {name: request.POST.get(name) for name in request.POST}
    return {**kept, "sites": request.POST.getlist("sites")}


def _show_form(request: StaffRequest, form: CallerForm, kind: str, handed_over: LineRequest | None) -> HttpResponse:
    sites = {"region", "district", "sites", "consent"}
    fields = [field for field in form.visible_fields() if field.name not in sites]
    context = {"form": form, "fields": fields, "kind": kind, "handed_over": handed_over}
    return show(request, "register.html", context)
