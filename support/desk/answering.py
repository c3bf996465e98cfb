"""What ends or answers a ticket: done by whoever has read all that came; an answer once, with what follows from it."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User

from crs.sent_forms import NO_FORM, Outcome, Sending, once
from support.desk.conversation import written_to_us
from support.desk.errors import LetterCameMeanwhile
from support.desk.forms import AnswerForm
from support.letters.parts import ReadFile
from support.mail_out import sending as mail
from support.models import Ticket
from support.tickets import rows, states


def require_read(ticket: Ticket, *, seen: int) -> None:
    """Raise LetterCameMeanwhile where the ticket has more letters of people than were `seen`; locks the ticket.

    A letter is filed under this lock: it stands at the ticket already, or it comes after what is done now.
    """
    if written_to_us(rows.locked(ticket)) > seen:
        raise LetterCameMeanwhile


def answer(
    *,
    ticket: Ticket,
    text: str,
    then: str,
    seen: int,
    by: User,
    now: datetime,
    form: Sending,
    files: Sequence[ReadFile] = (),
) -> None:
    """Answer the sender; afterwards the ticket waits, is resolved, or stays, as `then` says (`AnswerForm`).

    `seen` is how many letters of people its author has read. Raises LetterCameMeanwhile, and what `sending.answer` and
    `states.resolve` raise.
    """

    def operation() -> Outcome:
        require_read(ticket, seen=seen)
        waits = then == AnswerForm.WAITS
        mail.answer(ticket=ticket, text=text, by=by, now=now, form=NO_FORM, waits=waits, files=files)
        if then == AnswerForm.RESOLVED:
            states.resolve(ticket=ticket, by=by, now=now)
        return {"ticket": ticket.pk}

    once(form, operation)
