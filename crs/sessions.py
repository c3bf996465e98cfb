"""Sessions: one row each in PostgreSQL, and nowhere else (docs/adr/0015-sessions-and-limits.md).

There is no second copy that could be older than the row: what was written is read, and what ended stays ended.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import get_random_string

from crs.plain_sql import planned_cursor

# As text, because nearly every request of a citizen asks: the ORM needs four times as long (docs/performance.md).
_LOAD = "SELECT session_data, expire_date FROM django_session WHERE session_key = %(key)s AND expire_date > %(now)s"
_CREATE = (
    "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%(key)s, %(kept)s, %(until)s) "
    "ON CONFLICT DO NOTHING"
)
_WRITE = "UPDATE django_session SET session_data = %(kept)s, expire_date = %(until)s WHERE session_key = %(key)s"
_RENAME = "UPDATE django_session SET session_key = %(key)s WHERE session_key = %(before)s"
_DELETE = "DELETE FROM django_session WHERE session_key = %(key)s"
# Characters of a session as it is stored. The largest of ours, a draft of a registration, takes a quarter.
LONGEST = 16_000
# A session that is kept alive is written again when so much of its time is over, not with each page.
RENEWED_AFTER = timedelta(minutes=10)
# Messages that wait for the next page; a browser that never looks at one does not gather more.
MOST_MESSAGES = 10


class SessionTooLong(SuspiciousOperation):
    """A session would hold more than LONGEST characters."""


class SessionStore(DatabaseSessionStore):
    """Django's sessions in the database, with one statement for each act and an upper limit to what one holds.

    Django's own takes a transaction for each write, and two queries to delete. It also reads any error of
    the database as 'the session was deleted meanwhile', a 400; here an outage stays an outage.
    """

    # As the row says; None where it was not read.
    _ends_at: datetime | None = None

    def load(self) -> dict[str, Any]:
        """The content of the session; empty, and without a key, where it ended. Raises OperationalError."""
        with planned_cursor() as cursor:
            cursor.execute(_LOAD, {"key": self.session_key, "now": timezone.now()})
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        kept, self._ends_at = row
        return self.decode(kept)

    def keep_alive(self) -> None:
        """Let the session last its whole time from now on: whoever goes on from page to page stays logged in."""
        if self._ends_at is not None and self.get_expiry_date() - self._ends_at > RENEWED_AFTER:
            self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Write the row. Raises CreateError, UpdateError, SessionTooLong, OperationalError."""
        if self.session_key is None:
            self.create()
            return
        kept = self.encode(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        if len(kept) > LONGEST:
            raise SessionTooLong(f"A session of {len(kept)} characters; the most are {LONGEST}.")
        row = {"key": self.session_key, "kept": kept, "until": self.get_expiry_date()}
        if not _execute(_CREATE if must_create else _WRITE, row):
            raise CreateError if must_create else UpdateError

    def cycle_key(self) -> None:
        """Put the content under a new key; the old one opens nothing from now on."""
        content, before = self._get_session(), self.session_key  # type: ignore[attr-defined]
        self._session_key = self._get_new_session_key()
        if before is None or not _execute(_RENAME, {"key": self._session_key, "before": before}):
            self.create()
        self._session_cache, self.modified = content, True

    def _get_new_session_key(self) -> str:
        # Django asks the database whether it is free. Two that are alike do not come; and the INSERT would refuse one.
        return get_random_string(32, VALID_KEY_CHARS)

    def delete(self, session_key: str | None = None) -> None:
        """Delete the row, this session's own where none is named."""
        _execute(_DELETE, {"key": session_key or self.session_key})


def _execute(sql: str, values: dict[str, Any]) -> int:
    """Run a statement; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


class LatestMessages(FallbackStorage):
    """Django's messages, the latest few: in the session where the browser has one, else in a signed cookie.

    In the session nothing about a person travels, and it is one look-up less. A browser without one gets none for a
    sentence such as 'please begin here': a program that asks for pages in a loop would leave a row with each.
    """

    storage_classes = (SessionStorage, CookieStorage)

    def _get(self, *arguments: Any, **options: Any) -> tuple[list[Message], bool]:
        found: list[Message] = []
        for storage in self.storages:
            kept, _is_all = storage._get()
            if kept:
                self._used_storages.add(storage)  # type: ignore[attr-defined]
                found.extend(kept)
        return found, True

    def _store(
        self, messages: list[Message], response: HttpResponseBase, *arguments: Any, **options: Any
    ) -> list[Message]:
        in_session, in_cookie = self.storages
        session = self.request.session
        chosen, other = (in_cookie, in_session) if session.is_empty() else (in_session, in_cookie)
        if other in self._used_storages:  # type: ignore[attr-defined]
            other._store([], response)
        return chosen._store(messages[-MOST_MESSAGES:], response)
