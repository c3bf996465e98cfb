"""The tickets of a site as its own staff see them: what they wrote, and what they were answered.

Not among them are tickets that somebody else wrote and the desk put to the site, staff of another site among them: the
site's staff read what was written by or for the site, and insured numbers are covered for them as for the field team.
Whoever wrote a ticket on the pages follows it wherever the desk put it.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.users import name_of_user
from logistics.models import SITE_ROLES, SiteContact, StaffRole, VaccinationSite
from support.letters.covering import covered
from support.models import Attachment, Desk, Letter, Ticket

State, Kind = Ticket.State, Letter.Kind
# What a person wrote; automatic replies and bounces are the desk's business.
_WRITTEN = (Kind.HUMAN, Kind.PAGE, Kind.LIST, Kind.RECEIPT, Kind.ANSWER, Kind.CLOSING)
# The states as somebody sees them who waits for an answer.
STATES = {
    State.NEW: pgettext_lazy("ticket of a site", "waits for the help desk"),
    State.ASSIGNED: pgettext_lazy("ticket of a site", "the help desk works on it"),
    State.REOPENED: pgettext_lazy("ticket of a site", "the help desk works on it"),
    State.WAITING: pgettext_lazy("ticket of a site", "waits for your answer"),
    State.RESOLVED: pgettext_lazy("ticket of a site", "resolved"),
    State.CLOSED: pgettext_lazy("ticket of a site", "closed"),
    State.MERGED: pgettext_lazy("ticket of a site", "joined to another ticket"),
}


@dataclass(frozen=True)
class File:
    """A file of an entry; one that holds insured numbers is not given out here."""

    key: int
    name: str
    size: int
    is_refused: bool


@dataclass(frozen=True)
class Entry:
    """Something that was written: by the site (`is_ours`), or by the help desk."""

    who: str
    at: datetime
    is_ours: bool
    text: str
    note: str | Promise
    files: list[File]


def addresses_of(site: VaccinationSite) -> frozenset[str]:
    """The e-mails of the site, its contacts and its staff, in small letters."""
    staff = StaffRole.objects.filter(site=site, role__in=SITE_ROLES, user__is_active=True)
    known = {site.email.lower()}
    known |= {*SiteContact.objects.filter(site=site).values_list(Lower("email"), flat=True)}
    known |= {*staff.values_list(Lower("user__email"), flat=True)}
    return frozenset(known - {""})


def tickets_of(site: VaccinationSite, user: User) -> QuerySet[Ticket]:
    """The tickets that the site's people wrote, on its pages or by e-mail, and the user's own.

    A ticket of one's own that is now of another site where one works, too, is followed there.
    """
    staff = StaffRole.objects.filter(site=site, role__in=SITE_ROLES).values("user")
    by_them = Q(requester__in=staff) | Q(requester=None, sender__in=addresses_of(site))
    where_they_work = StaffRole.objects.filter(user=user, site__isnull=False).values("site")
    of_site, own = Q(site=site, desk=Desk.SITES) & by_them, Q(requester=user)
    seen = of_site | (own & ~Q(desk=Desk.SITES, site__in=where_they_work))
    return Ticket.objects.alias(sender=Lower("requester_address")).filter(seen).defer("search")


def is_own(ticket: Ticket, user: User) -> bool:
    """Whether the user opened it, on the pages or from their e-mail."""
    if ticket.requester_id is not None:
        return ticket.requester_id == user.pk
    return bool(user.email) and ticket.requester_address.lower() == user.email.lower()


def conversation(ticket: Ticket, site: VaccinationSite) -> list[Entry]:
    """What was written by or for the site, the first first; three queries. Notes of the desk are not among it."""
    ours = addresses_of(site) | {ticket.requester_address.lower()}
    letters = visible_letters(ticket).select_related("author").prefetch_related("attachments")
    return [_entry(letter, ours) for letter in letters]


def visible_letters(ticket: Ticket) -> QuerySet[Letter]:
    """The letters of the ticket that persons wrote, and what went out to them."""
    return Letter.objects.filter(ticket=ticket, kind__in=_WRITTEN).order_by("received_at", "pk")


def is_theirs(letter: Letter, ours: frozenset[str] | set[str]) -> bool:
    """Whether the site's people wrote it or got it; `ours` are their addresses and the sender's."""
    address = letter.from_address if letter.direction == Letter.Direction.IN else letter.to_address
    return address.lower() in ours


def _entry(letter: Letter, ours: frozenset[str] | set[str]) -> Entry:
    came_in = letter.direction == Letter.Direction.IN
    if not is_theirs(letter, ours):
        note = _("A message from or to an address that is not of this site. The help desk has it.")
        return Entry("", letter.received_at, came_in, "", note, [])
    who = covered(name_of_user(letter.author) or letter.from_name or letter.from_address) if came_in else ""
    if letter.erased_at is not None:
        return Entry(who, letter.received_at, came_in, "", _("Its time is over, so its text was erased."), [])
    if letter.state == Letter.State.UNREADABLE:
        note = _("We could not read this e-mail. The help desk has it as it came.")
        return Entry(who, letter.received_at, came_in, "", note, [])
    refused = _("This e-mail did not arrive; you can read it here.") if letter.refused_at else ""
    files = [_file(one) for one in letter.attachments.all() if one.file_id is not None and not one.is_inline]
    return Entry(who, letter.received_at, came_in, covered(letter.text or ""), refused, files)


def _file(attachment: Attachment) -> File:
    return File(attachment.pk, covered(attachment.name), attachment.size, attachment.has_numbers)
