"""A person who was ill comes later: what it would mean, until when, another day, or they take it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crs.errors import DomainError
from crs.sent_forms import sending
from reservation.postponing import postponing
from reservation.postponing.errors import PostponementChanged
from reservation.postponing.forms import PostponementForm
from reservation.walk.session import InvitedRequest, invited

STEP, SEEN = "step", "seen"


@invited
@require_http_methods(["GET", "HEAD", "POST"])
def postponement(request: InvitedRequest) -> HttpResponse:
    """Postpone after an infection, or change the day: a form, what it would mean, and only then it is done."""
    now, person = timezone.now(), request.registration_id
    form = PostponementForm(request.POST if request.method == "POST" else None)
    if not form.is_valid() or request.POST.get(STEP) == "edit":
        return _page(request, form)
    ended_on = form.cleaned_data["ended_on"]
    try:
        if request.POST.get(STEP) == "postpone":
            shown = request.POST.get(SEEN, "")
            done = postponing.postpone(
                registration_id=person, ended_on=ended_on, shown=shown, form=sending(request), now=now
            )
            messages.success(request, _("Your vaccination is postponed."))
            if done.times_before:
                messages.warning(request, _("The vaccination site will find you a new time and call you."))
            _tell_kept(request, done.times_kept)
            return redirect("reservation:postponement")
        plan = postponing.plan(registration_id=person, ended_on=ended_on, now=now)
    except PostponementChanged as refusal:
        form.add_error(None, str(refusal))
        plan = postponing.plan(registration_id=person, ended_on=ended_on, now=now)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form)
    return render(request, "reservation/walk/postponement_preview.html", {"form": form, "plan": plan})


@invited
@require_POST
def withdraw(request: InvitedRequest) -> HttpResponse:
    """Take the postponement back."""
    kept = postponing.withdraw(registration_id=request.registration_id, form=sending(request), now=timezone.now())
    messages.success(request, _("The postponement is withdrawn. You can come on any day."))
    _tell_kept(request, kept)
    return redirect("reservation:postponement")


def _tell_kept(request: InvitedRequest, kept: int) -> None:
    if kept:
        messages.info(request, _("Your reserved time holds again. Please come as you had it booked."))


def _page(request: InvitedRequest, form: PostponementForm) -> HttpResponse:
    standing = postponing.standing(request.registration_id)
    return render(request, "reservation/walk/postponement.html", {"form": form, "standing": standing})
