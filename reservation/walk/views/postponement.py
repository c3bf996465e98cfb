"""A person who was ill comes later: until when they wait, a day that is changed, or that they take it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crs.errors import DomainError
from crs.sent_forms import sending
from reservation.postponing import postponing
from reservation.postponing.forms import PostponementForm
from reservation.walk.session import InvitedRequest, invited


@invited
@require_http_methods(["GET", "HEAD", "POST"])
def postponement(request: InvitedRequest) -> HttpResponse:
    """Postpone after an infection, or change the day."""
    form = PostponementForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            done = postponing.postpone(
                registration_id=request.registration_id,
                ended_on=form.cleaned_data["ended_on"],
                form=sending(request),
                now=timezone.now(),
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your vaccination is postponed."))
            if done.times_before:
                messages.warning(request, _("The vaccination site will find you a new time and call you."))
            return redirect("reservation:postponement")
    standing = postponing.standing(request.registration_id)
    return render(request, "reservation/walk/postponement.html", {"form": form, "standing": standing})


@invited
@require_POST
def withdraw(request: InvitedRequest) -> HttpResponse:
    """Take the postponement back."""
    postponing.withdraw(registration_id=request.registration_id, form=sending(request), now=timezone.now())
    messages.success(request, _("The postponement is withdrawn. You can come on any day."))
    return redirect("reservation:postponement")
