"""What filing needs to know of a letter: read, sorted, folded and covered, before any transaction begins."""

from dataclasses import dataclass, replace

from support.letters import covering, folding, reading, sorting
from support.letters.notices import Notice
from support.letters.parts import NOBODY, Address, ReadLetter
from support.mail_in.desks import own_addresses
from support.models import Letter
from support.tickets.subjects import LONGEST_SUBJECT

# Characters. Beyond that the desk reads the letter as it came.
LONGEST_TEXT = 200_000
_LONGEST_ADDRESS = 320
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Contents:
    """A letter that was read. All words but those of `read` are bounded and fit into columns."""

    read: ReadLetter
    kind: Letter.Kind
    may_be_answered: bool
    # Who wrote it, as far as it says.
    sender: Address
    subject: str
    covered_subject: str
    text: str
    quoted: str
    # What the letter is found by, with insured numbers covered.
    covered_words: str
    has_numbers: bool
    notices: tuple[str, ...]


def contents_of(letter: Letter, raw: bytes) -> Contents:
    """Read a letter that was kept."""
    read = reading.read(raw)
    if not read.is_readable:
        return as_it_came(letter, raw, read)
    kind = sorting.kind_of(read, envelope_sender=letter.envelope_sender, own_addresses=own_addresses())
    ...
