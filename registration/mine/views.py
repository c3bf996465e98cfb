"""My registration: whom this telephone looks after, and a page for each of them."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import Error as DatabaseError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from crs.errors import FormChanged
from crs.sent_forms import sending
from logistics.models import VaccinationSite
from registration.address import ADDRESS
from registration.applying import deciding, going_on
from registration.applying.errors import AnotherRegistrationHolds, CannotComeBack, NotYours
from registration.applying.going_on import Outlook
from registration.codes.errors import CodeRefused
from registration.mine import changing, email, entries, held, more_pages
from registration.mine.entries import Entry
from registration.mine.errors import (
    AskTheLine,
    EmailCodeRefused,
    ReasonIsRefused,
    ReasonStands,
    SameEmail,
    TooManyEmailCodes,
)
from registration.mine.forms import DecisionForm, EmailCodeForm, EmailForm, HomeForm, ReasonForm, SitesForm
from registration.mine.next_steps import steps_of
from registration.models import PriorityClaim, RegistrationClaim
from registration.people import persons
from registration.people.errors import PersonDied, PersonWasMerged
from registration.telephones.phone import readable
from registration.telephones.session import ProvenRequest, proven_owner

log = logging.getLogger(__name__)


class EntryRequest(ProvenRequest):
    """A request about one of the registrations of the proven telephone."""

    entry: Entry


def of_entry(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Fetch the registration whose key the address has; another telephone's and one that nobody has are one answer.

    A page is not found; a form leads to the list: the second click of a change that gave the registration away.
    """

    @wraps(view)
    def guarded(request: EntryRequest, key: str, **kwargs: Any) -> HttpResponse:
        entry = entries.find(request.proven_phone, key)
        if entry is None:
            raise NotYours if request.method == "POST" else Http404
        request.entry = entry
        return view(request, **kwargs)

    return never_cache(proven_owner(guarded))


