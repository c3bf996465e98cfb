"""What the tests of the desk share: who works there, at browsers, and letters at tickets as rows."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from logistics.models import Role
from support.letters.covering import has_numbers
from support.models import Attachment, Letter, RawLetter, StoredFile, Ticket
from tests.factories import NOW, make_agent
from tests.pages import browser, log_in

_identities = count(1)


class Agent:
    """A member of the help desks at a browser."""

    def __init__(self, role: Role, region: str | None = None, name: str = "") -> None:
        self.user: User = make_agent(role, region, name=name)
        self.client: Client = log_in(browser(), self.user)

    def page(self, ticket: Ticket, act: str = "") -> Any:
        """The answer to a look at the ticket."""
        return self.client.get(address(ticket, act))

    def send(self, ticket: Ticket, act: str, **typed: Any) -> Any:
        """The page after a form of the ticket was sent; it follows the redirect."""
        return self.client.post(address(ticket, act), typed, follow=True)


def address(ticket: Ticket, act: str = "") -> str:
    """Where the ticket, or an act on it, is."""
    return f"/podpora/pozadavky/{ticket.pk}/{act}"


def letter_at(ticket: Ticket, text: str = "Dobrý den, nejde to.", **fields: Any) -> Letter:
    """A letter that came to the ticket and was filed, as rows."""
    values: dict[str, Any] = {
        "ticket": ticket,
        "desk": ticket.desk,
        "direction": "IN",
        "state": "FILED",
        "identity": f"{next(_identities):064x}",
        "from_address": ticket.requester_address,
        "from_name": ticket.requester_name,
        "subject": ticket.subject,
        "text": text,
        "has_numbers": has_numbers(text),
        "received_at": NOW,
    }
    letter: Letter = Letter.objects.create(**(values | fields))
    RawLetter.objects.create(letter=letter, content=f"Subject: x\r\n\r\n{text}".encode(), size=1)
    return letter


def file_of(letter: Letter, name: str = "smlouva.pdf", content: bytes = b"%PDF", **fields: Any) -> Attachment:
    """A file of the letter."""
    stored = StoredFile.objects.create(digest=f"{next(_identities):064x}", content=content, size=len(content))
    values = {"content_type": "application/pdf", "position": 1, "size": len(content), **fields}
    attachment: Attachment = Attachment.objects.create(letter=letter, file=stored, name=name, **values)
    return attachment


@pytest.fixture
def agent(db: None, clock: None) -> Callable[..., Agent]:
    """Makes members of the help desks."""
    return Agent
