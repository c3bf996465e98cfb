"""The tables of support, by what they are about."""

from support.models.access import GlassBreak, Look
from support.models.incidents import Incident, IncidentUpdate
from support.models.letters import Attachment, Letter, RawLetter, StoredFile
from support.models.shared_answers import SharedAnswer, SharedAnswerTicket
from support.models.tickets import (
    FIRST_LEVEL,
    CannedAnswer,
    Category,
    Desk,
    Level,
    LevelRule,
    Note,
    Participant,
    SavedView,
    Stay,
    Ticket,
    TicketLink,
    TicketNumber,
)

__all__ = [
    "FIRST_LEVEL",
    "Attachment",
    "CannedAnswer",
    "Category",
    "Desk",
    "GlassBreak",
    "Incident",
    "IncidentUpdate",
    "Letter",
    "Level",
    "LevelRule",
    "Look",
    "Note",
    "Participant",
    "RawLetter",
    "SavedView",
    "SharedAnswer",
    "SharedAnswerTicket",
    "Stay",
    "StoredFile",
    "Ticket",
    "TicketLink",
    "TicketNumber",
]
