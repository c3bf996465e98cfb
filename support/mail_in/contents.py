"""What filing needs to know of a letter: read, sorted, folded and covered, before any transaction begins."""

from dataclasses import dataclass

from crs import typed
from support.letters import covering, folding, reading, sorting
from support.letters.notices import Notice
from support.letters.parts import NOBODY, Address, ReadLetter
from support.mail_in.desks import own_addresses
from support.mail_in.languages import language_of
from support.mail_out import recipients
from support.models import Letter

# Characters. What is longer, the desk reads in the letter as it came.
LONGEST_TEXT = 200_000
_LONGEST_SUBJECT = 2000
_LONGEST_ADDRESS = 320
_LONGEST_NAME = 200
_MOST_NOTICES = 30


@dataclass(frozen=True)
class Contents:
    """A letter that was read; all but `read` is bounded and fits into columns."""

    read: ReadLetter
    kind: Letter.Kind
    may_be_answered: bool
    # Who wrote it, in small letters, as far as the letter or its envelope says.
    sender: Address
    other_senders: tuple[Address, ...]
    subject: str
    covered_subject: str
    text: str
    quoted: str
    # By what the letter is found, with insured numbers covered.
    covered_words: str
    has_numbers: bool
    # Those by which it is found: as digits, with those of what it quotes.
    numbers: tuple[str, ...]
    language: str
    notices: tuple[str, ...]


def contents_of(letter: Letter, raw: bytes) -> Contents:
    """Read a letter that was kept."""
    read = reading.read(raw)
    ours = own_addresses()
    kind = sorting.kind_of(read, envelope_sender=letter.envelope_sender, own_addresses=ours)
    text, is_cut = _bounded(read.text)
    folded = folding.fold(text) if read.is_readable else folding.Folded(text, "")
    subject, _ = _bounded(typed.plain(read.subject), _LONGEST_SUBJECT)
    sender, others = _senders(read, letter.envelope_sender)
    notices = [*read.notices, *([Notice.TRUNCATED] if is_cut else [])]
    if kind == sorting.Sort.HUMAN and sorting.calls_itself_automatic(read):
        notices.append(Notice.AUTO_SUBMITTED_BY_HUMAN)
    if not sender.address:
        notices.append(Notice.NO_SENDER)
    named = (read.from_, *read.others_from, *(one for one in (read.sender, read.reply_to) if one is not None))
    # Quoted letters are at their own tickets.
    words = [subject, folded.own, *(f"{file.name}\n{file.summary}" for file in read.files)]
    names = [f"{one.name}\n{one.address}" for one in named]
    searched, _ = _bounded("\n".join(words))
    return Contents(
        read=read,
        kind=Letter.Kind(kind),
        may_be_answered=read.is_readable
        and sorting.may_be_answered(read, kind, envelope_sender=letter.envelope_sender, own_addresses=ours),
        sender=sender,
        other_senders=others,
        subject=subject,
        covered_subject=covering.covered(subject)[:300],
        text=folded.own,
        quoted=folded.quoted,
        covered_words=covering.covered(searched),
        has_numbers=covering.has_numbers("\n".join((subject, text, *names))),
        numbers=tuple(covering.numbers_in("\n".join((searched, *names, folded.quoted)))),
        language=language_of(f"{subject}\n{folded.own}", read.headers),
        notices=tuple(dict.fromkeys(notices))[:_MOST_NOTICES],
    )


def contents_as_it_came(letter: Letter, raw: bytes) -> Contents:
    """The contents of a letter that nothing could read or file: all of it as text. Looks at no more than bytes."""
    text, is_cut = _bounded(raw[: 4 * LONGEST_TEXT].decode("utf-8", "replace"))
    is_cut = is_cut or len(raw) > 4 * LONGEST_TEXT
    return Contents(
        read=ReadLetter(
            is_readable=False,
            subject="",
            from_=NOBODY,
            others_from=(),
            sender=None,
            reply_to=None,
            to=(),
            cc=(),
            delivered_to=(),
            message_id="",
            in_reply_to=(),
            references=(),
            date=None,
            text=text,
            html_was_used=False,
            files=(),
            notices=(),
            headers={},
            report=None,
        ),
        kind=Letter.Kind.HUMAN,
        may_be_answered=False,
        sender=_cleaned(Address("", letter.envelope_sender)),
        other_senders=(),
        subject="",
        covered_subject="",
        text=text,
        quoted="",
        covered_words="",
        # Nobody looked: it is guarded as if there were one.
        has_numbers=True,
        numbers=(),
        language="cs",
        notices=(Notice.UNREADABLE, *([Notice.TRUNCATED] if is_cut else [])),
    )


def _senders(read: ReadLetter, envelope_sender: str) -> tuple[Address, tuple[Address, ...]]:
    """Who is answered, and who else says to have written it.

    It is From, for a Reply-To that somebody forged would get our answers; where no person reads From, it is Reply-To.
    A letter without From has Sender, Reply-To or its envelope for it.
    """
    reply_to = read.reply_to or NOBODY
    stated = [read.from_, *([read.sender] if read.sender else []), reply_to, Address("", envelope_sender)]
    first = next((one for one in stated if one.address and "@" in one.address), NOBODY)
    if not recipients.may_get_automatic(first.address) and recipients.may_get_automatic(reply_to.address):
        first = Address(reply_to.name or first.name, reply_to.address)
    others = [one for one in (*read.others_from, reply_to) if one.address]
    sender = _cleaned(first)
    cleaned = {one.address: one for one in map(_cleaned, others) if one.address and one.address != sender.address}
    return sender, tuple(cleaned.values())[:10]


def _cleaned(one: Address) -> Address:
    """In small letters: mail servers tell none apart by them, and people write both. Too long a one is none.

    Many see the name: insured numbers in it are covered. In the address they cannot be, or nobody could answer.
    """
    address = typed.plain(one.address).lower()
    is_address = "@" in address and len(address) <= _LONGEST_ADDRESS
    return Address(
        covering.covered(typed.plain(one.name)[: 2 * _LONGEST_NAME])[:_LONGEST_NAME], address if is_address else ""
    )


def _bounded(text: str, most: int = LONGEST_TEXT) -> tuple[str, bool]:
    # Half a pair of UTF-16 has no bytes in UTF-8.
    whole = text[:most].encode("utf-8", "replace").decode("utf-8")
    return whole, len(text) > most
