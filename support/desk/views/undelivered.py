"""What is done about an answer that did not arrive."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.sent_forms import sending
from logistics.staff.guards import staff_who_may
from support.desk.forms import PlainActForm, SendAgainForm
from support.desk.views.tickets import done, show, ticket_or_404
from support.errors import NotYourTicket
from support.mail_out import refusals
from support.models import Letter, Ticket
from support.permissions import SupportAct
from support.tickets import visible


@sensitive_post_parameters()
@staff_who_may(SupportAct.WORK_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def send_again(request: StaffRequest, letter_id: int) -> HttpResponse:
    """Send it to an address that works."""
    letter, ticket = _letter_or_404(request, letter_id)
    if request.method != "POST":
        return redirect("support:ticket", ticket.pk)
    form = SendAgainForm(request.POST, ticket=ticket, user=request.user)
    if not visible.may_work(request.user, ticket):
        form.add_error(None, str(NotYourTicket()))
    elif form.is_valid():
        try:
            address = form.cleaned_data["address"]
            refusals.send_again(
                letter=letter, address=address, by=request.user, now=timezone.now(), form=sending(request)
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The answer is on its way once more."))
            return redirect("support:ticket", ticket.pk)
    return show(request, ticket_or_404(request.user, ticket.pk), {"send_again": form})


@staff_who_may(SupportAct.WORK_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: StaffRequest, letter_id: int) -> HttpResponse:
    """Say that nothing more is to be sent."""
    letter, ticket = _letter_or_404(request, letter_id)
    if request.method != "POST":
        return redirect("support:ticket", ticket.pk)
    form = PlainActForm(request.POST, ticket=ticket, user=request.user)

    def operation() -> str:
        refusals.settle(letter=letter, by=request.user, now=timezone.now())
        return _("It is noted that the sender was told in another way.")

    if not visible.may_work(request.user, ticket):
        form.add_error(None, str(NotYourTicket()))
    elif form.is_valid() and done(request, form, operation):
        return redirect("support:ticket", ticket.pk)
    return show(request, ticket_or_404(request.user, ticket.pk), {"settle": form})


def _letter_or_404(request: StaffRequest, letter_id: int) -> tuple[Letter, Ticket]:
    letter = get_object_or_404(Letter, pk=letter_id, direction=Letter.Direction.OUT)
    assert letter.ticket_id  # noqa: S101 (for the type checker: letter_goes_out_from_a_ticket)
    return letter, ticket_or_404(request.user, letter.ticket_id)