def changes_entry(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As `of_entry`, for changes: where the registration has ended, its page says so."""

    @wraps(view)
    def guarded(request: EntryRequest, **kwargs: Any) -> HttpResponse:
        if request.entry.is_ended:
            return _to_page(request.entry)
        return view(request, **kwargs)

    return require_http_methods(["GET", "POST"])(of_entry(guarded))


@never_cache
@require_GET
@proven_owner
def mine(request: ProvenRequest) -> HttpResponse:
    """The people whom this telephone looks after."""
    phone = request.proven_phone
    found = entries.of_phone(phone)
    words = entries.progress_of(found, now=timezone.now())
    context = {
        "entries": [(entry, words[entry.key]) for entry in found],
        "requests": entries.requests_of(phone),
        "phone": readable(phone),
    }
    return render(request, "registration/mine/list.html", context)


@require_GET
@of_entry
def one(request: EntryRequest) -> HttpResponse:
    """One registration: its state, its group and why, its place, what happens next, and what can be changed."""
    entry, now = request.entry, timezone.now()
    registration = None if entry.claim or entry.is_ended else entry.registration
    turn = entry.eligibility(now)
    context = {
        "eligibility": turn,
        "reasons": [(entry.key_of(reason), reason) for reason in entry.reasons],
        "refusal": turn.refusal,
        "phone": readable(entry.phone),
        "checks": entry.checks(now),
        "place": entry.place(now),
        "outlook": entry.outlook(now),
        "progress": entries.progress_of([entry], now=now)[entry.key],
        "steps": steps_of(registration, now=now) if registration else [],
        "more_pages": [] if entry.is_ended else more_pages.pages(),
        "other_phone": _other_phone(entry),
    }
    return show(request, "one", context)


@changes_entry
def go_on(request: EntryRequest) -> HttpResponse:
    """Go on to the choice of a time, where nobody who comes before the person waits for the free ones."""
    entry, now = request.entry, timezone.now()
    if request.method != "POST":
        return _to_page(entry)
    address = None
    # Asked by the facts, so that a claim reads what a registration reads.
    outlook = entry.outlook(now)
    try:
        # A claim is answered like somebody whom others come before: who is registered, nobody learns here.
        address = None if entry.claim else going_on.go(request, entry.registration, now=now)
    except DatabaseError:
        log.exception("nobody can go on")
        outlook = Outlook.UNKNOWN
    if address:
        return redirect(address)
    return show(request, "not_now", {"outlook": outlook, "opens_at": entry.eligibility(now).invites_from})


@changes_entry
def change_email(request: EntryRequest) -> HttpResponse:
    """Another e-mail address: a code goes there; or none at all."""
    entry = request.entry
    form = EmailForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = form.cleaned_data["email"]
        try:
            if not address:
                email.remove(entry=entry, form=sending(request))
                messages.success(request, _("The registration has no e-mail now. Messages come by SMS."))
                return _to_page(entry)
            email.ask(entry=entry, email=address, form=sending(request), now=timezone.now())
        except (SameEmail, TooManyEmailCodes, FormChanged) as refusal:
            form.add_error("email", str(refusal))
        else:
            return redirect("registration:my_email_code", entry.key)
    return show(request, "email", {"form": form})


@changes_entry
def email_code(request: EntryRequest) -> HttpResponse:
    """The code that came to the new address."""
    form = EmailCodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            email.prove(entry=request.entry, code=form.cleaned_data["code"], form=sending(request), now=timezone.now())
        except (EmailCodeRefused, FormChanged) as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("The new e-mail address is saved."))
            return _to_page(request.entry)
    return show(request, "email_code", {"form": form})


@changes_entry
def change_sites(request: EntryRequest) -> HttpResponse:
    """The vaccination sites that suit the person."""
    entry = request.entry
    if request.method == "GET":
        return show(request, "sites", {"form": SitesForm(initial={"sites": [str(site.pk) for site in entry.sites]})})
    if "choose" in request.POST:
        return show(request, "sites", {"form": SitesForm(initial=SitesForm.typed_places(request.POST))})
    form = SitesForm(request.POST)
    if form.is_valid():
        sites: tuple[VaccinationSite, ...] = form.cleaned_data["sites"]
        try:
            changing.change_sites(entry=entry, sites=sites, form=sending(request))
        except FormChanged as refusal:
            form.add_error(None, str(refusal))
        else:
            said = _("The vaccination sites are saved.") if sites else _("No vaccination site is chosen now.")
            messages.success(request, said)
            return _to_page(entry)
    return show(request, "sites", {"form": form})


@changes_entry
def change_home(request: EntryRequest) -> HttpResponse:
    """Where the person lives, and whether somebody has to come there."""
    entry = request.entry
    known = {name: getattr(entry.person, name) for name in ADDRESS}
    known |= {"is_immobile": entry.registration.is_immobile, "home_district": entry.registration.home_district_id}
    form = HomeForm(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        try:
            changing.change_home(
                entry=entry,
                address=form.address(),
                is_immobile=form.cleaned_data["is_immobile"],
                home_district=form.cleaned_data["home_district"],
                form=sending(request),
            )
        except FormChanged as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The address is saved."))
            return _to_page(entry)
    return show(request, "home", {"form": form})


@changes_entry
def add_reason(request: EntryRequest) -> HttpResponse:
    """Another reason than age, or the code that proves one."""
    entry, now = request.entry, timezone.now()
    waiting = entry.reason(request.GET.get("duvod", ""))
    initial = {"group": waiting.group_id if waiting else ""}
    form = ReasonForm(request.POST if request.method == "POST" else None, initial=initial, now=now)
    if form.is_valid():
        try:
            changing.add_reason(
                entry=entry,
                group=form.cleaned_data["group"],
                code=form.cleaned_data["code"],
                form=sending(request),
                now=now,
            )
        except CodeRefused as refusal:
            form.add_error("code", str(refusal))
        except (AskTheLine, ReasonIsRefused, ReasonStands, FormChanged) as refusal:
            form.add_error("group", str(refusal))
        else:
            messages.success(request, _("The reason is saved."))
            return _to_page(entry)
    return show(request, "reason", {"form": form})


@changes_entry
def withdraw_reason(request: EntryRequest, reason_key: str) -> HttpResponse:
    """Take a reason back, after a page that asks."""
    entry = request.entry
    reason = entry.reason(reason_key)
    if reason is None or not _can_be_withdrawn(reason):
        return _to_page(entry)
    if request.method == "POST":
        changing.withdraw_reason(entry=entry, group=reason.group, form=sending(request))
        messages.success(request, _("The reason is taken back."))
        return _to_page(entry)
    return show(request, "withdraw_reason", {"reason": reason})


@require_http_methods(["GET", "POST"])
@of_entry
def leave(request: EntryRequest) -> HttpResponse:
    """Leave the campaign, after a page that says what is lost."""
    entry, now = request.entry, timezone.now()
    if entry.is_ended:
        if request.method == "POST":
            messages.info(request, _("The registration is cancelled."))
        return _to_page(entry)
    if request.method == "POST":
        changing.leave(entry=entry, form=sending(request), now=now)
        messages.success(request, _("The registration is cancelled. You can come back whenever you want."))
        return _to_page(entry)
    steps = [] if entry.claim else steps_of(entry.registration, now=now)
    return show(request, "leave", {"steps": steps})


@require_http_methods(["GET", "POST"])
@of_entry
def come_back(request: EntryRequest) -> HttpResponse:
    """Come back after leaving."""
    entry = request.entry
    if request.method == "POST" and not entry.is_ended:
        messages.info(request, _("The registration holds again."))
    if request.method == "GET" or not entry.is_ended:
        return _to_page(entry)
    try:
        changing.come_back(entry=entry, form=sending(request), now=timezone.now())
    except (AnotherRegistrationHolds, PersonDied, PersonWasMerged) as refusal:
        # Which of them it is, another telephone must not learn.
        raise CannotComeBack from refusal
    messages.success(request, _("The registration holds again, with its number and its place in the order."))
    return _to_page(entry)


@changes_entry
def other_phone(request: EntryRequest) -> HttpResponse:
    """Ask whether it is true that somebody with another telephone is this person."""
    entry, claim = request.entry, _other_phone(request.entry)
    if claim is None:
        if request.method == "POST":
            messages.info(request, _("This was decided already, and the first decision holds."))
        return _to_page(entry)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        decision = RegistrationClaim.Decision(form.cleaned_data["answer"])
        try:
            deciding.decide_claim(
                claim=claim, decision=decision, phone=entry.phone, form=sending(request), now=timezone.now()
            )
        except FormChanged as refusal:
            form.add_error("answer", str(refusal))
        else:
            is_moved = decision == RegistrationClaim.Decision.MOVED
            moved = _("The registration belongs to the other telephone now. This one does not see it any more.")
            kept = _("The registration stays with this telephone. The other one is told that it was not accepted.")
            messages.success(request, moved if is_moved else kept)
            return redirect("registration:mine") if is_moved else _to_page(entry)
    return show(request, "other_phone", {"form": form, "claim": claim, "ending": str(claim.phone)[-2:]})


@require_GET
@of_entry
def data(request: EntryRequest) -> HttpResponse:
    """What is held, as a page to print."""
    return show(request, "data", {"held": held.about(request.entry), "sent": held.messages_to(request.entry)})


@require_GET
@of_entry
def data_file(request: EntryRequest) -> HttpResponse:
    """What is held, as a file."""
    answer = HttpResponse(held.as_json(request.entry), content_type="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="registrace.json"'
    return answer


def _other_phone(entry: Entry) -> RegistrationClaim | None:
    """The oldest claim of another telephone to a registration that stands."""
    if entry.claim or entry.is_ended:
        return None
    rows = persons.rows_of(entry.person)
    waiting = RegistrationClaim.objects.filter(person__in=rows, resolved_at=None)
    return waiting.exclude(phone=entry.phone).order_by("created_at").first()


def _can_be_withdrawn(reason: PriorityClaim) -> bool:
    return reason.state in (PriorityClaim.State.PENDING, PriorityClaim.State.PROVEN)


def _to_page(entry: Entry) -> HttpResponse:
    return redirect("registration:my_registration", entry.key)


def show(request: EntryRequest, page: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the registration."""
    return render(request, f"registration/mine/{page}.html", {"entry": request.entry, **context})
