"""What is done about an answer that did not arrive."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.sent_forms import sending
from logistics.staff import permissions
from logistics.staff.guards import staff_who_may
from support.desk.errors import NumbersToAnother
from support.desk.forms import PlainActForm, SendAgainForm
from support.desk.views.tickets import done, show, ticket_or_404
from support.errors import NotYourTicket
from support.letters.covering import covered, has_numbers
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
            address = _address(request, letter, form.cleaned_data["address"])
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


def _address(request: StaffRequest, letter: Letter, typed: str) -> str:
    """Where the letter goes: what was typed, or its own address where the page shows that covered.

    Raises NumbersToAnother where somebody else would get insured numbers that the user may not see.
    """
    if typed == covered(letter.to_address):
        return letter.to_address
    is_another = typed.lower() != letter.to_address.lower()
    if is_another and SupportAct.SEE_NUMBERS not in permissions.acts_of(request.user) and _holds_numbers(letter):
        raise NumbersToAnother
    return typed


def _holds_numbers(letter: Letter) -> bool:
    in_text = has_numbers(f"{letter.text}\n{letter.quoted}")
    return in_text or letter.attachments.filter(has_numbers=True).exists()


def _letter_or_404(request: StaffRequest, letter_id: int) -> tuple[Letter, Ticket]:
    """A letter that did not arrive, or one of those that was settled since: the second click finds it, too."""
    letter = get_object_or_404(Letter, pk=letter_id, direction=Letter.Direction.OUT)
    if letter.settled_at is None and not refusals.undelivered().filter(pk=letter.pk).exists():
        raise Http404
    assert letter.ticket_id  # noqa: S101 (for the type checker: letter_goes_out_from_a_ticket)
    return letter, ticket_or_404(request.user, letter.ticket_id)
