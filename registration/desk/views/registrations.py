"""The page of a registration, and what is done with it: contact, ending, opening again, joining."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crs import sent_forms
from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.row_keys import row_key
from crs.sent_forms import Outcome, sending
from logistics.staff.guards import staff_who_may
from registration.applying import at_a_site, ending, merging
from registration.desk import record, searching
from registration.desk.forms import ContactForm, CorrectForm, EndForm, FindOtherForm, ReasonForm
from registration.desk.pages import all_seen, posted, refused, seen, show, show_act
from registration.models import PersonMerge, Registration
from registration.people import correcting
from registration.people.persons import standing_for
from registration.permissions import RegistrationAct


@staff_who_may(RegistrationAct.FIND_REGISTRATIONS)
@require_safe
def registration(request: StaffRequest, registration_id: int) -> HttpResponse:
    """Everything that the desk may know of a registration."""
    found, now = seen(request, registration_id)
    return show(request, "registration.html", {"record": record.of(found, now=now), "now": now})


@staff_who_may(RegistrationAct.REGISTER_CALLERS)
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: StaffRequest, registration_id: int) -> HttpResponse:
    """Correct how the person is reached; whoever was reached until now is told."""
    found, now = seen(request, registration_id)
    if found.state == Registration.State.CANCELLED:
        return redirect("registration:desk_registration", found.pk)  # an old tab
    form = ContactForm(posted(request), registration=found)
    if form.is_valid():
        fields = ("phone", "landline", "email", "street", "city", "postcode", "country", "shown")
        said = {name: form.cleaned_data[name] for name in fields}

        def keep() -> Outcome:
            at_a_site.correct_contact(registration=found, by=request.user, **said)
            return {"registration": found.pk}

        try:
            sent_forms.once(sending(request), keep)
        except DomainError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, _("The contact is corrected. Whoever was reached until now has been told."))
            return redirect("registration:desk_registration", found.pk)
    return show_act(request, "contact.html", form, found, now)


@staff_who_may(RegistrationAct.CORRECT_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: StaffRequest, registration_id: int) -> HttpResponse:
    """Correct what is kept of the person, with a reason."""
    found, now = seen(request, registration_id)
    form = CorrectForm(posted(request), person=found.person)
    if form.is_valid():
        correct_person = partial(correcting.correct, person=found.person, corrected=form.corrected)
        try:
            correct_person(reason=form.cleaned_data["reason"], by=request.user, now=now, form=sending(request))
        except DomainError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, _("The person is corrected."))
            return redirect("registration:desk_registration", found.pk)
    return show_act(request, "correct.html", form, found, now)


@staff_who_may(RegistrationAct.END_REGISTRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: StaffRequest, registration_id: int) -> HttpResponse:
    """End the registration, with a reason; a reservation is given back."""
    found, now = seen(request, registration_id)
    form = EndForm(posted(request))
    if form.is_valid():
        said = form.cleaned_data
        why = {"ending": Registration.Ending(said["ending"]), "died_on": said["died_on"], "reason": said["reason"]}
        try:
            ending.end(registration=found, by=request.user, now=now, form=sending(request), **why)
        except DomainError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, _("The registration has ended. A reservation, if there was one, is given back."))
            return redirect("registration:desk_registration", found.pk)
    elif request.method != "POST" and found.state == Registration.State.CANCELLED:
        return redirect("registration:desk_registration", found.pk)  # an old tab
    return show_act(request, "end.html", form, found, now)


@staff_who_may(RegistrationAct.END_REGISTRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: StaffRequest, registration_id: int) -> HttpResponse:
    """Open an ended registration again, with a reason."""
    found, now = seen(request, registration_id)
    form = ReasonForm(posted(request))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            ending.reopen(registration=found, reason=reason, by=request.user, now=now, form=sending(request))
        except DomainError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, _("The registration holds again, with its number and its place in the order."))
            return redirect("registration:desk_registration", found.pk)
    elif request.method != "POST" and found.state != Registration.State.CANCELLED:
        return redirect("registration:desk_registration", found.pk)
    return show_act(request, "reopen.html", form, found, now)


@staff_who_may(RegistrationAct.MERGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: StaffRequest, registration_id: int) -> HttpResponse:
    """Join a second record of the person into this one: look it up, compare both, say why."""
    found, now = seen(request, registration_id)
    if "druhy" in request.POST:
        return _confirm_merge(request, found)
    form = FindOtherForm(posted(request))
    if form.is_valid():
        text = form.cleaned_data["number"]
        try:
            other = searching.search(text, born=None, by=request.user, now=now).only
        except DomainError as refusal:
            refused(form, refusal)
        else:
            if other is not None and standing_for(other.person) != standing_for(found.person):
                return _show_both(request, ReasonForm(), found, other)
            text = _("This number leads to the same record.") if other else _("No single record has this number.")
            form.add_error("number", text)
    return show_act(request, "merge.html", form, found, now)


@staff_who_may(RegistrationAct.MERGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def take_apart(request: StaffRequest, merge_id: int) -> HttpResponse:
    """Let two joined records stand for themselves again."""
    joining = get_object_or_404(PersonMerge.objects.select_related("kept", "joined"), pk=merge_id)
    now = timezone.now()
    all_seen(request, [joining.kept, joining.joined], now)
    kept = Registration.objects.filter(person=joining.kept).order_by("-pk").first()
    if request.method == "POST":
        try:
            merging.take_apart(merge=joining, by=request.user, now=now)
        except DomainError as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("The records stand for themselves again."))
        return redirect("registration:desk_registration", kept.pk) if kept else redirect("registration:desk")
    both = [record.who(joining.kept, now=now), record.who(joining.joined, now=now)]
    return show(request, "take_apart.html", {"joining": joining, "both": both, "kept": kept})


def _confirm_merge(request: StaffRequest, found: Registration) -> HttpResponse:
    text = request.POST["druhy"]
    other = get_object_or_404(Registration.objects.select_related("person"), pk=row_key(text))
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            merging.merge(
                kept=found.person,
                joined=other.person,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
                form=sending(request),
            )
        except DomainError as refusal:
            refused(form, refusal)
        else:
            messages.success(request, _("The two records are one now. Both numbers lead here."))
            return redirect("registration:desk_registration", found.pk)
    return _show_both(request, form, found, other)


def _show_both(request: StaffRequest, form: ReasonForm, found: Registration, other: Registration) -> HttpResponse:
    now = timezone.now()
    all_seen(request, [other.person], now)
    both = [(found, record.who(found.person, now=now)), (other, record.who(other.person, now=now))]
    return show_act(request, "merge_confirm.html", form, found, now, other=other, both=both)
