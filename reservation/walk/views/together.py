"""Two people reserve together: the second one is added with their PIN2, and the times are chosen for both."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from reservation import errors
from reservation.reserving import together
from reservation.walk import companion
from reservation.walk.forms import LogInForm
from reservation.walk.session import ChoosingRequest, choosing
from reservation.walk.views.log_in import Refused, try_pin2

_LABELS = {
    "phone": gettext_lazy("Telephone or registration number of the other person"),
    "pin2": gettext_lazy("PIN2 of the other person"),
}
_HELP = {
    "phone": gettext_lazy("The telephone from their registration, or the registration number from their letter."),
    "pin2": gettext_lazy("Eight digits from the SMS or letter of the other person, such as 1234 5678."),
}


@choosing
@require_http_methods(["GET", "HEAD", "POST"])
def add_companion(request: ChoosingRequest) -> HttpResponse:
    """Add the person who comes along, by their telephone or registration number and their PIN2."""
    try:
        tried = try_pin2(request)
        if not isinstance(tried, Refused):
            together.require_fitting(registration=request.registration, companion=tried.invitation)
            companion.add(request, tried.invitation)
            messages.success(request, _("You are choosing for two now. Choose one time for both."))
            return redirect("reservation:site")
    except errors.BookingError as refusal:
        form = LogInForm(request.POST)
        is_not_turn = isinstance(refusal, errors.NotYourTurn)
        form.add_error(None, str(errors.CompanionCannotReserve() if is_not_turn else refusal))
        tried = Refused(form)
    context = {"form": _about_companion(tried.form), "companion": companion.of(request)}
    return render(request, "reservation/walk/together.html", context, status=tried.status)


@choosing
@require_POST
def alone(request: ChoosingRequest) -> HttpResponse:
    """Choose alone from now on; what both hold is given back."""
    companion.forget(request)
    if request.held is not None and request.held.party is not None:
        together.release(party=request.held.party)
    messages.success(request, _("You are choosing for yourself alone now."))
    return redirect("reservation:site")


def _about_companion(form: forms.Form) -> forms.Form:
    """The form of the log-in, in the words for another person."""
    for name, label in _LABELS.items():
        form.fields[name].label = label
        form.fields[name].help_text = _HELP[name]
    return form
