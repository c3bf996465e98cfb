"""Files of letters and notes, and letters as they came: to be saved, never to be opened in the page."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from crs.accounts.guards import StaffRequest
from crs.slow_work import SECONDS_TO_RETRY, NoPlace, place
from logistics.staff import permissions
from logistics.staff.guards import staff_who_may
from support.letters import pictures
from support.models import Attachment, Letter, Look, RawLetter, Ticket
from support.permissions import SupportAct
from support.privacy import downloads
from support.privacy.looks import looked
from support.tickets import files, visible


@staff_who_may(SupportAct.WORK_TICKETS)
@require_safe
def attachment(request: StaffRequest, attachment_id: int) -> HttpResponse:
    """A file, to be saved. Whoever may not see insured numbers gets none that holds one."""
    found, ticket = _attachment_or_404(request, attachment_id)
    _look(request, ticket, found)
    return downloads.saved(files.content_of(found) or b"", found.name)


@staff_who_may(SupportAct.WORK_TICKETS)
@require_safe
def preview(request: StaffRequest, attachment_id: int) -> HttpResponse:
    """A picture of an allowed kind, drawn anew by us: nothing of its bytes reaches the browser."""
    found, ticket = _attachment_or_404(request, attachment_id)
    try:
        with place():
            drawn = pictures.preview(files.content_of(found) or b"", found.content_type)
    except NoPlace:
        return HttpResponse(status=503, headers={"Retry-After": str(SECONDS_TO_RETRY)})
    if drawn is None:
        raise Http404
    _look(request, ticket, found)
    return downloads.picture(drawn)


@staff_who_may(SupportAct.SEE_NUMBERS)
@require_safe
def raw(request: StaffRequest, letter_id: int) -> HttpResponse:
    """A letter as it came, with all that is in it."""
    letter = get_object_or_404(Letter.objects.select_related("ticket"), pk=letter_id, raw__isnull=False)
    ticket = _visible_or_404(request, letter.ticket)
    looked(Look.What.RAW, by=request.user, now=timezone.now(), ticket=ticket, letter=letter, saw_numbers=True)
    content = RawLetter.objects.get(letter=letter).content
    return downloads.saved(bytes(content), f"{ticket.number}-{letter.pk}.eml", content_type="message/rfc822")


def _attachment_or_404(request: StaffRequest, attachment_id: int) -> tuple[Attachment, Ticket]:
    known = Attachment.objects.select_related("letter__ticket", "note__ticket", "file")
    found = get_object_or_404(known, pk=attachment_id, file__isnull=False)
    of = found.letter or found.note
    ticket = _visible_or_404(request, of.ticket if of else None)
    if found.has_numbers and SupportAct.SEE_NUMBERS not in permissions.acts_of(request.user):
        raise Http404
    return found, ticket


def _visible_or_404(request: StaffRequest, ticket: Ticket | None) -> Ticket:
    """The ticket, if the user may read it or one of which it is a part. Raises Http404."""
    seen = visible.tickets_for(request.user)
    part = ticket
    while part is not None:
        if seen.filter(pk=part.pk).exists():
            assert ticket is not None  # noqa: S101 (for the type checker)
            return ticket
        part = part.merged_into
    raise Http404


def _look(request: StaffRequest, ticket: Ticket, found: Attachment) -> None:
    looked(
        Look.What.ATTACHMENT,
        by=request.user,
        now=timezone.now(),
        ticket=ticket,
        letter=found.letter,
        attachment=found,
        saw_numbers=found.has_numbers,
    )
