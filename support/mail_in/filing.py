"""Puts letters that were kept at their tickets (ADR 0032)."""

import logging
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from crs import history, typed
from crs.users import name_of_user
from logistics.models import SUPPORT_ROLES
from support.errors import ClosedTooLongAgo
from support.letters.identity import message_key
from support.letters.notices import Notice
from support.mail_in import floods, threads
from support.mail_in.contents import Contents, contents_as_it_came, contents_of
from support.mail_out import refusals, sending, tokens
from support.models import Desk, Letter, Note, Participant, Ticket
from support.operations import Operation
from support.tickets import files, notes, numbers, opening, rows, states, words

logger = logging.getLogger(__name__)

Kind = Letter.Kind
# Only what somebody wrote wakes a ticket that waits or is done.
_WRITTEN = (Kind.HUMAN, Kind.LIST)
# After so many tries a letter goes to its ticket as it came, so that the desk has it.
MOST_TRIES = 5
# Since its receipt, before the next try: the first is made at once, and whoever makes it needs some time.
_NEXT_TRY_AFTER = (*(timedelta(minutes=minutes) for minutes in (0, 1, 4, 15, 40)), timedelta(hours=1))
_AT_ONCE = 200
# As text: each letter asks, and hardly any comes from one of them.
_AGENT = """
SELECT id FROM auth_user WHERE upper(email) = upper(%(address)s) AND is_active AND EXISTS (
    SELECT FROM logistics_staffrole role WHERE role.user_id = auth_user.id AND role.role = ANY (%(roles)s)
) ORDER BY id LIMIT 1
"""


class _FiledMeanwhile(Exception):
    """Another process filed the letter: what this one did is undone."""


def file(letter: Letter, raw: bytes, *, now: datetime) -> Ticket:
    """Put a letter that was kept at its ticket, a new one if need be; the ticket it has if it was filed already.

    `raw` are its bytes. The `letter` then is as it was filed.
    """
    return _put(letter, contents_of(letter, raw), now)


def file_as_it_came(letter: Letter, raw: bytes, *, now: datetime) -> Ticket:
    """Put a letter that cannot be filed in the usual way at a ticket as it came, unread."""
    return _put(letter, contents_as_it_came(letter, raw), now)


def file_received(now: datetime) -> int:
    """File what is kept and was not filed: the process that had it died, or something went wrong. Returns how many.

    A letter gets `MOST_TRIES`, more and more apart, each counted before it is made; then it is filed as it came. One
    that is never filed does not keep the others waiting.
    """
    due = reduce(or_, (Q(tries=tries, received_at__lte=now - after) for tries, after in enumerate(_NEXT_TRY_AFTER)))
    due |= Q(tries__gt=MOST_TRIES)
    waiting = Letter.objects.filter(due, state=Letter.State.RECEIVED).order_by("tries", "received_at", "pk")
    filed = 0
    for letter in waiting[:_AT_ONCE]:
        tries = letter.tries
        # Of two sweeps that look at once one counts the try, and makes it.
        mine = Letter.objects.filter(pk=letter.pk, state=Letter.State.RECEIVED, tries=tries)
        if not mine.update(tries=min(tries + 1, 1000)):
            continue
        try:
            (file if tries < MOST_TRIES else file_as_it_came)(letter, bytes(letter.raw.content), now=now)
            filed += 1
        except Exception:
            logger.exception("Letter %s was not filed in try %s", letter.pk, tries + 1)
    return filed


def _put(letter: Letter, contents: Contents, now: datetime) -> Ticket:
    try:
        with transaction.atomic():
            ticket = _filed(letter, contents, now)
    except _FiledMeanwhile:
        letter.refresh_from_db()
        return Ticket.objects.get(letters=letter.pk)
    return ticket


def _filed(letter: Letter, contents: Contents, now: datetime) -> Ticket:
    """The ticket, with the letter at it. Locks the ticket, then the letter; a new ticket is nobody else's yet."""
    found = threads.ticket_for(
        contents.read, Desk(letter.desk), letter.envelope_recipient, received_at=letter.received_at
    )
    ticket = _going_on(found.ticket, contents, now) if found.ticket is not None else None
    notices = list(contents.notices)
    hint = found.ticket if ticket is None else None
    if ticket is None:
        lately = floods.lately(
            desk=letter.desk,
            address=contents.sender.address,
            covered_subject=contents.covered_subject,
            is_of_a_person=contents.kind in _WRITTEN,
            now=letter.received_at,
        )
        if lately.flooded is not None and (ticket := _going_on(lately.flooded, contents, now)) is not None:
            notices.append(Notice.FLOOD)
            hint = None
        else:
            hint = hint or lately.likely
    # Systems without threads repeat the subject of our receipt. Asked before the ticket is opened, which may happen
    # to have the number.
    repeats_our_subject = floods.names_a_new_ticket(contents.covered_subject, letter.received_at)
    if is_new := ticket is None:
        ticket = opening.open_ticket(
            desk=letter.desk,
            way=Ticket.Way.LETTER,
            subject=contents.covered_subject,
            language=contents.language,
            requester_address="" if tokens.is_ours(contents.sender.address) else contents.sender.address,
            requester_name=contents.sender.name,
            now=letter.received_at,
            covered_words=contents.covered_words,
        )
    else:
        words.add_words(ticket.pk, contents.covered_words)
    if hint is not None:
        notices.append(Notice.THREAD_HINT)
    _write(letter, contents, ticket, notices)
    numbers.add_numbers(ticket.pk, contents.numbers)
    files.keep_all(letter=letter, files=contents.read.files)
    if contents.kind in _WRITTEN:
        _add_participants(ticket, contents, letter.received_at)
    _tell_desk(ticket, contents, found.ticket, hint, now)
    if contents.kind == Kind.BOUNCE:
        refusals.record_bounce(letter_id=found.letter_id, report=contents.read.report, now=letter.received_at)
    if is_new and contents.may_be_answered and not repeats_our_subject:
        sending.send_receipt(ticket=ticket, now=now)
    return ticket


