"""What was odd about a letter, as the desk reads it above the text."""

from collections.abc import Iterable
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Notice(StrEnum):
    """The code of an oddity; letters keep codes, pages show `TEXTS`."""

    UNREADABLE = "UNREADABLE"
    CHARSET_GUESSED = "CHARSET_GUESSED"
    CHARACTERS_LOST = "CHARACTERS_LOST"
    HTML_ONLY = "HTML_ONLY"
    HTML_CUT = "HTML_CUT"
    REMOTE_CONTENT = "REMOTE_CONTENT"
    TRUNCATED = "TRUNCATED"
    TOO_DEEP = "TOO_DEEP"
    TOO_MANY_PARTS = "TOO_MANY_PARTS"
    DAMAGED = "DAMAGED"
    ENCRYPTED = "ENCRYPTED"
    SIGNED = "SIGNED"
    WINMAIL = "WINMAIL"
    INVITATION = "INVITATION"
    NO_SENDER = "NO_SENDER"
    SEVERAL_SENDERS = "SEVERAL_SENDERS"
    DATE_ODD = "DATE_ODD"
    AUTO_SUBMITTED_BY_HUMAN = "AUTO_SUBMITTED_BY_HUMAN"
    THREAD_HINT = "THREAD_HINT"
    FLOOD = "FLOOD"
    EMPTY = "EMPTY"


TEXTS: dict[str, Promise] = {
    Notice.UNREADABLE: _("This letter could not be read. You see it as it came."),
    Notice.CHARSET_GUESSED: _("The letter names its character set wrongly or not at all. Some letters may be wrong."),
    Notice.CHARACTERS_LOST: _("Some characters of this letter arrived damaged. They are shown as �."),
    Notice.HTML_ONLY: _("The letter came as a formatted page. You see its text."),
    Notice.HTML_CUT: _("The formatted page was too large or too deep. Some of its text may be only in the raw letter."),
    Notice.REMOTE_CONTENT: _("The letter wanted to load pictures from the internet. They were not loaded."),
    Notice.TRUNCATED: _("The letter is very long. You see its beginning; all of it is in the raw letter."),
    Notice.TOO_DEEP: _("The letter has too many layers. The innermost ones are attached as they came."),
    Notice.TOO_MANY_PARTS: _("The letter has too many parts. The last ones are attached together as they came."),
    Notice.DAMAGED: _("Part of the letter arrived damaged. You see what could be read."),
    Notice.ENCRYPTED: _("The letter is encrypted. We cannot open it here. Ask its sender to send it unencrypted."),
    Notice.SIGNED: _("The letter has an electronic signature. It was not checked."),
    Notice.WINMAIL: _("The letter has an attachment winmail.dat of Outlook. Files may be packed in it."),
    Notice.INVITATION: _("The letter holds an invitation to a calendar."),
    Notice.NO_SENDER: _("The letter does not say who sent it."),
    Notice.SEVERAL_SENDERS: _("The letter names several senders. The first one counts."),
    Notice.DATE_ODD: _("The date that the letter states cannot be right."),
    Notice.AUTO_SUBMITTED_BY_HUMAN: _("The letter calls itself automatic. It looks as if a person wrote it."),
    Notice.THREAD_HINT: _("The letter may belong to another ticket. Please compare them."),
    Notice.FLOOD: _(
        "Many letters with this subject came from its sender within an hour. The last ones are at one ticket."
    ),
    Notice.EMPTY: _("The letter has no text."),
}


def texts(codes: Iterable[str]) -> list[Promise]:
    """The sentences of `codes`; a code that is not known any more has none."""
    return [TEXTS[code] for code in codes if code in TEXTS]
