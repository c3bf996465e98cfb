"""Finds the ticket to which a letter belongs: by the token in an address of ours, else by the Message-IDs it answers."""

from dataclasses import dataclass
from enum import StrEnum, auto

from support.letters.parts import ReadLetter
from support.models import Desk, Ticket


class How(StrEnum):
    """By what a letter was found to belong to a ticket."""

    TOKEN = auto()
    MESSAGE_ID = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Found:
    """The ticket of a letter, which may be closed or part of another one by now; None where there is none yet."""

    ticket: Ticket | None
    how: How


def ticket_for(read: ReadLetter, desk: Desk, envelope_recipient: str) -> Found:
    """The ticket to which a letter belongs. The subject is never looked at: anybody can write a number there."""
    raise NotImplementedError