def _going_on(ticket: Ticket, contents: Contents, now: datetime) -> Ticket | None:
    """The ticket, or that of which it is a part, locked, and awake if somebody wrote; None if it takes no letters.

    What a machine wrote stays at a closed ticket, whenever that was, but for its words' erasure.
    """
    if contents.kind in _WRITTEN:
        try:
            return states.letter_came(ticket=ticket, now=now)
        except ClosedTooLongAgo:
            return None
    main = rows.locked_main(ticket)
    return main if main.erased_at is None else None


def _write(letter: Letter, contents: Contents, ticket: Ticket, notices: list[str]) -> None:
    read = contents.read
    values = {
        "ticket": ticket,
        "state": Letter.State.FILED if read.is_readable else Letter.State.UNREADABLE,
        "kind": contents.kind,
        "message_id": typed.plain(read.message_id)[:1000],
        "message_key": message_key(read.message_id),
        "from_address": contents.sender.address,
        "from_name": contents.sender.name,
        "subject": contents.subject,
        "text": contents.text,
        "quoted": contents.quoted,
        "has_numbers": contents.has_numbers,
        "notices": notices,
        "written_at": read.date,
    }
    # The WHERE clause is the check: of two processes with one letter the second waits here, finds no row and undoes
    # what it did.
    if not Letter.objects.filter(pk=letter.pk, state=Letter.State.RECEIVED).update(**values):
        raise _FiledMeanwhile
    for name, value in values.items():
        setattr(letter, name, value)


def _add_participants(ticket: Ticket, contents: Contents, now: datetime) -> None:
    """Whoever else wrote into the ticket takes part; its sender stays who it was, and no desk is a participant."""
    wrote = (contents.sender, *(contents.other_senders if contents.kind == Kind.HUMAN else ()))
    others = [
        one for one in wrote if one.address not in ("", ticket.requester_address) and not tokens.is_ours(one.address)
    ]
    if others:
        # The ticket is locked, so nobody adds the same one meanwhile.
        Participant.objects.bulk_create(
            (Participant(ticket=ticket, address=one.address, name=one.name, since=now) for one in others),
            ignore_conflicts=True,
        )


def _tell_desk(ticket: Ticket, contents: Contents, answered: Ticket | None, hint: Ticket | None, now: datetime) -> None:
    """Write notes about what the letter alone does not show."""
    agent = _agent_of(contents.sender.address)
    with translation.override(settings.LANGUAGE_CODE):
        texts = []
        if hint is not None and hint == answered:
            texts.append(
                _("The letter answers ticket %(number)s, which was closed long ago.") % {"number": hint.number}
            )
        elif hint is not None:
            texts.append(
                _("By its subject the letter may belong to ticket %(number)s of the same sender. Please compare them.")
                % {"number": hint.number}
            )
        if agent is not None and contents.kind == Kind.HUMAN:
            texts.append(
                _(
                    "The letter came from the e-mail address of %(name)s, who works at the help desk. It was not sent "
                    "on to anybody, for an address proves nothing. To answer the sender, use the page of the ticket."
                )
                % {"name": name_of_user(agent)}
            )
        elif agent is not None:
            texts.append(
                _("%(name)s, who works at the help desk, has an automatic reply switched on.")
                % {"name": name_of_user(agent)}
            )
    for text in texts:
        with history.recording_part(Operation.FILE_LETTER):
            notes.add_note(ticket=ticket, text=text, by=None, now=now, kind=Note.Kind.MAIL)


def _agent_of(address: str) -> User | None:
    """The member of the desks whose address it is; no rights come of it."""
    if not address:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_AGENT, {"address": address, "roles": [str(role) for role in SUPPORT_ROLES]})
        found = cursor.fetchone()
    return User.objects.get(pk=found[0]) if found else None
